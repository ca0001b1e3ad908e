#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>

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
  EXPECT_EQ(image.tree().inode(kRootNode).attributes.permissions, 0750);
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

}  // namespace
}  // namespace fsimage
