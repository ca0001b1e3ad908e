// System use fields as discs have them: old and rare forms of Rock Ridge, and fields of others among them.
#include "iso_builder.hpp"
#include "sample_volume.hpp"

#include <fsimage/import/recognition.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

std::string xa() { return std::string("\0\0\0\0\x0D\x55XA\0\0\0\0\0\0", 14); }
std::string er(const std::string& id) {
  return use_field("ER", std::string{static_cast<char>(id.size()), '\0', '\0', '\1'} + id);
}
std::string sl(const std::string& components, char flags = 0) { return use_field("SL", flags + components); }
std::string component(char flags, const std::string& text = {}) {
  return std::string{flags, static_cast<char>(text.size())} + text;
}

class IsoRockRidge : public ::testing::Test {
 protected:
  IsoRockRidge() { builder.root_use = kSharing + px(0040755); }
  WalkResult walk(Strictness strictness = Strictness::tolerant) {
    return walk_volume(builder.source(), {.view = View::rockridge, .strictness = strictness, .xattrs = true});
  }
  std::string link_with(const std::string& fields) {
    builder.add({.identifier = "LINK.;1", .extent = 24, .system_use = px(0120777) + nm("link") + fields});
    last = walk();
    return last.entries.contains("/link") ? last.entries.at("/link").target : "(none)";
  }
  IsoBuilder builder;
  WalkResult last;
};

TEST_F(IsoRockRidge, ExtendedArchitectureComesBeforeTheFieldsOrInsteadOfThem) {
  for (const bool announced : {false, true}) {
    IsoBuilder b;
    b.root_use = xa() + use_field("SP", std::string("\xBE\xEF", 2) + (announced ? '\x0E' : '\0')) + px(0040755);
    b.add(b.file("A.;1", "a", xa() + px(0100640) + nm("with both")));
    b.add(b.file("B.;1", "b", xa()));
    b.add(b.file("C.;1", "c", px(0100600) + nm("AXA and no more")));
    b.add(b.file("D.;1", "d"));
    const auto source = b.source();
    ASSERT_TRUE(identify_file_systems(*source).rockridge) << announced;
    const auto result = walk_volume(source, {.view = View::rockridge, .strictness = Strictness::strict});
    ASSERT_FALSE(result.error) << announced << describe(result);
    EXPECT_EQ(result.contents.at("/with both"), "a");
    EXPECT_EQ(result.entries.at("/with both").attributes.permissions, 0640);
    EXPECT_EQ(result.contents.at("/B"), "b");
    EXPECT_EQ(result.contents.at("/AXA and no more"), "c") << describe(result);
    EXPECT_EQ(result.contents.at("/D"), "d");
  }
}

TEST_F(IsoRockRidge, FieldsOfOthersAreNoFindings) {
  const auto apple = use_field("AA", std::string("\x02\x00TEXTttxt\0\0", 12), 2);
  const auto amiga = use_field("AS", std::string("\x01\0\0\0\0", 5));
  const auto attributes = use_field("AL", std::string("\0\0\1\4user", 8));
  const auto padding = use_field("PD", std::string(6, '\0'));
  builder.add(builder.file("A.;1", "a",
                           apple + amiga + px(0100644) + padding + attributes + nm("kept") + std::string(3, '\0')));
  const auto result = walk(Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.findings.empty()) << describe(result);
  EXPECT_EQ(result.contents.at("/kept"), "a");
}

TEST_F(IsoRockRidge, AnEntryOfNoLengthEndsTheAreaAndIsTold) {
  builder.add(builder.file("A.;1", "a", px(0100644) + nm("kept") + std::string("XX\0\1", 4)));
  const auto result = walk();
  EXPECT_EQ(result.contents.at("/kept"), "a") << describe(result);
  EXPECT_TRUE(result.has_finding("SUSP 1.12 4.1"));
}

TEST_F(IsoRockRidge, WithoutAnnouncementFieldsAreEnough) {
  builder.root_use = px(0040755);  // neither SP nor ER
  builder.add(builder.file("A.;1", "a", use_field("RR", "\x09") + px(0100600) + nm("old")));
  const auto result = walk(Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.entries.at("/old").attributes.permissions, 0600);
}

TEST_F(IsoRockRidge, AttributesWithAndWithoutSerialNumber) {
  builder.add(builder.file("A.;1", "a", px(0100600) + nm("short")));
  builder.add(
      builder.file("B.;1", "b", use_field("PX", both(0100640) + both(2) + both(7) + both(8) + both(99)) + nm("long")));
  const auto result = walk(Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.entries.at("/short").attributes.permissions, 0600);
  EXPECT_EQ(result.entries.at("/long").attributes.uid, 7U);
  EXPECT_EQ(result.entries.at("/long").identity[0], 99U);
}

TEST_F(IsoRockRidge, TimesInTheLongForm) {
  const std::string stamp = "2023111422132000";
  builder.add(builder.file("A.;1", "a", px(0100600) + nm("a") + use_field("TF", "\x82" + stamp + '\0')));
  const auto result = walk(Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.entries.at("/a").attributes.modified.seconds(), 1'700'000'000);
}

TEST_F(IsoRockRidge, NamesInPartsAndNamesThatAreNone) {
  builder.add(builder.file("A.;1", "a", px(0100600) + nm("one ", 1) + nm("two ", 1) + nm("three")));
  builder.add(builder.file("B.;1", "b", px(0100600) + nm("", 2)));
  builder.add(builder.file("C.;1", "c", px(0100600) + nm("", 4)));
  builder.add(builder.file("D.;1", "d", px(0100600) + nm("", 0x20)));
  builder.add(builder.file("E.;1", "e", px(0100600) + nm("..")));
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/one two three"), "a");
  EXPECT_EQ(result.contents.at("/B"), "b");
  EXPECT_EQ(result.contents.at("/C"), "c");
  EXPECT_EQ(result.contents.at("/D"), "d");
  EXPECT_EQ(result.contents.at("/__"), "e");
}

TEST_F(IsoRockRidge, LinksOfAllComponents) {
  EXPECT_EQ(link_with(sl(component(8) + component(0, "usr") + component(4) + component(2) + component(0, "lib"))),
            "/usr/.././lib");
  EXPECT_TRUE(last.findings.empty()) << describe(last);
}
TEST_F(IsoRockRidge, LinksInPartsOfComponents) {
  EXPECT_EQ(
      link_with(sl(component(1, "on"), 1) + sl(component(1, "e na") + component(0, "me"), 1) + sl(component(0, "two"))),
      "one name/two");
}
TEST_F(IsoRockRidge, LinksToTheRootOfTheVolumeAreTold) {
  EXPECT_EQ(link_with(sl(component(0x10) + component(0, "a"))), "/a");
  EXPECT_TRUE(last.has_finding("RRIP 1.12 4.1.3")) << describe(last);
}
TEST_F(IsoRockRidge, LinksThroughTheNameOfAHostAreNotGuessed) {
  EXPECT_EQ(link_with(sl(component(0x20) + component(0, "a"))), "(none)");
  EXPECT_TRUE(last.has_finding("RRIP 1.12 4.1.3")) << describe(last);
  EXPECT_TRUE(last.has_finding("without a target")) << describe(last);
}

TEST_F(IsoRockRidge, LinksOfAnyLengthEndSomewhere) {
  // A ring of areas would make the target longer and longer.
  const auto at = builder.put(sl(component(0, std::string(200, 'x')), 1) +
                              use_field("CE", both(builder.next_block()) + both(0) + both(237)));
  EXPECT_EQ(link_with(use_field("CE", both(at) + both(0) + both(237))), "(none)");
  ASSERT_TRUE(last.error);
  EXPECT_EQ(last.error->where().clause, "SUSP 1.12 5.1");
}

TEST_F(IsoRockRidge, SparseFilesAreRefusedByName) {
  builder.add(builder.file("A.;1", "a", px(0100600) + nm("a") + use_field("SF", both(0) + both(1 << 20) + "\1")));
  const auto result = walk();
  ASSERT_TRUE(result.refused.contains("/a")) << describe(result);
  EXPECT_EQ(result.refused.at("/a").code(), Errc::unsupported);
}

TEST_F(IsoRockRidge, TheSelectedExtensionSaysWhoseFieldsFollow) {
  builder.root_use = kSharing + px(0040755) + er("SOMETHING_ELSE") + er("RRIP_1991A");
  const auto other = use_field("ES", std::string(1, '\0')), ours = use_field("ES", "\1");
  builder.add(builder.file("A.;1", "a", other + nm("theirs") + ours + px(0100600) + nm("ours")));
  const auto result = walk(Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/ours"), "a") << describe(result);
}

TEST_F(IsoRockRidge, RelocationThatLeadsNowhereUseful) {
  const auto file = builder.file("A.;1", "not a folder at all", px(0100600) + nm("a"));
  builder.add(file);
  builder.add({.identifier = "B.;1",
               .extent = 24,
               .system_use = px(0040755) + nm("file") + use_field("CL", both(file.extent))});
  builder.add({.identifier = "C.;1",
               .extent = 24,
               .system_use = px(0040755) + nm("beyond") + use_field("CL", both(0xFFFFFFF0))});
  auto marked = builder.file("D.;1", "d", px(0100600) + nm("marked") + use_field("RE", ""));
  builder.add(marked);
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_EQ(result.contents.at("/a"), "not a folder at all");
  EXPECT_EQ(result.contents.at("/marked"), "d");
  EXPECT_FALSE(result.entries.contains("/file"));
  EXPECT_FALSE(result.entries.contains("/beyond"));
  EXPECT_TRUE(result.has_finding("RRIP 1.12 4.1.5.1"));
  EXPECT_TRUE(result.has_finding("RRIP 1.12 4.1.5.3"));
}

}  // namespace
}  // namespace fsimage::test
