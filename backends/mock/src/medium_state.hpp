// What is where on a simulated medium: sessions, tracks, next writable addresses, and how recording changes them. Values; no
// file, no commands. Private to the backend.
#pragma once

#include "media_kinds.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::mock {

// What CLOSE TRACK SESSION is to do: MMC-5 6.3.
namespace close_function {
inline constexpr std::uint8_t kStopFormat = 0, kTrack = 1, kSession = 2, kFinaliseSmall = 5, kFinalise = 6;
}

inline constexpr std::uint32_t kPreGap = 150;  // blocks before each track of a CD, which its times count: MMC-5 4.2.3.4
inline constexpr std::uint16_t kInvisibleTrack = 0xFF;  // the one that takes new data: MMC-5 6.27

// Blocks [start, next) are recorded. Up to `end` the track may grow; once it is closed, what lies between is its run-out,
// which nobody can read.
struct Track {
  std::uint32_t start = 0, next = 0, end = 0;
  std::uint16_t session = 1;
  bool reserved = false, closed = false;

  bool empty() const { return next == start; }
  friend bool operator==(const Track&, const Track&) = default;
};

// Sequential media: all tracks in address order, the last of them the one that takes new data, unless the medium is
// finalised. Overwritable media: one track over everything.
struct MediumState {
  const MediumKind* kind = nullptr;
  std::uint32_t capacity = 0;
  std::uint32_t serial = 0;  // what the medium calls itself
  bool formatted = false;    // overwritable media
  bool broken = false;       // a format or blanking that did not end
  bool background = false;   // DVD+RW: the format goes on behind the scenes
  bool finalised = false;
  std::vector<Track> tracks;

  static MediumState blank(const MediumKind&, std::uint32_t capacity, std::uint32_t serial);
  void erase_to(const MediumKind&);  // as new, in that form

  bool sequential() const { return kind->sequential(); }
  bool is_blank() const;           // nothing recorded, nothing reserved
  std::uint16_t sessions() const;  // the open one included
  std::uint16_t closed_sessions() const;
  std::size_t first_track_of(std::uint16_t session) const;  // index
  bool session_has_data() const;                            // the open one
  std::optional<std::uint32_t> last_recorded() const;       // of all tracks
  bool is_recorded(std::uint32_t at, std::uint32_t blocks) const;
  std::optional<std::size_t> track_at(std::uint32_t block) const;  // the track around that block

  // Sequential media. The caller has checked that it may be done.
  std::optional<std::size_t> writable_at(std::uint32_t block) const;  // the track whose next writable address that is
  void pad_to_unit();                                                 // open tracks end at whole units
  void reserve(std::uint32_t blocks);
  void close_track(std::size_t index, bool with_run_out);
  void close_session(bool finalise);

  friend bool operator==(const MediumState&, const MediumState&) = default;
};

// The header of the file, see medium.hpp.
std::string encode(const MediumState&, std::uint64_t sequence);
struct DecodedState {
  MediumState state;
  std::uint64_t sequence = 0;
};
std::optional<DecodedState> decode(std::string_view header);  // nullopt when it is not whole, or makes no sense

}  // namespace fsimage::mock
