// Reading and writing.
#include "drive.hpp"

#include <fsimage/core/units.hpp>

#include <algorithm>

namespace fsimage::mock {
namespace {

constexpr std::uint32_t kMostBlocks = 32'768;  // of one command: 64 MiB

struct Extent {
  std::uint32_t at, blocks;
};

// READ and WRITE of 10 and 12 bytes.
template <class Command>
Extent extent_of(const Command& command) {
  const bool long_form = (command.u8(0) & 0x80U) != 0;
  return {command.number(2, 4), long_form ? command.number(6, 4) : command.number(7, 2)};
}

}  // namespace

// Why those blocks cannot be read; good when they can.
Sense Drive::unreadable(std::uint32_t at, std::uint32_t blocks) const {
  if (disc().broken) return sense::kFormatCorrupted;
  if (disc().is_recorded(at, blocks)) return sense::kGood;
  while (disc().is_recorded(at, 1)) ++at;
  Sense sense = disc().kind->is_cd() ? sense::kIllegalMode : sense::kBlankCheck;
  if (at >= disc().capacity) {
    sense = sense::kOutOfRange;
  } else if (const auto track = disc().track_at(at); track && disc().tracks[*track].closed) {
    sense = sense::kReadError;  // the run-out
  }
  sense.block = at;
  return sense;
}

Sense Drive::read(Command& command) {
  const auto [at, blocks] = extent_of(command);
  if (blocks > kMostBlocks) return sense::kInvalidField;
  if (blocks == 0) return sense::kGood;
  if (const auto sense = unreadable(at, blocks); !sense.good()) return sense;
  const auto stroke = stroke_in(Fault::What::read, at, blocks);
  const bool wrong = stroke.fault != nullptr && stroke.fault->effect == Fault::Effect::wrong;
  if (stroke.fault != nullptr && !wrong) return strike(*stroke.fault);
  pass(to_record(std::uint64_t{blocks} * kBlockSize));  // it reads as fast as it writes
  const auto room = command.reply.room(std::size_t{blocks} * kBlockSize);
  medium_->read(at, room);
  if (wrong) room[std::size_t{stroke.blocks} * kBlockSize] ^= std::byte{1};
  return sense::kGood;
}

Sense Drive::write(Command& command) {
  const auto [field, blocks] = extent_of(command);
  // A CD is also written before its first block: the pre-gap.
  const auto at = disc().kind->is_cd() ? std::int64_t{static_cast<std::int32_t>(field)} : std::int64_t{field};
  if (blocks == 0) return sense::kGood;
  if (blocks > kMostBlocks || command.out.size() < std::size_t{blocks} * kBlockSize)
    return violation(command, sense::kInvalidField, std::to_string(blocks) + " blocks, and not as many bytes");
  if (const auto sense = may_write(command, at, blocks); !sense.good()) return sense;
  take_into_buffer(std::uint64_t{blocks} * kBlockSize);
  if (uses_write_page() && test_write()) {
    simulated_next_ = static_cast<std::uint32_t>(at + blocks);
    return sense::kGood;
  }
  if (cue_) return put_at_once(command, at, blocks);
  return put_blocks(command, static_cast<std::uint32_t>(at), blocks);
}

Sense Drive::may_write(const Command& command, std::int64_t at, std::uint32_t blocks) {
  if (!medium_->writable()) return violation(command, sense::kWriteProtected, "the medium is write-protected");
  if (disc().broken) return violation(command, sense::kFormatCorrupted, "an erasure did not end");
  return disc().sequential() ? may_write_sequentially(command, at, blocks) : may_overwrite(command, at, blocks);
}

Sense Drive::may_write_sequentially(const Command& command, std::int64_t at, std::uint32_t blocks) {
  if (disc().finalised) return violation(command, sense::kWriteProtected, "the disc is finalised");
  if (uses_write_page() && !write_page_set_)
    return violation(command, sense::kSequenceError, "without the write parameters page");
  if (disc().kind->is_cd() && write_type() == 2) return may_write_at_once(command, at, blocks);
  const auto next = disc().tracks.back().next;
  if (at < 0 || at >= disc().capacity)
    return violation(command, sense::kOutOfRange, "block " + std::to_string(at) + " is not on the medium");
  const auto block = static_cast<std::uint32_t>(at);
  const auto index = simulated_next_ == block ? std::optional(disc().tracks.size() - 1) : disc().writable_at(block);
  if (!index || (simulated_next_ && simulated_next_ != block))
    return violation(command, sense::kInvalidWriteAddress,
                     "block " + std::to_string(block) + " is not the next writable one, which is " +
                         std::to_string(simulated_next_.value_or(next)));
  const auto& track = disc().tracks[*index];
  if (disc().kind->recording == Recording::dvd_minus && write_type() == 2 && !track.reserved && !test_write())
    return violation(command, sense::kSequenceError, "disc-at-once without a reserved track");
  if (blocks > track.end - block)
    return violation(command, track.reserved ? sense::kEndOfTrack : sense::kOutOfRange, "beyond the end of the track");
  return sense::kGood;
}

Sense Drive::may_write_at_once(const Command& command, std::int64_t at, std::uint32_t blocks) {
  if (!cue_) return violation(command, sense::kSequenceError, "session-at-once without a cue sheet");
  if (at != cue_->next)
    return violation(command, sense::kInvalidWriteAddress, "the cue sheet goes on at " + std::to_string(cue_->next));
  if (at + blocks > cue_->end) return violation(command, sense::kEndOfTrack, "beyond the lead-out of the cue sheet");
  return sense::kGood;
}

Sense Drive::may_overwrite(const Command& command, std::int64_t at, std::uint32_t blocks) {
  if (!disc().formatted) return violation(command, sense::kNotFormatted, "the medium is not formatted");
  if (at + blocks > disc().capacity)
    return violation(command, sense::kOutOfRange, "block " + std::to_string(at + blocks - 1) + " is not on the medium");
  const auto unit = disc().kind->unit;
  if (disc().kind->profile == kRestrictedOverwrite && (at % unit != 0 || blocks % unit != 0))
    return violation(command, sense::kInvalidWriteAddress, "not whole units of " + std::to_string(unit) + " blocks");
  return sense::kGood;
}

Sense Drive::put_blocks(const Command& command, std::uint32_t at, std::uint32_t blocks) {
  const auto stroke = stroke_in(Fault::What::write, at, blocks);
  if (stroke.blocks > 0) medium_->write(at, command.out.first(std::size_t{stroke.blocks} * kBlockSize));
  if (disc().sequential() && stroke.blocks > 0) {
    const auto index = *disc().writable_at(at);
    const bool full = disc().kind->recording == Recording::dvd_minus && write_type() == 2 &&
                      at + stroke.blocks == disc().tracks[index].end;
    change([&](MediumState& s) {
      s.tracks[index].next += stroke.blocks;
      if (!full) return;
      s.close_track(index, false);
      s.close_session(!next_session_allowed());
    });
  }
  return stroke.fault != nullptr ? strike(*stroke.fault) : sense::kGood;
}

// MMC-5 4.2.3 and 6.33: a session of one data track, which ends by itself at the lead-out.
Sense Drive::put_at_once(const Command& command, std::int64_t at, std::uint32_t blocks) {
  const auto skipped = static_cast<std::uint32_t>(std::clamp<std::int64_t>(cue_->start - at, 0, blocks));
  const auto first = static_cast<std::uint32_t>(at + skipped);  // what lies before is pre-gap
  const auto stroke = stroke_in(Fault::What::write, first, blocks - skipped);
  if (stroke.blocks > 0) {
    medium_->write(first,
                   command.out.subspan(std::size_t{skipped} * kBlockSize, std::size_t{stroke.blocks} * kBlockSize));
    const bool ends = first + stroke.blocks == cue_->end;
    change([&](MediumState& s) {
      s.tracks.back().next = first + stroke.blocks;
      if (!ends) return;
      s.close_track(s.tracks.size() - 1, false);
      s.close_session(!next_session_allowed());
    });
  }
  cue_->next += skipped + stroke.blocks;
  if (cue_->next == cue_->end) cue_.reset();
  return stroke.fault != nullptr ? strike(*stroke.fault) : sense::kGood;
}

Sense Drive::synchronize(Command& command) {
  return begin(sense::kLongWrite, (command.u8(1) & 2U) != 0, [this] { end_recording(); });
}

// MMC-5 6.31.
Sense Drive::reserve_track(Command& command) {
  const auto blocks = command.number(5, 4);
  if (!disc().sequential() || disc().kind->is_cd())
    return violation(command, sense::kIncompatibleMedium, "nothing can be reserved on this medium");
  if (!medium_->writable()) return violation(command, sense::kWriteProtected, "the medium is write-protected");
  if (disc().broken) return violation(command, sense::kFormatCorrupted, "an erasure did not end");
  if (disc().finalised) return violation(command, sense::kWriteProtected, "the disc is finalised");
  const auto& open = disc().tracks.back();
  if (!open.empty()) return violation(command, sense::kSequenceError, "the open track holds something");
  if (blocks == 0 || blocks > open.end - open.start)
    return violation(command, sense::kInvalidField, std::to_string(blocks) + " blocks cannot be reserved");
  change([&](MediumState& s) { s.reserve(blocks); });
  return sense::kGood;
}

// MMC-5 6.33: eight bytes an entry: control and ADR, track, index, form, copy bits, and where in minutes, seconds, frames.
Sense Drive::send_cue_sheet(Command& command) {
  constexpr std::size_t kEntry = 8;
  const std::size_t size = command.number(6, 3);
  if (!disc().kind->is_cd() || disc().finalised || !write_page_set_ || write_type() != 2)
    return violation(command, sense::kSequenceError, "no session-at-once was announced");
  if (size == 0 || size % kEntry != 0 || size > command.out.size())
    return violation(command, sense::kInvalidField, "a sheet of " + std::to_string(size) + " bytes");
  std::optional<std::int64_t> start, end;
  bool one_track = true;
  for (std::size_t at = 0; at < size; at += kEntry) {
    const auto entry = command.out.subspan(at, kEntry);
    const auto track = std::to_integer<std::uint32_t>(entry[1]), index = std::to_integer<std::uint32_t>(entry[2]);
    const auto part = [&](std::size_t i) { return std::to_integer<std::int64_t>(entry[5 + i]); };
    const auto block = (part(0) * 60 + part(1)) * 75 + part(2) - std::int64_t{kPreGap};
    if (track == 0xAA) {
      end = block;
    } else if (track != 0 && index == 1) {
      one_track = one_track && !start;
      start = block;
    }
  }
  const auto& open = disc().tracks.back();
  const bool framed =
      std::to_integer<int>(command.out[1]) == 0 && std::to_integer<int>(command.out[size - kEntry + 1]) == 0xAA;
  if (!framed || !one_track || !start || !end || *start != open.start || !open.empty() || *end <= *start ||
      *end > disc().capacity)
    return violation(command, sense::kInvalidParameter,
                     "the sheet is not that of one data track from the next block on");
  cue_ = CueSheet{static_cast<std::uint32_t>(*start), static_cast<std::uint32_t>(*end), *start - std::int64_t{kPreGap}};
  return sense::kGood;
}

Sense Drive::send_opc(Command&) { return sense::kGood; }

}  // namespace fsimage::mock
