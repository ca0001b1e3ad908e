// The forms of volume that the tests of UDF read, made with the builder. In each, what would be found without the tables
// is not what belongs there.
#pragma once

#include "udf_builder.hpp"

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace fsimage::test {

struct UdfForm {
  std::string name;
  udf::Revision revision{};
  std::function<void(UdfBuilder&)> make;
};
inline void PrintTo(const UdfForm& f, std::ostream* out) { *out << f.name; }

inline void make_physical(UdfBuilder& b) {
  b.add_physical_map();
  b.put_tree(UdfBuilder::physical(), UdfBuilder::physical(), 40);
  b.put_volume(b.long_ad(0, 0, 2 * b.block_size()));
}

// --- sparable, UDF 2.2.9

inline constexpr std::uint32_t kPacket = 16;
inline constexpr std::array<std::uint32_t, 2> kSparingTable{160, 170};  // LSN
// The packets at 0 and 32 of the partition lie elsewhere.
inline constexpr std::array<std::uint32_t, 2> kSpared{600, 640};  // LSN

inline void put_sparing_table(UdfBuilder& b, std::uint32_t at, std::uint32_t sequence_number,
                              const std::vector<udf::SparingEntry>& entries) {
  udf::SparingTable table{};
  table.identifier = udf::plain_identifier(udf::kSparingTable);
  table.entry_count = static_cast<std::uint16_t>(entries.size());
  table.sequence_number = sequence_number;
  b.put_sealed(at, at, udf::TagIdentifier::sparing_table, joined({bytes_of(table), std::as_bytes(std::span(entries))}));
}
inline udf::SparingEntry spare(std::uint32_t original, std::uint32_t mapped) {
  udf::SparingEntry e{};
  e.original = original;
  e.mapped = mapped;
  return e;
}

inline void make_sparable(UdfBuilder& b) {
  udf::SparableMapFields fields{};
  fields.packet_length = kPacket;
  fields.table_count = 2;
  fields.table_size = b.block_size();
  for (std::size_t i = 0; i < kSparingTable.size(); ++i) fields.table_locations[i] = kSparingTable[i];
  b.add_map(udf::kSparablePartition, fields);
  const UdfBuilder::Space space{0, [](std::uint32_t block) {
                                  if (block < kPacket) return kSpared[0] + block;
                                  if (block >= 2 * kPacket && block < 3 * kPacket)
                                    return kSpared[1] + block - 2 * kPacket;
                                  return UdfBuilder::kStart + block;
                                }};
  // The content begins in the last block of a packet that was spared and goes on in one that was not.
  b.put_tree(space, space, 3 * kPacket - 1);
  b.put_volume(b.long_ad(0, 0, 2 * b.block_size()), udf::AccessType::rewritable);
  put_sparing_table(b, kSparingTable[0], 1, {spare(0, 700), spare(32, 720)});
  put_sparing_table(b, kSparingTable[1], 2,
                    {spare(0, kSpared[0]), spare(32, kSpared[1]), spare(0xFFFFFFF0, 660), spare(0xFFFFFFFF, 680)});
}

// --- virtual, UDF 2.2.8 and 2.2.11

inline void make_virtual_with(UdfBuilder& b, const std::function<void(std::vector<std::uint32_t>&)>& change) {
  b.add_physical_map();
  b.add_map(udf::kVirtualPartition, std::array<std::byte, 24>{});
  const auto place = [](std::uint32_t block) { return 100 + block * 7 % 13; };
  const UdfBuilder::Space space{1, [=](std::uint32_t block) { return UdfBuilder::kStart + place(block); }};
  b.put_tree(space, UdfBuilder::physical(0), 40);
  std::vector<std::uint32_t> entries(12, udf::kNoVat);
  for (const std::uint32_t block :
       {0U, 1U, UdfBuilder::kRoot, UdfBuilder::kSub, UdfBuilder::kFileA, UdfBuilder::kFileB})
    entries[block] = place(block);
  if (change) change(entries);
  std::vector<le32> wire;
  for (const auto e : entries) wire.emplace_back(e);
  Bytes table;
  UdfBuilder::File file;
  if (b.extended()) {
    udf::VatHeader header{};
    header.header_length = sizeof header + 8;
    header.implementation_use_length = 8;
    header.logical_volume_identifier = udf::to_dstring<128>(u"Built");
    header.previous_icb = 200;
    header.min_read_revision = header.min_write_revision = header.max_write_revision = 0x0201;
    table = joined({bytes_of(header), std::array<std::byte, 8>{}, std::as_bytes(std::span(wire))});
    file.type = udf::IcbFileType::vat;
  } else {
    udf::VatTrailer trailer{};
    trailer.identifier = udf::udf_identifier(udf::kVirtualAllocationTable, udf::Revision::v1_50);
    trailer.previous_icb = udf::kNoVat;
    table = joined({std::as_bytes(std::span(wire)), bytes_of(trailer)});
    file.type = udf::IcbFileType::unspecified;
  }
  file.size = table.size();
  file.area = table;
  b.set_length(UdfBuilder::kBlocks - UdfBuilder::kStart);
  b.put_volume(b.long_ad(1, 0, b.block_size()), udf::AccessType::write_once);
  // It takes the place of the last anchor.
  std::ranges::fill(b.block(UdfBuilder::kBlocks - 1), std::byte{});
  b.put_file(UdfBuilder::physical(0), UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, file);
}
inline void make_virtual(UdfBuilder& b) { make_virtual_with(b, {}); }

// A newer state of that disc, from UDF 2.00 on: a.txt has another file entry, and the table that knows it lies three blocks
// behind the end of what was there. `previous` is where it says that the one before lies.
inline constexpr std::string_view kNewerText = "newer";
inline constexpr std::uint32_t kFirstTable = UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, kNewTable = kFirstTable + 4;
inline void add_state(UdfBuilder& b, std::uint32_t previous) {
  constexpr std::uint32_t kNewer = 150;
  UdfBuilder::File file;
  file.size = kNewerText.size();
  file.area = text_bytes(kNewerText);
  file.unique_id = 17;
  b.put_file({1, [](std::uint32_t) { return UdfBuilder::kStart + kNewer; }}, UdfBuilder::kFileA, file);
  b.bytes().resize(std::size_t{UdfBuilder::kBlocks + 4} * b.block_size());
  // The table of before, with another entry for that file.
  const auto before = b.block(UdfBuilder::kBlocks - 1);
  const auto fe = load<udf::ExtendedFileEntry>(before);
  const auto content = before.subspan(sizeof fe, static_cast<std::size_t>(fe.information_length.value()));
  Bytes table(content.begin(), content.end());
  auto header = load<udf::VatHeader>(table);
  header.previous_icb = previous;
  store(std::span(table), header);
  const le32 place{kNewer};
  store(std::span(table).subspan(header.header_length.value() + sizeof place * UdfBuilder::kFileA), place);
  UdfBuilder::File vat;
  vat.type = udf::IcbFileType::vat;
  vat.size = table.size();
  vat.area = table;
  b.put_file(UdfBuilder::physical(0), kNewTable, vat);
}

// --- named streams of b.txt, ECMA-167 4/9.2: "one" and "two"

inline constexpr std::uint32_t kStreamDirectory = 20, kStreamOne = 24, kStreamTwo = 25;
inline const std::string kTextOne = "first", kTextTwo = std::string("a\0b", 3);
inline void put_stream(UdfBuilder& b, std::uint32_t block, const std::string& text) {
  UdfBuilder::File stream;
  stream.size = text.size();
  stream.area = text_bytes(text);
  b.put_file(UdfBuilder::physical(), block, stream);
}
inline void make_streams(UdfBuilder& b) {
  make_physical(b);
  put_stream(b, kStreamOne, kTextOne);
  put_stream(b, kStreamTwo, kTextTwo);
  UdfBuilder::File directory;
  directory.type = udf::IcbFileType::stream_directory;
  directory.area = joined({b.identifier(kStreamDirectory, "", b.long_ad(0, UdfBuilder::kFileB, b.block_size()),
                                        udf::kFidDirectory | udf::kFidParent),
                           b.identifier(kStreamDirectory, "one", b.long_ad(0, kStreamOne, b.block_size())),
                           b.identifier(kStreamDirectory, "two", b.long_ad(0, kStreamTwo, b.block_size()))});
  directory.size = directory.area.size();
  b.put_file(UdfBuilder::physical(), kStreamDirectory, directory);
  UdfBuilder::File file;
  file.size = UdfBuilder::kTextB.size();
  file.area = text_bytes(UdfBuilder::kTextB);
  file.unique_id = 18;
  file.streams = b.long_ad(0, kStreamDirectory, b.block_size());
  b.put_file(UdfBuilder::physical(), UdfBuilder::kFileB, file);
}

// --- metadata, UDF 2.2.10 and 2.2.13

inline constexpr std::uint32_t kMetadataFile = 3, kMetadataMirror = 200;  // LBN
// Two stretches of the main file, of the mirror's own data one.
inline constexpr std::array<std::uint32_t, 2> kMetadataData{70, 20};
inline constexpr std::uint32_t kMetadataFirst = 3, kMetadataBlocks = 32, kMirrorData = 210;

inline void make_metadata(UdfBuilder& b) {
  b.add_physical_map();
  udf::MetadataMapFields fields{};
  fields.metadata_file = kMetadataFile;
  fields.mirror_file = kMetadataMirror;
  fields.bitmap_file = 0xFFFFFFFF;
  fields.allocation_unit_size = 32;
  fields.alignment_unit_size = 1;
  fields.flags = 1;
  b.add_map(udf::kMetadataPartition, fields);
  const UdfBuilder::Space main{1, [](std::uint32_t block) {
                                 return UdfBuilder::kStart + (block < kMetadataFirst
                                                                  ? kMetadataData[0] + block
                                                                  : kMetadataData[1] + block - kMetadataFirst);
                               }};
  const UdfBuilder::Space mirror{1, [](std::uint32_t block) { return UdfBuilder::kStart + kMirrorData + block; }};
  for (const auto& space : {mirror, main}) b.put_tree(space, UdfBuilder::physical(0), 100);
  const auto ads = [&](const std::vector<std::pair<std::uint32_t, std::uint32_t>>& extents) {
    Bytes out;
    for (const auto& [block, count] : extents) {
      udf::ShortAllocationDescriptor ad{};
      ad.length = count * b.block_size();
      ad.position = block;
      out = joined({out, bytes_of(ad)});
    }
    return out;
  };
  const auto size = std::uint64_t{kMetadataBlocks} * b.block_size();
  UdfBuilder::File file;
  file.form = udf::AllocationForm::short_form;
  file.size = size;
  file.unique_id = 0;
  file.links = 0;
  file.type = udf::IcbFileType::metadata;
  file.area = ads({{kMetadataData[0], kMetadataFirst}, {kMetadataData[1], kMetadataBlocks - kMetadataFirst}});
  b.put_file(UdfBuilder::physical(0), kMetadataFile, file);
  file.type = udf::IcbFileType::metadata_mirror;
  file.area = ads({{kMirrorData, kMetadataBlocks}});
  b.put_file(UdfBuilder::physical(0), kMetadataMirror, file);
  b.put_volume(b.long_ad(1, 0, 2 * b.block_size()));
}

// --- ICB strategy 4096, UDF 6.6: each ICB is a direct entry and the way to the next.

inline void put_indirect(UdfBuilder& b, const UdfBuilder::Space& space, std::uint32_t lbn, std::uint32_t to) {
  udf::IndirectEntry entry{};
  entry.icb.strategy_type = 4096;
  entry.icb.strategy_parameter = 1;
  entry.icb.max_entries = 2;
  entry.icb.file_type = static_cast<std::uint8_t>(udf::IcbFileType::indirect_entry);
  entry.indirect_icb = b.long_ad(space.reference, to, 2 * b.block_size());
  b.put_sealed(space, lbn, udf::TagIdentifier::indirect_entry, joined({bytes_of(entry)}));
}

// /sub/b.txt was rewritten twice: its first entries say something else.
inline void make_chain(UdfBuilder& b) {
  b.add_physical_map();
  const auto space = UdfBuilder::physical();
  b.put_tree(space, space, 40, 4096);
  const auto newest =
      Bytes(b.block(space.lsn(UdfBuilder::kFileB)).begin(), b.block(space.lsn(UdfBuilder::kFileB)).end());
  UdfBuilder::File old;
  old.size = 3;
  old.area = text_bytes("old");
  old.unique_id = 18;
  old.strategy = 4096;
  b.put_file(space, UdfBuilder::kFileB, old);
  put_indirect(b, space, UdfBuilder::kFileB + 1, 60);
  b.put_file(space, 60, old);
  put_indirect(b, space, 61, 64);
  b.put(space.lsn(64), newest);
  auto tag = load<udf::DescriptorTag>(b.block(space.lsn(64)));
  udf::relocate(tag, 64);
  store(b.block(space.lsn(64)), tag);
  b.put_volume(b.long_ad(0, 0, 2 * b.block_size()));
}

inline std::vector<UdfForm> all_forms() {
  using enum udf::Revision;
  return {{"physical", v1_02, make_physical},   {"physical_201", v2_01, make_physical},
          {"sparable", v1_50, make_sparable},   {"sparable_201", v2_01, make_sparable},
          {"virtual_150", v1_50, make_virtual}, {"virtual_201", v2_01, make_virtual},
          {"metadata", v2_50, make_metadata},   {"metadata_260", v2_60, make_metadata},
          {"chain", v1_02, make_chain},         {"chain_201", v2_01, make_chain}};
}

}  // namespace fsimage::test
