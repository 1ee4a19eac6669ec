// Linear on the replica axis: y[R,N,O] = x[R,N,I] · w[R,I,O], one matrix product a replica, straight from the flat parameter row.
#include "fused.h"

namespace gaplab {

namespace {

Tensor product(const Tensor& x_any, const Tensor& w_any) {
  Tensor x = x_any.contiguous(), w = rows_contiguous(w_any);
  const int64_t R = x.size(0), N = x.size(1), I = x.size(2), O = w.size(2);
  Tensor y = at::empty({R, N, O}, x.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "linear", [&] {
    const scalar_t *in = x.data_ptr<scalar_t>(), *weight = w.data_ptr<scalar_t>();
    scalar_t* out = y.data_ptr<scalar_t>();
    for (int64_t r = 0; r < R; r++)
      gemm(false, false, N, O, I, scalar_t(1), in + r * N * I, I, weight + r * row_stride(w), O, scalar_t(0), out + r * N * O, O);
  });
  return y;
}

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
    ctx->save_for_backward({x_any, w_any});
    return product(x_any, w_any);
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

// Three maps of one input, y_i = x·w_i. Of the gradient, dx is one matrix to which the three products are added.
struct ThreeLinear : torch::autograd::Function<ThreeLinear> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& w0, const Tensor& w1, const Tensor& w2) {
    ctx->save_for_backward({x, w0, w1, w2});
    return {product(x, w0), product(x, w1), product(x, w2)};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const bool want_x = ctx->needs_input_grad(0);
    variable_list found(4);
    if (at::GradMode::is_enabled()) {
      for (size_t i = 0; i < 3; i++) {
        if (!grads[i].defined()) continue;
        variable_list one = LinearGradient::apply(saved[0], saved[i + 1], grads[i]);
        if (want_x) found[0] = found[0].defined() ? found[0] + one[0] : one[0];
        if (ctx->needs_input_grad(i + 1)) found[i + 1] = one[1];
      }
      return found;
    }
    Tensor x = saved[0].contiguous();
    const int64_t R = x.size(0), N = x.size(1), I = x.size(2);
    bool started = false;
    if (want_x && (grads[0].defined() || grads[1].defined() || grads[2].defined())) found[0] = at::empty_like(x);
    for (size_t i = 0; i < 3; i++) {
      if (!grads[i].defined()) continue;
      Tensor w = rows_contiguous(saved[i + 1]), dy = grads[i].contiguous();
      const int64_t O = w.size(2);
      const bool want_w = ctx->needs_input_grad(i + 1);
      if (want_w) found[i + 1] = at::empty({R, I, O}, w.options());
      AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "three_linear_backward", [&] {
        const scalar_t *in = x.data_ptr<scalar_t>(), *weight = w.data_ptr<scalar_t>(), *up = dy.data_ptr<scalar_t>();
        scalar_t *dx = want_x ? found[0].data_ptr<scalar_t>() : nullptr, *dw = want_w ? found[i + 1].data_ptr<scalar_t>() : nullptr;
        for (int64_t r = 0; r < R; r++) {
          const scalar_t* g = up + r * N * O;
          if (dx)
            gemm(false, true, N, I, O, scalar_t(1), g, O, weight + r * row_stride(w), O, scalar_t(started ? 1 : 0), dx + r * N * I, I);
          if (dw) gemm(true, false, I, O, N, scalar_t(1), in + r * N * I, I, g, O, scalar_t(0), dw + r * I * O, O);
        }
      });
      started = true;
    }
    return found;
  }
};

}  // namespace

void check_linear(const Tensor& x, const Tensor& w) {
  TORCH_CHECK(x.dim() == 3 && w.dim() == 3 && x.size(0) == w.size(0) && x.size(2) == w.size(1), "expected x [R, N, I] and w [R, I, O]");
}

variable_list linear_three(const Tensor& x, const Tensor& w0, const Tensor& w1, const Tensor& w2) {
  for (const Tensor* w : {&w0, &w1, &w2}) check_linear(x, *w);
  if (!is_fusible(x)) return {at::bmm(x, w0), at::bmm(x, w1), at::bmm(x, w2)};
  return ThreeLinear::apply(x, w0, w1, w2);
}

Tensor linear(const Tensor& x, const Tensor& w) {
  check_linear(x, w);
  if (!is_fusible(x)) return at::bmm(x, w);
  return Linear::apply(x, w);
}

}  // namespace gaplab
