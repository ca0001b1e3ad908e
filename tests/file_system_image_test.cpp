#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>

#include <support/error_of.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

using test::TempFolder;

TEST(FileSystemImage, FoldersFilesAndTargets) {
  TempFolder in;
  in.write("src/a.txt", "a");
  in.write("src/sub/b.txt", "b");
  FileSystemImage image;
  image.add(in / "src");
  image.add(in / "src", "/copy/deep");
  image.add(in / "src/a.txt", "/renamed.txt");
  image.add(in / "src/a.txt", "/folder/");
  FileSystemImage::AddOptions base;
  base.include_base_directory = true;
  image.add(in / "src", "/with", base);
  for (const auto* path :
       {"/a.txt", "/sub/b.txt", "/copy/deep/a.txt", "/renamed.txt", "/folder/a.txt", "/with/src/sub/b.txt"})
    EXPECT_TRUE(image.tree().find(path)) << path;
  EXPECT_GT(image.create_result_image()->total_blocks().value, 0U);
}

TEST(FileSystemImage, AFailedAddLeavesNothing) {
  TempFolder in;
  in.write("src/a.txt", "a");
  FileSystemImage image;
  image.add(in / "src");
  EXPECT_THROW(image.add(in / "none", "/x/y/z"), std::system_error);
  EXPECT_FALSE(image.tree().find("/x"));
  try {
    image.add(in / "src");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::duplicate_path);
    EXPECT_EQ(e.where().path, "/a.txt");
  }
  EXPECT_EQ(image.tree().child_count(kRootNode), 1U);
}

TEST(FileSystemImage, TheRootLooksLikeItsSource) {
  TempFolder in;
  in.write("src/a.txt", "a");
  std::filesystem::permissions(in.path() / "src", std::filesystem::perms(0750));
  FileSystemImage image;
  image.add(in / "src");
#ifdef _WIN32  // which knows no modes
  EXPECT_EQ(image.tree().inode(kRootNode).attributes.permissions, 0755);
#else
  EXPECT_EQ(image.tree().inode(kRootNode).attributes.permissions, 0750);
#endif
}

TEST(FileSystemImage, AResultIsIndependentOfLaterChanges) {
  FileSystemImage image;
  image.tree().add_file(kRootNode, "a", {}, std::make_shared<MemorySource>("first"));
  const auto plan = image.plan();
  image.tree().remove(*image.tree().find("/a"));
  image.tree().add_directory(kRootNode, "b", {});
  EXPECT_TRUE(plan.create_image()->find_content("/a"));
  EXPECT_FALSE(image.create_result_image()->find_content("/a"));
}

TEST(FileSystemImage, WhatCannotBeHeldIsSaidWhenItIsAdded) {
  const test::TempFolder in;
  in.write("caf\u00e9", "x");
  FileSystemImage image;
  image.add(in.path().string(), "/before");
  image.profile().use_restricted_character_set = true;
  const auto error = test::error_of([&] { image.add(in.path().string()); });
  EXPECT_EQ(error.code(), Errc::not_representable);
  EXPECT_EQ(error.where().path, in / "caf\u00e9");
  EXPECT_FALSE(image.tree().find("/caf\u00e9"));
  EXPECT_NO_THROW(image.plan()) << "what was there before stays";
}

// --- change points

std::vector<std::string> names_of(const Tree& tree) {
  std::vector<std::string> out;
  for (auto n = tree.first_child(kRootNode); n; n = tree.next_sibling(*n)) out.emplace_back(tree.name(*n));
  return out;
}

std::shared_ptr<const ByteSource> zeros(std::uint64_t size) { return std::make_shared<ZeroSource>(size); }

TEST(ChangePoints, EachChangeCanBeGoneBackTo) {
  TempFolder in;
  in.write("src/from the host", "a");
  FileSystemImage image;
  EXPECT_EQ(image.change_point(), 0U);
  image.add_directory("/a", {});
  image.add_file("/b", zeros(1), {});
  image.add(in / "src");
  image.tree().move(*image.tree().find("/b"), *image.tree().find("/a"), "moved");
  EXPECT_EQ(image.change_point(), 4U);
  image.remove_tree("/");
  EXPECT_EQ(image.change_point(), 5U);
  EXPECT_TRUE(names_of(image.tree()).empty());
  image.roll_back_to(4);
  EXPECT_TRUE(image.exists("/a/moved"));
  image.roll_back_to(3);
  EXPECT_EQ(names_of(image.tree()), (std::vector<std::string>{"a", "b", "from the host"}));
  image.roll_back_to(1);
  EXPECT_EQ(names_of(image.tree()), std::vector<std::string>{"a"});
  EXPECT_EQ(image.change_point(), 1U);
  image.add_directory("/c", {});
  image.roll_back_to(0);
  EXPECT_TRUE(names_of(image.tree()).empty());
}

TEST(ChangePoints, WhatIsLockedInStays) {
  FileSystemImage image;
  image.add_directory("/a", {});
  image.add_directory("/b", {});
  image.lock_in();
  EXPECT_EQ(image.change_point(), 2U);
  image.add_directory("/c", {});
  for (const auto to : {0U, 1U, 4U})
    EXPECT_EQ(test::error_of([&] { image.roll_back_to(to); }).code(), Errc::invalid_argument);
  image.roll_back_to(2);
  EXPECT_EQ(names_of(image.tree()), (std::vector<std::string>{"a", "b"}));
}

TEST(ChangePoints, LookingAndWhatFailsAreNone) {
  FileSystemImage image;
  image.add_directory("/a", {});
  static_cast<void>(image.tree());
  EXPECT_THROW(image.add_directory("/a", {}), Error);
  EXPECT_THROW(image.remove("/none"), Error);
  static_cast<void>(image.plan());
  EXPECT_EQ(image.change_point(), 1U);
}

TEST(ChangePoints, ResultsDoNotCare) {
  FileSystemImage image;
  image.add_file("/a", std::make_shared<MemorySource>("first"), {});
  const auto plan = image.plan();
  image.add_file("/b", zeros(1), {});
  image.roll_back_to(0);
  EXPECT_TRUE(plan.create_image()->find_content("/a"));
  image.roll_back_to(image.change_point());
  EXPECT_FALSE(image.exists("/a"));
}

// --- entries

TEST(Entries, AreAddedByPath) {
  FileSystemImage image;
  image.add_directory("/docs", {.permissions = 0700});
  image.add_directory("/docs/deep/", {});
  const auto file = image.add_file("/docs/deep/a", std::make_shared<MemorySource>("hello"), {.uid = 7});
  EXPECT_EQ(image.tree().path(file), "/docs/deep/a");
  EXPECT_EQ(image.exists("/docs/deep"), FileType::directory);
  EXPECT_EQ(image.exists("/docs/deep/a"), FileType::regular);
  EXPECT_EQ(image.exists("/docs/none"), std::nullopt);
  EXPECT_EQ(image.data("/docs/deep/a")->size(), 5U);
  EXPECT_EQ(image.counts().files, 1U);
  EXPECT_EQ(image.counts().directories, 3U);
  const auto loose = image.tree().make_directory({});
  image.attach(*image.tree().find("/docs"), "loose", loose);
  image.remove("/docs/loose");
  image.remove_tree("/docs");
  EXPECT_EQ(image.counts().directories, 1U);
}

TEST(Entries, WhatNoImageCanHoldIsSaidAtOnce) {
  FileSystemImage image;
  image.profile().interchange_level = 2;
  image.profile().deep_folders = DeepFolders::refuse;
  const auto large = test::error_of([&] { image.add_file("/large", zeros(std::uint64_t{5} << 30), {}); });
  EXPECT_EQ(large.reason(), Reason::file_too_large);
  EXPECT_EQ(large.where().path, "/large");
  std::string path;
  for (int level = 2; level <= 8; ++level) image.add_directory(path += "/d", {});
  EXPECT_EQ(test::error_of([&] { image.add_directory(path + "/d", {}); }).reason(), Reason::too_deep);
  EXPECT_EQ(image.counts().directories, 8U);
}

TEST(Entries, PathsThatAreNone) {
  FileSystemImage image;
  image.add_file("/file", zeros(1), {});
  for (const auto* path : {"", "a", "/a//b", "/./a", "/a/..", "//"})
    EXPECT_EQ(test::error_of([&] { image.exists(path); }).reason(), Reason::invalid_path) << path;
  EXPECT_EQ(test::error_of([&] { image.add_directory("/", {}); }).code(), Errc::invalid_argument);
  EXPECT_EQ(test::error_of([&] { image.add_directory("/file/x", {}); }).code(), Errc::not_a_directory);
  EXPECT_EQ(test::error_of([&] { image.add_file("/x", nullptr, {}); }).code(), Errc::invalid_argument);
  EXPECT_EQ(test::error_of([&] { image.remove("/"); }).code(), Errc::invalid_argument);
  EXPECT_EQ(image.counts().files, 1U);
}

TEST(Options, ProfilesAreLookedAtWhenTheyAreSet) {
  FileSystemImage image;
  auto profile = image.profile();
  profile.interchange_level = 2;
  image.set_profile(profile);
  image.profile().interchange_level = 3;
  image.add_file("/large", zeros(std::uint64_t{5} << 30), {});
  const auto error = test::error_of([&] { image.set_profile(profile); });
  EXPECT_EQ(error.reason(), Reason::file_too_large);
  EXPECT_EQ(error.where().path, "/large");
  EXPECT_EQ(image.profile().interchange_level, 3);
}

TEST(Options, AnImageMayBelongElsewhere) {
  FileSystemImage image;
  image.add_file("/a", zeros(5000), {});
  image.set_session_start_block(Lba{6400});
  EXPECT_EQ(image.session_start_block(), Lba{6400});
  EXPECT_EQ(image.create_result_image()->first_block(), Lba{6400});
}

// --- room

TEST(Budget, IsKeptAtEachChange) {
  FileSystemImage image;
  image.set_free_media_blocks(BlockCount{3000});
  image.add_file("/a", zeros(1'000'000), {});
  const auto before = image.change_point();
  const auto error = test::error_of([&] { image.add_file("/much/too/large", zeros(9'000'000), {}); });
  EXPECT_EQ(error.reason(), Reason::no_such_folder);
  const auto full = test::error_of([&] { image.add_file("/too large", zeros(9'000'000), {}); });
  EXPECT_EQ(full.reason(), Reason::over_budget);
  EXPECT_EQ(full.where().path, "/too large");
  EXPECT_FALSE(image.exists("/too large"));
  EXPECT_EQ(image.change_point(), before);
  EXPECT_EQ(test::error_of([&] { image.set_free_media_blocks(BlockCount{100}); }).reason(), Reason::budget_too_low);
  EXPECT_EQ(image.free_media_blocks(), BlockCount{3000});
  image.set_free_media_blocks({});
  image.add_file("/too large", zeros(9'000'000), {});
}

// Up to the last block: what fits is never refused, what does not fit always.
TEST(Budget, IsExact) {
  FileSystemImage image;
  image.set_free_media_blocks(BlockCount{4000});
  std::size_t files = 0;
  for (bool room = true; room; files += room ? 1 : 0) {
    FileSystemImage larger;
    for (std::size_t i = 0; i <= files; ++i) larger.add_file("/" + std::to_string(i), zeros(100'000), {});
    const auto blocks = larger.plan().total_blocks();
    room = blocks <= BlockCount{4000};
    const auto add = [&] { image.add_file("/" + std::to_string(files), zeros(100'000), {}); };
    if (room) {
      EXPECT_NO_THROW(add());
    } else {
      EXPECT_EQ(test::error_of(add).reason(), Reason::over_budget);
    }
    EXPECT_GE(image.used_blocks(), image.plan().total_blocks());
  }
  EXPECT_GT(files, 20U);
  image.profile().file_systems.joliet = false;
  EXPECT_EQ(image.used_blocks(), image.plan().total_blocks());
}

TEST(Budget, HoldsForThePlan) {
  FileSystemImage image;
  image.set_free_media_blocks(BlockCount{1000});
  image.tree().add_file(kRootNode, "large", {}, zeros(9'000'000));
  EXPECT_EQ(test::error_of([&] { static_cast<void>(image.plan()); }).reason(), Reason::over_budget);
}

// --- staging

std::string content_of(const FileSystemImage& image, std::string_view path) {
  const auto result = image.create_result_image();
  const auto part = result->find_content(path);
  if (!part) return "none";
  std::string text(image.data(path)->size(), '\0');
  result->read_at((part->start - result->first_block()).bytes(), std::as_writable_bytes(std::span(text)));
  return text;
}

std::string stream_text(const FileSystemImage& image, std::string_view path, std::string_view name) {
  const auto& tree = image.tree();
  const auto stream = tree.find_stream(*tree.find(path), name);
  const auto content = tree.stream_content(stream);
  EXPECT_TRUE(tree.contents().slice(content)) << "a copy in the stash";
  std::string text(tree.stream_size(stream), '\0');
  tree.contents().read_at(content, 0, std::as_writable_bytes(std::span(text)));
  return text;
}

TEST(Staging, SourcesMayGo) {
  TempFolder in, work;
  in.write("src/a", "as it was");
  in.write("src/b", "another");
  std::filesystem::create_hard_link(in / "src/a", in / "src/link");
  FileSystemImage image;
  image.set_working_directory(work.path());
  image.add(in / "src", "/kept");
  image.profile().udf_revision = 0x0200;
  image.set_stage_files(true);
  image.add(in / "src", "/staged");
  image.add_file("/memory", std::make_shared<MemorySource>("bytes"), {});
  const auto loose = image.tree().make_directory({});
  const auto inner = image.tree().add_file(loose, "inner", {}, std::make_shared<MemorySource>("inner"));
  image.tree().add_stream(inner, "note", std::make_shared<MemorySource>("of a stream"));
  image.attach(kRootNode, "loose", loose);
  EXPECT_EQ(stream_text(image, "/loose/inner", "note"), "of a stream");
  const auto& tree = image.tree();
  EXPECT_EQ(tree.inode_id(*tree.find("/staged/a")), tree.inode_id(*tree.find("/staged/link")));
  image.remove_tree("/kept");
  std::filesystem::remove_all(in / "src");
#ifndef _WIN32  // where a copy has one until it is closed
  EXPECT_TRUE(test::names_in(work.path()).empty()) << "copies have no names that could be left over";
#endif
  EXPECT_EQ(content_of(image, "/staged/a"), "as it was");
  EXPECT_EQ(content_of(image, "/staged/b"), "another");
  EXPECT_EQ(content_of(image, "/memory"), "bytes");
  EXPECT_EQ(content_of(image, "/loose/inner"), "inner");
  TempFolder other;
  image.set_working_directory(other.path());
  EXPECT_EQ(content_of(image, "/staged/b"), "another");
}

TEST(Staging, AFailedAddLeavesNothing) {
  TempFolder in;
  in.write("src/a", "x");
  FileSystemImage image;
  image.set_stage_files(true);
  EXPECT_EQ(test::error_of([&] { image.add(in / "src"); }).reason(), Reason::working_directory);
  EXPECT_FALSE(image.exists("/a"));
  TempFolder work;
  image.set_working_directory(work.path());
  FileSystemImage::AddOptions stopped;
  std::stop_source stop;
  stopped.stop = stop.get_token();
  stopped.progress = [&](const AddProgress&) { stop.request_stop(); };
  EXPECT_EQ(test::error_of([&] { image.add(in / "src", "/", stopped); }).code(), Errc::cancelled);
  EXPECT_FALSE(image.exists("/a"));
}

}  // namespace
}  // namespace fsimage
