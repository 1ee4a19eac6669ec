// Embedding on the replica axis: y[R,N,D] = w[R,V,D] gathered at ids[R,N].
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_embedding(const Tensor& ids, const Tensor& w) {
  // One table of all replicas' rows: the gradient of libtorch's own embedding adds up in one order on every device.
  const int64_t R = w.size(0), V = w.size(1), D = w.size(2);
  const Tensor first = (at::arange(R, at::kLong) * V).unsqueeze(1).to(w.device());
  return at::embedding(w.reshape({R * V, D}), ids + first);
}

void check_ids(const Tensor& ids, int64_t vocabulary) {
  const int64_t* p = ids.data_ptr<int64_t>();
  for (int64_t i = 0, n = ids.numel(); i < n; i++)
    TORCH_CHECK(p[i] >= 0 && p[i] < vocabulary, "token id ", p[i], " is outside the vocabulary of ", vocabulary);
}

Tensor gathered_rows(const Tensor& ids, const Tensor& w) {
  const int64_t R = ids.size(0), N = ids.size(1), D = w.size(2);
  Tensor y = at::empty({R, N, D}, w.options());
  AT_DISPATCH_FLOATING_TYPES(w.scalar_type(), "embedding", [&] {
    for (int64_t r = 0; r < R; r++) {
      const scalar_t* table = w.data_ptr<scalar_t>() + r * row_stride(w);
      const int64_t* id = ids.data_ptr<int64_t>() + r * N;
      scalar_t* out = y.data_ptr<scalar_t>() + r * N * D;
      for (int64_t n = 0; n < N; n++) std::memcpy(out + n * D, table + id[n] * D, sizeof(scalar_t) * D);
    }
  });
  return y;
}

Tensor scattered_rows(const Tensor& ids, const Tensor& dy_any, int64_t V) {
  Tensor dy = dy_any.contiguous();
  const int64_t R = ids.size(0), N = ids.size(1), D = dy.size(2);
  Tensor dw = at::zeros({R, V, D}, dy.options());
  AT_DISPATCH_FLOATING_TYPES(dy.scalar_type(), "embedding_backward", [&] {
    for (int64_t r = 0; r < R; r++) {
      scalar_t* table = dw.data_ptr<scalar_t>() + r * V * D;
      const int64_t* id = ids.data_ptr<int64_t>() + r * N;
      const scalar_t* g = dy.data_ptr<scalar_t>() + r * N * D;
      for (int64_t n = 0; n < N; n++) {
        scalar_t* row = table + id[n] * D;
        for (int64_t d = 0; d < D; d++) row[d] += g[n * D + d];
      }
    }
  });
  return dw;
}

// The scattering as a node. It is linear: its gradient gathers.
struct EmbeddingGradient : torch::autograd::Function<EmbeddingGradient> {
  static Tensor forward(AutogradContext* ctx, const Tensor& dy, const Tensor& ids, int64_t vocabulary) {
    ctx->save_for_backward({ids});
    return scattered_rows(ids, dy, vocabulary);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    if (!grads[0].defined()) return {Variable(), Variable(), Variable()};
    Tensor ids = ctx->get_saved_variables()[0];
    if (at::GradMode::is_enabled()) return {composite_embedding(ids, grads[0]), Variable(), Variable()};
    return {gathered_rows(ids, rows_contiguous(grads[0])), Variable(), Variable()};
  }
};

struct Embedding : torch::autograd::Function<Embedding> {
  static Tensor forward(AutogradContext* ctx, const Tensor& w_any, const Tensor& ids_any) {
    Tensor ids = ids_any.contiguous(), w = rows_contiguous(w_any);
    ctx->save_for_backward({w_any, ids});
    check_ids(ids, w.size(1));
    return gathered_rows(ids, w);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined() || !ctx->needs_input_grad(0)) return {Variable(), Variable()};
    Tensor ids = saved[1];
    if (at::GradMode::is_enabled()) return {EmbeddingGradient::apply(grads[0], ids, saved[0].size(1)), Variable()};
    return {scattered_rows(ids, grads[0], saved[0].size(1)), Variable()};
  }
};

}  // namespace

Tensor embedding(const Tensor& ids, const Tensor& w) {
  TORCH_CHECK(ids.dim() == 2 && w.dim() == 3 && ids.size(0) == w.size(0), "expected ids [R, N] and a table [R, V, D]");
  if (!is_fusible(w)) return composite_embedding(ids, w);
  return Embedding::apply(w, ids);
}

}  // namespace gaplab
