// Complex values pass as plain pairs of doubles; Swift has no view of C's `_Complex`.
#define lapack_complex_float float
#define lapack_complex_double double
#include <cblas.h>
#include <lapacke.h>

// The library's own buffers, which its headers do not mention.
void *blas_memory_alloc(int position);
void blas_memory_free(void *buffer);
