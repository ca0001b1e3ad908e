#include "iso_descriptors.hpp"

#include "udf_anchor.hpp"

#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <string_view>

namespace fsimage::volume {
namespace {

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
      if (!set.boot && iso9660::trimmed(boot.boot_system_identifier) == eltorito::kBootSystem) set.boot = at;
      break;
    }
    case terminator: set.terminated = true; break;
    default: break;
  }
}

// Gaps in a set, of sectors that are no descriptors, that are passed over: one scratch must not hide what lies behind.
constexpr std::uint32_t kMaxGap = 4;

constexpr bool is_block_size(std::uint32_t n) { return n == 512 || n == 1024 || n == kBlockSize; }

// Whether the root's records begin where they do when logical blocks have that size.
bool leads_to_root(Blocks& blocks, const iso9660::DirectoryRecord& root, std::uint32_t block_size) {
  const auto at = (std::uint64_t{root.extent.value()} + root.extended_attribute_length) * block_size;
  if (!blocks.contains(at, sizeof(iso9660::RootDirectoryRecord))) return false;
  try {
    const auto self =
        load<iso9660::RootDirectoryRecord>(blocks.view(at, sizeof(iso9660::RootDirectoryRecord), "ECMA-119 6.8.2.2"));
    return self.record.length >= sizeof self && self.record.identifier_length == 1 &&
           self.identifier == iso9660::kSelfIdentifier;
  } catch (const Error& e) {
    if (e.code() != std::errc::io_error) throw;
    return false;  // who reads the root will say it
  }
}

// The field is believed when it leads to the root; else blocks of 2048 bytes are, when they do.
std::uint32_t block_size_of(Blocks& blocks, const iso9660::PrimaryVolumeDescriptor& vd, Lba at, const Report& report) {
  const std::uint32_t little = vd.logical_block_size.value(), big = vd.logical_block_size.big.value();
  if (little != big) report.deviation(at, "ECMA-119 8.4.12", "the two halves of the logical block size differ");
  for (const auto size : {little, big})
    if (is_block_size(size) && leads_to_root(blocks, vd.root.record, size)) return size;
  if (leads_to_root(blocks, vd.root.record, kBlockSize)) {
    report.deviation(at, "ECMA-119 8.4.12",
                     "logical block size " + std::to_string(little) + ", but the root lies where 2048 leads");
    return kBlockSize;
  }
  for (const auto size : {little, big})
    if (is_block_size(size)) return size;
  const Error e(Errc::corrupt_structure, {.path = {}, .lba = at, .clause = "ECMA-119 8.4.12"},
                "logical block size " + std::to_string(little));
  if (!report.survives(e)) throw e;
  report.lost(e);
  return kBlockSize;
}

}  // namespace

std::optional<Lba> DescriptorSet::descriptor_of(View view) const {
  switch (view) {
    case View::joliet: return joliet;
    case View::enhanced: return enhanced;
    default: return primary;
  }
}

DescriptorSet read_descriptor_set(Blocks& blocks, Lba session) {
  DescriptorSet set;
  std::uint32_t gap = 0;
  for (std::uint32_t i = 0; i < kMaxDescriptors && !set.terminated; ++i) {
    const std::uint64_t offset =
        session.byte_offset() + std::uint64_t{iso9660::kFirstDescriptor.value + i} * kBlockSize;
    if (!blocks.contains(offset, kBlockSize)) break;
    const auto sector = blocks.view(offset, kBlockSize, "ECMA-119 6.7.1");
    const auto header = iso9660::descriptor_in(sector);
    if (header) {
      set.gap |= gap != 0;
      gap = 0;
      set.items.push_back({lba_of(offset), *header});
      note(set, lba_of(offset), sector, *header);
    } else if (recognition_name(sector).empty() && ++gap > kMaxGap) {
      break;
    }
  }
  return set;
}

iso9660::PrimaryVolumeDescriptor load_descriptor(Blocks& blocks, Lba at) {
  return load<iso9660::PrimaryVolumeDescriptor>(blocks.view(at.byte_offset(), kBlockSize, "ECMA-119 6.7.1"));
}

UnequalHalves settle_halves(const Blocks& blocks, std::uint32_t block_size, iso9660::DirectoryRecord& r) {
  const UnequalHalves unequal{.extent = !r.extent.halves_agree(),
                              .length = !r.data_length.halves_agree(),
                              .sequence = !r.volume_sequence_number.halves_agree()};
  const auto inside = [&](std::uint32_t extent, std::uint64_t length) {
    return blocks.contains((std::uint64_t{extent} + r.extended_attribute_length) * block_size, length);
  };
  if (unequal.extent) {
    const auto little = r.extent.value(), big = r.extent.big.value();
    r.extent = !inside(little, 1) && big != 0 && inside(big, 1) ? big : little;
  }
  if (unequal.length) {
    const auto little = r.data_length.value(), big = r.data_length.big.value();
    r.data_length = !inside(r.extent.value(), little) && big != 0 && inside(r.extent.value(), big) ? big : little;
  }
  if (unequal.sequence) r.volume_sequence_number = r.volume_sequence_number.value();
  return unequal;
}

IsoVolume read_volume(Blocks& blocks, Lba at, View view, const Report& report) {
  const auto vd = load_descriptor(blocks, at);
  IsoVolume out;
  out.view = view;
  out.block_size = block_size_of(blocks, vd, at, report);
  out.set_size = vd.volume_set_size.value();
  out.root_record = vd.root.record;
  auto& root = out.root_record;
  if (root.length != sizeof vd.root)
    report.deviation(at, "ECMA-119 8.4.18", "the root's record has " + std::to_string(root.length) + " bytes, not 34");
  if ((root.flags & iso9660::file_flags::kDirectory) == 0)
    report.deviation(at, "ECMA-119 9.1.6", "the root's record is not that of a folder");
  const auto unequal = settle_halves(blocks, out.block_size, root);
  if (unequal.extent) report.deviation(at, "ECMA-119 9.1.3", "the two halves of the root's location differ");
  if (unequal.length) report.deviation(at, "ECMA-119 9.1.4", "the two halves of the root's length differ");
  const auto space = out.offset_of(vd.volume_space_size.value());
  if (space > blocks.size())
    report.deviation(at, "ECMA-119 8.4.8",
                     "the image ends " + std::to_string((space - blocks.size() + kBlockSize - 1) / kBlockSize) +
                         " blocks before the volume does");
  out.root = {.at = out.extent_of(root), .bytes = root.data_length.value()};
  return out;
}

}  // namespace fsimage::volume
