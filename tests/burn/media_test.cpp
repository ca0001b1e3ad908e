#include <fsimage/burn/media.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(Media, StatesHaveNames) {
  EXPECT_EQ(to_string(MediaState::absent), "absent");
  EXPECT_EQ(to_string(MediaState::blank), "blank");
  EXPECT_EQ(to_string(MediaState::appendable), "appendable");
  EXPECT_EQ(to_string(MediaState::closed), "closed");
}

TEST(Media, NothingIsKnownAtFirst) {
  const Media media;
  EXPECT_EQ(media.type, MediaType::unknown);
  EXPECT_EQ(media.state, MediaState::absent);
  EXPECT_EQ(media.used, BlockCount{0});
  EXPECT_FALSE(media.free);
}

}  // namespace
}  // namespace fsimage
