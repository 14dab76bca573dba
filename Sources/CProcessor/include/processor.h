#pragma once

#include <stdint.h>

// Linking this target makes a program choose OpenBLAS's kernels at start-up (see processor.c).

// From here on the calling thread computes zero instead of subnormal numbers. Returns what to restore.
uint64_t adiabat_flush_subnormals(void);
void adiabat_restore_subnormals(uint64_t previous);
