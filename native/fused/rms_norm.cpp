// RMSNorm on the replica axis: y = x / √(mean x² + ε) · gain[R,D] (Zhang and Sennrich 2019), one pass each way.
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_rms_norm(const Tensor& x, const c10::optional<Tensor>& gain, double eps) {
  const Tensor wide = widened(x);
  Tensor y = (wide * at::rsqrt(wide.square().mean(-1, true) + eps)).to(x.scalar_type());
  return gain ? y * gain->unsqueeze(1) : y;
}

// dx = s·(u − x·c), dg = Σₙ dy∘x·s, with s the inverse root mean square [R,N], u = dy∘g, c = ⟨u, x⟩·s²/D.
variable_list rms_norm_gradient(const Tensor& x_any, const Tensor& inverse, const Tensor& gain_any, const Tensor& dy_any) {
  Tensor x = x_any.contiguous(), dy = dy_any.contiguous();
  const bool has_gain = gain_any.defined();
  Tensor gain = has_gain ? rows_contiguous(gain_any) : Tensor();
  const int64_t R = x.size(0), N = x.size(1), D = x.size(2);
  Tensor dx = at::empty_like(x), dgain;
  if (has_gain) dgain = at::zeros({R, D}, x.options());
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
    const scalar_t *from = x.data_ptr<scalar_t>(), *upstream = dy.data_ptr<scalar_t>(), *scales = inverse.data_ptr<scalar_t>();
    scalar_t* to = dx.data_ptr<scalar_t>();
    for (int64_t r = 0; r < R; r++) {
      const scalar_t* g = has_gain ? gain.data_ptr<scalar_t>() + r * row_stride(gain) : nullptr;
      scalar_t* dg = has_gain ? dgain.data_ptr<scalar_t>() + r * D : nullptr;
      for (int64_t n = 0; n < N; n++) {
        const int64_t at = (r * N + n) * D;
        const scalar_t *in = from + at, *up = upstream + at, s = scales[r * N + n];
        scalar_t* out = to + at;
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
  return {dx, dgain};
}

// The gradient as a node. With a upstream of dx and b of dg, of φ = s·⟨a,u⟩ − s³·⟨a,x⟩⟨u,x⟩/D + s·⟨b, dy∘x⟩ and ∂s/∂x = −s³·x/D:
// dȳ = g∘w + s·b∘x, ḡ = Σₙ dy∘w with w = s·a − s³·⟨a,x⟩·x/D,
// x̄ = s·b∘dy − s³·(⟨u,x⟩·a + ⟨a,x⟩·u)/D − (s³·(⟨a,u⟩ + ⟨b, dy∘x⟩)/D − 3s⁵·⟨a,x⟩⟨u,x⟩/D²)·x.
struct RmsNormGradient : torch::autograd::Function<RmsNormGradient> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& gain, const Tensor& dy, const Tensor& inverse,
                               double eps, bool has_gain) {
    ctx->save_for_backward({x, gain, dy, inverse});
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["has_gain"] = has_gain;
    variable_list found = rms_norm_gradient(x, inverse, has_gain ? gain : Tensor(), dy);
    if (!has_gain) found.pop_back();
    return found;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const double eps = ctx->saved_data["eps"].toDouble();
    const bool has_gain = ctx->saved_data["has_gain"].toBool();
    if (at::GradMode::is_enabled()) {
      variable_list inputs{saved[0]};
      if (has_gain) inputs.push_back(saved[1]);
      auto found = differentiable_second(inputs, saved[2], grads, [&](const variable_list& in) {
        return composite_rms_norm(in[0], has_gain ? c10::optional<Tensor>(in[1]) : c10::nullopt, eps);
      });
      return {found[0], has_gain ? found[1] : Variable(), found.back(), Variable(), Variable(), Variable()};
    }
    Tensor x = saved[0].contiguous(), gain = has_gain ? rows_contiguous(saved[1]) : Tensor(), dy = saved[2].contiguous(),
           inverse = saved[3], a, b;
    if (grads[0].defined())
      a = grads[0].contiguous();
    else
      a = at::zeros_like(x);
    if (has_gain && grads[1].defined()) b = rows_contiguous(grads[1]);
    const int64_t R = x.size(0), N = x.size(1), D = x.size(2);
    Tensor of_x = at::empty_like(x), of_dy = at::empty_like(x), of_gain, unit;
    if (has_gain)
      of_gain = at::zeros({R, D}, x.options());
    else
      unit = at::ones({D}, x.options());
    Tensor nought = b.defined() ? Tensor() : at::zeros({D}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_second", [&] {
      const scalar_t *from = x.data_ptr<scalar_t>(), *upstream = dy.data_ptr<scalar_t>(), *towards = a.data_ptr<scalar_t>(),
                     *scales = inverse.data_ptr<scalar_t>();
      scalar_t *to_x = of_x.data_ptr<scalar_t>(), *to_dy = of_dy.data_ptr<scalar_t>();
      for (int64_t r = 0; r < R; r++) {
        const scalar_t* g = has_gain ? gain.data_ptr<scalar_t>() + r * row_stride(gain) : unit.data_ptr<scalar_t>();
        const scalar_t* B = b.defined() ? b.data_ptr<scalar_t>() + r * row_stride(b) : nought.data_ptr<scalar_t>();
        scalar_t* og = has_gain ? of_gain.data_ptr<scalar_t>() + r * D : nullptr;
        for (int64_t n = 0; n < N; n++) {
          const int64_t at = (r * N + n) * D;
          const scalar_t *in = from + at, *up = upstream + at, *A = towards + at;
          scalar_t *ox = to_x + at, *od = to_dy + at;
          const scalar_t s = scales[r * N + n], cube = s * s * s / D;
          const scalar_t ax = dot(A, in, D), ux = dot(up, g, in, D), au = dot(up, g, A, D),
                         bx = b.defined() ? dot(up, B, in, D) : scalar_t(0);
          const scalar_t along = cube * (au + bx) - 3 * cube * s * s / D * ax * ux, p = cube * ax, q = cube * ux;
          for (int64_t d = 0; d < D; d++) {
            const scalar_t w = s * A[d] - p * in[d];
            od[d] = g[d] * w + s * B[d] * in[d];
            ox[d] = s * B[d] * up[d] - q * A[d] - p * up[d] * g[d] - along * in[d];
          }
          if (og)
            for (int64_t d = 0; d < D; d++) og[d] += up[d] * (s * A[d] - p * in[d]);
        }
      }
    });
    return {of_x, of_gain, of_dy, Variable(), Variable(), Variable()};
  }
};

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const c10::optional<Tensor>& gain_any, double eps) {
    Tensor x = x_any.contiguous();
    const bool has_gain = gain_any.has_value();
    Tensor gain = has_gain ? rows_contiguous(*gain_any) : Tensor();
    const int64_t R = x.size(0), N = x.size(1), D = x.size(2);
    Tensor y = at::empty_like(x), inverse = at::empty({R, N}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
      const scalar_t* from = x.data_ptr<scalar_t>();
      scalar_t *to = y.data_ptr<scalar_t>(), *scales = inverse.data_ptr<scalar_t>();
      for (int64_t r = 0; r < R; r++) {
        const scalar_t* g = has_gain ? gain.data_ptr<scalar_t>() + r * row_stride(gain) : nullptr;
        for (int64_t n = 0; n < N; n++) {
          const scalar_t* in = from + (r * N + n) * D;
          scalar_t* out = to + (r * N + n) * D;
          const scalar_t s = scalar_t(1) / std::sqrt(dot(in, in, D) / D + scalar_t(eps));
          scales[r * N + n] = s;
          if (g)
            for (int64_t d = 0; d < D; d++) out[d] = in[d] * s * g[d];
          else
            for (int64_t d = 0; d < D; d++) out[d] = in[d] * s;
        }
      }
    });
    ctx->saved_data["eps"] = eps;
    ctx->saved_data["has_gain"] = has_gain;
    if (has_gain)
      ctx->save_for_backward({x_any, inverse, *gain_any});
    else
      ctx->save_for_backward({x_any, inverse});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const bool has_gain = ctx->saved_data["has_gain"].toBool();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable()};
    const double eps = ctx->saved_data["eps"].toDouble();
    if (at::GradMode::is_enabled()) {
      variable_list found = RmsNormGradient::apply(saved[0], has_gain ? saved[2] : saved[1], grads[0], saved[1], eps, has_gain);
      return {found[0], has_gain ? found[1] : Variable(), Variable()};
    }
    variable_list found = rms_norm_gradient(saved[0], saved[1], has_gain ? saved[2] : Tensor(), grads[0]);
    return {found[0], found[1], Variable()};
  }
};

}  // namespace

Tensor rms_norm(const Tensor& x, const c10::optional<Tensor>& gain, double eps) {
  TORCH_CHECK(x.dim() == 3 && (!gain || (gain->dim() == 2 && gain->size(0) == x.size(0) && gain->size(1) == x.size(2))),
              "expected x [R, N, D] and a gain [R, D]");
  if (!is_fusible(x)) return composite_rms_norm(x, gain, eps);
  return RmsNorm::apply(x, gain, eps);
}

}  // namespace gaplab
