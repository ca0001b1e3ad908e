#include "udf_file_entry.hpp"

#include <fsimage/core/sink.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/udf/extended_attributes.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/symlink.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <algorithm>
#include <cstring>

namespace fsimage {
namespace {

constexpr std::uint16_t kStrategy = 4;  // UDF 2.3.5.1

// What all file entries have in common.
template <class Entry>
const Entry& entry_pattern() {
  static const Entry pattern = [] {
    Entry e{};
    e.icb.strategy_type = kStrategy;
    e.icb.max_entries = 1;
    e.checkpoint = 1;
    e.implementation = udf::implementation_identifier();
    return e;
  }();
  return pattern;
}

template <class Entry>
void put_times(const Attributes& a, Entry& e) {
  const auto wire = [&](Timestamp t) { return t == a.modified ? e.modified : udf::to_wire(t); };
  e.modified = udf::to_wire(a.modified);
  e.accessed = wire(a.accessed);
  e.attributes_changed = wire(a.changed);
  if constexpr (requires { e.created; }) e.created = wire(a.created);
}

// Header, and the numbers of a device with who recorded them, ECMA-167 4/14.10.7, UDF 3.3.4.4.
std::size_t put_device(const UdfRules& rules, DeviceNumber device, Lbn at, std::span<std::byte> out) {
  udf::ExtendedAttributeHeaderDescriptor header{};
  header.implementation_attributes = udf::kNoAttributes;
  header.application_attributes = udf::kNoAttributes;
  udf::DeviceSpecificationAttribute a{};
  a.header.type = static_cast<std::uint32_t>(udf::AttributeType::device_specification);
  a.header.subtype = 1;
  a.header.length = sizeof a + sizeof(udf::EntityIdentifier);
  a.use_length = sizeof(udf::EntityIdentifier);
  a.major = device.major;
  a.minor = device.minor;
  Sink sink(out);
  sink.put(bytes_of(header));
  sink.put(bytes_of(a));
  sink.put(bytes_of(udf::implementation_identifier()));
  udf::seal(out.first(sizeof header), udf::TagIdentifier::extended_attribute_header_descriptor, at.value,
            rules.tag_version());
  return sink.size();
}

bool is_device(udf::IcbFileType t) {
  return t == udf::IcbFileType::block_device || t == udf::IcbFileType::character_device;
}

template <class Entry>
void put_entry_as(udf::TagIdentifier identifier, const UdfRules& rules, const UdfEntry& in,
                  std::span<std::byte> block) {
  Entry e = entry_pattern<Entry>();
  const auto room = block.subspan(sizeof e);
  auto form = udf::AllocationForm::embedded;
  std::size_t attributes = 0, descriptors = 0;
  if (is_device(in.type)) attributes = put_device(rules, in.device, in.at, room);
  if (!in.target.empty() || !in.embedded.empty()) {
    Sink sink(room.subspan(attributes));
    if (in.target.empty())
      sink.put(in.embedded);
    else
      udf::encode_symlink(in.target, sink);
    descriptors = sink.size();
    e.information_length = descriptors;
  } else {
    const UdfExtents extents(rules, in.body_kind, in.body, in.size);
    form = extents.form();
    descriptors = extents.put(0, room.subspan(attributes), in.continuation);
    e.information_length = in.size;
    e.blocks_recorded = blocks_for(in.size).value;
  }
  if constexpr (requires { e.object_size; }) {
    e.object_size = e.information_length.value() + in.streams_size;
    if (in.has_streams) {
      e.stream_directory_icb.length = kBlockSize;
      e.stream_directory_icb.location.block = in.streams.value;
      e.stream_directory_icb.location.partition_reference = rules.entries_map();
    }
  }
  e.icb.file_type = static_cast<std::uint8_t>(in.type);
  e.icb.flags = static_cast<std::uint16_t>(static_cast<unsigned>(form) | udf::to_icb_flags(in.attributes.permissions) |
                                           (in.is_stream ? udf::kIcbStream : 0U));
  e.uid = in.attributes.uid;
  e.gid = in.attributes.gid;
  e.permissions = udf::to_permissions(in.attributes.permissions);
  e.link_count = static_cast<std::uint16_t>(std::min<std::uint32_t>(in.links, 0xFFFF));
  put_times(in.attributes, e);
  e.unique_id = in.unique_id;
  e.extended_attributes_length = static_cast<std::uint32_t>(attributes);
  e.allocation_descriptors_length = static_cast<std::uint32_t>(descriptors);
  const auto used = sizeof e + attributes + descriptors;
  store(block, e);
  std::memset(block.data() + used, 0, block.size() - used);
  udf::seal(block.first(used), identifier, in.at.value, rules.tag_version());
}

}  // namespace

UdfExtents::UdfExtents(const UdfRules& rules, UdfBody body, Lbn start, std::uint64_t size)
    : rules_(rules),
      start_(start),
      size_(size),
      longest_(udf::kMaxExtentLength),
      long_form_(body == UdfBody::content && rules.metadata_partition()),
      width_(long_form_ ? sizeof(udf::LongAllocationDescriptor) : sizeof(udf::ShortAllocationDescriptor)) {
  if (body == UdfBody::metadata) longest_ -= longest_ % static_cast<std::uint32_t>(kUdfMetadataUnit.bytes());
}

std::uint32_t UdfExtents::count() const { return static_cast<std::uint32_t>((size_ + longest_ - 1) / longest_); }

std::uint32_t UdfExtents::in_entry() const {
  const auto n = count();
  return n <= entry_slots() ? n : entry_slots() - 1;
}

std::uint32_t UdfExtents::continuation_blocks() const {
  const auto left = count() - in_entry();
  if (left == 0) return 0;
  const auto slots = extent_slots();
  return left <= slots ? 1 : (left - 1 + slots - 2) / (slots - 1);
}

std::size_t UdfExtents::put(std::uint32_t first, std::span<std::byte> room, Lbn next_extent) const {
  const auto left = count() - first;
  const auto slots = static_cast<std::uint32_t>(room.size() / width_);
  const auto here = left <= slots ? left : slots - 1;
  Sink sink(room);
  const auto put_one = [&](std::uint32_t length, Lbn at, std::uint16_t partition) {
    if (long_form_) {
      udf::LongAllocationDescriptor d{};
      d.length = length;
      d.location.block = at.value;
      d.location.partition_reference = partition;
      sink.put(bytes_of(d));
    } else {
      udf::ShortAllocationDescriptor d{};
      d.length = length;
      d.position = at.value;
      sink.put(bytes_of(d));
    }
  };
  for (auto i = first; i < first + here; ++i) {
    const auto offset = std::uint64_t{i} * longest_;
    put_one(static_cast<std::uint32_t>(std::min<std::uint64_t>(size_ - offset, longest_)),
            {start_.value + static_cast<std::uint32_t>(offset / kBlockSize)}, kUdfPartitionMap);
  }
  if (here < left)
    put_one(udf::extent_length_field(udf::ExtentType::continuation, kBlockSize), next_extent, rules_.entries_map());
  return sink.size();
}

void put_file_entry(const UdfRules& rules, const UdfEntry& in, std::span<std::byte> block) {
  if (rules.extended_entries())
    put_entry_as<udf::ExtendedFileEntry>(udf::TagIdentifier::extended_file_entry, rules, in, block);
  else
    put_entry_as<udf::FileEntry>(udf::TagIdentifier::file_entry, rules, in, block);
}

void put_allocation_extent(const UdfRules& rules, const UdfExtents& extents, std::uint32_t number, Lbn at,
                           std::span<std::byte> block) {
  udf::AllocationExtentDescriptor d{};
  const auto first = extents.in_entry() + number * (extents.extent_slots() - 1);
  const auto descriptors = extents.put(first, block.subspan(sizeof d), {at.value + 1});
  d.allocation_descriptors_length = static_cast<std::uint32_t>(descriptors);
  const auto used = sizeof d + descriptors;
  store(block, d);
  std::memset(block.data() + used, 0, block.size() - used);
  udf::seal(block.first(used), udf::TagIdentifier::allocation_extent_descriptor, at.value, rules.tag_version());
}

std::size_t put_identifier(const UdfRules& rules, const UdfIdentifier& in, std::span<std::byte> out) {
  udf::FileIdentifierDescriptor d{};
  d.version_number = 1;
  d.characteristics = in.characteristics;
  d.identifier_length = checked<std::uint8_t>(in.length, "ECMA-167 4/14.4.4");
  d.icb.length = kBlockSize;
  d.icb.location.block = in.icb.value;
  d.icb.location.partition_reference = rules.entries_map();
  d.icb.unique_id = in.unique_id;
  const auto used = kIdentifierAt + in.length, size = udf::fid_size(0, in.length);
  store(out, d);
  std::memset(out.data() + used, 0, size - used);
  udf::seal(out.first(size), udf::TagIdentifier::file_identifier_descriptor, in.at.value, rules.tag_version());
  return size;
}

}  // namespace fsimage
