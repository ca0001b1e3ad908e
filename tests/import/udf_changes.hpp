// Changes to the UDF structures of a sample volume, with sound tags again after them.
#pragma once

#include "sample_volume.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace fsimage::test {

using udf::TagIdentifier;

inline const std::string kMain = "udf/main volume descriptor sequence",
                         kReserve = "udf/reserve volume descriptor sequence";
inline const std::string kAnchor = "udf/anchor volume descriptor pointer",
                         kAnchors = "udf/anchor volume descriptor pointers";
inline const std::string kFileSet = "udf/file set descriptor", kRootEntry = "udf/file entry /",
                         kDocsEntry = "udf/file entry /docs";
inline const std::string kDocs = "udf/directory /docs", kRoot = "udf/directory /", kFile = "udf/file entry /docs/a.txt";
inline const std::string kDeepEntry = "udf/file entry /docs/deep";

// Of the partition; ours begin at block 288.
inline constexpr std::uint32_t kPartition = 288;

inline std::span<std::byte> behind(std::span<std::byte> block, std::size_t fixed) { return block.subspan(fixed); }

// The descriptor of that kind in both sequences.
inline void in_sequences(SampleVolume& v, TagIdentifier id, const std::function<void(std::span<std::byte>)>& change) {
  for (const auto& label : {kMain, kReserve})
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto block = v.block(v.place(label) + BlockCount{i});
      if (load<udf::DescriptorTag>(block).identifier.value() != static_cast<std::uint16_t>(id)) continue;
      change(block);
      SampleVolume::reseal(block);
    }
}

// The identifier descriptor of an entry in a folder of one block.
inline std::span<std::byte> identifier(SampleVolume& v, const std::string& folder, std::string_view name) {
  auto rest = v.block(folder);
  while (rest.size() >= sizeof(udf::FileIdentifierDescriptor)) {
    const auto fid = load<udf::FileIdentifierDescriptor>(rest);
    const auto size = udf::fid_size(fid.implementation_use_length.value(), fid.identifier_length);
    const auto text =
        udf::decode_cs0(rest.subspan(sizeof fid + fid.implementation_use_length.value(), fid.identifier_length));
    if (text && to_utf8(*text) == name) return rest.first(size);
    if (fid.tag.identifier.value() == 0) break;
    rest = rest.subspan(size);
  }
  throw std::logic_error("no identifier is " + std::string(name));
}

inline auto entry(std::string label, std::function<void(udf::FileEntry&)> change) {
  return [=](SampleVolume& v) { v.edit_sealed<udf::FileEntry>(v.block(label), change); };
}
inline auto short_extent(std::string label, std::function<void(udf::ShortAllocationDescriptor&)> change) {
  return [=](SampleVolume& v) {
    v.edit<udf::ShortAllocationDescriptor>(behind(v.block(label), sizeof(udf::FileEntry)), change);
    SampleVolume::reseal(v.block(label));
  };
}
inline auto fid(std::string folder, std::string name, std::function<void(udf::FileIdentifierDescriptor&)> change) {
  return [=](SampleVolume& v) { v.edit_sealed<udf::FileIdentifierDescriptor>(identifier(v, folder, name), change); };
}
inline auto logical_volume(std::function<void(udf::LogicalVolumeDescriptor&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::logical_volume_descriptor,
                 [&](auto block) { v.edit<udf::LogicalVolumeDescriptor>(block, change); });
  };
}
inline auto partition(std::function<void(udf::PartitionDescriptor&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::partition_descriptor,
                 [&](auto block) { v.edit<udf::PartitionDescriptor>(block, change); });
  };
}
inline auto partition_map(std::function<void(udf::Type1PartitionMap&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::logical_volume_descriptor, [&](auto block) {
      v.edit<udf::Type1PartitionMap>(behind(block, sizeof(udf::LogicalVolumeDescriptor)), change);
    });
  };
}

}  // namespace fsimage::test
