#include "architecture.h"

#define TEXT(macro) #macro
// A macro that the compiler has set is 1; any other stays its name.
#define ROW(name, macro, ...) TEXT(macro),

const char *const adiabat_built_with[] = {ADIABAT_INSTRUCTION_SETS(ROW)};

const char adiabat_architecture[] = ADIABAT_ARCHITECTURE;

const char adiabat_architecture_level[] =
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512CD__) && defined(__AVX512BW__) && defined(__AVX512VL__)
    "x86-64-v4";
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
    "x86-64-v3";
#elif defined(__SSE4_2__) && defined(__POPCNT__)
    "x86-64-v2";
#elif defined(__x86_64__)
    "x86-64";
#elif defined(__aarch64__)
    "aarch64";
#else
    "unknown";
#endif
