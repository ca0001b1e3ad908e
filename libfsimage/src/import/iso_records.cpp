#include "iso_records.hpp"

#include <algorithm>

namespace fsimage::volume {
namespace {

constexpr std::size_t kShortestRecord = sizeof(iso9660::DirectoryRecord) + 1;
// Sectors on end without a record, behind which no folder goes on: a length may lead through all of a disc.
constexpr std::uint32_t kMostBarren = 32;

std::size_t rest_of_sector(std::uint64_t at) { return static_cast<std::size_t>(kBlockSize - at % kBlockSize); }

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{}; });
}

// Whether the bytes are so much like a record that chance is no explanation: three numbers are there twice, and lead to
// a place in the image.
bool is_like_a_record(std::span<const std::byte> bytes, const IsoVolume& volume, const Blocks& blocks) {
  if (bytes.size() < kShortestRecord) return false;
  const auto r = load<iso9660::DirectoryRecord>(bytes);
  return r.length >= kShortestRecord && r.length <= bytes.size() && r.identifier_length != 0 &&
         sizeof r + r.identifier_length <= r.length && r.extent.halves_agree() && r.data_length.halves_agree() &&
         r.volume_sequence_number.halves_agree() && r.volume_sequence_number.value() != 0 &&
         blocks.contains(volume.extent_of(r), 0);
}

}  // namespace

std::optional<IsoRecords::Record> own_record(std::span<const std::byte> sector) {
  try {
    auto first = iso9660::DirectoryRecords(sector).next();
    if (first && first->offset == 0 && first->is_self()) return first;
  } catch (const Error&) {
    // Who reads the folder will say what is wrong.
  }
  return std::nullopt;
}

IsoRecords::IsoRecords(Walk& walk, const IsoVolume& volume, const DirectoryRef& ref, bool whole)
    : walk_(walk), volume_(volume), at_(ref.at), bytes_(walk, place_of(ref), whole, "ECMA-119 6.8.1") {}

std::vector<Piece> IsoRecords::place_of(const DirectoryRef& ref) {
  auto bytes = ref.bytes;
  if (bytes == 0) walk_.report.deviation(lba(), "ECMA-119 6.8.2.2", "a folder without records, not even its own");
  if (bytes % volume_.block_size != 0)
    walk_.report.deviation(lba(), "ECMA-119 6.8.1.3", "a folder's length is no multiple of the block size");
  try {
    const auto sector = std::min<std::uint64_t>(rest_of_sector(ref.at), walk_.blocks.size() - ref.at);
    const auto self = walk_.blocks.contains(ref.at, 1)
                          ? own_record(walk_.blocks.view(ref.at, static_cast<std::size_t>(sector), "ECMA-119 6.8.2.2"))
                          : std::nullopt;
    if (self) {
      auto own = self->fixed;
      settle_halves(walk_.blocks, volume_.block_size, own);
      if (volume_.extent_of(own) != ref.at)
        walk_.report.deviation(lba(), "ECMA-119 6.8.2.2", "the first record of a folder leads elsewhere");
      if (own.data_length.value() != bytes) bytes = longer_of(bytes, own.data_length.value());
    } else if (bytes != 0 && walk_.blocks.contains(ref.at, bytes)) {
      walk_.report.deviation(lba(), "ECMA-119 6.8.2.2", "the first record of a folder is not its own");
      damaged_ = true;
    }
  } catch (const Error& e) {
    if (!walk_.report.survives(e)) throw;  // the sector will be given up, and told, when it is read
  }
  if (walk_.blocks.contains(ref.at, bytes)) return {{ref.at, bytes}};
  const Error e(Errc::corrupt_structure, {.path = {}, .lba = lba(), .clause = "ECMA-119 6.8.1"},
                "a folder of " + std::to_string(bytes) + " bytes that lie outside the image");
  if (!walk_.report.survives(e)) throw e;
  walk_.report.lost(e);
  damaged_ = true;
  if (ref.at >= walk_.blocks.size()) return {};
  endless_ = true;
  return {{ref.at, walk_.blocks.size() - ref.at}};
}

// Of two lengths of the folder, from the record that leads here and from its own. The longer one is right when what lies
// behind the shorter is still the folder's.
std::uint64_t IsoRecords::longer_of(std::uint64_t said, std::uint64_t own) {
  walk_.report.deviation(lba(), "ECMA-119 9.1.4",
                         "the folder's own record gives it " + std::to_string(own) +
                             " bytes, the one that leads here " + std::to_string(said));
  const auto shorter = std::min(said, own), longer = std::max(said, own);
  if (shorter == 0) return longer;
  if (!walk_.blocks.contains(at_, longer)) return walk_.blocks.contains(at_, shorter) ? shorter : longer;
  const auto behind = at_ + shorter + (shorter % kBlockSize == 0 ? 0 : rest_of_sector(at_ + shorter));
  if (behind >= at_ + longer) return longer;
  const auto next =
      walk_.blocks.view(behind, std::min<std::size_t>(kBlockSize, at_ + longer - behind), "ECMA-119 6.8.1");
  return is_like_a_record(next, volume_, walk_.blocks) || (longer == said && all_zero(next)) ? longer : shorter;
}

std::optional<IsoRecords::Record> IsoRecords::next(std::uint64_t& position) {
  while (position < bytes_.size()) {
    at_ = bytes_.source_offset(position);
    const auto rest = bytes_.at(position, rest_of_sector(at_));
    if (endless_ && position != 0 && at_ % kBlockSize == 0 && !goes_on(rest)) return std::nullopt;
    if (barren_ == kMostBarren) {
      walk_.report.deviation(lba(), "ECMA-119 6.8.1", "a folder that is longer than its records reach");
      position = bytes_.size();
      barren_ = 0;  // who sorts the records comes again
      break;
    }
    try {
      auto record = iso9660::DirectoryRecords(rest).next();
      if (record && record->offset == 0) {
        barren_ = 0;
        if (record->fixed.length % 2 != 0) {
          walk_.report.deviation(lba(), "ECMA-119 9.1.12", "a directory record of an odd length");
          if (const auto inside = swallowed_by(*record, rest)) {
            position += *inside;
            return record;
          }
        }
        position += record->fixed.length;
        return record;
      }
    } catch (const Error& e) {
      const Error located(e.code(), {.path = {}, .lba = lba(), .clause = e.where().clause}, e.message());
      if (!walk_.report.survives(located)) throw located;
      walk_.report.lost(located);
      pass_damage(position, rest);
      continue;
    }
    pass_zeros(position, rest);
  }
  return std::nullopt;
}

// Whether a sector is one more of this folder's, when no length tells: another folder begins with its own record.
bool IsoRecords::goes_on(std::span<const std::byte> sector) const {
  return is_like_a_record(sector, volume_, walk_.blocks) && !own_record(sector);
}

// Where in a record of a length that cannot be the next one begins, when salvage may say that its length is broken.
std::optional<std::size_t> IsoRecords::swallowed_by(const Record& record, std::span<const std::byte> rest) {
  const auto least = sizeof(iso9660::DirectoryRecord) + record.identifier.size();
  const auto found = find_record(rest, least + least % 2);
  if (!found || *found >= record.fixed.length) return std::nullopt;
  const Error e(Errc::corrupt_structure, {.path = {}, .lba = lba(), .clause = "ECMA-119 9.1.1"},
                "a directory record reaches into the next one");
  if (!walk_.report.survives(e)) return std::nullopt;
  walk_.report.lost(e);
  damaged_ = true;
  return found;
}

// Behind a broken record: at the next one of its sector, else at the next sector.
void IsoRecords::pass_damage(std::uint64_t& position, std::span<const std::byte> rest) {
  damaged_ = true;
  const auto found = find_record(rest, 2);
  if (!found) ++barren_;
  position += found.value_or(rest.size());
}

// Zero where a record's length should be ends a sector, ECMA-119 6.8.1.1.
void IsoRecords::pass_zeros(std::uint64_t& position, std::span<const std::byte> rest) {
  if (at_ % kBlockSize == 0 || position == 0) damaged_ = true;  // a sector without any record
  if (!all_zero(rest)) {
    damaged_ = true;
    const Error e(Errc::corrupt_structure, {.path = {}, .lba = lba(), .clause = "ECMA-119 6.8.1.1"},
                  "a directory record of no length, and others behind it");
    if (const auto found = find_record(rest, 2); found && walk_.report.survives(e)) {
      walk_.report.lost(e);
      position += *found;
      return;
    }
    walk_.report.deviation(lba(), "ECMA-119 6.8.1.1", "bytes behind the last directory record of a sector");
  }
  ++barren_;
  position += rest.size();
}

std::optional<std::size_t> IsoRecords::find_record(std::span<const std::byte> sector, std::size_t from) const {
  for (auto at = from; at + kShortestRecord <= sector.size(); at += 2)
    if (is_like_a_record(sector.subspan(at), volume_, walk_.blocks)) return at;
  return std::nullopt;
}

}  // namespace fsimage::volume
