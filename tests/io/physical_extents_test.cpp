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
  // A clone where the file system has such, else a copy.
  const auto to = " '" + file + "' '" + (folder / "b") + "' 2>/dev/null";
  const bool cloned = std::system(("cp --reflink=always" + to).c_str()) == 0;
  if (!cloned) {
    ASSERT_EQ(std::system(("cp --reflink=never" + to).c_str()), 0);
  }
  const auto x = physical_extents(*OpenFile::open(file)), y = physical_extents(*OpenFile::open(folder / "b"));
  EXPECT_EQ(x && x == y, cloned);
}

}  // namespace
}  // namespace fsimage
