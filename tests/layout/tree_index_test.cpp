#include <fsimage/layout/tree_index.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace fsimage {
namespace {

std::vector<std::string> order(const Tree& tree) {
  const TreeIndex index(tree);
  std::vector<std::string> out;
  for (std::uint32_t d = 0; d < index.directory_count(); ++d) {
    EXPECT_EQ(index.directory_number(index.directory(d)), d);
    out.push_back("[" + tree.path(index.directory(d)) + "]");
    for (const NodeId n : index.entries(d)) out.push_back(std::string(tree.name(n)));
  }
  return out;
}

TEST(TreeIndex, FoldersDepthFirstEntriesByBytes) {
  Tree tree;
  for (const auto* path : {"/b/x", "/a/z/q", "/a/y", "/\xc3\xa9", "/B"}) tree.make_path(path, {});
  EXPECT_EQ(order(tree), (std::vector<std::string>{"[/]", "B", "a", "b", "\xc3\xa9", "[/B]", "[/a]", "y", "z", "[/a/y]",
                                                   "[/a/z]", "q", "[/a/z/q]", "[/b]", "x", "[/b/x]", "[/\xc3\xa9]"}));
}

TEST(TreeIndex, ParentsDepthsAndRanks) {
  Tree tree;
  const auto b = tree.add_file(kRootNode, "b", {}, ContentId{});
  const auto docs = tree.make_path("/docs", {});
  const auto a = tree.add_hard_link(docs, "a", b);
  const TreeIndex index(tree);
  ASSERT_EQ(index.directory_count(), 2U);
  EXPECT_EQ(index.parent_number(0), 0U);
  EXPECT_EQ(index.parent_number(1), 0U);
  EXPECT_EQ(index.depth(0), 1U);
  EXPECT_EQ(index.depth(1), 2U);
  EXPECT_EQ(index.entry_count(), 3U);
  ASSERT_EQ(index.inode_count(), 3U);
  EXPECT_EQ(index.rank(tree.inode_id(a)), index.rank(tree.inode_id(b)));
  EXPECT_EQ(index.first_name(index.rank(tree.inode_id(a))), b);
  EXPECT_EQ(index.first_name(0), kRootNode);
  EXPECT_EQ(index.inode(2), tree.inode_id(docs));
}

TEST(TreeIndex, TheOrderOfMakingDoesNotMatter) {
  std::vector<std::string> paths;
  for (int i = 0; i < 300; ++i)
    paths.push_back("/" + std::to_string(i % 7) + "/" + std::to_string(i % 31) + "/long common prefix " +
                    std::to_string(i));
  std::mt19937 random(3);
  std::vector<std::string> first;
  for (int round = 0; round < 3; ++round) {
    Tree tree;
    for (const auto& path : paths) tree.make_path(path, {});
    const auto found = order(tree);
    if (round == 0) first = found;
    EXPECT_EQ(found, first);
    std::shuffle(paths.begin(), paths.end(), random);
  }
}

TEST(TreeIndex, RemovedEntriesAreGone) {
  Tree tree;
  tree.make_path("/a/b", {});
  tree.make_path("/c", {});
  tree.remove_tree(*tree.find("/a"));
  EXPECT_EQ(order(tree), (std::vector<std::string>{"[/]", "c", "[/c]"}));
}

}  // namespace
}  // namespace fsimage
