#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::names_in;
using test::TempFolder;

class WindowsHostWriter : public ::testing::Test {
 protected:
  static std::span<const std::byte> text_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
  void write(const std::string& name, std::string_view text, Existing existing = Existing::refuse,
             const HostMetadata& metadata = {}) const {
    auto file = folder_->make_file(name, 0600, existing);
    file.write_at(0, text_bytes(text));
    EXPECT_FALSE(file.finish(metadata));
  }
  HostStat status(const std::string& name) const { return stat_host(in_ / name); }
  std::set<std::string> names() const { return names_in(in_.path()); }

  TempFolder in_;
  std::shared_ptr<const WritableFolder> folder_ = WritableFolder::open(in_.path().string());
};

constexpr std::int64_t kThen = 1'234'567'890'123'456'700;  // to the 100 ns that the system keeps

TEST_F(WindowsHostWriter, AFileGetsContentTimesAndAttributes) {
  write("\u00e4", "hello", Existing::refuse,
        {.permissions = 0444, .hidden = true, .modified = {kThen}, .accessed = {kThen - 700}});
  const auto stat = status("\u00e4");
  EXPECT_EQ(stat.modified.ns, kThen);
  EXPECT_EQ(stat.accessed.ns, kThen - 700);
  EXPECT_EQ(stat.mode, 0100444U);
  EXPECT_TRUE(stat.hidden);
  EXPECT_EQ(TempFolder::read(in_ / "\u00e4"), "hello") << "which may move the time of access";
  write("b", "", Existing::refuse, {.permissions = 0644, .modified = {-100}});
  EXPECT_EQ(status("b").modified.ns, -100);
  EXPECT_EQ(status("b").mode, 0100644U);
  write("\u00e4", "again", Existing::replace);
  EXPECT_EQ(TempFolder::read(in_ / "\u00e4"), "again") << "whatever its attributes";
}

TEST_F(WindowsHostWriter, AFileThatIsNotFinishedGoesAway) {
  {
    auto file = folder_->make_file("a", 0600, Existing::refuse);
    file.write_at(0, text_bytes("half"));
    EXPECT_EQ(names(), std::set<std::string>{"a"});
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(WindowsHostWriter, UnwrittenStretchesAreHoles) {
  auto file = folder_->make_file("a", 0600, Existing::refuse);
  file.set_size(8 << 20);
  file.write_at(1 << 20, text_bytes("x"));
  EXPECT_FALSE(file.finish({}));
  EXPECT_EQ(status("a").fingerprint.size, 8U << 20);
  EXPECT_LT(test::allocated_bytes(in_ / "a"), 1U << 20);
}

TEST_F(WindowsHostWriter, AnExistingFileIsRefusedOrReplacedWhole) {
  in_.write("a", "old");
  in_.write(".a.fsimage-part", "left over");
  EXPECT_EQ(error_of([&] { folder_->make_file("a", 0600, Existing::refuse); }).code(), std::errc::file_exists);
  {
    auto file = folder_->make_file("a", 0600, Existing::replace);
    file.write_at(0, text_bytes("new"));
    EXPECT_EQ(TempFolder::read(in_ / "a"), "old");
  }
  EXPECT_EQ(TempFolder::read(in_ / "a"), "old") << "nothing was finished";
  write("a", "new", Existing::replace);
  EXPECT_EQ(TempFolder::read(in_ / "a"), "new");
  EXPECT_EQ(names(), std::set<std::string>{"a"});
}

TEST_F(WindowsHostWriter, AFolderIsNeverReplaced) {
  fs::create_directory(in_ / "d");
  const auto code = std::errc::is_a_directory;
  EXPECT_EQ(error_of([&] { folder_->make_file("d", 0600, Existing::replace); }).code(), code);
  EXPECT_EQ(error_of([&] { (void)folder_->make_symlink("d", "x", {}, Existing::replace); }).code(), code);
  EXPECT_TRUE(fs::is_directory(in_ / "d"));
}

TEST_F(WindowsHostWriter, NamesThatLeadElsewhereDoNotReachTheSystem) {
  const auto refused = [&](const std::string& name) {
    const auto code = error_of([&] { folder_->make_file(name, 0600, Existing::replace); }).code();
    EXPECT_EQ(error_of([&] { folder_->make_folder(name, 0700); }).code(), code) << name;
    EXPECT_EQ(error_of([&] { folder_->open_folder(name); }).code(), code) << name;
    EXPECT_EQ(error_of([&] { (void)folder_->make_symlink(name, "x", {}, Existing::replace); }).code(), code) << name;
    EXPECT_EQ(error_of([&] { folder_->make_link("fine", *folder_, name, {}, Existing::replace); }).code(), code);
    return code;
  };
  for (const auto& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                           std::string("a\0b", 3), std::string(256, 'n')})
    EXPECT_EQ(refused(name), Errc::invalid_argument) << name;
  for (const auto* name : {"a\\b", "..\\a", "a:b", "C:", "con", "NUL.txt", "com1", "Lpt9.x.y", "aux ", "a.", "a ", "a?",
                           "a*", "a<b", "a|b", "tab\t", "\xff"})
    EXPECT_EQ(refused(name), Errc::not_representable) << name;
  EXPECT_TRUE(names().empty());
  for (const auto* name : {"con1", "com", "com10", "a.b.c", ".a", "console"}) write(name, "");
  EXPECT_EQ(names().size(), 6U);
}

TEST_F(WindowsHostWriter, WhatTheSystemHasNotIsTold) {
  auto file = folder_->make_file("a", 0600, Existing::refuse);
  const auto missing = file.finish({.owner = {{.uid = 1, .gid = 2}}, .modified = {kThen}, .xattrs = {{"user.a", "1"}}});
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->code(), std::errc::not_supported);
  ASSERT_EQ(missing.xattrs.size(), 1U);
  EXPECT_EQ(missing.xattrs[0].first, "user.a");
  EXPECT_EQ(status("a").modified.ns, kThen) << "the rest is set all the same";
  EXPECT_EQ(error_of([&] { (void)folder_->make_node("n", {.mode = 0010600}, {}, Existing::refuse); }).code(),
            Errc::not_representable);
  EXPECT_EQ(names(), std::set<std::string>{"a"});
}

TEST_F(WindowsHostWriter, ALinkIsMadeOrNothingStays) {
  fs::create_directory(in_ / "folder");
  for (const auto* target : {"folder", "folder/none"}) {
    try {
      EXPECT_FALSE(folder_->make_symlink("link", target, {}, Existing::replace));
      const auto reader = HostFolder::open(in_.path().string(), HostFolder::Access::reach);
      EXPECT_EQ(reader->link_target("link"), target);
      EXPECT_EQ(reader->stat("link", Links::keep).mode, 0120777U);
    } catch (const Error& e) {  // without the right to make links, and under Wine
      EXPECT_TRUE(e.code() == std::errc::operation_not_permitted || e.code() == std::errc::not_supported) << e.what();
      EXPECT_EQ(names(), std::set<std::string>{"folder"});
    }
  }
}

TEST_F(WindowsHostWriter, HardLinksAreToWhatTheyWereMeantFor) {
  write("a", "first");
  const auto what = folder_->identity("a");
  folder_->make_link("b", *folder_, "a", what, Existing::refuse);
  EXPECT_EQ(status("b").links, 2U);
  EXPECT_EQ(error_of([&] { folder_->make_link("b", *folder_, "a", what, Existing::refuse); }).code(),
            std::errc::file_exists);
  folder_->make_link("b", *folder_, "a", what, Existing::replace);  // onto itself
  EXPECT_EQ(names(), (std::set<std::string>{"a", "b"}));
  in_.write("c", "");
  folder_->make_link("c", *folder_, "a", what, Existing::replace);
  EXPECT_EQ(TempFolder::read(in_ / "c"), "first");
  in_.write("d", "");
  EXPECT_EQ(error_of([&] { folder_->make_link("e", *folder_, "d", what, Existing::refuse); }).code(),
            Errc::source_changed);
  EXPECT_FALSE(names().contains("e"));
}

TEST_F(WindowsHostWriter, FoldersAreMadeOpenedAndCompleted) {
  const auto made = folder_->make_folder("d", 0700);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(folder_->make_folder("D", 0700), nullptr) << "the case of letters makes no other name";
  EXPECT_EQ(made->identity(), folder_->identity("d"));
  EXPECT_EQ(folder_->open_folder("d")->identity(), made->identity());
  EXPECT_EQ(made->open_parent()->identity(), folder_->identity());
  EXPECT_FALSE(made->set_metadata({.permissions = 0555, .modified = {kThen}}));
  EXPECT_EQ(status("d").modified.ns, kThen);
  EXPECT_EQ(status("d").mode, 0040755U);
  bool fresh = false;
  WritableFolder::open_or_make(in_ / "new", fresh);
  EXPECT_TRUE(fresh);
  WritableFolder::open_or_make(in_ / "new", fresh);
  EXPECT_FALSE(fresh);
  EXPECT_EQ(error_of([&] { WritableFolder::open_or_make(in_ / "none/new", fresh); }).where().path, in_ / "none/new");
}

}  // namespace
}  // namespace fsimage
