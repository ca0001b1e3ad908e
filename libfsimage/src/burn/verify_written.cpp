#include "verify_written.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace fsimage {
namespace {

constexpr std::uint32_t kSpread = 32;     // blocks from everywhere
constexpr std::uint32_t kStructures = 8;  // from the first descriptor on
constexpr std::uint32_t kDescriptorAt = 16, kAnchorAt = 256;

using Block = std::array<std::byte, kBlockSize>;

[[noreturn]] void not_there(std::string_view what) { throw Error(Errc::verification_failed, {}, what); }

// False when the medium has another block there. A block that cannot be read is the recorder's error.
bool same_block(const Block& wanted, const ByteSource& medium, Lba at) {
  const auto offset = at.byte_offset();
  if (offset > medium.size() || kBlockSize > medium.size() - offset) return false;
  Block found;
  medium.read_at(offset, found);
  return found == wanted;
}

}  // namespace

void check_told_session(const ResultImage& image, const Media& before, const Media& after, bool close_disc) {
  const auto state = std::string(to_string(after.state));
  if (after.state != MediaState::appendable && after.state != MediaState::closed)
    not_there("the disc says of itself that it is " + state);
  if (after.media_class != MediaClass::sequential) return;
  const auto end = image.first_block() + image.total_blocks();
  const auto holds = std::ranges::any_of(after.sessions, [&](const MediaSession& s) {
    return s.first <= image.first_block() && s.last + BlockCount{1} >= end;
  });
  if (!holds || after.sessions.size() <= before.sessions.size())
    not_there("the disc does not tell of a session in blocks " + std::to_string(image.first_block().value) + " to " +
              std::to_string(end.value - 1));
  if (close_disc && after.state != MediaState::closed) not_there("the disc was to be closed, and is " + state);
}

void check_sample_blocks(const ResultImage& image, const ByteSource& medium) {
  const auto total = image.total_blocks().value;
  const auto check = [&](std::uint32_t block) {
    if (block >= total) return;
    Block wanted;
    image.read_at(Lba{block}.byte_offset(), wanted);
    const auto at = image.first_block() + BlockCount{block};
    if (!same_block(wanted, medium, at))
      throw Error(Errc::verification_failed, {.path = image.path_at(at), .lba = at, .clause = {}},
                  "the block on the disc is not that of the image");
  };
  for (std::uint32_t i = 0; i < kStructures; ++i) check(kDescriptorAt + i);
  check(kAnchorAt);
  for (std::uint32_t i = 0; i < kSpread; ++i) check(static_cast<std::uint32_t>(std::uint64_t{total} * i / kSpread));
  check(total - 1);
}

void check_replaced_blocks(const ResultImage& image, const ByteSource& medium) {
  for (const auto& e : image.replaced()) {
    for (std::uint64_t offset = 0; offset < e.bytes->size(); offset += kBlockSize) {
      Block wanted;
      e.bytes->read_at(offset, wanted);
      const auto at = e.start + BlockCount{static_cast<std::uint32_t>(offset / kBlockSize)};
      if (!same_block(wanted, medium, at))
        throw Error(Errc::verification_failed, {.path = {}, .lba = at, .clause = {}},
                    "the block was to be replaced by one of " + e.label);
    }
  }
}

}  // namespace fsimage
