// OpenBLAS chooses its kernels by the processor's model number while it is loaded. A model younger than the library is taken
// for a Prescott of 2004, three to five times slower here. What decides is which instructions the processor has, so they are asked.
// The library reads its choice from the environment before main begins and libc rebuilds the environment in between, so
// the program starts itself once more with the choice in place: one more exec, about a millisecond. With OPENBLAS_CORETYPE
// already set it does not; set it when running under a tool that does not follow an exec, such as valgrind.
#include "processor.h"

#if defined(__x86_64__) && defined(__linux__)
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char variable[] = "OPENBLAS_CORETYPE=";

static void choose_blas_kernels(int argc, char **argv, char **environment) {
    (void)argc;
    size_t count = 0;
    for (; environment[count] != NULL; count++) {
        if (strncmp(environment[count], variable, sizeof variable - 1) == 0) return;
    }
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl")) {
        return;
    }
    char **extended = malloc((count + 2) * sizeof *extended);
    if (extended == NULL) return;
    memcpy(extended, environment, count * sizeof *extended);
    extended[count] = "OPENBLAS_CORETYPE=SkylakeX";
    extended[count + 1] = NULL;
    execve("/proc/self/exe", argv, extended);
    free(extended);  // No second start: the slow kernels give the same physics.
}

__attribute__((section(".preinit_array"), used)) static void (*const choose_first)(int, char **, char **) = choose_blas_kernels;
#endif
