#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/import/host_cursor.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/normalized_names.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace fsimage {
namespace {

const std::string kTogether = "caf\u00e9", kApart = "cafe\u0301";

#ifndef _WIN32  // symbolic links
TEST(NormalizedNames, OfEntriesAndTargets) {
  const test::TempFolder in;
  in.write(kApart + "/plain", "x");
  std::filesystem::create_symlink(kApart + "/plain", in.path() / "link");
  std::vector<Finding> findings;
  Tree tree;
  add_entries(tree, kRootNode,
              *normalize_names(open_host(in.path().string(), {}), Normalization::nfc,
                               [&](const Finding& f) { findings.push_back(f); }));
  EXPECT_TRUE(tree.find("/" + kTogether + "/plain"));
  EXPECT_EQ(tree.symlink_target(*tree.find("/link")), kTogether + "/plain");
  ASSERT_EQ(findings.size(), 2U);
  for (const auto& f : findings) {
    EXPECT_EQ(f.kind, Finding::Kind::renamed);
    EXPECT_EQ(f.view, View::none);
    EXPECT_TRUE(f.path == in / kApart || f.path == in / "link") << f.path;
  }
}
#endif

TEST(NormalizedNames, TwoThatAreOne) {
  const test::TempFolder in;
  in.write(kApart, "x");
  in.write(kTogether, "y");
  Tree tree;
  const auto error = test::error_of(
      [&] { add_entries(tree, kRootNode, *normalize_names(open_host(in.path().string(), {}), Normalization::nfd)); });
  EXPECT_EQ(error.code(), Errc::duplicate_path);
  EXPECT_EQ(error.where().path, "/" + kApart);
  EXPECT_FALSE(tree.first_child(kRootNode));
}

TEST(NormalizedNames, ANameThatGrowsTooLong) {
  const test::TempFolder in;
  std::string name;
  for (int i = 0; i < 100; ++i) name += "\u00e9";
  in.write(name, "x");
  Tree tree;
  const auto error = test::error_of(
      [&] { add_entries(tree, kRootNode, *normalize_names(open_host(in.path().string(), {}), Normalization::nfd)); });
  EXPECT_EQ(error.code(), Errc::too_large);
  EXPECT_EQ(error.where().path, in / name);
}

}  // namespace
}  // namespace fsimage
