#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
static_assert(Addable<Lba, BlockCount>);
static_assert(!Addable<Lba, Lba>);
static_assert(!Addable<Lba, Lbn>);
static_assert(!Addable<BlockCount, Lba>);

TEST(Units, BlocksForRoundsUp) {
  EXPECT_EQ(blocks_for(0).value, 0U);
  EXPECT_EQ(blocks_for(1).value, 1U);
  EXPECT_EQ(blocks_for(2048).value, 1U);
  EXPECT_EQ(blocks_for(2049).value, 2U);
  EXPECT_EQ(blocks_for(0xFFFFFFFFULL * 2048).value, 0xFFFFFFFFU);
  EXPECT_THROW(blocks_for(0xFFFFFFFFULL * 2048 + 1), Error);
}

TEST(Units, AddressesDoNotWrap) {
  EXPECT_EQ((Lba{0xFFFFFFFE} + BlockCount{1}).value, 0xFFFFFFFFU);
  EXPECT_THROW((Lba{0xFFFFFFFF} + BlockCount{1}), Error);
  EXPECT_THROW((BlockCount{0x80000000} + BlockCount{0x80000000}), Error);
}

TEST(Units, PartitionBlocksAreAnotherSpace) {
  constexpr PartitionStart start{Lba{288}};
  EXPECT_EQ(to_lba(start, Lbn{2}), Lba{290});
  EXPECT_EQ(to_lbn(start, Lba{290}), Lbn{2});
}

TEST(Units, RoundUp) {
  EXPECT_EQ(round_up(Lba{0}, BlockCount{32}), Lba{0});
  EXPECT_EQ(round_up(Lba{1}, BlockCount{32}), Lba{32});
  EXPECT_EQ(round_up(Lba{32}, BlockCount{32}), Lba{32});
}

TEST(Units, NarrowingNamesTheField) {
  EXPECT_EQ(checked<std::uint8_t>(255, "length"), 255);
  try {
    checked<std::uint8_t>(256, "identifier length");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::too_large);
    EXPECT_NE(std::string(e.what()).find("identifier length of 256"), std::string::npos);
  }
}

}  // namespace
}  // namespace fsimage
