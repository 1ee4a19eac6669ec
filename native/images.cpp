// Decoding PNG and JPEG to red, green, blue bytes, by libpng and libjpeg; a library of its own, without libtorch. Nothing escapes: a status, and a message in the caller's buffer.
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jpeglib.h>
#include <jerror.h>
#include <png.h>

#define GL extern "C" __attribute__((visibility("default")))

namespace {

enum Status : int32_t { kOk = 0, kBroken = 1, kOutOfMemory = 2 };

struct Message {
  char* text;
  int32_t capacity;
  void set(const char* what) const {
    std::snprintf(text, static_cast<size_t>(capacity), "%s", what);
    for (char* c = text; *c != 0; c++)
      if (*c == '\n' || *c == '\r') *c = ' ';
  }
};

// Refuses what would take more memory than the caller allows, before anything is allocated for it.
bool fits(int64_t width, int64_t height, int64_t max_pixels, const Message& message) {
  if (width > 0 && height > 0 && width <= max_pixels / height) return true;
  char text[160];
  std::snprintf(text, sizeof text, "its header says %lld x %lld pixels; expected at most %lld in all", static_cast<long long>(width), static_cast<long long>(height), static_cast<long long>(max_pixels));
  message.set(text);
  return false;
}

// What outlives a longjmp lies in structs on the caller's frame, so that no local is clobbered.
struct Png {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const uint8_t* data = nullptr;
  int64_t size = 0, at = 0;
  uint8_t* pixels = nullptr;
  Message message{};
  char error[200] = "";
};

void png_failed(png_structp png, png_const_charp what) {
  Png* state = static_cast<Png*>(png_get_error_ptr(png));
  std::snprintf(state->error, sizeof state->error, "%s", what);
  png_longjmp(png, 1);
}

void png_warned(png_structp, png_const_charp) {}

void png_take(png_structp png, png_bytep out, size_t count) {
  Png* state = static_cast<Png*>(png_get_io_ptr(png));
  if (static_cast<int64_t>(count) > state->size - state->at) png_error(png, "the file is cut off");
  std::memcpy(out, state->data + state->at, count);
  state->at += static_cast<int64_t>(count);
}

int32_t decode_png(Png& s, int64_t max_pixels, int32_t* width, int32_t* height) {
  s.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, png_failed, png_warned);
  if (s.png != nullptr) s.info = png_create_info_struct(s.png);
  if (s.info == nullptr) {
    png_destroy_read_struct(&s.png, &s.info, nullptr);
    return kOutOfMemory;
  }
  if (setjmp(png_jmpbuf(s.png)) != 0) {
    png_destroy_read_struct(&s.png, &s.info, nullptr);
    std::free(s.pixels);
    s.pixels = nullptr;
    s.message.set(s.error);
    return kBroken;
  }
  png_set_read_fn(s.png, &s, png_take);
  png_set_user_limits(s.png, 0x7fffffff, 0x7fffffff);  // fits() decides
  png_set_chunk_malloc_max(s.png, 16 << 20);
  png_read_info(s.png, s.info);
  if (!fits(png_get_image_width(s.png, s.info), png_get_image_height(s.png, s.info), max_pixels, s.message)) {
    png_destroy_read_struct(&s.png, &s.info, nullptr);
    return kBroken;
  }
  png_set_expand(s.png);      // palettes, few bits, transparency
  png_set_scale_16(s.png);
  png_set_gray_to_rgb(s.png);
  png_set_strip_alpha(s.png);
  png_set_interlace_handling(s.png);
  png_read_update_info(s.png, s.info);
  const size_t w = png_get_image_width(s.png, s.info), h = png_get_image_height(s.png, s.info);
  if (png_get_rowbytes(s.png, s.info) != 3 * w) png_error(s.png, "unexpected pixel format");
  s.pixels = static_cast<uint8_t*>(std::malloc(3 * w * h));
  if (s.pixels == nullptr) {
    png_destroy_read_struct(&s.png, &s.info, nullptr);
    return kOutOfMemory;
  }
  const int passes = png_get_interlace_type(s.png, s.info) == PNG_INTERLACE_NONE ? 1 : 7;
  for (int pass = 0; pass < passes; pass++)
    for (size_t y = 0; y < h; y++) png_read_row(s.png, s.pixels + 3 * w * y, nullptr);
  png_read_end(s.png, nullptr);  // the end's checksums too: a file that stops here is cut off
  png_destroy_read_struct(&s.png, &s.info, nullptr);
  *width = static_cast<int32_t>(w);
  *height = static_cast<int32_t>(h);
  return kOk;
}

struct Jpeg {
  jpeg_error_mgr errors{};  // libjpeg hands this back, so it stands first
  jmp_buf jump;
  jpeg_decompress_struct file{};
  uint8_t* pixels = nullptr;
  char error[JMSG_LENGTH_MAX] = "";
};

void jpeg_failed(j_common_ptr file) {
  Jpeg* state = reinterpret_cast<Jpeg*>(file->err);
  file->err->format_message(file, state->error);
  std::longjmp(state->jump, 1);
}

// Of the warnings, those that mean missing or broken image data are errors here; libjpeg would fill in grey.
void jpeg_warned(j_common_ptr file, int level) {
  if (level >= 0) return;
  const int code = file->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC || code == JWRN_NOT_SEQUENTIAL) jpeg_failed(file);
}

int32_t decode_jpeg(Jpeg& s, const uint8_t* data, int64_t size, int64_t max_pixels, int32_t* width, int32_t* height, const Message& message) {
  s.file.err = jpeg_std_error(&s.errors);
  s.errors.error_exit = jpeg_failed;
  s.errors.emit_message = jpeg_warned;
  if (setjmp(s.jump) != 0) {
    jpeg_destroy_decompress(&s.file);
    std::free(s.pixels);
    s.pixels = nullptr;
    message.set(s.error);
    return kBroken;
  }
  jpeg_create_decompress(&s.file);
  s.file.mem->max_memory_to_use = 512L << 20;
  jpeg_mem_src(&s.file, const_cast<uint8_t*>(data), static_cast<unsigned long>(size));
  jpeg_read_header(&s.file, TRUE);
  if (!fits(s.file.image_width, s.file.image_height, max_pixels, message)) {
    jpeg_destroy_decompress(&s.file);
    return kBroken;
  }
  if (s.file.jpeg_color_space == JCS_CMYK || s.file.jpeg_color_space == JCS_YCCK) {
    jpeg_destroy_decompress(&s.file);
    message.set("its colours are CMYK; expected red, green, blue or grey: convert it");
    return kBroken;
  }
  s.file.out_color_space = JCS_RGB;
  jpeg_start_decompress(&s.file);
  const size_t w = s.file.output_width, h = s.file.output_height;
  s.pixels = static_cast<uint8_t*>(std::malloc(3 * w * h));
  if (s.pixels == nullptr) {
    jpeg_destroy_decompress(&s.file);
    return kOutOfMemory;
  }
  while (s.file.output_scanline < s.file.output_height) {
    JSAMPROW row = s.pixels + 3 * w * s.file.output_scanline;
    jpeg_read_scanlines(&s.file, &row, 1);
  }
  jpeg_finish_decompress(&s.file);
  jpeg_destroy_decompress(&s.file);
  *width = static_cast<int32_t>(w);
  *height = static_cast<int32_t>(h);
  return kOk;
}

}  // namespace

// Pixels [H, W, 3] of an image whose first bytes say PNG or JPEG; give them back to gl_free_image. The message is filled in for every other status.
GL int32_t gl_decode_image(const uint8_t* data, int64_t size, int64_t max_pixels, uint8_t** pixels, int32_t* width, int32_t* height, char* text, int32_t capacity) {
  static const uint8_t png_magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  const Message message{text, capacity};
  *pixels = nullptr;
  int32_t status = kBroken;
  if (size >= 8 && std::memcmp(data, png_magic, 8) == 0) {
    Png state;
    state.data = data;
    state.size = size;
    state.message = message;
    status = decode_png(state, max_pixels, width, height);
    *pixels = state.pixels;
  } else if (size >= 3 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff) {
    Jpeg state;
    status = decode_jpeg(state, data, size, max_pixels, width, height, message);
    *pixels = state.pixels;
  } else {
    message.set("starts like neither a PNG nor a JPEG image");
  }
  if (status == kOutOfMemory) message.set("out of memory");
  return status;
}
GL void gl_free_image(uint8_t* pixels) { std::free(pixels); }
