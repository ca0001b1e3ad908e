#include "iso_descriptors.hpp"

#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <string_view>

namespace fsimage::volume {
namespace {

constexpr std::string_view kElTorito = "EL TORITO SPECIFICATION";  // El Torito 1.0 2.0

// Structures of ECMA-167 2/9.1 and 3/9.1 may stand between those of ECMA-119.
bool is_other_recognition(std::span<const std::byte> sector) {
  static constexpr std::array<std::string_view, 6> kKnown{"BEA01", "BOOT2", "NSR02", "NSR03", "TEA01", "CDW02"};
  const std::string_view id(reinterpret_cast<const char*>(sector.data()) + 1, 5);
  return std::find(kKnown.begin(), kKnown.end(), id) != kKnown.end();
}

void note(DescriptorSet& set, Lba at, std::span<const std::byte> sector,
          const iso9660::VolumeDescriptorHeader& header) {
  using enum iso9660::DescriptorType;
  switch (header.kind()) {
    case primary:
      if (!set.primary) set.primary = at;
      break;
    case supplementary: {
      const auto svd = load<iso9660::SupplementaryVolumeDescriptor>(sector);
      const auto level = joliet::level_of(svd.escape_sequences);
      if (header.version == 2) {
        if (!set.enhanced) set.enhanced = at;
      } else if (level && !set.joliet) {
        set.joliet = at;
        set.joliet_level = static_cast<std::uint8_t>(*level);
      }
      break;
    }
    case boot_record: {
      const auto boot = load<iso9660::BootRecord>(sector);
      if (!set.boot && iso9660::trimmed(boot.boot_system_identifier) == kElTorito) set.boot = at;
      break;
    }
    case terminator: set.terminated = true; break;
    default: break;
  }
}

}  // namespace

DescriptorSet read_descriptor_set(Blocks& blocks, Lba session) {
  DescriptorSet set;
  for (std::uint32_t i = 0; i < kMaxDescriptors && !set.terminated; ++i) {
    const std::uint64_t offset =
        session.byte_offset() + std::uint64_t{iso9660::kFirstDescriptor.value + i} * kBlockSize;
    if (!blocks.contains(offset, kBlockSize)) break;
    const auto sector = blocks.view(offset, kBlockSize, "ECMA-119 6.7.1");
    const auto header = iso9660::descriptor_in(sector);
    if (header) {
      set.items.push_back({lba_of(offset), *header});
      note(set, lba_of(offset), sector, *header);
    } else if (!is_other_recognition(sector)) {
      break;
    }
  }
  return set;
}

iso9660::PrimaryVolumeDescriptor load_descriptor(Blocks& blocks, Lba at) {
  return load<iso9660::PrimaryVolumeDescriptor>(blocks.view(at.byte_offset(), kBlockSize, "ECMA-119 6.7.1"));
}

std::uint64_t extent_offset(const iso9660::DirectoryRecord& record) {
  return (std::uint64_t{record.extent.value()} + record.extended_attribute_length) * kBlockSize;
}

DirectoryRef root_of(const iso9660::PrimaryVolumeDescriptor& vd, Lba at, const Blocks& blocks, const Report& report) {
  const auto little = vd.logical_block_size.value();
  const auto big = vd.logical_block_size.big.value();
  if (little != big) report.deviation(at, "ECMA-119 8.4.12", "the two halves of the logical block size differ");
  if (little != kBlockSize && big != kBlockSize) {
    if (little == 512 || little == 1024)
      throw Error(Errc::unsupported, {.path = {}, .lba = at, .clause = "ECMA-119 8.4.12"},
                  "logical blocks of " + std::to_string(little) + " bytes");
    damaged(at, "ECMA-119 8.4.12", "logical block size " + std::to_string(little));
  }
  const auto& root = vd.root.record;
  if (root.length != sizeof vd.root)
    report.deviation(at, "ECMA-119 8.4.18", "the root's record has " + std::to_string(root.length) + " bytes, not 34");
  if ((root.flags & iso9660::file_flags::kDirectory) == 0)
    report.deviation(at, "ECMA-119 9.1.6", "the root's record is not that of a folder");
  if (!root.extent.halves_agree())
    report.deviation(at, "ECMA-119 9.1.3", "the two halves of the root's location differ");
  if (!root.data_length.halves_agree())
    report.deviation(at, "ECMA-119 9.1.4", "the two halves of the root's length differ");
  const auto space = std::uint64_t{vd.volume_space_size.value()} * kBlockSize;
  if (space > blocks.size())
    report.deviation(at, "ECMA-119 8.4.8",
                     "the image ends " + std::to_string((space - blocks.size() + kBlockSize - 1) / kBlockSize) +
                         " blocks before the volume does");
  return {.at = extent_offset(root), .bytes = root.data_length.value()};
}

}  // namespace fsimage::volume
