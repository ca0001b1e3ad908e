// What of ISO 9660 is asked for: the tree of ISO 9660:1999, relaxed identifiers, texts, versions, what a view leaves out.
#include "layout/iso_image.hpp"
#include "support/error_of.hpp"

#include <fsimage/layout/planner.hpp>

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::error_of;
using test::iso_attributes;
using test::IsoImage;
using test::IsoWalk;
using test::make_iso_image;
using test::rock_ridge_attributes;
using test::rock_ridge_name;
using test::text_source;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Tree office() {
  Tree t(iso_attributes(0755));
  const auto docs = t.add_directory(kRootNode, "Docs & more", iso_attributes(0755));
  t.add_file(docs, "A report.final.txt", iso_attributes(), text_source("report"));
  t.add_symlink(docs, "latest", iso_attributes(), "A report.final.txt");
  t.add_file(kRootNode, "COPYING", iso_attributes(), text_source("copy"));
  t.add_file(kRootNode, "caf\xC3\xA9", iso_attributes(), text_source("coffee"));
  return t;
}

Profile enhanced() {
  Profile p;
  p.file_systems = {.joliet = false, .rockridge = false, .udf = false, .iso1999 = true};
  return p;
}

std::vector<std::string> paths_of(const IsoImage& i, View view) {
  std::vector<std::string> out;
  for (const auto& [path, record] : IsoWalk(i, view).all()) out.push_back(path);
  return out;
}

std::string_view text(std::span<const char> field) { return iso9660::trimmed(field); }

TEST(Iso1999, ATreeOfItsOwnOverTheSameContents) {
  const auto i = make_iso_image(office(), enhanced());
  EXPECT_THAT(paths_of(i, View::enhanced),
              ElementsAre("/COPYING", "/Docs & more", "/Docs & more/A report.final.txt", "/caf\xC3\xA9"));
  EXPECT_THAT(paths_of(i, View::iso9660),
              ElementsAre("/CAF_.;1", "/COPYING.;1", "/DOCS___MORE", "/DOCS___MORE/A_REPORT_FINAL.TXT;1"));
  EXPECT_EQ(IsoWalk(i, View::enhanced).all().at("/Docs & more/A report.final.txt").extent(),
            IsoWalk(i).all().at("/DOCS___MORE/A_REPORT_FINAL.TXT;1").extent());
  EXPECT_NE(i.map().find("enhanced/path table L\n"), std::string::npos);
  EXPECT_NE(i.map().find("enhanced/directory /Docs & more\n"), std::string::npos);
}

TEST(Iso1999, TheDescriptorIsAnEnhancedOne) {
  auto p = enhanced();
  p.volume_name = "Caf\xC3\xA9 2026 with a name of more than 32";
  p.copyright_file = "COPYING";
  const auto i = make_iso_image(office(), p);
  const auto d = IsoWalk(i, View::enhanced).descriptor();
  EXPECT_EQ(d.header.kind(), iso9660::DescriptorType::supplementary);
  EXPECT_EQ(d.header.version, 2);
  EXPECT_EQ(d.file_structure_version, 2);
  EXPECT_EQ(d.volume_flags, 0);
  EXPECT_EQ(text(d.escape_sequences), "") << "what character set it is, is not said: that is for Joliet";
  EXPECT_EQ(text(d.volume_identifier), "Caf\xC3\xA9 2026 with a name of more t");
  EXPECT_EQ(text(d.copyright_file_identifier), "COPYING");
  EXPECT_EQ(text(IsoWalk(i).descriptor().copyright_file_identifier), "COPYING.;1");
}

TEST(Iso1999, FindingsAreItsOwn) {
  Tree t(iso_attributes(0755));
  t.add_file(kRootNode, "OK", iso_attributes(), ContentId{});
  t.add_file(kRootNode, std::string(208, 'n'), iso_attributes(), ContentId{});
  t.add_symlink(kRootNode, "LINK", iso_attributes(), "OK");
  auto findings = make_iso_image(std::move(t), enhanced()).findings();
  std::erase_if(findings, [](const Finding& f) { return f.view != View::enhanced; });
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::dropped);
  EXPECT_EQ(findings[1].kind, Finding::Kind::cut);
  EXPECT_EQ(findings[1].to, std::string(207, 'n'));
}

// The limit of eight levels is none of its tree's.
TEST(Iso1999, DeepFoldersStay) {
  Tree t(iso_attributes(0755));
  std::string path;
  for (int i = 0; i < 300; ++i) path += "/d";
  t.make_path(path, iso_attributes(0755));
  for (const auto how : {DeepFolders::keep, DeepFolders::relocate}) {
    Profile p;
    p.deep_folders = how;
    p.file_systems.iso1999 = true;
    EXPECT_THAT(paths_of(make_iso_image(Tree(t), p), View::enhanced), ::testing::Contains(path));
  }
}

// Names that no ISO 9660 of before 1999 keeps need no permission.
TEST(Iso1999, KeepsWhatIso9660CannotName) {
  Tree t(iso_attributes(0755));
  t.add_file(kRootNode, "two words.txt", iso_attributes(), text_source("x"));
  const auto tree = std::make_shared<const Tree>(std::move(t));
  EXPECT_NO_THROW(Plan(tree, enhanced()));
  auto without = enhanced();
  without.file_systems.iso1999 = false;
  EXPECT_EQ(error_of([&] { Plan(tree, without); }).code(), Errc::not_representable);
  auto alone = enhanced();
  alone.file_systems.iso9660 = false;
  EXPECT_EQ(error_of([&] { Plan(tree, alone); }).code(), Errc::invalid_argument);
}

TEST(IsoOptions, RelaxedIdentifiers) {
  Profile p = enhanced();
  p.file_systems.iso1999 = false;
  p.relaxed_identifiers = {true, true, true, true, true, true};
  const auto i = make_iso_image(office(), p);
  EXPECT_THAT(paths_of(i, View::iso9660),
              ElementsAre("/COPYING", "/Docs & more", "/Docs & more/A report.final.txt", "/caf_"));
  p.interchange_level = 1;
  const auto tree = std::make_shared<const Tree>(office());
  EXPECT_EQ(error_of([&] { Plan(tree, p); }).code(), Errc::invalid_argument);
}

TEST(IsoOptions, TwinsOfRelaxedIdentifiersAreTold) {
  Tree t(iso_attributes(0755));
  t.add_file(kRootNode, "Name", iso_attributes(), ContentId{});
  t.add_file(kRootNode, "name", iso_attributes(), ContentId{});
  Profile p = enhanced();
  p.file_systems.iso1999 = false;
  p.relaxed_identifiers.lower_case = true;
  const auto findings = make_iso_image(std::move(t), p).findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::deviation);
  EXPECT_EQ(findings[0].path, "/name");
}

TEST(IsoOptions, TextsOfTheDescriptors) {
  Profile p;
  p.system_id = "Linux";
  p.volume_set = "Set 1";
  p.publisher = "P";
  p.data_preparer = "D";
  p.application = "A";
  p.copyright_file = "caf\xC3\xA9";
  p.volume_set_size = 3;
  p.volume_sequence_number = 2;
  const auto i = make_iso_image(office(), p);
  const auto d = IsoWalk(i).descriptor(), joliet = IsoWalk(i, View::joliet).descriptor();
  EXPECT_EQ(text(d.system_identifier), "LINUX");
  EXPECT_EQ(text(d.volume_set_identifier), "SET_1");
  EXPECT_EQ(text(d.copyright_file_identifier), "CAF_.;1");
  EXPECT_EQ(to_utf8(joliet::text_in(joliet.copyright_file_identifier)), "caf\xC3\xA9");
  EXPECT_EQ(to_utf8(joliet::text_in(joliet.volume_set_identifier)), "Set 1");
  for (const auto& each : {d, joliet}) {
    EXPECT_EQ(each.volume_set_size.value(), 3);
    EXPECT_EQ(each.volume_sequence_number.value(), 2);
    EXPECT_EQ(each.root.record.volume_sequence_number.value(), 2);
  }
  EXPECT_EQ(IsoWalk(i).all().at("/COPYING.;1").fixed.volume_sequence_number.value(), 2) << "where the extent lies";
}

TEST(IsoOptions, WhatCannotBeIsAnError) {
  const auto tree = std::make_shared<const Tree>(office());
  const auto code = [&](auto change) {
    Profile p;
    change(p);
    return error_of([&] { Plan(tree, p); }).code();
  };
  EXPECT_EQ(code([](Profile& p) { p.abstract_file = "nothing"; }), Errc::not_found);
  EXPECT_EQ(code([](Profile& p) { p.abstract_file = "Docs & more"; }), Errc::not_found);
  EXPECT_EQ(code([](Profile& p) { p.volume_sequence_number = 2; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Profile& p) { p.volume_sequence_number = 0; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Profile& p) { p.rock_ridge_version = 0x0109; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Profile& p) { p.moved_folder = "a/b"; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Profile& p) { p.left_out = {{View::joliet, "/nothing"}}; }), Errc::not_found);
  EXPECT_EQ(code([](Profile& p) { p.left_out = {{View::udf, "/COPYING"}}; }), Errc::invalid_argument);
}

TEST(IsoOptions, RockRidgeOf1991) {
  Profile p;
  p.rock_ridge_version = kRockRidge110;
  const auto i = make_iso_image(office(), p);
  const auto root = IsoWalk(i).folder(IsoWalk(i).root());
  EXPECT_EQ(rockridge::extension_text(*root[0].use.find("ER"))->identifier, "RRIP_1991A");
  for (const auto& record : root) {
    EXPECT_EQ(record.use.find("PX")->bytes.size(), 36U);
    EXPECT_EQ(rock_ridge_attributes(record).serial, std::nullopt);
  }
  EXPECT_EQ(rock_ridge_name(IsoWalk(i).all().at("/CAF_.;1")), "caf\xC3\xA9");
}

TEST(IsoOptions, EntriesAreLeftOutOfOneView) {
  Profile p = enhanced();
  p.file_systems.joliet = true;
  p.file_systems.rockridge = true;
  p.left_out = {{View::joliet, "/Docs & more"}, {View::iso9660, "/COPYING"}, {View::enhanced, "/Docs & more/latest"}};
  const auto i = make_iso_image(office(), p);
  EXPECT_THAT(paths_of(i, View::joliet), ElementsAre("/COPYING", "/caf\xC3\xA9"));
  EXPECT_THAT(paths_of(i, View::iso9660),
              ElementsAre("/CAF_.;1", "/DOCS___MORE", "/DOCS___MORE/A_REPORT_FINAL.TXT;1", "/DOCS___MORE/LATEST.;1"));
  EXPECT_EQ(rock_ridge_attributes(IsoWalk(i).folder(IsoWalk(i).root())[0]).links, 3U);
  std::vector<std::string> told;
  for (const auto& f : i.findings())
    if (f.kind == Finding::Kind::dropped) told.push_back(std::string(to_string(f.view)) + " " + f.path);
  EXPECT_THAT(told, ElementsAre("rockridge /COPYING", "joliet /Docs & more", "joliet /Docs & more/A report.final.txt",
                                "joliet /Docs & more/latest", "enhanced /Docs & more/latest"));
}

TEST(IsoOptions, WhatIsLeftOutIsNotMoved) {
  Tree t(iso_attributes(0755));
  t.make_path("/1/2/3/4/5/6/7/8/9", iso_attributes(0755));
  t.make_path("/1/other", iso_attributes(0755));
  Profile p = enhanced();
  p.file_systems = {.joliet = false, .udf = false};
  p.deep_folders = DeepFolders::relocate;
  EXPECT_THAT(paths_of(make_iso_image(Tree(t), p), View::iso9660), ::testing::Contains("/RR_MOVED"));
  p.left_out = {{View::iso9660, "/1/2"}};
  EXPECT_THAT(paths_of(make_iso_image(Tree(t), p), View::iso9660), ElementsAre("/1", "/1/OTHER"));
}

TEST(IsoOptions, TheFolderOfMovedOnesHasTheNameThatIsAskedFor) {
  Tree t(iso_attributes(0755));
  t.make_path("/1/2/3/4/5/6/7/8/9", iso_attributes(0755));
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    Profile p;
    p.interchange_level = level;
    p.deep_folders = DeepFolders::relocate;
    p.moved_folder = ".deep";
    const auto all = IsoWalk(make_iso_image(Tree(t), p)).all();
    ASSERT_TRUE(all.contains("/_DEEP/8")) << level;
    EXPECT_EQ(rock_ridge_name(all.at("/_DEEP")), ".deep");
  }
}

}  // namespace
}  // namespace fsimage
