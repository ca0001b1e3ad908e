// The boot catalog of El Torito 1.0: entries of 32 bytes, a validation entry, the default entry, then sections.
// Values and pure functions, any thread.
#pragma once

#include <fsimage/core/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>

namespace fsimage::eltorito {

// 2.0: what the boot record in the second block of the descriptors says, and what its system use area begins with.
inline constexpr std::string_view kBootSystem = "EL TORITO SPECIFICATION";
struct BootSystemUse {
  le32 catalog;  // absolute block of 2048 bytes
};
static_assert(sizeof(BootSystemUse) == 4);

inline constexpr std::size_t kEntrySize = 32;
inline constexpr std::size_t kSectorSize = 512;  // what entries count in

enum class Platform : std::uint8_t { x86 = 0, power_pc = 1, mac = 2, efi = 0xEF };  // 2.1; UEFI 13.3.2.1
std::string_view to_string(Platform) noexcept;

// 2.1
struct ValidationEntry {
  std::uint8_t header_id;  // 1
  std::uint8_t platform;
  le16 reserved;
  std::array<char, 24> identifier;
  le16 checksum;                    // all sixteen words of the entry add up to 0
  std::array<std::uint8_t, 2> key;  // 55 AA
};
static_assert(sizeof(ValidationEntry) == kEntrySize && alignof(ValidationEntry) == 1);

enum class BootMedia : std::uint8_t { none = 0, floppy_1200 = 1, floppy_1440 = 2, floppy_2880 = 3, hard_disk = 4 };
std::string_view to_string(BootMedia) noexcept;
// Bytes of the floppy that is emulated; 0 for what is none.
std::uint64_t floppy_bytes(BootMedia) noexcept;
// The floppy of that size; none when there is no such.
BootMedia floppy_of(std::uint64_t bytes) noexcept;

// 2.2, 2.4: the default entry, and those of a section.
struct BootEntry {
  std::uint8_t indicator;    // 0x88 bootable, 0 not
  std::uint8_t media;        // low four bits: BootMedia; bit 5 of a section's entry: an extension follows
  le16 load_segment;         // 0: 7C0h
  std::uint8_t system_type;  // from the partition table of a hard disk
  std::uint8_t unused;
  le16 sector_count;  // of 512 bytes
  le32 load_block;    // absolute block of 2048 bytes
  std::uint8_t criteria_type;
  std::array<std::byte, 19> criteria;
  BootMedia emulation() const { return static_cast<BootMedia>(media & 0x0F); }
  bool extended() const { return (media & 0x20) != 0; }
};
static_assert(sizeof(BootEntry) == kEntrySize && offsetof(BootEntry, load_block) == 8);

// 2.3
struct SectionHeader {
  std::uint8_t indicator;  // 0x90: more sections follow; 0x91: the last
  std::uint8_t platform;
  le16 entry_count;
  std::array<char, 28> identifier;
};
static_assert(sizeof(SectionHeader) == kEntrySize);

// 2.5
struct EntryExtension {
  std::uint8_t indicator;  // 0x44
  std::uint8_t flags;      // bit 5: another one follows
  std::array<std::byte, 30> criteria;
};
static_assert(sizeof(EntryExtension) == kEntrySize);

inline constexpr std::uint8_t kValidation = 1;
inline constexpr std::uint8_t kBootable = 0x88, kNotBootable = 0x00;
inline constexpr std::uint8_t kSection = 0x90, kLastSection = 0x91, kExtension = 0x44;

// What is wrong with a validation entry: its header, key or checksum; nullopt when it is sound.
std::optional<std::string_view> validation_fault(const ValidationEntry&) noexcept;

// With its checksum. An identifier beyond the field is cut, here and in a header.
ValidationEntry validation_entry(std::uint8_t platform, std::string_view identifier) noexcept;
SectionHeader section_header(std::uint8_t platform, std::string_view identifier, std::uint16_t entries,
                             bool last) noexcept;

}  // namespace fsimage::eltorito

namespace fsimage {

template <>
struct WireTable<eltorito::BootSystemUse> {
  using T = eltorito::BootSystemUse;
  static constexpr std::string_view spec = "El Torito 1.0";
  static constexpr auto fields = std::tuple{Field{"boot catalog", "2.0", &T::catalog}};
};
static_assert(tiled_size<eltorito::BootSystemUse>() == sizeof(eltorito::BootSystemUse));

template <>
struct WireTable<eltorito::ValidationEntry> {
  using T = eltorito::ValidationEntry;
  static constexpr std::string_view spec = "El Torito 1.0";
  static constexpr auto fields =
      std::tuple{Field{"header id", "2.1", &T::header_id}, Field{"platform", "2.1", &T::platform},
                 Field{"reserved", "2.1", &T::reserved},   Field{"identifier", "2.1", &T::identifier},
                 Field{"checksum", "2.1", &T::checksum},   Field{"key", "2.1", &T::key}};
};
static_assert(tiled_size<eltorito::ValidationEntry>() == sizeof(eltorito::ValidationEntry));

template <>
struct WireTable<eltorito::BootEntry> {
  using T = eltorito::BootEntry;
  static constexpr std::string_view spec = "El Torito 1.0";
  static constexpr auto fields = std::tuple{Field{"boot indicator", "2.2, 2.4", &T::indicator},
                                            Field{"boot media type", "2.2, 2.4", &T::media},
                                            Field{"load segment", "2.2, 2.4", &T::load_segment},
                                            Field{"system type", "2.2, 2.4", &T::system_type},
                                            Field{"unused", "2.2, 2.4", &T::unused},
                                            Field{"sector count", "2.2, 2.4", &T::sector_count},
                                            Field{"load block", "2.2, 2.4", &T::load_block},
                                            Field{"selection criteria type", "2.4", &T::criteria_type},
                                            Field{"selection criteria", "2.4", &T::criteria}};
};
static_assert(tiled_size<eltorito::BootEntry>() == sizeof(eltorito::BootEntry));

template <>
struct WireTable<eltorito::SectionHeader> {
  using T = eltorito::SectionHeader;
  static constexpr std::string_view spec = "El Torito 1.0";
  static constexpr auto fields =
      std::tuple{Field{"header indicator", "2.3", &T::indicator}, Field{"platform", "2.3", &T::platform},
                 Field{"number of entries", "2.3", &T::entry_count}, Field{"identifier", "2.3", &T::identifier}};
};
static_assert(tiled_size<eltorito::SectionHeader>() == sizeof(eltorito::SectionHeader));

template <>
struct WireTable<eltorito::EntryExtension> {
  using T = eltorito::EntryExtension;
  static constexpr std::string_view spec = "El Torito 1.0";
  static constexpr auto fields =
      std::tuple{Field{"extension indicator", "2.5", &T::indicator}, Field{"flags", "2.5", &T::flags},
                 Field{"selection criteria", "2.5", &T::criteria}};
};
static_assert(tiled_size<eltorito::EntryExtension>() == sizeof(eltorito::EntryExtension));

}  // namespace fsimage
