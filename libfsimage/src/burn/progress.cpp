#include <fsimage/burn/progress.hpp>

#include <algorithm>

namespace fsimage {

unsigned BufferFill::percent() const {
  return size == 0 ? 0 : static_cast<unsigned>(100 * std::min(used, size) / size);
}

std::optional<std::chrono::steady_clock::duration> BurnProgress::remaining() const {
  constexpr std::uint64_t kMilli = 1000;
  if (done >= total) return std::chrono::steady_clock::duration{};
  if (bytes_per_second == 0) return std::nullopt;
  return std::chrono::milliseconds((total - done).bytes() * kMilli / bytes_per_second);
}

std::string_view to_string(Phase phase) noexcept {
  switch (phase) {
    case Phase::preparing: return "preparing";
    case Phase::formatting: return "formatting";
    case Phase::calibrating: return "calibrating";
    case Phase::writing: return "writing";
    case Phase::closing: return "closing";
    case Phase::verifying: return "verifying";
    case Phase::done: return "done";
  }
  return "unknown";
}

}  // namespace fsimage
