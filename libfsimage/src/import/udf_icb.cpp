#include "udf_icb.hpp"

#include <fsimage/format/udf/extended_attributes.hpp>
#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <algorithm>
#include <string>
#include <unordered_set>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // UDF 3.3.3.1, 3.3.3.2: no user or group is said
constexpr std::uint16_t kDirectEntries = 4;    // ICB strategy, ECMA-167 4/A.5

Timestamp time_of(const udf::WireTimestamp& t) { return udf::from_wire(t).value_or(kUnsetTime); }

// What both forms of the entry have, under the same names.
template <class Fe>
void take(const Fe& fe, UdfFile& out) {
  out.type = static_cast<udf::IcbFileType>(fe.icb.file_type);
  out.form = udf::allocation_form(fe.icb.flags.value());
  out.size = fe.information_length.value();
  out.links = fe.link_count.value();
  Attributes& a = out.attributes;
  a = Attributes{};
  a.permissions = static_cast<std::uint16_t>(udf::from_permissions(fe.permissions.value()) |
                                             udf::from_icb_flags(fe.icb.flags.value()));
  a.uid = fe.uid.value() == kNobody ? 0 : fe.uid.value();
  a.gid = fe.gid.value() == kNobody ? 0 : fe.gid.value();
  a.accessed = time_of(fe.accessed);
  a.modified = time_of(fe.modified);
  a.changed = time_of(fe.attributes_changed);
}

// The attributes that matter here: device numbers and, in a plain entry, the time of creation.
void read_attributes(std::span<const std::byte> space, UdfFile& out) {
  if (space.size() < sizeof(udf::ExtendedAttributeHeaderDescriptor)) return;
  space = space.subspan(sizeof(udf::ExtendedAttributeHeaderDescriptor));
  while (space.size() >= sizeof(udf::AttributeHeader)) {
    const auto header = load<udf::AttributeHeader>(space);
    const std::size_t length = header.length.value();
    if (length < sizeof header || length > space.size()) return;
    const auto attribute = space.first(length);
    const auto type = static_cast<udf::AttributeType>(header.type.value());
    if (type == udf::AttributeType::device_specification && length >= sizeof(udf::DeviceSpecificationAttribute)) {
      const auto device = load<udf::DeviceSpecificationAttribute>(attribute);
      out.device = DeviceNumber{device.major.value(), device.minor.value()};
    } else if (type == udf::AttributeType::file_times &&
               length >= sizeof(udf::FileTimesAttribute) + sizeof(udf::WireTimestamp)) {
      const auto times = load<udf::FileTimesAttribute>(attribute);
      if ((times.existence.value() & udf::kFileCreation) != 0)
        out.attributes.created = time_of(load<udf::WireTimestamp>(attribute.subspan(sizeof times)));
    }
    space = space.subspan(length);
  }
}

// Extended attributes and allocation descriptors, behind the fixed part.
template <class Fe>
void take_areas(std::span<const std::byte> block, const Fe& fe, UdfFile& out) {
  const std::uint64_t attributes = fe.extended_attributes_length.value();
  const std::uint64_t allocation = fe.allocation_descriptors_length.value();
  if (attributes + allocation > block.size() - sizeof fe)
    damaged(lba_of(out.at), sizeof fe == sizeof(udf::FileEntry) ? "ECMA-167 4/14.9.19" : "ECMA-167 4/14.17.23",
            "extended attributes of " + std::to_string(attributes) + " bytes and allocation descriptors of " +
                std::to_string(allocation) + " leave the block");
  const auto space = block.subspan(sizeof fe, static_cast<std::size_t>(attributes));
  if (!space.empty()) read_attributes(space, out);
  const auto area = block.subspan(sizeof fe + space.size(), static_cast<std::size_t>(allocation));
  out.allocation.assign(area.begin(), area.end());
  out.allocation_at = out.at + sizeof fe + space.size();
}

void check_entry_tag(Walk& walk, std::span<const std::byte> block, const DirectoryRef& icb) {
  const auto fault = udf::check_tag(block, std::nullopt, icb.block);
  if (!fault) return;
  if (fault->kind != udf::TagFault::Kind::crc) damaged(lba_of(icb.at), fault->clause, "file entry: " + fault->text);
  walk.report.deviation(lba_of(icb.at), fault->clause, "file entry: " + fault->text);
}

// Turns allocation descriptors into pieces.
class Collector {
 public:
  Collector(Walk& walk, const UdfVolume& volume, const UdfFile& file, bool follow, std::vector<Piece>& out,
            std::vector<EntryStructure>* structures)
      : walk_(walk),
        volume_(volume),
        file_(file),
        follow_(follow),
        out_(out),
        structures_(structures),
        rest_(file.size) {}

  bool run() {
    if (rest_ == 0) return true;
    switch (file_.form) {
      case udf::AllocationForm::embedded: return embedded();
      case udf::AllocationForm::short_form: return walk_descriptors<udf::ShortAllocationDescriptor>();
      case udf::AllocationForm::long_form: return walk_descriptors<udf::LongAllocationDescriptor>();
      default:
        damaged(lba_of(file_.at), "UDF 2.3.5.4",
                "allocation descriptors of form " + std::to_string(static_cast<int>(file_.form)));
    }
  }

 private:
  bool embedded() {
    if (rest_ > file_.allocation.size())
      damaged(lba_of(file_.at), "ECMA-167 4/14.9.10",
              "information length " + std::to_string(rest_) + ", but " + std::to_string(file_.allocation.size()) +
                  " bytes are embedded");
    append_piece(out_, {file_.allocation_at, rest_});
    return true;
  }

  std::uint32_t block_of(const udf::ShortAllocationDescriptor& ad) const { return ad.position.value(); }
  std::uint32_t block_of(const udf::LongAllocationDescriptor& ad) const { return ad.location.block.value(); }
  std::uint16_t partition_of(const udf::ShortAllocationDescriptor&) const { return file_.partition; }
  std::uint16_t partition_of(const udf::LongAllocationDescriptor& ad) const {
    return ad.location.partition_reference.value();
  }

  template <class Ad>
  bool walk_descriptors() {
    std::vector<std::byte> further;
    std::span<const std::byte> area = file_.allocation;
    while (rest_ != 0 && area.size() >= sizeof(Ad)) {
      const auto ad = load<Ad>(area);
      area = area.subspan(sizeof ad);
      const auto length = udf::extent_length(ad.length.value());
      if (length == 0) break;  // ECMA-167 4/12: nothing behind it counts
      if (udf::extent_type(ad.length.value()) != udf::ExtentType::continuation) {
        add(udf::extent_type(ad.length.value()), partition_of(ad), block_of(ad), length);
        continue;
      }
      if (!follow_) return false;
      read_further(partition_of(ad), block_of(ad), further);
      area = further;
    }
    if (rest_ != 0)
      damaged(lba_of(file_.at), "ECMA-167 4/14.9.10",
              "the extents end " + std::to_string(rest_) + " bytes before the information length");
    return true;
  }

  void add(udf::ExtentType type, std::uint16_t partition, std::uint32_t block, std::uint32_t length) {
    const auto bytes = std::min<std::uint64_t>(length, rest_);
    rest_ -= bytes;
    if (type != udf::ExtentType::recorded) return append_piece(out_, {Piece::kHole, bytes});
    std::vector<Piece>& place = scratch_;
    place.clear();
    volume_.map_extent(partition, block, bytes, place);
    for (const Piece& p : place) {
      if (!walk_.blocks.contains(p.at, p.length))
        damaged(lba_of(file_.at), "ECMA-167 4/14.14.1.2",
                "an extent of " + std::to_string(p.length) + " bytes at block " + std::to_string(p.at / kBlockSize) +
                    " ends beyond the end of the image");
      append_piece(out_, p);
    }
    if (!volume_.in_partition(partition, block, bytes))
      walk_.report.deviation(lba_of(file_.at), "ECMA-167 4/14.14.1.2",
                             "an extent at block " + std::to_string(block) + " is not inside its partition");
  }

  // Allocation extent descriptor, ECMA-167 4/14.5. Each is read once, so that a circle ends.
  void read_further(std::uint16_t partition, std::uint32_t block, std::vector<std::byte>& out) {
    const auto at = volume_.structure_offset(partition, block);
    if (!visited_.insert(at).second) damaged(lba_of(at), "ECMA-167 4/14.5", "allocation extents lead in a circle");
    walk_.budget.charge_metadata(volume_.block_size, lba_of(at));
    const auto bytes = walk_.blocks.view(at, volume_.block_size, "ECMA-167 4/14.5");
    udf::require_tag(bytes, TagIdentifier::allocation_extent_descriptor, block,
                     {.path = {}, .lba = lba_of(at), .clause = {}});
    const auto aed = load<udf::AllocationExtentDescriptor>(bytes);
    const auto length = aed.allocation_descriptors_length.value();
    if (length > bytes.size() - sizeof aed)
      damaged(lba_of(at), "ECMA-167 4/14.5.3",
              "allocation descriptors of " + std::to_string(length) + " bytes leave the block");
    const auto area = bytes.subspan(sizeof aed, length);
    out.assign(area.begin(), area.end());
    if (structures_ != nullptr)
      structures_->push_back({EntryStructure::Kind::allocation_extent, at, volume_.block_size});
  }

  Walk& walk_;
  const UdfVolume& volume_;
  const UdfFile& file_;
  bool follow_;
  std::vector<Piece>& out_;
  std::vector<EntryStructure>* structures_;
  std::uint64_t rest_;
  std::vector<Piece> scratch_;
  std::unordered_set<std::uint64_t> visited_;
};

}  // namespace

void read_file_entry(Walk& walk, const UdfVolume& volume, const DirectoryRef& icb, UdfFile& out) {
  out.at = icb.at;
  out.partition = icb.partition;
  out.device.reset();
  const auto block = walk.blocks.view(icb.at, volume.block_size, "ECMA-167 4/14.9");
  check_entry_tag(walk, block, icb);
  const auto identifier = static_cast<TagIdentifier>(load<udf::DescriptorTag>(block).identifier.value());
  std::uint16_t strategy = 0;
  if (identifier == TagIdentifier::file_entry) {
    const auto fe = load<udf::FileEntry>(block);
    take(fe, out);
    take_areas(block, fe, out);
    strategy = fe.icb.strategy_type.value();
  } else if (identifier == TagIdentifier::extended_file_entry) {
    const auto fe = load<udf::ExtendedFileEntry>(block);
    take(fe, out);
    take_areas(block, fe, out);
    out.attributes.created = time_of(fe.created);
    strategy = fe.icb.strategy_type.value();
  } else {
    damaged(lba_of(icb.at), "ECMA-167 4/7.2.1",
            std::string(udf::to_string(identifier)) + " where a file entry belongs");
  }
  if (strategy != kDirectEntries)
    throw Error(Errc::unsupported, {.path = {}, .lba = lba_of(icb.at), .clause = "ECMA-167 4/14.6.2"},
                "ICB strategy " + std::to_string(strategy));
}

bool collect_pieces(Walk& walk, const UdfVolume& volume, const UdfFile& file, bool follow, std::vector<Piece>& out,
                    std::vector<EntryStructure>* structures) {
  return Collector(walk, volume, file, follow, out, structures).run();
}

}  // namespace fsimage::volume
