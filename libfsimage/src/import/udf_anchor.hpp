// Where UDF begins to be read: the recognition sequence (ECMA-167 part 2) and the anchors (3/8.4.2.1). One thread.
#pragma once

#include "volume_blocks.hpp"

#include <fsimage/format/udf/volume_descriptors.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::volume {

// Blocks where an anchor is looked for: of the volume, and of a volume that is not closed (ECMA-167 3/8.4.2.1; UDF 6.11.2).
inline constexpr std::uint32_t kAnchor = 256, kLateAnchor = 512;
// Sectors of the recognition sequence that are looked at.
inline constexpr std::uint32_t kMaxRecognition = 64;
// Zeros at the end of a source that are passed over to find the last recorded block.
inline constexpr std::uint64_t kMaxTrailingZeros = std::uint64_t{16} << 20;

// The identifier of a structure of the recognition sequence that is not one of ECMA-119, ECMA-167 2/9.1 and 3/9.1; empty
// when the sector begins with none.
std::string_view recognition_name(std::span<const std::byte> sector);

struct UdfAnchor {
  std::uint64_t at = 0;  // byte offset
  std::uint32_t block_size = kBlockSize;
  udf::AnchorVolumeDescriptorPointer pointer{};
};

// Looks where readers look, by block size 2048, then 512, 1024, 4096 and larger ones. Block 256 of the session counts when
// it leads to a volume: on an overwritable medium it is rewritten for the newest session, on others a session is what was
// asked for. Else the end and some places before it (run-out blocks of a drive, blocks that a copying program added) and
// 512: of those that disagree the one whose primary volume descriptor is newest, at equal times the one whose descriptors
// lie last. When there is none at all, the same before the zeros at the end of the source.
std::optional<UdfAnchor> find_anchor(Blocks&, Lba session);

// Byte offsets of all anchors: that one, and those at the end of what was recorded without a gap.
inline constexpr std::uint32_t kMaxAnchors = 65536;
std::vector<std::uint64_t> all_anchors(Blocks&, Lba session, const UdfAnchor&);

// Byte offset behind the last block that is not all zeros; the end of the source when it is too far away.
std::uint64_t recorded_end(Blocks&, std::uint32_t block_size, std::uint64_t most_zeros = kMaxTrailingZeros);

// The recognition sequence from BEA01 to TEA01, ECMA-167 2/8.3.
struct UdfRecognition {
  Lba first;
  // "BEA01", "NSR02", "TEA01"; a block of 2048 bytes each. Sectors of 4096 bytes leave empty ones between them.
  std::vector<std::string> identifiers;
};
std::optional<UdfRecognition> read_recognition(Blocks&, Lba session);

}  // namespace fsimage::volume
