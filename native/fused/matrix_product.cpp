// Products of matrices, alone or in batches: [M, K] · [K, N] -> [M, N], [B, M, K] · [B, K, N] -> [B, M, N]. A transposed view is read as it
// lies.
#include "fused.h"

namespace gaplab {

namespace {

// How a product reads the matrices of a batch: rows `stride` apart, or, transposed, columns.
struct Operand {
  Tensor tensor;
  bool transposed;
  int64_t stride;
};

Operand operand(const Tensor& t) {
  const int64_t rows = t.size(-2), columns = t.size(-1), down = t.stride(-2), across = t.stride(-1);
  if (across == 1 && (down >= columns || rows == 1)) return {t, false, std::max(down, columns)};
  if (down == 1 && (across >= rows || columns == 1)) return {t, true, std::max(across, rows)};
  return {t.contiguous(), false, columns};
}

Tensor product(const Tensor& a_any, const Tensor& b_any) {
  const Operand a = operand(a_any), b = operand(b_any);
  const bool batched = a_any.dim() == 3;
  const int64_t count = batched ? a_any.size(0) : 1, m = a_any.size(-2), n = b_any.size(-1), k = a_any.size(-1);
  Tensor c = batched ? at::empty({count, m, n}, a_any.options()) : at::empty({m, n}, a_any.options());
  if (k == 0) return c.zero_();
  const int64_t a_step = batched ? a.tensor.stride(0) : 0, b_step = batched ? b.tensor.stride(0) : 0;
  AT_DISPATCH_FLOATING_TYPES(c.scalar_type(), "matrix_product", [&] {
    const scalar_t *left = a.tensor.data_ptr<scalar_t>(), *right = b.tensor.data_ptr<scalar_t>();
    scalar_t* out = c.data_ptr<scalar_t>();
    for (int64_t i = 0; i < count; i++)
      gemm(a.transposed, b.transposed, m, n, k, scalar_t(1), left + i * a_step, a.stride, right + i * b_step, b.stride, scalar_t(0),
           out + i * m * n, n);
  });
  return c;
}

// Its gradient is a product more on either side, differentiable in turn.
struct MatrixProduct : torch::autograd::Function<MatrixProduct> {
  static Tensor forward(AutogradContext* ctx, const Tensor& a, const Tensor& b) {
    ctx->save_for_backward({a, b});
    return product(a, b);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    if (!grads[0].defined()) return {Variable(), Variable()};
    auto saved = ctx->get_saved_variables();
    const bool record = at::GradMode::is_enabled();
    auto times = [&](const Tensor& x, const Tensor& y) { return record ? MatrixProduct::apply(x, y) : product(x, y); };
    return {ctx->needs_input_grad(0) ? times(grads[0], saved[1].transpose(-1, -2)) : Variable(),
            ctx->needs_input_grad(1) ? times(saved[0].transpose(-1, -2), grads[0]) : Variable()};
  }
};

}  // namespace

Tensor matrix_product(const Tensor& a, const Tensor& b) {
  const bool ours = is_fusible(a) && is_fusible(b) && a.scalar_type() == b.scalar_type() && a.dim() == b.dim() &&
                    (a.dim() == 2 || a.dim() == 3) && a.size(-1) == b.size(-2) && (a.dim() == 2 || a.size(0) == b.size(0));
  if (!ours) return a.matmul(b);
  return at::GradMode::is_enabled() && (a.requires_grad() || b.requires_grad()) ? MatrixProduct::apply(a, b) : product(a, b);
}

}  // namespace gaplab
