// Complex values pass as plain pairs of doubles; Swift has no view of C's `_Complex`.
#define lapack_complex_float float
#define lapack_complex_double double
#include <cblas.h>
#include <lapacke.h>
