// Numbers at which anything but n log n shows.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

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

}  // namespace
}  // namespace fsimage
