// The state of a medium now. Values.
#pragma once

#include <fsimage/core/units.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace fsimage {

// IMAPI_MEDIA_PHYSICAL_TYPE has a row for each disc; `file` is ours: an image file is a medium.
enum class MediaType : std::uint8_t { unknown, file };

enum class MediaState : std::uint8_t { absent, blank, appendable, closed };
std::string_view to_string(MediaState) noexcept;

struct Media {
  MediaType type = MediaType::unknown;
  MediaState state = MediaState::absent;
  BlockCount used;                 // blocks that hold something
  std::optional<BlockCount> free;  // blocks that a burn may take; nullopt when unknown or unlimited
};

}  // namespace fsimage
