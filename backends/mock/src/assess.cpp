#include "assess.hpp"

#include <fsimage/core/digest.hpp>

#include <algorithm>
#include <array>

namespace fsimage::mock {
namespace {

constexpr std::uint32_t kRunOut = 2;

// A track-at-once CD track ends with up to two blocks that nobody can read, MMC-5 4.2.3.9.
std::uint32_t last_readable(Initiator& drive, const TrackInformation& track) {
  std::array<std::byte, kBlockSize> block{};
  auto last = track.start + track.size - 1;
  for (std::uint32_t tried = 0; tried < kRunOut && last > track.start; ++tried, --last) {
    try {
      drive.read(Lba{last}, block);
      break;
    } catch (const Error& e) {
      if (e.code() != Errc::read_failed) throw;
    }
  }
  return last;
}

std::uint32_t last_of(Initiator& drive, const TrackInformation& track) {
  if (track.last_recorded) return *track.last_recorded;
  if (track.next_writable) return *track.next_writable - 1;
  return last_readable(drive, track);
}

void assess_sequential(Initiator& drive, const MediumKind& kind, const DiscInformation& disc, Media& media) {
  using Status = DiscInformation::Status;
  using LastSession = DiscInformation::LastSession;
  std::uint16_t session = 0;
  for (std::uint16_t number = 1; number <= disc.tracks; ++number) {
    const auto track = drive.track_information(number);
    if (track.blank) continue;
    const Lba last{last_of(drive, track)};
    if (track.session != session) media.sessions.push_back({.first = Lba{track.start}, .last = last});
    media.sessions.back().last = last;
    session = track.session;
  }
  if (!media.sessions.empty()) media.used = BlockCount{media.sessions.back().last.value + 1};

  if (disc.status == Status::complete) {
    media.state = MediaState::closed;
  } else if (disc.last_session != LastSession::empty && disc.status != Status::empty) {
    media.state = MediaState::damaged;
  } else {
    media.state = media.sessions.empty() ? MediaState::blank : MediaState::appendable;
    const auto open = drive.track_information(kInvisibleTrack);
    media.free = BlockCount{open.free};
    if (open.next_writable) media.next_writable = Lba{*open.next_writable};
    const auto gap = media.sessions.empty() ? kind.first_gap : kind.later_gap;
    media.final_session = open.free <= gap + kind.unit || disc.tracks >= kind.most_tracks;
  }
}

void assess_overwritable(Initiator& drive, const DiscInformation& disc, Media& media) {
  media.next_writable = Lba{};
  media.free = media.capacity;
  if (disc.last_session == DiscInformation::LastSession::damaged) {
    media.state = MediaState::damaged;
    media.next_writable.reset();
  } else if (!drive.format_capacity().formatted || looks_blank(drive, *media.capacity)) {
    media.state = MediaState::blank;
  } else {
    media.state = MediaState::appendable;
    media.used = *media.capacity;
    media.sessions = {{.first = Lba{}, .last = Lba{media.used.value - 1}}};
  }
}

std::string hexadecimal(std::uint32_t id) {
  Reply bytes;
  bytes.u32(id);
  return to_hex(bytes.data());
}

}  // namespace

const MediumKind* kind_of_profile(std::uint16_t profile) {
  const auto kinds = medium_kinds();
  const auto found = std::ranges::find(kinds, profile, &MediumKind::profile);
  return found == kinds.end() ? nullptr : &*found;
}

bool looks_blank(Initiator& drive, BlockCount capacity) {
  constexpr std::uint32_t kLooked = 32;
  std::vector<std::byte> bytes(std::size_t{kLooked} * kBlockSize);
  for (const std::uint32_t at : {0U, 256U}) {  // volume descriptors and recognition; anchors
    if (at >= capacity.value) break;
    const auto blocks = std::min(kLooked, capacity.value - at);
    const auto part = std::span(bytes).first(std::size_t{blocks} * kBlockSize);
    try {
      drive.read(Lba{at}, part);
    } catch (const Error& e) {
      if (e.code() != Errc::read_failed) throw;
      return false;
    }
    if (std::ranges::any_of(part, [](std::byte b) { return b != std::byte{0}; })) return false;
  }
  return true;
}

Media assess(Initiator& drive) {
  constexpr std::uint32_t kThousand = 1000, kKibi = 1024;
  Media media;
  try {
    drive.wait_until_ready();
  } catch (const Error& e) {
    if (e.code() != Errc::no_media) throw;
    return media;
  }
  const auto* const kind = kind_of_profile(drive.profile());
  if (kind == nullptr) {
    media.state = MediaState::unsupported;
    return media;
  }
  const auto disc = drive.disc_information();
  media.type = kind->type;
  media.write_unit = BlockCount{kind->unit};
  media.write_protected = drive.write_protected();
  media.capacity = BlockCount{drive.format_capacity().blocks};
  for (const auto speed : drive.write_speeds())
    media.write_speeds.push_back(static_cast<std::uint32_t>(std::uint64_t{speed} * kThousand / kKibi));
  if (disc.id) media.disc_id = hexadecimal(*disc.id);
  media.media_class = kind->sequential() ? MediaClass::sequential : MediaClass::overwritable;
  if (kind->sequential()) {
    assess_sequential(drive, *kind, disc, media);
  } else {
    assess_overwritable(drive, disc, media);
  }
  return media;
}

}  // namespace fsimage::mock
