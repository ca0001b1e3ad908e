#include <fsimage/layout/item_rules.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

constexpr std::uint64_t kFourGiB = std::uint64_t{1} << 32;

TEST(ItemRules, AFileOfFourGiBNeedsLevel3) {
  Profile p;
  p.interchange_level = 2;
  EXPECT_FALSE(obstacle(p, {"name", FileType::regular, kFourGiB - 1}));
  const auto error = obstacle(p, {"name", FileType::regular, kFourGiB});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::not_representable);
  EXPECT_EQ(error->where().clause, "ECMA-119 10.2");
  EXPECT_NE(error->message().find("ISO 9660"), std::string::npos);
  EXPECT_FALSE(obstacle({}, {"name", FileType::regular, kFourGiB}));
  p.file_systems = {false, false, false, true};
  EXPECT_FALSE(obstacle(p, {"name", FileType::regular, kFourGiB})) << "UDF alone";
}

TEST(ItemRules, DeepFoldersWhenTheyAreRefused) {
  Profile p;
  EXPECT_FALSE(obstacle(p, {"name", FileType::directory, 0, 9}));
  p.deep_folders = DeepFolders::refuse;
  EXPECT_FALSE(obstacle(p, {"name", FileType::directory, 0, 8}));
  EXPECT_FALSE(obstacle(p, {"name", FileType::regular, 0, 9})) << "a file in a folder of the eighth level";
  EXPECT_TRUE(obstacle(p, {"name", FileType::directory, 0, 9}));
}

TEST(ItemRules, ARestrictedCharacterSet) {
  Profile p;
  EXPECT_FALSE(obstacle(p, {"caf\u00e9"}));
  p.use_restricted_character_set = true;
  p.file_systems = {false, false, false, true};
  EXPECT_FALSE(obstacle(p, {" plain?~\x7f"}));
  for (const auto* name : {"caf\u00e9", "a\tb", "\xff"}) {
    const auto error = obstacle(p, {name});
    ASSERT_TRUE(error) << name;
    EXPECT_EQ(error->code(), Errc::not_representable);
  }
}

TEST(ItemRules, StrictCompliance) {
  Profile p;
  p.strict_file_system_compliance = true;
  EXPECT_TRUE(obstacle(p, {"name", FileType::directory, 0, 9}));
  p.deep_folders = DeepFolders::relocate;
  EXPECT_FALSE(obstacle(p, {"name", FileType::directory, 0, 9})) << "it does not stay there";
}

TEST(ItemRules, AllOfATree) {
  Tree tree;
  auto folder = kRootNode;
  for (int level = 2; level <= 10; ++level) folder = tree.add_directory(folder, std::to_string(level), {});
  tree.add_file(kRootNode, "big", {}, std::make_shared<ZeroSource>(kFourGiB));
  Profile p;
  p.interchange_level = 1;
  p.deep_folders = DeepFolders::refuse;
  std::vector<std::string> paths;
  for_each_obstacle(p, tree, TreeIndex(tree), [&](const Error& e) { paths.push_back(e.where().path); });
  EXPECT_EQ(paths, (std::vector<std::string>{"/big", "/2/3/4/5/6/7/8/9", "/2/3/4/5/6/7/8/9/10"}));
}

}  // namespace
}  // namespace fsimage
