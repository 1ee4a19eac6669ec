// Every matrix product of the fused operations: a kernel of ours where a matrix is small, the BLAS that libtorch loaded elsewhere.
#include "fused/fused.h"
#include "products/products.h"
#include <algorithm>
#include <dlfcn.h>

namespace gaplab {

namespace {

template <class T>
using FortranGemm = void (*)(const char*, const char*, const int*, const int*, const int*, const T*, const T*, const int*, const T*,
                             const int*, const T*, T*, const int*);

// libtorch brought its BLAS into the process; a second one beside it would double the threads and the memory.
template <class T>
FortranGemm<T> find_gemm(const char* name) {
  return reinterpret_cast<FortranGemm<T>>(dlsym(RTLD_DEFAULT, name));
}

// Row-major C = op(A) op(B) is column-major Cᵀ = op(B)ᵀ op(A)ᵀ: the operands change places.
template <class T>
void blas_gemm(FortranGemm<T> blas, bool ta, bool tb, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
               int64_t ldb, T beta, T* c, int64_t ldc) {
  if (blas == nullptr) {
    auto options = at::TensorOptions().dtype(c10::CppTypeToScalarType<T>::value);
    auto A = at::from_blob(const_cast<T*>(a), {ta ? k : m, ta ? m : k}, {lda, 1}, options);
    auto B = at::from_blob(const_cast<T*>(b), {tb ? n : k, tb ? k : n}, {ldb, 1}, options);
    auto C = at::from_blob(c, {m, n}, {ldc, 1}, options);
    if (beta == T(0)) C.zero_();
    C.addmm_(ta ? A.t() : A, tb ? B.t() : B, beta == T(0) ? T(1) : beta, alpha);
    return;
  }
  const char fa = ta ? 'T' : 'N', fb = tb ? 'T' : 'N';
  const int im = static_cast<int>(m), in = static_cast<int>(n), ik = static_cast<int>(k);
  const int ia = static_cast<int>(lda), ib = static_cast<int>(ldb), ic = static_cast<int>(ldc);
  blas(&fb, &fa, &in, &im, &ik, &alpha, b, &ib, a, &ia, &beta, c, &ic);
}

const KernelSet* chosen = nullptr;  // nullptr: the BLAS alone

const KernelSet* of_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd"))
    return &avx512_kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_kernels;
#endif
  return nullptr;
}

const bool chosen_at_load = [] {
  chosen = of_processor();
  return true;
}();

// Elements of the smallest of a product's three matrices, up to which the kernels are faster than OpenBLAS (`benchmarks/run products`);
// three rows or columns do not fill a tile.
constexpr int64_t kLargest = 16384, kFewest = 4;

bool is_small(int64_t m, int64_t n, int64_t k) {
  return k > 0 && std::min(m, n) >= kFewest && std::min({m * n, n * k, m * k}) <= kLargest;
}

}  // namespace

const char* kernels() { return chosen ? chosen->name : "blas"; }

bool set_kernels(const std::string& name) {
  if (name == "blas") {
    chosen = nullptr;
    return true;
  }
  const KernelSet* best = of_processor();
#if defined(__x86_64__)
  const KernelSet* wanted = name == "auto" ? best : name == "avx2" ? &avx2_kernels : name == "avx512" ? &avx512_kernels : nullptr;
  if (wanted == &avx512_kernels && best != wanted) wanted = nullptr;
  if (wanted == nullptr || best == nullptr) return name == "auto";
#else
  const KernelSet* wanted = best;
  if (name != "auto") return false;
#endif
  chosen = wanted;
  return true;
}

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b, int64_t ldb,
          float beta, float* c, int64_t ldc) {
  if (chosen && is_small(m, n, k)) return chosen->of_float(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  static const auto blas = find_gemm<float>("sgemm_");
  blas_gemm<float>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda, const double* b, int64_t ldb,
          double beta, double* c, int64_t ldc) {
  if (chosen && is_small(m, n, k)) return chosen->of_double(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  static const auto blas = find_gemm<double>("dgemm_");
  blas_gemm<double>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace gaplab
