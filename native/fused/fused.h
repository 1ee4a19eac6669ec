// What the fused operations share: row-major matrix products, a vectorisable exponential, and double backward.
#pragma once
#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/autograd.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace gaplab {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// C[m,n] = alpha op(A) op(B) + beta C, all row-major: a small-matrix kernel of ours, or the BLAS that libtorch itself loaded (products/).
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
          int64_t ldb, float beta, float* c, int64_t ldc);
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a, int64_t lda, const double* b,
          int64_t ldb, double beta, double* c, int64_t ldc);
// The set of small-matrix kernels in use ("avx2", "avx512", or "blas" for none), and choosing another: false where the processor lacks it.
const char* kernels();
bool set_kernels(const std::string& name);

// exp in a form the compiler vectorises: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes), about 1 ulp; 0 below -87, NaN stays NaN.
inline float fast_exp(float x) {
  float clamped = x < -87.0f ? -87.0f : x;
  clamped = clamped > 88.0f ? 88.0f : clamped;
  const float n = std::nearbyintf(clamped * 1.44269504088896341f);
  const float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  const float value = x < -87.0f ? 0.0f : p * scale;
  return x != x ? x : value;
}
inline double fast_exp(double x) { return std::exp(x); }

// Whether an operation's passes over memory apply: anything else, on another device or of half the width, takes libtorch's operations.
inline bool is_fusible(const Tensor& x) { return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble); }

// Half-width numbers widened, for what must not be added up in them.
inline Tensor widened(const Tensor& x) { return x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x; }

// Reductions in functions of their own: a pragma inside the argument of AT_DISPATCH's macro does not reach the loop it stands before.
template <class T>
inline T dot(const T* a, const T* b, int64_t n) {
  T s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}
template <class T>
inline T dot(const T* a, const T* b, const T* c, int64_t n) {
  T s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; i++) s += a[i] * b[i] * c[i];
  return s;
}
template <class T>
inline T largest(const T* a, int64_t n) {
  T top = a[0];
#pragma omp simd reduction(max : top)
  for (int64_t i = 0; i < n; i++) top = a[i] > top ? a[i] : top;
  return top;
}
// out = exp(in - shift); returns the sum. NaN and infinities pass on.
template <class T>
inline T exp_and_sum(const T* in, T* out, T shift, int64_t n) {
  T s = 0;
#pragma omp simd reduction(+ : s)
  for (int64_t i = 0; i < n; i++) {
    const T e = fast_exp(in[i] - shift);
    out[i] = e;
    s += e;
  }
  return s;
}

// The gradient of `composite` at `inputs` as a differentiable function of the inputs and of `grad`.
//
// A fused backward is not itself differentiable. When the caller asked for a graph of the backward pass (create_graph),
// the fused node answers with another fused node, whose own backward is the second derivative written out: k directions
// then cost k of these and no recomputation. Only for a graph of that one too (third derivatives) does it answer with
// autograd through the same formula in libtorch's own operations. Each input is aliased first: the inner pass then ends
// at the alias and never walks into the history that the inputs share (all weights are pieces of one split, and an
// activation depends on other pieces of it).
template <class Composite>
variable_list differentiable_gradient(const variable_list& inputs, const std::vector<bool>& wanted, const Tensor& grad,
                                      Composite composite) {
  variable_list aliases, targets;
  for (size_t i = 0; i < inputs.size(); i++) {
    aliases.push_back(wanted[i] ? inputs[i].alias() : inputs[i]);
    if (wanted[i]) targets.push_back(aliases.back());
  }
  variable_list found =
      torch::autograd::grad({composite(aliases)}, targets, {grad}, c10::nullopt, /*create_graph=*/true, /*allow_unused=*/true);
  variable_list result;
  size_t next = 0;
  for (size_t i = 0; i < inputs.size(); i++) result.push_back(wanted[i] ? found[next++] : Variable());
  return result;
}

// The gradient of ⟨upstream, gradient of `composite` at `inputs` and `grad`⟩ with respect to the inputs and, last, to `grad`;
// differentiable.
template <class Composite>
variable_list differentiable_second(const variable_list& inputs, const Tensor& grad, const variable_list& upstream, Composite composite) {
  variable_list aliases;
  for (const Tensor& input : inputs) aliases.push_back(input.requires_grad() ? input.alias() : input.detach().requires_grad_());
  const Tensor grad_alias = grad.requires_grad() ? grad.alias() : grad.detach().requires_grad_();
  variable_list first = differentiable_gradient(aliases, std::vector<bool>(aliases.size(), true), grad_alias, composite);
  variable_list outputs, given;
  for (size_t i = 0; i < first.size(); i++) {
    if (!upstream[i].defined() || !first[i].defined() || !first[i].requires_grad()) continue;
    outputs.push_back(first[i]);
    given.push_back(upstream[i]);
  }
  aliases.push_back(grad_alias);
  return torch::autograd::grad(outputs, aliases, given, c10::nullopt, /*create_graph=*/true, /*allow_unused=*/true);
}

// A weight seen as [R, …] inside the flat parameter row: contiguous within a replica, any stride between replicas.
inline Tensor rows_contiguous(const Tensor& w) {
  int64_t expected = 1;
  for (int64_t d = w.dim() - 1; d >= 1; d--) {
    if (w.size(d) != 1 && w.stride(d) != expected) return w.contiguous();
    expected *= w.size(d);
  }
  return w;
}
inline int64_t row_stride(const Tensor& w) { return w.size(0) == 1 ? w.numel() : w.stride(0); }

Tensor linear(const Tensor& x, const Tensor& w);
variable_list linear_three(const Tensor& x, const Tensor& w0, const Tensor& w1, const Tensor& w2);
Tensor matrix_product(const Tensor& a, const Tensor& b);
Tensor embedding(const Tensor& ids, const Tensor& w);
Tensor rms_norm(const Tensor& x, const c10::optional<Tensor>& gain, double eps);
Tensor rotary(const Tensor& x, const Tensor& cosine, const Tensor& sine, int64_t time, int64_t heads, double norm_eps);
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t time, int64_t heads, bool causal);
Tensor relu_squared(const Tensor& x);
Tensor cross_entropy(const Tensor& logits, const Tensor& targets);

}  // namespace gaplab
