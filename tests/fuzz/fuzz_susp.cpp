// System use fields from the fuzzer's bytes: the first so many in a record, the others in areas that it may lead to.
#include "input.hpp"
#include "volumes.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/format/rockridge/rrip.hpp>

#include <algorithm>
#include <optional>

namespace {

using namespace fsimage;

// By themselves: whatever they say, walking them ends, and no text is longer than its bytes.
void decode(std::span<const std::byte> area) {
  rockridge::SystemUseEntries entries(area);
  rockridge::NameCollector name;
  rockridge::TargetCollector target;
  rockridge::AttributeCollector attributes;
  std::size_t bytes = 0;
  while (const auto entry = entries.next()) {
    bytes += entry->bytes.size();
    name.add(*entry);
    target.add(*entry);
    attributes.add(*entry);
    rockridge::posix_attributes(*entry);
    rockridge::extension_text(*entry);
    for (int flag = 1; flag < 0x80; flag <<= 1) rockridge::time_stamp(*entry, static_cast<std::uint8_t>(flag));
  }
  fuzz::require(bytes <= area.size(), "fields lie in their area");
  const auto text = name.name();
  fuzz::require(!text || text->size() <= rockridge::NameCollector::kMaxName, "a name has its limit");
  bool sound = false;
  std::size_t held = 0;
  for (const auto& a : attributes.attributes(sound)) {
    held += a.value.size();
    fuzz::require(a.name.find('\0') == a.name.npos, "a name ends where it says");
    if (const auto acl = rockridge::decode_acl(a.value))
      fuzz::require(rockridge::linux_acl(acl->access).size() == 4 + 8 * acl->access.size(), "a list has its form");
  }
  fuzz::require(held <= rockridge::AttributeCollector::kMaxBytes, "attributes have their limit");
  const auto path = target.target();
  fuzz::require(!path || path->size() <= rockridge::TargetCollector::kMaxTarget, "a target has its limit");
}

constexpr std::size_t kMostInRecord = 210;

// The record of the root's own comes first, then one whose fields are these.
void put_folder(std::span<std::byte> folder, std::span<const std::byte> fields, bool in_self) {
  const auto self = load<iso9660::DirectoryRecord>(folder);
  const std::vector<std::byte> own(folder.begin(), folder.begin() + self.length);
  const auto parent_at = self.length;
  const auto parent_length = std::to_integer<std::size_t>(folder[parent_at]);
  const std::vector<std::byte> parent(folder.begin() + parent_at,
                                      folder.begin() + static_cast<std::ptrdiff_t>(parent_at + parent_length));
  std::ranges::fill(folder, std::byte{});
  Sink sink(folder);
  iso9660::DirectoryEntry entry;
  entry.extent = Lba{self.extent.value()};
  entry.data_length = self.data_length.value();
  entry.flags = self.flags;
  entry.identifier = {&iso9660::kSelfIdentifier, 1};
  entry.system_use = fields;
  if (in_self)
    iso9660::encode(entry, sink);
  else
    sink.put(own);
  sink.put(parent);
  const std::string_view name = "FILE.;1";
  entry.extent = Lba{20};
  entry.data_length = 100;
  entry.flags = 0;
  entry.identifier = std::as_bytes(std::span(name));
  iso9660::encode(entry, sink);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  decode(bytes);
  fuzz::SoundVolume volume = fuzz::iso_volumes()[1];
  const auto root = load<iso9660::PrimaryVolumeDescriptor>(volume.block(16)).root.record.extent.value();
  auto length = std::min<std::size_t>({bytes.size(), data[0], kMostInRecord});
  length -= length % 2;
  put_folder(volume.block(root), bytes.first(length), (data[1] & 0x80) != 0);
  // Blocks 20 on are free, and small numbers are found soon.
  const auto areas = bytes.subspan(length);
  const auto room = std::span(volume.bytes).subspan(20 * std::size_t{kBlockSize}, 12 * std::size_t{kBlockSize});
  std::ranges::copy(areas.first(std::min(areas.size(), room.size())), room.begin());
  fuzz::read_everything(std::make_shared<MemorySource>(std::move(volume.bytes)), Lba{root},
                        static_cast<Strictness>(data[1] % 3));
  return 0;
}
