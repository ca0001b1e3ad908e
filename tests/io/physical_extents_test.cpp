#include "support/temp_folder.hpp"

#include <fsimage/io/physical_extents.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace fsimage {
namespace {

// Most file systems of a test machine cannot share blocks: then there is no answer, or one for each file.
TEST(PhysicalExtents, TellFilesApart) {
  const test::TempFolder folder;
  const std::string text(1 << 20, 'x');
  const auto a = OpenFile::open(folder.write("a", text)), b = OpenFile::open(folder.write("b", text));
  const auto x = physical_extents(*a), y = physical_extents(*b);
  EXPECT_EQ(physical_extents(*a), x);
  EXPECT_TRUE(!x || x != y);
}

TEST(PhysicalExtents, AreThoseOfAClone) {
  const test::TempFolder folder;
  const auto file = folder.write("a", std::string(1 << 20, 'x'));
  const auto clone = "cp --reflink=always '" + file + "' '" + (folder / "b") + "' 2>/dev/null";
  if (std::system(clone.c_str()) != 0) GTEST_SKIP() << "this file system has no clones";
  const auto x = physical_extents(*OpenFile::open(file)), y = physical_extents(*OpenFile::open(folder / "b"));
  ASSERT_TRUE(x);
  EXPECT_EQ(x, y);
}

}  // namespace
}  // namespace fsimage
