// Path table records, in the two byte orders in which every volume has them. Pure functions and values, any thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/core/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fsimage::iso9660 {

// ECMA-119 9.4, the fixed part, in a Type L table (6.9.2): little-endian. Identifier and padding (9.4.6) follow.
struct PathTableRecordL {
  std::uint8_t identifier_length;          // BP 1
  std::uint8_t extended_attribute_length;  // BP 2
  le32 extent;                             // BP 3-6
  le16 parent;                             // BP 7-8
};
static_assert(sizeof(PathTableRecordL) == 8 && alignof(PathTableRecordL) == 1);
static_assert(offsetof(PathTableRecordL, parent) + 1 == 7);

// The same in a Type M table: big-endian.
struct PathTableRecordM {
  std::uint8_t identifier_length;
  std::uint8_t extended_attribute_length;
  be32 extent;
  be16 parent;
};
static_assert(sizeof(PathTableRecordM) == 8 && alignof(PathTableRecordM) == 1);
static_assert(offsetof(PathTableRecordM, parent) + 1 == 7);

enum class PathTableType : std::uint8_t { l, m };

// Numbers of parents have sixteen bits, ECMA-119 9.4.4; the root is number 1 and its own parent.
inline constexpr std::uint32_t kMaxParentNumber = 65535;

struct PathTableEntry {
  Lba extent;
  std::uint16_t parent = 1;
  std::span<const std::byte> identifier;       // one zero byte for the root
  std::uint8_t extended_attribute_length = 0;  // logical blocks before the folder's records
};
void encode(const PathTableEntry&, PathTableType, Sink&);

// Walks a table. Each step moves on, whatever the bytes say.
class PathTableRecords {
 public:
  PathTableRecords(std::span<const std::byte> table, PathTableType type) : bytes_(table), type_(type) {}
  // nullopt at the end; throws corrupt_structure when a record leaves the table or has no identifier, and ends then.
  std::optional<PathTableEntry> next();

 private:
  std::span<const std::byte> bytes_;
  PathTableType type_;
};

}  // namespace fsimage::iso9660

namespace fsimage {

template <class T>
struct PathTableRecordTable {
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields = std::tuple{
      Field{"length of directory identifier", "9.4.1", &T::identifier_length},
      Field{"extended attribute record length", "9.4.2", &T::extended_attribute_length},
      Field{"location of extent", "9.4.3", &T::extent}, Field{"parent directory number", "9.4.4", &T::parent}};
};
template <>
struct WireTable<iso9660::PathTableRecordL> : PathTableRecordTable<iso9660::PathTableRecordL> {};
template <>
struct WireTable<iso9660::PathTableRecordM> : PathTableRecordTable<iso9660::PathTableRecordM> {};
static_assert(tiled_size<iso9660::PathTableRecordL>() == sizeof(iso9660::PathTableRecordL));
static_assert(tiled_size<iso9660::PathTableRecordM>() == sizeof(iso9660::PathTableRecordM));

}  // namespace fsimage
