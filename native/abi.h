// What every file of the C ABI needs: errors as a status and a message, and tensors handed out by pointer.
#pragma once
#include "fused/fused.h"
#include <atomic>
#include <initializer_list>
#include <new>
#include <sstream>
#include <string>

#define GL extern "C" __attribute__((visibility("default")))

namespace gaplab {

extern thread_local std::string last_error;
extern std::atomic<int64_t> live;

enum Status : int32_t { kOk = 0, kTorch = 1, kOutOfMemory = 2, kUnknown = 3 };

std::string describe(const char* name, std::initializer_list<const Tensor*> operands, const char* what);
bool is_out_of_memory(const std::string& message);

template <class F>
int32_t guard(const char* name, std::initializer_list<const Tensor*> operands, F&& f) noexcept {
  try {
    f();
    return kOk;
  } catch (const std::bad_alloc& e) {
    last_error = describe(name, operands, "out of memory");
    return kOutOfMemory;
  } catch (const c10::Error& e) {
    last_error = describe(name, operands, e.what_without_backtrace());
    return is_out_of_memory(last_error) ? kOutOfMemory : kTorch;
  } catch (const std::exception& e) {
    last_error = describe(name, operands, e.what());
    return is_out_of_memory(last_error) ? kOutOfMemory : kTorch;
  } catch (...) {
    last_error = describe(name, operands, "unknown native exception");
    return kUnknown;
  }
}

inline void put(Tensor** out, Tensor value) {
  *out = new Tensor(std::move(value));
  live.fetch_add(1, std::memory_order_relaxed);
}

inline at::IntArrayRef dims(const int64_t* p, int32_t n) { return at::IntArrayRef(p, static_cast<size_t>(n)); }

}  // namespace gaplab

#define UNARY(name, expression)                              \
  GL int32_t gl_##name(Tensor* a, Tensor** out) {            \
    return guard(#name, {a}, [&] { put(out, expression); }); \
  }
#define BINARY(name, expression)                                \
  GL int32_t gl_##name(Tensor* a, Tensor* b, Tensor** out) {    \
    return guard(#name, {a, b}, [&] { put(out, expression); }); \
  }
