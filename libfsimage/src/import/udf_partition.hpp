// What a partition reference means: the kinds of partition (ECMA-167 3/10.7, UDF 2.2.8 to 2.2.10) behind one interface
// that says where a logical block lies in the source. Immutable once made.
#pragma once

#include "volume_content.hpp"

#include <fsimage/core/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fsimage::volume {

class UdfMapping {
 public:
  virtual ~UdfMapping() = default;
  // Where the bytes from that block on lie, as far as they lie in one piece; `bytes` is not 0. The piece may be a hole, may
  // lie outside the source, and has no length when the block lies nowhere.
  virtual Piece run(std::uint32_t block, std::uint64_t bytes) const = 0;
  // Blocks that have an address.
  virtual std::uint64_t blocks() const = 0;
};

// Type 1: blocks in a row.
std::shared_ptr<const UdfMapping> physical_mapping(std::uint32_t block_size, std::uint32_t start, std::uint32_t length);

// UDF 2.2.9: packets, some of them elsewhere.
struct UdfSpare {
  std::uint32_t original = 0;  // LBN of a packet's first block
  std::uint32_t mapped = 0;    // LSN
};
// `spares` are in the order of their originals, which are multiples of `packet_blocks`.
std::shared_ptr<const UdfMapping> sparable_mapping(std::uint32_t block_size, std::uint32_t start, std::uint32_t length,
                                                   std::uint32_t packet_blocks, std::vector<UdfSpare> spares);

// UDF 2.2.8, 2.2.11: each block is one of `below`, by the table's entry.
std::shared_ptr<const UdfMapping> virtual_mapping(std::uint32_t block_size, std::shared_ptr<const UdfMapping> below,
                                                  std::vector<std::uint32_t> entries);

// UDF 2.2.10: the blocks of a file.
std::shared_ptr<const UdfMapping> metadata_mapping(std::uint32_t block_size, const std::vector<Piece>& file);

// Where the tables of a partition were found, for those who describe the volume. All addresses are byte offsets.
struct UdfVat {
  std::uint64_t icb_at = 0;
  std::uint32_t icb_block = 0;             // in the partition below
  std::optional<std::uint64_t> header_at;  // from UDF 2.00 on; before, a trailer
  std::optional<std::uint64_t> trailer_at;
  std::uint64_t entries = 0;
  std::uint64_t unused = 0;               // of them
  std::optional<std::uint32_t> previous;  // block of the ICB of the table before this one
};
struct UdfSparingTable {
  std::uint64_t at = 0;
  bool sound = false;
  bool used = false;
  std::uint32_t sequence_number = 0;
  std::uint32_t entries = 0, spared = 0;
};
struct UdfSparing {
  std::uint32_t packet_blocks = 0;
  std::vector<UdfSparingTable> tables;
};
struct UdfMetadata {
  std::uint32_t main_block = 0, mirror_block = 0, bitmap_block = 0;  // of the file entries, in the partition below
  std::optional<std::uint64_t> main_at, mirror_at, bitmap_at;        // nothing when outside the partition
  std::uint32_t allocation_unit = 0, alignment_unit = 0;             // blocks
  bool duplicated = false;                                           // the mirror has data of its own
  bool from_mirror = false;                                          // the main file is of no use
};

// One partition map of the logical volume.
struct UdfPartition {
  enum class Kind : std::uint8_t { physical, virtual_table, sparable, metadata, unknown };
  Kind kind = Kind::unknown;
  std::uint16_t number = 0;                   // of the partition descriptor
  std::uint32_t start = 0, length = 0;        // blocks; of the partition descriptor
  std::uint64_t map_at = 0;                   // byte offset of the map
  std::uint64_t descriptor_at = 0;            // and of the partition descriptor
  std::shared_ptr<const UdfMapping> mapping;  // nothing when it could not be made
  std::optional<Error> fault;                 // why not
  std::optional<UdfVat> vat;
  std::optional<UdfSparing> sparing;
  std::optional<UdfMetadata> metadata;
};

}  // namespace fsimage::volume
