#include "support/trial_image.hpp"

#include <fsimage/image/progress_items.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(ProgressItems, BlocksAndPathsBothWays) {
  test::TrialImage trial;
  const auto image = trial.image();
  const ProgressItems items(image);
  ASSERT_GT(items.size(), 5U);
  std::size_t seen = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto item = items[i];
    EXPECT_EQ(items.from_description(item.description), i) << item.description;
    EXPECT_EQ(items.from_block(item.first_block()), i);
    EXPECT_EQ(items.from_block(item.last_block()), i);
    EXPECT_EQ(image->path_at(item.last_block()), item.description);
    if (i > 0) {
      EXPECT_LT(items[i - 1].last_block(), item.first_block());
    }
    ++seen;
  }
  EXPECT_EQ(seen, items.size());
}

TEST(ProgressItems, MetadataAndGapsBelongToNone) {
  test::TrialImage trial;
  const auto image = trial.image();
  const ProgressItems items(image);
  for (std::uint32_t b = 0; b < image->total_blocks().value; ++b)
    EXPECT_EQ(items.from_block(Lba{b}).has_value(), !image->path_at(Lba{b}).empty()) << b;
  EXPECT_FALSE(items.from_block(Lba{4'000'000}));
  EXPECT_FALSE(items.from_description("/none"));
  EXPECT_FALSE(items.from_description(""));
}

TEST(ProgressItems, OfAnImageWithoutFiles) {
  const ProgressItems items(std::make_shared<const ResultImage>(std::vector<ImageExtent>{}, BlockCount{4}, "id"));
  EXPECT_EQ(items.size(), 0U);
  EXPECT_FALSE(items.from_block(Lba{}));
  EXPECT_FALSE(items.from_description("/a"));
}

}  // namespace
}  // namespace fsimage
