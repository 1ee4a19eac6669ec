// ReLU² in one pass each way: y = max(x, 0)² (So et al. 2021).
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_relu_squared(const Tensor& x) { return at::relu(x).square(); }

Tensor relu_squared_gradient(const Tensor& x_any, const Tensor& dy_any) {
  Tensor x = x_any.contiguous(), dy = dy_any.contiguous(), dx = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "relu_squared_backward", [&] {
    const scalar_t *in = x.data_ptr<scalar_t>(), *up = dy.data_ptr<scalar_t>();
    scalar_t* out = dx.data_ptr<scalar_t>();
    for (int64_t i = 0, n = x.numel(); i < n; i++) out[i] = in[i] <= 0 ? scalar_t(0) : 2 * in[i] * up[i];
  });
  return dx;
}

// dx = 2·max(x, 0)·dy as a node: with a upstream x̄ = 2·[x > 0]·dy·a, dȳ = 2·max(x, 0)·a.
struct ReluSquaredGradient : torch::autograd::Function<ReluSquaredGradient> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& dy) {
    ctx->save_for_backward({x, dy});
    return relu_squared_gradient(x, dy);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable(), Variable()};
    if (at::GradMode::is_enabled())
      return differentiable_second({saved[0]}, saved[1], grads, [](const variable_list& in) { return composite_relu_squared(in[0]); });
    Tensor x = saved[0].contiguous(), dy = saved[1].contiguous(), a = grads[0].contiguous(), of_x = at::empty_like(x),
           of_dy = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "relu_squared_second", [&] {
      const scalar_t *in = x.data_ptr<scalar_t>(), *up = dy.data_ptr<scalar_t>(), *A = a.data_ptr<scalar_t>();
      scalar_t *ox = of_x.data_ptr<scalar_t>(), *od = of_dy.data_ptr<scalar_t>();
      for (int64_t i = 0, n = x.numel(); i < n; i++) {
        ox[i] = in[i] <= 0 ? scalar_t(0) : 2 * up[i] * A[i];
        od[i] = in[i] <= 0 ? scalar_t(0) : 2 * in[i] * A[i];
      }
    });
    return {of_x, of_dy};
  }
};

struct ReluSquared : torch::autograd::Function<ReluSquared> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any) {
    ctx->save_for_backward({x_any});
    Tensor x = x_any.contiguous(), y = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "relu_squared", [&] {
      const scalar_t* in = x.data_ptr<scalar_t>();
      scalar_t* out = y.data_ptr<scalar_t>();
      for (int64_t i = 0, n = x.numel(); i < n; i++) out[i] = in[i] <= 0 ? scalar_t(0) : in[i] * in[i];  // NaN is passed on
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable()};
    if (at::GradMode::is_enabled()) return {ReluSquaredGradient::apply(saved[0], grads[0])};
    return {relu_squared_gradient(saved[0], grads[0])};
  }
};

}  // namespace

Tensor relu_squared(const Tensor& x) {
  if (!is_fusible(x)) return composite_relu_squared(x);
  return ReluSquared::apply(x);
}

}  // namespace gaplab
