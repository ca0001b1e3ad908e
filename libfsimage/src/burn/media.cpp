#include <fsimage/burn/media.hpp>

namespace fsimage {

std::string_view to_string(MediaState state) noexcept {
  switch (state) {
    case MediaState::absent: return "absent";
    case MediaState::blank: return "blank";
    case MediaState::appendable: return "appendable";
    case MediaState::closed: return "closed";
  }
  return "unknown";
}

}  // namespace fsimage
