// What the drive says of the medium.
#include "drive.hpp"

#include <fsimage/core/units.hpp>

#include <algorithm>

namespace fsimage::mock {
namespace {

constexpr std::uint32_t kLeadOutTrack = 0xAA;
constexpr std::uint32_t kDataTrack = 0x14;  // ADR 1, control 4: MMC-5 6.26.3.2

// MMC-5 4.2.3.4: minutes, seconds, frames from the start of the pre-gap.
std::uint32_t msf_of(std::uint32_t block) {
  const auto frames = block + kPreGap;
  return (frames / (75 * 60)) << 16U | (frames / 75 % 60) << 8U | frames % 75;
}

std::uint32_t end_of_session(const MediumState& disc, std::uint16_t session) {
  std::uint32_t end = 0;
  for (const auto& t : disc.tracks)
    if (t.session == session) end = t.end;
  return end;
}

}  // namespace

// A CD has no table of contents for a session before its lead-in is written; drives make one up for other media.
bool Drive::counts_in_toc(const Track& track) const {
  if (!disc().sequential()) return disc().formatted;
  return track.session <= disc().closed_sessions();
}

Sense Drive::read_capacity(Command& command) {
  std::uint32_t last = 0;
  if (!disc().sequential()) {
    last = disc().formatted ? disc().capacity - 1 : 0;
  } else {
    for (const auto& t : disc().tracks)
      if (!t.empty() && (counts_in_toc(t) || !disc().kind->is_cd()))
        last = disc().kind->is_cd() ? t.end - 1 : t.next - 1;
  }
  command.reply.u32(last).u32(kBlockSize);
  return sense::kGood;
}

// MMC-5 6.24.
Sense Drive::read_format_capacities(Command& command) {
  enum : std::uint32_t { kUnformatted = 1, kFormatted = 2, kNoMedium = 3 };
  auto& reply = command.reply;
  reply.u32(0);
  const auto& kind = *disc().kind;
  const bool formatted = kind.sequential() ? !disc().is_blank() : disc().formatted && !disc().broken;
  reply.u32(disc().capacity).u8(!loaded() ? kNoMedium : formatted ? kFormatted : kUnformatted).u24(kBlockSize);
  if (loaded() && kind.erasable && !kind.is_cd()) {
    const auto put = [&](std::uint32_t type, std::uint32_t parameter) {
      reply.u32(disc().capacity).u8(type << 2U).u24(parameter);
    };
    switch (kind.type) {
      case MediaType::dvd_minus_rw:
        for (const auto type : {0x10U, 0x13U, 0x15U}) put(type, kind.unit);
        break;
      case MediaType::dvd_plus_rw: put(0x26, 0); break;
      case MediaType::bd_re:
        for (const auto type : {0x00U, 0x30U, 0x31U}) put(type, kBlockSize);
        break;
      default:
        for (const auto type : {0x00U, 0x01U}) put(type, kBlockSize);
    }
  }
  reply.set_u32(0, static_cast<std::uint32_t>(reply.size() - 4));
  return sense::kGood;
}

// MMC-5 6.26.
Sense Drive::read_toc(Command& command) {
  const auto form = command.u8(2) & 0x0FU;
  const bool msf = (command.u8(1) & 2U) != 0;
  const auto closed = disc().sequential() ? disc().closed_sessions() : static_cast<std::uint16_t>(disc().formatted);
  auto& reply = command.reply;
  if (form == 4 && disc().kind->is_cd()) {
    put_atip(reply);
  } else if (closed == 0) {
    return sense::kInvalidField;
  } else if (form == 0) {
    put_toc_tracks(reply, command.u8(6), msf);
  } else if (form == 1) {
    const auto first = disc().first_track_of(closed);
    const auto start = disc().tracks[first].start;
    reply.u16(10).u8(1).u8(closed);
    reply.u8(0).u8(kDataTrack).u8(static_cast<std::uint32_t>(first + 1)).u8(0).u32(msf ? msf_of(start) : start);
  } else if (form == 2 && disc().kind->is_cd()) {
    put_full_toc(reply);
  } else {
    return sense::kInvalidField;
  }
  if (reply.size() == 0) return sense::kInvalidField;
  reply.set_u16(0, static_cast<std::uint32_t>(reply.size() - 2));
  return sense::kGood;
}

void Drive::put_toc_tracks(Reply& reply, std::uint8_t first, bool msf) const {
  std::uint32_t last = 0, lead_out = 0;
  for (const auto& t : disc().tracks) {
    if (!counts_in_toc(t)) continue;
    ++last;
    lead_out = t.end;
  }
  if (first > last && first != kLeadOutTrack) return;
  reply.u16(0).u8(1).u8(last);
  const auto put = [&](std::uint32_t number, std::uint32_t start) {
    reply.u8(0).u8(kDataTrack).u8(number).u8(0).u32(msf ? msf_of(start) : start);
  };
  for (std::uint32_t number = std::max<std::uint32_t>(first, 1); number <= last; ++number)
    put(number, disc().tracks[number - 1].start);
  put(kLeadOutTrack, lead_out);
}

// MMC-5 6.26.3.4: points A0 to A2 and the tracks of each session; B0 and C0 where another may follow.
void Drive::put_full_toc(Reply& reply) const {
  constexpr std::uint32_t kLeadInLength = 4500, kMultisession = 0x54;
  const auto closed = disc().closed_sessions();
  reply.u16(0).u8(1).u8(closed);
  const auto put = [&](std::uint32_t session, std::uint32_t adr, std::uint32_t point, std::uint32_t msf,
                       std::uint32_t pmsf) { reply.u8(session).u8(adr).u8(0).u8(point).u24(msf).u8(0).u24(pmsf); };
  for (std::uint16_t session = 1; session <= closed; ++session) {
    const auto first = disc().first_track_of(session);
    auto last = first;
    while (last + 1 < disc().tracks.size() && disc().tracks[last + 1].session == session) ++last;
    put(session, kDataTrack, 0xA0, 0, static_cast<std::uint32_t>(first + 1) << 16U);
    put(session, kDataTrack, 0xA1, 0, static_cast<std::uint32_t>(last + 1) << 16U);
    put(session, kDataTrack, 0xA2, 0, msf_of(end_of_session(disc(), session)));
    for (auto i = first; i <= last; ++i)
      put(session, kDataTrack, static_cast<std::uint32_t>(i + 1), 0, msf_of(disc().tracks[i].start));
    if (session == closed && disc().finalised) continue;
    const auto gap = session == 1 ? disc().kind->first_gap : disc().kind->later_gap;
    put(session, kMultisession, 0xB0, msf_of(end_of_session(disc(), session) + gap - kPreGap), msf_of(disc().capacity));
    if (session == 1) put(session, kMultisession, 0xC0, 0, msf_of(disc().capacity + kLeadInLength));
  }
}

// MMC-5 6.26.3.6.
void Drive::put_atip(Reply& reply) const {
  constexpr std::uint32_t kLeadIn = 97U << 16U | 26U << 8U | 66U;  // of a usual disc
  reply.u16(0).u16(0).u8(0x80).u8(0).u8(disc().kind->erasable ? 0xC0 : 0x80).u8(0);
  reply.u24(kLeadIn).u8(0).u24(msf_of(disc().capacity)).u8(0).zeros(12);
}

// MMC-5 6.22.
Sense Drive::read_disc_information(Command& command) {
  if ((command.u8(1) & 7U) != 0) return sense::kInvalidField;  // track and POW resources
  enum : std::uint32_t { kEmpty = 0, kIncomplete = 1, kDamaged = 2, kComplete = 3 };
  const auto& kind = *disc().kind;
  std::uint32_t status = 0, last_session = kComplete;
  if (disc().broken) {
    status = 1;
    last_session = kDamaged;
  } else if (!kind.sequential()) {
    status = disc().formatted ? (kind.profile == 0x0013 || kind.type == MediaType::dvd_plus_rw ? 2U : 3U) : 0U;
    if (!disc().formatted) last_session = kEmpty;
  } else if (!disc().finalised) {
    status = disc().is_blank() ? 0U : 1U;
    const bool reserved = std::ranges::any_of(disc().tracks, [](const Track& t) { return t.reserved && !t.closed; });
    last_session = disc().session_has_data() || reserved ? kIncomplete : kEmpty;
  } else {
    status = 2;
  }
  const std::uint32_t sessions = disc().sessions();
  const auto first = static_cast<std::uint32_t>(disc().first_track_of(disc().sessions()) + 1);
  const auto last = static_cast<std::uint32_t>(disc().tracks.size());
  const auto background = kind.type != MediaType::dvd_plus_rw || !disc().formatted ? 0U : disc().background ? 2U : 3U;
  auto& reply = command.reply;
  reply.u16(32).u8((kind.erasable ? 0x10U : 0U) | last_session << 2U | status).u8(1);
  reply.u8(sessions).u8(first).u8(last);
  reply.u8(0x80U | 0x20U | background);  // DID_V, URU
  reply.u8(kind.is_cd() && disc().is_blank() ? 0xFF : 0x00).u8(sessions >> 8U).u8(first >> 8U).u8(last >> 8U);
  reply.u32(disc().serial);
  reply.u32(kind.is_cd() ? 0xFFFFFFU : 0U);
  reply.u32(!kind.is_cd() ? 0U : disc().finalised ? 0xFFFFFFU : msf_of(disc().capacity));
  reply.zeros(8).u8(0).u8(0);
  return sense::kGood;
}

std::optional<std::size_t> Drive::track_asked_for(const Command& command) const {
  const auto what = command.number(2, 4);
  const auto& tracks = disc().tracks;
  switch (command.u8(1) & 3U) {
    case 0: return disc().track_at(what);
    case 1:
      if (what == kInvisibleTrack && disc().sequential() && !disc().finalised) return tracks.size() - 1;
      return what >= 1 && what <= tracks.size() ? std::optional<std::size_t>(what - 1) : std::nullopt;
    case 2:
      return what >= 1 && what <= disc().sessions()
                 ? std::optional(disc().first_track_of(static_cast<std::uint16_t>(what)))
                 : std::nullopt;
    default: return std::nullopt;
  }
}

// MMC-5 6.27.
Sense Drive::read_track_information(Command& command) {
  const auto index = track_asked_for(command);
  if (!index) return sense::kInvalidField;
  const auto& t = disc().tracks[*index];
  const auto number = static_cast<std::uint32_t>(*index + 1);
  const bool sequential = disc().sequential();
  const bool writable = sequential && !t.closed && t.next < t.end;
  const bool incremental = disc().kind->recording == Recording::dvd_minus;
  auto& reply = command.reply;
  reply.u16(46).u8(number).u8(t.session).u8(0).u8(0x04);
  const bool blank = sequential ? t.empty() : !disc().formatted;
  reply.u8((t.reserved && !t.closed ? 0x80U : 0U) | (blank ? 0x40U : 0U) | (incremental ? 0x20U : 0U) | 0x01U);
  const bool tells_last = sequential && !t.empty() && !disc().kind->is_cd();
  reply.u8((writable ? 1U : 0U) | (tells_last ? 2U : 0U));
  reply.u32(t.start).u32(writable ? simulated_next_.value_or(t.next) : 0);
  reply.u32(writable ? t.end - t.next : 0).u32(disc().kind->unit == 1 ? 0 : disc().kind->unit);
  reply.u32(t.end - t.start);
  reply.u32(tells_last ? t.next - 1 : 0);
  reply.u8(number >> 8U).u8(t.session >> 8U).u16(0).zeros(12);
  return sense::kGood;
}

// MMC-5 6.23: what tells a DVD's or BD's layers, and who made it.
Sense Drive::read_disc_structure(Command& command) {
  constexpr std::size_t kPage = 2048;
  const auto media_type = command.u8(1) & 0x0FU;
  const auto form = command.u8(7);
  const auto& kind = *disc().kind;
  auto& reply = command.reply;
  const bool dvd_minus = kind.type == MediaType::dvd_minus_r || kind.type == MediaType::dvd_minus_rw;
  if (form == 0xC0) {  // write protection
    reply.u16(6).u16(0).u8(medium_->writable() ? 0 : 4).zeros(3);
    return sense::kGood;
  }
  if (kind.is_cd() || media_type != (kind.is_bd() ? 1U : 0U)) return sense::kInvalidField;
  reply.u16(0).u16(0);
  if (kind.is_bd() && form == 0) {
    reply.text("DI", 2).u8(1).u8(0x20).u8(0).u8(1).u8(0x70).u8(0).text(kind.type == MediaType::bd_r ? "BDR" : "BDW", 3);
    reply.zeros(100 - 11).text("FSIMAG", 6).text("MCK", 3).zeros(112 - 109);
  } else if (!kind.is_bd() && form == 0) {
    constexpr std::uint32_t kFirstSector = 0x30000;  // ECMA-267 and its kin
    const auto book = kind.type == MediaType::dvd_ram ? 1U
                      : dvd_minus                     ? (kind.erasable ? 3U : 2U)
                      : kind.erasable                 ? 9U
                                                      : (kind.type == MediaType::dvd_plus_r_dl ? 14U : 10U);
    const bool two_layers = kind.type == MediaType::dvd_plus_r_dl;
    reply.u8(book << 4U | 1U).u8(0x0F).u8((two_layers ? 0x20U : 0U) | 0x02U).u8(0);
    reply.u32(kFirstSector).u32(kFirstSector + disc().capacity - 1).u32(0).u8(0).zeros(kPage - 17);
  } else if (form == 0x0E && dvd_minus) {
    reply.u8(1).u8(0x40).zeros(14).u8(3).text("FSIMAG", 6).u8(0).u8(4).text("MOCK", 6).zeros(9);
  } else if (form == 0x11 && kind.profile >= 0x001A && !kind.is_bd()) {
    reply.zeros(19).text("FSIMAGE", 8).text("MCK", 3).u8(1).zeros(256 - 31);
  } else {
    reply = {};
    return sense::kInvalidField;
  }
  reply.set_u16(0, static_cast<std::uint32_t>(reply.size() - 2));
  return sense::kGood;
}

}  // namespace fsimage::mock
