#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/manifest_cursor.hpp>

#include <gtest/gtest.h>

#include <filesystem>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;

class Manifests : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("docs/a.txt", "hello");
    folder_.write("docs/b.txt", "b");
    std::filesystem::create_symlink("a.txt", folder_ / "docs/link");
    std::filesystem::permissions(folder_ / "docs", std::filesystem::perms(0710));
  }
  Tree tree(const std::string& text, bool check = false) {
    const auto cursor = open(text, check);
    Tree t;
    add_entries(t, kRootNode, *cursor);
    return t;
  }
  std::unique_ptr<ManifestCursor> open(const std::string& text, bool check = false) {
    return open_manifest(Manifest(text, "m"), {.base = folder_.path().string(), .check_digests = check});
  }
  Error failure(const std::string& text, bool check = false) {
    return error_of([&] { tree(text, check); });
  }
  static std::string content(const Tree& t, std::string_view path) {
    const auto& inode = t.inode(*t.find(path));
    std::string out(inode.size, ' ');
    t.contents().read_at(inode.content, 0, std::as_writable_bytes(std::span(out)));
    return out;
  }
  TempFolder folder_;
};

TEST_F(Manifests, SayWhatTheHostDoesNot) {
  const auto t = tree(
      "./docs/a.txt type=file mode=0600 uid=7 gid=8 time=5.0 size=5\n"
      "./new/x type=file contents=docs/b.txt\n"
      "./new/empty type=file size=0\n"
      "./dev/tty type=char device=linux,5,0\n"
      "./l type=link link=docs\n"
      "./docs/link\n");
  const auto& a = t.inode(*t.find("docs/a.txt")).attributes;
  EXPECT_EQ(a.permissions, 0600);
  EXPECT_EQ(a.uid, 7U);
  EXPECT_EQ(a.gid, 8U);
  EXPECT_EQ(a.modified, Timestamp::from_seconds(5));
  EXPECT_EQ(t.inode(*t.find("docs")).attributes.permissions, 0710) << "on the way, as on the host";
  EXPECT_EQ(t.inode(*t.find("new")).attributes.permissions, 0755);
  EXPECT_EQ(content(t, "docs/a.txt"), "hello");
  EXPECT_EQ(content(t, "new/x"), "b");
  EXPECT_EQ(content(t, "new/empty"), "");
  EXPECT_EQ(t.device(*t.find("dev/tty")).major, 5U);
  EXPECT_EQ(t.symlink_target(*t.find("l")), "docs");
  EXPECT_EQ(t.symlink_target(*t.find("docs/link")), "a.txt");
}

TEST_F(Manifests, OptionalEntriesMayBeMissing) {
  const auto t = tree("docs/none type=file optional\ndocs/b.txt optional\nnone/x optional\n");
  EXPECT_TRUE(t.find("docs/b.txt"));
  EXPECT_FALSE(t.find("docs/none"));
}

TEST_F(Manifests, NoChangeTakesTheAttributesOfTheHost) {
  EXPECT_EQ(tree("docs type=dir mode=0777 nochange\n").inode(NodeId{2}).attributes.permissions, 0710);
  EXPECT_EQ(failure("none type=dir nochange\n").code(), Errc::not_found);
}

TEST_F(Manifests, TheTopHasAttributesToo) {
  const auto cursor = open(". type=dir mode=0750 uid=3\ndocs type=dir\n");
  EXPECT_EQ(cursor->top()->permissions, 0750);
  EXPECT_EQ(cursor->top()->uid, 3U);
  EXPECT_EQ(cursor->next()->name, "docs");
  EXPECT_FALSE(open("docs type=dir\n")->top());
  const auto nowhere = open_manifest(Manifest(". optional\n", "m"), {.base = folder_ / "none"});
  EXPECT_FALSE(nowhere->top());
  EXPECT_FALSE(nowhere->next());
}

TEST_F(Manifests, NamesOfOneFileAreHardLinksWhenTheyAreAlike) {
  std::filesystem::create_hard_link(folder_ / "docs/a.txt", folder_ / "docs/c.txt");
  const auto t = tree("docs/a.txt\ndocs/c.txt\ndocs/d.txt type=file contents=docs/a.txt mode=0400\n");
  EXPECT_EQ(t.inode_id(*t.find("docs/a.txt")), t.inode_id(*t.find("docs/c.txt")));
  EXPECT_NE(t.inode_id(*t.find("docs/a.txt")), t.inode_id(*t.find("docs/d.txt")));
  EXPECT_EQ(t.inode(*t.find("docs/d.txt")).attributes.permissions, 0400);
}

TEST_F(Manifests, DigestsAreCheckedWhenAsked) {
  const std::string hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const auto other = "0" + hello.substr(1);
  tree("docs/a.txt sha256=" + hello + "\ndocs/b.txt\n", true);
  tree("docs/a.txt sha256=" + other + "\n", false);
  const auto e = failure("\ndocs/a.txt sha256=" + other + "\n", true);
  EXPECT_EQ(e.code(), Errc::verification_failed);
  EXPECT_EQ(e.where().path, "m:2");
  EXPECT_EQ(failure("docs/a.txt md5=00\n", true).code(), Errc::unsupported);
}

TEST_F(Manifests, WhatDoesNotFitNamesItsLine) {
  struct Case {
    const char* text;
    Errc code;
  };
  for (const auto& [text, code] :
       {Case{"#\ndocs/none\n", Errc::not_found}, Case{"#\ndocs type=file\n", Errc::not_found},
        Case{"#\ndocs/a.txt size=6\n", Errc::source_changed}, Case{"#\nx type=link\n", Errc::invalid_argument},
        Case{"#\nx type=block\n", Errc::invalid_argument},
        Case{"#\ndocs/a.txt uname=no-such-user\n", Errc::invalid_argument},
        Case{"docs/a.txt type=file\ndocs/a.txt/x type=fifo\n", Errc::invalid_argument},
        Case{"#\n. type=file\n", Errc::invalid_argument}, Case{"#\nx type=file contents=docs\n", Errc::not_found}}) {
    const auto e = failure(text);
    EXPECT_EQ(e.code(), code) << text << e.what();
    EXPECT_EQ(e.where().path, "m:2") << text;
  }
}

}  // namespace
}  // namespace fsimage
