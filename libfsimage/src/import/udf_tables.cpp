#include "udf_tables.hpp"

#include "udf_icb.hpp"

#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/partition_maps.hpp>

#include <algorithm>
#include <string>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;
using Kind = UdfPartition::Kind;

// A medium in a drive has no zeros at its end; a file that was made longer than the disc has.
constexpr std::uint64_t kMostZerosBehindVat = std::uint64_t{256} << 20;
constexpr std::uint32_t kFirstSpecialEntry = 0xFFFFFFF0;  // UDF 2.2.12: defective, free

class Loader {
 public:
  Loader(Walk& walk, UdfVolume& volume) : walk_(walk), volume_(volume) {}

  void run() {
    for (auto& p : volume_.partitions) {
      if (p.kind == Kind::physical) p.mapping = physical_mapping(volume_.block_size, p.start, p.length);
      if (p.kind == Kind::sparable) p.mapping = attempt(p, [&] { return sparable(p); });
      if (p.kind == Kind::unknown)
        p.fault = Error(Errc::unsupported, {.path = {}, .lba = lba_of(p.map_at), .clause = "ECMA-167 3/10.7.3"},
                        "a partition of unknown type");
    }
    // Those above become usable when all are there: none of their tables may lie in one of them.
    std::vector<std::shared_ptr<const UdfMapping>> made(volume_.partitions.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      auto& p = volume_.partitions[i];
      if (p.kind == Kind::virtual_table) made[i] = attempt(p, [&] { return virtual_table(p); });
      if (p.kind == Kind::metadata) made[i] = attempt(p, [&] { return metadata(p, static_cast<std::uint16_t>(i)); });
    }
    for (std::size_t i = 0; i < made.size(); ++i)
      if (made[i]) volume_.partitions[i].mapping = made[i];
  }

 private:
  using Mapping = std::shared_ptr<const UdfMapping>;

  template <class Make>
  static Mapping attempt(UdfPartition& p, const Make& make) {
    try {
      return make();
    } catch (const Error& e) {
      if (e.code() == Errc::limit_exceeded) throw;
      p.fault = e;
      return nullptr;
    }
  }

  Lba map_lba(const UdfPartition& p) const { return lba_of(p.map_at); }

  udf::Type2PartitionMap map_of(const UdfPartition& p) {
    return load<udf::Type2PartitionMap>(
        walk_.blocks.view(p.map_at, sizeof(udf::Type2PartitionMap), "ECMA-167 3/10.7.3"));
  }

  // The reference of the partition that a virtual or metadata one stands on.
  std::uint16_t below(const UdfPartition& p) const {
    for (std::size_t i = 0; i < volume_.partitions.size(); ++i) {
      const auto& other = volume_.partitions[i];
      if (other.number != p.number || (other.kind != Kind::physical && other.kind != Kind::sparable)) continue;
      if (p.kind == Kind::virtual_table && other.kind != Kind::physical) continue;
      return static_cast<std::uint16_t>(i);  // maps are few: their table lies in one descriptor
    }
    damaged(map_lba(p), p.kind == Kind::metadata ? "UDF 2.2.10" : "UDF 2.2.8",
            "no partition map for what the partition stands on, number " + std::to_string(p.number));
  }

  // --- sparable, UDF 2.2.9 and 2.2.12

  Mapping sparable(UdfPartition& p) {
    const auto fields = load<udf::SparableMapFields>(map_of(p).specific);
    auto& sparing = p.sparing.emplace();
    sparing.packet_blocks = fields.packet_length.value();
    if (sparing.packet_blocks == 0) damaged(map_lba(p), "UDF 2.2.9", "packets of no blocks");
    if (fields.table_count == 0 || fields.table_count > fields.table_locations.size())
      walk_.report.deviation(map_lba(p), "UDF 2.2.9", std::to_string(fields.table_count) + " sparing tables");
    const auto count = std::min<std::size_t>(fields.table_count, fields.table_locations.size());
    std::vector<std::vector<UdfSpare>> spares(count);
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < count; ++i) {
      sparing.tables.push_back(
          read_sparing_table(fields.table_locations[i].value(), fields.table_size.value(), sparing, spares[i]));
      const auto& table = sparing.tables.back();
      if (table.sound && (!best || table.sequence_number > sparing.tables[*best].sequence_number)) best = i;
    }
    if (!best) {
      walk_.report.deviation(map_lba(p), "UDF 2.2.12",
                             "no sound sparing table; all packets are read where they would lie without one");
      return sparable_mapping(volume_.block_size, p.start, p.length, sparing.packet_blocks, {});
    }
    sparing.tables[*best].used = true;
    return sparable_mapping(volume_.block_size, p.start, p.length, sparing.packet_blocks, std::move(spares[*best]));
  }

  UdfSparingTable read_sparing_table(std::uint32_t location, std::uint32_t size, const UdfSparing& sparing,
                                     std::vector<UdfSpare>& spares) {
    UdfSparingTable out;
    out.at = std::uint64_t{location} * volume_.block_size;
    try {
      read_sound_sparing_table(location, size, sparing, out, spares);
      out.sound = true;
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != std::errc::io_error) throw;
      spares.clear();
      walk_.report.deviation(e.where().lba.value_or(lba_of(out.at)), e.where().clause, "sparing table: " + e.message());
    }
    return out;
  }

  void read_sound_sparing_table(std::uint32_t location, std::uint32_t size, const UdfSparing& sparing,
                                UdfSparingTable& out, std::vector<UdfSpare>& spares) {
    const auto at = lba_of(out.at);
    const auto fixed = load<udf::SparingTable>(walk_.blocks.view(out.at, sizeof(udf::SparingTable), "UDF 2.2.12"));
    out.entries = fixed.entry_count.value();
    out.sequence_number = fixed.sequence_number.value();
    const auto bytes_long = sizeof fixed + std::size_t{out.entries} * sizeof(udf::SparingEntry);
    if (bytes_long > size)
      damaged(at, "UDF 2.2.12",
              std::to_string(out.entries) + " entries in a table of " + std::to_string(size) + " bytes");
    // The CRC may cover less than the table, or what lies behind its entries.
    const auto covered = std::max<std::size_t>(bytes_long, sizeof fixed.tag + fixed.tag.crc_length.value());
    walk_.budget.charge_metadata(covered, at);
    std::vector<std::byte> bytes(covered);
    walk_.blocks.read(out.at, bytes, "UDF 2.2.12");
    udf::require_tag(bytes, TagIdentifier::sparing_table, location, {.path = {}, .lba = at, .clause = {}});
    if (!udf::is(fixed.identifier, udf::kSparingTable))
      damaged(at, "UDF 2.2.12", "the identifier is not that of a sparing table");
    for (std::size_t i = 0; i < out.entries; ++i) {
      const auto entry =
          load<udf::SparingEntry>(std::span(bytes).subspan(sizeof fixed + i * sizeof(udf::SparingEntry)));
      const auto original = entry.original.value();
      if (original >= kFirstSpecialEntry) continue;
      if (original % sparing.packet_blocks != 0)
        damaged(at, "UDF 2.2.12", "an entry for block " + std::to_string(original) + ", where no packet begins");
      spares.push_back({original, entry.mapped.value()});
    }
    out.spared = static_cast<std::uint32_t>(spares.size());
    std::stable_sort(spares.begin(), spares.end(),
                     [](const UdfSpare& a, const UdfSpare& b) { return a.original < b.original; });
  }

  // --- virtual, UDF 2.2.8 and 2.2.11

  Mapping virtual_table(UdfPartition& p) {
    const auto base = below(p);
    const auto& ground = volume_.partitions[base];
    const auto end = recorded_end(walk_.blocks, volume_.block_size, kMostZerosBehindVat) / volume_.block_size;
    std::optional<Error> first_fault;
    for (std::uint64_t back = 1; back <= std::min<std::uint64_t>(end, kVatSearch); ++back) {
      const auto location = end - back;
      if (location < ground.start || location - ground.start > UINT32_MAX) break;
      const auto block = static_cast<std::uint32_t>(location - ground.start);
      const auto at = location * volume_.block_size;
      const auto tag = walk_.blocks.view(at, volume_.block_size, "UDF 2.2.11");
      if (!may_be_vat(tag, block)) continue;
      try {
        auto mapping = read_vat(p, {.at = at, .bytes = 0, .block = block, .partition = base});
        if (first_fault)
          walk_.report.deviation(
              first_fault->where().lba.value_or(lba_of(at)), first_fault->where().clause,
              "the newest virtual allocation table is of no use, the one before it is read: " + first_fault->message());
        else if (back > 4)
          walk_.report.deviation(lba_of(at), "UDF 2.2.11",
                                 "the virtual allocation table lies " + std::to_string(back - 1) +
                                     " blocks before the last recorded one: the disc was not closed properly");
        if (block >= ground.length)
          walk_.report.deviation(lba_of(at), "ECMA-167 4/7.1.1",
                                 "the virtual allocation table lies behind the end of its partition");
        return mapping;
      } catch (const Error& e) {
        if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
        if (!first_fault) first_fault = e;
      }
    }
    if (first_fault) throw *first_fault;
    damaged(lba_of((end == 0 ? 0 : end - 1) * volume_.block_size), "UDF 2.2.11",
            "no virtual allocation table in the last recorded blocks");
  }

  static bool may_be_vat(std::span<const std::byte> bytes, std::uint32_t block) {
    const auto fault = udf::check_tag(bytes, std::nullopt, block);
    if (fault && fault->kind != udf::TagFault::Kind::crc) return false;
    const auto identifier = static_cast<TagIdentifier>(load<udf::DescriptorTag>(bytes).identifier.value());
    if (identifier != TagIdentifier::file_entry && identifier != TagIdentifier::extended_file_entry) return false;
    const auto icb = load<udf::IcbTag>(bytes.subspan(sizeof(udf::DescriptorTag)));
    const auto type = static_cast<udf::IcbFileType>(icb.file_type);
    return type == udf::IcbFileType::vat || type == udf::IcbFileType::unspecified;
  }

  Mapping read_vat(UdfPartition& p, const DirectoryRef& icb) {
    UdfFile file;
    read_file_entry(walk_, volume_, icb, file);
    // A table has no more entries than there are blocks.
    const auto most = walk_.blocks.size() / volume_.block_size * 4 + UINT16_MAX;
    if (file.size > most)
      damaged(lba_of(icb.at), "UDF 2.2.11",
              "a virtual allocation table of " + std::to_string(file.size) + " bytes, more than the image has blocks");
    std::vector<Piece> pieces;
    const auto bytes = read_content(walk_, volume_, file, "UDF 2.2.11", nullptr, &pieces);
    if (std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.hole(); }))
      damaged(lba_of(icb.at), "UDF 2.2.11", "a virtual allocation table that was not recorded");
    UdfVat vat;
    vat.icb_at = icb.at;
    vat.icb_block = icb.block;
    const auto entries =
        file.type == udf::IcbFileType::vat ? behind_header(bytes, pieces, vat) : before_trailer(bytes, pieces, vat);
    std::vector<std::uint32_t> table(entries.size() / sizeof(le32));
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = load<le32>(entries.subspan(i * sizeof(le32))).value();
    vat.entries = table.size();
    vat.unused = static_cast<std::uint64_t>(std::count(table.begin(), table.end(), udf::kNoVat));
    p.vat = vat;
    return virtual_mapping(volume_.block_size, volume_.partitions[icb.partition].mapping, std::move(table));
  }

  static void take_previous(std::uint32_t block, UdfVat& vat) {
    if (block != udf::kNoVat) vat.previous = block;
  }

  // UDF 2.2.11
  std::span<const std::byte> behind_header(std::span<const std::byte> bytes, const std::vector<Piece>& pieces,
                                           UdfVat& vat) {
    if (bytes.size() < sizeof(udf::VatHeader))
      damaged(lba_of(vat.icb_at), "UDF 2.2.11",
              "a virtual allocation table of " + std::to_string(bytes.size()) + " bytes");
    const auto header = load<udf::VatHeader>(bytes);
    const auto length = header.header_length.value();
    if (length < sizeof header || length > bytes.size())
      damaged(lba_of(vat.icb_at), "UDF 2.2.11",
              "a virtual allocation table's header of " + std::to_string(length) + " bytes");
    vat.header_at = pieces.front().at;
    take_previous(header.previous_icb.value(), vat);
    return bytes.subspan(length);
  }

  // UDF 1.50 2.2.10
  std::span<const std::byte> before_trailer(std::span<const std::byte> bytes, const std::vector<Piece>& pieces,
                                            UdfVat& vat) {
    if (bytes.size() < sizeof(udf::VatTrailer))
      damaged(lba_of(vat.icb_at), "UDF 1.50 2.2.10", "a file of type 0 at the end that is no virtual allocation table");
    const auto trailer = load<udf::VatTrailer>(bytes.last(sizeof(udf::VatTrailer)));
    if (!udf::is(trailer.identifier, udf::kVirtualAllocationTable))
      damaged(lba_of(vat.icb_at), "UDF 1.50 2.2.10", "a file of type 0 at the end that is no virtual allocation table");
    if (pieces.back().length >= sizeof trailer) vat.trailer_at = pieces.back().end() - sizeof trailer;
    take_previous(trailer.previous_icb.value(), vat);
    return bytes.first(bytes.size() - sizeof trailer);
  }

  // --- metadata, UDF 2.2.10 and 2.2.13

  Mapping metadata(UdfPartition& p, std::uint16_t reference) {
    const auto base = below(p);
    const auto fields = load<udf::MetadataMapFields>(map_of(p).specific);
    auto& m = p.metadata.emplace();
    m.main_block = fields.metadata_file.value();
    m.mirror_block = fields.mirror_file.value();
    m.bitmap_block = fields.bitmap_file.value();
    m.allocation_unit = fields.allocation_unit_size.value();
    m.alignment_unit = fields.alignment_unit_size.value();
    m.duplicated = (fields.flags & udf::kDuplicateMetadata) != 0;
    m.main_at = place_of(base, m.main_block);
    m.mirror_at = place_of(base, m.mirror_block);
    if (m.bitmap_block != udf::kNoBitmapFile) m.bitmap_at = place_of(base, m.bitmap_block);
    try {
      return metadata_file(m.main_block, base, reference, udf::IcbFileType::metadata);
    } catch (const Error& main) {
      if (main.code() == Errc::limit_exceeded) throw;
      Mapping mirror;
      try {
        mirror = metadata_file(m.mirror_block, base, reference, udf::IcbFileType::metadata_mirror);
      } catch (const Error&) {
        throw main;
      }
      m.from_mirror = true;
      walk_.report.deviation(main.where().lba.value_or(map_lba(p)), main.where().clause,
                             "the metadata file is of no use, its mirror is read: " + main.message());
      return mirror;
    }
  }

  std::optional<std::uint64_t> place_of(std::uint16_t base, std::uint32_t block) const {
    try {
      return volume_.structure_offset(base, block);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  Mapping metadata_file(std::uint32_t block, std::uint16_t base, std::uint16_t reference, udf::IcbFileType type) {
    const auto at = volume_.structure_offset(base, block);
    UdfFile file;
    read_file_entry(walk_, volume_, {.at = at, .bytes = 0, .block = block, .partition = base}, file);
    if (file.type != type)
      damaged(lba_of(at), "UDF 2.2.13",
              "a file of type " + std::to_string(static_cast<int>(file.type)) + " where one of type " +
                  std::to_string(static_cast<int>(type)) + " belongs");
    if (file.form == udf::AllocationForm::embedded)
      damaged(lba_of(at), "UDF 2.2.13", "a metadata file inside its own entry");
    std::vector<Piece> pieces;
    collect_pieces(walk_, volume_, file, true, pieces, nullptr);
    auto mapping = metadata_mapping(volume_.block_size, pieces);
    require_file_set(*mapping, reference, at);
    return mapping;
  }

  // What the whole volume hangs on is looked at before the file is trusted.
  void require_file_set(const UdfMapping& mapping, std::uint16_t reference, std::uint64_t at) {
    const auto& place = volume_.file_set.location;
    if (place.partition_reference.value() != reference) return;
    const auto piece = mapping.run(place.block.value(), volume_.block_size);
    if (piece.length < volume_.block_size || piece.hole())
      damaged(lba_of(at), "UDF 2.2.13", "the metadata file does not reach to the file set");
    const auto fault = udf::check_tag(walk_.blocks.view(piece.at, volume_.block_size, "ECMA-167 4/14.1"),
                                      TagIdentifier::file_set_descriptor, place.block.value());
    if (fault && fault->kind != udf::TagFault::Kind::crc)
      damaged(lba_of(piece.at), fault->clause, "file set descriptor: " + fault->text);
  }

  Walk& walk_;
  UdfVolume& volume_;
};

}  // namespace

void load_mappings(Walk& walk, UdfVolume& volume) { Loader(walk, volume).run(); }

}  // namespace fsimage::volume
