#include "volume_blocks.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace fsimage::volume {
namespace {

// A window begins small, so that scattered structures cost little, and doubles while reading goes on behind it.
constexpr std::size_t kFirstWindow = 16 * 1024;
constexpr std::size_t kLargestWindow = 256 * 1024;
static_assert(kLargestWindow >= kMaxView + kBlockSize);

}  // namespace

void Blocks::check(std::uint64_t offset, std::uint64_t length, std::string_view clause) const {
  if (contains(offset, length)) return;
  throw Error(Errc::corrupt_structure, {.path = {}, .lba = lba_of(offset), .clause = std::string(clause)},
              "address beyond the end of the image (" + std::to_string(size_ / kBlockSize) + " blocks)");
}

const Blocks::Window& Blocks::window_for(std::uint64_t offset, std::size_t length) {
  const auto holds = [&](const Window& w) {
    return offset >= w.start && offset - w.start <= w.bytes.size() && length <= w.bytes.size() - (offset - w.start);
  };
  if (holds(windows_[last_])) return windows_[last_];
  std::size_t victim = 0;
  std::size_t want = kFirstWindow;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    if (holds(windows_[i])) {
      last_ = i;
      windows_[i].used = ++clock_;
      return windows_[i];
    }
    if (windows_[i].used < windows_[victim].used) victim = i;
  }
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const auto& w = windows_[i];
    if (w.bytes.empty() || offset < w.start || offset - w.start > 2 * w.bytes.size()) continue;
    victim = i;
    want = std::min(2 * w.bytes.size(), kLargestWindow);
    break;
  }
  const auto first = offset - offset % kBlockSize;
  auto start = first;
  const auto needed = static_cast<std::size_t>(offset - start) + length;
  want = std::max(want, needed);
  // Who reads backwards will want what lies before.
  const auto last = windows_[last_].start;
  if (start < last && last - start <= kFirstWindow)
    start -= std::min<std::uint64_t>(start, (want - needed) / kBlockSize * kBlockSize);
  Window& w = windows_[victim];
  w.used = ++clock_;
  last_ = victim;
  if (want > needed) {
    try {
      fill(w, start, want);
      return w;
    } catch (const Error& e) {
      if (e.code() != std::errc::io_error) throw;  // a bad block that nobody asked for harms nobody
    }
  }
  fill(w, first, needed);
  return w;
}

void Blocks::fill(Window& w, std::uint64_t start, std::size_t length) {
  w.bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - start)));
  w.start = start;
  try {
    source_.read_at(start, w.bytes);
  } catch (...) {
    w.bytes.clear();
    throw;
  }
}

std::span<const std::byte> Blocks::view(std::uint64_t offset, std::size_t length, std::string_view clause) {
  check(offset, length, clause);
  if (length > kMaxView) throw std::logic_error("view longer than a window");
  const Window& w = window_for(offset, length);
  return std::span(w.bytes).subspan(static_cast<std::size_t>(offset - w.start), length);
}

void Blocks::read(std::uint64_t offset, std::span<std::byte> out, std::string_view clause) {
  check(offset, out.size(), clause);
  if (out.size() > kMaxView / 2) return source_.read_at(offset, out);
  if (out.empty()) return;
  const auto from = view(offset, out.size(), clause);
  std::memcpy(out.data(), from.data(), out.size());
}

Blocks::Tail& Blocks::tail(std::uint64_t end) {
  const auto found = std::find_if(tails_.begin(), tails_.end(), [&](const Tail& t) { return t.end == end; });
  return found == tails_.end() ? tails_.emplace_back(Tail{.end = end}) : *found;
}

}  // namespace fsimage::volume
