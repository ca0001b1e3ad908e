// ICBs: chains of entries (strategy 4096), indirect entries, every form of allocation descriptors.
#include "sample_volume.hpp"
#include "udf_forms.hpp"

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

class UdfIcb : public ::testing::Test {
 protected:
  static constexpr auto kFileB = UdfBuilder::kFileB;
  UdfIcb() {
    built_.add_physical_map();
    built_.put_tree(space_, space_, 40);
    built_.put_volume(built_.long_ad(0, 0, 2 * 2048));
  }
  WalkResult walk() { return walk_volume(built_.source(), {.view = View::udf}); }
  // What /sub/b.txt holds.
  std::string content() {
    const auto result = walk();
    EXPECT_FALSE(result.error) << describe(result);
    EXPECT_FALSE(result.refused.contains("/sub/b.txt")) << result.refused.at("/sub/b.txt").what();
    return result.contents.contains("/sub/b.txt") ? result.contents.at("/sub/b.txt") : "nothing";
  }
  void put_entry(std::uint32_t block, std::string_view text, std::uint16_t strategy = 4096) {
    UdfBuilder::File file;
    file.size = text.size();
    file.area = text_bytes(text);
    file.unique_id = 18;
    file.strategy = strategy;
    built_.put_file(space_, block, file);
  }
  // Gives /sub/b.txt these allocation descriptors.
  template <class Ad>
  void put_extents(udf::AllocationForm form, const std::vector<Ad>& ads, std::uint64_t size) {
    UdfBuilder::File file;
    file.form = form;
    file.size = size;
    const auto area = std::as_bytes(std::span(ads));
    file.area.assign(area.begin(), area.end());
    file.unique_id = 18;
    built_.put_file(space_, kFileB, file);
  }
  static udf::ExtendedAllocationDescriptor extent(std::uint32_t block, std::uint32_t bytes,
                                                  udf::ExtentType type = udf::ExtentType::recorded) {
    udf::ExtendedAllocationDescriptor ad{};
    ad.length = udf::extent_length_field(type, (bytes + 2047) / 2048 * 2048);
    ad.recorded_length = ad.information_length = bytes;
    ad.location.block = block;
    return ad;
  }
  UdfBuilder built_{2048, udf::Revision::v1_02};
  UdfBuilder::Space space_ = UdfBuilder::physical();
};

TEST_F(UdfIcb, TheNewestOfAChainCounts) {
  put_entry(kFileB, "first");
  EXPECT_EQ(content(), "first") << "nothing follows";
  put_indirect(built_, space_, kFileB + 1, 60);
  EXPECT_EQ(content(), "first") << "room for the next is set aside";
  put_entry(60, "second");
  EXPECT_EQ(content(), "second");
  put_indirect(built_, space_, 61, 64);
  built_.put_sealed(space_, 64, udf::TagIdentifier::terminal_entry, joined({bytes_of(udf::TerminalEntry{})}));
  EXPECT_EQ(content(), "second") << "the chain was ended";
  put_entry(64, "third", 4);
  EXPECT_EQ(content(), "third") << "an entry that stands alone ends it as well";
}

TEST_F(UdfIcb, AnIcbMayBeginWithAnIndirectEntry) {
  put_indirect(built_, space_, kFileB, 60);
  put_entry(60, "elsewhere", 4);
  EXPECT_EQ(content(), "elsewhere");
}

TEST_F(UdfIcb, ChainsAreBounded) {
  // Each leads to itself, one by way of a direct entry.
  put_entry(kFileB, "circle");
  put_indirect(built_, space_, kFileB + 1, kFileB);
  ASSERT_TRUE(walk().error);
  EXPECT_EQ(walk().error->where().clause, "ECMA-167 4/14.7");
  put_indirect(built_, space_, kFileB, kFileB);
  ASSERT_TRUE(walk().error);
  EXPECT_EQ(walk().error->where().clause, "ECMA-167 4/14.7");
  EXPECT_EQ(walk().error->where().path, "/sub/b.txt");
}

TEST_F(UdfIcb, AsLongAsTheHopsAllow) {
  const auto chain = [&](std::uint32_t hops) {
    put_entry(kFileB, "old");
    put_indirect(built_, space_, kFileB + 1, 100);
    for (std::uint32_t i = 1; i <= hops; ++i) {
      put_entry(98 + 2 * i, i == hops ? "new" : "old");
      if (i < hops) put_indirect(built_, space_, 99 + 2 * i, 100 + 2 * i);
    }
  };
  chain(32);
  EXPECT_EQ(content(), "new");
  chain(33);
  EXPECT_TRUE(walk().error);
}

TEST_F(UdfIcb, ChainsThatLeaveThePartition) {
  put_entry(kFileB, "first");
  put_indirect(built_, space_, kFileB + 1, 0x7FFFFFFF);
  ASSERT_TRUE(walk().error);
  EXPECT_EQ(walk().error->where().clause, "ECMA-167 4/7.1.1");
}

TEST_F(UdfIcb, ExtendedDescriptors) {
  std::ranges::fill(built_.block(space_.lsn(50)), std::byte{'p'});
  std::ranges::fill(built_.block(space_.lsn(52)), std::byte{'q'});
  put_extents<udf::ExtendedAllocationDescriptor>(
      udf::AllocationForm::extended_form, {extent(50, 2048), extent(0, 2048, udf::ExtentType::hole), extent(52, 10)},
      4106);
  EXPECT_EQ(content(), std::string(2048, 'p') + std::string(2048, '\0') + std::string(10, 'q'));
  EXPECT_TRUE(walk().has_finding("UDF 2.3.5.4")) << "UDF does without them";
}

TEST_F(UdfIcb, ContentInAnotherFormIsRefused) {
  auto ad = extent(50, 2048);
  ad.information_length = 1000;
  put_extents<udf::ExtendedAllocationDescriptor>(udf::AllocationForm::extended_form, {ad}, 1000);
  const auto result = walk();
  ASSERT_TRUE(result.refused.contains("/sub/b.txt")) << describe(result);
  EXPECT_EQ(result.refused.at("/sub/b.txt").where().clause, "ECMA-167 4/14.14.3.3");
}

TEST_F(UdfIcb, ExtentsOfHalfABlockAreTold) {
  std::ranges::fill(built_.block(space_.lsn(50)), std::byte{'p'});
  put_extents<udf::LongAllocationDescriptor>(udf::AllocationForm::long_form,
                                             {built_.long_ad(0, 50, 100), built_.long_ad(0, 50, 100)}, 200);
  EXPECT_EQ(content(), std::string(200, 'p'));
  EXPECT_TRUE(walk().has_finding("ECMA-167 4/12.1"));
}

// As Linux leaves a file that grows inside its last block.
TEST_F(UdfIcb, ExtentsMayEndInsideTheLastBlock) {
  std::ranges::fill(built_.block(space_.lsn(50)), std::byte{'p'});
  std::ranges::fill(built_.block(space_.lsn(51)), std::byte{'q'});
  const auto put = [&](std::uint64_t size, std::uint32_t bytes, udf::ExtentType type = udf::ExtentType::recorded) {
    auto ad = built_.long_ad(0, 50, bytes);
    ad.length = udf::extent_length_field(type, bytes);
    put_extents<udf::LongAllocationDescriptor>(udf::AllocationForm::long_form, {ad}, size);
  };
  put(4096, 2049);
  EXPECT_EQ(content(), std::string(2048, 'p') + std::string(2048, 'q'));
  const auto result = walk();
  EXPECT_TRUE(result.has_finding("ECMA-167 4/14.9.10")) << describe(result);
  EXPECT_FALSE(result.has_finding("ECMA-167 4/12.1")) << "it is the last one: " << describe(result);
  put(100, 99, udf::ExtentType::hole);
  EXPECT_EQ(content(), std::string(100, '\0'));
  const auto strict = walk_volume(built_.source(), {.view = View::udf, .strictness = Strictness::strict});
  EXPECT_TRUE(strict.error || strict.refused.contains("/sub/b.txt")) << describe(strict);

  for (const auto& [size, bytes] : {std::pair{4097U, 2049U}, {2049U, 2048U}, {100U, 0U}}) {
    put(size, bytes);
    const auto short_of = walk();
    ASSERT_TRUE(short_of.refused.contains("/sub/b.txt")) << size << '\n' << describe(short_of);
    EXPECT_EQ(short_of.refused.at("/sub/b.txt").where().clause, "ECMA-167 4/14.9.10");
  }
}

TEST_F(UdfIcb, TheFileSetWithTheHighestNumberIsShown) {
  // Two file sets, the second one's root is /sub.
  built_.put_file_set(space_, 1, 1, UdfBuilder::kSub);
  EXPECT_EQ(walk().paths, (std::vector<std::string>{"/b.txt"}));
}

// A hostile table makes many pieces of few blocks, and many extents say the same blocks over and over.
TEST(UdfPieces, AreBounded) {
  UdfBuilder built(512, udf::Revision::v1_50);
  built.add_physical_map();
  udf::SparableMapFields fields{};
  fields.packet_length = 1;
  fields.table_count = 1;
  fields.table_size = 4096;
  fields.table_locations[0] = kSparingTable[0];
  built.add_map(udf::kSparablePartition, fields);
  std::vector<udf::SparingEntry> entries;
  for (std::uint32_t i = 0; i < 50; ++i) entries.push_back(spare(150 + 2 * i, 700));
  put_sparing_table(built, kSparingTable[0], 1, entries);
  built.put_tree(UdfBuilder::physical(0), UdfBuilder::physical(0), 40);
  built.put_volume(built.long_ad(0, 0, 2 * 512));
  // A chain of allocation extents in which every descriptor is for the hundred scattered blocks.
  constexpr std::uint32_t kExtents = 24;
  for (std::uint32_t i = 0; i < 100; ++i) {
    udf::AllocationExtentDescriptor aed{};
    std::vector<udf::LongAllocationDescriptor> ads(kExtents, built.long_ad(1, 150, 100 * 512));
    auto next = built.long_ad(0, 51 + i, 512);
    next.length = udf::extent_length_field(udf::ExtentType::continuation, 512);
    ads.push_back(next);
    aed.allocation_descriptors_length = static_cast<std::uint32_t>(ads.size() * sizeof next);
    built.put_sealed(UdfBuilder::physical(0), 50 + i, udf::TagIdentifier::allocation_extent_descriptor,
                     joined({bytes_of(aed), std::as_bytes(std::span(ads))}));
  }
  UdfBuilder::File file;
  file.form = udf::AllocationForm::long_form;
  file.size = std::uint64_t{kExtents} * 100 * 100 * 512;
  auto first = built.long_ad(0, 50, 512);
  first.length = udf::extent_length_field(udf::ExtentType::continuation, 512);
  file.area = joined({bytes_of(first)});
  file.unique_id = 18;
  built.put_file(UdfBuilder::physical(0), UdfBuilder::kFileB, file);
  const auto walk = walk_volume(built.source(), {.view = View::udf});
  EXPECT_TRUE(walk.refused.contains("/sub/b.txt") || (walk.error && walk.error->code() == Errc::limit_exceeded))
      << describe(walk);
}

}  // namespace
}  // namespace fsimage::test
