// One structure of ISO 9660, Joliet or El Torito from the fuzzer's bytes, in a volume that is sound otherwise. The first
// byte chooses the structure.
#include "input.hpp"
#include "volumes.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <array>

namespace {

using namespace fsimage;

struct Volume {
  fuzz::SoundVolume of;
  std::uint32_t at = 0;  // block of the structure
};

const fuzz::SoundVolume& bridge() { return fuzz::iso_volumes()[3]; }

Volume patched(std::uint32_t at, std::size_t offset, std::span<const std::byte> bytes) {
  Volume v{bridge(), at};
  const auto room = v.of.block(at).subspan(offset);
  std::ranges::copy(bytes.first(std::min(bytes.size(), room.size())), room.begin());
  return v;
}
template <class T>
T descriptor(std::uint32_t at) {
  auto volume = bridge();
  return load<T>(volume.block(at));
}
const iso9660::PrimaryVolumeDescriptor& primary() {
  static const auto vd = descriptor<iso9660::PrimaryVolumeDescriptor>(16);
  return vd;
}
const iso9660::SupplementaryVolumeDescriptor& joliet_descriptor() {
  static const auto vd = descriptor<iso9660::SupplementaryVolumeDescriptor>(17);
  return vd;
}

Volume with_primary(std::span<const std::byte> bytes) {
  return patched(16, sizeof(iso9660::VolumeDescriptorHeader), bytes);
}
// Any descriptor at all, its header included.
Volume with_descriptor(std::span<const std::byte> bytes) { return patched(17, 0, bytes); }
Volume with_joliet(std::span<const std::byte> bytes) {
  return patched(17, sizeof(iso9660::VolumeDescriptorHeader), bytes);
}
// Records behind those of the folder itself and its parent.
Volume with_records(std::span<const std::byte> bytes) {
  auto v = patched(primary().root.record.extent.value(), 0, {});
  const auto folder = v.of.block(v.at);
  std::size_t behind = 0;
  for (int i = 0; i < 2; ++i) behind += std::to_integer<std::size_t>(folder[behind]);
  std::ranges::fill(folder.subspan(behind), std::byte{});
  std::ranges::copy(bytes.first(std::min(bytes.size(), folder.size() - behind)), folder.subspan(behind).begin());
  return v;
}
Volume with_joliet_records(std::span<const std::byte> bytes) {
  auto v = patched(joliet_descriptor().root.record.extent.value(), 68, bytes);
  return v;
}
Volume with_path_table(std::span<const std::byte> bytes) {
  auto v = patched(primary().type_l_path_table.value(), 0, bytes);
  const auto vd = v.of.block(16);
  auto changed = load<iso9660::PrimaryVolumeDescriptor>(vd);
  changed.path_table_size = static_cast<std::uint32_t>(bytes.size());
  store(vd, changed);
  return v;
}
Volume with_boot_catalog(std::span<const std::byte> bytes) {
  constexpr std::uint32_t kCatalog = 40;
  auto v = patched(kCatalog, 0, bytes);
  iso9660::BootRecord boot{};
  boot.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
  constexpr std::string_view kElTorito = "EL TORITO SPECIFICATION";
  std::ranges::copy(kElTorito, boot.boot_system_identifier.begin());
  store(std::span(boot.boot_system_use), le32{kCatalog});
  store(v.of.block(17), boot);
  return v;
}

template <class Walker>
void walk_all(Walker walker) {
  for (std::size_t steps = 0;; ++steps) {
    fuzz::require(steps <= 100'000, "each step moves on");
    try {
      if (!walker.next()) return;
    } catch (const Error&) {}
  }
}

void decode(std::span<const std::byte> bytes) {
  walk_all(iso9660::DirectoryRecords(bytes));
  walk_all(iso9660::PathTableRecords(bytes, iso9660::PathTableType::l));
  walk_all(iso9660::PathTableRecords(bytes, iso9660::PathTableType::m));
  const auto name = to_utf8(joliet::without_version(joliet::from_big_endian(bytes)));
  fuzz::require(name.size() <= bytes.size() * 3, "a name is not much longer than its units");
  if (bytes.size() >= sizeof(iso9660::ShortDate)) iso9660::from_short_date(load<iso9660::ShortDate>(bytes));
  if (bytes.size() >= sizeof(iso9660::LongDate)) iso9660::from_long_date(load<iso9660::LongDate>(bytes));
  if (bytes.size() >= eltorito::kEntrySize) eltorito::validation_fault(load<eltorito::ValidationEntry>(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr std::array kMake{with_primary, with_descriptor,     with_joliet,     with_records,
                                    with_records, with_joliet_records, with_path_table, with_boot_catalog};
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const auto which = (data[0] & 0x3F) % (kMake.size() + 1);
  if (which == kMake.size()) {
    decode(bytes);
    return 0;
  }
  auto volume = kMake[which](bytes);
  fuzz::read_everything(std::make_shared<MemorySource>(std::move(volume.of.bytes)), Lba{volume.at},
                        static_cast<Strictness>(data[0] / 64 % 3));
  return 0;
}
