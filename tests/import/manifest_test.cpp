#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/manifest.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fsimage {
namespace {

using test::error_of;
using ::testing::ElementsAre;

std::vector<std::string> paths(const Manifest& manifest) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < manifest.size(); ++i) out.emplace_back(manifest.path(i));
  return out;
}

TEST(Manifest, WholePaths) {
  const Manifest m("#mtree\n./b/c type=file\n./b type=dir\nb-c/ type=dir\n/a/d type=file\n", "m");
  EXPECT_THAT(paths(m), ElementsAre("a/d", "b", "b/c", "b-c"));
  EXPECT_EQ(m[0].line, 5U);
  EXPECT_EQ(m[1].type, FileType::directory);
}

TEST(Manifest, FoldersOneInAnother) {
  const Manifest m(
      ".  type=dir\n"
      "    one type=file\n"
      "\n# sub\n"
      "    sub type=dir \\\n"
      "        mode=0700\n"
      "        two type=file\n"
      "    # sub\n    ..\n"
      "    three type=file\n"
      "..\n",
      "m");
  EXPECT_THAT(paths(m), ElementsAre("", "one", "sub", "sub/two", "three"));
  EXPECT_EQ(m[2].permissions, 0700);
  EXPECT_EQ(m[3].line, 7U);
}

TEST(Manifest, WhatSetGivesHoldsUntilItIsTakenBack) {
  const Manifest m(
      "/set type=file uid=1 gid=2 mode=0640\n"
      "a\n"
      "b uid=5 uname=joe\n"
      "c uname=joe\n"
      "/set uname=ann gname=them\n"
      "d gid=7\n"
      "/unset type uname\n"
      "e\n"
      "/unset all\n"
      "f\n",
      "m");
  const auto owner = [&](std::size_t i) {
    const auto e = m[i];
    return (e.uid ? std::to_string(*e.uid) : e.user.value_or("-")) + ':' +
           (e.gid ? std::to_string(*e.gid) : e.group.value_or("-"));
  };
  EXPECT_EQ(owner(0), "1:2");
  EXPECT_EQ(owner(1), "5:2") << "the number counts";
  EXPECT_EQ(owner(2), "joe:2") << "a line's name puts away the number that was set";
  EXPECT_EQ(owner(3), "ann:7");
  EXPECT_EQ(owner(4), "-:them");
  EXPECT_EQ(owner(5), "-:-");
  EXPECT_EQ(m[0].type, FileType::regular);
  EXPECT_EQ(m[0].permissions, 0640);
  EXPECT_FALSE(m[4].type);
  EXPECT_FALSE(m[5].permissions);
}

TEST(Manifest, Keywords) {
  const std::string sha(64, 'A');
  const Manifest m(
      "a\\040\\101\\s\\\\\\# type=char device=native,8,1 time=12.5 size=7 contents=/x\\ty optional nochange "
      "sha256digest=" +
          sha + " md5=0 flags=none nlink=3\nb device=2049\nc device=freebsd,0x10,2\nd type=link link=a\\040b\n",
      "m");
  const auto a = m[0];
  EXPECT_EQ(a.path, "a A \\#");
  EXPECT_EQ(a.device->major, 8U);
  EXPECT_EQ(a.device->minor, 1U);
  EXPECT_EQ(a.modified->ns, 12'000'000'005);
  EXPECT_EQ(a.size, 7U);
  EXPECT_EQ(a.contents, "/x\ty");
  EXPECT_TRUE(a.optional && a.no_change && a.other_digest);
  EXPECT_EQ(a.sha256, std::string(64, 'a'));
  EXPECT_EQ(m[1].device->major, 8U);
  EXPECT_EQ(m[1].device->minor, 1U);
  EXPECT_EQ(m[2].device->major, 16U);
  EXPECT_EQ(m[3].target, "a b");
}

struct Wrong {
  const char* name;
  std::string text;
  int line;
  Errc code = Errc::invalid_argument;
};
class ManifestRefuses : public ::testing::TestWithParam<Wrong> {};
TEST_P(ManifestRefuses, WithItsLine) {
  const auto e = error_of([] { Manifest(GetParam().text, "list.mtree"); });
  EXPECT_EQ(e.code(), GetParam().code) << e.what();
  EXPECT_EQ(e.where().path, "list.mtree:" + std::to_string(GetParam().line));
}
std::string path_of(int names) {
  std::string path = "x";
  for (int i = 1; i < names; ++i) path += "/x";
  return path;
}
std::string deep_folders() {
  std::string text;
  for (int i = 0; i < 250; ++i) text += std::string(255, 'x') + " type=dir\n";
  for (int i = 0; i < 2000; ++i) text += "f" + std::to_string(i) + "\n";
  return text;
}
INSTANTIATE_TEST_SUITE_P(
    Table, ManifestRefuses,
    ::testing::Values(Wrong{"keyword", "a type=file\nb colour=red\n", 2}, Wrong{"type", "a type=whiteout\n", 1},
                      Wrong{"no_value", "a uid=\n", 1}, Wrong{"no_sign", "a uid\n", 1},
                      Wrong{"number", "a uid=1x\n", 1}, Wrong{"big_number", "a uid=4294967296\n", 1},
                      Wrong{"negative", "a size=-1\n", 1}, Wrong{"mode", "a mode=u+x\n", 1},
                      Wrong{"big_mode", "a mode=10000\n", 1}, Wrong{"time", "a time=1.1000000000\n", 1},
                      Wrong{"time_word", "a time=now\n", 1}, Wrong{"digest", "a sha256=12\n", 1},
                      Wrong{"device", "a device=linux,1\n", 1}, Wrong{"devices", "a device=linux,1,2,3\n", 1},
                      Wrong{"escape", "a\\q\n", 1}, Wrong{"half_escape", "a link=\\40\n", 1},
                      Wrong{"nul_in_name", "a\\000b\n", 1}, Wrong{"nul_in_link", "a link=\\000\n", 1},
                      Wrong{"upwards", "a/../b\n", 1}, Wrong{"above_the_top", "a type=dir\n..\n..\n", 3},
                      Wrong{"set_size", "\n/set size=3\n", 2}, Wrong{"unset_size", "/unset size\n", 1},
                      Wrong{"twice", "a\n./b\n./a\n", 3, Errc::duplicate_path},
                      Wrong{"continued", "a \\\n  uid=1 \\\n  uid=x\nb\n", 1},
                      Wrong{"long_name", std::string(256, 'n') + "\n", 1},
                      Wrong{"long_line", "\na" + std::string(70'000, ' ') + "\n", 2, Errc::limit_exceeded},
                      Wrong{"deep_path", path_of(1000) + "\n\n" + path_of(1001), 3, Errc::limit_exceeded},
                      Wrong{"many_deep_paths", deep_folders(), 406, Errc::limit_exceeded}),
    [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace fsimage
