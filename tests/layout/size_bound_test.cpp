#include <fsimage/layout/planner.hpp>
#include <fsimage/layout/size_bound.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace fsimage {
namespace {

constexpr std::size_t kNodes = 60;

// Something of every kind, names of every length, now and then a large file that takes no room to make.
void add_any(Tree& tree, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  NodeId folder{static_cast<std::uint32_t>(below(tree.node_count()))};
  while (!tree.is_directory(folder)) folder = tree.parent(folder);
  const auto name = std::to_string(tree.node_count()) + std::string(below(4) == 0 ? below(240) : below(12), 'n');
  switch (below(8)) {
    case 0:
    case 1: tree.add_directory(folder, name, {}); break;
    case 2: tree.add_symlink(folder, name, {}, std::string(1 + below(3000), below(2) == 0 ? '/' : 'x')); break;
    case 3: tree.add_special(folder, name, FileType::fifo, {}); break;
    case 4: tree.add_file(folder, name, {}, std::make_shared<ZeroSource>(below(20) << 30)); break;
    default: tree.add_file(folder, name, {}, std::make_shared<ZeroSource>(below(3) == 0 ? 70'000 : below(5000)));
  }
  const NodeId made{static_cast<std::uint32_t>(tree.node_count() - 1)};
  const auto type = tree.inode(made).type;
  if (type == FileType::regular || type == FileType::directory)
    for (auto streams = below(5); streams > 2; --streams)
      tree.add_stream(made, std::string(below(300), 's') + std::to_string(streams),
                      std::make_shared<ZeroSource>(below(9000)));
}

TEST(SizeBound, NoImageGetsLonger) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    Profile profile;
    profile.udf_revision = kUdfRevisions[seed % kUdfRevisions.size()];
    profile.udf_special_files = seed % 2 == 0;
    profile.file_systems.joliet = seed % 3 != 0;
    profile.file_systems.rockridge = seed % 5 != 0;
    profile.allow_drop = profile.allow_rename = profile.allow_strip = true;
    if (seed % 7 == 0) profile.file_systems = {.iso9660 = false, .joliet = false, .rockridge = false, .udf = true};
    if (seed % 7 == 1) profile.file_systems.udf = false;
    auto tree = std::make_shared<Tree>();
    std::uint64_t most = Plan(tree, profile).total_blocks().value + kSizeSlack;
    for (std::size_t i = 0; i < kNodes; ++i) {
      const auto first = tree->node_count();
      add_any(*tree, random);
      for (auto n = static_cast<std::uint32_t>(first); n < tree->node_count(); ++n)
        most += most_blocks(profile, *tree, NodeId{n});
      if (i % 20 == 19) {
        const auto copy = std::make_shared<Tree>(*tree);
        ASSERT_LE(Plan(copy, profile).total_blocks().value, most) << "seed " << seed << " step " << i;
      }
    }
  }
}

// Thousands of small ones in one folder, where rounding could add up.
TEST(SizeBound, HoldsForManySmallOnes) {
  Profile profile;
  auto tree = std::make_shared<Tree>();
  std::uint64_t most = Plan(tree, profile).total_blocks().value + kSizeSlack;
  for (int i = 0; i < 3000; ++i)
    most +=
        most_blocks(profile, *tree, tree->add_file(kRootNode, std::to_string(i), {}, std::make_shared<ZeroSource>(1)));
  const auto blocks = Plan(tree, profile).total_blocks().value;
  EXPECT_LE(blocks, most);
  EXPECT_LE(most, 8 * blocks) << "a bound that says nothing is none";
}

}  // namespace
}  // namespace fsimage
