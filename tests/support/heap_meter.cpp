#include "heap_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> g_held{0}, g_peak{0};

void* take(std::size_t size, std::size_t alignment) {
  void* p = alignment <= alignof(std::max_align_t)
                ? std::malloc(size == 0 ? 1 : size)
                : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) return nullptr;
  const auto held = g_held.fetch_add(malloc_usable_size(p)) + malloc_usable_size(p);
  auto peak = g_peak.load();
  while (held > peak && !g_peak.compare_exchange_weak(peak, held)) {}
  return p;
}

void* take_or_throw(std::size_t size, std::size_t alignment = 0) {
  if (void* p = take(size, alignment)) return p;
  throw std::bad_alloc();
}

void give(void* p) noexcept {
  if (p == nullptr) return;
  g_held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

// All forms, or those of a sanitizer would be found for the others.
void* operator new(std::size_t n) { return take_or_throw(n); }
void* operator new[](std::size_t n) { return take_or_throw(n); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return take(n, 0); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return take(n, 0); }
void* operator new(std::size_t n, std::align_val_t a) { return take_or_throw(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return take_or_throw(n, static_cast<std::size_t>(a)); }
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, std::size_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t) noexcept { give(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { give(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { give(p); }
void operator delete(void* p, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, std::align_val_t) noexcept { give(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { give(p); }

namespace fsimage::test {

HeapMeter::HeapMeter() : before_(g_held.load()) { g_peak = before_; }
std::size_t HeapMeter::peak() const { return g_peak.load() - before_; }

}  // namespace fsimage::test
