// What lies in a recorder, as it is now. Values: a recorder makes them, everybody may copy them.
#pragma once

#include <fsimage/core/units.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// The values of IMAPI_MEDIA_PHYSICAL_TYPE; `file` is ours: an image file is a medium.
enum class MediaType : std::uint8_t {
  unknown,
  cd_rom,
  cd_r,
  cd_rw,
  dvd_rom,
  dvd_ram,
  dvd_plus_r,
  dvd_plus_rw,
  dvd_plus_r_dl,
  dvd_minus_r,
  dvd_minus_rw,
  dvd_minus_r_dl,
  disk,
  dvd_plus_rw_dl,
  hd_dvd_rom,
  hd_dvd_r,
  hd_dvd_ram,
  bd_rom,
  bd_r,
  bd_re,
  file = 32,
};
std::string_view to_string(MediaType) noexcept;  // "cd-r", "dvd+r-dl", "file": as the command line spells them
std::optional<MediaType> parse_media_type(std::string_view) noexcept;

// How a medium takes data: a DVD-RW is either, as it is formatted.
enum class MediaClass : std::uint8_t {
  read_only,
  sequential,    // at the next writable address only, in sessions
  overwritable,  // anywhere, again and again
};
std::string_view to_string(MediaClass) noexcept;

enum class MediaState : std::uint8_t {
  absent,       // none, or the tray is open
  blank,        // nothing is on it; formatted if it has to be
  appendable,   // something is on it, and more may be added
  closed,       // finalised, or read-only by nature
  damaged,      // an interrupted burn left a session open: nothing can be added before Recorder::close() mends it
  unsupported,  // of a kind that this drive cannot write
};
std::string_view to_string(MediaState) noexcept;

// A closed session, or what an open one holds.
struct MediaSession {
  Lba first, last;  // recorded blocks; `last` is the last of them
  friend bool operator==(const MediaSession&, const MediaSession&) = default;
};

struct Media {
  MediaType type = MediaType::unknown;
  MediaClass media_class = MediaClass::read_only;
  MediaState state = MediaState::absent;
  bool write_protected = false;  // by the medium, its cartridge or the drive
  bool final_session = false;    // a further session would be the last that fits

  std::optional<BlockCount> capacity;  // of the whole medium; nullopt when unknown or unlimited
  BlockCount used;                     // from block 0 up to the last recorded one
  std::optional<BlockCount> free;      // blocks that a burn may take from next_writable on; nullopt as for capacity
  // Where a session would begin: on sequential media as the drive says. On overwritable ones the drive does not know what
  // is still needed, and this is 0.
  std::optional<Lba> next_writable;
  BlockCount write_unit{1};  // blocks that are written together: 16 on DVD, 32 on BD
  std::vector<MediaSession> sessions;

  std::string disc_id;                      // what the medium calls itself, in hexadecimal; empty when it does not
  std::vector<std::uint32_t> write_speeds;  // KiB per second, falling; empty when the drive does not say
  friend bool operator==(const Media&, const Media&) = default;
};

// A kind of disc as it is sold, and the blocks that it takes when it is blank. A particular disc may take a few more or less,
// and spare areas cost some: Media::capacity is what a recorder says.
struct NominalCapacity {
  std::string_view name;  // "CD 74 min", "BD-R XL 100 GB"
  MediaType type;
  BlockCount blocks;
  std::string_view source;
  bool usual = true;  // of its type, as it is mostly sold
};
// All that can be recorded, by their size.
std::span<const NominalCapacity> nominal_capacities() noexcept;

// Throws what stands against writing to such a medium at all, with a way out: no_media, unsupported, medium_state (closed,
// interrupted, read-only), write_protected.
void require_writable(const Media&);

}  // namespace fsimage
