#include "block_dump.hpp"
#include "udf_anchor.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/extended_attributes.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <algorithm>
#include <array>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::size_t kSmallestBlock = 512;  // ECMA-167 volumes have blocks from this size on

// Sound but for the checksum over its body, and not the zeros that a blank block has.
bool has_tag(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(udf::DescriptorTag)) return false;
  const auto tag = load<udf::DescriptorTag>(bytes);
  return tag.identifier.value() != 0 && tag.version.value() >= 2 && tag.version.value() <= 3 &&
         udf::tag_checksum(tag) == tag.checksum;
}

}  // namespace

bool Dumper::udf() {
  if (const auto name = recognition_name(block_); !name.empty()) {
    add<udf::VolumeStructureDescriptor>(0, "udf/recognition " + std::string(name));
    return true;
  }
  // Folders begin anywhere in a descriptor of theirs when they go on from another block.
  std::size_t fid = 0;
  while (fid < kSmallestBlock && !has_tag(block_.subspan(fid))) fid += 4;
  if (fid >= kSmallestBlock) return false;
  const auto identifier = static_cast<TagIdentifier>(load<udf::DescriptorTag>(block_.subspan(fid)).identifier.value());
  if (identifier == TagIdentifier::file_identifier_descriptor) {
    while (fid_at(fid)) {}
    return true;
  }
  bool any = false;
  for (std::size_t at = 0; at < block_.size(); at += kSmallestBlock)
    if (has_tag(block_.subspan(at)))
      any = descriptor_at(at) || any;
    else if (at == 0)
      break;
  return any;
}

bool Dumper::descriptor_at(std::size_t offset) {
  const auto bytes = block_.subspan(offset);
  const auto tag = load<udf::DescriptorTag>(bytes);
  const auto identifier = static_cast<TagIdentifier>(tag.identifier.value());
  if (const auto fault = udf::check_tag(bytes)) wrong(std::string(fault->clause), fault->text);
  const std::string name = "udf/" + std::string(udf::to_string(identifier));
  switch (identifier) {
    case TagIdentifier::primary_volume_descriptor: add<udf::PrimaryVolumeDescriptor>(offset, name); break;
    case TagIdentifier::anchor_volume_descriptor_pointer: add<udf::AnchorVolumeDescriptorPointer>(offset, name); break;
    case TagIdentifier::volume_descriptor_pointer: add<udf::VolumeDescriptorPointer>(offset, name); break;
    case TagIdentifier::implementation_use_volume_descriptor:
      add<udf::ImplementationUseVolumeDescriptor>(offset, name);
      break;
    case TagIdentifier::partition_descriptor: add<udf::PartitionDescriptor>(offset, name); break;
    case TagIdentifier::logical_volume_descriptor:
      add<udf::LogicalVolumeDescriptor>(offset, name);
      partition_maps(offset);
      break;
    case TagIdentifier::unallocated_space_descriptor: add<udf::UnallocatedSpaceDescriptor>(offset, name); break;
    case TagIdentifier::terminating_descriptor: add<udf::TerminatingDescriptor>(offset, name); break;
    case TagIdentifier::logical_volume_integrity_descriptor: integrity(offset); break;
    case TagIdentifier::file_set_descriptor: add<udf::FileSetDescriptor>(offset, name); break;
    case TagIdentifier::allocation_extent_descriptor: add<udf::AllocationExtentDescriptor>(offset, name); break;
    case TagIdentifier::indirect_entry: add<udf::IndirectEntry>(offset, name); break;
    case TagIdentifier::terminal_entry: add<udf::TerminalEntry>(offset, name); break;
    case TagIdentifier::file_entry: file_entry(offset, false); break;
    case TagIdentifier::extended_file_entry: file_entry(offset, true); break;
    case TagIdentifier::unallocated_space_entry: add<udf::UnallocatedSpaceEntry>(offset, name); break;
    case TagIdentifier::space_bitmap_descriptor: add<udf::SpaceBitmapDescriptor>(offset, name); break;
    default: add<udf::DescriptorTag>(offset, name); break;
  }
  return true;
}

void Dumper::partition_maps(std::size_t offset) {
  const auto lvd = load<udf::LogicalVolumeDescriptor>(block_.subspan(offset));
  auto at = offset + sizeof lvd;
  const auto end = std::min<std::size_t>(block_.size(), at + lvd.map_table_length.value());
  for (std::uint32_t i = 0; i < lvd.partition_map_count.value(); ++i) {
    if (end - at < sizeof(udf::PartitionMapHeader))
      return wrong("ECMA-167 3/10.6.9", "fewer partition maps than their number says");
    const auto header = load<udf::PartitionMapHeader>(block_.subspan(at));
    if (header.length < sizeof header || header.length > end - at)
      return wrong("ECMA-167 3/10.7.1.2", "a partition map of " + std::to_string(header.length) + " bytes");
    if (header.type == 1 && header.length >= sizeof(udf::Type1PartitionMap))
      add<udf::Type1PartitionMap>(at, "udf/type 1 partition map");
    else if (header.type == 2 && header.length >= sizeof(udf::Type2PartitionMap))
      add<udf::Type2PartitionMap>(at, "udf/type 2 partition map");
    else
      add<udf::PartitionMapHeader>(at, "udf/partition map");
    at += header.length;
  }
}

void Dumper::integrity(std::size_t offset) {
  auto& s = add<udf::LogicalVolumeIntegrityDescriptor>(offset, "udf/logical volume integrity descriptor");
  const auto lvid = load<udf::LogicalVolumeIntegrityDescriptor>(block_.subspan(offset));
  const std::uint64_t tables = std::uint64_t{lvid.partition_count.value()} * 4;
  const auto rest = block_.subspan(offset + sizeof lvid);
  if (2 * tables + lvid.implementation_use_length.value() > rest.size())
    return wrong("ECMA-167 3/10.10.8", "tables of free space that leave the block");
  const auto table = static_cast<std::size_t>(tables);
  add_field(s, "free space table", "ECMA-167 3/10.10.7", sizeof lvid, rest.first(table));
  add_field(s, "size table", "ECMA-167 3/10.10.8", sizeof lvid + table, rest.subspan(table, table));
  if (lvid.implementation_use_length.value() >= sizeof(udf::IntegrityImplementationUse))
    add<udf::IntegrityImplementationUse>(offset + sizeof lvid + 2 * table,
                                         "udf/logical volume integrity implementation use");
}

// Moves behind the descriptor; false when none lies there.
bool Dumper::fid_at(std::size_t& offset) {
  const auto bytes = block_.subspan(offset);
  if (!has_tag(bytes) || bytes.size() < sizeof(udf::FileIdentifierDescriptor)) return false;
  const auto fid = load<udf::FileIdentifierDescriptor>(bytes);
  if (static_cast<TagIdentifier>(fid.tag.identifier.value()) != TagIdentifier::file_identifier_descriptor) return false;
  auto& s = add<udf::FileIdentifierDescriptor>(offset, "udf/file identifier descriptor");
  const auto size = udf::fid_size(fid.implementation_use_length.value(), fid.identifier_length);
  if (size > bytes.size()) return false;  // goes on in the next block of its folder
  if (const auto fault = udf::check_tag(bytes.first(size))) wrong(std::string(fault->clause), fault->text);
  const auto use = bytes.subspan(sizeof fid, fid.implementation_use_length.value());
  add_field(s, "implementation use", "ECMA-167 4/14.4.7", sizeof fid, use);
  const auto name = bytes.subspan(sizeof fid + use.size(), fid.identifier_length);
  const auto text = udf::decode_cs0(name);
  add_field(s, "file identifier", "ECMA-167 4/14.4.8", sizeof fid + use.size(), name,
            text ? '"' + printable(to_utf8(*text)) + '"' : std::string());
  offset += size;
  return offset < block_.size();
}

void Dumper::file_entry(std::size_t offset, bool extended) {
  const auto bytes = block_.subspan(offset);
  const auto areas = [&](std::size_t fixed, std::uint32_t attributes_length, std::uint32_t allocation_length,
                         std::uint16_t flags, const char* clause) {
    if (fixed > bytes.size() || std::uint64_t{attributes_length} + allocation_length > bytes.size() - fixed)
      return wrong(clause, "extended attributes and allocation descriptors that leave the block");
    attributes(offset + fixed, attributes_length);
    allocation(offset + fixed + attributes_length, allocation_length, flags & 7U);
  };
  if (extended) {
    add<udf::ExtendedFileEntry>(offset, "udf/extended file entry");
    const auto fe = load<udf::ExtendedFileEntry>(bytes);
    areas(sizeof fe, fe.extended_attributes_length.value(), fe.allocation_descriptors_length.value(),
          fe.icb.flags.value(), "ECMA-167 4/14.17.23");
  } else {
    add<udf::FileEntry>(offset, "udf/file entry");
    const auto fe = load<udf::FileEntry>(bytes);
    areas(sizeof fe, fe.extended_attributes_length.value(), fe.allocation_descriptors_length.value(),
          fe.icb.flags.value(), "ECMA-167 4/14.9.22");
  }
}

void Dumper::attributes(std::size_t offset, std::size_t length) {
  if (length < sizeof(udf::ExtendedAttributeHeaderDescriptor)) return;
  add<udf::ExtendedAttributeHeaderDescriptor>(offset, "udf/extended attribute header descriptor");
  const auto end = offset + length;
  for (auto at = offset + sizeof(udf::ExtendedAttributeHeaderDescriptor); end - at >= sizeof(udf::AttributeHeader);) {
    const auto header = load<udf::AttributeHeader>(block_.subspan(at));
    const auto size = header.length.value();
    if (size < sizeof header || size > end - at)
      return wrong("ECMA-167 4/14.10.2.4", "an extended attribute of " + std::to_string(size) + " bytes");
    switch (static_cast<udf::AttributeType>(header.type.value())) {
      case udf::AttributeType::implementation_use:
      case udf::AttributeType::application_use:
        if (size >= sizeof(udf::UseAttribute)) add<udf::UseAttribute>(at, "udf/use extended attribute");
        break;
      case udf::AttributeType::file_times:
        if (size >= sizeof(udf::FileTimesAttribute))
          add<udf::FileTimesAttribute>(at, "udf/file times extended attribute");
        break;
      case udf::AttributeType::device_specification:
        if (size >= sizeof(udf::DeviceSpecificationAttribute))
          add<udf::DeviceSpecificationAttribute>(at, "udf/device specification extended attribute");
        break;
      default: add<udf::AttributeHeader>(at, "udf/extended attribute"); break;
    }
    at += size;
  }
}

void Dumper::allocation(std::size_t offset, std::size_t length, unsigned form) {
  const auto end = offset + length;
  if (form == static_cast<unsigned>(udf::AllocationForm::short_form)) {
    for (auto at = offset; end - at >= sizeof(udf::ShortAllocationDescriptor);
         at += sizeof(udf::ShortAllocationDescriptor))
      add<udf::ShortAllocationDescriptor>(at, "udf/short allocation descriptor");
  } else if (form == static_cast<unsigned>(udf::AllocationForm::long_form)) {
    for (auto at = offset; end - at >= sizeof(udf::LongAllocationDescriptor);
         at += sizeof(udf::LongAllocationDescriptor))
      add<udf::LongAllocationDescriptor>(at, "udf/long allocation descriptor");
  } else if (length != 0) {
    DescribedStructure s{
        at_, static_cast<std::uint32_t>(offset), form == 3 ? "udf/embedded content" : "udf/allocation descriptors", {}};
    add_field(s, form == 3 ? "content" : "bytes", "ECMA-167 4/14.6.8", 0, block_.subspan(offset, length));
    out_.structures.push_back(std::move(s));
  }
}

}  // namespace fsimage::volume
