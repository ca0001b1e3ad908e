#include <fsimage/burn/progress.hpp>

namespace fsimage {

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
