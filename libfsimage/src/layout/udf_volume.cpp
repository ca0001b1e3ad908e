#include "udf_volume.hpp"

#include "udf_file_entry.hpp"

#include <fsimage/core/sink.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/timestamp.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <algorithm>
#include <cstring>

namespace fsimage {
namespace {

using namespace udf;

constexpr std::uint16_t kPartitionNumber = 0;
constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // UDF 3.3.3.1: no owner
constexpr std::uint32_t kOnlyCs0 = 1;          // character set lists, 1/7.2.11
constexpr std::size_t kVolumeIdentifierBytes = 31, kLogicalVolumeIdentifierBytes = 127, kVolumeSetIdentifierBytes = 127;

template <WireStruct T>
std::span<std::byte> bytes_to_seal(T& v) {
  return std::as_writable_bytes(std::span<T, 1>{&v, 1});
}

ExtentDescriptor extent(Lba at, BlockCount blocks) {
  ExtentDescriptor e{};
  e.length = checked<std::uint32_t>(blocks.bytes(), "ECMA-167 3/7.1.1");
  e.location = at.value;
  return e;
}

// Descriptors, a block each, with the tag that belongs there; the rest of the sequence is zeros.
class Sequence {
 public:
  Sequence(const UdfRules& rules, Lba at) : rules_(rules), at_(at), out_(kUdfSequence.bytes()) {}

  // `descriptor` is the structure and whatever follows it.
  void add(TagIdentifier id, std::span<const std::byte> descriptor) {
    const auto to = std::span(out_).subspan(used_.bytes(), descriptor.size());
    std::memcpy(to.data(), descriptor.data(), descriptor.size());
    seal(to, id, (at_ + used_).value, rules_.tag_version());
    used_ += BlockCount{1};
  }
  std::vector<std::byte> finish() && { return std::move(out_); }

 private:
  UdfRules rules_;
  Lba at_;
  BlockCount used_;
  std::vector<std::byte> out_;
};

PrimaryVolumeDescriptor primary(const UdfVolume& v) {
  PrimaryVolumeDescriptor d{};
  d.volume_identifier = to_dstring<32>(udf_volume_identifier(v.name));
  d.volume_sequence_number = 1;
  d.max_volume_sequence_number = 1;
  d.interchange_level = 2;  // UDF 2.2.2.3: a set of one volume
  d.max_interchange_level = 3;
  d.character_set_list = kOnlyCs0;
  d.max_character_set_list = kOnlyCs0;
  std::u16string set(v.set_identifier.begin(), v.set_identifier.end());
  set += v.name;
  d.volume_set_identifier = to_dstring<128>(cut_to_cs0(set, kVolumeSetIdentifierBytes));
  d.descriptor_character_set = cs0_charspec();
  d.explanatory_character_set = cs0_charspec();
  d.recorded = to_wire(v.recorded);
  d.implementation = implementation_identifier();
  return d;
}

ImplementationUseVolumeDescriptor logical_volume_information(const UdfVolume& v) {
  ImplementationUseVolumeDescriptor d{};
  d.sequence_number = 1;
  d.identifier = udf_identifier(kLvInfo, v.rules.revision);
  d.character_set = cs0_charspec();
  d.logical_volume_identifier = to_dstring<128>(udf_logical_volume_identifier(v.name));
  d.implementation = implementation_identifier();
  return d;
}

Type1PartitionMap partition_map() {
  Type1PartitionMap map{};
  map.header = {1, sizeof map};
  map.volume_sequence_number = 1;
  map.partition_number = kPartitionNumber;
  return map;
}

Type2PartitionMap metadata_map(const UdfVolume& v) {
  MetadataMapFields fields{};
  fields.metadata_file = to_lbn(v.places.partition, v.places.metadata_file).value;
  fields.mirror_file = to_lbn(v.places.partition, v.places.mirror_file).value;
  fields.bitmap_file = kNoBitmapFile;
  fields.allocation_unit_size = kUdfMetadataUnit.value;
  fields.alignment_unit_size = static_cast<std::uint16_t>(kUdfMetadataUnit.value);
  fields.flags = v.places.mirror != v.places.metadata ? kDuplicateMetadata : 0;
  Type2PartitionMap map{};
  map.header = {2, sizeof map};
  map.type_identifier = udf_identifier(kMetadataPartition, v.rules.revision);
  map.volume_sequence_number = 1;
  map.partition_number = kPartitionNumber;
  store(std::span(map.specific), fields);
  return map;
}

std::vector<std::byte> logical_volume(const UdfVolume& v) {
  const std::size_t maps = sizeof(Type1PartitionMap) + (v.rules.metadata_partition() ? sizeof(Type2PartitionMap) : 0);
  LogicalVolumeDescriptor d{};
  d.sequence_number = 2;
  d.descriptor_character_set = cs0_charspec();
  d.logical_volume_identifier = to_dstring<128>(udf_logical_volume_identifier(v.name));
  d.logical_block_size = kBlockSize;
  d.domain = domain_identifier(v.rules.revision, kSoftWriteProtect);
  d.file_set.length = 2 * kBlockSize;  // descriptor and terminator
  d.file_set.location.block = v.first_entry_block().value;
  d.file_set.location.partition_reference = v.rules.entries_map();
  d.map_table_length = static_cast<std::uint32_t>(maps);
  d.partition_map_count = v.rules.partition_maps();
  d.implementation = implementation_identifier();
  d.integrity_sequence = extent(v.places.session + UdfLayout::kIntegrity, kUdfSequence);
  std::vector<std::byte> out(sizeof d + maps);
  Sink sink(out);
  sink.put(bytes_of(d));
  sink.put(bytes_of(partition_map()));
  if (v.rules.metadata_partition()) sink.put(bytes_of(metadata_map(v)));
  return out;
}

PartitionDescriptor partition(const UdfVolume& v) {
  PartitionDescriptor d{};
  d.sequence_number = 3;
  d.flags = 1;  // 3/10.5.3: allocated
  d.partition_number = kPartitionNumber;
  d.contents = plain_identifier(v.rules.partition_contents());
  d.access_type = static_cast<std::uint32_t>(AccessType::read_only);
  d.starting_location = v.places.partition.at.value;
  d.length = (v.places.partition_end - v.places.partition.at).value;
  d.implementation = implementation_identifier();
  return d;
}

// The same anchor in every block, but for its location.
class Anchors final : public ByteSource {
 public:
  Anchors(const UdfRules& rules, const UdfPlaces& places, Lba at, BlockCount blocks) : at_(at), blocks_(blocks) {
    anchor_.main_sequence = extent(places.session + UdfLayout::kMainSequence, kUdfSequence);
    anchor_.reserve_sequence = extent(places.reserve, kUdfSequence);
    seal(bytes_to_seal(anchor_), TagIdentifier::anchor_volume_descriptor_pointer, 0, rules.tag_version());
  }
  std::uint64_t size() const override { return blocks_.bytes(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    auto anchor = anchor_;
    while (!out.empty()) {
      const auto block = static_cast<std::uint32_t>(offset / kBlockSize);
      const auto inside = static_cast<std::size_t>(offset % kBlockSize);
      const auto n = std::min(out.size(), kBlockSize - inside);
      relocate(anchor.tag, (at_ + BlockCount{block}).value);
      const auto head = bytes_of(anchor).subspan(std::min(inside, sizeof anchor));
      const auto copied = std::min(n, head.size());
      if (copied != 0) std::memcpy(out.data(), head.data(), copied);
      std::memset(out.data() + copied, 0, n - copied);
      out = out.subspan(n);
      offset += n;
    }
  }

 private:
  Lba at_;
  BlockCount blocks_;
  AnchorVolumeDescriptorPointer anchor_{};
};

}  // namespace

std::u16string udf_volume_name(const Profile& p) { return to_utf16_lossy(p.volume_name, u'_'); }

std::u16string_view udf_volume_identifier(std::u16string_view name) { return cut_to_cs0(name, kVolumeIdentifierBytes); }

std::u16string_view udf_logical_volume_identifier(std::u16string_view name) {
  return cut_to_cs0(name, kLogicalVolumeIdentifierBytes);
}

std::vector<std::byte> udf_recognition(const UdfRules& rules) {
  const std::array<std::string_view, 3> identifiers{"BEA01", rules.recognition(), "TEA01"};
  std::vector<std::byte> out(identifiers.size() * sizeof(VolumeStructureDescriptor));
  Sink sink(out);
  for (const auto id : identifiers) {
    VolumeStructureDescriptor d{};
    std::memcpy(d.standard_identifier.data(), id.data(), d.standard_identifier.size());
    d.version = 1;
    sink.put(bytes_of(d));
  }
  return out;
}

std::vector<std::byte> udf_sequence(const UdfVolume& v, Lba at) {
  UnallocatedSpaceDescriptor unallocated{};
  unallocated.sequence_number = 4;
  Sequence s(v.rules, at);
  s.add(TagIdentifier::primary_volume_descriptor, bytes_of(primary(v)));
  s.add(TagIdentifier::implementation_use_volume_descriptor, bytes_of(logical_volume_information(v)));
  s.add(TagIdentifier::logical_volume_descriptor, logical_volume(v));
  s.add(TagIdentifier::partition_descriptor, bytes_of(partition(v)));
  s.add(TagIdentifier::unallocated_space_descriptor, bytes_of(unallocated));
  s.add(TagIdentifier::terminating_descriptor, bytes_of(TerminatingDescriptor{}));
  return std::move(s).finish();
}

std::vector<std::byte> udf_integrity(const UdfVolume& v, Lba at) {
  IntegrityImplementationUse use{};
  use.implementation = implementation_identifier();
  use.file_count = v.files;
  use.directory_count = v.folders;
  use.min_read_revision = v.rules.min_read_revision();
  use.min_write_revision = use.max_write_revision = static_cast<std::uint16_t>(v.rules.revision);
  LogicalVolumeIntegrityDescriptor d{};
  d.recorded = to_wire(v.recorded);
  d.integrity_type = static_cast<std::uint32_t>(IntegrityType::close);
  d.unique_id = v.next_unique_id;
  d.partition_count = v.rules.partition_maps();
  d.implementation_use_length = sizeof use;
  // Free space of each map, then their sizes: nothing is free.
  std::vector<le32> spaces(v.rules.partition_maps(), le32(0));
  spaces.emplace_back((v.places.partition_end - v.places.partition.at).value);
  if (v.rules.metadata_partition()) spaces.emplace_back(v.places.metadata_blocks.value);
  const auto space_bytes = std::as_bytes(std::span(spaces));
  std::vector<std::byte> bytes(sizeof d + space_bytes.size() + sizeof use);
  Sink sink(bytes);
  sink.put(bytes_of(d));
  sink.put(space_bytes);
  sink.put(bytes_of(use));
  Sequence s(v.rules, at);
  s.add(TagIdentifier::logical_volume_integrity_descriptor, bytes);
  s.add(TagIdentifier::terminating_descriptor, bytes_of(TerminatingDescriptor{}));
  return std::move(s).finish();
}

std::shared_ptr<const ByteSource> udf_anchors(const UdfRules& rules, const UdfPlaces& places, Lba at,
                                              BlockCount blocks) {
  return std::make_shared<const Anchors>(rules, places, at, blocks);
}

std::vector<std::byte> udf_metadata_file(const UdfVolume& v, bool mirror) {
  UdfEntry e;
  e.type = mirror ? IcbFileType::metadata_mirror : IcbFileType::metadata;
  e.body_kind = UdfBody::metadata;
  e.attributes.modified = e.attributes.accessed = e.attributes.changed = e.attributes.created = v.recorded;
  e.attributes.uid = e.attributes.gid = kNobody;
  e.attributes.permissions = 0;
  e.size = v.places.metadata_blocks.bytes();
  e.at = to_lbn(v.places.partition, mirror ? v.places.mirror_file : v.places.metadata_file);
  e.body = to_lbn(v.places.partition, mirror ? v.places.mirror : v.places.metadata);
  std::vector<std::byte> block(kBlockSize);
  put_file_entry(v.rules, e, block);
  return block;
}

void put_file_set(const UdfVolume& v, Lbn at, Lbn root, std::span<std::byte> block) {
  FileSetDescriptor d{};
  d.recorded = to_wire(v.recorded);
  d.interchange_level = 3;
  d.max_interchange_level = 3;
  d.character_set_list = kOnlyCs0;
  d.max_character_set_list = kOnlyCs0;
  d.logical_volume_identifier_character_set = cs0_charspec();
  d.logical_volume_identifier = to_dstring<128>(udf_logical_volume_identifier(v.name));
  d.file_set_character_set = cs0_charspec();
  d.file_set_identifier = to_dstring<32>(udf_volume_identifier(v.name));
  d.root_directory_icb.length = kBlockSize;
  d.root_directory_icb.location.block = root.value;
  d.root_directory_icb.location.partition_reference = v.rules.entries_map();
  d.domain = domain_identifier(v.rules.revision, kSoftWriteProtect);
  seal(bytes_to_seal(d), TagIdentifier::file_set_descriptor, at.value, v.rules.tag_version());
  std::memset(block.data(), 0, block.size());
  store(block, d);
}

void put_file_set_terminator(const UdfVolume& v, Lbn at, std::span<std::byte> block) {
  TerminatingDescriptor d{};
  seal(bytes_to_seal(d), TagIdentifier::terminating_descriptor, at.value, v.rules.tag_version());
  std::memset(block.data(), 0, block.size());
  store(block, d);
}

}  // namespace fsimage
