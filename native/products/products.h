// The small-matrix kernels, one set for each kind of processor; gemm.cpp chooses among them and the BLAS.
#pragma once

namespace gaplab {

// Row-major C[m,n] = alpha·op(A)·op(B) + beta·C; C is not read where beta is 0. No dimension is 0.
template <class T>
using SmallProduct = void (*)(bool transpose_a, bool transpose_b, long m, long n, long k, T alpha, const T* a, long lda, const T* b,
                              long ldb, T beta, T* c, long ldc);

struct KernelSet {
  const char* name;
  SmallProduct<float> of_float;
  SmallProduct<double> of_double;
};

#if defined(__x86_64__)
extern const KernelSet avx2_kernels;    // 16 registers of 32 bytes: 6 rows of two, and 4 for what comes in
extern const KernelSet avx512_kernels;  // 32 registers of 64 bytes: 12 rows of two
#endif

}  // namespace gaplab
