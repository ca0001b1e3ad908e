// Forms of ISO 9660 that the standard allows, or that discs have whatever it allows, and that our own writer never makes.
#include "iso_builder.hpp"
#include "sample_volume.hpp"

#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

namespace flags = iso9660::file_flags;

WalkResult walk(IsoBuilder& builder, View view = View::iso9660, Strictness strictness = Strictness::tolerant,
                EntryOrder order = EntryOrder::recorded) {
  return walk_volume(builder.source(), {.view = view, .order = order, .strictness = strictness});
}

std::string pattern(std::size_t length) {
  std::string out(length, '\0');
  for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<char>('a' + i * 7 / 16 % 26);
  return out;
}

TEST(IsoForms, LogicalBlocksOf512And1024Bytes) {
  for (const std::uint32_t size : {512U, 1024U}) {
    IsoBuilder builder(size);
    const auto folder = builder.add_folder("SUB");
    builder.put("so that the next one begins inside a sector");
    builder.add(builder.file("A.;1", pattern(5000)));
    builder.add(builder.file("B.;1", "b"), folder);
    const auto result = walk(builder, View::iso9660, Strictness::strict);
    ASSERT_FALSE(result.error) << size << '\n' << describe(result);
    EXPECT_EQ(result.contents.at("/A"), pattern(5000));
    EXPECT_EQ(result.contents.at("/SUB/B"), "b");
  }
}

TEST(IsoForms, ContinuationAreasCountInLogicalBlocks) {
  IsoBuilder builder(512);
  builder.root_use = kSharing + px(0040755);
  builder.put("one");
  const auto area = builder.put(nm("a name in a continuation area"));
  const auto length = static_cast<std::uint32_t>(nm("a name in a continuation area").size());
  builder.add(builder.file("A.;1", "a", px(0100644) + use_field("CE", both(area) + both(0) + both(length))));
  const auto result = walk(builder, View::rockridge, Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/a name in a continuation area")) << describe(result);
}

TEST(IsoForms, EnhancedVolumesKeepNamesAsTheyAre) {
  IsoBuilder builder;
  builder.version = 2;
  const std::string long_name(207, 'n');
  builder.add(builder.file(long_name, "long"));
  builder.add(builder.file("a;5", "no version"));
  builder.add(builder.file("two.dots.", "dot"));
  const auto source = builder.source();
  EXPECT_TRUE(identify_file_systems(*source).has(View::enhanced));
  const auto result = walk_volume(source, {.view = View::enhanced, .strictness = Strictness::strict});
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/" + long_name), "long");
  EXPECT_EQ(result.contents.at("/a;5"), "no version");
  EXPECT_EQ(result.contents.at("/two.dots."), "dot");
  EXPECT_EQ(open_volume(source)->view(), View::enhanced) << "it keeps more than ISO 9660 does";
}

TEST(IsoForms, EnhancedVolumesAreDescribedAndMapped) {
  IsoBuilder builder;
  builder.version = 2;
  builder.add(builder.file("name of a file", "x"));
  const auto units = builder.put("interleaved");
  builder.add({.identifier = "interleaved", .extent = units, .length = 11, .unit = 1, .gap = 1});
  const auto source = builder.source();
  const auto info = describe_volumes(*source);
  ASSERT_TRUE(info.iso9660 && info.enhanced);
  EXPECT_EQ(info.enhanced->descriptor, Lba{17});
  EXPECT_EQ(info.enhanced->root, info.iso9660->root);
  std::vector<std::string> labels;
  map_volumes(source, {}, [&](const VolumePart& p) { labels.push_back(p.label); });
  EXPECT_NE(std::ranges::find(labels, "iso9660/enhanced volume descriptor"), labels.end());
  EXPECT_NE(std::ranges::find(labels, "content /name of a file"), labels.end());
}

TEST(IsoForms, PlacesOfSmallBlocksAreDescribedInSectors) {
  IsoBuilder builder(512);
  builder.add(builder.file("A.;1", "x"));
  const auto info = describe_volumes(*builder.source());
  ASSERT_TRUE(info.iso9660);
  EXPECT_EQ(info.iso9660->block_size, 512U);
  EXPECT_EQ(info.iso9660->root, Lba{builder.block_of(0) / 4});
  EXPECT_EQ(info.iso9660->path_table_folders, 1U);
}

TEST(IsoForms, JolietOfEveryLevel) {
  for (const std::string escape : {"%/@", "%/C", "%/E"}) {
    IsoBuilder builder;
    builder.escape = escape;
    builder.add(builder.file(std::string("\0w\x6F\x22", 4), "wide"));
    const auto source = builder.source();
    ASSERT_TRUE(identify_file_systems(*source).has(View::joliet)) << escape;
    const auto result = walk_volume(source, {.view = View::joliet, .strictness = Strictness::strict});
    ASSERT_FALSE(result.error) << describe(result);
    EXPECT_EQ(result.contents.at("/w\xE6\xBC\xA2"), "wide");
  }
}

TEST(IsoForms, ContentLiesBehindItsExtendedAttributeRecord) {
  IsoBuilder builder;
  auto file = builder.file("A.;1", std::string(2048, 'x') + "the content");
  file.attribute_blocks = 1;
  file.length = 11;
  builder.add(file);
  const auto result = walk(builder, View::iso9660, Strictness::strict);
  EXPECT_EQ(result.contents.at("/A"), "the content") << describe(result);
}

TEST(IsoForms, InterleavedFilesArePutTogether) {
  // Units of one block with gaps of two: of two files, each fills the gaps of the other and one block stays free.
  IsoBuilder builder;
  const auto content = pattern(5000), other = pattern(6144);
  std::string disc;
  for (std::size_t unit = 0; unit < 3; ++unit) {
    disc += (content.substr(unit * 2048, 2048) + std::string(2048, '\0')).substr(0, 2048);
    disc += other.substr(unit * 2048, 2048) + std::string(2048, '-');
  }
  const auto at = builder.put(disc);
  builder.add({.identifier = "A.;1", .extent = at, .length = 5000, .unit = 1, .gap = 2});
  builder.add({.identifier = "B.;1", .extent = at + 1, .length = 6144, .unit = 1, .gap = 2});
  const auto result = walk(builder, View::iso9660, Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/A"), content);
  EXPECT_EQ(result.contents.at("/B"), other);
}

TEST(IsoForms, AnInterleavedFileMayHaveAttributesAndFurtherSections) {
  IsoBuilder builder;
  const auto content = pattern(4096 + 100);
  const std::string gap(2048, '-');
  const auto first =
      builder.put(std::string(2048, 'X') + gap + content.substr(0, 2048) + gap + content.substr(2048, 2048));
  const auto second = builder.put(content.substr(4096));
  builder.add({.identifier = "A.;1",
               .extent = first,
               .length = 4096,
               .flags = flags::kMultiExtent,
               .attribute_blocks = 1,
               .unit = 1,
               .gap = 1});
  builder.add({.identifier = "A.;1", .extent = second, .length = 100});
  const auto result = walk(builder, View::iso9660, Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/A"), content);
}

TEST(IsoForms, InterleavingBeyondTheEndIsRefusedAndCostsNothing) {
  IsoBuilder builder;
  builder.add({.identifier = "A.;1", .extent = 24, .length = 0xFFFFFFFF, .unit = 1, .gap = 255});
  auto zero = builder.file("B.;1", "not interleaved at all");
  zero.gap = 1;
  builder.add(zero);
  const auto result = walk(builder);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.refused.at("/A").code(), Errc::corrupt_structure);
  EXPECT_EQ(result.contents.at("/B"), "not interleaved at all");
  EXPECT_TRUE(result.has_finding("ECMA-119 9.1.7")) << describe(result);
}

TEST(IsoForms, FilesOnOtherVolumesOfTheSetAreRefusedByName) {
  IsoBuilder builder;
  builder.set_size = 3;
  auto elsewhere = builder.file("ELSE.;1", "xxxx");
  elsewhere.sequence = 2;
  builder.add(elsewhere);
  builder.add(builder.file("HERE.;1", "here"));
  builder.add({.identifier = "FOLDER", .extent = 24, .length = 2048, .flags = flags::kDirectory, .sequence = 3});
  const auto result = walk(builder);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/HERE"), "here");
  ASSERT_TRUE(result.refused.contains("/ELSE")) << describe(result);
  EXPECT_EQ(result.refused.at("/ELSE").code(), Errc::unsupported);
  EXPECT_EQ(result.refused.at("/ELSE").where().clause, "ECMA-119 9.1.9");
  EXPECT_EQ(result.entries.at("/ELSE").size, 4U);
  EXPECT_TRUE(result.has_finding("volume 3 of the set")) << describe(result);
}

TEST(IsoForms, SequenceNumbersOfASingleVolumeMeanNothing) {
  IsoBuilder builder;
  auto file = builder.file("A.;1", "a");
  file.sequence = 0;
  builder.add(file);
  EXPECT_EQ(walk(builder).contents.at("/A"), "a");
}

TEST(IsoForms, AssociatedFilesAreToldAndLeftOut) {
  IsoBuilder builder;
  auto fork = builder.file("A.;1", "resource fork");
  fork.flags = flags::kAssociated;
  builder.add(fork);
  builder.add(builder.file("A.;1", "data"));
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto result = walk(builder, View::iso9660, Strictness::tolerant, order);
    EXPECT_EQ(result.contents.at("/A"), "data");
    EXPECT_EQ(result.entries.size(), 1U);
    ASSERT_EQ(result.findings.size(), 1U) << describe(result);
    EXPECT_EQ(result.findings[0].kind, Finding::Kind::dropped);
    EXPECT_EQ(result.findings[0].path, "/A");
  }
}

TEST(IsoForms, OlderVersionsOfAFileKeepTheirNumber) {
  IsoBuilder builder;
  builder.add(builder.file("A.TXT;3", "newest"));
  builder.add(builder.file("A.TXT;2", "older"));
  builder.add(builder.file("A.TXT;1", "oldest"));
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto result = walk(builder, View::iso9660, Strictness::tolerant, order);
    ASSERT_FALSE(result.error) << describe(result);
    EXPECT_EQ(result.contents.at("/A.TXT"), "newest");
    EXPECT_EQ(result.contents.at("/A.TXT;2"), "older");
    EXPECT_EQ(result.contents.at("/A.TXT;1"), "oldest");
    ASSERT_EQ(result.findings.size(), 2U) << describe(result);
    EXPECT_EQ(result.findings[0].kind, Finding::Kind::collided);
    EXPECT_EQ(result.findings[0].to, "A.TXT;2");
  }
}

TEST(IsoForms, EntriesOfOneNameGetANumber) {
  IsoBuilder builder;
  const std::string longest(255, 'n');
  builder.root_use = kSharing + px(0040755);
  builder.add(builder.file("A.;1", "1", px(0100644) + nm("same")));
  builder.add(builder.file("B.;1", "2", px(0100644) + nm("same")));
  builder.add(builder.file("C.;1", "3", px(0100644) + nm("same~2")));
  builder.add(builder.file("D.;1", "4", px(0100644) + nm("same")));
  builder.add_folder("E", 0, px(0040755) + nm("same"));
  std::map<std::string, std::string> contents;
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto result = walk(builder, View::rockridge, Strictness::tolerant, order);
    ASSERT_FALSE(result.error) << describe(result);
    EXPECT_EQ(result.contents.at("/same"), "1");
    EXPECT_EQ(result.contents.at("/same~2"), "2");
    EXPECT_EQ(result.contents.at("/same~2~2"), "3");
    EXPECT_EQ(result.contents.at("/same~3"), "4");
    EXPECT_EQ(result.entries.at("/same~4").type, FileType::directory);
    EXPECT_EQ(result.findings.size(), 4U) << describe(result);
    if (order == EntryOrder::by_name) {
      EXPECT_EQ(result.paths.front(), "/same");
    }
  }
}

TEST(IsoForms, AFolderFullOfOneNameCostsNoTime) {
  IsoBuilder builder;
  const auto file = builder.file("SAME.;1", "x");
  for (int i = 0; i < 20'000; ++i) builder.add(file);
  const auto result = walk(builder);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.entries.size(), 20'000U);
  EXPECT_TRUE(result.entries.contains("/SAME~20000") || result.entries.contains("/SAME~19999"));
}

TEST(IsoForms, NamesMayHaveAnyByte) {
  IsoBuilder builder;
  builder.add(builder.file("lower case, (brackets) & \xC4.;1", "a"));
  builder.add(builder.file("A;B", "no number, no version"));
  builder.add(builder.file(std::string("PADDED\0\0", 8), "p"));
  const auto result = walk(builder);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/lower case, (brackets) & \xC4"), "a");
  EXPECT_EQ(result.contents.at("/A;B"), "no number, no version");
  EXPECT_EQ(result.contents.at("/PADDED"), "p");
  EXPECT_TRUE(result.has_finding("zeros behind it")) << describe(result);
}

TEST(IsoForms, RecordsMayBeLongerThanTheirParts) {
  IsoBuilder builder;
  auto odd = builder.file("A.;1", "a");
  odd.more_length = 1;
  builder.add(odd);
  builder.add(builder.file("B.;1", "b"));
  const auto result = walk(builder);
  EXPECT_EQ(result.contents.at("/B"), "b") << describe(result);
  EXPECT_TRUE(result.has_finding("ECMA-119 9.1.12"));
}

// What follows damages a volume of ours.

const std::string kDocs = "iso9660/directory /docs", kRoot = "iso9660/directory /";
using iso9660::DirectoryRecord;

TEST(IsoForms, TheBigEndianHalfCountsWhenOnlyItLeadsIntoTheImage) {
  SampleVolume volume;
  volume.edit<DirectoryRecord>(volume.record(kDocs, "A.TXT;1"), [](auto& r) { r.extent.le = 0xFFFFFF00; });
  volume.edit<DirectoryRecord>(volume.record(kDocs, "EMPTY.;1"), [](auto& r) { r.data_length.big = 7; });
  volume.edit<DirectoryRecord>(volume.record(kRoot, "DOCS"), [](auto& r) { r.data_length.le = 0xFFFFF800; });
  const auto result = walk_volume(volume, View::iso9660);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/DOCS/A.TXT"), std::string(3000, 'a'));
  EXPECT_EQ(result.contents.at("/DOCS/EMPTY"), "");
  EXPECT_TRUE(result.has_finding("ECMA-119 9.1.3"));
  EXPECT_TRUE(result.has_finding("ECMA-119 9.1.4"));
}

TEST(IsoForms, TheLongerLengthOfAFolderCountsWhereRecordsAre) {
  IsoBuilder builder;
  const auto folder = builder.add_folder("SUB");
  const auto file = builder.file("A.;1", "a");
  for (int i = 0; i < 80; ++i) {
    auto numbered = file;
    numbered.identifier = "FILE" + std::to_string(100 + i) + ".;1";
    builder.add(numbered, folder);
  }
  auto bytes = builder.build();
  const std::string own = encoded({.identifier = std::string(1, '\0'),
                                   .extent = builder.block_of(folder),
                                   .length = 4096,
                                   .flags = flags::kDirectory});
  const std::string named =
      encoded({.identifier = "SUB", .extent = builder.block_of(folder), .length = 4096, .flags = flags::kDirectory});
  ASSERT_NE(bytes.find(own), std::string::npos);
  const auto shorter = [](std::string record, std::uint32_t length) { return record.replace(10, 8, both(length)); };
  for (const auto& record : {own, named}) {
    auto changed = bytes;
    changed.replace(changed.find(record), record.size(), shorter(record, 2048));
    const auto result = walk_volume(std::make_shared<MemorySource>(std::string_view(changed)), {.view = View::iso9660});
    ASSERT_FALSE(result.error) << describe(result);
    EXPECT_EQ(result.entries.size(), 81U);
    EXPECT_TRUE(result.has_finding("ECMA-119 9.1.4")) << describe(result);
  }
  // No records where the longer one would lead: what lies there is something else.
  auto changed = bytes;
  changed.replace(changed.find(own), own.size(), shorter(own, 6144));
  const auto result = walk_volume(std::make_shared<MemorySource>(std::string_view(changed)), {.view = View::iso9660});
  EXPECT_EQ(result.entries.size(), 81U) << describe(result);
  EXPECT_FALSE(result.error);
}

TEST(IsoForms, ABlockSizeThatDoesNotLeadToTheRootIsNotBelieved) {
  for (const std::uint16_t size : {std::uint16_t{512}, std::uint16_t{0}, std::uint16_t{4096}}) {
    SampleVolume volume;
    volume.edit<iso9660::PrimaryVolumeDescriptor>(volume.block("iso9660/primary volume descriptor"),
                                                  [&](auto& d) { d.logical_block_size = size; });
    const auto result = walk_volume(volume, View::rockridge);
    ASSERT_FALSE(result.error) << describe(result);
    EXPECT_TRUE(result.has_finding("ECMA-119 8.4.12"));
    EXPECT_EQ(result.contents.at("/docs/a.txt"), std::string(3000, 'a'));
  }
}

TEST(IsoForms, AScratchBetweenDescriptorsHidesNothing) {
  SampleVolume volume;
  std::ranges::fill(volume.block(volume.place("iso9660/primary volume descriptor")), std::byte{});
  const auto found = identify_file_systems(*volume.source());
  EXPECT_FALSE(found.iso9660);
  EXPECT_TRUE(found.joliet);
  const auto result = walk_volume(volume, View::joliet);
  EXPECT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.has_finding("ECMA-119 6.7.1"));
  EXPECT_EQ(result.contents.at("/docs/a.txt"), std::string(3000, 'a'));
}

}  // namespace
}  // namespace fsimage::test
