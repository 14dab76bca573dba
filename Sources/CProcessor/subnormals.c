#include "processor.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Bits 15 and 6 of the control register: subnormal results and operands count as zero.
uint64_t adiabat_flush_subnormals(void) {
    unsigned int previous = _mm_getcsr();
    _mm_setcsr(previous | 0x8040u);
    return previous;
}

void adiabat_restore_subnormals(uint64_t previous) { _mm_setcsr((unsigned int)previous); }

#elif defined(__aarch64__)

// Bit 24 of the control register.
uint64_t adiabat_flush_subnormals(void) {
    uint64_t previous;
    __asm__ volatile("mrs %0, fpcr" : "=r"(previous));
    __asm__ volatile("msr fpcr, %0" : : "r"(previous | (1ull << 24)));
    return previous;
}

void adiabat_restore_subnormals(uint64_t previous) { __asm__ volatile("msr fpcr, %0" : : "r"(previous)); }

#else
uint64_t adiabat_flush_subnormals(void) { return 0; }
void adiabat_restore_subnormals(uint64_t previous) { (void)previous; }
#endif
