// The volume structure of UDF: recognition, anchors, descriptor sequences, partitions, file set. ECMA-167 parts 2, 3 and
// 4/8. Block sizes other than 2048 are read as well. One thread.
#pragma once

#include "volume_content.hpp"
#include "volume_view.hpp"

#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::volume {

// Blocks of one descriptor sequence or integrity sequence that are looked at.
inline constexpr std::uint32_t kMaxSequenceBlocks = 1024;
// Sectors of the recognition sequence that are looked at.
inline constexpr std::uint32_t kMaxRecognition = 64;

struct UdfAnchor {
  std::uint64_t at = 0;  // byte offset
  std::uint32_t block_size = kBlockSize;
  udf::AnchorVolumeDescriptorPointer pointer{};
};
// The first of the places where readers look: 256, the end and 256 before it, 512; by block size 2048, 512, 1024, 4096.
std::optional<UdfAnchor> find_anchor(Blocks&, Lba session);

// Byte offsets of all anchors: that one, and those at the end of the source without a gap.
inline constexpr std::uint32_t kMaxAnchors = 65536;
std::vector<std::uint64_t> all_anchors(Blocks&, Lba session, const UdfAnchor&);

// The recognition sequence from BEA01 to TEA01, ECMA-167 2/8.3.
struct UdfRecognition {
  Lba first;
  std::vector<std::string> identifiers;  // "BEA01", "NSR02", "TEA01"; a block each
};
std::optional<UdfRecognition> read_recognition(Blocks&, Lba session);

struct UdfDescriptor {
  udf::TagIdentifier identifier{};
  std::uint64_t at = 0;  // byte offset
};

struct UdfSequence {
  std::uint64_t at = 0, bytes = 0;         // its first extent
  std::vector<UdfDescriptor> descriptors;  // the sound ones in their order, the terminating one included
};

// Partition of the logical volume: what a partition reference number means, ECMA-167 3/10.7.
struct UdfPartition {
  enum class Kind : std::uint8_t { physical, virtual_table, sparable, metadata, unknown };
  Kind kind = Kind::unknown;
  std::uint16_t number = 0;             // of the partition descriptor
  std::uint32_t start = 0, length = 0;  // blocks
};

struct UdfVolume {
  UdfAnchor anchor;
  std::uint32_t block_size = kBlockSize;
  UdfSequence main, reserve;
  bool from_reserve = false;            // the main sequence was no good
  std::uint64_t logical_volume_at = 0;  // the prevailing descriptors, byte offsets
  std::vector<std::uint64_t> partitions_at;
  std::vector<UdfPartition> partitions;
  std::uint16_t revision = 0;
  std::string name;  // UTF-8
  udf::LongAllocationDescriptor file_set{};
  std::uint64_t integrity_extent_at = 0, integrity_extent_bytes = 0;
  std::optional<std::uint64_t> integrity_at;  // the newest integrity descriptor

  // Byte offset of a block that holds a structure. Throws corrupt_structure when the address is not in its partition.
  std::uint64_t structure_offset(std::uint16_t partition, std::uint32_t block) const;
  // Appends where so many bytes of data from that block on lie. Not checked against the source.
  void map_extent(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes, std::vector<Piece>& out) const;
  bool in_partition(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes) const;

 private:
  const UdfPartition& usable(std::uint16_t partition) const;
};

// Throws corrupt_structure when neither sequence holds a volume.
UdfVolume read_udf_volume(Walk&, const UdfAnchor&);

// The file set descriptor, ECMA-167 4/14.1; its root ICB. Throws corrupt_structure.
struct UdfFileSet {
  std::uint64_t at = 0;  // byte offset
  std::optional<std::uint64_t> terminator_at;
  DirectoryRef root;
};
UdfFileSet read_file_set(Walk&, const UdfVolume&);

}  // namespace fsimage::volume
