#include "boot_catalog.hpp"
#include "iso_descriptors.hpp"
#include "iso_path_table.hpp"
#include "iso_stream.hpp"
#include "volume_describe.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/format/rockridge/susp.hpp>

#include <algorithm>

namespace fsimage::volume {
namespace {

DescribedStructure describe_descriptor(std::span<const std::byte> sector, const DescriptorSet::Item& item,
                                       bool joliet) {
  using enum iso9660::DescriptorType;
  const auto at = item.at.byte_offset();
  switch (item.header.kind()) {
    case boot_record: return describe_structure(load<iso9660::BootRecord>(sector), at, "eltorito/boot record");
    case primary:
      return describe_structure(load<iso9660::PrimaryVolumeDescriptor>(sector), at,
                                "iso9660/primary volume descriptor");
    case supplementary:
      return describe_structure(
          load<iso9660::SupplementaryVolumeDescriptor>(sector), at,
          joliet ? "joliet/supplementary volume descriptor" : "iso9660/enhanced volume descriptor");
    case terminator:
      return describe_structure(load<iso9660::VolumeDescriptorSetTerminator>(sector), at,
                                "iso9660/volume descriptor set terminator");
    default: return describe_structure(item.header, at, "iso9660/volume descriptor");
  }
}

std::uint32_t count_path_table(Blocks& blocks, std::uint64_t at, std::uint32_t bytes) {
  bytes = std::min(bytes, kMaxPathTable);
  if (!blocks.contains(at, bytes)) return 0;
  std::vector<std::byte> table(bytes);
  blocks.read(at, table, "ECMA-119 6.9");
  iso9660::PathTableRecords records(table, iso9660::PathTableType::l);
  std::uint32_t count = 0;
  try {
    while (records.next()) ++count;
  } catch (const Error&) {
    // What came before was sound.
  }
  return count;
}

IsoVolumeInfo read_info(Walk& walk, const IsoVolume& volume, Lba at) {
  const auto vd = load_descriptor(walk.blocks, at);
  const auto text = [&](std::span<const char> field) {
    return volume.view == View::joliet ? to_utf8(joliet::text_in(field)) : std::string(iso9660::trimmed(field));
  };
  const auto time = [](const iso9660::LongDate& date) { return iso9660::from_long_date(date).value_or(kUnsetTime); };
  IsoVolumeInfo out;
  out.descriptor = at;
  out.system = text(vd.system_identifier);
  out.volume = text(vd.volume_identifier);
  out.volume_set = text(vd.volume_set_identifier);
  out.publisher = text(vd.publisher_identifier);
  out.data_preparer = text(vd.data_preparer_identifier);
  out.application = text(vd.application_identifier);
  out.copyright_file = text(vd.copyright_file_identifier);
  out.abstract_file = text(vd.abstract_file_identifier);
  out.bibliographic_file = text(vd.bibliographic_file_identifier);
  out.application_use = text_of(vd.application_use);
  out.application_use.erase(out.application_use.find_last_not_of('\0') + 1);
  out.created = time(vd.created);
  out.modified = time(vd.modified);
  out.expires = time(vd.expires);
  out.effective = time(vd.effective);
  out.space = BlockCount{vd.volume_space_size.value()};
  out.block_size = volume.block_size;
  out.set_size = vd.volume_set_size.value();
  out.sequence_number = vd.volume_sequence_number.value();
  out.root = lba_of(volume.root.at);
  out.root_bytes = static_cast<std::uint32_t>(volume.root.bytes);
  out.path_table_l = lba_of(volume.offset_of(vd.type_l_path_table.value()));
  out.path_table_m = lba_of(volume.offset_of(vd.type_m_path_table.value()));
  out.path_table_bytes = vd.path_table_size.value();
  out.path_table_folders =
      count_path_table(walk.blocks, volume.offset_of(vd.type_l_path_table.value()), out.path_table_bytes);
  return out;
}

void check_descriptor(Walk& walk, Lba at, const IsoVolumeInfo& info) {
  const auto vd = load_descriptor(walk.blocks, at);
  if (!vd.path_table_size.halves_agree())
    walk.report.deviation(at, "ECMA-119 8.4.13", "the two halves of the path table size differ");
  if (!vd.volume_space_size.halves_agree())
    walk.report.deviation(at, "ECMA-119 8.4.8", "the two halves of the volume space size differ");
  if (info.path_table_folders == 0)
    walk.report.deviation(info.path_table_l, "ECMA-119 6.9", "no path table where the descriptor says");
}

void describe_boot(Walk& walk, Lba record, VolumesInfo& out) {
  auto catalog = read_boot_catalog(walk, record);
  out.boot = BootInfo{record, catalog.at, std::move(catalog.images)};
}

IsoVolumeInfo describe(Walk& walk, const IsoVolume& volume, Lba at) {
  auto info = read_info(walk, volume, at);
  check_descriptor(walk, at, info);
  return info;
}

}  // namespace

void describe_iso9660(Walk& walk, VolumesInfo& out) {
  const auto set = read_descriptor_set(walk.blocks, out.found.session);
  for (const auto& item : set.items) {
    const auto sector = walk.blocks.view(item.at.byte_offset(), kBlockSize, "ECMA-119 6.7.1");
    out.structures.push_back(describe_descriptor(sector, item, item.at == set.joliet));
  }
  if (!set.items.empty() && !set.terminated)
    walk.report.deviation(set.items.back().at, "ECMA-119 8.3", "the volume descriptor set has no terminator");
  std::optional<IsoVolume> primary;
  if (set.primary) {
    primary = read_volume(walk.blocks, *set.primary, View::iso9660, walk.report);
    out.iso9660 = describe(walk, *primary, *set.primary);
  }
  if (set.joliet)
    out.joliet = describe(walk, read_volume(walk.blocks, *set.joliet, View::joliet, walk.report), *set.joliet);
  if (set.enhanced)
    out.enhanced = describe(walk, read_volume(walk.blocks, *set.enhanced, View::enhanced, walk.report), *set.enhanced);
  if (set.boot) describe_boot(walk, *set.boot, out);
  if (!out.found.rockridge || !primary) return;
  primary->view = View::rockridge;
  find_rock_ridge(walk, *primary);
  out.rockridge = RockRidgeInfo{.root = *out.found.rockridge, .extension = {}, .skipped = primary->skipped};
  if (const auto self = read_self(walk, *primary, primary->root.at)) out.rockridge->extension = self->fields.extension;
}

}  // namespace fsimage::volume
