// The C ABI's operations on the rows [R, P] of an optimizer, in place and outside autograd: what a device's chain of links is made of.
#include "abi.h"

using namespace gaplab;

namespace {

template <class F>
int32_t in_place(const char* name, std::initializer_list<const Tensor*> operands, F&& f) {
  return guard(name, operands, [&] {
    at::NoGradGuard no_grad;
    f();
  });
}

}  // namespace

GL int32_t gl_mul_(Tensor* a, Tensor* b) {
  return in_place("mul_", {a, b}, [&] { a->mul_(*b); });
}
GL int32_t gl_mul_scalar_(Tensor* a, double s) {
  return in_place("mul_scalar_", {a}, [&] { a->mul_(s); });
}
GL int32_t gl_add_scalar_(Tensor* a, double s) {
  return in_place("add_scalar_", {a}, [&] { a->add_(s); });
}
GL int32_t gl_div_(Tensor* a, Tensor* b) {
  return in_place("div_", {a, b}, [&] { a->div_(*b); });
}
// a += alpha · b ∘ c.
GL int32_t gl_add_product_(Tensor* a, Tensor* b, Tensor* c, double alpha) {
  return in_place("add_product_", {a, b, c}, [&] { a->addcmul_(*b, *c, alpha); });
}
GL int32_t gl_sqrt_(Tensor* a) {
  return in_place("sqrt_", {a}, [&] { a->sqrt_(); });
}
// NaN stays NaN.
GL int32_t gl_sign_(Tensor* a) {
  return in_place("sign_", {a}, [&] { a->copy_(at::where(at::isnan(*a), *a, a->sign())); });
}
// Each row of a [R, N] into ±limit [R, 1]; NaN stays NaN.
GL int32_t gl_clip_(Tensor* a, Tensor* limit) {
  return in_place("clip_", {a, limit}, [&] { a->copy_(at::where(at::isnan(*a), *a, at::minimum(at::maximum(*a, limit->neg()), *limit))); });
}
// 2-norms of the rows of a [R, N], added up in double: float64 [R].
GL int32_t gl_row_norms(Tensor* a, Tensor** out) {
  return in_place("row_norms", {a}, [&] { put(out, at::linalg_vector_norm(*a, 2, at::IntArrayRef{1}, false, at::kDouble)); });
}
// The k-th (from 0) largest magnitude of each row of a [R, N]; NaN is larger than every number.
GL int32_t gl_row_magnitudes(Tensor* a, int64_t k, Tensor** out) {
  return in_place("row_magnitudes", {a}, [&] { put(out, std::get<0>(at::kthvalue(a->abs(), a->size(1) - k, 1))); });
}
// How many magnitudes of each row of a [R, N] lie above limit [R, 1]: int64 [R].
GL int32_t gl_row_counts(Tensor* a, Tensor* limit, Tensor** out) {
  return in_place("row_counts", {a, limit}, [&] { put(out, at::gt(a->abs(), *limit).sum(at::IntArrayRef{1})); });
}
