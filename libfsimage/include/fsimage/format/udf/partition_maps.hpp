// Partition maps, ECMA-167 3/10.7, UDF 2.2.8 to 2.2.10, and the tables behind the virtual and sparable ones.
// Values only, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

namespace fsimage::udf {

// 3/10.7.1: what every map begins with.
struct PartitionMapHeader {
  std::uint8_t type;    // 1 or 2
  std::uint8_t length;  // of the whole map
};
static_assert(sizeof(PartitionMapHeader) == 2);

// 3/10.7.2
struct Type1PartitionMap {
  PartitionMapHeader header;  // 1, 6
  le16 volume_sequence_number;
  le16 partition_number;
};
static_assert(sizeof(Type1PartitionMap) == 6);

// 3/10.7.3 as UDF uses it: what all its type 2 maps begin with. A virtual map (UDF 2.2.8) has nothing more.
struct Type2PartitionMap {
  PartitionMapHeader header;  // 2, 64
  std::array<std::byte, 2> reserved;
  EntityIdentifier type_identifier;    // RBP 4
  le16 volume_sequence_number;         // RBP 36
  le16 partition_number;               // RBP 38: of the partition that the map stands on
  std::array<std::byte, 24> specific;  // RBP 40: by type_identifier
};
static_assert(sizeof(Type2PartitionMap) == 64 && offsetof(Type2PartitionMap, specific) == 40);

// UDF 2.2.9, in Type2PartitionMap::specific
struct SparableMapFields {
  le16 packet_length;        // blocks
  std::uint8_t table_count;  // 1 to 4
  std::uint8_t reserved;
  le32 table_size;                      // bytes
  std::array<le32, 4> table_locations;  // LSN
};
static_assert(sizeof(SparableMapFields) == 24);

// UDF 2.2.10, in Type2PartitionMap::specific
struct MetadataMapFields {
  le32 metadata_file;  // LBN in the partition below
  le32 mirror_file;
  le32 bitmap_file;           // kNoBitmapFile: none
  le32 allocation_unit_size;  // blocks
  le16 alignment_unit_size;   // blocks
  std::uint8_t flags;         // kDuplicateMetadata: the mirror has data of its own
  std::array<std::byte, 5> reserved;
};
inline constexpr std::uint8_t kDuplicateMetadata = 1;
inline constexpr std::uint32_t kNoBitmapFile = 0xFFFFFFFF;
static_assert(sizeof(MetadataMapFields) == 24 && offsetof(MetadataMapFields, flags) == 18);

// UDF 2.2.12, fixed part; the entries follow.
struct SparingTable {
  DescriptorTag tag;
  EntityIdentifier identifier;  // RBP 16
  le16 entry_count;             // RBP 48
  std::array<std::byte, 2> reserved;
  le32 sequence_number;  // RBP 52: the table with the higher one counts
};
static_assert(sizeof(SparingTable) == 56);

struct SparingEntry {
  le32 original;  // LBN of a packet; 0xFFFFFFFF free, 0xFFFFFFF0 defective
  le32 mapped;    // LSN
};
static_assert(sizeof(SparingEntry) == 8);

inline constexpr std::uint32_t kNoVat = 0xFFFFFFFF;  // no previous table; an entry that is not used

// UDF 1.50 2.2.10: the last bytes of the file, behind the entries.
struct VatTrailer {
  EntityIdentifier identifier;
  le32 previous_icb;
};
static_assert(sizeof(VatTrailer) == 36);

// UDF 2.2.11: the first bytes of the file; implementation use and entries follow.
struct VatHeader {
  le16 header_length;  // 152, and the implementation use
  le16 implementation_use_length;
  DString<128> logical_volume_identifier;                          // RBP 4
  le32 previous_icb;                                               // RBP 132
  le32 file_count;                                                 // RBP 136
  le32 directory_count;                                            // RBP 140
  le16 min_read_revision, min_write_revision, max_write_revision;  // RBP 144
  std::array<std::byte, 2> reserved;                               // RBP 150
};
static_assert(sizeof(VatHeader) == 152 && offsetof(VatHeader, previous_icb) == 132);

// UDF 1.50 3.3.4.5.1.3: body of the extended attribute "*UDF VAT LVExtension".
struct VatExtension {
  le16 header_checksum;
  le64 verification_id;  // unique id of the table's ICB
  le32 file_count;
  le32 directory_count;
  DString<128> logical_volume_identifier;  // RBP 18
};
static_assert(sizeof(VatExtension) == 146 && offsetof(VatExtension, logical_volume_identifier) == 18);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::PartitionMapHeader> {
  using T = udf::PartitionMapHeader;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"partition map type", "3/10.7.1.1", &T::type},
                                            Field{"partition map length", "3/10.7.1.2", &T::length}};
};
static_assert(tiled_size<udf::PartitionMapHeader>() == sizeof(udf::PartitionMapHeader));

template <>
struct WireTable<udf::Type1PartitionMap> {
  using T = udf::Type1PartitionMap;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"partition map", "3/10.7.2.1", &T::header},
                                            Field{"volume sequence number", "3/10.7.2.3", &T::volume_sequence_number},
                                            Field{"partition number", "3/10.7.2.4", &T::partition_number}};
};
static_assert(tiled_size<udf::Type1PartitionMap>() == sizeof(udf::Type1PartitionMap));

template <>
struct WireTable<udf::Type2PartitionMap> {
  using T = udf::Type2PartitionMap;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields = std::tuple{Field{"partition map", "2.2.8", &T::header},
                                            Field{"reserved", "2.2.8", &T::reserved},
                                            Field{"partition type identifier", "2.2.8", &T::type_identifier},
                                            Field{"volume sequence number", "2.2.8", &T::volume_sequence_number},
                                            Field{"partition number", "2.2.8", &T::partition_number},
                                            Field{"type specific", "2.2.8", &T::specific}};
};
static_assert(tiled_size<udf::Type2PartitionMap>() == sizeof(udf::Type2PartitionMap));

template <>
struct WireTable<udf::SparableMapFields> {
  using T = udf::SparableMapFields;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields = std::tuple{
      Field{"packet length", "2.2.9", &T::packet_length}, Field{"number of sparing tables", "2.2.9", &T::table_count},
      Field{"reserved", "2.2.9", &T::reserved}, Field{"size of each sparing table", "2.2.9", &T::table_size},
      Field{"locations of sparing tables", "2.2.9", &T::table_locations}};
};
static_assert(tiled_size<udf::SparableMapFields>() == sizeof(udf::SparableMapFields));

template <>
struct WireTable<udf::MetadataMapFields> {
  using T = udf::MetadataMapFields;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields = std::tuple{Field{"metadata file location", "2.2.10", &T::metadata_file},
                                            Field{"metadata mirror file location", "2.2.10", &T::mirror_file},
                                            Field{"metadata bitmap file location", "2.2.10", &T::bitmap_file},
                                            Field{"allocation unit size", "2.2.10", &T::allocation_unit_size},
                                            Field{"alignment unit size", "2.2.10", &T::alignment_unit_size},
                                            Field{"flags", "2.2.10", &T::flags},
                                            Field{"reserved", "2.2.10", &T::reserved}};
};
static_assert(tiled_size<udf::MetadataMapFields>() == sizeof(udf::MetadataMapFields));

template <>
struct WireTable<udf::SparingTable> {
  using T = udf::SparingTable;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "2.2.12", &T::tag}, Field{"sparing identifier", "2.2.12", &T::identifier},
                 Field{"reallocation table length", "2.2.12", &T::entry_count},
                 Field{"reserved", "2.2.12", &T::reserved}, Field{"sequence number", "2.2.12", &T::sequence_number}};
};
static_assert(tiled_size<udf::SparingTable>() == sizeof(udf::SparingTable));

template <>
struct WireTable<udf::SparingEntry> {
  using T = udf::SparingEntry;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields =
      std::tuple{Field{"original location", "2.2.12", &T::original}, Field{"mapped location", "2.2.12", &T::mapped}};
};
static_assert(tiled_size<udf::SparingEntry>() == sizeof(udf::SparingEntry));

template <>
struct WireTable<udf::VatTrailer> {
  using T = udf::VatTrailer;
  static constexpr std::string_view spec = "UDF 1.50";
  static constexpr auto fields = std::tuple{Field{"entity identifier", "2.2.10", &T::identifier},
                                            Field{"previous VAT ICB location", "2.2.10", &T::previous_icb}};
};
static_assert(tiled_size<udf::VatTrailer>() == sizeof(udf::VatTrailer));

template <>
struct WireTable<udf::VatHeader> {
  using T = udf::VatHeader;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields =
      std::tuple{Field{"length of header", "2.2.11", &T::header_length},
                 Field{"length of implementation use", "2.2.11", &T::implementation_use_length},
                 Field{"logical volume identifier", "2.2.11", &T::logical_volume_identifier},
                 Field{"previous VAT ICB location", "2.2.11", &T::previous_icb},
                 Field{"number of files", "2.2.11", &T::file_count},
                 Field{"number of directories", "2.2.11", &T::directory_count},
                 Field{"minimum UDF read revision", "2.2.11", &T::min_read_revision},
                 Field{"minimum UDF write revision", "2.2.11", &T::min_write_revision},
                 Field{"maximum UDF write revision", "2.2.11", &T::max_write_revision},
                 Field{"reserved", "2.2.11", &T::reserved}};
};
static_assert(tiled_size<udf::VatHeader>() == sizeof(udf::VatHeader));

template <>
struct WireTable<udf::VatExtension> {
  using T = udf::VatExtension;
  static constexpr std::string_view spec = "UDF 1.50";
  static constexpr auto fields =
      std::tuple{Field{"header checksum", "3.3.4.5.1.3", &T::header_checksum},
                 Field{"verification id", "3.3.4.5.1.3", &T::verification_id},
                 Field{"number of files", "3.3.4.5.1.3", &T::file_count},
                 Field{"number of directories", "3.3.4.5.1.3", &T::directory_count},
                 Field{"logical volume identifier", "3.3.4.5.1.3", &T::logical_volume_identifier}};
};
static_assert(tiled_size<udf::VatExtension>() == sizeof(udf::VatExtension));

}  // namespace fsimage
