#include "support/error_of.hpp"

#include <fsimage/import/glob.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fsimage {
namespace {

struct GlobCase {
  std::string pattern, path;
  bool matches;
};

void expect_all(const std::vector<GlobCase>& cases) {
  for (const auto& [pattern, path, matches] : cases)
    EXPECT_EQ(glob_match(pattern, path), matches) << pattern << " against " << path;
}

TEST(Glob, Literal) {
  expect_all({{"", "", true},
              {"", "a", false},
              {"a", "", false},
              {"abc", "abc", true},
              {"abc", "ab", false},
              {"ab", "abc", false},
              {"A", "a", false},
              {"\\*", "*", true},
              {"\\*", "a", false},
              {"a\\?b", "a?b", true},
              {"\\a", "a", true},
              {"\\\\", "\\", true},
              {"a\\", "a\\", true}});
}

TEST(Glob, Star) {
  expect_all({{"*", "", true},
              {"*", "anything", true},
              {"*", ".hidden", true},
              {"*.o", "a.o", true},
              {"*.o", ".o", true},
              {"*.o", "a.o.c", false},
              {"*.o", "a.o.o", true},
              {"a*b*c", "aXbYc", true},
              {"a*b*c", "abbbc", true},
              {"a*b*c", "acb", false},
              {"a**c", "abc", true},
              {"*a*", "banana", true},
              {"*ab", "aab", true},
              {"*", "a/b", false},
              {"a/*", "a/b", true},
              {"a/*", "a/b/c", false},
              {"*/c", "b/c", true},
              {"*/c", "a/b/c", false},
              {"*/*/c", "a/b/c", true},
              {"a/*b/c", "a/xb/c", true},
              {"*b/*d", "aab/ccd", true},
              {"*b/*d", "aab/ccx", false}});
}

TEST(Glob, QuestionMark) {
  expect_all({{"?", "a", true},
              {"?", "", false},
              {"?", "ab", false},
              {"?", "/", false},
              {"a?c", "abc", true},
              {"?", "\u00e9", true},
              {"?", "\U0001F600", true},
              {"??", "\u00e9", false},
              {"?", "\xff", true},
              {"??", "\xc3\x28", true},
              {"*?", "\u00e9", true},
              {"*??", "\u00e9", false}});
}

TEST(Glob, Set) {
  expect_all({{"[abc]", "b", true},
              {"[abc]", "d", false},
              {"[a-c]x", "bx", true},
              {"[a-c]", "-", false},
              {"[a-]", "-", true},
              {"[-a]", "-", true},
              {"[]]", "]", true},
              {"[]a]", "a", true},
              {"[!a]", "b", true},
              {"[!a]", "a", false},
              {"[^a]", "b", true},
              {"[!]]", "a", true},
              {"[!]]", "]", false},
              {"[!a]", "/", false},
              {"[a/b]", "/", false},
              {"[.-0]", "/", false},
              {"[\\]]", "]", true},
              {"[\\a-c]", "b", true},
              {"[a-\\c]", "b", true},
              {"[\u00e0-\u00ff]", "\u00e9", true},
              {"[\u00e0-\u00ff]", "e", false},
              {"[\u4e00-\u9fff]", "\u6f22", true},
              {"[c-a]", "b", false},
              {"[!c-a]", "b", true},
              {"[\xff]", "\xff", true},
              {"[a-\xff]", "\xfe", true},
              {"[", "[", true},
              {"[a", "[a", true},
              {"[a", "a", false},
              {"[]", "[]", true},
              {"a[*", "a[bc", true},
              {"*[0-9].txt", "photo12.txt", true}});
}

TEST(Glob, Class) {
  expect_all({{"[[:digit:]]", "7", true},
              {"[[:digit:]]", "a", false},
              {"[![:digit:]]", "a", true},
              {"[[:alpha:]_]", "_", true},
              {"[[:alpha:]_]", "Z", true},
              {"[[:upper:]]", "a", false},
              {"[[:lower:]]", "a", true},
              {"[[:alnum:]]", "-", false},
              {"[[:space:]]", "\n", true},
              {"[[:blank:]]", "\n", false},
              {"[[:xdigit:]]", "F", true},
              {"[[:xdigit:]]", "g", false},
              {"[[:punct:]]", "!", true},
              {"[[:cntrl:]]", "\x7f", true},
              {"[[:print:]]", " ", true},
              {"[[:graph:]]", " ", false},
              {"[[:alpha:]]", "\u00e9", false},
              {"[[:nonsense:]]", "n", false}});
}

TEST(GlobCost, IsAtMostTheProductOfTheLengths) {
  std::string pattern, path(20000, 'a');
  for (int i = 0; i < 500; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", path));  // exponential matchers do not come back from this
}

TEST(ExcludeList, NamesAnywherePathsFromTheTop) {
  const ExcludeList list({"*.o", "build/*", "/top", "a/b/c"});
  EXPECT_TRUE(list.excludes("x.o"));
  EXPECT_TRUE(list.excludes("deep/down/x.o"));
  EXPECT_FALSE(list.excludes("x.obj"));
  EXPECT_TRUE(list.excludes("build/x"));
  EXPECT_FALSE(list.excludes("build"));
  EXPECT_FALSE(list.excludes("sub/build/x"));
  EXPECT_TRUE(list.excludes("top"));
  EXPECT_FALSE(list.excludes("sub/top"));
  EXPECT_TRUE(list.excludes("a/b/c"));
  EXPECT_FALSE(list.excludes("b/c"));
}

TEST(ExcludeList, SlashAtTheEndIsForFolders) {
  const ExcludeList list({"cache/", "a/b/", "/c/"});
  EXPECT_FALSE(list.excludes("cache"));
  EXPECT_TRUE(list.excludes_folder("cache"));
  EXPECT_TRUE(list.excludes_folder("x/cache"));
  EXPECT_TRUE(list.excludes_folder("a/b"));
  EXPECT_FALSE(list.excludes_folder("x/a/b"));
  EXPECT_TRUE(list.excludes_folder("c"));
  EXPECT_FALSE(list.excludes_folder("x/c"));
}

TEST(ExcludeList, RefusesWhatCanMatchNothing) {
  for (const auto* pattern : {"", "/", "//"})
    EXPECT_EQ(test::error_of([&] { ExcludeList({pattern}); }).code(), Errc::invalid_argument) << pattern;
  EXPECT_FALSE(ExcludeList().excludes("a"));
}

}  // namespace
}  // namespace fsimage
