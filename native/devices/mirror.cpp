// A device of our own beside the CPU, by which the path of a GPU is tested where there is none: its tensors lie in the CPU's memory, but
// nothing takes them for the CPU's. What mixes the two fails as it would on a GPU, and no fused operation of the CPU applies.
//
// libtorch keeps a place for such devices (PrivateUse1). Whatever it has no kernel for there comes to `on_cpu`: the operands are relabelled
// as the CPU's, its kernel is called, and the results are relabelled back. No number is copied but where a tensor goes from one to the
// other.
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace {

using at::Tensor;
using c10::IValue;

constexpr auto kMirror = c10::DeviceType::PrivateUse1;

bool is_mirror(const Tensor& t) { return t.device().type() == kMirror; }

// The same numbers under another device's label; the new storage keeps the old one alive.
Tensor relabelled(const Tensor& t, c10::Device device, c10::DispatchKey key) {
  auto* kept = new c10::Storage(t.storage());
  c10::DataPtr data(
      kept->data_ptr().get(), kept, [](void* p) { delete static_cast<c10::Storage*>(p); }, device);
  c10::Storage same(c10::Storage::use_byte_size_t(), static_cast<int64_t>(t.storage().nbytes()), std::move(data), nullptr, false);
  Tensor labelled = at::detail::make_tensor<c10::TensorImpl>(std::move(same), c10::DispatchKeySet(key), t.dtype());
  auto* impl = labelled.unsafeGetTensorImpl();
  impl->set_sizes_and_strides(t.sizes(), t.strides());
  impl->set_storage_offset(t.storage_offset());
  return labelled;
}

Tensor to_cpu(const Tensor& t) { return t.defined() && is_mirror(t) ? relabelled(t, at::kCPU, c10::DispatchKey::CPU) : t; }

Tensor to_mirror(const Tensor& t) {
  return t.defined() && !is_mirror(t) ? relabelled(t, c10::Device(kMirror, 0), c10::DispatchKey::PrivateUse1) : t;
}

// A view that a CPU kernel made of `base`, as a view of base itself.
Tensor view_of(const Tensor& base, const Tensor& made) {
  Tensor view = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(base.storage()), base.key_set(), base.dtype());
  auto* impl = view.unsafeGetTensorImpl();
  impl->set_sizes_and_strides(made.sizes(), made.strides());
  impl->set_storage_offset(made.storage_offset());
  return view;
}

IValue operand(const IValue& given, bool& strange) {
  auto one = [&](const Tensor& t) {
    // A number may come as a CPU tensor without dimensions; anything larger belongs on the device.
    strange |= t.defined() && t.device().is_cpu() && t.dim() > 0;
    return to_cpu(t);
  };
  if (given.isTensor()) return one(given.toTensor());
  if (given.isDevice()) return given.toDevice().type() == kMirror ? IValue(c10::Device(at::kCPU)) : given;
  if (given.isTensorList()) {
    c10::List<Tensor> list;
    for (const Tensor& t : given.toTensorVector()) list.push_back(one(t));
    return list;
  }
  if (given.isOptionalTensorList()) {
    c10::List<c10::optional<Tensor>> list;
    for (const c10::optional<Tensor>& t : given.toOptionalTensorVector())
      list.push_back(t.has_value() ? c10::optional<Tensor>(one(*t)) : c10::nullopt);
    return list;
  }
  return given;
}

// The operand that a result shares memory with by the operation's schema; null where it shares none.
const IValue* aliased(const c10::FunctionSchema& schema, const c10::AliasInfo* of, const std::vector<IValue>& given) {
  if (of == nullptr) return nullptr;
  for (size_t i = 0; i < given.size(); i++) {
    const auto* info = schema.arguments()[i].alias_info();
    if (info != nullptr && info->beforeSets() == of->beforeSets() && given[i].isTensor()) return &given[i];
  }
  return nullptr;
}

// An output that comes empty, to be given its size and memory by the kernel.
bool is_yet_to_be_sized(const c10::FunctionSchema& schema, const std::vector<IValue>& given, size_t i) {
  const auto* info = schema.arguments()[i].alias_info();
  return info != nullptr && info->isWrite() && given[i].isTensor() && given[i].toTensor().defined() &&
         given[i].toTensor().storage().nbytes() == 0;
}

Tensor fresh(const Tensor& t) { return at::empty({0}, t.options().device(at::kCPU)); }

void adopt(const Tensor& output, const Tensor& made) {
  const Tensor mirrored = to_mirror(made);
  auto* impl = output.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(mirrored.storage());
  impl->set_sizes_and_strides(mirrored.sizes(), mirrored.strides());
  impl->set_storage_offset(mirrored.storage_offset());
}

void on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& schema = op.schema();
  const size_t count = schema.arguments().size(), first = stack->size() - count;
  const std::vector<IValue> given(stack->begin() + static_cast<int64_t>(first), stack->end());
  bool strange = false;
  for (size_t i = 0; i < count; i++)
    (*stack)[first + i] = is_yet_to_be_sized(schema, given, i) ? IValue(fresh(given[i].toTensor())) : operand(given[i], strange);
  const std::vector<IValue> called(stack->begin() + static_cast<int64_t>(first), stack->end());
  TORCH_CHECK(!strange, "Expected all tensors to be on the same device, but ", schema.name(), " got tensors of the mirror and of the CPU");
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  for (size_t i = 0; i < count; i++)
    if (is_yet_to_be_sized(schema, given, i)) adopt(given[i].toTensor(), called[i].toTensor());
  for (size_t i = 0; i < schema.returns().size(); i++) {
    IValue& made = (*stack)[first + i];
    const auto* info = schema.returns()[i].alias_info();
    const IValue* base = aliased(schema, info, given);
    if (base != nullptr)
      made = info->isWrite() ? *base : IValue(view_of(base->toTensor(), made.toTensor()));
    else if (made.isTensor())
      made = to_mirror(made.toTensor());
    else if (made.isTensorList()) {
      c10::List<Tensor> list;
      for (const Tensor& t : made.toTensorVector()) list.push_back(to_mirror(t));
      made = list;
    }
  }
}

Tensor copy_from(const Tensor& from, const Tensor& to, bool) {
  to_cpu(to).copy_(to_cpu(from));
  return to;
}

// Of convolutions libtorch asks a device for kernels by these names.
Tensor convolution(const Tensor& x, const Tensor& w, const c10::optional<Tensor>& bias, at::IntArrayRef stride, at::IntArrayRef padding,
                   at::IntArrayRef dilation, bool transposed, at::IntArrayRef output_padding, int64_t groups) {
  c10::optional<Tensor> b = bias.has_value() && bias->defined() ? c10::optional<Tensor>(to_cpu(*bias)) : c10::nullopt;
  return to_mirror(at::convolution(to_cpu(x), to_cpu(w), b, stride, padding, dilation, transposed, output_padding, groups));
}

std::tuple<Tensor, Tensor, Tensor> convolution_backward(const Tensor& grad, const Tensor& x, const Tensor& w, at::IntArrayRef stride,
                                                        at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                                                        at::IntArrayRef output_padding, int64_t groups, std::array<bool, 3> mask) {
  auto found = at::convolution_backward(to_cpu(grad), to_cpu(x), to_cpu(w), c10::nullopt, stride, padding, dilation, transposed,
                                        output_padding, groups, mask);
  return {to_mirror(std::get<0>(found)), to_mirror(std::get<1>(found)), to_mirror(std::get<2>(found))};
}

// One device with one stream, on which everything is done when a call returns.
struct MirrorGuard final : c10::impl::DeviceGuardImplInterface {
  static c10::Device the_one() { return c10::Device(kMirror, 0); }
  static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, the_one()); }

  c10::DeviceType type() const override { return kMirror; }
  c10::Device exchangeDevice(c10::Device) const override { return the_one(); }
  c10::Device getDevice() const override { return the_one(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
  c10::Stream getDefaultStream(c10::Device) const override { return stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override {}
};

}  // namespace

C10_REGISTER_GUARD_IMPL(PrivateUse1, MirrorGuard);

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&on_cpu>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("_copy_from", &copy_from);
  m.impl("convolution_overrideable", &convolution);
  m.impl("convolution_backward_overrideable", &convolution_backward);
}
