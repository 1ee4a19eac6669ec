// Mean cross-entropy of each replica: logits [R, N, V], targets [R, N] -> losses [R], in nats.
#include "fused.h"

namespace gaplab {

namespace {

Tensor composite_cross_entropy(const Tensor& logits, const Tensor& targets) {
  return -at::log_softmax(widened(logits), -1).gather(2, targets.unsqueeze(2)).squeeze(2).mean(1);
}

// (p − onehot)·up/N, [R, N, V].
Tensor cross_entropy_gradient(const Tensor& probabilities, const Tensor& targets, const Tensor& upstream_any) {
  Tensor upstream = upstream_any.contiguous(), dlogits = at::empty_like(probabilities);
  const int64_t R = probabilities.size(0), N = probabilities.size(1), V = probabilities.size(2);
  AT_DISPATCH_FLOATING_TYPES(probabilities.scalar_type(), "cross_entropy_backward", [&] {
    for (int64_t r = 0; r < R; r++) {
      const scalar_t scale = upstream.data_ptr<scalar_t>()[r] / static_cast<scalar_t>(N);
      const scalar_t* p = probabilities.data_ptr<scalar_t>() + r * N * V;
      scalar_t* d = dlogits.data_ptr<scalar_t>() + r * N * V;
      for (int64_t i = 0; i < N * V; i++) d[i] = p[i] * scale;
      const int64_t* target = targets.data_ptr<int64_t>() + r * N;
      for (int64_t n = 0; n < N; n++) d[n * V + target[n]] -= scale;
    }
  });
  return dlogits;
}

// The gradient as a node: with a upstream z̄ = up/N·p∘(a − ⟨p, a⟩) and ūp = Σ a∘(p − onehot)/N.
struct CrossEntropyGradient : torch::autograd::Function<CrossEntropyGradient> {
  static Tensor forward(AutogradContext* ctx, const Tensor& logits, const Tensor& upstream, const Tensor& targets,
                        const Tensor& probabilities) {
    ctx->save_for_backward({logits, upstream, targets, probabilities});
    return cross_entropy_gradient(probabilities, targets, upstream);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable(), Variable(), Variable(), Variable()};
    Tensor targets = saved[2];
    if (at::GradMode::is_enabled()) {
      auto found = differentiable_second({saved[0]}, saved[1], grads,
                                         [&](const variable_list& in) { return composite_cross_entropy(in[0], targets); });
      return {found[0], found[1], Variable(), Variable()};
    }
    Tensor upstream = saved[1].contiguous(), probabilities = saved[3], a = grads[0].contiguous();
    const int64_t R = a.size(0), N = a.size(1), V = a.size(2);
    Tensor of_logits = at::empty_like(probabilities), of_upstream = at::empty({R}, probabilities.options());
    AT_DISPATCH_FLOATING_TYPES(a.scalar_type(), "cross_entropy_second", [&] {
      const scalar_t *chances = probabilities.data_ptr<scalar_t>(), *towards = a.data_ptr<scalar_t>();
      scalar_t* to = of_logits.data_ptr<scalar_t>();
      const int64_t* target = targets.data_ptr<int64_t>();
      for (int64_t r = 0; r < R; r++) {
        const scalar_t scale = upstream.data_ptr<scalar_t>()[r] / static_cast<scalar_t>(N);
        scalar_t total = 0;
        for (int64_t n = 0; n < N; n++) {
          const int64_t at = (r * N + n) * V;
          const scalar_t *p = chances + at, *A = towards + at;
          scalar_t* z = to + at;
          const scalar_t mean = dot(p, A, V);
          for (int64_t v = 0; v < V; v++) z[v] = scale * p[v] * (A[v] - mean);
          total += mean - A[target[r * N + n]];
        }
        of_upstream.data_ptr<scalar_t>()[r] = total / static_cast<scalar_t>(N);
      }
    });
    return {of_logits, of_upstream, Variable(), Variable()};
  }
};

struct CrossEntropy : torch::autograd::Function<CrossEntropy> {
  static Tensor forward(AutogradContext* ctx, const Tensor& logits_any, const Tensor& targets_any) {
    Tensor logits = logits_any.contiguous(), targets = targets_any.contiguous();
    const int64_t R = logits.size(0), N = logits.size(1), V = logits.size(2);
    Tensor losses = at::empty({R}, logits.options()), probabilities = at::empty_like(logits);
    AT_DISPATCH_FLOATING_TYPES(logits.scalar_type(), "cross_entropy", [&] {
      const scalar_t* from = logits.data_ptr<scalar_t>();
      scalar_t* to = probabilities.data_ptr<scalar_t>();
      const int64_t* given = targets.data_ptr<int64_t>();
      for (int64_t r = 0; r < R; r++) {
        double total = 0;
        for (int64_t n = 0; n < N; n++) {
          const int64_t at = (r * N + n) * V, target = given[r * N + n];
          TORCH_CHECK(target >= 0 && target < V, "target ", target, " is outside the vocabulary of ", V);
          const scalar_t* z = from + at;
          scalar_t* p = to + at;
          const scalar_t top = largest(z, V), sum = exp_and_sum(z, p, top, V);
          total += std::log(static_cast<double>(sum)) - static_cast<double>(z[target] - top);
          const scalar_t inverse = scalar_t(1) / sum;
          for (int64_t v = 0; v < V; v++) p[v] *= inverse;
        }
        losses.data_ptr<scalar_t>()[r] = static_cast<scalar_t>(total / static_cast<double>(N));
      }
    });
    ctx->save_for_backward({logits_any, targets, probabilities});
    return losses;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto saved = ctx->get_saved_variables();
    if (!grads[0].defined()) return {Variable(), Variable()};
    Tensor targets = saved[1];
    if (at::GradMode::is_enabled()) return {CrossEntropyGradient::apply(saved[0], grads[0], targets, saved[2]), Variable()};
    return {cross_entropy_gradient(saved[2], targets, grads[0]), Variable()};
  }
};

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& targets) {
  TORCH_CHECK(logits.dim() == 3 && targets.dim() == 2 && targets.size(0) == logits.size(0) && targets.size(1) == logits.size(1),
              "expected logits [R, N, V] and targets [R, N]");
  if (!is_fusible(logits)) return composite_cross_entropy(logits, targets);
  return CrossEntropy::apply(logits, targets);
}

}  // namespace gaplab
