// Forms of UDF that we do not write ourselves.
#include "udf_changes.hpp"

#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

class VolumeFormsUdf : public ::testing::Test {
 protected:
  std::string content(const std::string& path = "/docs/a.txt") {
    const auto walk = walk_volume(volume_, View::udf);
    EXPECT_FALSE(walk.error) << describe(walk);
    EXPECT_FALSE(walk.refused.contains(path)) << walk.refused.at(path).what();
    EXPECT_TRUE(walk.contents.contains(path)) << describe(walk);
    return walk.contents.contains(path) ? walk.contents.at(path) : "";
  }
  // Replaces what follows the file's entry, and its length.
  void set_area(std::uint16_t form, std::span<const std::byte> area, std::uint64_t length) {
    const auto block = volume_.block(kFile);
    volume_.edit<udf::FileEntry>(block, [&](auto& e) {
      e.icb.flags = form;
      e.information_length = length;
      e.extended_attributes_length = 0;
      e.allocation_descriptors_length = static_cast<std::uint32_t>(area.size());
    });
    std::ranges::copy(area, block.begin() + sizeof(udf::FileEntry));
    udf::seal(block.first(sizeof(udf::FileEntry) + area.size()), TagIdentifier::file_entry,
              volume_.place(kFile).value - kPartition, 2);
  }
  std::uint32_t data_block() { return volume_.place("content /docs/a.txt").value - kPartition; }
  Lba add_block() {
    const Lba at{volume_.blocks()};
    volume_.append(1);
    partition([&](auto& p) { p.length = at.value + 1 - kPartition; })(volume_);
    return at;
  }
  SampleVolume volume_;
};

udf::ShortAllocationDescriptor short_ad(udf::ExtentType type, std::uint32_t bytes, std::uint32_t block) {
  udf::ShortAllocationDescriptor ad{};
  ad.length = udf::extent_length_field(type, bytes);
  ad.position = block;
  return ad;
}

TEST_F(VolumeFormsUdf, EmbeddedContent) {
  const std::string text = "inside the file's own entry";
  set_area(3, std::as_bytes(std::span(text)), text.size());
  EXPECT_EQ(content(), text);
}

TEST_F(VolumeFormsUdf, LongDescriptors) {
  udf::LongAllocationDescriptor ad{};
  ad.length = 3000;
  ad.location.block = data_block();
  set_area(1, bytes_of(ad), 3000);
  EXPECT_EQ(content(), std::string(3000, 'a'));
}

TEST_F(VolumeFormsUdf, HolesAreZeros) {
  const std::array ads{
      short_ad(udf::ExtentType::hole, 4096, 0), short_ad(udf::ExtentType::recorded, 2048, data_block()),
      short_ad(udf::ExtentType::allocated, 2048, data_block()), short_ad(udf::ExtentType::recorded, 100, data_block())};
  set_area(0, std::as_bytes(std::span(ads)), 8292);
  EXPECT_EQ(content(),
            std::string(4096, '\0') + std::string(2048, 'a') + std::string(2048, '\0') + std::string(100, 'a'));
}

TEST_F(VolumeFormsUdf, TheLengthEndsTheContentNotTheExtents) {
  const std::array ads{short_ad(udf::ExtentType::recorded, 2048, data_block()),
                       short_ad(udf::ExtentType::recorded, 2048, data_block())};
  set_area(0, std::as_bytes(std::span(ads)), 2100);
  EXPECT_EQ(content(), std::string(2100, 'a'));
}

TEST_F(VolumeFormsUdf, AChainOfAllocationExtents) {
  std::string expected;
  std::vector<Lba> chain;
  for (int i = 0; i < 5; ++i) chain.push_back(add_block());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    udf::AllocationExtentDescriptor aed{};
    std::vector<udf::ShortAllocationDescriptor> ads;
    for (int k = 0; k < 3; ++k) ads.push_back(short_ad(udf::ExtentType::recorded, 2048, data_block()));
    expected += std::string(3 * 2048, 'a');
    if (i + 1 < chain.size())
      ads.push_back(short_ad(udf::ExtentType::continuation, kBlockSize, chain[i + 1].value - kPartition));
    const auto area = std::as_bytes(std::span(ads));
    aed.allocation_descriptors_length = static_cast<std::uint32_t>(area.size());
    const auto block = volume_.block(chain[i]);
    store(block, aed);
    std::ranges::copy(area, block.begin() + sizeof aed);
    udf::seal(block.first(sizeof aed + area.size()), TagIdentifier::allocation_extent_descriptor,
              chain[i].value - kPartition, 2);
  }
  const auto first = short_ad(udf::ExtentType::continuation, kBlockSize, chain[0].value - kPartition);
  set_area(0, bytes_of(first), expected.size());
  EXPECT_EQ(content(), expected);
}

TEST_F(VolumeFormsUdf, ABrokenChainIsRefusedWhenTheContentIsWanted) {
  const auto first = short_ad(udf::ExtentType::continuation, kBlockSize, data_block());
  set_area(0, bytes_of(first), 5000);
  const auto walk = walk_volume(volume_, View::udf);
  ASSERT_FALSE(walk.error) << describe(walk);
  ASSERT_TRUE(walk.refused.contains("/docs/a.txt"));
  EXPECT_EQ(walk.refused.at("/docs/a.txt").code(), Errc::corrupt_structure);
}

TEST_F(VolumeFormsUdf, ExtendedFileEntries) {
  const auto old = load<udf::FileEntry>(volume_.block(kFile));
  const auto ad = load<udf::ShortAllocationDescriptor>(behind(volume_.block(kFile), sizeof old));
  udf::ExtendedFileEntry fe{};
  fe.icb = old.icb;
  fe.uid = 7;
  fe.gid = 0xFFFFFFFF;
  fe.permissions = udf::to_permissions(0604);
  fe.link_count = 1;
  fe.information_length = 3000;
  fe.modified = old.modified;
  fe.created = udf::to_wire(Timestamp::from_seconds(1'000'000'000));
  fe.allocation_descriptors_length = sizeof ad;
  const auto block = volume_.block(kFile);
  store(block, fe);
  store(behind(block, sizeof fe), ad);
  udf::seal(block.first(sizeof fe + sizeof ad), TagIdentifier::extended_file_entry,
            volume_.place(kFile).value - kPartition, 3);
  EXPECT_EQ(content(), std::string(3000, 'a'));
  const auto walk = walk_volume(volume_, View::udf);
  const auto& a = walk.entries.at("/docs/a.txt").attributes;
  EXPECT_EQ(a.created, Timestamp::from_seconds(1'000'000'000));
  EXPECT_EQ(a.permissions, 0604);
  EXPECT_EQ(a.uid, 7U);
  EXPECT_EQ(a.gid, 0U) << "nobody is said";
}

TEST_F(VolumeFormsUdf, NegativeAddressesOfLaterSessions) {
  // Old data lie before the partition, as some writers of later sessions record it: the sum wraps, the block is found.
  const Lba at{40};
  std::ranges::fill(volume_.block(at), std::byte{'b'});
  const auto ad = short_ad(udf::ExtentType::recorded, 2048, at.value - kPartition);
  set_area(0, bytes_of(ad), 2048);
  EXPECT_EQ(content(), std::string(2048, 'b'));
}

TEST_F(VolumeFormsUdf, AnchorsElsewhere) {
  std::ranges::fill(volume_.block(kAnchor), std::byte{});
  EXPECT_EQ(content(), std::string(3000, 'a'));
  for (auto i = volume_.place(kAnchors).value; i < volume_.blocks(); ++i)
    std::ranges::fill(volume_.block(Lba{i}), std::byte{});
  EXPECT_EQ(walk_volume(volume_, View::udf).error->code(), Errc::not_found);
}

TEST_F(VolumeFormsUdf, DeletedIdentifiersAreNotShown) {
  fid(kDocs, "a.txt", [](auto& f) { f.characteristics |= udf::kFidDeleted; })(volume_);
  const auto walk = walk_volume(volume_, View::udf);
  EXPECT_FALSE(walk.entries.contains("/docs/a.txt"));
  EXPECT_TRUE(walk.entries.contains("/docs/empty"));
}

}  // namespace
}  // namespace fsimage::test
