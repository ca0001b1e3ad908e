#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/shared_content.hpp>

#include <gtest/gtest.h>

#include <filesystem>

namespace fsimage {
namespace {

using test::TempFolder;

std::shared_ptr<const ByteSource> bytes(std::string_view text) { return std::make_shared<MemorySource>(text); }

struct SharedContent : ::testing::Test {
  Tree tree;
  NodeId put(std::string_view name, std::string_view text) {
    return tree.add_file(kRootNode, name, {.permissions = 0600}, bytes(text));
  }
  ContentId content(NodeId n) const { return tree.inode(n).content; }
};

TEST_F(SharedContent, EqualBytesAreOne) {
  const std::string big(200'000, 'x');
  auto other_end = big, other_begin = big;
  other_end.back() = 'y';
  other_begin.front() = 'y';
  const auto a = put("a", "same"), b = put("b", "same"), c = put("c", "SAME"), d = put("d", "longer");
  const auto e = put("e", big), f = put("f", other_end), g = put("g", other_begin), h = put("h", big);
  put("empty", "");
  put("empty2", "");
  for (const std::size_t workers : {1U, 3U}) {
    Tree copy = tree;
    const auto shared = share_contents(copy, {.read = true, .workers = workers});
    EXPECT_EQ(shared.files, 2U);
    EXPECT_EQ(shared.bytes, 200'004U);
    const auto of = [&](NodeId n) { return copy.inode(n).content; };
    EXPECT_EQ(of(a), of(b));
    EXPECT_EQ(of(e), of(h));
    EXPECT_NE(copy.inode_id(a), copy.inode_id(b)) << "no hard links";
    for (const auto n : {c, d, f, g}) EXPECT_EQ(of(n), content(n));
  }
}

#ifndef _WIN32  // symbolic links
TEST_F(SharedContent, WithoutReadingOnlyWhatIsOneFile) {
  const TempFolder folder;
  folder.write("src/a", "same");
  folder.write("src/b", "same");
  std::filesystem::create_symlink("a", folder / "src/link");
  FileSystemImage image;
  FileSystemImage::AddOptions options;
  options.scan.follow_links = FollowLinks::all;
  image.add(folder / "src", "/", options);
  put("x", "same");
  const auto shared = share_contents(image.tree(), {});
  EXPECT_EQ(shared.files, 1U);
  const auto& t = image.tree();
  EXPECT_EQ(t.inode(*t.find("a")).content, t.inode(*t.find("link")).content);
  EXPECT_NE(t.inode(*t.find("a")).content, t.inode(*t.find("b")).content);
  EXPECT_EQ(share_contents(image.tree(), {.read = true}).files, 1U);
}
#endif

TEST_F(SharedContent, WhatTheDiscHoldsStays) {
  const auto fresh = put("fresh", "same");
  const auto volume = tree.contents().add_volume(bytes("..same"), "disc");
  const auto old = tree.add_file(kRootNode, "old", {}, tree.contents().add_slice(volume, 2, 4));
  const auto kept = content(old);
  share_contents(tree, {.read = true});
  EXPECT_EQ(content(old), kept);
  EXPECT_EQ(content(fresh), kept);
}

TEST_F(SharedContent, AStopLeavesAllAsItWas) {
  const auto a = put("a", "same"), b = put("b", "same");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(test::error_of([&] { share_contents(tree, {.read = true, .stop = stop.get_token()}); }).code(),
            Errc::cancelled);
  EXPECT_NE(content(a), content(b));
}

TEST_F(SharedContent, AnImageHoldsItOnce) {
  const std::string text(100'000, 'z');
  put("a", text);
  put("b", text);
  put("c", "other");
  auto shared = std::make_shared<Tree>(tree);
  share_contents(*shared, {.read = true});
  for (const bool iso : {true, false}) {
    Profile profile;
    profile.timestamp = Timestamp{};
    profile.file_systems = {.iso9660 = iso, .joliet = iso, .rockridge = iso, .udf = !iso};
    const Plan once(shared, profile), twice(std::make_shared<Tree>(tree), profile);
    EXPECT_GT(twice.total_blocks(), once.total_blocks() + BlockCount{16});
    const auto image = once.create_image();
    FileSystemImage back;
    back.import_file_system(std::make_shared<ImageSource>(image));
    for (const auto* name : {"a", "b"}) {
      std::string read(text.size(), ' ');
      const auto n = back.tree().find(name);
      ASSERT_TRUE(n) << name;
      back.tree().contents().read_at(back.tree().inode(*n).content, 0, std::as_writable_bytes(std::span(read)));
      EXPECT_EQ(read, text);
      EXPECT_EQ(back.tree().inode(*n).links, 1U);
    }
  }
}

}  // namespace
}  // namespace fsimage
