// Directory records: what a folder's extent is made of. The encoder serves writing and measuring; the views below are
// bounds-checked and stay valid as long as the bytes that they were made from. Pure functions and values, any thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/iso9660/dates.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fsimage::iso9660 {

// ECMA-119 9.1.6
namespace file_flags {
inline constexpr std::uint8_t kHidden = 0x01;  // "existence": not meant to be shown
inline constexpr std::uint8_t kDirectory = 0x02;
inline constexpr std::uint8_t kAssociated = 0x04;
inline constexpr std::uint8_t kRecord = 0x08;
inline constexpr std::uint8_t kProtection = 0x10;
inline constexpr std::uint8_t kMultiExtent = 0x80;  // another record with a further section follows
}  // namespace file_flags

// ECMA-119 9.1, the fixed part. Identifier, padding (9.1.12) and system use (9.1.13) follow.
struct DirectoryRecord {
  std::uint8_t length;                     // BP 1
  std::uint8_t extended_attribute_length;  // BP 2
  Both32 extent;                           // BP 3-10
  Both32 data_length;                      // BP 11-18
  ShortDate recorded;                      // BP 19-25
  std::uint8_t flags;                      // BP 26
  std::uint8_t file_unit_size;             // BP 27
  std::uint8_t interleave_gap_size;        // BP 28
  Both16 volume_sequence_number;           // BP 29-32
  std::uint8_t identifier_length;          // BP 33
};
static_assert(sizeof(DirectoryRecord) == 33 && alignof(DirectoryRecord) == 1);
static_assert(offsetof(DirectoryRecord, flags) + 1 == 26);
static_assert(offsetof(DirectoryRecord, identifier_length) + 1 == 33);

// A byte of length holds more, but 9.1.12 and 9.1.13 keep the length even.
inline constexpr std::size_t kMaxRecordLength = 254;

// The longest file section that is a whole number of blocks: what each section but the last one has, ECMA-119 9.1.4.
inline constexpr std::uint32_t kMaxSectionBytes = 0xFFFF'F800;

// Identifiers of the first two records of every folder, ECMA-119 6.8.2.2.
inline constexpr std::byte kSelfIdentifier{0x00};
inline constexpr std::byte kParentIdentifier{0x01};

struct DirectoryEntry {
  Lba extent;
  std::uint32_t data_length = 0;
  ShortDate recorded{};
  std::uint8_t flags = 0;
  std::span<const std::byte> identifier;  // as recorded, with separators and version
  std::span<const std::byte> system_use;
  std::uint16_t volume_sequence_number = 1;  // of the volume that holds the extent
};
// Appends one record, padded to an even length. Throws too_large naming LEN_DR when it exceeds kMaxRecordLength.
void encode(const DirectoryEntry&, Sink&);

// Length of the record, padding included, where that is at most kMaxRecordLength.
std::size_t record_length(std::size_t identifier_length, std::size_t system_use) noexcept;

// Bytes that system use may have beside an identifier of that length: even, and 0 when there is no room.
std::size_t system_use_room(std::size_t identifier_length) noexcept;

// A record found in a folder's extent.
struct DirectoryRecordView {
  DirectoryRecord fixed;
  std::span<const std::byte> identifier;
  std::span<const std::byte> system_use;
  std::size_t offset;  // of the record, in the bytes that were walked

  bool is_directory() const { return (fixed.flags & file_flags::kDirectory) != 0; }
  bool is_self() const { return identifier.size() == 1 && identifier[0] == kSelfIdentifier; }
  bool is_parent() const { return identifier.size() == 1 && identifier[0] == kParentIdentifier; }
};

// Walks the records of whole sectors of a folder's extent. Each step moves on, whatever the bytes say.
class DirectoryRecords {
 public:
  // `sectors` starts on a sector boundary of the extent and outlives this.
  explicit DirectoryRecords(std::span<const std::byte> sectors) : bytes_(sectors) {}
  // nullopt at the end. A zero length goes to the next sector. Throws corrupt_structure with the clause when a record is
  // shorter than its parts or leaves its sector; calling again then goes on in the next sector.
  std::optional<DirectoryRecordView> next();

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace fsimage::iso9660

namespace fsimage {

template <>
struct WireTable<iso9660::DirectoryRecord> {
  using T = iso9660::DirectoryRecord;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields =
      std::tuple{Field{"length of directory record", "9.1.1", &T::length},
                 Field{"extended attribute record length", "9.1.2", &T::extended_attribute_length},
                 Field{"location of extent", "9.1.3", &T::extent},
                 Field{"data length", "9.1.4", &T::data_length},
                 Field{"recording date and time", "9.1.5", &T::recorded},
                 Field{"file flags", "9.1.6", &T::flags},
                 Field{"file unit size", "9.1.7", &T::file_unit_size},
                 Field{"interleave gap size", "9.1.8", &T::interleave_gap_size},
                 Field{"volume sequence number", "9.1.9", &T::volume_sequence_number},
                 Field{"length of file identifier", "9.1.10", &T::identifier_length}};
};
static_assert(tiled_size<iso9660::DirectoryRecord>() == sizeof(iso9660::DirectoryRecord), "a field is missing");

}  // namespace fsimage
