#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/import/host_cursor.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::TempFolder;

std::vector<Entry> entries_of(EntryCursor& cursor) {
  std::vector<Entry> out;
  while (auto entry = cursor.next()) out.push_back(std::move(*entry));
  return out;
}

TEST(WindowsHostCursor, BackslashesSeparateNames) {
  const TempFolder folder;
  folder.write("base/sub/a", "1");
  auto path = folder / "base/sub";
  std::ranges::replace(path, '/', '\\');
  const auto cursor = open_host(path);
  const auto entries = entries_of(*cursor);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(cursor->origin(), folder / "base/sub/a");
  EXPECT_EQ(open_host_with_base(path + '\\')->next()->name, "sub");
  EXPECT_EQ(open_host(path + "\\a")->next()->name, "a");
  EXPECT_TRUE(is_host_directory(path));
}

TEST(WindowsHostCursor, AttributesAndHardLinksAreKept) {
  const TempFolder folder;
  const std::filesystem::path hidden = folder.write("b hidden", "x");
  std::filesystem::create_hard_link(hidden, folder / "c");
  folder.write("\u00e4", "");
  ASSERT_NE(::SetFileAttributesW(hidden.c_str(), FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM), 0);
  const auto entries = entries_of(*open_host(folder.path().string()));
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].name, "b hidden");
  EXPECT_TRUE(entries[0].attributes.hidden);
  EXPECT_EQ(entries[0].links, 2U);
  EXPECT_EQ(entries[0].identity[0], entries[1].identity[0]);
  EXPECT_EQ(entries[0].identity[1], entries[1].identity[1]);
  EXPECT_EQ(entries[2].name, "\u00e4");
  EXPECT_FALSE(entries[2].attributes.hidden);
  EXPECT_EQ(entries[2].attributes.permissions, 0644U);
}

}  // namespace
}  // namespace fsimage
