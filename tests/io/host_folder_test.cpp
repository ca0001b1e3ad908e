#include "support/child_process.hpp"
#include "support/deep_folders.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/host_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using Access = HostFolder::Access;

std::shared_ptr<const HostFolder> open(const TempFolder& folder, Access access = Access::reach) {
  return HostFolder::open(folder.path().string(), access);
}

std::vector<std::string> names(const HostFolder& folder) {
  std::vector<std::string> out;
  folder.list([&](std::string_view name) { out.emplace_back(name); });
  return out;
}

TEST(HostFolder, ListsEveryNameAndAgain) {
  const TempFolder folder;
  const std::vector<std::string> made{"a", ".hidden", "\xff\xfe", "new\nline", std::string(255, 'n')};
  for (const auto& name : made) folder.write(name, "");
  const auto open = HostFolder::open(folder.path().string(), Access::list);
  EXPECT_THAT(names(*open), ::testing::UnorderedElementsAreArray(made));
  EXPECT_THAT(names(*open), ::testing::UnorderedElementsAreArray(made));
}

TEST(HostFolder, ListsMoreThanOneBufferful) {
  const TempFolder folder;
  for (int i = 0; i < 3000; ++i) folder.write("a-name-of-some-length-" + std::to_string(i), "");
  auto found = names(*open(folder, Access::list));
  std::sort(found.begin(), found.end());
  EXPECT_EQ(std::unique(found.begin(), found.end()) - found.begin(), 3000);
}

TEST(HostFolder, StatHasEverything) {
  const TempFolder folder;
  const auto path = folder.write("a", "12345");
  ASSERT_EQ(::chmod(path.c_str(), 02751), 0);
  ASSERT_EQ(::link(path.c_str(), (folder / "b").c_str()), 0);
  const struct timespec times[2] = {{1000000000, 1}, {1000000002, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const auto stat = open(folder)->stat("a", Links::keep);
  EXPECT_EQ(stat.mode, 0102751U);
  EXPECT_EQ(stat.links, 2U);
  EXPECT_EQ(stat.uid, ::getuid());
  EXPECT_EQ(stat.accessed.ns, 1000000000000000001);
  EXPECT_EQ(stat.modified.ns, 1000000002123456789);
  EXPECT_GT(stat.changed, stat.modified);
  EXPECT_TRUE(stat.created == stat.modified || stat.created > stat.modified) << "unknown, or just now";
  EXPECT_EQ(stat.fingerprint, OpenFile::open(path)->fingerprint());
  EXPECT_EQ(stat_host(path).fingerprint, stat.fingerprint);
}

TEST(HostFolder, DevicesHaveTheirNumbers) {
  const auto stat = HostFolder::open("/dev", Access::reach)->stat("null", Links::keep);
  EXPECT_EQ(stat.mode & 0170000U, 0020000U);
  EXPECT_EQ(stat.device_major, 1U);
  EXPECT_EQ(stat.device_minor, 3U);
}

TEST(HostFolder, LinksAreKeptOrFollowed) {
  const TempFolder folder;
  folder.write("folder/file", "12");
  std::filesystem::create_symlink("folder/file", folder / "to_file");
  std::filesystem::create_symlink("folder", folder / "to_folder");
  const auto at = open(folder);
  EXPECT_EQ(at->stat("to_file", Links::keep).mode & 0170000U, 0120000U);
  EXPECT_EQ(at->stat("to_file", Links::follow).mode & 0170000U, 0100000U);
  EXPECT_EQ(at->link_target("to_file"), "folder/file");
  EXPECT_EQ(names(*at->open_folder("to_folder", Access::list, Links::follow)), std::vector<std::string>{"file"});
  EXPECT_THROW(at->open_folder("to_folder", Access::list, Links::keep), Error);
  EXPECT_EQ(error_of([&] { at->open_folder("to_file", Access::reach, Links::follow); }).code(),
            std::errc::not_a_directory);
}

TEST(HostFolder, TargetsOfAnyLength) {
  const TempFolder folder;
  for (const std::size_t length : {1U, 255U, 256U, 257U, 1024U, 4095U}) {
    const std::string target(length, 't');
    ASSERT_EQ(::symlink(target.c_str(), (folder / "link").c_str()), 0) << length;
    EXPECT_EQ(open(folder)->link_target("link"), target);
    ASSERT_EQ(::unlink((folder / "link").c_str()), 0);
  }
}

TEST(HostFolder, ErrorsHaveTheSystemsCode) {
  const TempFolder folder;
  folder.write("file", "");
  const auto at = open(folder);
  EXPECT_EQ(error_of([&] { at->stat("missing", Links::keep); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { (void)at->readable("missing"); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { at->open_file("missing", "p"); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { at->open_folder("file", Access::reach, Links::keep); }).code(), std::errc::not_a_directory);
  EXPECT_EQ(error_of([&] { (void)at->link_target("file"); }).code(), std::errc::invalid_argument);
  const auto missing = error_of([&] { HostFolder::open(folder / "missing", Access::list); });
  EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(missing.where().path, folder / "missing");
}

TEST(HostFolder, WholeReadTellsWhatTheFileIsNow) {
  const TempFolder folder;
  folder.write("a", "0123456789");
  const auto at = open(folder);
  std::string out(10, '?');
  const auto read = at->read_file("a", std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, "0123456789");
  EXPECT_EQ(read.length, 10U);
  EXPECT_EQ(read.now, at->stat("a", Links::keep).fingerprint);

  std::string more(12, '?');
  EXPECT_EQ(at->read_file("a", std::as_writable_bytes(std::span(more))).length, 10U);
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(at->read_file("fifo", std::as_writable_bytes(std::span(out))).length, 0U) << "and without waiting";
  EXPECT_EQ(at->read_file("..", std::as_writable_bytes(std::span(out))).length, 0U);
}

TEST(HostFolder, PermissionsOfAnotherUser) {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0711));
  ASSERT_EQ(::chmod(folder.write("open", "").c_str(), 0644), 0);
  ASSERT_EQ(::chmod(folder.write("closed", "").c_str(), 0600), 0);
  if (::geteuid() != 0) GTEST_SKIP() << "needs files of somebody else";
  EXPECT_TRUE(open(folder)->readable("closed")) << "root";
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    const auto at = open(folder);  // 0711: pass through, but not list
    EXPECT_TRUE(at->readable("open"));
    EXPECT_FALSE(at->readable("closed"));
    EXPECT_TRUE(surely_readable(at->stat("open", Links::keep), effective_user()));
    EXPECT_FALSE(surely_readable(at->stat("closed", Links::keep), effective_user()));
    EXPECT_EQ(error_of([&] { open(folder, Access::list); }).code(), std::errc::permission_denied);
    std::byte b[1];
    EXPECT_EQ(error_of([&] { at->read_file("closed", b); }).code(), std::errc::permission_denied);
  }));
}

TEST(HostFolder, SurelyReadableByWhomTheModeNames) {
  HostStat stat;
  stat.uid = 1000;
  const auto readable = [&](std::uint32_t mode, std::uint32_t user) {
    stat.mode = 0100000U | mode;
    return surely_readable(stat, user);
  };
  EXPECT_TRUE(readable(0400, 1000));
  EXPECT_FALSE(readable(0044, 1000)) << "the owner's class alone counts for the owner";
  EXPECT_TRUE(readable(0044, 1001));
  EXPECT_FALSE(readable(0040, 1001)) << "not known whether of the group";
  EXPECT_FALSE(readable(0604, 1001)) << "might be of the group, which may not";
}

TEST(HostFolder, AbsolutePaths) {
  EXPECT_EQ(absolute_host_path("/a/b/"), "/a/b/");
  EXPECT_TRUE(is_absolute_host_path("/"));
  EXPECT_FALSE(is_absolute_host_path("a/b"));
  EXPECT_EQ(slashed_host_path("a\\b/c"), "a\\b/c") << "a character like others here";
  EXPECT_EQ(absolute_host_path("a"), (std::filesystem::current_path() / "a").string());
  const TempFolder folder;
  folder.write("real/file", "");
  std::filesystem::create_symlink("real", folder / "link");
  EXPECT_EQ(resolved_host_path(folder / "link/./.."), std::filesystem::canonical(folder.path()).string());
  EXPECT_EQ(error_of([&] { (void)resolved_host_path(folder / "missing"); }).code(),
            std::errc::no_such_file_or_directory);
}

TEST(HostFolder, PathsThatNoSystemCallTakes) {
  const TempFolder folder;
  const std::string name(255, 'd');
  std::string path = folder.path().string();
  test::make_deep_folders(path, name, 40, [&](int at, int level) {
    if (level == 40) test::write_at(at, "deep.txt", "deep");
  });
  for (int i = 0; i < 40; ++i) path += "/" + name;
  EXPECT_EQ(names(*HostFolder::open(path, Access::list)), std::vector<std::string>{"deep.txt"});
  EXPECT_EQ(names(*HostFolder::open(path + std::string(5000, '/'), Access::list)),
            std::vector<std::string>{"deep.txt"});
  EXPECT_EQ(stat_host(path + "/deep.txt").fingerprint.size, 4U);
  test::remove_deep_folders(folder.path().string());
}

TEST(HostFolder, HandleLimit) {
  EXPECT_TRUE(test::passes_in_child([] {
    test::limit_handles(77);
    EXPECT_EQ(open_handle_limit(), 77U);
  }));
}

}  // namespace
}  // namespace fsimage
