#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using Reach = HostFolder::Access;

std::shared_ptr<const HostFolder> opened(const TempFolder& folder, Reach access = Reach::reach) {
  return HostFolder::open(folder.path().string(), access);
}

std::vector<std::string> names(const HostFolder& folder) {
  std::vector<std::string> out;
  folder.list([&](std::string_view name) { out.emplace_back(name); });
  return out;
}

TEST(WindowsHostFolder, NamesAreUtf8) {
  const TempFolder folder;
  const std::vector<std::string> made{"a", ".hidden", "\u00e4\u20ac.txt", "\U0001f600", std::string(255, 'n')};
  for (const auto& name : made) folder.write(name, name);
  const auto open = opened(folder, Reach::list);
  EXPECT_THAT(names(*open), ::testing::UnorderedElementsAreArray(made));
  EXPECT_THAT(names(*open), ::testing::UnorderedElementsAreArray(made)) << "and again";
  for (const auto& name : made) EXPECT_EQ(open->stat(name.c_str(), Links::keep).fingerprint.size, name.size());
}

TEST(WindowsHostFolder, ListsMoreThanOneBufferful) {
  const TempFolder folder;
  constexpr std::size_t kFiles = 700;
  const auto writer = WritableFolder::open(folder.path().string());
  for (std::size_t i = 0; i < kFiles; ++i)
    EXPECT_FALSE(writer->make_file(std::string(50, 'n') + std::to_string(i), 0600, Existing::refuse).finish({}));
  EXPECT_EQ(names(*opened(folder, Reach::list)).size(), kFiles);
}

TEST(WindowsHostFolder, WhatIsNoNameThereIsToldByName) {
  const TempFolder folder;
  const auto open = opened(folder);
  for (const auto* name : {"\xff\xfe", "half a pair \xed\xa0\x80", "a\\b", "a:b", ".", ""}) {
    const auto e = error_of([&] { open->stat(name, Links::keep); });
    EXPECT_EQ(e.code(), Errc::not_representable) << e.what();
    EXPECT_EQ(e.where().path, name);
  }
}

TEST(WindowsHostFolder, StatHasEverything) {
  const TempFolder folder;
  const auto path = folder.write("a", "12345");
  std::filesystem::create_hard_link(path, folder / "b");
  const auto open = opened(folder);
  const auto stat = open->stat("a", Links::keep);
  EXPECT_EQ(stat.mode, 0100644U);
  EXPECT_EQ(stat.links, 2U);
  EXPECT_EQ(stat.uid, 0U);
  EXPECT_FALSE(stat.hidden);
  EXPECT_GT(stat.modified.seconds(), 1'600'000'000);
  EXPECT_EQ(stat.fingerprint.size, 5U);
  EXPECT_NE(stat.fingerprint.inode, 0U);
  EXPECT_EQ(stat.fingerprint, OpenFile::open(path)->fingerprint());
  EXPECT_EQ(stat.fingerprint, stat_host(path).fingerprint);
  EXPECT_EQ(stat.fingerprint, open->stat("b", Links::follow).fingerprint) << "the other name of the same file";
  EXPECT_FALSE(surely_readable(stat, effective_user())) << "rights are lists, and are asked for";
  EXPECT_TRUE(open->readable("a"));
  EXPECT_EQ(open->stat().mode, 0040755U);
  EXPECT_TRUE(open->xattrs("a", Links::keep).empty());
}

TEST(WindowsHostFolder, AttributesAreSeen) {
  const TempFolder folder;
  const std::filesystem::path path = folder.write("a", "");
  ASSERT_NE(::SetFileAttributesW(path.c_str(), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN), 0);
  EXPECT_EQ(opened(folder)->stat("a", Links::keep).mode, 0100444U);
  EXPECT_TRUE(opened(folder)->stat("a", Links::keep).hidden);
  ASSERT_NE(::SetFileAttributesW(path.c_str(), FILE_ATTRIBUTE_NORMAL), 0);
  EXPECT_FALSE(opened(folder)->stat("a", Links::keep).hidden);
}

TEST(WindowsHostFolder, ErrorsHaveTheSystemsCode) {
  const TempFolder folder;
  folder.write("file", "");
  const auto at = opened(folder);
  EXPECT_EQ(error_of([&] { at->stat("missing", Links::keep); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { (void)at->readable("missing"); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { at->open_file("missing", "p"); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { at->open_folder("file", Reach::reach, Links::keep); }).code(), std::errc::not_a_directory);
  EXPECT_EQ(error_of([&] { (void)at->link_target("file"); }).code(), std::errc::invalid_argument);
  const auto missing = error_of([&] { HostFolder::open(folder / "missing", Reach::list); });
  EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(missing.where().path, folder / "missing");
}

TEST(WindowsHostFolder, WholeReadTellsWhatTheFileIsNow) {
  const TempFolder folder;
  folder.write("a", "0123456789");
  const auto at = opened(folder);
  std::string out(12, '?');
  const auto read = at->read_file("a", std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(read.length, 10U);
  EXPECT_EQ(out.substr(0, 10), "0123456789");
  EXPECT_EQ(read.now, at->stat("a", Links::keep).fingerprint);
}

TEST(WindowsHostFolder, AFileThatSomebodyHasForThemselvesIsBusy) {
  const TempFolder folder;
  const std::filesystem::path path = folder.write("a", "");
  const auto handle = ::CreateFileW(path.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  ASSERT_NE(handle, INVALID_HANDLE_VALUE);
  EXPECT_EQ(error_of([&] { opened(folder)->open_file("a", "p"); }).code(), std::errc::device_or_resource_busy);
  EXPECT_EQ(opened(folder)->stat("a", Links::keep).fingerprint.size, 0U) << "looking is free";
  ::CloseHandle(handle);
}

TEST(WindowsHostFolder, PathsHaveSlashesAndDrives) {
  EXPECT_EQ(absolute_host_path("C:\\a/b"), "C:/a/b");
  EXPECT_EQ(absolute_host_path("C:/a/../b/"), "C:/b");
  EXPECT_EQ(absolute_host_path("\\\\server\\share\\a"), "//server/share/a");
  EXPECT_EQ(absolute_host_path("a"), std::filesystem::current_path().generic_string() + "/a");
  EXPECT_EQ(slashed_host_path("a\\b/c"), "a/b/c");
  EXPECT_TRUE(is_absolute_host_path("C:/a"));
  EXPECT_TRUE(is_absolute_host_path("\\\\server\\share"));
  EXPECT_FALSE(is_absolute_host_path("C:a"));
  EXPECT_FALSE(is_absolute_host_path("a/b"));
  const TempFolder folder;
  folder.write("real/file", "");
  EXPECT_EQ(stat_host(resolved_host_path(folder / "real/./..")).fingerprint.inode,
            stat_host(folder.path().string()).fingerprint.inode);
  EXPECT_EQ(error_of([&] { (void)resolved_host_path(folder / "missing"); }).code(),
            std::errc::no_such_file_or_directory);
}

TEST(WindowsHostFolder, PathsLongerThanTheApiTakes) {
  const TempFolder folder;
  const std::string name(200, 'd');
  std::string path = folder.path().string();
  auto at = WritableFolder::open(path);
  for (int level = 0; level < 12; ++level) {
    at = at->make_folder(name, 0700);
    ASSERT_NE(at, nullptr);
    path += "/" + name;
  }
  auto file = at->make_file("deep.txt", 0600, Existing::refuse);
  file.write_at(0, std::as_bytes(std::span(std::string_view("deep"))));
  EXPECT_FALSE(file.finish({}));
  const auto deep = HostFolder::open(path, Reach::list);
  EXPECT_EQ(names(*deep), std::vector<std::string>{"deep.txt"});
  EXPECT_EQ(names(*HostFolder::open("\\\\?\\" + std::filesystem::path(path).make_preferred().string(), Reach::list)),
            std::vector<std::string>{"deep.txt"});
  EXPECT_EQ(stat_host(path + "/deep.txt").fingerprint.size, 4U);
  std::string out(4, '?');
  OpenFile::open(path + "/deep.txt")->read_at(0, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, "deep");
  if (test::under_wine()) return;  // it does not tell the path of what lies so deep, nor remove it
  const auto above = deep->open_folder("..", Reach::list, Links::keep);
  EXPECT_EQ(names(*above), std::vector<std::string>{name});
  std::filesystem::remove_all("\\\\?\\" + std::filesystem::path(folder / name).make_preferred().string());
}

}  // namespace
}  // namespace fsimage
