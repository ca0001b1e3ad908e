// Numbers at which anything but n log n shows.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

#include <fsimage/image/image_source.hpp>
#include <fsimage/import/import_volume.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fsimage {
namespace {

using test::make_udf_image;
using test::UdfWalk;

// Steps that grow with the square of the number would outlast the test's time by hours.
TEST(UdfScale, TwoHundredThousandCollisions) {
  constexpr std::uint32_t kNames = 200'000;
  Tree t;
  std::set<std::string> names;
  // Every name has bytes of its own that are not UTF-8, in the same places: one text for all. Half of them are long, so
  // that their tails are cut besides.
  for (std::uint32_t i = 0; i < kNames; ++i) {
    std::string name = i % 2 == 0 ? "name" : std::string(240, 'x');
    for (std::uint32_t rest = i / 2, digit = 0; digit < 5; ++digit, rest /= 32)
      name += static_cast<char>(0x80 + rest % 32);
    name += i % 2 == 0 ? ".dat" : "yyyyyyyyyy";
    t.add_file(kRootNode, name, {}, ContentId{});
  }
  const auto u = make_udf_image(std::move(t));
  for (const auto& f : u.findings) EXPECT_TRUE(names.insert(f.to).second) << f.to;
  EXPECT_EQ(names.size(), kNames);
  EXPECT_TRUE(names.count("name_____.dat"));
  EXPECT_TRUE(names.count("name_____99999.dat"));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.files, kNames);
}

// An extent has at most 2^30 - 1 bytes, so that the metadata file is one of two, and so is its mirror.
TEST(UdfScale, MoreMetadataThanAnExtentHolds) {
  constexpr std::uint32_t kFiles = 530'000;
  Tree t;
  auto folder = kRootNode;
  for (std::uint32_t i = 0; i < kFiles; ++i) {
    if (i % 1000 == 0) folder = t.add_directory(kRootNode, std::to_string(i), {});
    t.add_file(folder, std::to_string(i), {}, ContentId{});
  }
  Profile profile;
  profile.udf_revision = 0x250;
  const auto u = make_udf_image(std::move(t), profile);
  for (const auto at : {u.places().metadata_file, u.places().mirror_file}) {
    const auto entry = u.block(at);
    EXPECT_EQ(test::u64(entry, 56), u.places().metadata_blocks.bytes());
    EXPECT_GT(test::u64(entry, 56), std::uint64_t{1} << 30);
    EXPECT_EQ(test::u32(entry, 212), 16U) << "two descriptors";
    EXPECT_EQ(test::u32(entry, 216) % (32 * 2048), 0U) << "whole units";
    EXPECT_EQ(std::uint64_t{test::u32(entry, 216)} + test::u32(entry, 224), test::u64(entry, 56));
  }
  Tree read;
  const std::shared_ptr<const ResultImage> image = u.image;
  import_file_system(read, std::make_shared<ImageSource>(image), {.strictness = Strictness::strict});
  EXPECT_EQ(read.node_count(), u.tree->node_count() + 1) << "and a folder that is merged into the root";
  EXPECT_TRUE(read.find("/529000/" + std::to_string(kFiles - 1)));
}

}  // namespace
}  // namespace fsimage
