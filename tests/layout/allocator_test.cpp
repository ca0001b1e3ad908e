#include <fsimage/core/error.hpp>
#include <fsimage/layout/allocator.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(Allocator, OnlyMovesForward) {
  Allocator at(Lba{16});
  EXPECT_EQ(at.take({3}), Lba{16});
  EXPECT_EQ(at.next(), Lba{19});
  at.skip_to(Lba{32}, "here");
  at.align({32});
  EXPECT_EQ(at.next(), Lba{32});
  at.take({1});
  at.align({32});
  EXPECT_EQ(at.take({1}), Lba{64});
}

TEST(Allocator, GoingBackNamesWhatHasNoRoom) {
  Allocator at(Lba{100});
  try {
    at.skip_to(Lba{99}, "anchor");
    FAIL();
  } catch (const std::logic_error& e) {
    EXPECT_NE(std::string(e.what()).find("anchor"), std::string::npos);
  }
}

TEST(Allocator, TheMediumEndsAt32Bits) {
  Allocator at(Lba{0xFFFFFFFF});
  EXPECT_THROW(at.take({1}), Error);
}

}  // namespace
}  // namespace fsimage
