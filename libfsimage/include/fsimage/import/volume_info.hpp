// What the volumes of an image say of themselves: identifiers, sizes, dates, and every descriptor field by field with the
// clause that defines it. Nothing is walked. Values only, any thread.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_limits.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage {

// One descriptor as recorded. Offsets of the fields count from its first byte.
struct DescribedStructure {
  Lba at;
  std::uint32_t offset = 0;  // of its first byte in that block; not 0 for parts of others and small blocks
  std::string name;          // "iso9660/primary volume descriptor"
  std::vector<FieldText> fields;
};

// Primary or supplementary volume descriptor, ECMA-119 8.4 and 8.5. Texts are UTF-8 without padding; a time that is not
// set is kUnsetTime.
struct IsoVolumeInfo {
  Lba descriptor;
  std::string system, volume, volume_set, publisher, data_preparer, application;
  std::string copyright_file, abstract_file, bibliographic_file;
  std::string application_use;  // as it is, without zero bytes at its end
  Timestamp created = kUnsetTime, modified = kUnsetTime, expires = kUnsetTime, effective = kUnsetTime;
  BlockCount space;              // volume space size
  std::uint32_t block_size = 0;  // bytes
  std::uint16_t set_size = 0, sequence_number = 0;
  Lba root;
  std::uint32_t root_bytes = 0;
  Lba path_table_l, path_table_m;
  std::uint32_t path_table_bytes = 0;
  std::uint32_t path_table_folders = 0;  // records in the L table, as far as they are sound
};

// An entry of El Torito's boot catalog.
struct BootImageInfo {
  std::string platform;    // "x86", "EFI", "PowerPC", "Mac", "unknown"
  std::string emulation;   // "no emulation", "hard disk", "1.44 MB floppy", ...
  std::string identifier;  // of the manufacturer, or of the section
  bool bootable = false;
  std::uint16_t load_segment = 0;  // 0: 7C0h
  std::uint16_t sectors = 0;       // of 512 bytes, that firmware loads
  Lba block;                       // where the image begins
  std::uint64_t bytes = 0;         // of a floppy, as a boot info table says, or else those that firmware loads
  std::optional<std::uint32_t> table_checksum;  // of a boot info table, when the image has one
};
struct BootInfo {
  Lba record, catalog;
  std::vector<BootImageInfo> images;
};

struct RockRidgeInfo {
  Lba root;                  // folder whose first record says so
  std::string extension;     // identifier of the extensions reference, "IEEE_1282"; empty without one
  std::uint8_t skipped = 0;  // bytes before the fields of each record, SUSP 5.3
};

// What partitions other than physical ones stand on. Virtual allocation table, UDF 2.2.11:
struct UdfVatInfo {
  Lba icb;
  bool old_form = false;  // that of UDF 1.50
  std::uint64_t entries = 0, unused = 0;
  std::optional<Lba> previous;  // ICB of the table before it
};
// Sparing tables, UDF 2.2.12:
struct UdfSparingTableInfo {
  Lba at;
  bool sound = false, used = false;
  std::uint32_t sequence_number = 0, entries = 0;
  std::uint32_t spared = 0;  // packets that lie elsewhere
};
struct UdfSparingInfo {
  std::uint32_t packet_blocks = 0;
  std::vector<UdfSparingTableInfo> tables;
};
// Metadata files, UDF 2.2.13; nothing for those that lie nowhere:
struct UdfMetadataInfo {
  std::optional<Lba> main, mirror, bitmap;  // file entries
  bool duplicated = false;                  // the mirror has data of its own
  bool from_mirror = false;                 // the main file is of no use
};

struct UdfPartitionInfo {
  std::string kind;  // "physical", "virtual", "sparable", "metadata", "unknown"
  std::uint16_t number = 0;
  std::uint32_t start = 0, length = 0;  // blocks of UdfVolumeInfo::block_size
  std::uint32_t access_type = 0;        // ECMA-167 3/10.5.7: 1 read-only, 2 write-once, 3 rewritable, 4 overwritable
  std::string contents;                 // "+NSR02"
  std::string fault{};                  // why it cannot be read; empty when it can
  std::optional<UdfVatInfo> vat{};
  std::optional<UdfSparingInfo> sparing{};
  std::optional<UdfMetadataInfo> metadata{};
};

// Logical volume integrity, ECMA-167 3/10.10 with UDF 2.2.6.4.
struct UdfIntegrityInfo {
  bool closed = false;
  Timestamp recorded = kUnsetTime;
  std::uint64_t next_unique_id = 0;
  std::uint32_t files = 0, directories = 0;
  std::uint16_t min_read = 0, min_write = 0, max_write = 0;  // revisions, binary-coded decimal
};

struct UdfVolumeInfo {
  std::vector<Lba> anchors;
  std::uint32_t block_size = 0;  // bytes
  std::uint16_t revision = 0;    // binary-coded decimal
  std::string volume, volume_set, logical_volume, implementation, application;
  Timestamp recorded = kUnsetTime;
  bool from_reserve = false;                 // the main descriptor sequence was of no use
  std::vector<UdfPartitionInfo> partitions;  // in the order of the partition maps
  std::optional<Lba> file_set, root;
  std::optional<UdfIntegrityInfo> integrity;
};

struct VolumesInfo {
  std::uint64_t image_bytes = 0;
  RecognizedFileSystems found;
  std::optional<IsoVolumeInfo> iso9660, joliet, enhanced;
  std::optional<RockRidgeInfo> rockridge;
  std::optional<BootInfo> boot;
  std::optional<UdfVolumeInfo> udf;
  std::vector<DescribedStructure> structures;  // in address order
  std::vector<Finding> findings;               // damage included: what could be read is described all the same
};

// Throws only for what cannot be read.
VolumesInfo describe_volumes(const ByteSource& source, Lba session = {}, const ImportLimits& limits = {});

}  // namespace fsimage
