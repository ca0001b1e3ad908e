// Volume descriptors of ECMA-119: one sector each, from sector 16 of a session up to the terminator. The supplementary
// descriptor serves Joliet (version 1 with Joliet's escape sequences) and the enhanced descriptor of ISO 9660:1999
// (version 2). Values and pure functions, any thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fsimage::iso9660 {

// ECMA-119 6.2.1, 6.7.1: sectors 0 to 15 are the system area; counted from the start of the session.
inline constexpr BlockCount kFirstDescriptor{16};

inline constexpr std::array<char, 5> kStandardIdentifier{'C', 'D', '0', '0', '1'};  // ECMA-119 8.1.2

// ECMA-119 8.1.1
enum class DescriptorType : std::uint8_t {
  boot_record = 0,
  primary = 1,
  supplementary = 2,
  partition = 3,
  terminator = 255
};

// ECMA-119 8.1: what every descriptor begins with.
struct VolumeDescriptorHeader {
  std::uint8_t type;                        // BP 1
  std::array<char, 5> standard_identifier;  // BP 2-6
  std::uint8_t version;                     // BP 7
  DescriptorType kind() const { return static_cast<DescriptorType>(type); }
  bool is_iso9660() const { return standard_identifier == kStandardIdentifier; }
};
static_assert(sizeof(VolumeDescriptorHeader) == 7 && alignof(VolumeDescriptorHeader) == 1);

constexpr VolumeDescriptorHeader descriptor_header(DescriptorType type, std::uint8_t version = 1) {
  return {static_cast<std::uint8_t>(type), kStandardIdentifier, version};
}

// ECMA-119 8.4.18: the directory record of the root is always 34 bytes long, its identifier one zero byte.
struct RootDirectoryRecord {
  DirectoryRecord record;
  std::byte identifier;
};
static_assert(sizeof(RootDirectoryRecord) == 34 && alignof(RootDirectoryRecord) == 1);

// ECMA-119 8.4
struct PrimaryVolumeDescriptor {
  VolumeDescriptorHeader header;                       // BP 1-7
  std::uint8_t unused1;                                // BP 8
  std::array<char, 32> system_identifier;              // BP 9-40
  std::array<char, 32> volume_identifier;              // BP 41-72
  std::array<std::byte, 8> unused2;                    // BP 73-80
  Both32 volume_space_size;                            // BP 81-88
  std::array<std::byte, 32> unused3;                   // BP 89-120
  Both16 volume_set_size;                              // BP 121-124
  Both16 volume_sequence_number;                       // BP 125-128
  Both16 logical_block_size;                           // BP 129-132
  Both32 path_table_size;                              // BP 133-140
  le32 type_l_path_table, optional_type_l_path_table;  // BP 141-148
  be32 type_m_path_table, optional_type_m_path_table;  // BP 149-156
  RootDirectoryRecord root;                            // BP 157-190
  std::array<char, 128> volume_set_identifier;         // BP 191-318
  std::array<char, 128> publisher_identifier;          // BP 319-446
  std::array<char, 128> data_preparer_identifier;      // BP 447-574
  std::array<char, 128> application_identifier;        // BP 575-702
  std::array<char, 37> copyright_file_identifier;      // BP 703-739
  std::array<char, 37> abstract_file_identifier;       // BP 740-776
  std::array<char, 37> bibliographic_file_identifier;  // BP 777-813
  LongDate created, modified, expires, effective;      // BP 814-881
  std::uint8_t file_structure_version;                 // BP 882
  std::uint8_t reserved1;                              // BP 883
  std::array<std::byte, 512> application_use;          // BP 884-1395
  std::array<std::byte, 653> reserved2;                // BP 1396-2048
};
static_assert(sizeof(PrimaryVolumeDescriptor) == kBlockSize && alignof(PrimaryVolumeDescriptor) == 1);
static_assert(offsetof(PrimaryVolumeDescriptor, root) + 1 == 157);
static_assert(offsetof(PrimaryVolumeDescriptor, file_structure_version) + 1 == 882);

// ECMA-119 8.5; the same positions but for the flags and the escape sequences.
struct SupplementaryVolumeDescriptor {
  VolumeDescriptorHeader header;  // BP 1-7; version 2 is an enhanced descriptor
  std::uint8_t volume_flags;      // BP 8
  std::array<char, 32> system_identifier;
  std::array<char, 32> volume_identifier;
  std::array<std::byte, 8> unused2;
  Both32 volume_space_size;
  std::array<char, 32> escape_sequences;  // BP 89-120
  Both16 volume_set_size;
  Both16 volume_sequence_number;
  Both16 logical_block_size;
  Both32 path_table_size;
  le32 type_l_path_table, optional_type_l_path_table;
  be32 type_m_path_table, optional_type_m_path_table;
  RootDirectoryRecord root;
  std::array<char, 128> volume_set_identifier;
  std::array<char, 128> publisher_identifier;
  std::array<char, 128> data_preparer_identifier;
  std::array<char, 128> application_identifier;
  std::array<char, 37> copyright_file_identifier;
  std::array<char, 37> abstract_file_identifier;
  std::array<char, 37> bibliographic_file_identifier;
  LongDate created, modified, expires, effective;
  std::uint8_t file_structure_version;  // BP 882
  std::uint8_t reserved1;
  std::array<std::byte, 512> application_use;
  std::array<std::byte, 653> reserved2;
};
static_assert(sizeof(SupplementaryVolumeDescriptor) == kBlockSize && alignof(SupplementaryVolumeDescriptor) == 1);
static_assert(offsetof(SupplementaryVolumeDescriptor, escape_sequences) + 1 == 89);
static_assert(offsetof(SupplementaryVolumeDescriptor, file_structure_version) + 1 == 882);

// ECMA-119 8.3
struct VolumeDescriptorSetTerminator {
  VolumeDescriptorHeader header;
  std::array<std::byte, 2041> reserved;  // BP 8-2048
};
static_assert(sizeof(VolumeDescriptorSetTerminator) == kBlockSize);

// ECMA-119 8.2. What the system use area holds is the affair of the boot system named, e.g. El Torito.
struct BootRecord {
  VolumeDescriptorHeader header;
  std::array<char, 32> boot_system_identifier;  // BP 8-39
  std::array<char, 32> boot_identifier;         // BP 40-71
  std::array<std::byte, 1977> boot_system_use;  // BP 72-2048
};
static_assert(sizeof(BootRecord) == kBlockSize);
static_assert(offsetof(BootRecord, boot_system_use) + 1 == 72);

VolumeDescriptorSetTerminator volume_descriptor_set_terminator() noexcept;

// The text of a field without what pads it: spaces by the standard, zero bytes in images of others.
std::string_view trimmed(std::span<const char> field) noexcept;

// Header of the descriptor in that sector; nullopt when it is not one of ECMA-119.
std::optional<VolumeDescriptorHeader> descriptor_in(std::span<const std::byte> sector);

}  // namespace fsimage::iso9660

namespace fsimage {

template <>
struct WireTable<iso9660::VolumeDescriptorHeader> {
  using T = iso9660::VolumeDescriptorHeader;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields = std::tuple{Field{"volume descriptor type", "8.1.1", &T::type},
                                            Field{"standard identifier", "8.1.2", &T::standard_identifier},
                                            Field{"volume descriptor version", "8.1.3", &T::version}};
};
static_assert(tiled_size<iso9660::VolumeDescriptorHeader>() == sizeof(iso9660::VolumeDescriptorHeader));

template <>
struct WireTable<iso9660::RootDirectoryRecord> {
  using T = iso9660::RootDirectoryRecord;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields =
      std::tuple{Field{"directory record", "9.1", &T::record}, Field{"file identifier", "9.1.11", &T::identifier}};
};
static_assert(tiled_size<iso9660::RootDirectoryRecord>() == sizeof(iso9660::RootDirectoryRecord));

template <>
struct WireTable<iso9660::PrimaryVolumeDescriptor> {
  using T = iso9660::PrimaryVolumeDescriptor;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields =
      std::tuple{Field{"header", "8.4.1", &T::header},
                 Field{"unused", "8.4.4", &T::unused1},
                 Field{"system identifier", "8.4.5", &T::system_identifier},
                 Field{"volume identifier", "8.4.6", &T::volume_identifier},
                 Field{"unused", "8.4.7", &T::unused2},
                 Field{"volume space size", "8.4.8", &T::volume_space_size},
                 Field{"unused", "8.4.9", &T::unused3},
                 Field{"volume set size", "8.4.10", &T::volume_set_size},
                 Field{"volume sequence number", "8.4.11", &T::volume_sequence_number},
                 Field{"logical block size", "8.4.12", &T::logical_block_size},
                 Field{"path table size", "8.4.13", &T::path_table_size},
                 Field{"location of type L path table", "8.4.14", &T::type_l_path_table},
                 Field{"location of optional type L path table", "8.4.15", &T::optional_type_l_path_table},
                 Field{"location of type M path table", "8.4.16", &T::type_m_path_table},
                 Field{"location of optional type M path table", "8.4.17", &T::optional_type_m_path_table},
                 Field{"directory record for root directory", "8.4.18", &T::root},
                 Field{"volume set identifier", "8.4.19", &T::volume_set_identifier},
                 Field{"publisher identifier", "8.4.20", &T::publisher_identifier},
                 Field{"data preparer identifier", "8.4.21", &T::data_preparer_identifier},
                 Field{"application identifier", "8.4.22", &T::application_identifier},
                 Field{"copyright file identifier", "8.4.23", &T::copyright_file_identifier},
                 Field{"abstract file identifier", "8.4.24", &T::abstract_file_identifier},
                 Field{"bibliographic file identifier", "8.4.25", &T::bibliographic_file_identifier},
                 Field{"volume creation date and time", "8.4.26", &T::created},
                 Field{"volume modification date and time", "8.4.27", &T::modified},
                 Field{"volume expiration date and time", "8.4.28", &T::expires},
                 Field{"volume effective date and time", "8.4.29", &T::effective},
                 Field{"file structure version", "8.4.30", &T::file_structure_version},
                 Field{"reserved", "8.4.31", &T::reserved1},
                 Field{"application use", "8.4.32", &T::application_use},
                 Field{"reserved", "8.4.33", &T::reserved2}};
};
static_assert(tiled_size<iso9660::PrimaryVolumeDescriptor>() == kBlockSize, "a field is missing from the table");

// Fields that 8.5 takes over unchanged keep their clause of 8.4.
template <>
struct WireTable<iso9660::SupplementaryVolumeDescriptor> {
  using T = iso9660::SupplementaryVolumeDescriptor;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields =
      std::tuple{Field{"header", "8.5.1", &T::header},
                 Field{"volume flags", "8.5.3", &T::volume_flags},
                 Field{"system identifier", "8.5.4", &T::system_identifier},
                 Field{"volume identifier", "8.5.5", &T::volume_identifier},
                 Field{"unused", "8.4.7", &T::unused2},
                 Field{"volume space size", "8.4.8", &T::volume_space_size},
                 Field{"escape sequences", "8.5.6", &T::escape_sequences},
                 Field{"volume set size", "8.4.10", &T::volume_set_size},
                 Field{"volume sequence number", "8.4.11", &T::volume_sequence_number},
                 Field{"logical block size", "8.4.12", &T::logical_block_size},
                 Field{"path table size", "8.5.7", &T::path_table_size},
                 Field{"location of type L path table", "8.5.8", &T::type_l_path_table},
                 Field{"location of optional type L path table", "8.5.9", &T::optional_type_l_path_table},
                 Field{"location of type M path table", "8.5.10", &T::type_m_path_table},
                 Field{"location of optional type M path table", "8.5.11", &T::optional_type_m_path_table},
                 Field{"directory record for root directory", "8.5.12", &T::root},
                 Field{"volume set identifier", "8.5.13", &T::volume_set_identifier},
                 Field{"publisher identifier", "8.5.14", &T::publisher_identifier},
                 Field{"data preparer identifier", "8.5.15", &T::data_preparer_identifier},
                 Field{"application identifier", "8.5.16", &T::application_identifier},
                 Field{"copyright file identifier", "8.5.17", &T::copyright_file_identifier},
                 Field{"abstract file identifier", "8.5.18", &T::abstract_file_identifier},
                 Field{"bibliographic file identifier", "8.5.19", &T::bibliographic_file_identifier},
                 Field{"volume creation date and time", "8.4.26", &T::created},
                 Field{"volume modification date and time", "8.4.27", &T::modified},
                 Field{"volume expiration date and time", "8.4.28", &T::expires},
                 Field{"volume effective date and time", "8.4.29", &T::effective},
                 Field{"file structure version", "8.4.30", &T::file_structure_version},
                 Field{"reserved", "8.4.31", &T::reserved1},
                 Field{"application use", "8.4.32", &T::application_use},
                 Field{"reserved", "8.4.33", &T::reserved2}};
};
static_assert(tiled_size<iso9660::SupplementaryVolumeDescriptor>() == kBlockSize, "a field is missing from the table");

template <>
struct WireTable<iso9660::VolumeDescriptorSetTerminator> {
  using T = iso9660::VolumeDescriptorSetTerminator;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields =
      std::tuple{Field{"header", "8.3.1", &T::header}, Field{"reserved", "8.3.4", &T::reserved}};
};
static_assert(tiled_size<iso9660::VolumeDescriptorSetTerminator>() == kBlockSize);

template <>
struct WireTable<iso9660::BootRecord> {
  using T = iso9660::BootRecord;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields = std::tuple{
      Field{"header", "8.2.1", &T::header}, Field{"boot system identifier", "8.2.4", &T::boot_system_identifier},
      Field{"boot identifier", "8.2.5", &T::boot_identifier}, Field{"boot system use", "8.2.6", &T::boot_system_use}};
};
static_assert(tiled_size<iso9660::BootRecord>() == kBlockSize);

}  // namespace fsimage
