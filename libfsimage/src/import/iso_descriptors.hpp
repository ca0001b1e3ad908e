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
};

// Never throws for what the bytes say.
DescriptorSet read_descriptor_set(Blocks&, Lba session);

// What the primary and the supplementary descriptor have in common. The positions are the same, ECMA-119 8.5.
iso9660::PrimaryVolumeDescriptor load_descriptor(Blocks&, Lba at);

// Checks block size and root and tells where the root's records lie. Throws corrupt_structure, or unsupported for a
// block size that the standard allows but nobody writes.
DirectoryRef root_of(const iso9660::PrimaryVolumeDescriptor&, Lba at, const Blocks&, const Report&);

// Where the extent of a record begins, behind its extended attribute record, ECMA-119 6.5.1.
std::uint64_t extent_offset(const iso9660::DirectoryRecord&);

}  // namespace fsimage::volume
