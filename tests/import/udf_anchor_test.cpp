// Where the anchor is looked for, and which of several counts.
#include "sample_volume.hpp"
#include "udf_forms.hpp"

#include <fsimage/import/recognition.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

class UdfAnchors : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  UdfAnchors() { make_physical(built_); }
  void clear(std::uint32_t at) { std::ranges::fill(built_.block(at), std::byte{}); }
  void clear_all() {
    for (const auto at : {256U, UdfBuilder::kBlocks - 1}) clear(at);
  }
  std::optional<Lba> found() const { return identify_file_systems(*built_.source()).udf; }
  Lba sector_of(std::uint32_t block) const {
    return Lba{static_cast<std::uint32_t>(std::uint64_t{block} * built_.block_size() / kBlockSize)};
  }
  // A second volume in the same image: other sequences, whose primary volume descriptor has that date.
  void put_second(std::uint32_t anchor, std::int64_t recorded) {
    constexpr std::uint32_t kAt = 900;
    for (std::uint32_t i = 0; i < 5; ++i) {
      std::ranges::copy(built_.block(UdfBuilder::kMainAt + i), built_.block(kAt + i).begin());
      const auto block = built_.block(kAt + i);
      const auto tag = load<udf::DescriptorTag>(block);
      if (tag.identifier.value() == 1) {
        auto pvd = load<udf::PrimaryVolumeDescriptor>(block);
        pvd.recorded = udf::to_wire(Timestamp::from_seconds(recorded));
        store(block, pvd);
      }
      udf::seal(block.first(sizeof tag + tag.crc_length.value()),
                static_cast<udf::TagIdentifier>(tag.identifier.value()), kAt + i, built_.version());
    }
    auto pointer = load<udf::AnchorVolumeDescriptorPointer>(built_.block(256));
    if (pointer.main_sequence.length.value() == 0)
      pointer = load<udf::AnchorVolumeDescriptorPointer>(built_.block(UdfBuilder::kBlocks - 1));
    pointer.main_sequence.location = pointer.reserve_sequence.location = kAt;
    store(built_.block(anchor), pointer);
    udf::seal(built_.block(anchor).first(sizeof pointer), udf::TagIdentifier::anchor_volume_descriptor_pointer, anchor,
              built_.version());
  }
  UdfBuilder built_{GetParam(), udf::Revision::v1_02};
};

TEST_P(UdfAnchors, EveryPlaceWhereReadersLook) {
  constexpr auto kEnd = UdfBuilder::kBlocks;
  for (const auto at : {256U, 512U, kEnd - 1, kEnd - 2, kEnd - 3, kEnd - 151, kEnd - 153, kEnd - 257, kEnd - 258,
                        kEnd - 259, kEnd - 407, kEnd - 409}) {
    clear_all();
    built_.put_anchor(at);
    EXPECT_EQ(found(), sector_of(at));
    const auto walk = walk_volume(built_.source(), {.view = View::udf});
    EXPECT_EQ(walk.paths.size(), 3U) << describe(walk);
    EXPECT_TRUE(walk.has_finding("UDF 2.2.3")) << "one anchor alone";
    clear(at);
  }
  EXPECT_FALSE(found());
}

TEST_P(UdfAnchors, ZerosAtTheEndArePassedOver) {
  clear(256);
  for (const std::uint32_t more : {1U, 200U, 1000U}) {
    auto padded = built_;
    padded.bytes().resize(padded.bytes().size() + std::size_t{more} * built_.block_size());
    const auto at = identify_file_systems(*padded.source()).udf;
    ASSERT_TRUE(at) << more;
    EXPECT_EQ(*at, sector_of(UdfBuilder::kBlocks - 1)) << more;
    // Two of three places, as long as the zeros are no part of the session.
    padded.put_anchor(256);
    EXPECT_FALSE(walk_volume(padded.source(), {.view = View::udf}).has_finding("UDF 2.2.3")) << more;
  }
}

TEST_P(UdfAnchors, TheNewestVolumeCountsWhereTheStartSaysNothing) {
  constexpr auto kEnd = UdfBuilder::kBlocks;
  put_second(kEnd - 1, 1'800'000'000);
  built_.put_anchor(kEnd - 257);
  EXPECT_EQ(found(), sector_of(256)) << "a session is read from its own start";
  clear(256);
  EXPECT_EQ(found(), sector_of(kEnd - 1));
  clear(kEnd - 1);
  clear(kEnd - 257);
  put_second(kEnd - 257, 1'600'000'000);
  built_.put_anchor(512);
  EXPECT_EQ(found(), sector_of(512)) << "the other is older";
}

TEST_P(UdfAnchors, OneThatLeadsToNoVolumeGivesWay) {
  auto pointer = load<udf::AnchorVolumeDescriptorPointer>(built_.block(256));
  pointer.main_sequence.location = pointer.reserve_sequence.location = 700;
  store(built_.block(256), pointer);
  udf::seal(built_.block(256).first(sizeof pointer), udf::TagIdentifier::anchor_volume_descriptor_pointer, 256,
            built_.version());
  const auto walk = walk_volume(built_.source(), {.view = View::udf});
  EXPECT_FALSE(walk.error) << describe(walk);
  EXPECT_EQ(walk.paths.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(BlockSizes, UdfAnchors, ::testing::Values(512U, 1024U, 2048U, 4096U));

}  // namespace
}  // namespace fsimage::test
