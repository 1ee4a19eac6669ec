// The C ABI's operations on images: unpacking rows, convolution, pooling and normalisation. Feature maps are [B, R·C, H, W], a replica
// beside the other in the channels.
#include "abi.h"

using namespace gaplab;

// Rows int64 [R, B, L] hold an image's bytes eight to an integer from `word` on; the result, (x/255 − mean)/deviation by channel, is [R, B,
// C·P] or, by_batch, [B, R·C, P].
GL int32_t gl_unpack_images(Tensor* rows, int64_t word, int64_t plane, const double* mean, const double* deviation, int32_t channels,
                            int32_t by_batch, int32_t type, Tensor** out) {
  return guard("unpack_images", {rows}, [&] {
    TORCH_CHECK(rows->dim() == 3 && rows->stride(2) == 1, "expected rows [R, B, L]");
    const int64_t R = rows->size(0), B = rows->size(1), count = channels * plane;
    TORCH_CHECK(word >= 0 && word + (count + 7) / 8 <= rows->size(2), "an image of ", count, " bytes does not fit into rows of ",
                rows->size(2));
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(type));
    Tensor images = by_batch ? at::empty({B, R * channels, plane}, options) : at::empty({R, B, count}, options);
    const int64_t* ids = rows->data_ptr<int64_t>();
    AT_DISPATCH_FLOATING_TYPES(images.scalar_type(), "unpack_images", [&] {
      std::vector<scalar_t> table(static_cast<size_t>(channels) * 256);
      for (int64_t c = 0; c < channels; c++)
        for (int64_t v = 0; v < 256; v++) table[c * 256 + v] = static_cast<scalar_t>((v / 255.0 - mean[c]) / deviation[c]);
      for (int64_t r = 0; r < R; r++)
        for (int64_t b = 0; b < B; b++) {
          const int64_t* packed = ids + r * rows->stride(0) + b * rows->stride(1) + word;
          scalar_t* image = images.data_ptr<scalar_t>() + (by_batch ? b * R + r : r * B + b) * count;
          for (int64_t c = 0; c < channels; c++) {
            const scalar_t* value = table.data() + c * 256;
            for (int64_t i = c * plane; i < (c + 1) * plane; i++) image[i] = value[(packed[i >> 3] >> ((i & 7) * 8)) & 255];
          }
        }
    });
    put(out, images);
  });
}

// x [B, R·I, H, W], w [R, O, I, K, K]: a convolution in R groups, each with its own weights.
GL int32_t gl_conv2d(Tensor* x, Tensor* w, int64_t stride, int64_t padding, Tensor** out) {
  return guard("conv2d", {x, w}, [&] {
    TORCH_CHECK(x->dim() == 4 && w->dim() == 5 && x->size(1) == w->size(0) * w->size(2), "expected x [B, R·I, H, W] and w [R, O, I, K, K]");
    put(out, at::conv2d(*x, w->reshape({w->size(0) * w->size(1), w->size(2), w->size(3), w->size(4)}), {}, {stride, stride},
                        {padding, padding}, {1, 1}, w->size(0)));
  });
}
GL int32_t gl_max_pool2d(Tensor* x, int64_t kernel, int64_t stride, Tensor** out) {
  return guard("max_pool2d", {x}, [&] { put(out, at::max_pool2d(*x, {kernel, kernel}, {stride, stride})); });
}
// Normalisation over batch and positions, each channel of each replica for itself; mean and variance are read, or moved towards the
// batch's, where given.
GL int32_t gl_batch_norm(Tensor* x, Tensor* gain, Tensor* bias, Tensor* mean, Tensor* variance, int32_t training, double momentum,
                         double eps, Tensor** out) {
  return guard("batch_norm", {x}, [&] {
    auto optional = [](Tensor* t) { return t ? c10::optional<Tensor>(t->reshape({-1})) : c10::nullopt; };
    put(out, at::batch_norm(*x, optional(gain), optional(bias), optional(mean), optional(variance), training != 0, momentum, eps, false));
  });
}
GL int32_t gl_group_norm(Tensor* x, int64_t groups, Tensor* gain, Tensor* bias, double eps, Tensor** out) {
  return guard("group_norm", {x}, [&] {
    auto optional = [](Tensor* t) { return t ? c10::optional<Tensor>(t->reshape({-1})) : c10::nullopt; };
    put(out, at::group_norm(*x, groups, optional(gain), optional(bias), eps, false));
  });
}
// x [R, N, D] over its last dimension, gain and bias [R, D]; one replica's go into libtorch's own operation.
GL int32_t gl_layer_norm(Tensor* x, Tensor* gain, Tensor* bias, double eps, Tensor** out) {
  return guard("layer_norm", {x, gain, bias}, [&] {
    TORCH_CHECK(x->dim() == 3, "expected x [R, N, D]");
    const int64_t width = x->size(2);
    auto one = [](Tensor* t) { return t ? c10::optional<Tensor>(widened(t->reshape({-1}))) : c10::nullopt; };
    if (x->size(0) == 1) {
      put(out, at::layer_norm(widened(*x), {width}, one(gain), one(bias), eps, false).to(x->scalar_type()));
      return;
    }
    Tensor y = at::layer_norm(widened(*x), {width}, {}, {}, eps, false).to(x->scalar_type());
    if (gain) y = y * gain->unsqueeze(1);
    put(out, bias ? y + bias->unsqueeze(1) : y);
  });
}
