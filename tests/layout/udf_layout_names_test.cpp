// Names that UDF cannot hold as they are, and what takes their place.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::make_udf_image;
using test::repeat;
using test::text_source;
using test::UdfWalk;
using ::testing::UnorderedElementsAre;
using Kind = Finding::Kind;

std::string x(std::size_t n) { return std::string(n, 'x'); }
// Three bytes of UTF-8, two bytes of CS0.
std::string wide(std::size_t n) { return repeat("\u4e2d", n); }
// Two bytes of UTF-8, one byte of CS0.
std::string latin(std::size_t n) { return repeat("\u00e9", n); }

Tree files(const std::vector<std::string>& names) {
  Tree t;
  for (const auto& name : names) t.add_file(kRootNode, name, {}, text_source(name));
  return t;
}

struct Name {
  const char* label;
  std::string name, recorded;
  std::uint32_t compression;
};
class UdfName : public ::testing::TestWithParam<Name> {};

TEST_P(UdfName, IsRecordedSo) {
  const auto& p = GetParam();
  const auto u = make_udf_image(files({p.name}));
  const UdfWalk walk(*u.image);
  ASSERT_TRUE(walk.entries().count("/" + p.recorded)) << walk.order("/")[0];
  EXPECT_EQ(walk.at("/" + p.recorded).identifier_compression, p.compression);
  EXPECT_EQ(walk.content("/" + p.recorded), p.name);
  const auto node = *u.tree->first_child(kRootNode);
  EXPECT_EQ(u.layout->keeps(node), p.name == p.recorded);
  EXPECT_TRUE(u.layout->shows(node));
  if (p.name == p.recorded) {
    for (const auto& f : u.findings) EXPECT_EQ(f.kind, Kind::deviation);
  } else {
    ASSERT_EQ(u.findings.size(), 1U);
    EXPECT_EQ(u.findings[0].kind, p.recorded.find('_') == std::string::npos ? Kind::cut : Kind::renamed);
    EXPECT_EQ(u.findings[0].view, View::udf);
    EXPECT_EQ(u.findings[0].path, "/" + p.name);
    EXPECT_EQ(u.findings[0].to, p.recorded);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Udf_2_3_4, UdfName,
    ::testing::Values(
        Name{"one_letter", "a", "a", 8}, Name{"longest_ascii", x(254), x(254), 8},
        Name{"ascii_too_long", x(255), x(254), 8}, Name{"extension_stays", x(251) + ".txt", x(250) + ".txt", 8},
        Name{"sixteen_units_are_an_extension", x(239) + "." + std::string(15, 'e'), x(238) + "." + std::string(15, 'e'),
             8},
        Name{"seventeen_are_none", x(238) + "." + std::string(16, 'e'), x(238) + "." + std::string(15, 'e'), 8},
        Name{"dot_file_has_no_extension", "." + x(254), "." + x(253), 8}, Name{"latin", latin(127), latin(127), 8},
        Name{"wide", wide(85), wide(85), 16}, Name{"one_wide_unit_makes_all_wide", x(200) + wide(1), x(200), 8},
        Name{"short_before_wide", x(100) + wide(40), x(100) + wide(27), 16},
        Name{"wide_extension", x(140) + ".\u4e2d\u6587", x(124) + ".\u4e2d\u6587", 16},
        Name{"pairs", repeat("\U0001F600", 63), repeat("\U0001F600", 63), 16},
        Name{"pair_at_the_border", "ab" + repeat("\U0001F600", 63), "ab" + repeat("\U0001F600", 62), 16},
        Name{"no_utf8",
             "a\xff"
             "b\xc3",
             "a_b_", 8},
        Name{"no_utf8_and_wide", "\xff\u4e2d", "_\u4e2d", 16}, Name{"control_characters", "a\nb\x01", "a\nb\x01", 8},
        Name{"spaces_and_dots", " a. ", " a. ", 8}),
    [](const auto& i) { return i.param.label; });

struct Collision {
  const char* label;
  std::vector<std::string> names, recorded;  // in no order
  std::size_t collided;
};
class UdfCollision : public ::testing::TestWithParam<Collision> {};

TEST_P(UdfCollision, GetsANumber) {
  const auto& p = GetParam();
  const auto u = make_udf_image(files(p.names));
  const UdfWalk walk(*u.image);
  std::vector<std::string> paths;
  for (const auto& name : p.recorded) paths.push_back("/" + name);
  EXPECT_THAT(walk.order("/"), ::testing::UnorderedElementsAreArray(paths));
  std::size_t collided = 0;
  for (const auto& f : u.findings) {
    if (f.kind == Kind::deviation) continue;
    if (f.kind == Kind::collided) ++collided;
    EXPECT_EQ(walk.content("/" + f.to), f.path.substr(1));
  }
  EXPECT_EQ(collided, p.collided);
}

INSTANTIATE_TEST_SUITE_P(
    Udf, UdfCollision,
    ::testing::Values(
        Collision{"name_that_fits_comes_first", {"a\xff", "a_"}, {"a_", "a_1"}, 1},
        Collision{"even_when_it_comes_last", {"a\x80.txt", "a_.txt", "a_1.txt"}, {"a_.txt", "a_1.txt", "a_2.txt"}, 1},
        Collision{"among_changed_names", {"a\x80", "a\x81", "a\x82"}, {"a_", "a_1", "a_2"}, 2},
        Collision{"number_before_the_extension",
                  {x(250) + "a.txt", x(250) + "b.txt"},
                  {x(250) + ".txt", x(249) + "1.txt"},
                  1},
        Collision{"wide",
                  {x(100) + wide(51) + "a", x(100) + wide(51) + "b"},
                  {x(100) + wide(27), x(100) + wide(26) + "1"},
                  1},
        Collision{"case_matters", {"A\xff", "a\xff"}, {"A_", "a_"}, 0}),
    [](const auto& i) { return i.param.label; });

TEST(UdfNames, WhatWindowsDoesNotShow) {
  const auto u = make_udf_image(files({"Readme", "README", "nul", "a|b", "\u00c4", "\u00e4", "fine"}));
  std::vector<std::string> told;
  for (const auto& f : u.findings) told.push_back(std::string(to_string(f.kind)) + " " + f.path);
  EXPECT_THAT(told,
              ::testing::ElementsAre("deviation /Readme", "deviation /a|b", "deviation /nul", "deviation /\u00e4"));
}

TEST(UdfNames, FoldersAreRenamedToo) {
  Tree t;
  const auto d = t.add_directory(kRootNode, "d\xff", {});
  t.add_file(d, "a", {}, text_source("inside"));
  const auto u = make_udf_image(std::move(t));
  EXPECT_EQ(UdfWalk(*u.image).content("/d_/a"), "inside");
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].path, "/d\xff");
}

TEST(UdfNames, TheSameNameInTwoFoldersIsNoCollision) {
  Tree t;
  t.add_file(t.add_directory(kRootNode, "one", {}), "a\xff", {}, ContentId{});
  t.add_file(t.add_directory(kRootNode, "two", {}), "a\xff", {}, ContentId{});
  const auto u = make_udf_image(std::move(t));
  EXPECT_TRUE(UdfWalk(*u.image).entries().count("/two/a_"));
  for (const auto& f : u.findings) EXPECT_EQ(f.kind, Kind::renamed);
}

TEST(UdfNames, WhatIsLeftOutTakesNoName) {
  Tree t;
  t.add_symlink(kRootNode, "a_", {}, "somewhere");
  t.add_file(kRootNode, "a\xff", {}, ContentId{});
  const auto u = make_udf_image(std::move(t));
  EXPECT_TRUE(UdfWalk(*u.image).entries().count("/a_"));
}

TEST(UdfNames, FindingsComeInTheOrderOfTheIndex) {
  const auto u = make_udf_image(files({x(255), "b\xff", "a\xff", "c"}));
  ASSERT_EQ(u.findings.size(), 3U);
  EXPECT_EQ(u.findings[0].path, "/a\xff");
  EXPECT_EQ(u.findings[1].path, "/b\xff");
  EXPECT_EQ(u.findings[2].path, "/" + x(255));
}

}  // namespace
}  // namespace fsimage
