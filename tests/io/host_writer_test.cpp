#include "support/child_process.hpp"
#include "support/error_of.hpp"
#include "support/system.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;

class HostWriterTest : public ::testing::Test {
 protected:
  std::shared_ptr<const WritableFolder> top() const { return WritableFolder::open(in_.path().string()); }

  static std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
  static void write(const WritableFolder& folder, const std::string& name, std::string_view text,
                    Existing existing = Existing::refuse, const HostMetadata& metadata = {}) {
    auto file = folder.make_file(name, 0600, existing);
    file.write_at(0, bytes(text));
    EXPECT_FALSE(file.finish(metadata));
  }
  struct stat status(const std::string& name) const {
    struct stat st {};
    EXPECT_EQ(::lstat((in_ / name).c_str(), &st), 0) << name;
    return st;
  }
  bool exists(const std::string& name) const {
    return fs::symlink_status(in_.path() / name).type() != fs::file_type::not_found;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(in_.path())) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }
  TempFolder in_;
};

constexpr std::int64_t kWhen = 1'234'567'890'123'456'789;

TEST_F(HostWriterTest, AFileGetsContentModeAndTimesToTheNanosecond) {
  const auto folder = top();
  write(*folder, "a", "hello", Existing::refuse,
        {.owner = {}, .permissions = 0431, .modified = {kWhen}, .accessed = {kWhen - 7}});
  const auto host = stat_host(in_ / "a");
  EXPECT_EQ(host.modified.ns, kWhen);
  EXPECT_EQ(host.accessed.ns, kWhen - 7);
  EXPECT_EQ(status("a").st_mode & 07777U, 0431U);
  EXPECT_EQ(TempFolder::read(in_ / "a"), "hello");
}

TEST_F(HostWriterTest, TimesBefore1970) {
  const auto folder = top();
  write(*folder, "a", "", Existing::refuse, {.owner = {}, .permissions = {}, .modified = {-1}, .accessed = {}});
  EXPECT_EQ(stat_host(in_ / "a").modified.ns, -1);
}

TEST_F(HostWriterTest, AFileThatIsNotFinishedGoesAway) {
  const auto folder = top();
  {
    auto file = folder->make_file("a", 0600, Existing::refuse);
    file.write_at(0, bytes("half"));
    EXPECT_TRUE(exists("a"));
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(HostWriterTest, WhatSomebodyElsePutInItsPlaceStays) {
  const auto folder = top();
  {
    auto file = folder->make_file("a", 0600, Existing::refuse);
    fs::rename(in_ / "a", in_ / "b");
    in_.write("a", "other");
  }
  EXPECT_EQ(TempFolder::read(in_ / "a"), "other");
}

TEST_F(HostWriterTest, UnwrittenStretchesAreHoles) {
  const auto folder = top();
  auto file = folder->make_file("a", 0600, Existing::refuse);
  file.write_at(1 << 20, bytes("x"));
  file.set_size(8 << 20);
  EXPECT_FALSE(file.finish({}));
  EXPECT_EQ(status("a").st_size, 8 << 20);
  EXPECT_LT(status("a").st_blocks * 512, 1 << 20);
}

TEST_F(HostWriterTest, CopiesInTheKernel) {
  const std::string content(300'000, 'k');
  const auto source = OpenFile::open(in_.write("source", content));
  const auto folder = top();
  auto file = folder->make_file("a", 0600, Existing::refuse);
  const auto copied = file.copy_from(*source, 1000, 200'000, 50);
  EXPECT_EQ(file.copy_from(*source, 299'990, 100, 300'000), copied == 0 ? 0U : 10U) << "the source ends there";
  EXPECT_FALSE(file.finish({}));
  if (copied == 0) GTEST_SKIP() << "this file system does not copy";
  EXPECT_EQ(copied, 200'000U);
  EXPECT_EQ(TempFolder::read(in_ / "a").substr(50, 200'000), content.substr(1000, 200'000));
}

TEST_F(HostWriterTest, AnExistingFileIsRefusedOrReplacedWhole) {
  in_.write("a", "old");
  const auto folder = top();
  EXPECT_EQ(error_of([&] { folder->make_file("a", 0600, Existing::refuse); }).code(), std::errc::file_exists);
  {
    auto file = folder->make_file("a", 0600, Existing::replace);
    file.write_at(0, bytes("new"));
    EXPECT_EQ(TempFolder::read(in_ / "a"), "old");
  }
  EXPECT_EQ(TempFolder::read(in_ / "a"), "old") << "nothing was finished";
  write(*folder, "a", "new", Existing::replace);
  EXPECT_EQ(TempFolder::read(in_ / "a"), "new");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(HostWriterTest, ALeftoverUnderTheTemporaryNameIsNoHindrance) {
  in_.write("a", "old");
  in_.write(".a.fsimage-part", "left over");
  write(*top(), "a", "new", Existing::replace);
  EXPECT_EQ(TempFolder::read(in_ / "a"), "new");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(HostWriterTest, NothingIsWrittenThroughALink) {
  in_.write("outside", "precious");
  fs::create_directory(in_ / "in");
  fs::create_symlink("../outside", in_ / "in/link");
  fs::create_symlink("../new", in_ / "in/dangling");
  const auto folder = WritableFolder::open(in_ / "in");
  for (const auto* name : {"link", "dangling"}) {
    EXPECT_EQ(error_of([&] { folder->make_file(name, 0600, Existing::refuse); }).code(), std::errc::file_exists);
    write(*folder, name, "mine", Existing::replace);
    EXPECT_FALSE(fs::is_symlink(in_.path() / "in" / name));
  }
  EXPECT_EQ(TempFolder::read(in_ / "outside"), "precious");
  EXPECT_FALSE(exists("new"));
}

TEST_F(HostWriterTest, ALinkIsNoFolder) {
  fs::create_directory(in_ / "real");
  fs::create_symlink("real", in_ / "link");
  const auto folder = top();
  EXPECT_EQ(folder->make_folder("link", 0700), nullptr);
  const auto e = error_of([&] { folder->open_folder("link"); });
  EXPECT_TRUE(e.code() == std::errc::not_a_directory || e.code() == std::errc::too_many_symbolic_link_levels)
      << e.what();
}

TEST_F(HostWriterTest, AFolderIsNeverReplaced) {
  fs::create_directory(in_ / "d");
  const auto folder = top();
  const auto is_folder = std::errc::is_a_directory;
  EXPECT_EQ(error_of([&] { folder->make_file("d", 0600, Existing::replace); }).code(), is_folder);
  EXPECT_EQ(error_of([&] { (void)folder->make_symlink("d", "x", {}, Existing::replace); }).code(), is_folder);
  EXPECT_TRUE(fs::is_directory(in_ / "d"));
}

TEST_F(HostWriterTest, NamesThatLeadElsewhereDoNotReachTheSystem) {
  const auto folder = top();
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string("/etc"), std::string("a\0b", 3), std::string(256, 'n')}) {
    EXPECT_EQ(error_of([&] { folder->make_file(name, 0600, Existing::replace); }).code(), Errc::invalid_argument);
    EXPECT_EQ(error_of([&] { folder->make_folder(name, 0700); }).code(), Errc::invalid_argument);
    EXPECT_EQ(error_of([&] { folder->open_folder(name); }).code(), Errc::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)folder->make_symlink(name, "x", {}, Existing::replace); }).code(),
              Errc::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)folder->make_node(name, {.mode = S_IFIFO}, {}, Existing::replace); }).code(),
              Errc::invalid_argument);
    EXPECT_EQ(error_of([&] { folder->make_link("fine", *folder, name, {}, Existing::replace); }).code(),
              Errc::invalid_argument);
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(HostWriterTest, ALinkGetsTimesOfItsOwn) {
  in_.write("target", "");
  const auto before = stat_host(in_ / "target").modified;
  const auto folder = top();
  EXPECT_FALSE(folder->make_symlink("link", "target", {.owner = {}, .permissions = 0777, .modified = {kWhen}},
                                    Existing::refuse));
  EXPECT_EQ(fs::read_symlink(in_.path() / "link"), "target");
  EXPECT_EQ(status("link").st_mtim.tv_nsec, kWhen % 1'000'000'000);
  EXPECT_EQ(stat_host(in_ / "target").modified, before);
  EXPECT_EQ(error_of([&] { (void)folder->make_symlink("other", "", {}, Existing::refuse); }).code(),
            Errc::not_representable);
  EXPECT_EQ(error_of([&] { (void)folder->make_symlink("other", std::string("a\0b", 3), {}, Existing::refuse); }).code(),
            Errc::not_representable);
}

TEST_F(HostWriterTest, NodesGetTheirModesDespiteTheMask) {
  const auto folder = top();
  EXPECT_FALSE(
      folder->make_node("pipe", {.mode = S_IFIFO | 0622}, {.owner = {}, .permissions = 0622}, Existing::refuse));
  EXPECT_EQ(status("pipe").st_mode, S_IFIFO | 0622U);
  EXPECT_FALSE(
      folder->make_node("socket", {.mode = S_IFSOCK | 0777}, {.owner = {}, .permissions = 0777}, Existing::refuse));
  EXPECT_TRUE(S_ISSOCK(status("socket").st_mode));
}

TEST_F(HostWriterTest, HardLinksAreToWhatTheyWereMeantFor) {
  const auto folder = top();
  write(*folder, "a", "first");
  const auto what = folder->identity("a");
  folder->make_link("b", *folder, "a", what, Existing::refuse);
  EXPECT_EQ(status("b").st_nlink, 2U);
  EXPECT_EQ(error_of([&] { folder->make_link("b", *folder, "a", what, Existing::refuse); }).code(),
            std::errc::file_exists);
  folder->make_link("b", *folder, "a", what, Existing::replace);  // onto itself
  EXPECT_EQ(names(), (std::vector<std::string>{"a", "b"}));
  in_.write("c", "");
  EXPECT_EQ(error_of([&] { folder->make_link("d", *folder, "c", what, Existing::refuse); }).code(),
            Errc::source_changed);
  EXPECT_FALSE(exists("d"));
}

TEST_F(HostWriterTest, FoldersAreMadeOpenedAndCompleted) {
  const auto folder = top();
  const auto made = folder->make_folder("d", 0700);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->identity(), folder->identity("d"));
  EXPECT_EQ(folder->open_folder("d")->identity(), made->identity());
  EXPECT_EQ(made->open_parent()->identity(), folder->identity());
  EXPECT_FALSE(made->set_metadata({.owner = {}, .permissions = 01755, .modified = {kWhen}}));
  EXPECT_EQ(status("d").st_mode & 07777U, 01755U);
  EXPECT_EQ(stat_host(in_ / "d").modified.ns, kWhen);
  bool fresh = false;
  WritableFolder::open_or_make(in_ / "new", fresh);
  EXPECT_TRUE(fresh);
  WritableFolder::open_or_make(in_ / "new", fresh);
  EXPECT_FALSE(fresh);
  EXPECT_EQ(error_of([&] { WritableFolder::open_or_make(in_ / "none/new", fresh); }).where().path, in_ / "none/new");
}

TEST_F(HostWriterTest, WithoutItsOwnerAFileGetsNoSetIdBits) {
  ASSERT_EQ(::chmod(in_.path().c_str(), 0777), 0);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    const auto folder = top();
    auto file = folder->make_file("a", 0600, Existing::refuse);
    const auto missing = file.finish({.owner = {{.uid = 0, .gid = 0}}, .permissions = 06755, .modified = {kWhen}});
    ASSERT_TRUE(missing.error);
    EXPECT_EQ(missing.error->code(), std::errc::operation_not_permitted);
    EXPECT_EQ(status("a").st_mode & 07777U, 0755U);
    EXPECT_EQ(stat_host(in_ / "a").modified.ns, kWhen) << "the rest is set all the same";
  }));
}

TEST_F(HostWriterTest, RootGivesOwnersAndDevices) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto folder = top();
  const HostMetadata metadata{.owner = {{.uid = 1234, .gid = 567}}, .permissions = 06755};
  write(*folder, "a", "", Existing::refuse, metadata);
  EXPECT_EQ(status("a").st_uid, 1234U);
  EXPECT_EQ(status("a").st_gid, 567U);
  EXPECT_EQ(status("a").st_mode & 07777U, 06755U);
  EXPECT_FALSE(folder->make_symlink("link", "a", metadata, Existing::refuse));
  EXPECT_EQ(status("link").st_uid, 1234U);
  const auto missing =
      folder->make_node("null", {.mode = S_IFCHR | 0666, .major = 1, .minor = 3}, metadata, Existing::refuse);
  EXPECT_FALSE(missing);
  EXPECT_EQ(stat_host(in_ / "null").device_minor, 3U);
}

}  // namespace
}  // namespace fsimage
