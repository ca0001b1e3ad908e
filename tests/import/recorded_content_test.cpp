#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/recorded_content.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace fsimage {
namespace {

std::shared_ptr<const ByteSource> text(std::string_view t) {
  const auto bytes = std::as_bytes(std::span(t));
  return std::make_shared<MemorySource>(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

Attributes at(std::int64_t seconds, std::int64_t ns = 0) { return {.modified = {seconds * 1'000'000'000 + ns}}; }

struct ReuseContent : ::testing::Test {
  Tree tree;
  NodeId fresh = tree.add_directory(kRootNode, "fresh", {});
  NodeId recorded = tree.add_directory(kRootNode, "recorded", {});

  NodeId put(NodeId folder, std::string_view name, std::string_view content, const Attributes& attributes) {
    return tree.add_file(folder, name, attributes, text(content));
  }
  ContentId content(NodeId n) const { return tree.inode(n).content; }
};

TEST_F(ReuseContent, SameSizeAndTimeIsTheSameFile) {
  const auto a = put(fresh, "a", "content", at(5, 123'456'789)), b = put(recorded, "a", "CONTENT", at(5));
  const auto counts = reuse_content(tree, fresh, recorded);
  EXPECT_EQ(content(a), content(b));  // to the second, which is all that is recorded; bytes are not looked at
  EXPECT_EQ(tree.inode(a).attributes.modified, at(5, 123'456'789).modified);
  EXPECT_EQ(counts.files, 1U);
  EXPECT_EQ(counts.compared, 0U);
}

TEST_F(ReuseContent, MicrosecondsCountWhenTheyAreRecorded) {
  const auto a = put(fresh, "a", "content", at(5, 123'456'789)), b = put(recorded, "a", "CONTENT", at(5, 123'456'000));
  const auto c = put(fresh, "c", "content", at(5, 1'000)), d = put(recorded, "c", "CONTENT", at(5, 2'000));
  const auto counts = reuse_content(tree, fresh, recorded);
  EXPECT_EQ(content(a), content(b));
  EXPECT_NE(content(c), content(d));
  EXPECT_EQ(counts.changed, 1U);
}

TEST_F(ReuseContent, TimesThatSomebodySetSayNothing) {
  const auto a = put(fresh, "a", "content", at(5)), b = put(recorded, "a", "CONTENT", at(5));
  const auto c = put(fresh, "c", "content", at(5)), d = put(recorded, "c", "content", at(5));
  const auto counts = reuse_content(tree, fresh, recorded, {}, false);
  EXPECT_NE(content(a), content(b));
  EXPECT_EQ(content(c), content(d));
  EXPECT_EQ(counts.changed, 1U);
  EXPECT_EQ(counts.compared, 1U);
}

TEST_F(ReuseContent, OtherTimesAreComparedByteByByte) {
  const std::string big(3'000'000, 'x');
  auto other = big;
  other.back() = 'y';
  const auto a = put(fresh, "a", big, at(6)), b = put(recorded, "a", big, at(5));
  const auto c = put(fresh, "c", other, at(6)), d = put(recorded, "c", big, at(5));
  const auto counts = reuse_content(tree, fresh, recorded);
  EXPECT_EQ(content(a), content(b));
  EXPECT_NE(content(c), content(d));
  EXPECT_EQ(counts.files, 1U);
  EXPECT_EQ(counts.compared, 1U);
  EXPECT_EQ(counts.changed, 1U);
}

TEST_F(ReuseContent, FoldersAreFollowedAndOtherTypesLeftAlone) {
  const auto f = tree.add_directory(fresh, "sub", {}), r = tree.add_directory(recorded, "sub", {});
  const auto a = put(f, "a", "same", at(5)), b = put(r, "a", "same", at(5));
  put(f, "new", "new", at(5));
  tree.add_symlink(f, "link", {}, "target");
  put(tree.add_directory(fresh, "whole", {}), "x", "x", at(1));
  put(recorded, "whole", "a file where a folder is now", at(1));
  tree.add_directory(recorded, "file", {});
  put(fresh, "file", "a file where a folder was", at(1));
  const auto counts = reuse_content(tree, fresh, recorded);
  EXPECT_EQ(content(a), content(b));
  EXPECT_EQ(counts.files, 1U);
  EXPECT_EQ(counts.added, 3U);
}

TEST_F(ReuseContent, HardLinksKeepOneContent) {
  const auto a = put(fresh, "a", "same", at(5));
  const auto link = tree.add_hard_link(fresh, "b", a);
  const auto old = put(recorded, "b", "same", at(5));
  EXPECT_EQ(reuse_content(tree, fresh, recorded).files, 1U);
  EXPECT_EQ(content(link), content(old));
  EXPECT_EQ(content(a), content(old));
}

TEST_F(ReuseContent, StopsWhenAsked) {
  put(fresh, "a", "x", at(5));
  put(recorded, "a", "x", at(5));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(test::error_of([&] { reuse_content(tree, fresh, recorded, stop.get_token()); }).code(), Errc::cancelled);
}

TEST(TakeFinerTimes, FromTheViewThatHasThem) {
  FileSystemImage image;
  image.profile().udf_special_files = true;
  image.tree().add_file(kRootNode, "a", at(5, 123'456'000), text("x"));
  image.tree().add_symlink(kRootNode, "link", at(5, 7'000), "a");
  const auto bytes = std::make_shared<const ImageSource>(image.create_result_image());
  Tree tree;
  import_file_system(tree, bytes, {.view = View::rockridge});
  EXPECT_EQ(tree.inode(*tree.find("/a")).attributes.modified, at(5).modified);
  auto changed = tree.inode(*tree.find("/link")).attributes;
  changed.modified = at(9).modified;
  tree.set_attributes(*tree.find("/link"), changed);
  const auto cursor = open_volume(bytes, {.view = View::udf});
  const auto taken = take_finer_times(tree, *cursor);
  EXPECT_EQ(tree.inode(*tree.find("/a")).attributes.modified, at(5, 123'456'000).modified);
  EXPECT_EQ(tree.inode(*tree.find("/link")).attributes.modified, at(9).modified);  // another second: another time
  EXPECT_EQ(taken.files, 1U);
  EXPECT_TRUE(taken.special_files);
}

TEST(TakeFinerTimes, CreationTimesToo) {
  FileSystemImage image;
  image.profile().all_times = true;
  image.profile().udf_revision = 0x0201;
  auto born = at(5);
  born.created = Timestamp::from_seconds(3);
  image.tree().add_file(kRootNode, "a", born, text("x"));
  image.tree().add_file(kRootNode, "b", at(5), text("x"));
  const auto bytes = std::make_shared<const ImageSource>(image.create_result_image());
  Tree tree;
  import_file_system(tree, bytes, {.view = View::rockridge});
  const auto cursor = open_volume(bytes, {.view = View::udf});
  take_finer_times(tree, *cursor);
  EXPECT_EQ(tree.inode(*tree.find("/a")).attributes.created, born.created);
  EXPECT_EQ(tree.inode(*tree.find("/a")).attributes.modified, born.modified);
  EXPECT_EQ(tree.inode(*tree.find("/b")).attributes.created, kUnsetTime);
}

}  // namespace
}  // namespace fsimage
