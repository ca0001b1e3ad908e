#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/host_cursor.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using ::testing::ElementsAre;

std::shared_ptr<const PathList> list_of(const std::vector<std::string>& paths) {
  auto list = std::make_shared<PathList>("list");
  std::uint32_t line = 0;
  for (const auto& path : paths) list->add(path, ++line);
  list->sort();
  return list;
}

std::vector<std::string> strings(const PathList& list) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list[i]);
  return out;
}

TEST(PathList, OrderIsThatOfTheTree) {
  const auto list = list_of({"b", "a-b", "a/z", "./a", "a//b/", "/a", "a/b/c", "aa"});
  EXPECT_THAT(strings(*list), ElementsAre("a", "a/b", "a/b/c", "a/z", "a-b", "aa", "b"));
  EXPECT_EQ(list->place(0), "list:4") << "the first of two";
  EXPECT_THAT(strings(*list_of({".", "x", "/"})), ElementsAre("", "x"));
}

TEST(PathList, WrongPathsNameTheirLine) {
  const std::string longest(256, 'n');
  for (const auto& path : {std::string(), std::string(".."), std::string("a/../b"), std::string("a\0b", 3), longest}) {
    PathList list("names.txt");
    const auto e = error_of([&] { list.add(path, 17); });
    EXPECT_EQ(e.code(), Errc::invalid_argument) << path;
    EXPECT_EQ(e.where().path, "names.txt:17");
  }
}

class HostPaths : public ::testing::Test {
 protected:
  std::vector<std::string> paths(const std::vector<std::string>& listed, bool recursive = true, HostScan scan = {}) {
    const auto cursor = open_host_paths(folder_.path().string(), list_of(listed), recursive, std::move(scan));
    std::vector<std::string> out, folders;
    while (const auto entry = cursor->next()) {
      folders.resize(entry->depth);
      auto path = (folders.empty() ? "" : folders.back()) + entry->name;
      if (entry->type == FileType::directory) folders.push_back(path += '/');
      if (entry->type == FileType::symlink) path += "@";
      out.push_back(path);
    }
    return out;
  }
  void SetUp() override {
    for (const auto* name : {"a/b/one", "a/b/two", "a/c/three", "a-b", "top"}) folder_.write(name, name);
    std::filesystem::create_directory_symlink("a/b", folder_ / "link");
  }
  TempFolder folder_;
};

TEST_F(HostPaths, ComeWithTheirFolders) {
  EXPECT_THAT(paths({"top", "a/b/two", "a-b"}), ElementsAre("a/", "a/b/", "a/b/two", "a-b", "top"));
  EXPECT_THAT(paths({}), ElementsAre());
}

TEST_F(HostPaths, FoldersComeWithAllThatIsInThem) {
  EXPECT_THAT(paths({"a/b", "a/b/one", "top"}), ElementsAre("a/", "a/b/", "a/b/one", "a/b/two", "top"));
  EXPECT_EQ(paths({"."}).size(), 9U);
}

TEST_F(HostPaths, OrAlone) {
  EXPECT_THAT(paths({"a", "a/c", "a/b/one"}, false), ElementsAre("a/", "a/b/", "a/b/one", "a/c/"));
  EXPECT_THAT(paths({".", "top"}, false), ElementsAre("top"));
}

TEST_F(HostPaths, ThroughLinks) {
  EXPECT_THAT(paths({"link", "top"}), ElementsAre("link@", "top"));
  EXPECT_THAT(paths({"link/one"}), ElementsAre("link/", "link/one"));
  EXPECT_EQ(error_of([&] { paths({"link", "link/one"}); }).where().path, folder_ / "link");
  EXPECT_EQ(error_of([&] { paths({"top/one"}); }).code(), std::errc::not_a_directory);
  EXPECT_THAT(paths({"link"}, true, {.follow_links = FollowLinks::all}), ElementsAre("link/", "link/one", "link/two"));
}

TEST_F(HostPaths, WhatIsMissingNamesItsLine) {
  const auto e = error_of([&] { paths({"top", "a/none/x"}); });
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, folder_ / "a/none");
  EXPECT_NE(e.message().find("(list:2)"), std::string::npos) << e.message();
}

TEST_F(HostPaths, PatternsLeaveOut) {
  EXPECT_THAT(paths({"a", "top"}, true, {.exclude = {"/a/b", "top"}}), ElementsAre("a/", "a/c/", "a/c/three"));
}

TEST_F(HostPaths, ContentsAreThoseOfTheFiles) {
  const auto cursor = open_host_paths(folder_.path().string(), list_of({"link/two", "a/c"}), true);
  ContentStore store;
  std::vector<std::string> seen;
  while (const auto entry = cursor->next())
    if (entry->type == FileType::regular) {
      std::string text(entry->size, ' ');
      store.read_at(cursor->content(store), 0, std::as_writable_bytes(std::span(text)));
      seen.push_back(text);
    }
  EXPECT_THAT(seen, ElementsAre("a/c/three", "a/b/two"));
}

// --- what a scan leaves out

TEST(HostScan, LinksAsTheyAreAlsoWhenTheyAreTheSource) {
  const TempFolder folder;
  folder.write("real/file", "x");
  std::filesystem::create_directory_symlink("real", folder / "link");
  EXPECT_TRUE(is_host_directory(folder / "link"));
  EXPECT_FALSE(is_host_directory(folder / "link", FollowLinks::none));
  EXPECT_TRUE(is_host_directory(folder / "link/", FollowLinks::none)) << "the '/' asks for the folder";
  const auto cursor = open_host(folder / "link", {.follow_links = FollowLinks::none});
  const auto entry = cursor->next();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->type, FileType::symlink);
  EXPECT_EQ(entry->target, "real");
  EXPECT_FALSE(cursor->next());
  EXPECT_EQ(open_host(folder / "link")->next()->name, "file");
}

TEST(HostScan, SpecialFilesCanBeLeftOut) {
  const TempFolder folder;
  folder.write("file", "x");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const auto cursor = open_host(folder.path().string(), {.skip_special_files = true});
  EXPECT_EQ(cursor->next()->name, "file");
  EXPECT_FALSE(cursor->next());
  EXPECT_FALSE(open_host(folder / "fifo", {.skip_special_files = true})->next());
}

TEST(HostScan, MountedFileSystemsCanBeLeftOut) {
  const auto device = [](const char* path) {
    struct stat st {};
    return ::stat(path, &st) == 0 ? st.st_dev : 0;
  };
  if (device("/dev") == device("/dev/shm")) GTEST_SKIP() << "nothing is mounted at /dev/shm";
  const TempFolder folder;
  const auto below_shm = [](const HostScan& scan) {
    const auto cursor = open_host_paths("/", list_of({"dev"}), true, scan);
    bool inside = false;
    std::size_t count = 0;
    while (const auto entry = cursor->next()) {
      if (entry->depth == 1) inside = entry->name == "shm";
      if (entry->depth > 1 && inside) ++count;
      if (entry->depth == 1 && entry->type == FileType::directory && !inside) cursor->skip_subtree();
    }
    return count;
  };
  const std::string file = "/dev/shm/fsimage-test-" + std::to_string(::getpid());
  std::ofstream(file) << "x";
  EXPECT_GE(below_shm({}), 1U);
  EXPECT_EQ(below_shm({.one_file_system = true}), 0U);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace fsimage
