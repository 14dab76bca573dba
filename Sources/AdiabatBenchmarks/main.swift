import LatticeNumerics

print(BLAS.configuration)
