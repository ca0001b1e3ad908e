// Volumes of UDF in the forms that we do not write: virtual, sparable and metadata partitions, ICB chains, any block size.
// Each holds the same small tree. Everything is laid out here by hand, and apart from the readers.
#pragma once

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/timestamp.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>
#include <fsimage/io/byte_source.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::test {

using Bytes = std::vector<std::byte>;

inline Bytes joined(std::initializer_list<std::span<const std::byte>> parts) {
  Bytes out;
  for (const auto& p : parts) out.insert(out.end(), p.begin(), p.end());
  return out;
}
inline Bytes text_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class UdfBuilder {
 public:
  static constexpr std::uint32_t kStart = 288;    // of the partition
  static constexpr std::uint32_t kBlocks = 1024;  // of the volume
  static constexpr std::uint32_t kMainAt = 100, kReserveAt = 120, kIntegrityAt = 140;
  static constexpr std::uint16_t kNumber = 7;  // of the partition: not its index

  // A space of logical blocks: the reference that addresses it, and where its blocks are to be written.
  struct Space {
    std::uint16_t reference = 0;
    std::function<std::uint32_t(std::uint32_t)> lsn;
  };
  // What an ICB says beside its content.
  struct File {
    udf::IcbFileType type = udf::IcbFileType::bytes;
    udf::AllocationForm form = udf::AllocationForm::embedded;
    std::uint64_t size = 0;
    Bytes area;  // content or allocation descriptors
    std::uint64_t unique_id = 16;
    std::uint16_t strategy = 4;
    udf::LongAllocationDescriptor streams{};
    Bytes attributes;
    std::uint16_t links = 1;
  };

  UdfBuilder(std::uint32_t block_size, udf::Revision revision)
      : block_size_(block_size), revision_(revision), bytes_(std::size_t{kBlocks} * block_size) {}

  std::uint32_t block_size() const { return block_size_; }
  std::span<std::byte> block(std::uint32_t lsn) {
    return std::span(bytes_).subspan(std::size_t{lsn} * block_size_, block_size_);
  }
  Bytes& bytes() { return bytes_; }
  void set_length(std::uint32_t blocks) { length_ = blocks; }  // of the partition
  std::shared_ptr<const ByteSource> source() const { return std::make_shared<MemorySource>(bytes_); }
  bool extended() const { return revision_ >= udf::Revision::v2_00; }
  std::uint16_t version() const { return udf::descriptor_version(revision_); }
  static Space physical(std::uint16_t reference = 0) {
    return {reference, [](std::uint32_t block) { return kStart + block; }};
  }

  // --- structures

  void put(std::uint32_t lsn, std::span<const std::byte> bytes) {
    std::ranges::copy(bytes, bytes_.begin() + std::ptrdiff_t(std::size_t{lsn} * block_size_));
  }
  // With a tag for that location.
  void put_sealed(std::uint32_t lsn, std::uint32_t location, udf::TagIdentifier id, Bytes bytes) {
    udf::seal(bytes, id, location, version());
    put(lsn, bytes);
  }
  void put_sealed(const Space& space, std::uint32_t lbn, udf::TagIdentifier id, Bytes bytes) {
    put_sealed(space.lsn(lbn), lbn, id, std::move(bytes));
  }

  void put_file(const Space& space, std::uint32_t lbn, const File& f) {
    if (extended()) {
      udf::ExtendedFileEntry e{};
      e.object_size = f.size;
      e.stream_directory_icb = f.streams;
      fill(e, f);
      put_sealed(space, lbn, udf::TagIdentifier::extended_file_entry, joined({bytes_of(e), f.attributes, f.area}));
    } else {
      udf::FileEntry e{};
      fill(e, f);
      put_sealed(space, lbn, udf::TagIdentifier::file_entry, joined({bytes_of(e), f.attributes, f.area}));
    }
  }

  udf::LongAllocationDescriptor long_ad(std::uint16_t reference, std::uint32_t block, std::uint32_t bytes,
                                        std::uint32_t unique_id = 0) const {
    udf::LongAllocationDescriptor ad{};
    ad.length = bytes;
    ad.location.block = block;
    ad.location.partition_reference = reference;
    ad.unique_id = unique_id;
    return ad;
  }

  // One file identifier descriptor that lies in that block; the parent's has no name.
  Bytes identifier(std::uint32_t lbn, std::string_view name, const udf::LongAllocationDescriptor& icb,
                   std::uint8_t characteristics = 0) const {
    udf::FileIdentifierDescriptor fid{};
    Bytes text;
    if (!name.empty()) {
      text.push_back(std::byte{8});
      for (const char c : name) text.push_back(static_cast<std::byte>(c));
    }
    fid.version_number = 1;
    fid.characteristics = characteristics;
    fid.identifier_length = static_cast<std::uint8_t>(text.size());
    fid.icb = icb;
    auto bytes = joined({bytes_of(fid), text});
    bytes.resize(udf::fid_size(0, text.size()));
    udf::seal(bytes, udf::TagIdentifier::file_identifier_descriptor, lbn, version());
    return bytes;
  }

  // --- the volume

  void add_map(const udf::Type1PartitionMap& map) { add_map(bytes_of(map)); }
  void add_physical_map() {
    udf::Type1PartitionMap map{};
    map.header = {1, sizeof map};
    map.volume_sequence_number = 1;
    map.partition_number = kNumber;
    add_map(bytes_of(map));
  }
  template <class Specific>
  void add_map(std::string_view type, const Specific& specific) {
    udf::Type2PartitionMap map{};
    map.header = {2, sizeof map};
    map.type_identifier = udf::udf_identifier(type, revision_);
    map.volume_sequence_number = 1;
    map.partition_number = kNumber;
    store(std::span(map.specific), specific);
    add_map(bytes_of(map));
  }
  void add_map(std::span<const std::byte> map) {
    maps_.insert(maps_.end(), map.begin(), map.end());
    ++map_count_;
  }

  // Recognition, sequences, integrity, anchors: after the maps.
  void put_volume(const udf::LongAllocationDescriptor& file_set, udf::AccessType access = udf::AccessType::read_only) {
    put_recognition();
    for (const auto at : {kMainAt, kReserveAt}) put_sequence(at, file_set, access);
    put_integrity();
    for (const auto at : {256U, kBlocks - 1}) put_anchor(at);
  }
  void put_anchor(std::uint32_t at) {
    udf::AnchorVolumeDescriptorPointer anchor{};
    anchor.main_sequence.length = 16 * block_size_;
    anchor.main_sequence.location = kMainAt;
    anchor.reserve_sequence.length = 16 * block_size_;
    anchor.reserve_sequence.location = kReserveAt;
    put_sealed(at, at, udf::TagIdentifier::anchor_volume_descriptor_pointer, joined({bytes_of(anchor)}));
  }

  // --- the tree: /a.txt of three blocks, /sub/b.txt inside its own entry

  static constexpr std::uint32_t kRoot = 2, kSub = 4, kFileA = 6, kFileB = 8;  // blocks of the ICBs
  static constexpr std::string_view kTextB = "inside its entry";
  std::string text_a() const {
    return std::string(block_size_, 'A') + std::string(block_size_, 'B') + std::string(100, 'C');
  }

  // ICBs and folders lie in `meta`, content from block `content` of `data` on.
  void put_tree(const Space& meta, const Space& data, std::uint32_t content, std::uint16_t strategy = 4) {
    put_file_set(meta);
    const auto icb = [&](std::uint32_t block, std::uint32_t id) {
      return long_ad(meta.reference, block, (strategy == 4 ? 1 : 2) * block_size_, extended() ? id : 0);
    };
    const auto root = joined({identifier(kRoot, "", icb(kRoot, 0), udf::kFidDirectory | udf::kFidParent),
                              identifier(kRoot, "a.txt", icb(kFileA, 17)),
                              identifier(kRoot, "sub", icb(kSub, 16), udf::kFidDirectory)});
    put_file(meta, kRoot,
             {.type = udf::IcbFileType::directory,
              .size = root.size(),
              .area = root,
              .unique_id = 0,
              .strategy = strategy,
              .streams = {},
              .attributes = {},
              .links = 2});
    const auto sub = joined({identifier(kSub, "", icb(kRoot, 0), udf::kFidDirectory | udf::kFidParent),
                             identifier(kSub, "b.txt", icb(kFileB, 18))});
    put_file(meta, kSub,
             {.type = udf::IcbFileType::directory,
              .size = sub.size(),
              .area = sub,
              .unique_id = 16,
              .strategy = strategy,
              .streams = {},
              .attributes = {}});
    const auto text = text_a();
    for (std::uint32_t i = 0; i < 3; ++i)
      put(data.lsn(content + i), text_bytes(text).size() > std::size_t{i} * block_size_
                                     ? text_bytes(text.substr(std::size_t{i} * block_size_, block_size_))
                                     : Bytes{});
    const auto ad = long_ad(data.reference, content, static_cast<std::uint32_t>(text.size()));
    put_file(meta, kFileA,
             {.form = udf::AllocationForm::long_form,
              .size = text.size(),
              .area = joined({bytes_of(ad)}),
              .unique_id = 17,
              .strategy = strategy,
              .streams = {},
              .attributes = {}});
    put_file(meta, kFileB,
             {.size = kTextB.size(),
              .area = text_bytes(kTextB),
              .unique_id = 18,
              .strategy = strategy,
              .streams = {},
              .attributes = {}});
  }

  void put_file_set(const Space& meta, std::uint32_t at = 0, std::uint32_t number = 0, std::uint32_t root = kRoot) {
    udf::FileSetDescriptor fsd{};
    fsd.interchange_level = fsd.max_interchange_level = 3;
    fsd.character_set_list = fsd.max_character_set_list = 1;
    fsd.file_set_number = number;
    fsd.logical_volume_identifier = udf::to_dstring<128>(u"Built");
    fsd.root_directory_icb = long_ad(meta.reference, root, block_size_);
    fsd.domain = udf::domain_identifier(revision_, 0);
    put_sealed(meta, at, udf::TagIdentifier::file_set_descriptor, joined({bytes_of(fsd)}));
    put_sealed(meta, at + 1, udf::TagIdentifier::terminating_descriptor,
               joined({bytes_of(udf::TerminatingDescriptor{})}));
  }

 private:
  template <class Entry>
  static void fill(Entry& e, const File& f) {
    e.icb.strategy_type = f.strategy;
    if (f.strategy == 4096) e.icb.strategy_parameter = 1;
    e.icb.max_entries = f.strategy == 4 ? 1 : 2;
    e.icb.file_type = static_cast<std::uint8_t>(f.type);
    e.icb.flags = static_cast<std::uint16_t>(f.form);
    e.uid = e.gid = 1000;
    e.permissions = udf::to_permissions(0755);
    e.link_count = f.links;
    e.information_length = f.size;
    e.accessed = e.modified = e.attributes_changed = udf::to_wire(Timestamp::from_seconds(1'700'000'000));
    if constexpr (requires { e.created; }) e.created = e.modified;
    e.checkpoint = 1;
    e.implementation = udf::implementation_identifier();
    e.unique_id = f.unique_id;
    e.extended_attributes_length = static_cast<std::uint32_t>(f.attributes.size());
    e.allocation_descriptors_length = static_cast<std::uint32_t>(f.area.size());
  }

  void put_recognition() {
    const auto step = std::max<std::size_t>(2048, block_size_);
    std::size_t at = 32768;
    for (const std::string_view id : {"BEA01", extended() ? "NSR03" : "NSR02", "TEA01"}) {
      std::memcpy(bytes_.data() + at + 1, id.data(), id.size());
      bytes_[at + 6] = std::byte{1};
      at += step;
    }
  }

  void put_sequence(std::uint32_t at, const udf::LongAllocationDescriptor& file_set, udf::AccessType access) {
    using enum udf::TagIdentifier;
    udf::PrimaryVolumeDescriptor pvd{};
    pvd.sequence_number = 1;
    pvd.volume_identifier = udf::to_dstring<32>(u"Built");
    pvd.volume_sequence_number = pvd.max_volume_sequence_number = 1;
    pvd.interchange_level = pvd.max_interchange_level = 2;
    pvd.character_set_list = pvd.max_character_set_list = 1;
    pvd.volume_set_identifier = udf::to_dstring<128>(u"0123456789abcdefBuilt");
    pvd.recorded = udf::to_wire(Timestamp::from_seconds(1'700'000'000));
    pvd.implementation = udf::implementation_identifier();
    put_sealed(at, at, primary_volume_descriptor, joined({bytes_of(pvd)}));
    udf::PartitionDescriptor pd{};
    pd.sequence_number = 2;
    pd.flags = 1;
    pd.partition_number = kNumber;
    pd.contents = udf::plain_identifier(extended() ? udf::kNsr03 : udf::kNsr02);
    pd.access_type = static_cast<std::uint32_t>(access);
    pd.starting_location = kStart;
    pd.length = length_;
    pd.implementation = udf::implementation_identifier();
    put_sealed(at + 1, at + 1, partition_descriptor, joined({bytes_of(pd)}));
    udf::LogicalVolumeDescriptor lvd{};
    lvd.sequence_number = 3;
    std::memcpy(lvd.descriptor_character_set.information.data(), "OSTA Compressed Unicode", 23);
    lvd.logical_volume_identifier = udf::to_dstring<128>(u"Built");
    lvd.logical_block_size = block_size_;
    lvd.domain = udf::domain_identifier(revision_, 0);
    lvd.file_set = file_set;
    lvd.map_table_length = static_cast<std::uint32_t>(maps_.size());
    lvd.partition_map_count = map_count_;
    lvd.implementation = udf::implementation_identifier();
    lvd.integrity_sequence.length = block_size_;
    lvd.integrity_sequence.location = kIntegrityAt;
    put_sealed(at + 2, at + 2, logical_volume_descriptor, joined({bytes_of(lvd), maps_}));
    udf::UnallocatedSpaceDescriptor usd{};
    usd.sequence_number = 4;
    put_sealed(at + 3, at + 3, unallocated_space_descriptor, joined({bytes_of(usd)}));
    put_sealed(at + 4, at + 4, terminating_descriptor, joined({bytes_of(udf::TerminatingDescriptor{})}));
  }

  void put_integrity() {
    udf::LogicalVolumeIntegrityDescriptor lvid{};
    lvid.recorded = udf::to_wire(Timestamp::from_seconds(1'700'000'000));
    lvid.integrity_type = 1;
    lvid.unique_id = 32;
    lvid.partition_count = map_count_;
    lvid.implementation_use_length = sizeof(udf::IntegrityImplementationUse);
    Bytes tables(std::size_t{map_count_} * 8);
    udf::IntegrityImplementationUse use{};
    use.implementation = udf::implementation_identifier();
    use.file_count = use.directory_count = 2;
    use.min_write_revision = use.max_write_revision = static_cast<std::uint16_t>(revision_);
    use.min_read_revision = std::min<std::uint16_t>(use.max_write_revision.value(), 0x0250);  // UDF 2.2.6.4
    for (std::uint32_t i = 0; i < map_count_; ++i)
      store(std::span(tables).subspan(std::size_t{4} * (map_count_ + i)), le32(length_));
    put_sealed(kIntegrityAt, kIntegrityAt, udf::TagIdentifier::logical_volume_integrity_descriptor,
               joined({bytes_of(lvid), tables, bytes_of(use)}));
  }

  std::uint32_t block_size_;
  udf::Revision revision_;
  Bytes bytes_, maps_;
  std::uint32_t map_count_ = 0, length_ = 256;
};

}  // namespace fsimage::test
