#include "sample_volume.hpp"

#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/import/volume_info.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

const DescribedStructure* find(const VolumesInfo& info, std::string_view name) {
  for (const auto& s : info.structures)
    if (s.name == name) return &s;
  return nullptr;
}

VolumesInfo describe_sample() {
  Profile profile = SampleVolume::special_files();
  profile.volume_name = "Sample";
  profile.publisher = "PUBLISHER";
  return describe_volumes(*SampleVolume(sample_tree(), profile).source());
}

TEST(VolumeInfo, Iso9660AndJoliet) {
  const auto info = describe_sample();
  ASSERT_TRUE(info.iso9660 && info.joliet);
  EXPECT_EQ(info.iso9660->volume, "SAMPLE");
  EXPECT_EQ(info.joliet->volume, "Sample");
  EXPECT_EQ(info.iso9660->publisher, "PUBLISHER");
  EXPECT_EQ(info.iso9660->created, kSampleTime);
  EXPECT_EQ(info.iso9660->expires, kUnsetTime);
  EXPECT_EQ(info.iso9660->block_size, kBlockSize);
  EXPECT_EQ(info.iso9660->space.bytes(), info.image_bytes);
  EXPECT_EQ(info.iso9660->path_table_folders, 3U);
  EXPECT_EQ(info.joliet->path_table_folders, 3U);
  EXPECT_EQ(info.iso9660->set_size, 1);
  EXPECT_NE(info.iso9660->root, info.joliet->root);
  EXPECT_TRUE(info.findings.empty());
}

TEST(VolumeInfo, RockRidge) {
  const auto info = describe_sample();
  ASSERT_TRUE(info.rockridge);
  EXPECT_EQ(info.rockridge->extension, "IEEE_1282");
  EXPECT_EQ(info.rockridge->skipped, 0);
  EXPECT_EQ(info.rockridge->root, info.iso9660->root);
}

TEST(VolumeInfo, Udf) {
  const auto info = describe_sample();
  ASSERT_TRUE(info.udf && info.udf->integrity && info.udf->root);
  const auto& u = *info.udf;
  EXPECT_EQ(u.revision, 0x0102);
  EXPECT_EQ(u.logical_volume, "Sample");
  EXPECT_EQ(u.implementation, "*fsimage");
  EXPECT_EQ(u.recorded, kSampleTime);
  EXPECT_GE(u.anchors.size(), 258U);
  EXPECT_EQ(u.anchors.front(), Lba{256});
  EXPECT_EQ(u.anchors.back().value, info.image_bytes / kBlockSize - 1);
  ASSERT_EQ(u.partitions.size(), 1U);
  EXPECT_EQ(u.partitions[0].kind, "physical");
  EXPECT_EQ(u.partitions[0].start, 288U);
  EXPECT_EQ(u.partitions[0].access_type, 1U);
  EXPECT_EQ(u.partitions[0].contents, "+NSR02");
  EXPECT_TRUE(u.integrity->closed);
  EXPECT_EQ(u.integrity->directories, 3U);
  EXPECT_EQ(u.integrity->files, 8U);
  EXPECT_EQ(u.integrity->min_read, 0x0102);
}

TEST(VolumeInfo, StructuresInAddressOrderWithFieldsAndClauses) {
  const auto info = describe_sample();
  EXPECT_TRUE(std::is_sorted(info.structures.begin(), info.structures.end(), [](const auto& a, const auto& b) {
    return std::pair(a.at, a.offset) < std::pair(b.at, b.offset);
  }));
  for (const auto* name :
       {"iso9660/primary volume descriptor", "joliet/supplementary volume descriptor",
        "iso9660/volume descriptor set terminator", "udf/recognition NSR02", "udf/anchor volume descriptor pointer",
        "udf/main partition descriptor", "udf/reserve logical volume descriptor", "udf/partition map",
        "udf/logical volume integrity descriptor", "udf/file set descriptor"})
    ASSERT_TRUE(find(info, name)) << name;
  const auto& primary = *find(info, "iso9660/primary volume descriptor");
  EXPECT_EQ(primary.at, Lba{16});
  const auto volume = std::ranges::find(primary.fields, "volume identifier", &FieldText::name);
  ASSERT_NE(volume, primary.fields.end());
  EXPECT_EQ(volume->clause, "ECMA-119 8.4.6");
  EXPECT_EQ(volume->offset, 40U);
  EXPECT_NE(volume->value.find("SAMPLE"), std::string::npos);
  EXPECT_EQ(find(info, "udf/partition map")->offset, 440U);
}

TEST(VolumeInfo, DamageIsAFindingAndTheRestIsDescribed) {
  SampleVolume volume;
  for (const auto* label : {"udf/main volume descriptor sequence", "udf/reserve volume descriptor sequence"})
    for (std::uint32_t i = 0; i < 6; ++i) volume.block(volume.place(label) + BlockCount{i})[100] ^= std::byte{1};
  const auto info = describe_volumes(*volume.source());
  EXPECT_TRUE(info.iso9660);
  ASSERT_TRUE(info.udf);
  EXPECT_FALSE(info.udf->anchors.empty());
  EXPECT_FALSE(info.udf->integrity);
  EXPECT_FALSE(info.findings.empty());
}

TEST(VolumeInfo, AnIntegrityDescriptorThatLiesIsBounded) {
  SampleVolume volume;
  volume.edit_sealed<udf::LogicalVolumeIntegrityDescriptor>(volume.block("udf/logical volume integrity sequence"),
                                                            [](auto& d) { d.partition_count = 0xFFFFFFFF; });
  const auto info = describe_volumes(*volume.source());
  ASSERT_TRUE(info.udf && info.udf->integrity);
  EXPECT_EQ(info.udf->integrity->files, 0U);
}

TEST(VolumeInfo, AnEmptySourceHasNothingToSay) {
  const auto info = describe_volumes(ZeroSource(0));
  EXPECT_TRUE(info.structures.empty());
  EXPECT_TRUE(info.findings.empty());
}

}  // namespace
}  // namespace fsimage::test
