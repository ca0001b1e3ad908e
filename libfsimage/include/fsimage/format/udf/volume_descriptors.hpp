// Volume recognition, ECMA-167 2/9.1, and the volume structure, ECMA-167 3/10. Values only, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

namespace fsimage::udf {

// 2/9.1: BEA01, NSR02, NSR03, TEA01, BOOT2; also ISO 9660's CD001.
struct VolumeStructureDescriptor {
  std::uint8_t type;                             // RBP 0
  std::array<std::byte, 5> standard_identifier;  // RBP 1
  std::uint8_t version;                          // RBP 6
  std::array<std::byte, 2041> data;              // RBP 7
};
static_assert(sizeof(VolumeStructureDescriptor) == 2048);

// 3/10.2
struct AnchorVolumeDescriptorPointer {
  DescriptorTag tag;
  ExtentDescriptor main_sequence;       // RBP 16
  ExtentDescriptor reserve_sequence;    // RBP 24
  std::array<std::byte, 480> reserved;  // RBP 32
};
static_assert(sizeof(AnchorVolumeDescriptorPointer) == 512);

// 3/10.1
struct PrimaryVolumeDescriptor {
  DescriptorTag tag;
  le32 sequence_number;                          // RBP 16
  le32 descriptor_number;                        // RBP 20
  DString<32> volume_identifier;                 // RBP 24
  le16 volume_sequence_number;                   // RBP 56
  le16 max_volume_sequence_number;               // RBP 58
  le16 interchange_level;                        // RBP 60
  le16 max_interchange_level;                    // RBP 62
  le32 character_set_list;                       // RBP 64
  le32 max_character_set_list;                   // RBP 68
  DString<128> volume_set_identifier;            // RBP 72
  CharSpec descriptor_character_set;             // RBP 200
  CharSpec explanatory_character_set;            // RBP 264
  ExtentDescriptor volume_abstract;              // RBP 328
  ExtentDescriptor volume_copyright_notice;      // RBP 336
  EntityIdentifier application;                  // RBP 344
  WireTimestamp recorded;                        // RBP 376
  EntityIdentifier implementation;               // RBP 388
  std::array<std::byte, 64> implementation_use;  // RBP 420
  le32 predecessor_sequence_location;            // RBP 484
  le16 flags;                                    // RBP 488
  std::array<std::byte, 22> reserved;            // RBP 490
};
static_assert(sizeof(PrimaryVolumeDescriptor) == 512 && offsetof(PrimaryVolumeDescriptor, flags) == 488);

// 3/10.3
struct VolumeDescriptorPointer {
  DescriptorTag tag;
  le32 sequence_number;                 // RBP 16
  ExtentDescriptor next_sequence;       // RBP 20
  std::array<std::byte, 484> reserved;  // RBP 28
};
static_assert(sizeof(VolumeDescriptorPointer) == 512);

// 3/10.4 with the logical volume information of UDF 2.2.7.
struct ImplementationUseVolumeDescriptor {
  DescriptorTag tag;
  le32 sequence_number;                           // RBP 16
  EntityIdentifier identifier;                    // RBP 20: *UDF LV Info
  CharSpec character_set;                         // RBP 52
  DString<128> logical_volume_identifier;         // RBP 116
  DString<36> owner, organization, contact;       // RBP 244, 280, 316
  EntityIdentifier implementation;                // RBP 352
  std::array<std::byte, 128> implementation_use;  // RBP 384
};
static_assert(sizeof(ImplementationUseVolumeDescriptor) == 512);
static_assert(offsetof(ImplementationUseVolumeDescriptor, implementation) == 352);

// 4/14.3, in the Partition Descriptor
struct PartitionHeaderDescriptor {
  ShortAllocationDescriptor unallocated_space_table;
  ShortAllocationDescriptor unallocated_space_bitmap;
  ShortAllocationDescriptor partition_integrity_table;
  ShortAllocationDescriptor freed_space_table;
  ShortAllocationDescriptor freed_space_bitmap;
  std::array<std::byte, 88> reserved;
};
static_assert(sizeof(PartitionHeaderDescriptor) == 128);

// 3/10.5.7; pseudo_overwritable from UDF 2.60 on.
enum class AccessType : std::uint32_t {
  pseudo_overwritable = 0,
  read_only = 1,
  write_once = 2,
  rewritable = 3,
  overwritable = 4
};

// 3/10.5
struct PartitionDescriptor {
  DescriptorTag tag;
  le32 sequence_number;                           // RBP 16
  le16 flags;                                     // RBP 20: bit 0, space is allocated for the partition
  le16 partition_number;                          // RBP 22
  EntityIdentifier contents;                      // RBP 24
  PartitionHeaderDescriptor header;               // RBP 56
  le32 access_type;                               // RBP 184
  le32 starting_location;                         // RBP 188
  le32 length;                                    // RBP 192
  EntityIdentifier implementation;                // RBP 196
  std::array<std::byte, 128> implementation_use;  // RBP 228
  std::array<std::byte, 156> reserved;            // RBP 356
};
static_assert(sizeof(PartitionDescriptor) == 512 && offsetof(PartitionDescriptor, implementation) == 196);

// 3/10.6, fixed part; the partition maps follow.
struct LogicalVolumeDescriptor {
  DescriptorTag tag;
  le32 sequence_number;                           // RBP 16
  CharSpec descriptor_character_set;              // RBP 20
  DString<128> logical_volume_identifier;         // RBP 84
  le32 logical_block_size;                        // RBP 212
  EntityIdentifier domain;                        // RBP 216
  LongAllocationDescriptor file_set;              // RBP 248: contents use, 4/3.1
  le32 map_table_length;                          // RBP 264
  le32 partition_map_count;                       // RBP 268
  EntityIdentifier implementation;                // RBP 272
  std::array<std::byte, 128> implementation_use;  // RBP 304
  ExtentDescriptor integrity_sequence;            // RBP 432
};
static_assert(sizeof(LogicalVolumeDescriptor) == 440 && offsetof(LogicalVolumeDescriptor, integrity_sequence) == 432);

// 3/10.8, fixed part; as many extent descriptors follow.
struct UnallocatedSpaceDescriptor {
  DescriptorTag tag;
  le32 sequence_number;  // RBP 16
  le32 extent_count;     // RBP 20
};
static_assert(sizeof(UnallocatedSpaceDescriptor) == 24);

// 3/10.9 and 4/14.2
struct TerminatingDescriptor {
  DescriptorTag tag;
  std::array<std::byte, 496> reserved;
};
static_assert(sizeof(TerminatingDescriptor) == 512);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::VolumeStructureDescriptor> {
  using T = udf::VolumeStructureDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{
      Field{"structure type", "2/9.1.1", &T::type}, Field{"standard identifier", "2/9.1.2", &T::standard_identifier},
      Field{"structure version", "2/9.1.3", &T::version}, Field{"structure data", "2/9.1.4", &T::data}};
};
static_assert(tiled_size<udf::VolumeStructureDescriptor>() == sizeof(udf::VolumeStructureDescriptor));

template <>
struct WireTable<udf::AnchorVolumeDescriptorPointer> {
  using T = udf::AnchorVolumeDescriptorPointer;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "3/10.2.1", &T::tag},
                 Field{"main volume descriptor sequence extent", "3/10.2.2", &T::main_sequence},
                 Field{"reserve volume descriptor sequence extent", "3/10.2.3", &T::reserve_sequence},
                 Field{"reserved", "3/10.2.4", &T::reserved}};
};
static_assert(tiled_size<udf::AnchorVolumeDescriptorPointer>() == sizeof(udf::AnchorVolumeDescriptorPointer));

template <>
struct WireTable<udf::PrimaryVolumeDescriptor> {
  using T = udf::PrimaryVolumeDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{
      Field{"descriptor tag", "3/10.1.1", &T::tag},
      Field{"volume descriptor sequence number", "3/10.1.2", &T::sequence_number},
      Field{"primary volume descriptor number", "3/10.1.3", &T::descriptor_number},
      Field{"volume identifier", "3/10.1.4", &T::volume_identifier},
      Field{"volume sequence number", "3/10.1.5", &T::volume_sequence_number},
      Field{"maximum volume sequence number", "3/10.1.6", &T::max_volume_sequence_number},
      Field{"interchange level", "3/10.1.7", &T::interchange_level},
      Field{"maximum interchange level", "3/10.1.8", &T::max_interchange_level},
      Field{"character set list", "3/10.1.9", &T::character_set_list},
      Field{"maximum character set list", "3/10.1.10", &T::max_character_set_list},
      Field{"volume set identifier", "3/10.1.11", &T::volume_set_identifier},
      Field{"descriptor character set", "3/10.1.12", &T::descriptor_character_set},
      Field{"explanatory character set", "3/10.1.13", &T::explanatory_character_set},
      Field{"volume abstract", "3/10.1.14", &T::volume_abstract},
      Field{"volume copyright notice", "3/10.1.15", &T::volume_copyright_notice},
      Field{"application identifier", "3/10.1.16", &T::application},
      Field{"recording date and time", "3/10.1.17", &T::recorded},
      Field{"implementation identifier", "3/10.1.18", &T::implementation},
      Field{"implementation use", "3/10.1.19", &T::implementation_use},
      Field{"predecessor volume descriptor sequence location", "3/10.1.20", &T::predecessor_sequence_location},
      Field{"flags", "3/10.1.21", &T::flags},
      Field{"reserved", "3/10.1.22", &T::reserved}};
};
static_assert(tiled_size<udf::PrimaryVolumeDescriptor>() == sizeof(udf::PrimaryVolumeDescriptor));

template <>
struct WireTable<udf::VolumeDescriptorPointer> {
  using T = udf::VolumeDescriptorPointer;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "3/10.3.1", &T::tag},
                 Field{"volume descriptor sequence number", "3/10.3.2", &T::sequence_number},
                 Field{"next volume descriptor sequence extent", "3/10.3.3", &T::next_sequence},
                 Field{"reserved", "3/10.3.4", &T::reserved}};
};
static_assert(tiled_size<udf::VolumeDescriptorPointer>() == sizeof(udf::VolumeDescriptorPointer));

template <>
struct WireTable<udf::ImplementationUseVolumeDescriptor> {
  using T = udf::ImplementationUseVolumeDescriptor;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "2.2.7", &T::tag},
                 Field{"volume descriptor sequence number", "2.2.7", &T::sequence_number},
                 Field{"implementation identifier", "2.2.7.1", &T::identifier},
                 Field{"character set", "2.2.7.2.1", &T::character_set},
                 Field{"logical volume identifier", "2.2.7.2.2", &T::logical_volume_identifier},
                 Field{"owner", "2.2.7.2.3", &T::owner},
                 Field{"organization", "2.2.7.2.3", &T::organization},
                 Field{"contact", "2.2.7.2.3", &T::contact},
                 Field{"implementation", "2.2.7.2.4", &T::implementation},
                 Field{"implementation use", "2.2.7.2.5", &T::implementation_use}};
};
static_assert(tiled_size<udf::ImplementationUseVolumeDescriptor>() == sizeof(udf::ImplementationUseVolumeDescriptor));

template <>
struct WireTable<udf::PartitionHeaderDescriptor> {
  using T = udf::PartitionHeaderDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"unallocated space table", "4/14.3.1", &T::unallocated_space_table},
                 Field{"unallocated space bitmap", "4/14.3.2", &T::unallocated_space_bitmap},
                 Field{"partition integrity table", "4/14.3.3", &T::partition_integrity_table},
                 Field{"freed space table", "4/14.3.4", &T::freed_space_table},
                 Field{"freed space bitmap", "4/14.3.5", &T::freed_space_bitmap},
                 Field{"reserved", "4/14.3.6", &T::reserved}};
};
static_assert(tiled_size<udf::PartitionHeaderDescriptor>() == sizeof(udf::PartitionHeaderDescriptor));

template <>
struct WireTable<udf::PartitionDescriptor> {
  using T = udf::PartitionDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"descriptor tag", "3/10.5.1", &T::tag},
                                            Field{"volume descriptor sequence number", "3/10.5.2", &T::sequence_number},
                                            Field{"partition flags", "3/10.5.3", &T::flags},
                                            Field{"partition number", "3/10.5.4", &T::partition_number},
                                            Field{"partition contents", "3/10.5.5", &T::contents},
                                            Field{"partition contents use", "3/10.5.6", &T::header},
                                            Field{"access type", "3/10.5.7", &T::access_type},
                                            Field{"partition starting location", "3/10.5.8", &T::starting_location},
                                            Field{"partition length", "3/10.5.9", &T::length},
                                            Field{"implementation identifier", "3/10.5.10", &T::implementation},
                                            Field{"implementation use", "3/10.5.11", &T::implementation_use},
                                            Field{"reserved", "3/10.5.12", &T::reserved}};
};
static_assert(tiled_size<udf::PartitionDescriptor>() == sizeof(udf::PartitionDescriptor));

template <>
struct WireTable<udf::LogicalVolumeDescriptor> {
  using T = udf::LogicalVolumeDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "3/10.6.1", &T::tag},
                 Field{"volume descriptor sequence number", "3/10.6.2", &T::sequence_number},
                 Field{"descriptor character set", "3/10.6.3", &T::descriptor_character_set},
                 Field{"logical volume identifier", "3/10.6.4", &T::logical_volume_identifier},
                 Field{"logical block size", "3/10.6.5", &T::logical_block_size},
                 Field{"domain identifier", "3/10.6.6", &T::domain},
                 Field{"logical volume contents use", "3/10.6.7", &T::file_set},
                 Field{"map table length", "3/10.6.8", &T::map_table_length},
                 Field{"number of partition maps", "3/10.6.9", &T::partition_map_count},
                 Field{"implementation identifier", "3/10.6.10", &T::implementation},
                 Field{"implementation use", "3/10.6.11", &T::implementation_use},
                 Field{"integrity sequence extent", "3/10.6.12", &T::integrity_sequence}};
};
static_assert(tiled_size<udf::LogicalVolumeDescriptor>() == sizeof(udf::LogicalVolumeDescriptor));

template <>
struct WireTable<udf::UnallocatedSpaceDescriptor> {
  using T = udf::UnallocatedSpaceDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"descriptor tag", "3/10.8.1", &T::tag},
                                            Field{"volume descriptor sequence number", "3/10.8.2", &T::sequence_number},
                                            Field{"number of allocation descriptors", "3/10.8.3", &T::extent_count}};
};
static_assert(tiled_size<udf::UnallocatedSpaceDescriptor>() == sizeof(udf::UnallocatedSpaceDescriptor));

template <>
struct WireTable<udf::TerminatingDescriptor> {
  using T = udf::TerminatingDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "3/10.9.1", &T::tag}, Field{"reserved", "3/10.9.2", &T::reserved}};
};
static_assert(tiled_size<udf::TerminatingDescriptor>() == sizeof(udf::TerminatingDescriptor));

}  // namespace fsimage
