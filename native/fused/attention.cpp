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
  Tensor y = at::bmm(at::softmax(widened(scores), -1).to(v.scalar_type()), heads(v));
  return y.reshape({R * B, H, T, E}).transpose(1, 2).reshape({R, N, H * E});
}

variable_list attention_gradient(const Tensor& q_any, const Tensor& k_any, const Tensor& v_any, const Tensor& probabilities,
                                 const Tensor& dy_any, int64_t T, int64_t H, bool causal) {
  Tensor q = q_any.contiguous(), k = k_any.contiguous(), v = v_any.contiguous(), dy = dy_any.contiguous();
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
  return {dq, dk, dv};
}

// The gradient as a node. With a, b, c upstream of dq, dk, dv, P the probabilities, D = dy·vᵀ, m = ⟨P,D⟩ and dS = P∘(D − m) by row:
// Ṡ = (a·kᵀ + q·bᵀ)/√E is how the scores move along (a, b), t = ⟨P,Ṡ⟩, Ṗ = P∘(Ṡ − t) how the probabilities do, and
// dȳ = Ṗ·v + P·c, v̄ = Ṗᵀ·dy, P̄ = Ṡ∘(D − m) − t·D + dy·cᵀ, S̄ = P∘(P̄ − ⟨P,P̄⟩), q̄ = (dS·b + S̄·k)/√E, k̄ = (dSᵀ·a + S̄ᵀ·q)/√E.
struct AttentionGradient : torch::autograd::Function<AttentionGradient> {
  static variable_list forward(AutogradContext* ctx, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& dy,
                               const Tensor& probabilities, int64_t T, int64_t H, bool causal) {
    ctx->save_for_backward({q, k, v, dy, probabilities});
    ctx->saved_data["T"] = T;
    ctx->saved_data["H"] = H;
    ctx->saved_data["causal"] = causal;
    return attention_gradient(q, k, v, probabilities, dy, T, H, causal);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    const int64_t T = ctx->saved_data["T"].toInt(), H = ctx->saved_data["H"].toInt();
    const bool causal = ctx->saved_data["causal"].toBool();
    if (at::GradMode::is_enabled()) {
      auto found = differentiable_second({saved[0], saved[1], saved[2]}, saved[3], grads,
                                         [&](const variable_list& in) { return composite_attention(in[0], in[1], in[2], T, H, causal); });
      return {found[0], found[1], found[2], found[3], Variable(), Variable(), Variable(), Variable()};
    }
    auto given = [&](size_t i) { return grads[i].defined() ? grads[i].contiguous() : at::zeros_like(saved[i]).contiguous(); };
    Tensor q = saved[0].contiguous(), k = saved[1].contiguous(), v = saved[2].contiguous(), dy = saved[3].contiguous(),
           probabilities = saved[4];
    Tensor a = given(0), b = given(1), c = given(2);
    const int64_t R = q.size(0), N = q.size(1), B = N / T, W = q.size(2), E = W / H;
    Tensor of_q = at::empty_like(q), of_k = at::empty_like(k), of_v = at::empty_like(v), of_dy = at::empty_like(dy);
    Tensor scratch = at::empty({3, kRowBlock, T}, q.options());
    AT_DISPATCH_FLOATING_TYPES(q.scalar_type(), "attention_second", [&] {
      const scalar_t scale = scalar_t(1) / std::sqrt(scalar_t(E)), one = 1, none = 0;
      scalar_t *D = scratch.data_ptr<scalar_t>(), *S = D + kRowBlock * T, *X = S + kRowBlock * T;
      for (int64_t i = 0; i < R * B; i++) {
        for (int64_t h = 0; h < H; h++) {
          const int64_t at = i * T * W + h * E;
          auto of = [&](const Tensor& t) { return t.data_ptr<scalar_t>() + at; };
          const scalar_t *Q = of(q), *K = of(k), *V = of(v), *G = of(dy), *A = of(a), *Bk = of(b), *C = of(c),
                         *P = probabilities.data_ptr<scalar_t>() + (i * H + h) * T * T;
          scalar_t *oq = of(of_q), *ok = of(of_k), *ov = of(of_v), *og = of(of_dy);
          bool first = true;  // as in the gradient: the last block sees every key and clears what the others add to
          for (int64_t i0 = (T - 1) / kRowBlock * kRowBlock; i0 >= 0; i0 -= kRowBlock) {
            const int64_t rows = std::min(kRowBlock, T - i0), keys = causal ? i0 + rows : T, from = i0 * W;
            const scalar_t* p = P + i0 * T;
            const scalar_t beta = first ? none : one;
            gemm(false, true, rows, keys, E, one, G + from, W, V, W, none, D, T);
            gemm(false, true, rows, keys, E, scale, A + from, W, K, W, none, S, T);
            gemm(false, true, rows, keys, E, scale, Q + from, W, Bk, W, one, S, T);
            gemm(false, true, rows, keys, E, one, G + from, W, C, W, none, X, T);
            for (int64_t n = 0; n < rows; n++) {
              const scalar_t* pn = p + n * T;
              scalar_t *d = D + n * T, *s = S + n * T, *x = X + n * T;
              const int64_t seen = causal ? i0 + n + 1 : T;
              const scalar_t m = dot(pn, d, seen), t = dot(pn, s, seen);
              for (int64_t j = 0; j < seen; j++) x[j] += s[j] * (d[j] - m) - t * d[j];
              const scalar_t mean = dot(pn, x, seen);
              for (int64_t j = 0; j < seen; j++) {
                x[j] = pn[j] * (x[j] - mean);  // S̄
                s[j] = pn[j] * (s[j] - t);     // Ṗ
                d[j] = pn[j] * (d[j] - m);     // dS
              }
              for (int64_t j = seen; j < keys; j++) x[j] = s[j] = d[j] = 0;
            }
            gemm(false, false, rows, E, keys, one, S, T, V, W, none, og + from, W);
            gemm(false, false, rows, E, keys, one, p, T, C, W, one, og + from, W);
            gemm(true, false, keys, E, rows, one, S, T, G + from, W, beta, ov, W);
            gemm(false, false, rows, E, keys, scale, D, T, Bk, W, none, oq + from, W);
            gemm(false, false, rows, E, keys, scale, X, T, K, W, one, oq + from, W);
            gemm(true, false, keys, E, rows, scale, D, T, A + from, W, beta, ok, W);
            gemm(true, false, keys, E, rows, scale, X, T, Q + from, W, one, ok, W);
            first = false;
          }
        }
      }
    });
    return {of_q, of_k, of_v, of_dy, Variable(), Variable(), Variable(), Variable()};
  }
};

struct Attention : torch::autograd::Function<Attention> {
  static Tensor forward(AutogradContext* ctx, const Tensor& q_any, const Tensor& k_any, const Tensor& v_any, int64_t T, int64_t H,
                        bool causal) {
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
    variable_list found = at::GradMode::is_enabled()
                              ? AttentionGradient::apply(saved[0], saved[1], saved[2], grads[0], saved[3], T, H, causal)
                              : attention_gradient(saved[0], saved[1], saved[2], saved[3], grads[0], T, H, causal);
    return {found[0], found[1], found[2], Variable(), Variable(), Variable()};
  }
};

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t time, int64_t heads, bool causal) {
  TORCH_CHECK(q.dim() == 3 && q.sizes() == k.sizes() && q.sizes() == v.sizes() && q.size(1) % time == 0 && q.size(2) % heads == 0,
              "expected q, k, v [R, B·T, H·E] of one shape with T = ", time, " and H = ", heads);
  if (!is_fusible(q)) return composite_attention(q, k, v, time, heads, causal);
  return Attention::apply(q, k, v, time, heads, causal);
}

}  // namespace gaplab
