#pragma once

#include <stdint.h>

// A program that links this target checks and prepares its surroundings before it begins (see start.c).

// The level of processors that the program was built for, such as `x86-64-v4`.
const char *adiabat_built_for(void);

// From here on the calling thread computes zero instead of subnormal numbers. Returns what to restore.
uint64_t adiabat_flush_subnormals(void);
void adiabat_restore_subnormals(uint64_t previous);
