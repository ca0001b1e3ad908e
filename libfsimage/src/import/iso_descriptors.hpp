// The volume descriptor set of a session, ECMA-119 6.7.1, and what a reader needs of it. One thread.
#pragma once

#include "volume_blocks.hpp"
#include "volume_report.hpp"
#include "volume_view.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace fsimage::volume {

// Sectors behind the system area that are searched for descriptors; a set without a terminator ends there.
inline constexpr std::uint32_t kMaxDescriptors = 64;

struct DescriptorSet {
  struct Item {
    Lba at;
    iso9660::VolumeDescriptorHeader header;
  };
  std::vector<Item> items;                             // all of ECMA-119, in their order, the terminator included
  std::optional<Lba> primary, joliet, enhanced, boot;  // the first of each
  std::uint8_t joliet_level = 0;
  bool terminated = false;
  bool gap = false;  // sectors that are no descriptors lie between them

  std::optional<Lba> descriptor_of(View) const;  // Rock Ridge stands on the primary one
};

// Never throws for what the bytes say.
DescriptorSet read_descriptor_set(Blocks&, Lba session);

// What the primary and the supplementary descriptor have in common. The positions are the same, ECMA-119 8.5.
iso9660::PrimaryVolumeDescriptor load_descriptor(Blocks&, Lba at);

// A volume as one of its descriptors tells of it: what reading records and fields needs to know.
struct IsoVolume {
  View view = View::iso9660;
  std::uint32_t block_size = kBlockSize;             // of the logical blocks that addresses count, ECMA-119 6.2.2
  DirectoryRef root;                                 // where its records lie
  iso9660::DirectoryRecord root_record{};            // settled
  std::uint16_t set_size = 1;                        // volumes in the set, ECMA-119 8.4.10
  std::uint8_t skipped = 0;                          // Rock Ridge: bytes before a record's fields, SUSP 5.3
  std::optional<std::uint8_t> selector{};            // number of Rock Ridge among the extensions, SUSP 5.6
  std::optional<std::uint8_t> attribute_selector{};  // and of AAIP

  std::uint64_t offset_of(std::uint32_t block) const { return std::uint64_t{block} * block_size; }
  // Where the extent of a record begins, behind its extended attribute record, ECMA-119 6.5.1.
  std::uint64_t extent_of(const iso9660::DirectoryRecord& r) const {
    return offset_of(r.extent.value()) + offset_of(r.extended_attribute_length);
  }
  // Whether what the record tells of lies on another volume of the set, ECMA-119 9.1.9. The root always lies here; its
  // number is believed before that of the descriptor, which some sets have wrong.
  bool lies_elsewhere(const iso9660::DirectoryRecord& r) const {
    return set_size > 1 && r.volume_sequence_number.value() != root_record.volume_sequence_number.value() &&
           r.volume_sequence_number.value() != 0 && r.volume_sequence_number.value() <= set_size;
  }
};

// Checks block size and root. Throws corrupt_structure; in salvage, a block size that cannot be is taken for 2048.
IsoVolume read_volume(Blocks&, Lba descriptor, View, const Report&);

// Which numbers of a record were not the same in both byte orders.
struct UnequalHalves {
  bool extent = false, length = false, sequence = false;
};
// Makes both halves of the record's numbers the same, ECMA-119 7.3.3: the little-endian one counts, unless it leads
// outside the image and the big-endian one does not.
UnequalHalves settle_halves(const Blocks&, std::uint32_t block_size, iso9660::DirectoryRecord&);

}  // namespace fsimage::volume
