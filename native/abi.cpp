// The C ABI over libtorch: one function per operation, PyTorch's meaning, status out, results by pointer; nothing escapes.
// The order here is the order of Native.cs and of the Tensor.*.cs files; a test matches exports to imports.
#include "abi.h"
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/version.h>

namespace gaplab {

thread_local std::string last_error;
std::atomic<int64_t> live{0};

std::string describe(const char* name, std::initializer_list<const Tensor*> operands, const char* what) {
  std::ostringstream text;
  text << name;
  const char* separator = " on ";
  for (const Tensor* t : operands) {
    if (t == nullptr) continue;
    text << separator << t->sizes();
    separator = ", ";
  }
  std::string message(what);
  const auto end = message.find('\n');  // the rest is libtorch's own call stack
  text << ": " << (end == std::string::npos ? message : message.substr(0, end));
  return text.str();
}

bool is_out_of_memory(const std::string& message) {
  // The wordings of libtorch's CPU allocator (1.13 and later), of CUDA's, and of std::bad_alloc.
  return message.find("not enough memory") != std::string::npos || message.find("allocate memory") != std::string::npos ||
         message.find("out of memory") != std::string::npos;
}

}  // namespace gaplab

using namespace gaplab;

namespace {

// -1: the CPU; 0, 1, …: a GPU; -2: the mirror (devices/mirror.cpp).
at::TensorOptions options_of(int32_t type, int32_t device) {
  auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(type));
  return device == -1
             ? options.device(at::kCPU)
             : options.device(device < 0 ? at::Device(at::kPrivateUse1, 0) : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device)));
}

std::vector<Tensor> gathered(Tensor* const* p, int32_t n) {
  std::vector<Tensor> list;
  list.reserve(static_cast<size_t>(n));
  for (int32_t i = 0; i < n; i++) list.push_back(*p[i]);
  return list;
}

}  // namespace

// ---- runtime
GL const char* gl_last_error() { return last_error.c_str(); }
GL int64_t gl_live_tensors() { return live.load(); }
GL void gl_delete(Tensor* t) {
  delete t;
  live.fetch_sub(1, std::memory_order_relaxed);
}
GL const char* gl_version() { return TORCH_VERSION; }
// OpenBLAS and OpenMP keep pools of their own; on a small machine they fight, so one number rules both.
GL int32_t gl_set_threads(int32_t n) {
  return guard("set_threads", {}, [&] {
    at::set_num_threads(n);
    static bool interop = false;
    if (!interop) {
      interop = true;
      at::set_num_interop_threads(1);
    }
    if (auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(n);
    // Activations of a step are freed and asked for again at the next: keep their pages instead of giving them back to the
    // kernel and faulting them in anew, which costs more than the arithmetic of a small model.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
  });
}
GL int32_t gl_get_threads() { return at::get_num_threads(); }
// What the process really loaded: OpenBLAS answers with its configuration, MKL by a symbol, anything else is the slow reference BLAS.
GL const char* gl_blas() {
  static std::string name = [] {
    if (auto config = reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) {
      std::string text(config());  // what it was built for, and the kernels it chose for this processor
      if (auto core = reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename")))
        text += std::string(", kernels ") + core();
      return text;
    }
    if (at::hasMKL()) return std::string("MKL");
    return std::string("reference");
  }();
  return name.c_str();
}
GL const char* gl_kernels() { return kernels(); }
GL int32_t gl_set_kernels(const char* name) {
  return guard("set_kernels", {}, [&] { TORCH_CHECK(set_kernels(name), "this processor has no kernels '", name, "'"); });
}
// Operations on a GPU add up in one order, and float32 stays float32: a run is a function of its spec there too. What has no such form
// warns.
GL int32_t gl_make_deterministic() {
  return guard("make_deterministic", {}, [] {
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(true, /*warn_only=*/true);
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
  });
}
GL int32_t gl_cuda_devices(int32_t* out) {
  return guard("cuda_devices", {}, [&] { *out = at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0; });
}

// ---- creation
GL int32_t gl_empty(const int64_t* shape, int32_t rank, int32_t type, int32_t device, Tensor** out) {
  return guard("empty", {}, [&] { put(out, at::empty(dims(shape, rank), options_of(type, device))); });
}
GL int32_t gl_zeros(const int64_t* shape, int32_t rank, int32_t type, int32_t device, Tensor** out) {
  return guard("zeros", {}, [&] { put(out, at::zeros(dims(shape, rank), options_of(type, device))); });
}
GL int32_t gl_full(const int64_t* shape, int32_t rank, double value, int32_t type, int32_t device, Tensor** out) {
  return guard("full", {}, [&] { put(out, at::full(dims(shape, rank), value, options_of(type, device))); });
}
GL int32_t gl_from_data(const void* data, const int64_t* shape, int32_t rank, int32_t type, Tensor** out) {
  return guard("from_data", {}, [&] {
    Tensor t = at::empty(dims(shape, rank), options_of(type, -1));
    std::memcpy(t.data_ptr(), data, t.nbytes());
    put(out, t);
  });
}

// ---- information
GL int32_t gl_rank(Tensor* a) { return static_cast<int32_t>(a->dim()); }
GL void gl_sizes(Tensor* a, int64_t* out) {
  for (int64_t d = 0; d < a->dim(); d++) out[d] = a->size(d);
}
GL int64_t gl_numel(Tensor* a) { return a->numel(); }
GL int32_t gl_type(Tensor* a) { return static_cast<int32_t>(a->scalar_type()); }
GL int32_t gl_device(Tensor* a) { return a->is_cuda() ? static_cast<int32_t>(a->get_device()) : a->is_cpu() ? -1 : -2; }
GL int32_t gl_is_contiguous(Tensor* a) { return a->is_contiguous() ? 1 : 0; }
GL int32_t gl_requires_grad(Tensor* a) { return a->requires_grad() ? 1 : 0; }
GL int32_t gl_data(Tensor* a, void** out) {
  return guard("data", {a}, [&] { *out = a->data_ptr(); });
}

// ---- shape
GL int32_t gl_reshape(Tensor* a, const int64_t* shape, int32_t rank, Tensor** out) {
  return guard("reshape", {a}, [&] { put(out, a->reshape(dims(shape, rank))); });
}
GL int32_t gl_expand(Tensor* a, const int64_t* shape, int32_t rank, Tensor** out) {
  return guard("expand", {a}, [&] { put(out, a->expand(dims(shape, rank))); });
}
GL int32_t gl_permute(Tensor* a, const int64_t* order, int32_t rank, Tensor** out) {
  return guard("permute", {a}, [&] { put(out, a->permute(dims(order, rank))); });
}
GL int32_t gl_transpose(Tensor* a, int64_t d0, int64_t d1, Tensor** out) {
  return guard("transpose", {a}, [&] { put(out, a->transpose(d0, d1)); });
}
GL int32_t gl_unsqueeze(Tensor* a, int64_t dim, Tensor** out) {
  return guard("unsqueeze", {a}, [&] { put(out, a->unsqueeze(dim)); });
}
GL int32_t gl_squeeze(Tensor* a, int64_t dim, Tensor** out) {
  return guard("squeeze", {a}, [&] { put(out, a->squeeze(dim)); });
}
GL int32_t gl_narrow(Tensor* a, int64_t dim, int64_t start, int64_t length, Tensor** out) {
  return guard("narrow", {a}, [&] { put(out, a->narrow(dim, start, length)); });
}
GL int32_t gl_select(Tensor* a, int64_t dim, int64_t index, Tensor** out) {
  return guard("select", {a}, [&] { put(out, a->select(dim, index)); });
}
GL int32_t gl_split(Tensor* a, const int64_t* sizes, int32_t count, int64_t dim, Tensor** outs) {
  return guard("split", {a}, [&] {
    auto pieces = a->split_with_sizes(dims(sizes, count), dim);
    for (int32_t i = 0; i < count; i++) put(outs + i, pieces[static_cast<size_t>(i)]);
  });
}
GL int32_t gl_cat(Tensor* const* list, int32_t count, int64_t dim, Tensor** out) {
  return guard("cat", {}, [&] { put(out, at::cat(gathered(list, count), dim)); });
}
GL int32_t gl_stack(Tensor* const* list, int32_t count, int64_t dim, Tensor** out) {
  return guard("stack", {}, [&] { put(out, at::stack(gathered(list, count), dim)); });
}
UNARY(contiguous, a->contiguous())
UNARY(clone, a->clone())
UNARY(detach, a->detach())
GL int32_t gl_to_type(Tensor* a, int32_t type, Tensor** out) {
  return guard("to_type", {a}, [&] { put(out, a->to(static_cast<at::ScalarType>(type))); });
}
GL int32_t gl_to_device(Tensor* a, int32_t device, Tensor** out) {
  return guard("to_device", {a}, [&] { put(out, a->to(options_of(static_cast<int32_t>(a->scalar_type()), device))); });
}
GL int32_t gl_copy_(Tensor* a, Tensor* b) {
  return guard("copy_", {a, b}, [&] {
    at::NoGradGuard no_grad;
    a->copy_(*b);
  });
}
GL int32_t gl_index_select(Tensor* a, int64_t dim, Tensor* index, Tensor** out) {
  return guard("index_select", {a, index}, [&] { put(out, a->index_select(dim, *index)); });
}
GL int32_t gl_gather(Tensor* a, int64_t dim, Tensor* index, Tensor** out) {
  return guard("gather", {a, index}, [&] { put(out, a->gather(dim, *index)); });
}

// ---- elementwise
BINARY(add, a->add(*b))
BINARY(sub, a->sub(*b))
BINARY(mul, a->mul(*b))
BINARY(div, a->div(*b))
GL int32_t gl_add_scalar(Tensor* a, double s, Tensor** out) {
  return guard("add_scalar", {a}, [&] { put(out, a->add(s)); });
}
GL int32_t gl_mul_scalar(Tensor* a, double s, Tensor** out) {
  return guard("mul_scalar", {a}, [&] { put(out, a->mul(s)); });
}
GL int32_t gl_pow_scalar(Tensor* a, double s, Tensor** out) {
  return guard("pow_scalar", {a}, [&] { put(out, a->pow(s)); });
}
GL int32_t gl_add_(Tensor* a, Tensor* b, double alpha) {
  return guard("add_", {a, b}, [&] {
    at::NoGradGuard no_grad;
    a->add_(*b, alpha);
  });
}
UNARY(neg, a->neg())
// Not a->abs(): the second derivative of that is a tensor without data, which nothing can be added to (libtorch 1.13).
UNARY(abs, *a * a->sign().detach())
UNARY(sign, a->sign())
UNARY(square, a->square())
UNARY(sqrt, a->sqrt())
UNARY(rsqrt, a->rsqrt())
UNARY(exp, a->exp())
UNARY(log, a->log())
UNARY(sin, a->sin())
UNARY(cos, a->cos())
UNARY(tanh, a->tanh())
UNARY(sigmoid, a->sigmoid())
UNARY(relu, a->relu())
UNARY(gelu, at::gelu(*a))
UNARY(silu, at::silu(*a))
UNARY(isfinite, at::isfinite(*a))

// ---- products and reductions
BINARY(matmul, gaplab::matrix_product(*a, *b))
GL int32_t gl_bmm(Tensor* a, Tensor* b, Tensor** out) {
  return guard("bmm", {a, b}, [&] {
    TORCH_CHECK(a->dim() == 3 && b->dim() == 3 && a->size(0) == b->size(0) && a->size(2) == b->size(1), "expected [R, N, K] and [R, K, M]");
    put(out, gaplab::matrix_product(*a, *b));
  });
}
UNARY(sum, a->sum())
UNARY(mean, a->mean())
GL int32_t gl_sum_dim(Tensor* a, const int64_t* over, int32_t count, int32_t keep, Tensor** out) {
  return guard("sum_dim", {a}, [&] { put(out, a->sum(dims(over, count), keep != 0)); });
}
GL int32_t gl_mean_dim(Tensor* a, const int64_t* over, int32_t count, int32_t keep, Tensor** out) {
  return guard("mean_dim", {a}, [&] { put(out, a->mean(dims(over, count), keep != 0)); });
}
GL int32_t gl_argmax(Tensor* a, int64_t dim, Tensor** out) {
  return guard("argmax", {a}, [&] { put(out, a->argmax(dim)); });
}
GL int32_t gl_softmax(Tensor* a, int64_t dim, Tensor** out) {
  return guard("softmax", {a}, [&] { put(out, a->softmax(dim)); });
}
GL int32_t gl_log_softmax(Tensor* a, int64_t dim, Tensor** out) {
  return guard("log_softmax", {a}, [&] { put(out, a->log_softmax(dim)); });
}

// ---- the replica axis
GL int32_t gl_linear(Tensor* x, Tensor* w, Tensor** out) {
  return guard("linear", {x, w}, [&] { put(out, gaplab::linear(*x, *w)); });
}
GL int32_t gl_linear_three(Tensor* x, Tensor* w0, Tensor* w1, Tensor* w2, Tensor** outs) {
  return guard("linear_three", {x, w0, w1, w2}, [&] {
    auto found = gaplab::linear_three(*x, *w0, *w1, *w2);
    for (size_t i = 0; i < 3; i++) put(outs + i, found[i]);
  });
}
GL int32_t gl_embedding(Tensor* ids, Tensor* w, Tensor** out) {
  return guard("embedding", {ids, w}, [&] { put(out, gaplab::embedding(*ids, *w)); });
}
GL int32_t gl_rms_norm(Tensor* x, Tensor* gain, double eps, Tensor** out) {
  return guard("rms_norm", {x, gain}, [&] { put(out, gaplab::rms_norm(*x, gain ? c10::optional<Tensor>(*gain) : c10::nullopt, eps)); });
}
GL int32_t gl_rotary(Tensor* x, Tensor* cosine, Tensor* sine, int64_t time, int64_t heads, double eps, Tensor** out) {
  return guard("rotary", {x}, [&] { put(out, gaplab::rotary(*x, *cosine, *sine, time, heads, eps)); });
}
GL int32_t gl_attention(Tensor* q, Tensor* k, Tensor* v, int64_t time, int64_t heads, int32_t causal, Tensor** out) {
  return guard("attention", {q, k, v}, [&] { put(out, gaplab::attention(*q, *k, *v, time, heads, causal != 0)); });
}
UNARY(relu_squared, gaplab::relu_squared(*a))
GL int32_t gl_cross_entropy(Tensor* logits, Tensor* targets, Tensor** out) {
  return guard("cross_entropy", {logits, targets}, [&] { put(out, gaplab::cross_entropy(*logits, *targets)); });
}

// ---- autograd
GL int32_t gl_set_requires_grad(Tensor* a, int32_t on) {
  return guard("set_requires_grad", {a}, [&] { a->set_requires_grad(on != 0); });
}
GL int32_t gl_grad_mode(int32_t on) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(on != 0);
  return before ? 1 : 0;
}
GL int32_t gl_grad(Tensor* const* outputs, int32_t output_count, Tensor* const* inputs, int32_t input_count, Tensor* const* upstream,
                   int32_t upstream_count, int32_t graph, Tensor** out) {
  // graph: bit 0 records the gradient's own graph, bit 1 keeps the graph of the outputs for another pass.
  const c10::optional<bool> retain = (graph & 2) != 0 ? c10::optional<bool>(true) : c10::nullopt;
  return guard("grad", {outputs[0], inputs[0]}, [&] {
    auto found = torch::autograd::grad(gathered(outputs, output_count), gathered(inputs, input_count), gathered(upstream, upstream_count),
                                       retain, (graph & 1) != 0, /*allow_unused=*/true);
    for (int32_t i = 0; i < input_count; i++) {
      const Tensor& g = found[static_cast<size_t>(i)];
      put(out + i, g.defined() ? g : at::zeros_like(*inputs[i]));
    }
  });
}
