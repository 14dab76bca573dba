#pragma once

// The architecture that the program was built for. Of all C, only this target is compiled for the architecture of the fast kernels. It
// holds nothing but constants, which can be read on a processor that lacks the instructions of the kernels.

// Name, macro of the compiler, place in cpuid (leaf, subleaf, register 0 to 3 for EAX to EDX, bit), and the registers whose states
// the operating system has to save (a mask of XCR0).
#define ADIABAT_INSTRUCTION_SETS(ROW)                       \
    ROW("sse3", __SSE3__, 1, 0, 2, 0, 0)                    \
    ROW("ssse3", __SSSE3__, 1, 0, 2, 9, 0)                  \
    ROW("sse4.1", __SSE4_1__, 1, 0, 2, 19, 0)               \
    ROW("sse4.2", __SSE4_2__, 1, 0, 2, 20, 0)               \
    ROW("popcnt", __POPCNT__, 1, 0, 2, 23, 0)               \
    ROW("movbe", __MOVBE__, 1, 0, 2, 22, 0)                 \
    ROW("lzcnt", __LZCNT__, 0x80000001, 0, 2, 5, 0)         \
    ROW("bmi", __BMI__, 7, 0, 1, 3, 0)                      \
    ROW("bmi2", __BMI2__, 7, 0, 1, 8, 0)                    \
    ROW("adx", __ADX__, 7, 0, 1, 19, 0)                     \
    ROW("avx", __AVX__, 1, 0, 2, 28, 0x6)                   \
    ROW("f16c", __F16C__, 1, 0, 2, 29, 0x6)                 \
    ROW("fma", __FMA__, 1, 0, 2, 12, 0x6)                   \
    ROW("fma4", __FMA4__, 0x80000001, 0, 2, 16, 0x6)        \
    ROW("xop", __XOP__, 0x80000001, 0, 2, 11, 0x6)          \
    ROW("avx2", __AVX2__, 7, 0, 1, 5, 0x6)                  \
    ROW("gfni", __GFNI__, 7, 0, 2, 8, 0)                    \
    ROW("avx_vnni", __AVXVNNI__, 7, 1, 0, 4, 0x6)           \
    ROW("avx_ifma", __AVXIFMA__, 7, 1, 0, 23, 0x6)          \
    ROW("avx512f", __AVX512F__, 7, 0, 1, 16, 0xe6)          \
    ROW("avx512dq", __AVX512DQ__, 7, 0, 1, 17, 0xe6)        \
    ROW("avx512cd", __AVX512CD__, 7, 0, 1, 28, 0xe6)        \
    ROW("avx512bw", __AVX512BW__, 7, 0, 1, 30, 0xe6)        \
    ROW("avx512vl", __AVX512VL__, 7, 0, 1, 31, 0xe6)        \
    ROW("avx512ifma", __AVX512IFMA__, 7, 0, 1, 21, 0xe6)    \
    ROW("avx512vbmi", __AVX512VBMI__, 7, 0, 2, 1, 0xe6)     \
    ROW("avx512vbmi2", __AVX512VBMI2__, 7, 0, 2, 6, 0xe6)   \
    ROW("avx512vnni", __AVX512VNNI__, 7, 0, 2, 11, 0xe6)    \
    ROW("avx512bitalg", __AVX512BITALG__, 7, 0, 2, 12, 0xe6)\
    ROW("avx512vpopcntdq", __AVX512VPOPCNTDQ__, 7, 0, 2, 14, 0xe6) \
    ROW("avx512bf16", __AVX512BF16__, 7, 1, 0, 5, 0xe6)     \
    ROW("avx512fp16", __AVX512FP16__, 7, 0, 3, 23, 0xe6)

// For every row: "1" if the kernels may use it.
extern const char *const adiabat_built_with[];

// The architecture that the build was given: `native`, or a name such as `x86-64-v3`.
extern const char adiabat_architecture[];

// The corresponding level of the x86-64 psABI, such as `x86-64-v4`, or the family of the processor.
extern const char adiabat_architecture_level[];
