// Damage to UDF, one kind a row: each ends in an error or is told, and at once.
#include "udf_changes.hpp"

#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

enum class Outcome { error, finding };

struct UdfDamage {
  std::string name;
  Outcome outcome;
  std::string clause;
  std::function<void(SampleVolume&)> change;
};
void PrintTo(const UdfDamage& d, std::ostream* out) { *out << d.name; }

class VolumeDamageUdf : public ::testing::TestWithParam<UdfDamage> {};

TEST_P(VolumeDamageUdf, IsToldAtOnce) {
  const auto& damage = GetParam();
  SampleVolume volume;
  damage.change(volume);
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto walk = walk_volume(volume.source(), {.view = View::udf, .order = order, .session = {}, .limits = {}});
    if (damage.outcome == Outcome::error) {
      ASSERT_TRUE(walk.error) << describe(walk);
      EXPECT_TRUE(walk.error->code() == Errc::corrupt_structure || walk.error->code() == Errc::unsupported)
          << walk.error->what();
      EXPECT_EQ(walk.error->where().clause, damage.clause) << walk.error->what();
      EXPECT_TRUE(walk.error->where().lba) << walk.error->what();
    } else {
      EXPECT_FALSE(walk.error) << describe(walk);
      EXPECT_TRUE(walk.has_finding(damage.clause)) << describe(walk);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(VolumeStructure, VolumeDamageUdf,
                         ::testing::Values(
                             UdfDamage{"main_sequence_damaged", Outcome::finding, "ECMA-167 3/8.4.2",
                                       [](SampleVolume& v) {
                                         for (std::uint32_t i = 0; i < 6; ++i)
                                           v.block(v.place(kMain) + BlockCount{i})[100] ^= std::byte{1};
                                       }},
                             UdfDamage{"both_sequences_damaged", Outcome::error, "ECMA-167 3/8.4.2",
                                       [](SampleVolume& v) {
                                         for (const auto& label : {kMain, kReserve})
                                           for (std::uint32_t i = 0; i < 6; ++i)
                                             v.block(v.place(label) + BlockCount{i})[100] ^= std::byte{1};
                                       }},
                             UdfDamage{"sequence_beyond_end", Outcome::finding, "ECMA-167 3/8.4.2",
                                       [](SampleVolume& v) {
                                         v.edit_sealed<udf::AnchorVolumeDescriptorPointer>(
                                             v.block(kAnchor), [](auto& a) { a.main_sequence.location = 0xFFFFFFF0; });
                                       }},
                             UdfDamage{"pointer_to_itself", Outcome::finding, "ECMA-167 3/10.3",
                                       [](SampleVolume& v) {
                                         // In place of the terminator of the main sequence: back to its start, again and again.
                                         const Lba at = v.place(kMain) + BlockCount{5};
                                         udf::VolumeDescriptorPointer pointer{};
                                         pointer.next_sequence.length = 16 * kBlockSize;
                                         pointer.next_sequence.location = v.place(kMain).value;
                                         store(v.block(at), pointer);
                                         udf::seal(v.block(at).first(sizeof pointer),
                                                   TagIdentifier::volume_descriptor_pointer, at.value, 2);
                                       }},
                             UdfDamage{"block_size_0", Outcome::error, "ECMA-167 3/10.6.5",
                                       logical_volume([](auto& d) { d.logical_block_size = 0; })},
                             UdfDamage{"block_size_4096_in_blocks_of_2048", Outcome::error, "ECMA-167 3/10.6.5",
                                       logical_volume([](auto& d) { d.logical_block_size = 4096; })},
                             UdfDamage{"maps_leave_the_descriptor", Outcome::error, "ECMA-167 3/10.6.8",
                                       logical_volume([](auto& d) { d.map_table_length = 0xFFFFFFFF; })},
                             UdfDamage{"more_maps_than_there_are", Outcome::error, "ECMA-167 3/10.6.9",
                                       logical_volume([](auto& d) { d.partition_map_count = 0xFFFFFFFF; })},
                             UdfDamage{"map_length_0", Outcome::error, "ECMA-167 3/10.7.1.2",
                                       partition_map([](auto& m) { m.header.length = 0; })},
                             UdfDamage{"map_length_255", Outcome::error, "ECMA-167 3/10.7.1.2",
                                       partition_map([](auto& m) { m.header.length = 255; })},
                             UdfDamage{"map_of_type_9", Outcome::error, "ECMA-167 3/10.7.1.1",
                                       partition_map([](auto& m) { m.header.type = 9; })},
                             UdfDamage{"map_of_no_partition", Outcome::error, "ECMA-167 3/10.7.2.4",
                                       partition_map([](auto& m) { m.partition_number = 77; })},
                             UdfDamage{"partition_of_length_0", Outcome::error, "ECMA-167 4/7.1.1",
                                       partition([](auto& p) { p.length = 0; })},
                             UdfDamage{"partition_longer_than_image", Outcome::finding, "ECMA-167 3/10.5.9",
                                       partition([](auto& p) { p.length = 0xFFFFFFFF; })},
                             UdfDamage{"partition_starts_beyond_end", Outcome::error, "ECMA-167 4/14.1",
                                       partition([](auto& p) { p.starting_location = 0xFFFFFFFF; })},
                             UdfDamage{"no_maps", Outcome::error, "ECMA-167 4/7.1.2",
                                       logical_volume([](auto& d) { d.partition_map_count = 0; })},
                             UdfDamage{
                                 "file_set_in_no_partition", Outcome::error, "ECMA-167 4/7.1.2",
                                 logical_volume([](auto& d) { d.file_set.location.partition_reference = 0xFFFF; })},
                             UdfDamage{"file_set_of_length_0", Outcome::error, "ECMA-167 4/14.1",
                                       logical_volume([](auto& d) { d.file_set.length = 0; })},
                             UdfDamage{"foreign_domain", Outcome::finding, "UDF 2.2.4.3",
                                       logical_volume([](auto& d) { d.domain.identifier[1] = std::byte{'X'}; })},
                             UdfDamage{"integrity_leads_to_itself", Outcome::finding, "ECMA-167 3/10.10.4",
                                       [](SampleVolume& v) {
                                         const Lba at = v.place("udf/logical volume integrity sequence");
                                         v.edit_sealed<udf::LogicalVolumeIntegrityDescriptor>(
                                             v.block(at), [&](auto& d) {
                                               d.next_extent.length = kBlockSize;
                                               d.next_extent.location = at.value;
                                             });
                                       }},
                             UdfDamage{"file_set_crc", Outcome::finding, "ECMA-167 3/7.2.6",
                                       [](SampleVolume& v) { v.block(kFileSet)[100] ^= std::byte{1}; }},
                             UdfDamage{"file_set_checksum", Outcome::error, "ECMA-167 4/14.1",
                                       [](SampleVolume& v) { v.block(kFileSet)[4] ^= std::byte{1}; }},
                             UdfDamage{"root_beyond_its_partition", Outcome::error, "ECMA-167 4/7.1.1",
                                       [](SampleVolume& v) {
                                         v.edit_sealed<udf::FileSetDescriptor>(v.block(kFileSet), [](auto& f) {
                                           f.root_directory_icb.location.block = 0xFFFFFFFF;
                                         });
                                       }}),
                         [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    FileEntries, VolumeDamageUdf,
    ::
        testing::Values(UdfDamage{"crc", Outcome::finding, "ECMA-167 3/7.2.6",
                                  [](SampleVolume& v) {
                                    v.block(kFile)[60] ^= std::byte{0};
                                    v.block(kFile)[40] ^= std::byte{1};
                                  }},
                        UdfDamage{"checksum", Outcome::error, "ECMA-167 3/7.2.3",
                                  [](SampleVolume& v) { v.block(kFile)[4] ^= std::byte{1}; }},
                        UdfDamage{"location", Outcome::error, "ECMA-167 3/7.2.8",
                                  [](SampleVolume& v) {
                                    v.edit<udf::DescriptorTag>(v.block(kFile),
                                                               [](auto& tag) { udf::relocate(tag, 12345); });
                                  }},
                        UdfDamage{"crc_length_beyond_block", Outcome::error, "ECMA-167 3/7.2.7",
                                  [](SampleVolume& v) {
                                    v.edit<udf::DescriptorTag>(v.block(kFile), [](auto& tag) {
                                      tag.crc_length = 0xFFFF, tag.checksum = udf::tag_checksum(tag);
                                    });
                                  }},
                        UdfDamage{"of_another_kind", Outcome::error, "ECMA-167 4/7.2.1",
                                  [](SampleVolume& v) {
                                    v.edit<udf::DescriptorTag>(v.block(kFile), [](auto& tag) {
                                      tag.identifier = 260, tag.checksum = udf::tag_checksum(tag);
                                    });
                                  }},
                        UdfDamage{"attributes_leave_the_block", Outcome::error, "ECMA-167 4/14.9.19",
                                  entry(kFile, [](auto& e) { e.extended_attributes_length = 0xFFFFFFFF; })},
                        UdfDamage{"descriptors_leave_the_block", Outcome::error, "ECMA-167 4/14.9.19",
                                  entry(kFile, [](auto& e) { e.allocation_descriptors_length = 0xFFFFFFFC; })},
                        UdfDamage{"strategy_3", Outcome::error, "ECMA-167 4/14.6.2",
                                  entry(kFile, [](auto& e) { e.icb.strategy_type = 3; })},
                        UdfDamage{"extended_form", Outcome::finding, "UDF 2.3.5.4",
                                  entry(kFile,
                                        [](auto& e) {
                                          e.icb.flags = static_cast<std::uint16_t>((e.icb.flags.value() & ~7U) | 2U);
                                        })},
                        UdfDamage{"length_above_extents", Outcome::finding, "ECMA-167 4/14.9.10",
                                  entry(kFile, [](auto& e) { e.information_length = UINT64_MAX; })},
                        UdfDamage{"embedded_beyond_area", Outcome::finding, "ECMA-167 4/14.9.10",
                                  entry(kFile, [](auto& e) { e.icb.flags = 3; })},
                        UdfDamage{
                            "folder_longer_than_extents", Outcome::error, "ECMA-167 4/14.9.10",
                            entry(kDocsEntry, [](auto& e) { e.information_length = UINT64_MAX; })},
                        UdfDamage{"root_is_a_file", Outcome::error, "ECMA-167 4/14.6.6",
                                  entry(kRootEntry, [](auto& e) { e.icb.file_type = 5; })},
                        UdfDamage{"system_file_in_the_tree", Outcome::finding, "not for users",
                                  entry(kFile, [](auto& e) { e.icb.file_type = 250; })},
                        UdfDamage{"folder_and_file_confused", Outcome::finding, "ECMA-167 4/14.4.3",
                                  entry("udf/file entry /docs/empty", [](auto& e) { e.icb.file_type = 4; })},
                        UdfDamage{"symlink_of_no_path", Outcome::finding, "is no path",
                                  entry("udf/file entry /docs/empty", [](auto& e) { e.icb.file_type = 12; })},
                        UdfDamage{
                            "device_without_number", Outcome::finding, "UDF 3.3.4.4",
                            entry("udf/file entry /docs/empty", [](auto& e) { e.icb.file_type = 6; })},
                        UdfDamage{"extent_beyond_end", Outcome::finding, "ECMA-167 4/14.14.1.2",
                                  short_extent(kFile, [](auto& ad) { ad.position = 0x00FFFFFF; })},
                        UdfDamage{"extent_beyond_partition", Outcome::finding, "ECMA-167 4/14.14.1.2",
                                  [](SampleVolume& v) {
                                    const auto last = v.blocks() - kPartition - 2;
                                    short_extent(kFile, [=](auto& ad) { ad.position = last; })(v);
                                  }},
                        UdfDamage{"folder_extent_beyond_end", Outcome::error, "ECMA-167 4/14.14.1.2",
                                  short_extent(kDocsEntry, [](auto& ad) { ad.position = 0x00FFFFFF; })},
                        UdfDamage{"folder_of_holes", Outcome::error, "ECMA-167 4/8.6",
                                  short_extent(kDocsEntry,
                                               [](auto& ad) {
                                                 ad.length = udf::extent_length_field(
                                                     udf::ExtentType::hole, udf::extent_length(ad.length.value()));
                                               })},
                        UdfDamage{"extent_continued_in_itself", Outcome::error, "ECMA-167 3/7.2.1",
                                  [](SampleVolume& v) {
                                    const auto at = v.place(kDocsEntry).value - kPartition;
                                    short_extent(kDocsEntry, [=](auto& ad) {
                                      ad.position = at,
                                      ad.length = udf::extent_length_field(udf::ExtentType::continuation, kBlockSize);
                                    })(v);
                                  }},
                        UdfDamage{"folder_continued_in_a_circle", Outcome::error, "ECMA-167 4/14.5",
                                  [](SampleVolume& v) {
                                    const Lba at{v.blocks()};
                                    v.append(1);
                                    partition([&](auto& p) { p.length = at.value + 1 - kPartition; })(v);
                                    udf::AllocationExtentDescriptor aed{};
                                    aed.allocation_descriptors_length = 8;
                                    store(v.block(at), aed);
                                    udf::ShortAllocationDescriptor ad{};
                                    ad.length = udf::extent_length_field(udf::ExtentType::continuation, kBlockSize);
                                    ad.position = at.value - kPartition;
                                    store(behind(v.block(at), sizeof aed), ad);
                                    udf::seal(v.block(at).first(sizeof aed + sizeof ad),
                                              TagIdentifier::allocation_extent_descriptor, at.value - kPartition, 2);
                                    short_extent(kDocsEntry, [=](auto& first) { first = ad; })(v);
                                  }}),
    [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Identifiers, VolumeDamageUdf,
    ::testing::Values(UdfDamage{"crc", Outcome::finding, "ECMA-167 3/7.2.6",
                                [](SampleVolume& v) { identifier(v, kDocs, "a.txt")[18] ^= std::byte{1}; }},
                      UdfDamage{"checksum", Outcome::error, "ECMA-167 3/7.2.3",
                                [](SampleVolume& v) { identifier(v, kDocs, "a.txt")[4] ^= std::byte{1}; }},
                      UdfDamage{"identifier_leaves_the_folder", Outcome::error, "ECMA-167 4/14.4",
                                [](SampleVolume& v) {
                                  // The last of the folder, or it would only cover the one behind it.
                                  v.edit<udf::FileIdentifierDescriptor>(identifier(v, kDocs, "empty"),
                                                                        [](auto& f) { f.identifier_length = 255; });
                                }},
                      UdfDamage{"use_leaves_the_folder", Outcome::error, "ECMA-167 4/14.4",
                                [](SampleVolume& v) {
                                  v.edit<udf::FileIdentifierDescriptor>(identifier(v, kDocs, "a.txt"), [](auto& f) {
                                    f.implementation_use_length = 0xFFFF;
                                  });
                                }},
                      UdfDamage{"no_compression_id", Outcome::finding, "UDF 2.1.1",
                                [](SampleVolume& v) {
                                  const auto f = identifier(v, kDocs, "a.txt");
                                  f[sizeof(udf::FileIdentifierDescriptor)] = std::byte{7};
                                  SampleVolume::reseal(f);
                                }},
                      UdfDamage{"name_with_slash", Outcome::finding, "cannot be a name",
                                [](SampleVolume& v) {
                                  const auto f = identifier(v, kDocs, "a.txt");
                                  f[sizeof(udf::FileIdentifierDescriptor) + 2] = std::byte{'/'};
                                  SampleVolume::reseal(f);
                                }},
                      UdfDamage{"no_file_entry", Outcome::finding, "without a file entry",
                                fid(kDocs, "a.txt", [](auto& f) { f.icb.length = 0; })},
                      UdfDamage{"file_entry_in_no_partition", Outcome::error, "ECMA-167 4/7.1.2",
                                fid(kDocs, "a.txt", [](auto& f) { f.icb.location.partition_reference = 1; })},
                      UdfDamage{"file_entry_beyond_partition", Outcome::error, "ECMA-167 4/7.1.1",
                                fid(kDocs, "a.txt", [](auto& f) { f.icb.location.block = 0x7FFFFFFF; })},
                      UdfDamage{"folder_is_its_own_child", Outcome::finding, "ECMA-167 4/8.5",
                                [](SampleVolume& v) {
                                  const auto self = v.place(kDocsEntry).value - kPartition;
                                  fid(kDocs, "deep", [=](auto& f) { f.icb.location.block = self; })(v);
                                }},
                      UdfDamage{"folder_is_the_root", Outcome::finding, "ECMA-167 4/8.5",
                                [](SampleVolume& v) {
                                  const auto root = v.place(kRootEntry).value - kPartition;
                                  fid(kDocs, "deep", [=](auto& f) { f.icb.location.block = root; })(v);
                                }},
                      UdfDamage{"trailing_bytes", Outcome::finding, "ECMA-167 4/14.4",
                                [](SampleVolume& v) {
                                  v.edit<udf::FileEntry>(v.block(kDocsEntry), [](auto& e) {
                                    e.information_length = e.information_length.value() + 8;
                                  });
                                  SampleVolume::reseal(v.block(kDocsEntry));
                                  short_extent(kDocsEntry, [](auto& ad) { ad.length = ad.length.value() + 8; })(v);
                                }}),
    [](const auto& i) { return i.param.name; });

TEST(VolumeDamageUdfContent, BeyondTheEndIsRefusedByName) {
  SampleVolume volume;
  short_extent(kFile, [](auto& ad) { ad.position = 0x00FFFFFF; })(volume);
  const auto walk = walk_volume(volume, View::udf);
  ASSERT_FALSE(walk.error) << describe(walk);
  ASSERT_TRUE(walk.refused.contains("/docs/a.txt")) << describe(walk);
  EXPECT_EQ(walk.refused.at("/docs/a.txt").code(), Errc::corrupt_structure);
  EXPECT_EQ(walk.refused.at("/docs/a.txt").where().path, "/docs/a.txt");
  EXPECT_EQ(walk.contents.at("/docs/empty"), "") << "all others can be read";
}

TEST(VolumeDamageUdfContent, PartitionsThatCannotBeReadAreNamed) {
  for (const auto& [id, clause] : std::map<std::string, std::string>{{"*UDF Virtual Partition", "UDF 2.2.8"},
                                                                     {"*UDF Sparable Partition", "UDF 2.2.9"},
                                                                     {"*UDF Metadata Partition", "UDF 2.2.10"},
                                                                     {"*Something Else", "ECMA-167 3/10.7.3"}}) {
    SampleVolume volume;
    in_sequences(volume, TagIdentifier::logical_volume_descriptor, [&, name = id](auto block) {
      volume.edit<udf::LogicalVolumeDescriptor>(block,
                                                [](auto& d) { d.map_table_length = sizeof(udf::Type2PartitionMap); });
      udf::Type2PartitionMap map{};
      map.header = {2, sizeof map};
      map.type_identifier = udf::plain_identifier(name);
      store(behind(block, sizeof(udf::LogicalVolumeDescriptor)), map);
    });
    const auto walk = walk_volume(volume, View::udf);
    ASSERT_TRUE(walk.error) << id;
    EXPECT_EQ(walk.error->where().clause, clause) << walk.error->what();
  }
}

TEST(VolumeDamageUdfContent, EveryTruncationIsSurvived) {
  const SampleVolume whole;
  for (std::uint32_t blocks = 0; blocks < whole.blocks(); ++blocks) {
    SampleVolume volume = whole;
    volume.cut(blocks);
    const auto walk = walk_volume(volume, View::udf);
    // The tail holds anchors alone: nothing is lost with some of them.
    if (blocks >= whole.place(kReserve).value) break;
    EXPECT_TRUE(walk.error || !walk.findings.empty()) << blocks;
  }
}

}  // namespace
}  // namespace fsimage::test
