// Builds the directory records of an IsoLayout one by one, with what Rock Ridge adds: the same code measures and emits.
// One thread per object; the tables are shared.
#pragma once

#include "iso_tables.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fsimage {

// Where everything lies. While measuring nothing does, and every address is zero.
struct IsoAddresses {
  Lba folders;  // start of the region of folders
  Lba empty;
  std::shared_ptr<const ContentPlacement> content;
};

class IsoRecords {
 public:
  IsoRecords(const IsoTables& tables, const IsoAddresses* addresses) : tables_(tables), at_(addresses) {}

  // A stretch of a continuation area: SUSP 5.1.
  struct Piece {
    std::uint32_t offset;  // in the folder's continuation area
    std::span<const std::byte> bytes;
  };

  // Builds that record of folder f. `place.continuation` says how much of the folder's continuation area is in use, and
  // `place` goes on to the next record. record() and pieces() stay valid until the next call.
  void build(std::uint32_t f, IsoTables::Checkpoint& place);
  // Length of what build() would make there, when that is known without: of a file with no more to it than a name of
  // middling length. Else 0.
  std::size_t length_of_plain(std::uint32_t f, const IsoTables::Checkpoint& place);
  std::span<const std::byte> record() const { return std::span(record_).first(record_size_); }
  std::span<const Piece> pieces() const { return pieces_; }

 private:
  struct Subject;  // what a record is about
  Subject subject(std::uint32_t f, const IsoTables::Checkpoint& place);
  Lba folder_at(std::uint32_t f) const;
  void locate(const Subject&, std::uint32_t section, iso9660::DirectoryEntry&) const;

  void put_system_use(const Subject&);
  void put_attributes(const Inode&, Sink&) const;
  std::span<const std::byte> share_out(std::uint32_t f, std::size_t room, std::uint32_t& continuation);
  iso9660::ShortDate short_date(Timestamp);

  const IsoTables& tables_;
  const IsoAddresses* at_;
  Timestamp last_time_ = kUnsetTime;
  iso9660::ShortDate last_date_{};
  IdentifierBuffer identifier_{};  // of the subject at hand
  std::array<std::byte, 256> record_{}, inline_{};
  std::size_t record_size_ = 0;
  std::vector<std::byte> use_, area_;  // entries as one run; the same cut into pieces
  std::size_t use_size_ = 0;
  std::size_t plain_use_ = 0;  // system use of such a file but its name; 0: not known yet
  std::vector<Piece> pieces_;
};

}  // namespace fsimage
