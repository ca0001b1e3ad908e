// Closing, blanking, formatting.
#include "drive.hpp"

#include <algorithm>

namespace fsimage::mock {

// MMC-5 6.3.
Sense Drive::close(Command& command) {
  const auto function = command.u8(2) & 7U;
  const auto type = disc().kind->type;
  if (!medium_->writable()) return violation(command, sense::kWriteProtected, "the medium is write-protected");
  if (!disc().sequential()) {
    const bool stops = function == close_function::kStopFormat && type == MediaType::dvd_plus_rw;
    const bool closes =
        function == close_function::kSession && (type == MediaType::dvd_plus_rw || type == MediaType::dvd_minus_rw);
    if (!stops && !closes) return violation(command, sense::kInvalidField, "nothing to close on this medium");
    return begin(sense::kOperating, (command.u8(1) & 1U) != 0,
                 [this] { change([](MediumState& s) { s.background = false; }); });
  }
  if (disc().broken) return violation(command, sense::kFormatCorrupted, "an erasure did not end");
  if (disc().finalised) return violation(command, sense::kWriteProtected, "the disc is finalised");
  if (uses_write_page() && test_write()) {
    simulated_next_.reset();
    return sense::kGood;
  }
  const bool plus = !uses_write_page();
  if (function == close_function::kTrack) return close_track(command);
  if (function == close_function::kSession || (plus && function == close_function::kFinalise) ||
      (disc().kind->recording == Recording::dvd_plus && function == close_function::kFinaliseSmall))
    return close_session(command);
  return violation(command, sense::kInvalidField, "close function " + std::to_string(function));
}

Sense Drive::close_track(Command& command) {
  const auto number = command.number(4, 2);
  const auto& tracks = disc().tracks;
  const auto index = number == kInvisibleTrack ? tracks.size() - 1 : std::size_t{number} - 1;
  if (number == 0 || index >= tracks.size() || tracks[index].closed)
    return violation(command, sense::kInvalidField, "track " + std::to_string(number) + " is not open");
  if (tracks[index].empty() && !tracks[index].reserved)
    return violation(command, sense::kProgramAreaEmpty, "track " + std::to_string(number) + " is empty");
  if (disc().kind->is_cd() && (cue_ || !write_page_set_ || write_type() == 2))
    return violation(command, sense::kSequenceError, "the track is not written track-at-once");
  return begin(sense::kLongWrite, (command.u8(1) & 1U) != 0,
               [this, index] { change([&](MediumState& s) { s.close_track(index, true); }); });
}

Sense Drive::close_session(Command& command) {
  const auto function = command.u8(2) & 7U;
  const auto& tracks = disc().tracks;
  const auto from = tracks.begin() + static_cast<std::ptrdiff_t>(disc().first_track_of(disc().sessions()));
  if (uses_write_page() && !write_page_set_)
    return violation(command, sense::kSequenceError, "without the write parameters page");
  if (std::any_of(from, tracks.end(), [](const Track& t) { return !t.closed && (!t.empty() || t.reserved); }))
    return violation(command, sense::kIncompleteTrack, "a track of the session is open");
  const bool finalise = uses_write_page() ? !next_session_allowed() : function != 2;
  const bool only_finalises = finalise && !uses_write_page() && disc().closed_sessions() > 0;
  if (std::none_of(from, tracks.end(), [](const Track& t) { return t.closed; }) && !only_finalises)
    return violation(command, sense::kProgramAreaEmpty, "the session is empty");
  return begin(sense::kLongWrite, (command.u8(1) & 1U) != 0,
               [this, finalise] { change([&](MediumState& s) { s.close_session(finalise); }); });
}

// The medium is lost at once, and usable when the operation has ended.
Sense Drive::erase_in(const Sense& while_running, bool immediately, bool all, const MediumKind& to, bool formatted) {
  change([&](MediumState& s) {
    s.erase_to(*s.kind);
    s.broken = true;
  });
  write_page_set_ = false;
  simulated_next_.reset();
  cue_.reset();
  return begin(while_running, immediately, [this, all, kind = &to, formatted] {
    if (all) medium_->forget_blocks();
    change([&](MediumState& s) {
      s.erase_to(*kind);
      s.formatted = formatted;
      s.background = formatted && kind->type == MediaType::dvd_plus_rw;
    });
  });
}

// MMC-5 6.2: only whole media.
Sense Drive::blank(Command& command) {
  const auto type = command.u8(1) & 7U;
  const auto& kind = *disc().kind;
  if (!kind.erasable || (!kind.is_cd() && kind.type != MediaType::dvd_minus_rw))
    return violation(command, sense::kIncompatibleMedium, "a " + std::string(kind.name) + " cannot be blanked");
  if (type > 1) return violation(command, sense::kInvalidField, "blanking type " + std::to_string(type));
  if (!medium_->writable()) return violation(command, sense::kWriteProtected, "the medium is write-protected");
  return erase_in(sense::kOperating, (command.u8(1) & 0x10U) != 0, type == 0, sequential_form(kind), false);
}

// MMC-5 6.5: a header of four bytes, one descriptor of eight.
Sense Drive::format(Command& command) {
  constexpr std::size_t kList = 12;
  const auto& kind = *disc().kind;
  if (!kind.erasable || kind.is_cd())
    return violation(command, sense::kIncompatibleMedium, "a " + std::string(kind.name) + " cannot be formatted");
  if (!medium_->writable()) return violation(command, sense::kWriteProtected, "the medium is write-protected");
  if ((command.u8(1) & 0x17U) != 0x11 || command.out.size() < kList || big_endian(command.out, 2, 2) != 8)
    return violation(command, sense::kInvalidField, "without one format descriptor");
  const auto blocks = big_endian(command.out, 4, 4);
  const auto type = big_endian(command.out, 8, 1) >> 2U;
  struct Known {
    MediaType media;
    std::uint32_t type;
    bool all;  // what was there is gone
  };
  constexpr Known kKnown[] = {
      {MediaType::dvd_minus_rw, 0x10, true},  {MediaType::dvd_minus_rw, 0x13, false},
      {MediaType::dvd_minus_rw, 0x15, false}, {MediaType::dvd_plus_rw, 0x26, false},
      {MediaType::dvd_ram, 0x00, true},       {MediaType::dvd_ram, 0x01, true},
      {MediaType::bd_re, 0x00, true},         {MediaType::bd_re, 0x30, true},
      {MediaType::bd_re, 0x31, false},
  };
  const auto* const known =
      std::ranges::find_if(kKnown, [&](const Known& k) { return k.media == kind.type && k.type == type; });
  if (known == std::end(kKnown) || (blocks != 0xFFFF'FFFFU && blocks > disc().capacity))
    return violation(command, sense::kInvalidParameter,
                     "format type " + std::to_string(type) + " of " + std::to_string(blocks) + " blocks");
  const bool immediately = (big_endian(command.out, 1, 1) & 2U) != 0;
  return erase_in(sense::kFormatting, immediately, known->all, overwritable_form(kind), true);
}

}  // namespace fsimage::mock
