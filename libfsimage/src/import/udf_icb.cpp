#include "udf_icb.hpp"

#include <fsimage/format/udf/extended_attributes.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // UDF 3.3.3.1, 3.3.3.2: no user or group is said
// ICB strategies, ECMA-167 4/A.5, UDF 2.3.5.1 and 6.6: one entry, or a chain whose last entry counts.
constexpr std::uint16_t kDirectEntries = 4, kChain = 4096;

constexpr std::uint64_t kMaxAttributes = 1 << 20;  // bytes of them in a file of their own

Timestamp time_of(const udf::WireTimestamp& t) { return udf::from_wire(t).value_or(kUnsetTime); }

// What both forms of the entry have, under the same names.
template <class Fe>
void take(const Fe& fe, UdfFile& out) {
  out.type = static_cast<udf::IcbFileType>(fe.icb.file_type);
  out.form = udf::allocation_form(fe.icb.flags.value());
  out.size = fe.information_length.value();
  out.links = fe.link_count.value();
  out.unique_id = fe.unique_id.value();
  out.attribute_icb = fe.extended_attribute_icb;
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

// Extended attributes that say something of the file which no tree can keep; the others are a system's book-keeping.
// UDF 3.3.4.5.
void note_use_attribute(std::span<const std::byte> attribute, UdfFile& out) {
  static constexpr std::array<std::string_view, 4> kTelling{"*UDF OS/2 EA", "*UDF Mac FinderInfo",
                                                            "*UDF Mac ResourceFork", "*UDF OS/400 DirInfo"};
  const auto use = load<udf::UseAttribute>(attribute);
  const auto name = udf::identifier_text(use.identifier);
  if (std::find(kTelling.begin(), kTelling.end(), name) == kTelling.end()) return;
  // Behind the header's checksum; zeros say nothing.
  const auto body = attribute.subspan(std::min(attribute.size(), sizeof use + 2));
  if (std::any_of(body.begin(), body.end(), [](std::byte b) { return b != std::byte{}; }))
    out.lost_attributes.push_back(name);
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
    } else if (type == udf::AttributeType::implementation_use && length >= sizeof(udf::UseAttribute)) {
      note_use_attribute(attribute, out);
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
class PieceCollector {
 public:
  PieceCollector(Walk& walk, const UdfVolume& volume, const UdfFile& file, bool follow, std::vector<Piece>& out,
                 std::vector<EntryStructure>* structures, std::vector<LogicalExtent>* logical,
                 std::vector<LostRange>* losses)
      : walk_(walk),
        volume_(volume),
        file_(file),
        follow_(follow),
        out_(out),
        structures_(structures),
        logical_(logical),
        losses_(losses),
        rest_(file.size) {}

  bool run() {
    if (losses_ == nullptr) return collect();
    try {
      return collect();
    } catch (const Error& e) {
      if (rest_ > walk_.blocks.size()) throw;  // what claims more than the source could hold is no length
      lose(e, std::exchange(rest_, 0));
      return true;
    }
  }

 private:
  // Bytes that lie nowhere, up to `rest_`: damage, or holes for whoever can bear losses.
  void lose(const Error& e, std::uint64_t bytes) {
    if (losses_ == nullptr || !walk_.report.survives(e)) throw e;
    append_lost(*losses_, {.offset = file_.size - rest_ - bytes, .length = bytes, .why = e});
    append_piece(out_, {Piece::kHole, bytes});
  }

  bool collect() {
    if (rest_ == 0) return true;
    switch (file_.form) {
      case udf::AllocationForm::embedded: return embedded();
      case udf::AllocationForm::short_form: return walk_descriptors<udf::ShortAllocationDescriptor>();
      case udf::AllocationForm::long_form: return walk_descriptors<udf::LongAllocationDescriptor>();
      case udf::AllocationForm::extended_form:
        walk_.report.deviation(lba_of(file_.at), "UDF 2.3.5.4", "extended allocation descriptors");
        return walk_descriptors<udf::ExtendedAllocationDescriptor>();
      default:
        damaged(lba_of(file_.at), "UDF 2.3.5.4",
                "allocation descriptors of form " + std::to_string(static_cast<int>(file_.form)));
    }
  }

  bool embedded() {
    if (rest_ > file_.allocation.size())
      damaged(lba_of(file_.at), "ECMA-167 4/14.9.10",
              "information length " + std::to_string(rest_) + ", but " + std::to_string(file_.allocation.size()) +
                  " bytes are embedded");
    append_piece(out_, {file_.allocation_at, rest_});
    if (logical_ != nullptr) logical_->push_back({0, file_.block});
    return true;
  }

  std::uint32_t block_of(const udf::ShortAllocationDescriptor& ad) const { return ad.position.value(); }
  template <class Ad>
  std::uint32_t block_of(const Ad& ad) const {
    return ad.location.block.value();
  }
  std::uint16_t partition_of(const udf::ShortAllocationDescriptor&) const { return file_.partition; }
  template <class Ad>
  std::uint16_t partition_of(const Ad& ad) const {
    return ad.location.partition_reference.value();
  }
  // Bytes of the content in the extent.
  template <class Ad>
  std::uint32_t bytes_in(const Ad& ad) const {
    return udf::extent_length(ad.length.value());
  }
  std::uint32_t bytes_in(const udf::ExtendedAllocationDescriptor& ad) const {
    if (ad.recorded_length.value() != ad.information_length.value() &&
        udf::extent_type(ad.length.value()) == udf::ExtentType::recorded)
      damaged(lba_of(file_.at), "ECMA-167 4/14.14.3.3", "an extent whose content was recorded in another form");
    return std::min(ad.information_length.value(), udf::extent_length(ad.length.value()));
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
        add(udf::extent_type(ad.length.value()), partition_of(ad), block_of(ad), bytes_in(ad));
        continue;
      }
      if (!follow_) return false;
      read_further(partition_of(ad), block_of(ad), further);
      area = further;
    }
    if (rest_ != 0) take_rest_of_block();
    return true;
  }

  void add(udf::ExtentType type, std::uint16_t partition, std::uint32_t block, std::uint32_t length) {
    const auto bytes = std::min<std::uint64_t>(length, rest_);
    if (last_.bytes % volume_.block_size != 0)
      walk_.report.deviation(lba_of(file_.at), "ECMA-167 4/12.1",
                             "an extent of " + std::to_string(last_.bytes) + " bytes that is not the last");
    last_ = {type, partition, block, bytes};
    if (logical_ != nullptr) logical_->push_back({file_.size - rest_, block});
    rest_ -= bytes;
    try {
      append(type, partition, block, 0, bytes);
    } catch (const Error& e) {
      return lose(e, bytes);
    }
    if (type == udf::ExtentType::recorded && !volume_.in_partition(partition, block, bytes))
      walk_.report.deviation(lba_of(file_.at), "ECMA-167 4/14.14.1.2",
                             "an extent at block " + std::to_string(block) + " is not inside its partition");
  }

  // `bytes` behind the first `skipped` of an extent, which are fewer than a block.
  void append(udf::ExtentType type, std::uint16_t partition, std::uint32_t block, std::uint64_t skipped,
              std::uint64_t bytes) {
    if (type != udf::ExtentType::recorded) return append_piece(out_, {Piece::kHole, bytes});
    std::vector<Piece>& place = scratch_;
    place.clear();
    volume_.map_extent(partition, block, skipped + bytes, place);
    // A table can scatter few blocks into very many pieces.
    if (place.size() > 1) walk_.budget.charge_metadata(place.size() * sizeof(Piece), lba_of(file_.at));
    auto before = rest_ + bytes;  // of the content, from the piece at hand on
    for (Piece p : place) {
      const auto leave = std::min(std::exchange(skipped, 0), p.length);
      p.length -= leave;
      if (!p.hole()) p.at += leave;
      before -= p.length;
      if (p.hole() || walk_.blocks.contains(p.at, p.length))
        append_piece(out_, p);
      else
        cut(p, before);
    }
  }

  // A piece that ends beyond the end of the image, with so many bytes of the content behind it.
  void cut(Piece p, std::uint64_t behind) {
    const auto there = p.at >= walk_.blocks.size() ? 0 : walk_.blocks.size() - p.at;
    const Lba lba = lba_of(losses_ == nullptr ? file_.at : p.at + there);
    const Error e(Errc::corrupt_structure, {.path = {}, .lba = lba, .clause = "ECMA-167 4/14.14.1.2"},
                  "an extent of " + std::to_string(p.length) + " bytes at block " + std::to_string(p.at / kBlockSize) +
                      " ends beyond the end of the image");
    if (losses_ == nullptr) throw e;
    append_piece(out_, {p.at, there});
    append_lost(*losses_, {.offset = file_.size - behind - p.length + there, .length = p.length - there, .why = e});
    append_piece(out_, {Piece::kHole, p.length - there});
  }

  // Linux does not lengthen the extent of a file that grows inside its last block; the bytes are there nevertheless.
  void take_rest_of_block() {
    const auto used = last_.bytes % volume_.block_size;
    const auto text = "the extents end " + std::to_string(rest_) + " bytes before the information length";
    if (used == 0 || rest_ > volume_.block_size - used) damaged(lba_of(file_.at), "ECMA-167 4/14.9.10", text);
    walk_.report.deviation(lba_of(file_.at), "ECMA-167 4/14.9.10", text + ", inside their last block");
    const auto block = last_.block + static_cast<std::uint32_t>(last_.bytes / volume_.block_size);
    append(last_.type, last_.partition, block, used, std::exchange(rest_, 0));
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
  std::vector<LogicalExtent>* logical_;
  std::vector<LostRange>* losses_;
  // The extent that was added last.
  struct {
    udf::ExtentType type{};
    std::uint16_t partition = 0;
    std::uint32_t block = 0;
    std::uint64_t bytes = 0;
  } last_;
  std::uint64_t rest_;
  std::vector<Piece> scratch_;
  std::unordered_set<std::uint64_t> visited_;
};

// Reads one entry; what kind of one is the result.
enum class EntryKind { direct, chained, indirect };

class IcbReader {
 public:
  IcbReader(Walk& walk, const UdfVolume& volume, UdfFile& out) : walk_(walk), volume_(volume), out_(out) {}

  void run(DirectoryRef icb) {
    out_.chain.clear();
    for (std::uint32_t hops = 0;; ++hops) {
      if (hops > walk_.budget.limits().hops) damaged(lba_of(icb.at), "ECMA-167 4/14.7", "an ICB that leads on and on");
      const auto kind = read(icb);
      if (kind == EntryKind::direct) return;
      const auto next = kind == EntryKind::indirect ? indirect(icb) : behind(icb);
      if (!next) {
        if (kind == EntryKind::chained) return;
        damaged(lba_of(icb.at), "ECMA-167 4/14.7", "an indirect entry that leads nowhere");
      }
      out_.chain.push_back(icb.at);
      icb = *next;
    }
  }

 private:
  EntryKind read(const DirectoryRef& icb) {
    const auto block = walk_.blocks.view(icb.at, volume_.block_size, "ECMA-167 4/14.9");
    check_entry_tag(walk_, block, icb);
    const auto identifier = static_cast<TagIdentifier>(load<udf::DescriptorTag>(block).identifier.value());
    if (identifier == TagIdentifier::indirect_entry) return EntryKind::indirect;
    out_.at = icb.at;
    out_.block = icb.block;
    out_.partition = icb.partition;
    out_.device.reset();
    out_.streams = {};
    out_.lost_attributes.clear();
    std::uint16_t strategy = 0;
    if (identifier == TagIdentifier::file_entry) {
      const auto fe = load<udf::FileEntry>(block);
      take(fe, out_);
      take_areas(block, fe, out_);
      strategy = fe.icb.strategy_type.value();
    } else if (identifier == TagIdentifier::extended_file_entry) {
      const auto fe = load<udf::ExtendedFileEntry>(block);
      take(fe, out_);
      take_areas(block, fe, out_);
      out_.attributes.created = time_of(fe.created);
      out_.streams = fe.stream_directory_icb;
      strategy = fe.icb.strategy_type.value();
    } else {
      damaged(lba_of(icb.at), "ECMA-167 4/7.2.1",
              std::string(udf::to_string(identifier)) + " where a file entry belongs");
    }
    if (strategy == kDirectEntries) return EntryKind::direct;
    if (strategy == kChain) return EntryKind::chained;
    throw Error(Errc::unsupported, {.path = {}, .lba = lba_of(icb.at), .clause = "ECMA-167 4/14.6.2"},
                "ICB strategy " + std::to_string(strategy));
  }

  // The indirect entry in the block behind a direct one leads to the newer; without a sound one there is none yet.
  std::optional<DirectoryRef> behind(const DirectoryRef& icb) {
    const auto block = icb.block + 1;
    if (block == 0 || !volume_.in_partition(icb.partition, block, volume_.block_size)) return std::nullopt;
    std::uint64_t at = 0;
    try {
      at = volume_.structure_offset(icb.partition, block);
    } catch (const Error&) {
      return std::nullopt;  // a virtual block that was not written yet
    }
    if (!walk_.blocks.contains(at, volume_.block_size)) return std::nullopt;
    const auto bytes = walk_.blocks.view(at, volume_.block_size, "ECMA-167 4/14.7");
    if (udf::check_tag(bytes, TagIdentifier::indirect_entry, block)) return std::nullopt;
    return target(bytes);
  }

  std::optional<DirectoryRef> indirect(const DirectoryRef& icb) {
    return target(walk_.blocks.view(icb.at, volume_.block_size, "ECMA-167 4/14.7"));
  }

  std::optional<DirectoryRef> target(std::span<const std::byte> bytes) {
    const auto icb = load<udf::IndirectEntry>(bytes).indirect_icb;
    if (udf::extent_length(icb.length.value()) == 0) return std::nullopt;
    const auto block = icb.location.block.value();
    const auto partition = icb.location.partition_reference.value();
    const auto at = volume_.structure_offset(partition, block);
    if (unrecorded(at)) return std::nullopt;
    return DirectoryRef{.at = at, .bytes = 0, .block = block, .partition = partition};
  }

  // Room for the next entry may be set aside before there is one.
  bool unrecorded(std::uint64_t at) {
    const auto tag = walk_.blocks.view(at, sizeof(udf::DescriptorTag), "ECMA-167 4/8.10.1");
    return std::all_of(tag.begin(), tag.end(), [](std::byte b) { return b == std::byte{}; }) ||
           !udf::check_tag(walk_.blocks.view(at, volume_.block_size, "ECMA-167 4/14.8"), TagIdentifier::terminal_entry);
  }

  Walk& walk_;
  const UdfVolume& volume_;
  UdfFile& out_;
};

}  // namespace

void read_file_entry(Walk& walk, const UdfVolume& volume, const DirectoryRef& icb, UdfFile& out) {
  IcbReader(walk, volume, out).run(icb);
}

void read_attribute_file(Walk& walk, const UdfVolume& volume, UdfFile& file) {
  if (udf::extent_length(file.attribute_icb.length.value()) == 0) return;
  try {
    const auto& address = file.attribute_icb.location;
    UdfFile attributes;
    read_file_entry(walk, volume,
                    {.at = volume.structure_offset(address.partition_reference.value(), address.block.value()),
                     .bytes = 0,
                     .block = address.block.value(),
                     .partition = address.partition_reference.value()},
                    attributes);
    if (attributes.type != udf::IcbFileType::extended_attributes)
      damaged(lba_of(attributes.at), "ECMA-167 4/9.1",
              "a file of type " + std::to_string(static_cast<int>(attributes.type)));
    if (attributes.size > kMaxAttributes)
      damaged(lba_of(attributes.at), "ECMA-167 4/9.1", std::to_string(attributes.size) + " bytes");
    read_attributes(read_content(walk, volume, attributes, "ECMA-167 4/9.1", nullptr), file);
  } catch (const Error& e) {
    if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
    walk.report.deviation(e.where().lba.value_or(lba_of(file.at)), e.where().clause,
                          "extended attributes: " + e.message());
  }
}

std::vector<std::byte> read_content(Walk& walk, const UdfVolume& volume, const UdfFile& file, std::string_view clause,
                                    std::vector<EntryStructure>* structures, std::vector<Piece>* where) {
  std::vector<Piece> pieces;
  collect_pieces(walk, volume, file, true, pieces, structures);
  walk.budget.charge_metadata(file.size, lba_of(file.at));
  std::vector<std::byte> content(static_cast<std::size_t>(file.size));
  std::span<std::byte> rest = content;
  for (const Piece& p : pieces) {
    const auto n = static_cast<std::size_t>(p.length);
    if (!p.hole()) walk.blocks.read(p.at, rest.first(n), clause);
    rest = rest.subspan(n);
  }
  if (where != nullptr) *where = std::move(pieces);
  return content;
}

bool collect_pieces(Walk& walk, const UdfVolume& volume, const UdfFile& file, bool follow, std::vector<Piece>& out,
                    std::vector<EntryStructure>* structures, std::vector<LogicalExtent>* logical,
                    std::vector<LostRange>* losses) {
  return PieceCollector(walk, volume, file, follow, out, structures, logical, losses).run();
}

}  // namespace fsimage::volume
