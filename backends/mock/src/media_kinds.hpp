// What tells the kinds of media apart. Private to the backend; constants.
#pragma once

#include <fsimage/burn/media.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace fsimage::mock {

inline constexpr std::uint16_t kRestrictedOverwrite = 0x0013;  // profile of a DVD-RW, MMC-5 5.3.1

// Which of the rules of MMC-5 4.3 to 4.5 a medium follows.
enum class Recording : std::uint8_t { cd, dvd_minus, dvd_plus, srm, overwrite };

struct MediumKind {
  std::string_view name;  // as `media=` has it
  MediaType type;
  std::uint16_t profile;  // MMC-5 5.3.1
  Recording recording;
  bool erasable;
  std::uint32_t capacity;                      // blocks, of a usual disc
  std::uint32_t unit;                          // blocks of the smallest piece that is written: the ECC block
  std::uint32_t first_gap, later_gap;          // blocks from the end of a session to the first block of the next
  std::uint32_t most_tracks;                   // nothing can be added when there are so many
  std::uint8_t format_type, full_format_type;  // of FORMAT UNIT, MMC-5 6.5.4.2; overwritable media
  std::array<std::uint32_t, 3> speeds;         // in 1000 bytes a second, falling; 0 ends them

  bool sequential() const { return recording != Recording::overwrite; }
  bool is_cd() const { return recording == Recording::cd; }
  bool is_bd() const { return type == MediaType::bd_r || type == MediaType::bd_re; }
};

std::span<const MediumKind> medium_kinds();
const MediumKind* find_kind(std::string_view name);  // null when there is none
// The other form of a medium that has two: a DVD-RW is sequential or overwritable. Else the same.
const MediumKind& overwritable_form(const MediumKind&);
const MediumKind& sequential_form(const MediumKind&);

}  // namespace fsimage::mock
