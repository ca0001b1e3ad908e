// Damage to UDF, one kind a row: each ends in an error or is told, and at once. And forms that we do not write ourselves.
#include "sample_volume.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/timestamp.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace fsimage::test {
namespace {

using udf::TagIdentifier;

const std::string kMain = "udf/main volume descriptor sequence", kReserve = "udf/reserve volume descriptor sequence";
const std::string kAnchor = "udf/anchor volume descriptor pointer", kAnchors = "udf/anchor volume descriptor pointers";
const std::string kFileSet = "udf/file set descriptor", kRootEntry = "udf/file entry /",
                  kDocsEntry = "udf/file entry /docs";
const std::string kDocs = "udf/directory /docs", kRoot = "udf/directory /", kFile = "udf/file entry /docs/a.txt";
const std::string kDeepEntry = "udf/file entry /docs/deep";

// Of the partition; ours begin at block 288.
constexpr std::uint32_t kPartition = 288;

std::span<std::byte> behind(std::span<std::byte> block, std::size_t fixed) { return block.subspan(fixed); }

// The descriptor of that kind in both sequences.
void in_sequences(SampleVolume& v, TagIdentifier id, const std::function<void(std::span<std::byte>)>& change) {
  for (const auto& label : {kMain, kReserve})
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto block = v.block(v.place(label) + BlockCount{i});
      if (load<udf::DescriptorTag>(block).identifier.value() != static_cast<std::uint16_t>(id)) continue;
      change(block);
      SampleVolume::reseal(block);
    }
}

// The identifier descriptor of an entry in a folder of one block.
std::span<std::byte> identifier(SampleVolume& v, const std::string& folder, std::string_view name) {
  auto rest = v.block(folder);
  while (rest.size() >= sizeof(udf::FileIdentifierDescriptor)) {
    const auto fid = load<udf::FileIdentifierDescriptor>(rest);
    const auto size = udf::fid_size(fid.implementation_use_length.value(), fid.identifier_length);
    const auto text =
        udf::decode_cs0(rest.subspan(sizeof fid + fid.implementation_use_length.value(), fid.identifier_length));
    if (text && to_utf8(*text) == name) return rest.first(size);
    if (fid.tag.identifier.value() == 0) break;
    rest = rest.subspan(size);
  }
  throw std::logic_error("no identifier is " + std::string(name));
}

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

auto entry(std::string label, std::function<void(udf::FileEntry&)> change) {
  return [=](SampleVolume& v) { v.edit_sealed<udf::FileEntry>(v.block(label), change); };
}
auto short_extent(std::string label, std::function<void(udf::ShortAllocationDescriptor&)> change) {
  return [=](SampleVolume& v) {
    v.edit<udf::ShortAllocationDescriptor>(behind(v.block(label), sizeof(udf::FileEntry)), change);
    SampleVolume::reseal(v.block(label));
  };
}
auto fid(std::string folder, std::string name, std::function<void(udf::FileIdentifierDescriptor&)> change) {
  return [=](SampleVolume& v) { v.edit_sealed<udf::FileIdentifierDescriptor>(identifier(v, folder, name), change); };
}
auto logical_volume(std::function<void(udf::LogicalVolumeDescriptor&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::logical_volume_descriptor,
                 [&](auto block) { v.edit<udf::LogicalVolumeDescriptor>(block, change); });
  };
}
auto partition(std::function<void(udf::PartitionDescriptor&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::partition_descriptor,
                 [&](auto block) { v.edit<udf::PartitionDescriptor>(block, change); });
  };
}
auto partition_map(std::function<void(udf::Type1PartitionMap&)> change) {
  return [=](SampleVolume& v) {
    in_sequences(v, TagIdentifier::logical_volume_descriptor, [&](auto block) {
      v.edit<udf::Type1PartitionMap>(behind(block, sizeof(udf::LogicalVolumeDescriptor)), change);
    });
  };
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
                                      tag.identifier = 259, tag.checksum = udf::tag_checksum(tag);
                                    });
                                  }},
                        UdfDamage{"attributes_leave_the_block", Outcome::error, "ECMA-167 4/14.9.19",
                                  entry(kFile, [](auto& e) { e.extended_attributes_length = 0xFFFFFFFF; })},
                        UdfDamage{"descriptors_leave_the_block", Outcome::error, "ECMA-167 4/14.9.19",
                                  entry(kFile, [](auto& e) { e.allocation_descriptors_length = 0xFFFFFFFC; })},
                        UdfDamage{"strategy_4096", Outcome::error, "ECMA-167 4/14.6.2",
                                  entry(kFile, [](auto& e) { e.icb.strategy_type = 4096; })},
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
  for (const auto id :
       {"*UDF Virtual Partition", "*UDF Sparable Partition", "*UDF Metadata Partition", "*Something Else"}) {
    SampleVolume volume;
    in_sequences(volume, TagIdentifier::logical_volume_descriptor, [&](auto block) {
      volume.edit<udf::LogicalVolumeDescriptor>(block,
                                                [](auto& d) { d.map_table_length = sizeof(udf::Type2PartitionMap); });
      udf::Type2PartitionMap map{};
      map.header = {2, sizeof map};
      std::memcpy(map.type_identifier.identifier.data(), id, std::strlen(id));
      store(behind(block, sizeof(udf::LogicalVolumeDescriptor)), map);
    });
    const auto walk = walk_volume(volume, View::udf);
    ASSERT_TRUE(walk.error);
    EXPECT_EQ(walk.error->code(), Errc::unsupported) << walk.error->what();
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

// --- forms that other writers use

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
