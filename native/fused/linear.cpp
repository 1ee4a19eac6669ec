// Linear on the replica axis: y[R,N,O] = x[R,N,I] · w[R,I,O], one matrix product a replica, straight from the flat parameter row.
#include "fused.h"
#include <dlfcn.h>
#include <stdexcept>

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
void row_major_gemm(FortranGemm<T> blas, bool ta, bool tb, int64_t m, int64_t n, int64_t k, T alpha, const T* a, int64_t lda, const T* b,
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

}  // namespace

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b, int64_t ldb,
          float beta, float* c, int64_t ldc) {
  static const auto blas = find_gemm<float>("sgemm_");
  row_major_gemm<float>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda, const double* b, int64_t ldb,
          double beta, double* c, int64_t ldc) {
  static const auto blas = find_gemm<double>("dgemm_");
  row_major_gemm<double>(blas, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

namespace {

// dx = dy·wᵀ [R,N,I] and dw = xᵀ·dy [R,I,O].
variable_list linear_gradient(const Tensor& x_any, const Tensor& w_any, const Tensor& dy_any, bool want_x, bool want_w) {
  Tensor x = x_any.contiguous(), w = rows_contiguous(w_any), dy = dy_any.contiguous();
  const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
  Tensor dx, dw;
  if (want_x) dx = at::empty_like(x);
  if (want_w) dw = at::empty({R, I, O}, w.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear_backward", [&] {
    for (int64_t r = 0; r < R; r++) {
      const scalar_t* g = dy.data_ptr<scalar_t>() + r * N * O;
      if (want_x)
        gemm(false, true, N, I, O, scalar_t(1), g, O, w.data_ptr<scalar_t>() + r * row_stride(w), O, scalar_t(0),
             dx.data_ptr<scalar_t>() + r * N * I, I);
      if (want_w)
        gemm(true, false, I, O, N, scalar_t(1), x.data_ptr<scalar_t>() + r * N * I, I, g, O, scalar_t(0),
             dw.data_ptr<scalar_t>() + r * I * O, O);
    }
  });
  return {dx, dw};
}

// The gradient as a node: with a, b upstream of dx, dw its own gradient is x̄ = dy·bᵀ, w̄ = aᵀ·dy, dȳ = a·w + x·b.
struct LinearGradient : torch::autograd::Function<LinearGradient> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& w, const Tensor& dy) {
    ctx->save_for_backward({x, w, dy});
    return linear_gradient(x, w, dy, true, true);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (at::GradMode::is_enabled())
      return differentiable_second({saved[0], saved[1]}, saved[2], grads, [](const variable_list& in) { return at::bmm(in[0], in[1]); });
    Tensor x = saved[0].contiguous(), w = rows_contiguous(saved[1]), dy = saved[2].contiguous(), a, b;
    if (grads[0].defined()) a = grads[0].contiguous();
    if (grads[1].defined()) b = rows_contiguous(grads[1]);
    const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
    Tensor of_x, of_w, of_dy;
    if (b.defined() && ctx->needs_input_grad(0)) of_x = at::empty_like(x);
    if (a.defined() && ctx->needs_input_grad(1)) of_w = at::empty({R, I, O}, w.options());
    if (ctx->needs_input_grad(2) && (a.defined() || b.defined())) of_dy = at::empty_like(dy);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear_second", [&] {
      for (int64_t r = 0; r < R; r++) {
        const scalar_t *g = dy.data_ptr<scalar_t>() + r * N * O, *A = a.defined() ? a.data_ptr<scalar_t>() + r * N * I : nullptr,
                       *B = b.defined() ? b.data_ptr<scalar_t>() + r * row_stride(b) : nullptr;
        if (of_x.defined()) gemm(false, true, N, I, O, scalar_t(1), g, O, B, O, scalar_t(0), of_x.data_ptr<scalar_t>() + r * N * I, I);
        if (of_w.defined()) gemm(true, false, I, O, N, scalar_t(1), A, I, g, O, scalar_t(0), of_w.data_ptr<scalar_t>() + r * I * O, O);
        if (!of_dy.defined()) continue;
        scalar_t* d = of_dy.data_ptr<scalar_t>() + r * N * O;
        if (A) gemm(false, false, N, O, I, scalar_t(1), A, I, w.data_ptr<scalar_t>() + r * row_stride(w), O, scalar_t(0), d, O);
        if (B) gemm(false, false, N, O, I, scalar_t(1), x.data_ptr<scalar_t>() + r * N * I, I, B, O, A ? scalar_t(1) : scalar_t(0), d, O);
      }
    });
    return {of_x, of_w, of_dy};
  }
};

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const Tensor& w_any) {
    Tensor x = x_any.contiguous(), w = rows_contiguous(w_any);
    ctx->save_for_backward({x_any, w_any});
    const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
    Tensor y = at::empty({R, N, O}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear", [&] {
      for (int64_t r = 0; r < R; r++)
        gemm(false, false, N, O, I, scalar_t(1), x.data_ptr<scalar_t>() + r * N * I, I, w.data_ptr<scalar_t>() + r * row_stride(w), O,
             scalar_t(0), y.data_ptr<scalar_t>() + r * N * O, O);
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable(), Variable()};
    const bool want_x = ctx->needs_input_grad(0), want_w = ctx->needs_input_grad(1);
    if (!at::GradMode::is_enabled()) return linear_gradient(saved[0], saved[1], grads[0], want_x, want_w);
    if (want_x && want_w) return LinearGradient::apply(saved[0], saved[1], grads[0]);
    // The product is bilinear, so its gradient is a product more, differentiable in turn.
    return {want_x ? at::bmm(grads[0], saved[1].transpose(1, 2)) : Variable(),
            want_w ? at::bmm(saved[0].transpose(1, 2), grads[0]) : Variable()};
  }
};

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w) {
  TORCH_CHECK(x.dim() == 3 && w.dim() == 3 && x.size(0) == w.size(0) && x.size(2) == w.size(1), "expected x [R, N, I] and w [R, I, O]");
  if (!x.is_cpu()) return at::bmm(x, w);
  return Linear::apply(x, w);
}

}  // namespace gaplab
