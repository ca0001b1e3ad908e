#include <fsimage/file_system_image.hpp>
#include <fsimage/import/tree_rules.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

std::shared_ptr<const ByteSource> in_memory(std::string_view content) {
  return std::make_shared<MemorySource>(content);
}

TEST(TreeRules, TheHeaviestComesFirst) {
  Tree tree;
  for (const auto* name : {"a", "b", "c", "d"}) tree.add_file(kRootNode, name, {}, in_memory(name));
  const auto folder = tree.add_directory(kRootNode, "e", {});
  tree.add_file(folder, "f", {}, in_memory("f"));
  tree.add_hard_link(kRootNode, "z", *tree.find("b"));
  const std::vector<ContentWeight> weights{{5, "/e"}, {9, "z"}, {-1, "a"}, {7, "nothing"}, {2, "c"}, {3, "c"}};
  set_weights(tree, weights);
  Profile profile;
  profile.timestamp = Timestamp{};
  const auto image = Plan(std::make_shared<Tree>(tree), profile).create_image();
  std::string order;
  image->for_each_part([&](const ExtentPart& part) {
    const auto label = format_part(part);
    const auto at = label.find("content /");
    if (at != label.npos) order += label.back();
  });
  EXPECT_EQ(order, "bfcda");
}

TEST(TreeRules, PatternsHide) {
  Tree tree;
  tree.add_file(kRootNode, "a.txt", {}, in_memory("a"));
  tree.add_directory(kRootNode, "docs", {});
  EXPECT_EQ(hide_entries(tree, {"*.txt", "none/"}), 1U);
  EXPECT_TRUE(tree.inode(*tree.find("a.txt")).attributes.hidden);
  EXPECT_FALSE(tree.inode(*tree.find("docs")).attributes.hidden);
}

}  // namespace
}  // namespace fsimage
