#include "udf_volume.hpp"

#include "udf_tables.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>

#include <algorithm>
#include <map>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::size_t kWholeDescriptor = 512;  // ECMA-167 3/7.2: every descriptor fits a sector

// Reads a sequence of descriptors up to its terminator, through pointers to further extents, ECMA-167 3/8.4.2.
class SequenceReader {
 public:
  SequenceReader(Walk& walk, std::uint32_t block_size) : walk_(walk), block_size_(block_size) {}

  UdfSequence read(const udf::ExtentDescriptor& extent) {
    UdfSequence out;
    out.at = std::uint64_t{extent.location.value()} * block_size_;
    out.bytes = extent.length.value();
    std::optional<udf::ExtentDescriptor> next = extent;
    for (std::uint32_t hops = 0; next && hops <= walk_.budget.limits().hops; ++hops) next = read_extent(*next, out);
    if (next)
      walk_.report.deviation(lba_of(out.at), "ECMA-167 3/10.3", "volume descriptor pointers that lead on and on");
    return out;
  }

 private:
  std::optional<udf::ExtentDescriptor> read_extent(const udf::ExtentDescriptor& extent, UdfSequence& out) {
    const auto count = std::min(extent.length.value() / block_size_, kMaxSequenceBlocks);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto location = std::uint64_t{extent.location.value()} + i;
      const auto at = location * block_size_;
      if (location > UINT32_MAX || !walk_.blocks.contains(at, block_size_)) {
        walk_.report.deviation(lba_of(at), "ECMA-167 3/8.4.2",
                               "a volume descriptor sequence beyond the end of the image");
        return std::nullopt;
      }
      const auto bytes = walk_.blocks.view(at, block_size_, "ECMA-167 3/8.4.2");
      const auto identifier = static_cast<TagIdentifier>(load<udf::DescriptorTag>(bytes).identifier.value());
      const auto fault = udf::check_tag(bytes, std::nullopt, static_cast<std::uint32_t>(location));
      if (fault) {
        // An unrecorded block ends the sequence, ECMA-167 3/8.4.2; it has no descriptor that could be wrong.
        if (std::all_of(bytes.begin(), bytes.begin() + 16, [](std::byte b) { return b == std::byte{}; }))
          return std::nullopt;
        walk_.report.deviation(lba_of(at), fault->clause, std::string(udf::to_string(identifier)) + ": " + fault->text);
        continue;
      }
      out.descriptors.push_back({identifier, at});
      if (identifier == TagIdentifier::terminating_descriptor) return std::nullopt;
      if (identifier == TagIdentifier::volume_descriptor_pointer)
        return load<udf::VolumeDescriptorPointer>(bytes).next_sequence;
    }
    return std::nullopt;
  }

  Walk& walk_;
  std::uint32_t block_size_;
};

// The descriptors that count among several of a kind, ECMA-167 3/8.4.3: those with the highest sequence number.
struct Prevailing {
  struct One {
    std::uint32_t sequence_number = 0;
    std::uint64_t at = 0;
  };
  std::optional<One> logical_volume;
  std::map<std::uint16_t, One> partitions;  // by partition number
  bool usable() const { return logical_volume && !partitions.empty(); }
};

Prevailing prevailing(Blocks& blocks, const UdfSequence& sequence) {
  Prevailing out;
  for (const auto& d : sequence.descriptors) {
    const auto bytes = blocks.view(d.at, kWholeDescriptor, "ECMA-167 3/8.4.2");
    if (d.identifier == TagIdentifier::logical_volume_descriptor) {
      const auto number = load<udf::LogicalVolumeDescriptor>(bytes).sequence_number.value();
      if (!out.logical_volume || number >= out.logical_volume->sequence_number) out.logical_volume = {number, d.at};
    } else if (d.identifier == TagIdentifier::partition_descriptor) {
      const auto pd = load<udf::PartitionDescriptor>(bytes);
      const auto number = pd.sequence_number.value();
      const auto [place, fresh] =
          out.partitions.try_emplace(pd.partition_number.value(), Prevailing::One{number, d.at});
      if (!fresh && number >= place->second.sequence_number) place->second = {number, d.at};
    }
  }
  return out;
}

UdfPartition::Kind kind_of(const udf::EntityIdentifier& id) {
  if (udf::is(id, udf::kVirtualPartition)) return UdfPartition::Kind::virtual_table;
  if (udf::is(id, udf::kSparablePartition)) return UdfPartition::Kind::sparable;
  if (udf::is(id, udf::kMetadataPartition)) return UdfPartition::Kind::metadata;
  return UdfPartition::Kind::unknown;
}

class VolumeReader {
 public:
  VolumeReader(Walk& walk, const UdfAnchor& anchor) : walk_(walk) {
    volume_.anchor = anchor;
    volume_.block_size = anchor.block_size;
  }

  UdfVolume read() {
    SequenceReader sequences(walk_, volume_.block_size);
    volume_.main = sequences.read(volume_.anchor.pointer.main_sequence);
    volume_.reserve = sequences.read(volume_.anchor.pointer.reserve_sequence);
    auto found = prevailing(walk_.blocks, volume_.main);
    const Lba anchor = lba_of(volume_.anchor.at);
    if (!found.usable()) {
      found = prevailing(walk_.blocks, volume_.reserve);
      if (!found.usable())
        damaged(anchor, "ECMA-167 3/8.4.2",
                "neither volume descriptor sequence holds a logical volume and a partition");
      volume_.from_reserve = true;
      walk_.report.deviation(anchor, "ECMA-167 3/8.4.2",
                             "the main volume descriptor sequence is of no use; the reserve one is read");
    }
    for (const auto& [number, one] : found.partitions) volume_.partitions_at.push_back(one.at);
    read_logical_volume(found);
    find_integrity();
    load_mappings(walk_, volume_);
    return std::move(volume_);
  }

 private:
  void read_logical_volume(const Prevailing& found) {
    const auto at = found.logical_volume->at;
    volume_.logical_volume_at = at;
    const auto view = walk_.blocks.view(at, volume_.block_size, "ECMA-167 3/10.6");
    const std::vector<std::byte> bytes(view.begin(), view.end());  // partition descriptors are read meanwhile
    const auto lvd = load<udf::LogicalVolumeDescriptor>(bytes);
    if (lvd.logical_block_size.value() != volume_.block_size)
      damaged(lba_of(at), "ECMA-167 3/10.6.5",
              "logical block size " + std::to_string(lvd.logical_block_size.value()) +
                  ", but the anchor is one for blocks of " + std::to_string(volume_.block_size));
    if (!udf::is(lvd.domain, udf::kDomain))
      walk_.report.deviation(lba_of(at), "UDF 2.2.4.3", "the domain is not that of UDF");
    volume_.revision = udf::suffix_revision(lvd.domain);
    if (const auto name = udf::from_dstring(lvd.logical_volume_identifier)) volume_.name = to_utf8(*name);
    volume_.file_set = lvd.file_set;
    volume_.integrity_extent_at = std::uint64_t{lvd.integrity_sequence.location.value()} * volume_.block_size;
    volume_.integrity_extent_bytes = lvd.integrity_sequence.length.value();
    const auto length = lvd.map_table_length.value();
    const auto table = std::span<const std::byte>(bytes).subspan(sizeof lvd);
    if (length > table.size())
      damaged(lba_of(at), "ECMA-167 3/10.6.8",
              "partition maps of " + std::to_string(length) + " bytes leave the descriptor");
    read_maps(table.first(length), lvd.partition_map_count.value(), found);
  }

  void read_maps(std::span<const std::byte> table, std::uint32_t count, const Prevailing& found) {
    const Lba at = lba_of(volume_.logical_volume_at);
    auto map_at = volume_.logical_volume_at + sizeof(udf::LogicalVolumeDescriptor);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (table.size() < sizeof(udf::PartitionMapHeader))
        damaged(at, "ECMA-167 3/10.6.9", "fewer partition maps than their number says");
      const auto header = load<udf::PartitionMapHeader>(table);
      if (header.length < sizeof header || header.length > table.size())
        damaged(at, "ECMA-167 3/10.7.1.2", "a partition map of " + std::to_string(header.length) + " bytes");
      volume_.partitions.push_back(read_map(table.first(header.length), found, at));
      volume_.partitions.back().map_at = map_at;
      table = table.subspan(header.length);
      map_at += header.length;
    }
    check_ends();
  }

  UdfPartition read_map(std::span<const std::byte> map, const Prevailing& found, Lba at) {
    UdfPartition out;
    const auto header = load<udf::PartitionMapHeader>(map);
    if (header.type == 1 && map.size() >= sizeof(udf::Type1PartitionMap)) {
      out.kind = UdfPartition::Kind::physical;
      out.number = load<udf::Type1PartitionMap>(map).partition_number.value();
    } else if (header.type == 2 && map.size() >= sizeof(udf::Type2PartitionMap)) {
      const auto type2 = load<udf::Type2PartitionMap>(map);
      out.kind = kind_of(type2.type_identifier);
      out.number = type2.partition_number.value();
    } else {
      damaged(
          at, "ECMA-167 3/10.7.1.1",
          "a partition map of type " + std::to_string(header.type) + " and " + std::to_string(map.size()) + " bytes");
    }
    const auto partition = found.partitions.find(out.number);
    if (partition == found.partitions.end())
      damaged(at, "ECMA-167 3/10.7.2.4", "no partition has the number " + std::to_string(out.number));
    const auto pd =
        load<udf::PartitionDescriptor>(walk_.blocks.view(partition->second.at, kWholeDescriptor, "ECMA-167 3/10.5"));
    out.start = pd.starting_location.value();
    out.length = pd.length.value();
    out.descriptor_at = partition->second.at;
    return out;
  }

  // Where virtual allocation tables are, a disc is written bit by bit: its partition has room for more.
  void check_ends() {
    using enum UdfPartition::Kind;
    if (std::ranges::any_of(volume_.partitions, [](const auto& p) { return p.kind == virtual_table; })) return;
    for (const auto& p : volume_.partitions)
      if ((std::uint64_t{p.start} + p.length) * volume_.block_size > walk_.blocks.size())
        walk_.report.deviation(lba_of(p.descriptor_at), "ECMA-167 3/10.5.9",
                               "the partition ends beyond the end of the image, at block " +
                                   std::to_string(std::uint64_t{p.start} + p.length));
  }

  // ECMA-167 3/8.8.2: the last descriptor of the last extent counts.
  void find_integrity() {
    udf::ExtentDescriptor extent{};
    extent.location = static_cast<std::uint32_t>(volume_.integrity_extent_at / volume_.block_size);
    extent.length = static_cast<std::uint32_t>(volume_.integrity_extent_bytes);
    for (std::uint32_t hops = 0; extent.length.value() != 0; ++hops) {
      if (hops > walk_.budget.limits().hops) {
        walk_.report.deviation(lba_of(volume_.integrity_extent_at), "ECMA-167 3/10.10.4",
                               "integrity extents that lead on and on");
        return;
      }
      extent = newest_in(extent);
    }
  }

  udf::ExtentDescriptor newest_in(const udf::ExtentDescriptor& extent) {
    const auto count = std::min(extent.length.value() / volume_.block_size, kMaxSequenceBlocks);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto location = std::uint64_t{extent.location.value()} + i;
      const auto at = location * volume_.block_size;
      if (location > UINT32_MAX || !walk_.blocks.contains(at, volume_.block_size)) break;
      const auto bytes = walk_.blocks.view(at, volume_.block_size, "ECMA-167 3/10.10");
      if (udf::check_tag(bytes, TagIdentifier::logical_volume_integrity_descriptor,
                         static_cast<std::uint32_t>(location)))
        break;
      volume_.integrity_at = at;
      const auto lvid = load<udf::LogicalVolumeIntegrityDescriptor>(bytes);
      if (lvid.next_extent.length.value() != 0) return lvid.next_extent;
    }
    return {};
  }

  Walk& walk_;
  UdfVolume volume_;
};

}  // namespace

UdfVolume read_udf_volume(Walk& walk, const UdfAnchor& anchor) { return VolumeReader(walk, anchor).read(); }

const UdfPartition& UdfVolume::usable(std::uint16_t partition) const {
  if (partition >= partitions.size())
    damaged(lba_of(logical_volume_at), "ECMA-167 4/7.1.2",
            "partition reference " + std::to_string(partition) + " of " + std::to_string(partitions.size()));
  const auto& p = partitions[partition];
  if (p.mapping) return p;
  if (p.fault) throw *p.fault;
  // While tables are read: they lie below all others, UDF 2.2.10, 2.2.11.
  damaged(lba_of(p.map_at), "UDF 2.2.10", "the tables of a partition lie in a partition that they are needed for");
}

std::uint64_t UdfVolume::structure_offset(std::uint16_t partition, std::uint32_t block) const {
  const auto& p = usable(partition);
  const bool inside = block < p.mapping->blocks();
  const auto piece = inside ? p.mapping->run(block, block_size) : Piece{};
  if (piece.hole() || piece.length < block_size)
    damaged(lba_of(p.kind == UdfPartition::Kind::physical ? (std::uint64_t{p.start} + block) * block_size : p.map_at),
            "ECMA-167 4/7.1.1",
            "block " + std::to_string(block) + " of a partition of " + std::to_string(p.mapping->blocks()) +
                (inside ? " lies nowhere" : ""));
  return piece.at;
}

void UdfVolume::map_extent(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes,
                           std::vector<Piece>& out) const {
  const auto& p = usable(partition);
  while (bytes != 0) {
    const auto piece = p.mapping->run(block, bytes);
    if (piece.length == 0)
      damaged(lba_of(p.map_at), "ECMA-167 4/7.1.1",
              "block " + std::to_string(block) + " of a partition of " + std::to_string(p.mapping->blocks()) +
                  " lies nowhere");
    append_piece(out, piece);
    bytes -= piece.length;
    block += static_cast<std::uint32_t>(piece.length / block_size);
  }
}

bool UdfVolume::in_partition(std::uint16_t partition, std::uint32_t block, std::uint64_t bytes) const {
  return block + (bytes + block_size - 1) / block_size <= usable(partition).mapping->blocks();
}

namespace {

// The file sets of a volume, extent by extent, ECMA-167 4/8.3.1.
class FileSets {
 public:
  FileSets(Walk& walk, const UdfVolume& volume) : walk_(walk), volume_(volume) {}

  std::optional<UdfFileSet> find() {
    std::optional<udf::LongAllocationDescriptor> next = volume_.file_set;
    for (std::uint32_t hops = 0; next && hops <= walk_.budget.limits().hops; ++hops) next = read_extent(*next);
    if (next)
      walk_.report.deviation(lba_of(volume_.logical_volume_at), "ECMA-167 4/14.1.17",
                             "file set descriptors that lead on and on");
    return found_;
  }

 private:
  std::optional<udf::LongAllocationDescriptor> read_extent(const udf::LongAllocationDescriptor& place) {
    const auto partition = place.location.partition_reference.value();
    const auto count = std::min(udf::extent_length(place.length.value()) / volume_.block_size, kMaxSequenceBlocks);
    std::optional<udf::LongAllocationDescriptor> next;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto block = place.location.block.value() + i;
      if (found_ && !volume_.in_partition(partition, block, volume_.block_size)) break;
      const auto at = volume_.structure_offset(partition, block);
      if (!walk_.blocks.contains(at, kWholeDescriptor)) break;
      const auto bytes = walk_.blocks.view(at, kWholeDescriptor, "ECMA-167 4/14.1");
      if (!udf::check_tag(bytes, TagIdentifier::terminating_descriptor, block)) {
        if (found_) found_->terminator_at = at;
        break;
      }
      const auto fault = udf::check_tag(bytes, TagIdentifier::file_set_descriptor, block);
      if (fault && found_) break;  // nothing more was recorded
      if (fault) walk_.report.deviation(lba_of(at), fault->clause, "file set descriptor: " + fault->text);
      if (fault && fault->kind != udf::TagFault::Kind::crc) continue;
      const auto fsd = load<udf::FileSetDescriptor>(bytes);
      if (udf::extent_length(fsd.next_extent.length.value()) != 0) next = fsd.next_extent;
      take(fsd, at);
    }
    return next;
  }

  // UDF 2.3.2: the file set with the highest number is the one to show; of its descriptors the last counts.
  void take(const udf::FileSetDescriptor& fsd, std::uint64_t at) {
    const std::pair number{fsd.file_set_number.value(), fsd.file_set_descriptor_number.value()};
    if (found_ && number < number_) return;
    number_ = number;
    const auto& icb = fsd.root_directory_icb;
    const auto& address = icb.location;
    found_ =
        UdfFileSet{.at = at,
                   .terminator_at = {},
                   .root = {.at = volume_.structure_offset(address.partition_reference.value(), address.block.value()),
                            .bytes = udf::extent_length(icb.length.value()),
                            .block = address.block.value(),
                            .partition = address.partition_reference.value()}};
  }

  Walk& walk_;
  const UdfVolume& volume_;
  std::optional<UdfFileSet> found_;
  std::pair<std::uint32_t, std::uint32_t> number_;
};

}  // namespace

UdfFileSet read_file_set(Walk& walk, const UdfVolume& volume) {
  const auto found = FileSets(walk, volume).find();
  if (!found)
    damaged(lba_of(volume.logical_volume_at), "ECMA-167 4/14.1",
            "no file set descriptor where the logical volume says");
  return *found;
}

}  // namespace fsimage::volume
