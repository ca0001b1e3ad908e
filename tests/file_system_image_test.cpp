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

}  // namespace
}  // namespace fsimage
