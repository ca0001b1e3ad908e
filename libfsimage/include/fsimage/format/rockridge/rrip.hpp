// The Rock Ridge Interchange Protocol: POSIX attributes, names, links and times in system use entries. Encoders append
// whole entries; decoders check lengths and never follow anything. Values and pure functions, any thread.
#pragma once

#include <fsimage/format/rockridge/susp.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::rockridge {

// RRIP 4.3 with the SUSP texts that announce version 1.12, under the number that the standard was to have.
inline constexpr std::string_view kExtensionIdentifier = "IEEE_1282";
inline constexpr std::string_view kExtensionDescriptor =
    "THE IEEE 1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS.";
inline constexpr std::string_view kExtensionSource =
    "PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, NJ, USA FOR THE 1282 SPECIFICATION.";
// Those that announce version 1.10.
inline constexpr std::string_view k110Identifier = "RRIP_1991A";
inline constexpr std::string_view k110Descriptor =
    "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
inline constexpr std::string_view k110Source =
    "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR "
    "FOR "
    "CONTACT INFORMATION.";
// Identifiers that announce Rock Ridge of any version.
bool is_rock_ridge(std::string_view extension_identifier) noexcept;

// RRIP 4.1.1, "PX"
struct PosixFileAttributes {
  SystemUseHeader header;
  Both32 mode;    // BP 5-12
  Both32 links;   // BP 13-20
  Both32 user;    // BP 21-28
  Both32 group;   // BP 29-36
  Both32 serial;  // BP 37-44, from version 1.12 on
};
static_assert(sizeof(PosixFileAttributes) == 44 && offsetof(PosixFileAttributes, serial) + 1 == 37);
inline constexpr std::size_t kPosixFileAttributesOld = 36;  // RRIP 1.10 has no serial number

// RRIP 4.1.2, "PN". The halves are the major and the minor number: what Linux reads without loss.
struct PosixDeviceNumber {
  SystemUseHeader header;
  Both32 high;  // BP 5-12
  Both32 low;   // BP 13-20
};
static_assert(sizeof(PosixDeviceNumber) == 20 && offsetof(PosixDeviceNumber, low) + 1 == 13);

// RRIP 4.1.3, "SL", the fixed part: component records follow.
struct SymbolicLink {
  SystemUseHeader header;
  std::uint8_t flags;  // BP 5
};
static_assert(sizeof(SymbolicLink) == 5 && offsetof(SymbolicLink, flags) + 1 == 5);
inline constexpr std::uint8_t kContinue = 0x01;  // SL, NM and components: goes on in the next one

// RRIP 4.1.3.1; content follows.
struct ComponentRecord {
  std::uint8_t flags;   // BP 1
  std::uint8_t length;  // BP 2, of the content
};
static_assert(sizeof(ComponentRecord) == 2);
namespace component {
inline constexpr std::uint8_t kCurrent = 0x02, kParent = 0x04, kRoot = 0x08;
// RRIP 1.09 had these; later versions reserve them.
inline constexpr std::uint8_t kVolumeRoot = 0x10, kHost = 0x20;
}  // namespace component

// RRIP 4.1.4, "NM", the fixed part: name content follows.
struct AlternateName {
  SystemUseHeader header;
  std::uint8_t flags;  // BP 5
};
static_assert(sizeof(AlternateName) == 5 && offsetof(AlternateName, flags) + 1 == 5);
inline constexpr std::size_t kMaxNameContent = 250;

// RRIP 4.1.5.1, "CL": where the folder that belongs here has been moved to.
struct ChildLink {
  SystemUseHeader header;
  Both32 location;  // BP 5-12
};
static_assert(sizeof(ChildLink) == 12 && offsetof(ChildLink, location) + 1 == 5);

// RRIP 4.1.5.2, "PL": in ".." of a folder that was moved, where it belongs.
struct ParentLink {
  SystemUseHeader header;
  Both32 location;  // BP 5-12
};
static_assert(sizeof(ParentLink) == 12 && offsetof(ParentLink, location) + 1 == 5);

// RRIP 4.1.5.3, "RE": this entry is not to be shown here.
struct RelocatedDirectory {
  SystemUseHeader header;
};
static_assert(sizeof(RelocatedDirectory) == 4);

// RRIP 4.1.6, "TF", the fixed part: stamps follow in the order of the flags' bits.
struct TimeStamps {
  SystemUseHeader header;
  std::uint8_t flags;  // BP 5
};
static_assert(sizeof(TimeStamps) == 5 && offsetof(TimeStamps, flags) + 1 == 5);
namespace time_flags {
inline constexpr std::uint8_t kCreation = 0x01, kModify = 0x02, kAccess = 0x04, kAttributes = 0x08, kBackup = 0x10,
                              kExpiration = 0x20, kEffective = 0x40, kLongForm = 0x80;
}
inline constexpr std::size_t kShortStamp = 7, kLongStamp = 17;  // ECMA-119 9.1.5 and 8.4.26.1

// RRIP 4.1.7, "SF"
struct SparseFile {
  SystemUseHeader header;
  Both32 virtual_size_high;  // BP 5-12
  Both32 virtual_size_low;   // BP 13-20
  std::uint8_t table_depth;  // BP 21
};
static_assert(sizeof(SparseFile) == 21 && offsetof(SparseFile, table_depth) + 1 == 21);

// st_mode's file type, as POSIX numbers it on every system that matters here.
namespace mode {
inline constexpr std::uint32_t kTypeMask = 0170000, kSocket = 0140000, kSymlink = 0120000, kRegular = 0100000,
                               kBlockDevice = 0060000, kDirectory = 0040000, kCharDevice = 0020000, kFifo = 0010000;
}

struct PosixAttributes {
  std::uint32_t mode = 0, links = 1, user = 0, group = 0;
  std::optional<std::uint32_t> serial;
};
void put_posix_attributes(Sink&, const PosixAttributes&);                   // 44 bytes with a serial, else 36
std::optional<PosixAttributes> posix_attributes(const SystemUseEntry& px);  // nullopt: too short

void put_device_number(Sink&, std::uint32_t major, std::uint32_t minor);

// One or more entries. A name of any length; the parts of one name are 250 bytes but for the last.
void put_alternate_name(Sink&, std::string_view name);
void put_child_link(Sink&, Lba);
void put_parent_link(Sink&, Lba);
void put_relocated(Sink&);

// `stamps` are short ones, in the order of the bits of `flags`.
void put_time_stamps(Sink&, std::uint8_t flags, std::span<const std::byte> stamps);
// The stamp for one flag, 7 or 17 bytes by the entry's form; nullopt when it is not there.
std::optional<std::span<const std::byte>> time_stamp(const SystemUseEntry& tf, std::uint8_t flag);

// One or more entries for the target. Components of no bytes ("a//b", "a/") are kept as such.
void put_symbolic_link(Sink&, std::string_view target);

// Puts a name together from the NM entries of a record, in their order.
class NameCollector {
 public:
  // False when the entry is too short or the name grows beyond `kMaxName`; the name is then void.
  bool add(const SystemUseEntry& nm);
  // nullopt: no NM, the last one said that another follows, or void. Names for "." and ".." are not told.
  std::optional<std::string> name() const;
  static constexpr std::size_t kMaxName = 1024;

 private:
  std::string name_;
  bool any_ = false, open_ = false, bad_ = false, special_ = false;
};

// Puts a target together from the SL entries of a record, in their order.
class TargetCollector {
 public:
  // False when a component leaves the entry or the target grows beyond `kMaxTarget`; the target is then void.
  bool add(const SystemUseEntry& sl);
  std::optional<std::string> target() const;         // nullopt: no SL, the last one said that another follows, or void
  bool volume_root() const { return volume_root_; }  // "/" stands for the root of the volume, wherever it is mounted
  static constexpr std::size_t kMaxTarget = 65535;

 private:
  bool add_component(std::uint8_t flags, std::string_view content);
  std::string target_;
  bool any_ = false, open_ = false, bad_ = false;
  bool needs_slash_ = false, volume_root_ = false;
};

}  // namespace fsimage::rockridge

namespace fsimage {

template <>
struct WireTable<rockridge::PosixFileAttributes> {
  using T = rockridge::PosixFileAttributes;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields =
      std::tuple{Field{"header", "4.1.1", &T::header},  Field{"st_mode", "4.1.1", &T::mode},
                 Field{"st_nlink", "4.1.1", &T::links}, Field{"st_uid", "4.1.1", &T::user},
                 Field{"st_gid", "4.1.1", &T::group},   Field{"file serial number", "4.1.1", &T::serial}};
};
static_assert(tiled_size<rockridge::PosixFileAttributes>() == sizeof(rockridge::PosixFileAttributes));

template <>
struct WireTable<rockridge::PosixDeviceNumber> {
  using T = rockridge::PosixDeviceNumber;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields =
      std::tuple{Field{"header", "4.1.2", &T::header}, Field{"dev_t high", "4.1.2", &T::high},
                 Field{"dev_t low", "4.1.2", &T::low}};
};
static_assert(tiled_size<rockridge::PosixDeviceNumber>() == sizeof(rockridge::PosixDeviceNumber));

template <>
struct WireTable<rockridge::SymbolicLink> {
  using T = rockridge::SymbolicLink;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "4.1.3", &T::header}, Field{"flags", "4.1.3", &T::flags}};
};
static_assert(tiled_size<rockridge::SymbolicLink>() == sizeof(rockridge::SymbolicLink));

template <>
struct WireTable<rockridge::ComponentRecord> {
  using T = rockridge::ComponentRecord;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields =
      std::tuple{Field{"component flags", "4.1.3.1", &T::flags}, Field{"component length", "4.1.3.1", &T::length}};
};
static_assert(tiled_size<rockridge::ComponentRecord>() == sizeof(rockridge::ComponentRecord));

template <>
struct WireTable<rockridge::AlternateName> {
  using T = rockridge::AlternateName;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "4.1.4", &T::header}, Field{"flags", "4.1.4", &T::flags}};
};
static_assert(tiled_size<rockridge::AlternateName>() == sizeof(rockridge::AlternateName));

template <>
struct WireTable<rockridge::ChildLink> {
  using T = rockridge::ChildLink;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields =
      std::tuple{Field{"header", "4.1.5.1", &T::header}, Field{"location of child directory", "4.1.5.1", &T::location}};
};
static_assert(tiled_size<rockridge::ChildLink>() == sizeof(rockridge::ChildLink));

template <>
struct WireTable<rockridge::ParentLink> {
  using T = rockridge::ParentLink;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "4.1.5.2", &T::header},
                                            Field{"location of parent directory", "4.1.5.2", &T::location}};
};
static_assert(tiled_size<rockridge::ParentLink>() == sizeof(rockridge::ParentLink));

template <>
struct WireTable<rockridge::RelocatedDirectory> {
  using T = rockridge::RelocatedDirectory;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "4.1.5.3", &T::header}};
};
static_assert(tiled_size<rockridge::RelocatedDirectory>() == sizeof(rockridge::RelocatedDirectory));

template <>
struct WireTable<rockridge::TimeStamps> {
  using T = rockridge::TimeStamps;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "4.1.6", &T::header}, Field{"flags", "4.1.6", &T::flags}};
};
static_assert(tiled_size<rockridge::TimeStamps>() == sizeof(rockridge::TimeStamps));

template <>
struct WireTable<rockridge::SparseFile> {
  using T = rockridge::SparseFile;
  static constexpr std::string_view spec = "RRIP 1.12";
  static constexpr auto fields = std::tuple{
      Field{"header", "4.1.7", &T::header}, Field{"virtual file size high", "4.1.7", &T::virtual_size_high},
      Field{"virtual file size low", "4.1.7", &T::virtual_size_low}, Field{"table depth", "4.1.7", &T::table_depth}};
};
static_assert(tiled_size<rockridge::SparseFile>() == sizeof(rockridge::SparseFile));

}  // namespace fsimage
