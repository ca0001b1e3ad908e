// The volume structure of UDF: descriptor sequences, partitions, file set. ECMA-167 parts 3 and 4/8. One thread.
#pragma once

#include "udf_anchor.hpp"
#include "udf_partition.hpp"
#include "volume_content.hpp"
#include "volume_view.hpp"

#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::volume {

// Blocks of one descriptor sequence or integrity sequence that are looked at.
inline constexpr std::uint32_t kMaxSequenceBlocks = 1024;

struct UdfDescriptor {
  udf::TagIdentifier identifier{};
  std::uint64_t at = 0;  // byte offset
};

struct UdfSequence {
  std::uint64_t at = 0, bytes = 0;         // its first extent
  std::vector<UdfDescriptor> descriptors;  // the sound ones in their order, the terminating one included
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

  // Byte offset of a block that holds a structure. Throws corrupt_structure when the address is not in its partition, what
  // is wrong with the partition when it cannot be read.
  std::uint64_t structure_offset(std::uint16_t partition, std::uint32_t block) const;
  // Appends where so many bytes of data from that block on lie. Not checked against the source. Throws as above, and for
  // blocks that lie nowhere.
  void map_extent(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes, std::vector<Piece>& out) const;
  bool in_partition(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes) const;

 private:
  const UdfPartition& usable(std::uint16_t partition) const;
};

// Throws corrupt_structure when neither sequence holds a volume. A partition whose tables are damaged is there, without
// mapping.
UdfVolume read_udf_volume(Walk&, const UdfAnchor&);

// The file set descriptor, ECMA-167 4/14.1; its root ICB. Of several the one with the highest numbers, UDF 2.3.2. Throws
// corrupt_structure.
struct UdfFileSet {
  std::uint64_t at = 0;  // byte offset
  std::optional<std::uint64_t> terminator_at;
  DirectoryRef root;
};
UdfFileSet read_file_set(Walk&, const UdfVolume&);

}  // namespace fsimage::volume
