// Linear on the replica axis: y[R,N,O] = x[R,N,I] · w[R,I,O], one matrix product a replica, straight from the flat parameter row.
#include "fused.h"
#include <dlfcn.h>
#include <stdexcept>

namespace gaplab {

namespace {

template <class T>
using FortranGemm = void (*)(const char*, const char*, const int*, const int*, const int*, const T*, const T*, const int*,
                             const T*, const int*, const T*, T*, const int*);

// libtorch brought its BLAS into the process; a second one beside it would double the threads and the memory.
template <class T>
FortranGemm<T> find_gemm(const char* name) {
  return reinterpret_cast<FortranGemm<T>>(dlsym(RTLD_DEFAULT, name));
}

// Row-major C = op(A) op(B) is column-major Cᵀ = op(B)ᵀ op(A)ᵀ: the operands change places.
template <class T>
void row_major_gemm(FortranGemm<T> blas, bool ta, bool tb, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda,
                    const T* b, int64_t ldb, T beta, T* c, int64_t ldc) {
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

}  // namespace

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
          int64_t ldb, float beta, float* c, int64_t ldc) {
  static const auto blas = find_gemm<float>("sgemm_");
  row_major_gemm<float>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda, const double* b,
          int64_t ldb, double beta, double* c, int64_t ldc) {
  static const auto blas = find_gemm<double>("dgemm_");
  row_major_gemm<double>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

namespace {

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const Tensor& w_any) {
    Tensor x = x_any.contiguous(), w = rows_contiguous(w_any);
    ctx->save_for_backward({x_any, w_any});
    const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
    Tensor y = at::empty({R, N, O}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear", [&] {
      for (int64_t r = 0; r < R; r++)
        gemm(false, false, N, O, I, scalar_t(1), x.data_ptr<scalar_t>() + r * N * I, I,
             w.data_ptr<scalar_t>() + r * row_stride(w), O, scalar_t(0), y.data_ptr<scalar_t>() + r * N * O, O);
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable(), Variable()};
    if (at::GradMode::is_enabled()) {
      // The product is bilinear, so its gradient is two products more; each is differentiable in turn.
      return {ctx->needs_input_grad(0) ? at::bmm(grads[0], saved[1].transpose(1, 2)) : Variable(),
              ctx->needs_input_grad(1) ? at::bmm(saved[0].transpose(1, 2), grads[0]) : Variable()};
    }
    Tensor x = saved[0].contiguous(), w = rows_contiguous(saved[1]), dy = grads[0].contiguous();
    const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
    Tensor dx, dw;
    if (ctx->needs_input_grad(0)) dx = at::empty_like(x);
    if (ctx->needs_input_grad(1)) dw = at::empty({R, I, O}, w.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear_backward", [&] {
      for (int64_t r = 0; r < R; r++) {
        const scalar_t* g = dy.data_ptr<scalar_t>() + r * N * O;
        if (dx.defined())
          gemm(false, true, N, I, O, scalar_t(1), g, O, w.data_ptr<scalar_t>() + r * row_stride(w), O, scalar_t(0),
               dx.data_ptr<scalar_t>() + r * N * I, I);
        if (dw.defined())
          gemm(true, false, I, O, N, scalar_t(1), x.data_ptr<scalar_t>() + r * N * I, I, g, O, scalar_t(0),
               dw.data_ptr<scalar_t>() + r * I * O, O);
      }
    });
    return {dx, dw};
  }
};

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w) {
  TORCH_CHECK(x.dim() == 3 && w.dim() == 3 && x.size(0) == w.size(0) && x.size(2) == w.size(1),
              "expected x [R, N, I] and w [R, I, O]");
  if (!x.is_cpu()) return at::bmm(x, w);
  return Linear::apply(x, w);
}

}  // namespace gaplab
