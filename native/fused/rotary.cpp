// QK-norm and rotary positions in one pass: x[R, B·T, H·E] is normalised per head (ε > 0), then rotated by its position.
// Pairs are (e, e + E/2), the half-split convention of Su et al. 2021 as GPT-NeoX and Llama write it.
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_rotary(const Tensor& x, const Tensor& cosine, const Tensor& sine, int64_t T, int64_t H, double eps) {
  const int64_t R = x.size(0), N = x.size(1), E = x.size(2) / H;
  Tensor y = x.reshape({R, N / T, T, H, E});
  if (eps > 0) {
    const Tensor wide = widened(y);
    y = (wide * at::rsqrt(wide.square().mean(-1, true) + eps)).to(x.scalar_type());
  }
  if (cosine.numel() > 0) {
    Tensor c = cosine.unsqueeze(1), s = sine.unsqueeze(1);  // [T, 1, E/2]
    auto halves = y.split(E / 2, -1);
    y = at::cat({halves[0] * c - halves[1] * s, halves[0] * s + halves[1] * c}, -1);
  }
  return y.reshape(x.sizes());
}

// One head turned by its position; direction −1 turns it back.
template <class T>
inline void turn(const T* in, T* out, const T* c, const T* s, int64_t half, T direction) {
#pragma omp simd
  for (int64_t e = 0; e < half; e++) {
    const T a = in[e], b = in[half + e], d = direction * s[e];
    out[e] = a * c[e] - b * d;
    out[half + e] = a * d + b * c[e];
  }
}

// With w = Rᵀdy: dx = s·(w − x·⟨w,x⟩·s²/E), or w itself without a norm.
Tensor rotary_gradient(const Tensor& x_any, const Tensor& cosine, const Tensor& sine, const Tensor& dy_any, int64_t T, int64_t H,
                       double eps) {
  Tensor x = x_any.contiguous(), dy = dy_any.contiguous();
  const int64_t rows = x.size(0) * x.size(1), E = x.size(2) / H, half = E / 2;
  const bool rotate = cosine.numel() > 0;
  Tensor dx = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rotary_backward", [&] {
    const scalar_t *from = x.data_ptr<scalar_t>(), *cosines = cosine.data_ptr<scalar_t>(), *sines = sine.data_ptr<scalar_t>(),
                   *upstream = dy.data_ptr<scalar_t>();
    scalar_t* to = dx.data_ptr<scalar_t>();
    for (int64_t n = 0; n < rows; n++) {
      const int64_t t = n % T;
      const scalar_t *c = rotate ? cosines + t * half : nullptr, *s = rotate ? sines + t * half : nullptr;
      for (int64_t h = 0; h < H; h++) {
        const int64_t at = n * H * E + h * E;
        const scalar_t *in = from + at, *up = upstream + at;
        scalar_t* out = to + at;
        if (c)
          turn(up, out, c, s, half, scalar_t(-1));
        else
          for (int64_t e = 0; e < E; e++) out[e] = up[e];
        if (eps > 0) {
          const scalar_t scale = scalar_t(1) / std::sqrt(dot(in, in, E) / E + scalar_t(eps)), k = dot(out, in, E) * scale * scale / E;
          for (int64_t e = 0; e < E; e++) out[e] = scale * (out[e] - in[e] * k);
        }
      }
    }
  });
  return dx;
}

// The gradient as a node. Without a norm it is linear: dȳ = R·a. With one, it is RMSNorm's without gain, of w = Rᵀdy:
// w̄ = s·a − s³·⟨a,x⟩·x/E, dȳ = R·w̄, x̄ = −s³·(⟨w,x⟩·a + ⟨a,x⟩·w + ⟨a,w⟩·x)/E + 3s⁵·⟨a,x⟩⟨w,x⟩·x/E².
struct RotaryGradient : torch::autograd::Function<RotaryGradient> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& dy, const Tensor& cosine, const Tensor& sine, int64_t T,
                        int64_t H, double eps) {
    ctx->save_for_backward({x, dy, cosine, sine});
    ctx->saved_data["T"] = T;
    ctx->saved_data["H"] = H;
    ctx->saved_data["eps"] = eps;
    return rotary_gradient(x, cosine, sine, dy, T, H, eps);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const int64_t T = ctx->saved_data["T"].toInt(), H = ctx->saved_data["H"].toInt();
    const double eps = ctx->saved_data["eps"].toDouble();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable(), Variable(), Variable(), Variable(), Variable()};
    Tensor cosine = saved[2], sine = saved[3];
    if (at::GradMode::is_enabled()) {
      auto found = differentiable_second({saved[0]}, saved[1], grads,
                                         [&](const variable_list& in) { return composite_rotary(in[0], cosine, sine, T, H, eps); });
      return {found[0], found[1], Variable(), Variable(), Variable(), Variable(), Variable()};
    }
    Tensor x = saved[0].contiguous(), dy = saved[1].contiguous(), a = grads[0].contiguous(), of_dy = at::empty_like(x), of_x;
    const int64_t rows = x.size(0) * x.size(1), E = x.size(2) / H, half = E / 2;
    const bool rotate = cosine.numel() > 0;
    if (eps > 0) of_x = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rotary_second", [&] {
      const scalar_t *from = x.data_ptr<scalar_t>(), *cosines = cosine.data_ptr<scalar_t>(), *sines = sine.data_ptr<scalar_t>(),
                     *upstream = dy.data_ptr<scalar_t>(), *towards = a.data_ptr<scalar_t>();
      scalar_t *to_dy = of_dy.data_ptr<scalar_t>(), *to_x = eps > 0 ? of_x.data_ptr<scalar_t>() : nullptr;
      std::vector<scalar_t> w(static_cast<size_t>(E)), inner(static_cast<size_t>(E));
      for (int64_t n = 0; n < rows; n++) {
        const int64_t t = n % T;
        const scalar_t *c = rotate ? cosines + t * half : nullptr, *s = rotate ? sines + t * half : nullptr;
        for (int64_t h = 0; h < H; h++) {
          const int64_t at = n * H * E + h * E;
          const scalar_t *in = from + at, *up = upstream + at, *A = towards + at;
          scalar_t* od = to_dy + at;
          if (eps > 0) {
            if (c)
              turn(up, w.data(), c, s, half, scalar_t(-1));
            else
              std::copy(up, up + E, w.data());
            scalar_t* ox = to_x + at;
            const scalar_t scale = scalar_t(1) / std::sqrt(dot(in, in, E) / E + scalar_t(eps)), cube = scale * scale * scale / E;
            const scalar_t ax = dot(A, in, E), wx = dot<scalar_t>(w.data(), in, E), aw = dot<scalar_t>(A, w.data(), E);
            const scalar_t along = cube * aw - 3 * cube * scale * scale / E * ax * wx, p = cube * ax, q = cube * wx;
            for (int64_t e = 0; e < E; e++) {
              ox[e] = -q * A[e] - p * w[e] - along * in[e];
              inner[e] = scale * A[e] - p * in[e];
            }
            A = inner.data();
          }
          if (c)
            turn(A, od, c, s, half, scalar_t(1));
          else
            for (int64_t e = 0; e < E; e++) od[e] = A[e];
        }
      }
    });
    return {of_x, of_dy, Variable(), Variable(), Variable(), Variable(), Variable()};
  }
};

struct Rotary : torch::autograd::Function<Rotary> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x_any, const Tensor& cosine, const Tensor& sine, int64_t T, int64_t H,
                        double eps) {
    Tensor x = x_any.contiguous();
    ctx->save_for_backward({x_any, cosine, sine});
    ctx->saved_data["T"] = T;
    ctx->saved_data["H"] = H;
    ctx->saved_data["eps"] = eps;
    const int64_t rows = x.size(0) * x.size(1), E = x.size(2) / H, half = E / 2;
    const bool rotate = cosine.numel() > 0;
    Tensor y = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rotary", [&] {
      const scalar_t *from = x.data_ptr<scalar_t>(), *cosines = cosine.data_ptr<scalar_t>(), *sines = sine.data_ptr<scalar_t>();
      scalar_t* to = y.data_ptr<scalar_t>();
      for (int64_t n = 0; n < rows; n++) {
        const int64_t t = n % T;
        const scalar_t *c = rotate ? cosines + t * half : nullptr, *s = rotate ? sines + t * half : nullptr;
        for (int64_t h = 0; h < H; h++) {
          const scalar_t* in = from + n * H * E + h * E;
          scalar_t* out = to + n * H * E + h * E;
          scalar_t scale = 1;
          if (eps > 0) {
            scale = scalar_t(1) / std::sqrt(dot(in, in, E) / E + scalar_t(eps));
          }
          if (rotate) {
            for (int64_t e = 0; e < half; e++) {
              const scalar_t a = in[e] * scale, b = in[half + e] * scale;
              out[e] = a * c[e] - b * s[e];
              out[half + e] = a * s[e] + b * c[e];
            }
          } else {
            for (int64_t e = 0; e < E; e++) out[e] = in[e] * scale;
          }
        }
      }
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const int64_t T = ctx->saved_data["T"].toInt(), H = ctx->saved_data["H"].toInt();
    const double eps = ctx->saved_data["eps"].toDouble();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable(), Variable(), Variable(), Variable()};
    Tensor cosine = saved[1], sine = saved[2];
    Tensor dx = at::GradMode::is_enabled() ? RotaryGradient::apply(saved[0], grads[0], cosine, sine, T, H, eps)
                                           : rotary_gradient(saved[0], cosine, sine, grads[0], T, H, eps);
    return {dx, Variable(), Variable(), Variable(), Variable(), Variable()};
  }
};

}  // namespace

Tensor rotary(const Tensor& x, const Tensor& cosine, const Tensor& sine, int64_t time, int64_t heads, double norm_eps) {
  TORCH_CHECK(x.dim() == 3 && x.size(1) % time == 0 && x.size(2) % heads == 0, "expected x [R, B·T, H·E] with T = ", time,
              " and H = ", heads);
  TORCH_CHECK(cosine.numel() == 0 || (cosine.size(0) >= time && cosine.size(1) * 2 == x.size(2) / heads),
              "expected position tables [T, E/2] and an even head size");
  if (!is_fusible(x)) return composite_rotary(x, cosine, sine, time, heads, norm_eps);
  return Rotary::apply(x, cosine.contiguous(), sine.contiguous(), time, heads, norm_eps);
}

}  // namespace gaplab
