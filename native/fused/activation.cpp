// ReLU² in one pass each way: y = max(x, 0)² (So et al. 2021).
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_relu_squared(const Tensor& x) { return at::relu(x).square(); }

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
    if (at::GradMode::is_enabled()) return {at::relu(saved[0]) * grads[0] * 2};
    Tensor x = saved[0].contiguous(), dy = grads[0].contiguous(), dx = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "relu_squared_backward", [&] {
      const scalar_t *in = x.data_ptr<scalar_t>(), *up = dy.data_ptr<scalar_t>();
      scalar_t* out = dx.data_ptr<scalar_t>();
      for (int64_t i = 0, n = x.numel(); i < n; i++) out[i] = in[i] <= 0 ? scalar_t(0) : 2 * in[i] * up[i];
    });
    return {dx};
  }
};

}  // namespace

Tensor relu_squared(const Tensor& x) {
  if (!x.is_cpu()) return composite_relu_squared(x);
  return ReluSquared::apply(x);
}

}  // namespace gaplab
