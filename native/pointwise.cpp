// The C ABI's further pointwise functions, and the triangular systems of chunked recurrences.
#include "abi.h"

using namespace gaplab;

UNARY(elu, at::elu(*a))
UNARY(softplus, at::softplus(*a))
GL int32_t gl_leaky_relu(Tensor* a, double slope, Tensor** out) {
  return guard("leaky_relu", {a}, [&] { put(out, at::leaky_relu(*a, slope)); });
}
// (I + strictly lower part of a)⁻¹ b for a [F, C, C], b [F, C, D].
GL int32_t gl_solve_unit_lower(Tensor* a, Tensor* b, Tensor** out) {
  return guard("solve_unit_lower", {a, b},
               [&] { put(out, at::linalg_solve_triangular(*a, *b, /*upper=*/false, /*left=*/true, /*unitriangular=*/true)); });
}
