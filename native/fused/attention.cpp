// Softmax attention over heads: q, k, v [R, B·T, H·E] -> [R, B·T, H·E], scale 1/√E, causal or not.
// Scores live one head at a time in cache; a causal head skips the blocks above the diagonal.
#include "fused.h"
#include <algorithm>

namespace gaplab {

namespace {

constexpr int64_t kRowBlock = 64;

Tensor composite_attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t T, int64_t H, bool causal) {
  const int64_t R = q.size(0), N = q.size(1), B = N / T, E = q.size(2) / H;
  auto heads = [&](const Tensor& x) { return x.reshape({R * B, T, H, E}).transpose(1, 2).reshape({R * B * H, T, E}); };
  Tensor scores = at::bmm(heads(q), heads(k).transpose(1, 2)) * (1.0 / std::sqrt(static_cast<double>(E)));
  if (causal) {
    Tensor future = at::ones({T, T}, q.options().dtype(at::kBool)).triu(1);
    scores = scores.masked_fill(future, -std::numeric_limits<double>::infinity());
  }
  Tensor y = at::bmm(at::softmax(scores, -1), heads(v));
  return y.reshape({R * B, H, T, E}).transpose(1, 2).reshape({R, N, H * E});
}

struct Attention : torch::autograd::Function<Attention> {
  static Tensor forward(AutogradContext* ctx, const Tensor& q_any, const Tensor& k_any, const Tensor& v_any, int64_t T, int64_t H, bool causal) {
    Tensor q = q_any.contiguous(), k = k_any.contiguous(), v = v_any.contiguous();
    const int64_t R = q.size(0), N = q.size(1), B = N / T, W = q.size(2), E = W / H;
    Tensor y = at::empty_like(q), probabilities = at::empty({R, B, H, T, T}, q.options());
    AT_DISPATCH_FLOATING_TYPES(q.scalar_type(), "attention", [&] {
      const scalar_t scale = scalar_t(1) / std::sqrt(scalar_t(E));
      for (int64_t b = 0; b < R * B; b++) {
        for (int64_t h = 0; h < H; h++) {
          const int64_t at = b * T * W + h * E;
          const scalar_t *Q = q.data_ptr<scalar_t>() + at, *K = k.data_ptr<scalar_t>() + at, *V = v.data_ptr<scalar_t>() + at;
          scalar_t *Y = y.data_ptr<scalar_t>() + at, *P = probabilities.data_ptr<scalar_t>() + (b * H + h) * T * T;
          for (int64_t i0 = 0; i0 < T; i0 += kRowBlock) {
            const int64_t rows = std::min(kRowBlock, T - i0), keys = causal ? i0 + rows : T;
            scalar_t* S = P + i0 * T;
            gemm(false, true, rows, keys, E, scale, Q + i0 * W, W, K, W, scalar_t(0), S, T);
            for (int64_t i = 0; i < rows; i++) {
              scalar_t* row = S + i * T;
              const int64_t seen = causal ? i0 + i + 1 : T;
              const scalar_t inverse = scalar_t(1) / exp_and_sum(row, row, largest(row, seen), seen);
              for (int64_t j = 0; j < seen; j++) row[j] *= inverse;
              for (int64_t j = seen; j < keys; j++) row[j] = 0;
            }
            gemm(false, false, rows, E, keys, scalar_t(1), S, T, V, W, scalar_t(0), Y + i0 * W, W);
          }
        }
      }
    });
    ctx->save_for_backward({q_any, k_any, v_any, probabilities});
    ctx->saved_data["T"] = T;
    ctx->saved_data["H"] = H;
    ctx->saved_data["causal"] = causal;
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const int64_t T = ctx->saved_data["T"].toInt(), H = ctx->saved_data["H"].toInt();
    const bool causal = ctx->saved_data["causal"].toBool();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable(), Variable(), Variable(), Variable()};
    if (at::GradMode::is_enabled()) {
      auto found = differentiable_gradient({saved[0], saved[1], saved[2]}, {true, true, true}, grads[0], [&](const variable_list& in) {
        return composite_attention(in[0], in[1], in[2], T, H, causal);
      });
      return {found[0], found[1], found[2], Variable(), Variable(), Variable()};
    }
    Tensor q = saved[0].contiguous(), k = saved[1].contiguous(), v = saved[2].contiguous(), probabilities = saved[3], dy = grads[0].contiguous();
    const int64_t R = q.size(0), N = q.size(1), B = N / T, W = q.size(2), E = W / H;
    Tensor dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v);
    Tensor scratch = at::empty({kRowBlock, T}, q.options());
    AT_DISPATCH_FLOATING_TYPES(q.scalar_type(), "attention_backward", [&] {
      const scalar_t scale = scalar_t(1) / std::sqrt(scalar_t(E));
      scalar_t* D = scratch.data_ptr<scalar_t>();
      for (int64_t b = 0; b < R * B; b++) {
        for (int64_t h = 0; h < H; h++) {
          const int64_t at = b * T * W + h * E;
          const scalar_t *Q = q.data_ptr<scalar_t>() + at, *K = k.data_ptr<scalar_t>() + at, *V = v.data_ptr<scalar_t>() + at;
          const scalar_t *G = dy.data_ptr<scalar_t>() + at, *P = probabilities.data_ptr<scalar_t>() + (b * H + h) * T * T;
          scalar_t *dQ = dq.data_ptr<scalar_t>() + at, *dK = dk.data_ptr<scalar_t>() + at, *dV = dv.data_ptr<scalar_t>() + at;
          // The last block of rows sees every key: starting with it, beta 0 clears what the others add to.
          bool first = true;
          for (int64_t i0 = (T - 1) / kRowBlock * kRowBlock; i0 >= 0; i0 -= kRowBlock) {
            const int64_t rows = std::min(kRowBlock, T - i0), keys = causal ? i0 + rows : T;
            const scalar_t* S = P + i0 * T;
            const scalar_t beta = first ? scalar_t(0) : scalar_t(1);
            gemm(true, false, keys, E, rows, scalar_t(1), S, T, G + i0 * W, W, beta, dV, W);
            gemm(false, true, rows, keys, E, scalar_t(1), G + i0 * W, W, V, W, scalar_t(0), D, T);
            for (int64_t i = 0; i < rows; i++) {
              const scalar_t* p = S + i * T;
              scalar_t* d = D + i * T;
              const int64_t seen = causal ? i0 + i + 1 : T;
              const scalar_t mean = dot(p, d, seen);
              for (int64_t j = 0; j < seen; j++) d[j] = p[j] * (d[j] - mean) * scale;
              for (int64_t j = seen; j < keys; j++) d[j] = 0;
            }
            gemm(false, false, rows, E, keys, scalar_t(1), D, T, K, W, scalar_t(0), dQ + i0 * W, W);
            gemm(true, false, keys, E, rows, scalar_t(1), D, T, Q + i0 * W, W, beta, dK, W);
            first = false;
          }
        }
      }
    });
    return {dq, dk, dv, Variable(), Variable(), Variable()};
  }
};

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t time, int64_t heads, bool causal) {
  TORCH_CHECK(q.dim() == 3 && q.sizes() == k.sizes() && q.sizes() == v.sizes() && q.size(1) % time == 0 && q.size(2) % heads == 0,
              "expected q, k, v [R, B·T, H·E] of one shape with T = ", time, " and H = ", heads);
  if (!q.is_cpu()) return composite_attention(q, k, v, time, heads, causal);
  return Attention::apply(q, k, v, time, heads, causal);
}

}  // namespace gaplab
