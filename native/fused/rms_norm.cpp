// RMSNorm on the replica axis: y = x / √(mean x² + ε) · gain[R,D] (Zhang and Sennrich 2019), one pass each way.
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_rms_norm(const Tensor& x, const c10::optional<Tensor>& gain, double eps) {
  Tensor y = x * at::rsqrt(x.square().mean(-1, true) + eps);
  return gain ? y * gain->unsqueeze(1) : y;
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const c10::optional<Tensor>& gain_any, double eps) {
    Tensor x = x_any.contiguous();
    const bool has_gain = gain_any.has_value();
    Tensor gain = has_gain ? rows_contiguous(*gain_any) : Tensor();
    const int64_t R = x.size(0), N = x.size(1), D = x.size(2);
    Tensor y = at::empty_like(x), inverse = at::empty({R, N}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
      for (int64_t r = 0; r < R; r++) {
        const scalar_t* g = has_gain ? gain.data_ptr<scalar_t>() + r * row_stride(gain) : nullptr;
        for (int64_t n = 0; n < N; n++) {
          const scalar_t* in = x.data_ptr<scalar_t>() + (r * N + n) * D;
          scalar_t* out = y.data_ptr<scalar_t>() + (r * N + n) * D;
          const scalar_t s = scalar_t(1) / std::sqrt(dot(in, in, D) / D + scalar_t(eps));
          inverse.data_ptr<scalar_t>()[r * N + n] = s;
          if (g) for (int64_t d = 0; d < D; d++) out[d] = in[d] * s * g[d];
          else for (int64_t d = 0; d < D; d++) out[d] = in[d] * s;
        }
      }
    });
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["has_gain"] = has_gain;
    if (has_gain) ctx->save_for_backward({x_any, inverse, *gain_any});
    else ctx->save_for_backward({x_any, inverse});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const bool has_gain = ctx->saved_data["has_gain"].toBool();
    const double eps = ctx->saved_data["eps"].toDouble();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable()};
    if (at::GradMode::is_enabled()) {
      variable_list inputs{saved[0]};
      if (has_gain) inputs.push_back(saved[2]);
      auto found = differentiable_gradient(inputs, std::vector<bool>(inputs.size(), true), grads[0], [&](const variable_list& in) {
        return composite_rms_norm(in[0], has_gain ? c10::optional<Tensor>(in[1]) : c10::nullopt, eps);
      });
      return {found[0], has_gain ? found[1] : Variable(), Variable()};
    }
    Tensor x = saved[0].contiguous(), inverse = saved[1], dy = grads[0].contiguous();
    Tensor gain = has_gain ? rows_contiguous(saved[2]) : Tensor();
    const int64_t R = x.size(0), N = x.size(1), D = x.size(2);
    Tensor dx = at::empty_like(x), dgain;
    if (has_gain) dgain = at::zeros({R, D}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
      for (int64_t r = 0; r < R; r++) {
        const scalar_t* g = has_gain ? gain.data_ptr<scalar_t>() + r * row_stride(gain) : nullptr;
        scalar_t* dg = has_gain ? dgain.data_ptr<scalar_t>() + r * D : nullptr;
        for (int64_t n = 0; n < N; n++) {
          const int64_t at = (r * N + n) * D;
          const scalar_t *in = x.data_ptr<scalar_t>() + at, *up = dy.data_ptr<scalar_t>() + at;
          scalar_t* out = dx.data_ptr<scalar_t>() + at;
          const scalar_t s = inverse.data_ptr<scalar_t>()[r * N + n];
          const scalar_t c = (g ? dot(up, g, in, D) : dot(up, in, D)) * s * s / D;
          if (g) {
            for (int64_t d = 0; d < D; d++) {
              out[d] = s * (up[d] * g[d] - in[d] * c);
              dg[d] += up[d] * in[d] * s;
            }
          } else {
            for (int64_t d = 0; d < D; d++) out[d] = s * (up[d] - in[d] * c);
          }
        }
      }
    });
    return {dx, dgain, Variable()};
  }
};

}  // namespace

Tensor rms_norm(const Tensor& x, const c10::optional<Tensor>& gain, double eps) {
  TORCH_CHECK(x.dim() == 3 && (!gain || (gain->dim() == 2 && gain->size(0) == x.size(0) && gain->size(1) == x.size(2))),
              "expected x [R, N, D] and a gain [R, D]");
  if (!x.is_cpu()) return composite_rms_norm(x, gain, eps);
  return RmsNorm::apply(x, gain, eps);
}

}  // namespace gaplab
