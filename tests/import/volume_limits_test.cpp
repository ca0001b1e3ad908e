// Each limit holds at its value and gives way one past it.
#include "sample_volume.hpp"

#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/import/volume_limits.hpp>
#include <fsimage/import/volume_map.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

WalkResult walk_within(const SampleVolume& volume, View view, const ImportLimits& limits) {
  return walk_volume(volume.source(), {.view = view, .order = EntryOrder::recorded, .session = {}, .limits = limits});
}
void map_within(const SampleVolume& volume, const ImportLimits& limits) {
  map_volumes(volume.source(), {.limits = limits}, [](const VolumePart&) {});
}

constexpr std::array kViews{View::udf, View::rockridge, View::joliet, View::iso9660};

TEST(VolumeLimits, Depth) {
  auto tree = std::make_shared<Tree>();
  tree->make_path("/1/2/3/4/5", sample_attributes(0755));
  const SampleVolume volume(tree, Profile{});
  for (const View view : kViews) {
    EXPECT_FALSE(walk_within(volume, view, {.depth = 6}).error) << to_string(view) << ": the root counts";
    const auto walk = walk_within(volume, view, {.depth = 5});
    ASSERT_TRUE(walk.error) << to_string(view);
    EXPECT_EQ(walk.error->code(), Errc::limit_exceeded);
    EXPECT_EQ(walk.error->where().path, "/1/2/3/4/5");
  }
  map_within(volume, {.depth = 6});
  EXPECT_EQ(error_of([&] { map_within(volume, {.depth = 5}); }).code(), Errc::limit_exceeded);
}

TEST(VolumeLimits, Entries) {
  const SampleVolume volume;
  for (const View view : kViews) {
    const auto count = walk_volume(volume, view).paths.size();
    EXPECT_FALSE(walk_within(volume, view, {.entries = count}).error) << to_string(view);
    const auto walk = walk_within(volume, view, {.entries = count - 1});
    ASSERT_TRUE(walk.error) << to_string(view);
    EXPECT_EQ(walk.error->code(), Errc::limit_exceeded);
  }
  EXPECT_EQ(error_of([&] { map_within(volume, {.entries = 3}); }).code(), Errc::limit_exceeded);
}

TEST(VolumeLimits, MetadataBytes) {
  const SampleVolume volume;
  for (const View view : kViews) {
    std::uint64_t low = 0, high = volume.blocks() * std::uint64_t{kBlockSize};  // the least that is enough
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      if (walk_within(volume, view, {.metadata_bytes = middle}).error)
        low = middle + 1;
      else
        high = middle;
    }
    EXPECT_GT(low, 300U) << to_string(view);
    EXPECT_LE(low, 4 * kBlockSize) << to_string(view) << ": three folders and a continuation area";
    EXPECT_FALSE(walk_within(volume, view, {.metadata_bytes = low}).error);
    const auto walk = walk_within(volume, view, {.metadata_bytes = low - 1});
    ASSERT_TRUE(walk.error);
    EXPECT_EQ(walk.error->code(), Errc::limit_exceeded);
  }
}

// Folders that all claim the rest of the image would be read over and over.
TEST(VolumeLimits, FoldersUponOneAnotherAreRefused) {
  auto tree = std::make_shared<Tree>();
  constexpr int kFolders = 12;
  for (int i = 100; i < 100 + kFolders; ++i)
    tree->add_directory(kRootNode, "folder" + std::to_string(i), sample_attributes(0755));
  Profile profile;
  profile.file_systems = {true, false, false, false};
  profile.allow_rename = true;
  SampleVolume volume(tree, profile);
  const auto first = volume.place("iso9660/directory /folder100").value;
  for (std::uint32_t i = 0; i < kFolders; ++i) {
    const auto record = volume.record("iso9660/directory /", "FOLDER" + std::to_string(100 + i));
    volume.edit<iso9660::DirectoryRecord>(record,
                                          [&](auto& r) { r.data_length = (volume.blocks() - first - i) * kBlockSize; });
  }
  const auto walk = walk_volume(volume, View::iso9660);
  ASSERT_TRUE(walk.error) << describe(walk);
  EXPECT_EQ(walk.error->code(), Errc::limit_exceeded);
}

TEST(VolumeLimits, Hops) {
  // A chain of continuation areas behind the long name's record, each with nothing but the next.
  for (const std::uint32_t hops : {32U, 33U}) {
    SampleVolume volume;
    const Lba at{volume.blocks()};
    volume.append(1);
    const auto block = volume.block(at);
    for (std::uint32_t i = 0; i + 1 < hops; ++i) {
      Sink sink(block.subspan(std::size_t{i} * 28, 28));
      rockridge::put_continuation_area(sink, at, (i + 1) * 28, i + 2 == hops ? 20 : 28);
    }
    const auto record = volume.record("iso9660/directory /", "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNN.;1");
    volume.edit<rockridge::ContinuationArea>(SampleVolume::field(record, "CE"),
                                             [&](auto& ce) { ce.block = at.value, ce.offset = 0, ce.length = 28; });
    const auto walk = walk_within(volume, View::rockridge, {});
    EXPECT_EQ(walk.error.has_value(), hops > ImportLimits{}.hops) << hops << describe(walk);
    EXPECT_TRUE(!walk.error || walk.error->code() == Errc::limit_exceeded);
    EXPECT_FALSE(walk_within(volume, View::rockridge, {.hops = 33}).error);
  }
}

}  // namespace
}  // namespace fsimage::test
