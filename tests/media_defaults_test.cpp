#include "support/error_of.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/media_defaults.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(MediaDefaults, EveryTypeHasSome) {
  for (int t = 0; t <= static_cast<int>(MediaType::bd_re); ++t) {
    const auto type = static_cast<MediaType>(t);
    if (type == MediaType::unknown) {
      EXPECT_EQ(test::error_of([&] { media_defaults(type); }).code(), Errc::invalid_argument);
      continue;
    }
    const auto defaults = media_defaults(type);
    EXPECT_EQ(defaults.file_systems.udf, !to_string(type).starts_with("cd")) << to_string(type);
    EXPECT_TRUE(defaults.file_systems.iso9660 && defaults.file_systems.joliet && defaults.file_systems.rockridge);
    EXPECT_EQ(defaults.free_media_blocks.has_value(), type != MediaType::disk) << to_string(type);
  }
  EXPECT_FALSE(media_defaults(MediaType::file).free_media_blocks);
}

TEST(MediaDefaults, OfADiscAreWhatIsFree) {
  Media media;
  media.type = MediaType::cd_r;
  media.media_class = MediaClass::sequential;
  media.state = MediaState::appendable;
  media.free = BlockCount{1234};
  EXPECT_EQ(media_defaults(media).free_media_blocks, BlockCount{1234});
  media.state = MediaState::closed;
  EXPECT_EQ(test::error_of([&] { media_defaults(media); }).code(), Errc::medium_state);
}

TEST(MediaDefaults, AreTakenByAnImageThatFits) {
  FileSystemImage image;
  image.choose_image_defaults(MediaType::cd_r);
  EXPECT_FALSE(image.profile().file_systems.udf);
  EXPECT_EQ(image.free_media_blocks(), BlockCount{359'849});
  image.set_free_media_blocks({});
  image.add_file("/large", std::make_shared<ZeroSource>(std::uint64_t{2} << 30), {});
  image.choose_image_defaults(MediaType::dvd_plus_r);
  EXPECT_TRUE(image.profile().file_systems.udf);
  EXPECT_EQ(test::error_of([&] { image.choose_image_defaults(MediaType::cd_r); }).reason(), Reason::budget_too_low);
  EXPECT_TRUE(image.profile().file_systems.udf);
  EXPECT_EQ(image.free_media_blocks(), BlockCount{2'295'104});
}

}  // namespace
}  // namespace fsimage
