#include "support/error_of.hpp"

#include <fsimage/import/path_patterns.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fsimage {
namespace {

using ::testing::ElementsAre;

TEST(PathPatterns, NoneAndTheTopAskForEverything) {
  for (auto& patterns : {PathPatterns(), PathPatterns(std::vector<std::string>{"/"})}) {
    PathPatterns p = patterns;
    EXPECT_TRUE(p.everything());
    EXPECT_TRUE(p.matches("/any/thing"));
    EXPECT_TRUE(p.may_match_below("/any"));
    EXPECT_TRUE(p.unmatched().empty());
  }
}

TEST(PathPatterns, APathNamesOneEntryFromTheTop) {
  for (const auto* given : {"docs/a.txt", "/docs/a.txt", "docs/a.txt/"}) {
    PathPatterns p({given});
    EXPECT_TRUE(p.matches("/docs/a.txt"));
    EXPECT_FALSE(p.matches("/docs"));
    EXPECT_FALSE(p.matches("/other/docs/a.txt"));
    EXPECT_FALSE(p.matches("/docs/a.txtx"));
    EXPECT_TRUE(p.may_match_below("/docs"));
    EXPECT_FALSE(p.may_match_below("/other"));
    EXPECT_FALSE(p.may_match_below("/doc"));
    EXPECT_FALSE(p.may_match_below("/docs/a.txt"));
  }
  EXPECT_FALSE(PathPatterns({"docs"}).matches("/deep/docs"));
}

TEST(PathPatterns, AGlobWithASlashIsFromTheTop) {
  PathPatterns p({"docs/*/x*"});
  EXPECT_TRUE(p.matches("/docs/a/xyz"));
  EXPECT_FALSE(p.matches("/docs/xyz"));
  EXPECT_FALSE(p.matches("/docs/a/b/xyz"));
  EXPECT_TRUE(p.may_match_below("/docs"));
  EXPECT_TRUE(p.may_match_below("/docs/any"));
  EXPECT_FALSE(p.may_match_below("/docs/any/xyz"));
  EXPECT_FALSE(p.may_match_below("/dots"));
  EXPECT_TRUE(PathPatterns({"/*.txt"}).matches("/a.txt"));
  EXPECT_FALSE(PathPatterns({"/*.txt"}).matches("/d/a.txt"));
}

TEST(PathPatterns, AGlobWithoutIsForNamesAnywhere) {
  PathPatterns p({"*.txt"});
  EXPECT_TRUE(p.matches("/a.txt"));
  EXPECT_TRUE(p.matches("/deep/er/a.txt"));
  EXPECT_TRUE(p.may_match_below("/deep/er"));
  EXPECT_FALSE(p.matches("/a.txt/b"));
}

TEST(PathPatterns, ANameThatLooksLikeAPatternCanBeAskedFor) {
  PathPatterns p({"a[1].txt"});
  EXPECT_TRUE(p.matches("/a[1].txt"));
  EXPECT_TRUE(p.matches("/a1.txt"));
}

TEST(PathPatterns, TellsWhatMatchedNothing) {
  PathPatterns p({"a", "b*", "/c/"});
  EXPECT_TRUE(p.matches("/a"));
  EXPECT_FALSE(p.matches("/x"));
  EXPECT_THAT(p.unmatched(), ElementsAre("b*", "/c/"));
}

TEST(PathPatterns, AnEmptyOneIsRefused) {
  EXPECT_EQ(test::error_of([] { PathPatterns({""}); }).code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
