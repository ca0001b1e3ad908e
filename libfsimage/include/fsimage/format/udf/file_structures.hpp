// The file structure of a partition, ECMA-167 4/14. Values only, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

namespace fsimage::udf {

// 4/14.1
struct FileSetDescriptor {
  DescriptorTag tag;
  WireTimestamp recorded;                                // RBP 16
  le16 interchange_level;                                // RBP 28
  le16 max_interchange_level;                            // RBP 30
  le32 character_set_list;                               // RBP 32
  le32 max_character_set_list;                           // RBP 36
  le32 file_set_number;                                  // RBP 40
  le32 file_set_descriptor_number;                       // RBP 44
  CharSpec logical_volume_identifier_character_set;      // RBP 48
  DString<128> logical_volume_identifier;                // RBP 112
  CharSpec file_set_character_set;                       // RBP 240
  DString<32> file_set_identifier;                       // RBP 304
  DString<32> copyright_file_identifier;                 // RBP 336
  DString<32> abstract_file_identifier;                  // RBP 368
  LongAllocationDescriptor root_directory_icb;           // RBP 400
  EntityIdentifier domain;                               // RBP 416
  LongAllocationDescriptor next_extent;                  // RBP 448
  LongAllocationDescriptor system_stream_directory_icb;  // RBP 464: from UDF 2.00 on
  std::array<std::byte, 32> reserved;                    // RBP 480
};
static_assert(sizeof(FileSetDescriptor) == 512 && offsetof(FileSetDescriptor, root_directory_icb) == 400);

// 4/14.6.6; 248 and above are UDF's.
enum class IcbFileType : std::uint8_t {
  unspecified = 0,
  unallocated_space = 1,
  partition_integrity = 2,
  indirect_entry = 3,
  directory = 4,
  bytes = 5,
  block_device = 6,
  character_device = 7,
  extended_attributes = 8,
  fifo = 9,
  socket = 10,
  terminal_entry = 11,
  symbolic_link = 12,
  stream_directory = 13,
  vat = 248,
  real_time = 249,
  metadata = 250,
  metadata_mirror = 251,
  metadata_bitmap = 252,
};

inline constexpr std::string_view kUdfStreamPrefix = "*UDF ";  // UDF 3.3.5.2: names of streams that are not for users
inline constexpr std::uint16_t kIcbStream = 1U << 13;          // 4/14.6.8: named by a stream directory

// 4/14.6.8: what the three low bits of the ICB flags say about the allocation descriptors.
enum class AllocationForm : std::uint8_t { short_form = 0, long_form = 1, extended_form = 2, embedded = 3 };
constexpr AllocationForm allocation_form(std::uint16_t icb_flags) { return static_cast<AllocationForm>(icb_flags & 7); }

// 4/14.6
struct IcbTag {
  le32 prior_entries;
  le16 strategy_type;       // RBP 4
  le16 strategy_parameter;  // RBP 6
  le16 max_entries;         // RBP 8
  std::uint8_t reserved;
  std::uint8_t file_type;      // RBP 11: IcbFileType
  RecordedAddress parent_icb;  // RBP 12
  le16 flags;                  // RBP 18
};
static_assert(sizeof(IcbTag) == 20 && offsetof(IcbTag, flags) == 18);

// 4/14.9, fixed part; extended attributes and allocation descriptors follow.
struct FileEntry {
  DescriptorTag tag;
  IcbTag icb;        // RBP 16
  le32 uid, gid;     // RBP 36, 40
  le32 permissions;  // RBP 44
  le16 link_count;   // RBP 48
  std::uint8_t record_format, record_display_attributes;
  le32 record_length;
  le64 information_length;                               // RBP 56
  le64 blocks_recorded;                                  // RBP 64
  WireTimestamp accessed, modified, attributes_changed;  // RBP 72, 84, 96
  le32 checkpoint;                                       // RBP 108
  LongAllocationDescriptor extended_attribute_icb;       // RBP 112
  EntityIdentifier implementation;                       // RBP 128
  le64 unique_id;                                        // RBP 160
  le32 extended_attributes_length;                       // RBP 168
  le32 allocation_descriptors_length;                    // RBP 172
};
static_assert(sizeof(FileEntry) == 176 && offsetof(FileEntry, unique_id) == 160);

// 4/14.17, fixed part; from UDF 2.00 on.
struct ExtendedFileEntry {
  DescriptorTag tag;
  IcbTag icb;        // RBP 16
  le32 uid, gid;     // RBP 36, 40
  le32 permissions;  // RBP 44
  le16 link_count;   // RBP 48
  std::uint8_t record_format, record_display_attributes;
  le32 record_length;
  le64 information_length;                                        // RBP 56
  le64 object_size;                                               // RBP 64: with the streams
  le64 blocks_recorded;                                           // RBP 72
  WireTimestamp accessed, modified, created, attributes_changed;  // RBP 80, 92, 104, 116
  le32 checkpoint;                                                // RBP 128
  std::array<std::byte, 4> reserved;                              // RBP 132
  LongAllocationDescriptor extended_attribute_icb;                // RBP 136
  LongAllocationDescriptor stream_directory_icb;                  // RBP 152
  EntityIdentifier implementation;                                // RBP 168
  le64 unique_id;                                                 // RBP 200
  le32 extended_attributes_length;                                // RBP 208
  le32 allocation_descriptors_length;                             // RBP 212
};
static_assert(sizeof(ExtendedFileEntry) == 216 && offsetof(ExtendedFileEntry, unique_id) == 200);

// 4/14.4.3
inline constexpr std::uint8_t kFidHidden = 1, kFidDirectory = 2, kFidDeleted = 4, kFidParent = 8, kFidMetadata = 16;

// 4/14.4, fixed part; implementation use, identifier and padding to a multiple of four follow.
struct FileIdentifierDescriptor {
  DescriptorTag tag;
  le16 version_number;             // RBP 16
  std::uint8_t characteristics;    // RBP 18
  std::uint8_t identifier_length;  // RBP 19
  LongAllocationDescriptor icb;    // RBP 20
  le16 implementation_use_length;  // RBP 36
};
static_assert(sizeof(FileIdentifierDescriptor) == 38 && offsetof(FileIdentifierDescriptor, icb) == 20);

// Bytes of the whole descriptor, 4/14.4.9.
constexpr std::size_t fid_size(std::size_t implementation_use_length, std::size_t identifier_length) {
  return (sizeof(FileIdentifierDescriptor) + implementation_use_length + identifier_length + 3) / 4 * 4;
}

// 4/14.5, fixed part; allocation descriptors follow.
struct AllocationExtentDescriptor {
  DescriptorTag tag;
  le32 previous_extent;                // RBP 16
  le32 allocation_descriptors_length;  // RBP 20
};
static_assert(sizeof(AllocationExtentDescriptor) == 24);

// 4/14.7
struct IndirectEntry {
  DescriptorTag tag;
  IcbTag icb;
  LongAllocationDescriptor indirect_icb;  // RBP 36
};
static_assert(sizeof(IndirectEntry) == 52);

// 4/14.8
struct TerminalEntry {
  DescriptorTag tag;
  IcbTag icb;
};
static_assert(sizeof(TerminalEntry) == 36);

// 4/14.11, fixed part; allocation descriptors follow.
struct UnallocatedSpaceEntry {
  DescriptorTag tag;
  IcbTag icb;
  le32 allocation_descriptors_length;  // RBP 36
};
static_assert(sizeof(UnallocatedSpaceEntry) == 40);

// 4/14.12, fixed part; the bitmap follows: bit 0 of its first byte is block 0, set when free.
struct SpaceBitmapDescriptor {
  DescriptorTag tag;
  le32 bit_count;   // RBP 16
  le32 byte_count;  // RBP 20
};
static_assert(sizeof(SpaceBitmapDescriptor) == 24);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::FileSetDescriptor> {
  using T = udf::FileSetDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{
      Field{"descriptor tag", "4/14.1.1", &T::tag},
      Field{"recording date and time", "4/14.1.2", &T::recorded},
      Field{"interchange level", "4/14.1.3", &T::interchange_level},
      Field{"maximum interchange level", "4/14.1.4", &T::max_interchange_level},
      Field{"character set list", "4/14.1.5", &T::character_set_list},
      Field{"maximum character set list", "4/14.1.6", &T::max_character_set_list},
      Field{"file set number", "4/14.1.7", &T::file_set_number},
      Field{"file set descriptor number", "4/14.1.8", &T::file_set_descriptor_number},
      Field{"logical volume identifier character set", "4/14.1.9", &T::logical_volume_identifier_character_set},
      Field{"logical volume identifier", "4/14.1.10", &T::logical_volume_identifier},
      Field{"file set character set", "4/14.1.11", &T::file_set_character_set},
      Field{"file set identifier", "4/14.1.12", &T::file_set_identifier},
      Field{"copyright file identifier", "4/14.1.13", &T::copyright_file_identifier},
      Field{"abstract file identifier", "4/14.1.14", &T::abstract_file_identifier},
      Field{"root directory icb", "4/14.1.15", &T::root_directory_icb},
      Field{"domain identifier", "4/14.1.16", &T::domain},
      Field{"next extent", "4/14.1.17", &T::next_extent},
      Field{"system stream directory icb", "4/14.1.18", &T::system_stream_directory_icb},
      Field{"reserved", "4/14.1.19", &T::reserved}};
};
static_assert(tiled_size<udf::FileSetDescriptor>() == sizeof(udf::FileSetDescriptor));

template <>
struct WireTable<udf::IcbTag> {
  using T = udf::IcbTag;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"prior recorded number of direct entries", "4/14.6.1", &T::prior_entries},
                 Field{"strategy type", "4/14.6.2", &T::strategy_type},
                 Field{"strategy parameter", "4/14.6.3", &T::strategy_parameter},
                 Field{"maximum number of entries", "4/14.6.4", &T::max_entries},
                 Field{"reserved", "4/14.6.5", &T::reserved},
                 Field{"file type", "4/14.6.6", &T::file_type},
                 Field{"parent icb location", "4/14.6.7", &T::parent_icb},
                 Field{"flags", "4/14.6.8", &T::flags}};
};
static_assert(tiled_size<udf::IcbTag>() == sizeof(udf::IcbTag));

template <>
struct WireTable<udf::FileEntry> {
  using T = udf::FileEntry;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.9.1", &T::tag},
                 Field{"icb tag", "4/14.9.2", &T::icb},
                 Field{"uid", "4/14.9.3", &T::uid},
                 Field{"gid", "4/14.9.4", &T::gid},
                 Field{"permissions", "4/14.9.5", &T::permissions},
                 Field{"file link count", "4/14.9.6", &T::link_count},
                 Field{"record format", "4/14.9.7", &T::record_format},
                 Field{"record display attributes", "4/14.9.8", &T::record_display_attributes},
                 Field{"record length", "4/14.9.9", &T::record_length},
                 Field{"information length", "4/14.9.10", &T::information_length},
                 Field{"logical blocks recorded", "4/14.9.11", &T::blocks_recorded},
                 Field{"access date and time", "4/14.9.12", &T::accessed},
                 Field{"modification date and time", "4/14.9.13", &T::modified},
                 Field{"attribute date and time", "4/14.9.14", &T::attributes_changed},
                 Field{"checkpoint", "4/14.9.15", &T::checkpoint},
                 Field{"extended attribute icb", "4/14.9.16", &T::extended_attribute_icb},
                 Field{"implementation identifier", "4/14.9.17", &T::implementation},
                 Field{"unique id", "4/14.9.18", &T::unique_id},
                 Field{"length of extended attributes", "4/14.9.19", &T::extended_attributes_length},
                 Field{"length of allocation descriptors", "4/14.9.20", &T::allocation_descriptors_length}};
};
static_assert(tiled_size<udf::FileEntry>() == sizeof(udf::FileEntry));

template <>
struct WireTable<udf::ExtendedFileEntry> {
  using T = udf::ExtendedFileEntry;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.17.1", &T::tag},
                 Field{"icb tag", "4/14.17.2", &T::icb},
                 Field{"uid", "4/14.17.3", &T::uid},
                 Field{"gid", "4/14.17.4", &T::gid},
                 Field{"permissions", "4/14.17.5", &T::permissions},
                 Field{"file link count", "4/14.17.6", &T::link_count},
                 Field{"record format", "4/14.17.7", &T::record_format},
                 Field{"record display attributes", "4/14.17.8", &T::record_display_attributes},
                 Field{"record length", "4/14.17.9", &T::record_length},
                 Field{"information length", "4/14.17.10", &T::information_length},
                 Field{"object size", "4/14.17.11", &T::object_size},
                 Field{"logical blocks recorded", "4/14.17.12", &T::blocks_recorded},
                 Field{"access date and time", "4/14.17.13", &T::accessed},
                 Field{"modification date and time", "4/14.17.14", &T::modified},
                 Field{"creation date and time", "4/14.17.15", &T::created},
                 Field{"attribute date and time", "4/14.17.16", &T::attributes_changed},
                 Field{"checkpoint", "4/14.17.17", &T::checkpoint},
                 Field{"reserved", "4/14.17.18", &T::reserved},
                 Field{"extended attribute icb", "4/14.17.19", &T::extended_attribute_icb},
                 Field{"stream directory icb", "4/14.17.20", &T::stream_directory_icb},
                 Field{"implementation identifier", "4/14.17.21", &T::implementation},
                 Field{"unique id", "4/14.17.22", &T::unique_id},
                 Field{"length of extended attributes", "4/14.17.23", &T::extended_attributes_length},
                 Field{"length of allocation descriptors", "4/14.17.24", &T::allocation_descriptors_length}};
};
static_assert(tiled_size<udf::ExtendedFileEntry>() == sizeof(udf::ExtendedFileEntry));

template <>
struct WireTable<udf::FileIdentifierDescriptor> {
  using T = udf::FileIdentifierDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.4.1", &T::tag},
                 Field{"file version number", "4/14.4.2", &T::version_number},
                 Field{"file characteristics", "4/14.4.3", &T::characteristics},
                 Field{"length of file identifier", "4/14.4.4", &T::identifier_length},
                 Field{"icb", "4/14.4.5", &T::icb},
                 Field{"length of implementation use", "4/14.4.6", &T::implementation_use_length}};
};
static_assert(tiled_size<udf::FileIdentifierDescriptor>() == sizeof(udf::FileIdentifierDescriptor));

template <>
struct WireTable<udf::AllocationExtentDescriptor> {
  using T = udf::AllocationExtentDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.5.1", &T::tag},
                 Field{"previous allocation extent location", "4/14.5.2", &T::previous_extent},
                 Field{"length of allocation descriptors", "4/14.5.3", &T::allocation_descriptors_length}};
};
static_assert(tiled_size<udf::AllocationExtentDescriptor>() == sizeof(udf::AllocationExtentDescriptor));

template <>
struct WireTable<udf::IndirectEntry> {
  using T = udf::IndirectEntry;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.7.1", &T::tag}, Field{"icb tag", "4/14.7.2", &T::icb},
                 Field{"indirect icb", "4/14.7.3", &T::indirect_icb}};
};
static_assert(tiled_size<udf::IndirectEntry>() == sizeof(udf::IndirectEntry));

template <>
struct WireTable<udf::TerminalEntry> {
  using T = udf::TerminalEntry;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.8.1", &T::tag}, Field{"icb tag", "4/14.8.2", &T::icb}};
};
static_assert(tiled_size<udf::TerminalEntry>() == sizeof(udf::TerminalEntry));

template <>
struct WireTable<udf::UnallocatedSpaceEntry> {
  using T = udf::UnallocatedSpaceEntry;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.11.1", &T::tag}, Field{"icb tag", "4/14.11.2", &T::icb},
                 Field{"length of allocation descriptors", "4/14.11.3", &T::allocation_descriptors_length}};
};
static_assert(tiled_size<udf::UnallocatedSpaceEntry>() == sizeof(udf::UnallocatedSpaceEntry));

template <>
struct WireTable<udf::SpaceBitmapDescriptor> {
  using T = udf::SpaceBitmapDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.12.1", &T::tag}, Field{"number of bits", "4/14.12.2", &T::bit_count},
                 Field{"number of bytes", "4/14.12.3", &T::byte_count}};
};
static_assert(tiled_size<udf::SpaceBitmapDescriptor>() == sizeof(udf::SpaceBitmapDescriptor));

}  // namespace fsimage
