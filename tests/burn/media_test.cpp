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

TEST(Media, StatesOfBrokenMediaHaveNames) {
  EXPECT_EQ(to_string(MediaState::damaged), "damaged");
  EXPECT_EQ(to_string(MediaState::unsupported), "unsupported");
}

TEST(Media, TypesHaveTheValuesOfImapiAndNamesThatAreReadBack) {
  EXPECT_EQ(static_cast<int>(MediaType::cd_r), 2);
  EXPECT_EQ(static_cast<int>(MediaType::dvd_minus_r_dl), 11);
  EXPECT_EQ(static_cast<int>(MediaType::bd_re), 19);
  for (int i = 0; i <= static_cast<int>(MediaType::bd_re); ++i) {
    const auto type = static_cast<MediaType>(i);
    EXPECT_EQ(parse_media_type(to_string(type)), type) << i;
  }
  EXPECT_EQ(parse_media_type("file"), MediaType::file);
  EXPECT_FALSE(parse_media_type("floppy"));
  EXPECT_EQ(to_string(static_cast<MediaType>(99)), "unknown");
}

TEST(Media, ClassesHaveNames) {
  EXPECT_EQ(to_string(MediaClass::read_only), "read-only");
  EXPECT_EQ(to_string(MediaClass::sequential), "sequential");
  EXPECT_EQ(to_string(MediaClass::overwritable), "overwritable");
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
