// Every structure of an image is known by its block; whatever else lies in one breaks nothing.
#include "iso_builder.hpp"
#include "sample_volume.hpp"

#include <fsimage/import/block_dump.hpp>
#include <fsimage/import/volume_map.hpp>

#include <gtest/gtest.h>

#include <random>

namespace fsimage::test {
namespace {

const DescribedStructure* find(const BlockDump& dump, std::string_view name) {
  const auto found = std::ranges::find_if(dump.structures, [&](const auto& s) { return s.name == name; });
  return found == dump.structures.end() ? nullptr : &*found;
}

std::string value(const DescribedStructure& s, std::string_view field) {
  for (const auto& f : s.fields)
    if (f.name == field) return f.value;
  return "no field is called " + std::string(field);
}

TEST(BlockDump, KnowsEveryStructureOfAnImage) {
  const SampleVolume volume;
  const auto source = volume.source();
  map_volumes(source, {}, [&](const VolumePart& part) {
    if (part.label.starts_with("content ") || part.label.starts_with("udf/link target")) return;
    const auto dump = dump_block(*source, part.start);
    EXPECT_FALSE(dump.structures.empty()) << part.label;
    for (const auto& f : dump.findings) ADD_FAILURE() << part.label << ": " << located_text(f);
    for (const auto& s : dump.structures) {
      EXPECT_EQ(s.at, part.start) << part.label;
      for (const auto& f : s.fields) {
        EXPECT_FALSE(f.clause.empty()) << s.name << ' ' << f.name;
        EXPECT_LE(s.offset + f.offset + f.size, kBlockSize) << s.name << ' ' << f.name;
      }
    }
  });
}

TEST(BlockDump, DirectoryRecordsWithTheirFields) {
  const SampleVolume volume;
  const auto dump = dump_block(*volume.source(), volume.place("iso9660/directory /docs"));
  ASSERT_NE(find(dump, "iso9660/directory record"), nullptr);
  EXPECT_EQ(value(dump.structures.front(), "identifier"), "the folder itself");
  for (const auto* name : {"rockridge/PX", "rockridge/TF", "rockridge/NM"})
    EXPECT_NE(find(dump, name), nullptr) << name;
  EXPECT_EQ(value(*find(dump, "rockridge/PX"), "st_mode"), "16872 (0x41e8)");
}

TEST(BlockDump, JolietNamesAreText) {
  const SampleVolume volume;
  const auto dump = dump_block(*volume.source(), volume.place("joliet/directory /docs"));
  const auto named = [](const DescribedStructure& s) { return value(s, "identifier") == "\"a.txt\""; };
  EXPECT_TRUE(std::ranges::any_of(dump.structures, named));
}

TEST(BlockDump, PathTablesAreKnownByTheirPlace) {
  const SampleVolume volume;
  for (const auto* table : {"iso9660/path table L", "iso9660/path table M"}) {
    const auto dump = dump_block(*volume.source(), volume.place(table));
    ASSERT_EQ(dump.structures.size(), 3U) << table;
    EXPECT_EQ(value(dump.structures[2], "parent directory number"), "2") << table;
    EXPECT_EQ(value(dump.structures[1], "identifier"), "\"DOCS\"") << table;
  }
}

// With logical blocks of 512 bytes both tables lie in one sector, and neither at its start.
TEST(BlockDump, PathTablesInSmallBlocks) {
  IsoBuilder builder(512);
  builder.add_folder("SUB");
  builder.put("something before them");
  const auto source = builder.source();
  const auto vd = [&] {
    std::array<std::byte, sizeof(iso9660::PrimaryVolumeDescriptor)> bytes;
    source->read_at(16 * kBlockSize, bytes);
    return load<iso9660::PrimaryVolumeDescriptor>(bytes);
  }();
  const std::uint64_t l = std::uint64_t{vd.type_l_path_table.value()} * 512;
  const std::uint64_t m = std::uint64_t{vd.type_m_path_table.value()} * 512;
  for (const auto& [at, name] : {std::pair{l, "L"}, {m, "M"}}) {
    const auto dump = dump_block(*source, Lba{static_cast<std::uint32_t>(at / kBlockSize)});
    const auto* second = find(dump, "iso9660/path table " + std::string(name) + " record 2");
    ASSERT_NE(second, nullptr) << name;
    EXPECT_EQ(value(*second, "identifier"), "\"SUB\"");
    EXPECT_EQ(second->at.byte_offset() + second->offset, at + 10) << "behind the root's record";
    EXPECT_TRUE(dump.findings.empty()) << name;
  }
  EXPECT_EQ(m - l, 512U);
}

TEST(BlockDump, FileEntriesWithAttributesAndExtents) {
  const SampleVolume volume;
  const auto file = dump_block(*volume.source(), volume.place("udf/file entry /docs/a.txt"));
  EXPECT_NE(find(file, "udf/file entry"), nullptr);
  EXPECT_NE(find(file, "udf/short allocation descriptor"), nullptr);
  const auto device = dump_block(*volume.source(), volume.place("udf/file entry /tty"));
  ASSERT_NE(find(device, "udf/device specification extended attribute"), nullptr);
  EXPECT_EQ(value(*find(device, "udf/device specification extended attribute"), "major device identification"),
            "259 (0x103)");
}

TEST(BlockDump, SaysWhatIsWrong) {
  SampleVolume volume;
  volume.block("udf/file set descriptor")[100] ^= std::byte{1};
  const auto dump = dump_block(*volume.source(), volume.place("udf/file set descriptor"));
  EXPECT_NE(find(dump, "udf/file set descriptor"), nullptr);
  ASSERT_EQ(dump.findings.size(), 1U);
  EXPECT_EQ(dump.findings[0].clause, "ECMA-167 3/7.2.6");
  EXPECT_EQ(dump.findings[0].lba, volume.place("udf/file set descriptor"));
}

TEST(BlockDump, BlocksWithoutAStructure) {
  EXPECT_TRUE(dump_block(ZeroSource(2048), {}).structures.empty());
  EXPECT_TRUE(dump_block(ZeroSource(100), {}).structures.empty());
  EXPECT_TRUE(dump_block(MemorySource("plain text"), {}).structures.empty());
  EXPECT_THROW(dump_block(ZeroSource(2048), Lba{1}), std::out_of_range);
  EXPECT_THROW(dump_block(ZeroSource(0), {}), std::out_of_range);
}

TEST(BlockDump, DamageBreaksNothing) {
  const SampleVolume whole;
  std::vector<Lba> places;
  map_volumes(whole.source(), {}, [&](const VolumePart& p) { places.push_back(p.start); });
  std::mt19937 random(4711);
  for (int i = 0; i < 600; ++i) {
    SampleVolume volume = whole;
    const auto at = places[random() % places.size()];
    const auto block = volume.block(at);
    for (auto n = 1 + random() % 8; n != 0; --n)
      block[random() % 300] = std::byte{static_cast<unsigned char>(random())};
    if (load<udf::DescriptorTag>(block).crc_length.value() != 0 && random() % 2 == 0) SampleVolume::reseal(block);
    dump_block(*volume.source(), at);
  }
}

}  // namespace
}  // namespace fsimage::test
