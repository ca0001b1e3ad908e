#include "layout/iso_image.hpp"

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::iso_attributes;
using test::IsoImage;
using test::kIsoFileTime;
using test::make_iso_image;
using test::text_source;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "view kind path -> to"
std::vector<std::string> lines(const IsoImage& i, std::optional<View> only = {}) {
  std::vector<std::string> out;
  for (const auto& f : i.findings()) {
    if (only && f.view != *only) continue;
    std::string line(to_string(f.view));
    line.append(" ").append(to_string(f.kind)).append(" ").append(f.path);
    if (!f.to.empty()) line.append(" -> ").append(f.to);
    out.push_back(line);
  }
  return out;
}

Tree with(std::initializer_list<const char*> names) {
  Tree t(iso_attributes(0755));
  for (const char* n : names) t.add_file(kRootNode, n, iso_attributes(), ContentId{});
  return t;
}

TEST(IsoLayoutFindings, NoneWhereEverythingFits) {
  Tree t = with({"README.TXT", "B"});
  t.add_directory(kRootNode, "DOCS", iso_attributes(0755));
  EXPECT_THAT(lines(make_iso_image(std::move(t))), IsEmpty());
}

TEST(IsoLayoutFindings, NamesOfThePlainView) {
  EXPECT_THAT(
      lines(make_iso_image(with({"A b", "A_B", "a b", "lower", "UPPER"})), View::iso9660),
      ElementsAre("iso9660 collided /A b -> A_B1", "iso9660 collided /a b -> A_B2", "iso9660 renamed /lower -> LOWER"));
  const auto findings = make_iso_image(with({"lower", "A B"})).findings();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[1].text, "capital letters only");
  EXPECT_NE(findings[0].text, findings[1].text);
}

TEST(IsoLayoutFindings, NamesOfJoliet) {
  EXPECT_THAT(lines(make_iso_image(with({"a*", "a?", "bad\xFF", "end.", "fine", "a_"})), View::joliet),
              ElementsAre("joliet collided /a* -> a_1", "joliet collided /a? -> a_2", "joliet renamed /bad\xFF -> bad_",
                          "joliet renamed /end. -> end_"));
}

TEST(IsoLayoutFindings, CaseTwinsOfJoliet) {
  const auto i = make_iso_image(with({"Readme", "readme", "README", "\xC3\x84", "\xC3\xA4"}));
  EXPECT_THAT(lines(i, View::joliet),
              ElementsAre("joliet deviation /Readme", "joliet deviation /readme", "joliet deviation /\xC3\xA4"));
  EXPECT_TRUE(i.joliet->keeps(*i.input.tree->find("/readme")));
  for (const auto& f : i.findings())
    if (f.view == View::joliet && f.path == "/readme") {
      EXPECT_THAT(f.text, HasSubstr("README"));
    }
}

TEST(IsoLayoutFindings, NamesThatWindowsDoesNotOpen) {
  EXPECT_THAT(lines(make_iso_image(with({"CON", "con.txt", "lpt1 .x", "COM0", "CONTENT", "a<b", "end ", "fine"})),
                    View::joliet),
              ElementsAre("joliet deviation /CON", "joliet deviation /a<b", "joliet deviation /con.txt",
                          "joliet deviation /end ", "joliet deviation /lpt1 .x"));
}

TEST(IsoLayoutFindings, TwinsOfDifferentFoldersAreNone) {
  Tree t(iso_attributes(0755));
  t.add_file(t.add_directory(kRootNode, "X", iso_attributes()), "A", iso_attributes(), ContentId{});
  t.add_file(t.add_directory(kRootNode, "Y", iso_attributes()), "a", iso_attributes(), ContentId{});
  EXPECT_THAT(lines(make_iso_image(std::move(t)), View::joliet), IsEmpty());
}

TEST(IsoLayoutFindings, TypesWithoutAForm) {
  Tree t(iso_attributes(0755));
  t.add_symlink(kRootNode, "LINK", iso_attributes(), "x");
  t.add_special(kRootNode, "FIFO", FileType::fifo, iso_attributes());
  EXPECT_THAT(lines(make_iso_image(t)), ElementsAre("joliet dropped /FIFO", "joliet dropped /LINK"));
  Profile plain;
  plain.file_systems.rockridge = false;
  EXPECT_THAT(lines(make_iso_image(t, plain)), ElementsAre("iso9660 dropped /FIFO", "iso9660 dropped /LINK",
                                                           "joliet dropped /FIFO", "joliet dropped /LINK"));
}

TEST(IsoLayoutFindings, Times) {
  Tree t({.modified = Timestamp::from_seconds(-3'000'000'000), .permissions = 0755});
  t.add_file(kRootNode, "LATE", {.modified = Timestamp::from_seconds(6'000'000'000)}, ContentId{});
  t.add_file(kRootNode, "SEEN", {.modified = kIsoFileTime, .accessed = Timestamp::from_seconds(6'000'000'000)},
             ContentId{});
  EXPECT_THAT(lines(make_iso_image(t)), ElementsAre("rockridge clamped /", "rockridge clamped /LATE",
                                                    "joliet clamped /", "joliet clamped /LATE"));
  Profile all;
  all.all_times = true;
  EXPECT_THAT(lines(make_iso_image(t, all), View::rockridge),
              ElementsAre("rockridge clamped /", "rockridge clamped /LATE", "rockridge clamped /SEEN"));
}

TEST(IsoLayoutFindings, LimitsOfLinuxAndXorriso) {
  Tree t(iso_attributes(0755));
  const auto fits = std::string(253, 'N'), too_long = std::string(254, 'N');
  t.add_file(kRootNode, fits, iso_attributes(), ContentId{});
  t.add_file(kRootNode, too_long, iso_attributes(), ContentId{});
  t.add_symlink(kRootNode, "L1024", iso_attributes(), std::string(1024, 'x'));
  t.add_symlink(kRootNode, "L1025", iso_attributes(), std::string(1025, 'x'));
  EXPECT_THAT(lines(make_iso_image(std::move(t)), View::rockridge),
              ElementsAre("rockridge deviation /L1025", "rockridge deviation /" + too_long));
}

TEST(IsoLayoutFindings, ManySections) {
  for (const std::uint64_t sections : {100U, 101U}) {
    Tree t(iso_attributes(0755));
    t.add_file(kRootNode, "HUGE", iso_attributes(), std::make_shared<ZeroSource>(sections * iso9660::kMaxSectionBytes));
    const auto found = lines(make_iso_image(std::move(t)));
    EXPECT_EQ(found, sections == 100 ? std::vector<std::string>{}
                                     : (std::vector<std::string>{"iso9660 deviation /HUGE", "joliet deviation /HUGE"}));
  }
}

TEST(IsoLayoutFindings, TextsOfDescriptors) {
  Profile p;
  p.volume_name = "My very long name of a disc";
  p.publisher = "A#B";
  EXPECT_THAT(lines(make_iso_image(with({}), p)),
              ElementsAre("iso9660 renamed / -> MY_VERY_LONG_NAME_OF_A_DISC", "iso9660 renamed / -> A_B",
                          "joliet renamed / -> My very long nam"));
}

TEST(IsoLayoutFindings, FollowTheIndex) {
  Tree t(iso_attributes(0755));
  const auto b = t.add_directory(kRootNode, "b", iso_attributes());
  const auto a = t.add_directory(kRootNode, "a", iso_attributes());
  t.add_file(b, "z", iso_attributes(), ContentId{});
  t.add_file(a, "y", iso_attributes(), ContentId{});
  t.add_file(kRootNode, "c", iso_attributes(), ContentId{});
  EXPECT_THAT(lines(make_iso_image(std::move(t)), View::iso9660),
              ElementsAre("iso9660 renamed /a -> A", "iso9660 renamed /b -> B", "iso9660 renamed /c -> C",
                          "iso9660 renamed /a/y -> Y", "iso9660 renamed /b/z -> Z"));
}

TEST(IsoLayoutFindings, MovedFolders) {
  Tree t(iso_attributes(0755));
  NodeId at = kRootNode;
  for (int level = 2; level <= 9; ++level) at = t.add_directory(at, "L" + std::to_string(level), iso_attributes());
  Profile p;
  p.deep_folders = DeepFolders::relocate;
  EXPECT_THAT(lines(make_iso_image(std::move(t), p)),
              ElementsAre("iso9660 renamed /L2/L3/L4/L5/L6/L7/L8/L9 -> /RR_MOVED/L9"));
}

}  // namespace
}  // namespace fsimage
