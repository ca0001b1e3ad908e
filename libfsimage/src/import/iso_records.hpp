// The directory records of one folder, ECMA-119 6.8.1, and where they are believed to lie. One thread.
#pragma once

#include "iso_descriptors.hpp"
#include "volume_view.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace fsimage::volume {

class IsoRecords {
 public:
  using Record = iso9660::DirectoryRecordView;

  // Looks at the folder's own record: where it and the one that leads here say different lengths, the longer is taken if
  // records lie there. In salvage, what lies outside the image is given up; else that throws corrupt_structure.
  IsoRecords(Walk&, const IsoVolume&, const DirectoryRef&, bool whole);

  // The record that begins at `position` or behind it, its halves as recorded; `position` then lies behind it. Throws
  // corrupt_structure for a broken one; in salvage, that is told and reading goes on at the next one.
  std::optional<Record> next(std::uint64_t& position);

  std::uint64_t at() const { return at_; }  // byte offset of the record at hand in the source
  Lba lba() const { return lba_of(at_); }
  const std::vector<Piece>& pieces() const { return bytes_.pieces(); }
  // Whether records may be missing, as far as salvage can tell.
  bool damaged() const { return damaged_; }
  void mark_damaged() { damaged_ = true; }

 private:
  std::vector<Piece> place_of(const DirectoryRef&);
  std::uint64_t longer_of(std::uint64_t said, std::uint64_t own);
  bool goes_on(std::span<const std::byte> sector) const;
  std::optional<std::size_t> find_record(std::span<const std::byte> sector, std::size_t from) const;
  std::optional<std::size_t> swallowed_by(const Record&, std::span<const std::byte> rest);
  void pass_damage(std::uint64_t& position, std::span<const std::byte> rest);
  void pass_zeros(std::uint64_t& position, std::span<const std::byte> rest);

  Walk& walk_;
  const IsoVolume& volume_;
  std::uint64_t at_;
  bool damaged_ = false;
  bool endless_ = false;      // the length is nonsense
  std::uint32_t barren_ = 0;  // sectors on end that held no record
  DirectoryBytes bytes_;
};

// The first record of a sector, when that is one of a folder for itself.
std::optional<IsoRecords::Record> own_record(std::span<const std::byte> sector);

}  // namespace fsimage::volume
