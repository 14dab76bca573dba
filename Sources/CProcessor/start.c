// The first steps of a program, before the constructors of its libraries:
//
// 1. Closed standard files are replaced by files that can be neither read nor written. Otherwise the first file that the program
//    opens would become its standard output.
// 2. If the processor lacks an instruction set of the build, the program ends with a message and exit code 70, not with an illegal
//    instruction.
// 3. The process takes the name of the program; after step 5 it would be `exe`.
// 4. SIGUSR1, a request for a checkpoint, is ignored until the program listens, because there is nothing to save before.
// 5. OpenBLAS gets two settings. It chooses its kernels by the processor's model number while it is loaded, and treats a model
//    younger than the library as a Prescott of 2004, whose kernels are three to five times slower here; so this file chooses the
//    kernels by the instruction sets of the processor. And OpenBLAS starts a thread for each core, each with 128 MiB of address
//    space, and tries for ever if `ulimit -v` refuses; the program has threads of its own, so OpenBLAS gets one. The library reads
//    both settings from the environment before main begins, and libc rebuilds the environment in between. So the program starts
//    itself once more with the settings in place: one more exec, about a millisecond. It does not if both are set already,
//    OPENBLAS_NUM_THREADS=1 and OPENBLAS_CORETYPE, for a tool that does not follow an exec, such as valgrind.
#include "processor.h"

#include "architecture.h"

const char *adiabat_built_for(void) { return adiabat_architecture_level; }

#if defined(__linux__)
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *name_of(const char *path) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "adiabat";
}

static void hold_standard_files(void) {
    for (int file = 0; file <= 2; file++) {
        if (fcntl(file, F_GETFD) != -1 || errno != EBADF) continue;
        // The file gets the lowest free number, and its use fails like that of a closed one.
        (void)!open("/dev/null", file == 0 ? O_WRONLY : O_RDONLY);
    }
}

#if defined(__x86_64__)
#include <cpuid.h>

static int has(unsigned leaf, unsigned subleaf, unsigned index, unsigned bit, uint64_t states) {
    unsigned values[4] = {0};
    if (states != 0) {
        // Bit 27: XCR0 holds the registers that the operating system saves.
        if (!__get_cpuid(1, &values[0], &values[1], &values[2], &values[3]) || !(values[2] >> 27 & 1)) return 0;
        unsigned low, high;
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        if ((low & states) != states) return 0;
    }
    return __get_cpuid_count(leaf, subleaf, &values[0], &values[1], &values[2], &values[3]) && values[index] >> bit & 1;
}

static const struct {
    const char *name;
    unsigned leaf, subleaf, index, bit;
    uint64_t states;
} instruction_sets[] = {
#define ROW(name, macro, ...) {name, __VA_ARGS__},
    ADIABAT_INSTRUCTION_SETS(ROW)
#undef ROW
};

static void require_processor(const char *program) {
    char text[1024] = "";
    // Room for every name.
    for (size_t row = 0; row < sizeof instruction_sets / sizeof *instruction_sets; row++) {
        if (strcmp(adiabat_built_with[row], "1") != 0) continue;
        if (has(instruction_sets[row].leaf, instruction_sets[row].subleaf, instruction_sets[row].index,
                instruction_sets[row].bit, instruction_sets[row].states)) {
            continue;
        }
        strcat(strcat(text, *text ? ", " : ""), instruction_sets[row].name);
    }
    if (!*text) return;
    int is_level = strcmp(adiabat_architecture, adiabat_architecture_level) == 0;
    const char *message[] = {
        program, ": error: this program was built for ", adiabat_architecture, is_level ? "" : ", which was ",
        is_level ? "" : adiabat_architecture_level, ", and this processor lacks ", text,
        "; build it here, or with `make ARCH=x86-64-v3` for all machines that it is to run on\n"};
    for (size_t part = 0; part < sizeof message / sizeof *message; part++) {
        (void)!write(2, message[part], strlen(message[part]));
    }
    _exit(70);
}

static const char *blas_kernels(void) {
    // avx512f, dq, bw, vl
    for (unsigned bits = 0xc0030000u, bit = 0; bit < 32; bit++) {
        if (bits >> bit & 1 && !has(7, 0, 1, bit, 0xe6)) return NULL;
    }
    return "OPENBLAS_CORETYPE=SkylakeX";
}
#else
static void require_processor(const char *program) { (void)program; }
static const char *blas_kernels(void) { return NULL; }
#endif

static int is_set(const char *entry, const char *variable) { return strncmp(entry, variable, strlen(variable)) == 0; }

static void prepare_blas(char **argv, char **environment) {
    static const char one_thread[] = "OPENBLAS_NUM_THREADS=1";
    const char *kernels = blas_kernels();
    int has_one_thread = 0;
    size_t count = 0;
    for (; environment[count] != NULL; count++) {
        if (is_set(environment[count], "OPENBLAS_CORETYPE=")) kernels = NULL;
        if (strcmp(environment[count], one_thread) == 0) has_one_thread = 1;
    }
    if (has_one_thread && kernels == NULL) return;
    char **changed = malloc((count + 3) * sizeof *changed);
    if (changed == NULL) return;
    size_t kept = 0;
    for (size_t entry = 0; entry < count; entry++) {
        if (!is_set(environment[entry], "OPENBLAS_NUM_THREADS=")) changed[kept++] = environment[entry];
    }
    changed[kept++] = (char *)one_thread;
    if (kernels != NULL) changed[kept++] = (char *)kernels;
    changed[kept] = NULL;
    execve("/proc/self/exe", argv, changed);
    free(changed);  // The second start has failed: slow kernels give the same physics.
}

static void begin(int argc, char **argv, char **environment) {
    const char *program = name_of(argc > 0 ? argv[0] : NULL);
    hold_standard_files();
    require_processor(program);
    prctl(PR_SET_NAME, program, 0, 0, 0);
    struct sigaction action;
    if (sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL) signal(SIGUSR1, SIG_IGN);
    prepare_blas(argv, environment);
}

__attribute__((section(".preinit_array"), used)) static void (*const begin_first)(int, char **, char **) = begin;
#endif
