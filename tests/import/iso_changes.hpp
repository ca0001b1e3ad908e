// Changes to the ISO 9660, Joliet and Rock Ridge structures of a sample volume.
#pragma once

#include "sample_volume.hpp"

#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/rockridge/rrip.hpp>

#include <functional>
#include <string>
#include <vector>

namespace fsimage::test::iso {

using iso9660::DirectoryRecord;
using iso9660::PrimaryVolumeDescriptor;

inline const std::string kPrimary = "iso9660/primary volume descriptor";
inline const std::string kJoliet = "joliet/supplementary volume descriptor";
inline const std::string kTerminator = "iso9660/volume descriptor set terminator";
inline const std::string kRoot = "iso9660/directory /", kDocs = "iso9660/directory /docs",
                         kDeep = "iso9660/directory /docs/deep";
inline const std::string kJolietDocs = "joliet/directory /docs";
inline const std::string kLong = std::string(30, 'N') + ".;1";  // its name needs a continuation area

inline auto primary(std::function<void(PrimaryVolumeDescriptor&)> change) {
  return [change](SampleVolume& v) { v.edit<PrimaryVolumeDescriptor>(v.block(kPrimary), change); };
}
inline auto record(std::string folder, std::string identifier, std::function<void(DirectoryRecord&)> change) {
  return [=](SampleVolume& v) { v.edit<DirectoryRecord>(v.record(folder, identifier), change); };
}
template <WireStruct T>
auto field(std::string folder, std::string identifier, std::string signature, std::function<void(T&)> change) {
  return [=](SampleVolume& v) { v.edit<T>(SampleVolume::field(v.record(folder, identifier), signature), change); };
}
// What is written comes in place of PX, whose 44 bytes every record has; padding fills the rest.
inline auto in_place_of_px(std::string folder, std::string identifier, std::vector<std::byte> bytes) {
  return [=](SampleVolume& v) {
    const auto px = SampleVolume::field(v.record(folder, identifier), "PX");
    if (bytes.size() + 4 > px.size() && bytes.size() != px.size()) throw std::logic_error("no room in PX");
    const auto rest = px.subspan(bytes.size());
    std::ranges::copy(bytes, px.begin());
    if (rest.empty()) return;
    std::ranges::fill(rest, std::byte{});
    rest[0] = rest[1] = std::byte{'X'};
    rest[2] = std::byte{static_cast<unsigned char>(rest.size())};
    rest[3] = std::byte{1};
  };
}
inline auto continuation(std::function<void(rockridge::ContinuationArea&, SampleVolume&)> change) {
  return [=](SampleVolume& v) {
    v.edit<rockridge::ContinuationArea>(SampleVolume::field(v.record(kRoot, kLong), "CE"),
                                        [&](auto& area) { change(area, v); });
  };
}

// A new block at the end, with these bytes at its front.
inline Lba appended(SampleVolume& v, std::span<const std::byte> bytes) {
  const Lba at{v.blocks()};
  v.append(static_cast<std::uint32_t>(std::max<std::size_t>((bytes.size() + kBlockSize - 1) / kBlockSize, 1)));
  std::ranges::copy(bytes, v.bytes().begin() + static_cast<std::ptrdiff_t>(at.byte_offset()));
  return at;
}
// The long name's fields go on with these bytes, in a block of their own.
inline Lba continued_with(SampleVolume& v, std::span<const std::byte> bytes) {
  const Lba at = appended(v, bytes);
  continuation([&](auto& ce, auto&) {
    ce.block = at.value, ce.offset = 0, ce.length = static_cast<std::uint32_t>(bytes.size());
  })(v);
  return at;
}

template <class Put>
std::vector<std::byte> encoded(Put put) {
  std::vector<std::byte> room(65536);
  Sink sink{std::span(room)};
  put(sink);
  room.resize(sink.size());
  return room;
}

}  // namespace fsimage::test::iso
