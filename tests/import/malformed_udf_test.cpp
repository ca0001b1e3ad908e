// Malformed UDF: classes 20 to 32 of images that have broken parsers.
#include "malformed.hpp"
#include "udf_changes.hpp"
#include "udf_forms.hpp"

#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

constexpr std::size_t kAll = 10, kAllOfForm = 3;  // entries of the sample, and of the forms

Malformed on_sample(std::string name, Told told, std::string clause, std::string path, std::size_t reached,
                    std::function<Lba(SampleVolume&)> change) {
  return {std::move(name), View::udf, told, std::move(clause), std::move(path), reached, [change = std::move(change)] {
            SampleVolume volume;
            const Lba at = change(volume);
            return Malformed::Made{volume.source(), at};
          }};
}
Malformed on_sample(std::string name, Told told, std::string clause, std::string path, std::size_t reached,
                    const std::string& at, std::function<void(SampleVolume&)> change) {
  return on_sample(std::move(name), told, std::move(clause), std::move(path), reached, [=](SampleVolume& v) {
    change(v);
    return v.place(at);
  });
}
Malformed on_form(std::string name, udf::Revision revision, void (*make)(UdfBuilder&), Told told, std::string clause,
                  std::string path, std::size_t reached, std::function<Lba(UdfBuilder&)> change) {
  return {std::move(name),
          View::udf,
          told,
          std::move(clause),
          std::move(path),
          reached,
          [revision, make, change = std::move(change)] {
            UdfBuilder built(kBlockSize, revision);
            make(built);
            const Lba at = change(built);
            return Malformed::Made{built.source(), at};
          }};
}

// The descriptor of that kind in the main sequence.
Lba place_of(SampleVolume& v, TagIdentifier id) {
  for (Lba at = v.place(kMain);; at = at + BlockCount{1})
    if (load<udf::DescriptorTag>(v.block(at)).identifier.value() == static_cast<std::uint16_t>(id)) return at;
}
Malformed in_logical_volume(std::string name, Told told, std::string clause, std::size_t reached,
                            std::function<void(SampleVolume&)> change) {
  return on_sample(std::move(name), told, std::move(clause), "", reached, [=](SampleVolume& v) {
    change(v);
    return place_of(v, TagIdentifier::logical_volume_descriptor);
  });
}
Malformed in_partition(std::string name, Told told, std::string clause, std::size_t reached,
                       std::function<void(udf::PartitionDescriptor&)> change) {
  return on_sample(std::move(name), told, std::move(clause), "", reached, [=](SampleVolume& v) {
    partition(change)(v);
    return place_of(v, TagIdentifier::partition_descriptor);
  });
}

template <WireStruct T>
void change_at(UdfBuilder& b, std::uint32_t lsn, std::size_t offset, const std::function<void(T&)>& change) {
  const auto at = b.block(lsn).subspan(offset);
  T structure = load<T>(at);
  change(structure);
  store(at, structure);
  SampleVolume::reseal(b.block(lsn));
}
void in_sparable_map(UdfBuilder& b, const std::function<void(udf::SparableMapFields&)>& change) {
  for (const auto sequence : {UdfBuilder::kMainAt, UdfBuilder::kReserveAt})
    change_at<udf::SparableMapFields>(
        b, sequence + 2, sizeof(udf::LogicalVolumeDescriptor) + offsetof(udf::Type2PartitionMap, specific), change);
}
constexpr Lba kFormMaps{UdfBuilder::kMainAt + 2};  // the logical volume descriptor of a form
constexpr std::uint32_t at_block(std::uint32_t lbn) { return UdfBuilder::kStart + lbn; }

class MalformedUdf : public ::testing::TestWithParam<Malformed> {};
TEST_P(MalformedUdf, IsToldWithinBounds) { expect_told(GetParam()); }
const auto name_of = [](const auto& i) { return i.param.name; };

// --- 20, 21: partition maps, and references to them

INSTANTIATE_TEST_SUITE_P(
    Maps, MalformedUdf,
    ::testing::Values(
        in_logical_volume("class_20_maps_longer_than_the_descriptor", Told::error, "ECMA-167 3/10.6.8", 0,
                          logical_volume([](auto& d) { d.map_table_length = 0xFFFFFFFF; })),
        in_logical_volume("class_20_more_maps_than_there_are", Told::error, "ECMA-167 3/10.6.9", 0,
                          logical_volume([](auto& d) { d.partition_map_count = 0xFFFFFFFF; })),
        in_logical_volume("class_20_map_of_length_0", Told::error, "ECMA-167 3/10.7.1.2", 0,
                          partition_map([](auto& m) { m.header.length = 0; })),
        in_logical_volume("class_20_map_longer_than_its_table", Told::error, "ECMA-167 3/10.7.1.2", 0,
                          partition_map([](auto& m) { m.header.length = 255; })),
        on_form("class_20_more_sparing_tables_than_places", udf::Revision::v1_50, make_sparable, Told::finding,
                "UDF 2.2.9", "", kAllOfForm,
                [](UdfBuilder& b) {
                  in_sparable_map(b, [](auto& f) { f.table_count = 255; });
                  return kFormMaps;
                }),
        on_form("class_20_packets_of_no_blocks", udf::Revision::v1_50, make_sparable, Told::error, "UDF 2.2.9", "", 0,
                [](UdfBuilder& b) {
                  in_sparable_map(b, [](auto& f) { f.packet_length = 0; });
                  return kFormMaps;
                }),
        on_form("class_20_more_sparing_entries_than_the_table_holds", udf::Revision::v1_50, make_sparable,
                Told::finding, "UDF 2.2.12", "", kAllOfForm,
                [](UdfBuilder& b) {
                  change_at<udf::SparingTable>(b, kSparingTable[0], 0, [](auto& table) { table.entry_count = 0xFFFF; });
                  return Lba{kSparingTable[0]};
                }),
        on_form("class_20_sparing_table_beyond_the_end", udf::Revision::v1_50, make_sparable, Told::finding,
                "UDF 2.2.12", "", kAllOfForm,
                [](UdfBuilder& b) {
                  in_sparable_map(b, [](auto& f) { f.table_locations[0] = 0xFFFFFFF0; });
                  return Lba{0xFFFFFFF0};
                }),
        in_logical_volume("class_21_file_set_in_no_partition", Told::error, "ECMA-167 4/7.1.2", 10,
                          logical_volume([](auto& d) { d.file_set.location.partition_reference = 0xFFFF; })),
        on_sample("class_21_file_entry_in_no_partition", Told::error, "ECMA-167 4/7.1.2", "/docs/a.txt", kAll - 1,
                  [](SampleVolume& v) {
                    fid(kDocs, "a.txt", [](auto& f) { f.icb.location.partition_reference = 1; })(v);
                    return place_of(v, TagIdentifier::logical_volume_descriptor);
                  }),
        on_form("class_21_content_in_no_partition", udf::Revision::v1_02, make_physical, Told::finding,
                "ECMA-167 4/7.1.2", "/a.txt", kAllOfForm,
                [](UdfBuilder& b) {
                  change_at<udf::LongAllocationDescriptor>(b, at_block(UdfBuilder::kFileA), sizeof(udf::FileEntry),
                                                           [](auto& ad) { ad.location.partition_reference = 9; });
                  return kFormMaps;
                })),
    name_of);

// --- 22, 23: partition descriptors

// Copies of the partition descriptor in place of the others behind it, changed one after the other.
void repeat_partition(SampleVolume& v, const std::function<void(udf::PartitionDescriptor&, std::uint32_t)>& change) {
  for (const auto& label : {kMain, kReserve}) {
    std::span<std::byte> from;
    for (std::uint32_t i = 0; i < 16; ++i) {
      const Lba at = v.place(label) + BlockCount{i};
      const auto id = load<udf::DescriptorTag>(v.block(at)).identifier.value();
      if (id == static_cast<std::uint16_t>(TagIdentifier::partition_descriptor) && from.empty()) from = v.block(at);
      if (from.empty() || (i < 15 && id != 0 && id != 8)) continue;
      std::ranges::copy(from, v.block(at).begin());
      v.edit<udf::PartitionDescriptor>(v.block(at), [&](auto& d) {
        change(d, i);
        udf::relocate(d.tag, at.value);
      });
      SampleVolume::reseal(v.block(at));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Partitions, MalformedUdf,
    ::testing::Values(
        on_sample("class_22_older_partition_repeated", Told::finding, "", "", kAll, kFileSet,
                  [](SampleVolume& v) {
                    repeat_partition(v, [](auto& d, auto) {
                      d.sequence_number = 0;
                      d.starting_location = 0xFFFFFFFF;
                    });
                  }),
        on_sample("class_22_further_partitions", Told::finding, "", "", kAll, kFileSet,
                  [](SampleVolume& v) {
                    repeat_partition(v, [](auto& d, auto i) {
                      d.partition_number = static_cast<std::uint16_t>(1000 + i);
                      d.length = 0xFFFFFFFF;
                    });
                  }),
        strict_ends_earlier(on_sample("class_22_partition_replaced", Told::error, "ECMA-167 4/14.1", "", 0,
                                      [](SampleVolume& v) {
                                        repeat_partition(v, [](auto& d, auto i) {
                                          d.sequence_number = 0xFFFFFF00 + i;
                                          d.starting_location = 0xFFFFFFFF;
                                        });
                                        return place_of(v, TagIdentifier::logical_volume_descriptor);
                                      })),
        in_partition("class_23_partition_of_almost_2_to_the_32", Told::finding, "ECMA-167 3/10.5.9", kAll,
                     [](auto& p) { p.length = 0xFFFFFFFF; }),
        strict_ends_earlier(in_logical_volume("class_23_partition_starts_at_the_last_address", Told::error,
                                              "ECMA-167 4/14.1", 0,
                                              partition([](auto& p) { p.starting_location = 0xFFFFFFFF; }))),
        on_sample("class_23_file_entry_at_the_last_address", Told::error, "ECMA-167 4/7.1.1", "/docs/a.txt", kAll - 1,
                  [](SampleVolume& v) {
                    fid(kDocs, "a.txt", [](auto& f) { f.icb.location.block = 0xFFFFFFFF; })(v);
                    return Lba{0xFFFFFFFF};
                  }),
        on_sample("class_23_content_at_the_last_address", Told::finding, "ECMA-167 4/14.14.1.2", "/docs/a.txt", kAll,
                  kFile, short_extent(kFile, [](auto& ad) { ad.position = 0xFFFFFFFF; }))),
    name_of);

// --- 24 to 26: rings

void put_allocation_extent(SampleVolume& v, Lba at, std::uint32_t length, Lba next) {
  udf::AllocationExtentDescriptor aed{};
  aed.allocation_descriptors_length = length;
  store(v.block(at), aed);
  udf::ShortAllocationDescriptor ad{};
  ad.length = udf::extent_length_field(udf::ExtentType::continuation, kBlockSize);
  ad.position = next.value - kPartition;
  store(behind(v.block(at), sizeof aed), ad);
  udf::seal(v.block(at).first(sizeof aed + sizeof ad), TagIdentifier::allocation_extent_descriptor,
            at.value - kPartition, 2);
}
// The extents of `entry` go on in two new blocks; the second leads to the first.
Lba ring_of_extents(SampleVolume& v, const std::string& entry, std::uint32_t length) {
  const Lba first{v.blocks()}, second = first + BlockCount{1};
  v.append(2);
  partition([&](auto& p) { p.length = second.value + 1 - kPartition; })(v);
  put_allocation_extent(v, first, length, second);
  put_allocation_extent(v, second, length, first);
  short_extent(entry, [&](auto& ad) {
    ad.length = udf::extent_length_field(udf::ExtentType::continuation, kBlockSize);
    ad.position = first.value - kPartition;
  })(v);
  return first;
}

Lba pointer_ring(SampleVolume& v) {
  Lba end = v.place(kMain);
  while (load<udf::DescriptorTag>(v.block(end)).identifier.value() != 8) end = end + BlockCount{1};
  udf::VolumeDescriptorPointer pointer{};
  pointer.next_sequence.length = 16 * kBlockSize;
  pointer.next_sequence.location = v.place(kMain).value;
  store(v.block(end), pointer);
  udf::seal(v.block(end).first(sizeof pointer), TagIdentifier::volume_descriptor_pointer, end.value, 2);
  return v.place(kMain);
}
Lba integrity_ring(SampleVolume& v) {
  const Lba at = v.place("udf/logical volume integrity sequence");
  v.edit_sealed<udf::LogicalVolumeIntegrityDescriptor>(v.block(at), [&](auto& d) {
    d.next_extent.length = kBlockSize;
    d.next_extent.location = at.value;
  });
  return at;
}

INSTANTIATE_TEST_SUITE_P(
    Rings, MalformedUdf,
    ::testing::Values(on_sample("class_24_descriptor_pointers_in_a_ring", Told::finding, "ECMA-167 3/10.3", "", kAll,
                                pointer_ring),
                      on_sample("class_24_integrity_descriptors_in_a_ring", Told::finding, "ECMA-167 3/10.10.4", "",
                                kAll, integrity_ring),
                      on_form("class_25_indirect_entry_of_itself", udf::Revision::v1_02, make_chain, Told::error,
                              "ECMA-167 4/14.7", "/sub/b.txt", kAllOfForm - 1,
                              [](UdfBuilder& b) {
                                put_indirect(b, UdfBuilder::physical(), 60, 60);
                                return Lba{at_block(60)};
                              }),
                      on_form("class_25_file_entries_in_a_ring", udf::Revision::v1_02, make_chain, Told::error,
                              "ECMA-167 4/14.7", "/sub/b.txt", kAllOfForm - 1,
                              [](UdfBuilder& b) {
                                put_indirect(b, UdfBuilder::physical(), 61, UdfBuilder::kFileB);
                                return Lba{at_block(60)};
                              }),
                      on_sample("class_26_extents_of_a_folder_in_a_ring", Told::error, "ECMA-167 4/14.5", "/docs/deep",
                                kAll - 2, [](SampleVolume& v) { return ring_of_extents(v, kDeepEntry, 8); }),
                      on_sample("class_26_length_of_descriptors_wrong", Told::error, "ECMA-167 4/14.5.3", "/docs/deep",
                                kAll - 2, [](SampleVolume& v) { return ring_of_extents(v, kDeepEntry, 0xFFFFFFF8); }),
                      on_sample("class_29_folder_that_contains_its_parent", Told::finding, "ECMA-167 4/8.5",
                                "/docs/deep", kAll - 2, kDocsEntry,
                                [](SampleVolume& v) {
                                  const auto self = v.place(kDocsEntry).value - kPartition;
                                  fid(kDocs, "deep", [=](auto& f) { f.icb.location.block = self; })(v);
                                }),
                      on_sample("class_29_folder_that_contains_the_root", Told::finding, "ECMA-167 4/8.5", "/docs/deep",
                                kAll - 2, kRootEntry,
                                [](SampleVolume& v) {
                                  const auto root = v.place(kRootEntry).value - kPartition;
                                  fid(kDocs, "deep", [=](auto& f) { f.icb.location.block = root; })(v);
                                })),
    name_of);

// --- 27, 28: lengths in file entries and identifiers

INSTANTIATE_TEST_SUITE_P(
    Lengths, MalformedUdf,
    ::testing::Values(
        on_sample("class_27_attributes_leave_the_block", Told::error, "ECMA-167 4/14.9.19", "/docs/a.txt", kAll - 2,
                  kFile, entry(kFile, [](auto& e) { e.extended_attributes_length = 0xFFFFFFFF; })),
        on_sample("class_27_sum_of_lengths_overflows", Told::error, "ECMA-167 4/14.9.19", "/docs/a.txt", kAll - 2,
                  kFile,
                  entry(kFile,
                        [](auto& e) {
                          e.extended_attributes_length = 0xFFFFFFF0;
                          e.allocation_descriptors_length = 0x18;
                        })),
        on_form("class_27_lengths_of_an_extended_entry", udf::Revision::v2_01, make_physical, Told::error,
                "ECMA-167 4/14.17.23", "/sub/b.txt", kAllOfForm - 1,
                [](UdfBuilder& b) {
                  change_at<udf::ExtendedFileEntry>(b, at_block(UdfBuilder::kFileB), 0,
                                                    [](auto& e) { e.allocation_descriptors_length = 2000; });
                  return Lba{at_block(UdfBuilder::kFileB)};
                }),
        on_sample("class_27_identifier_leaves_the_directory", Told::error, "ECMA-167 4/14.4", "/docs", kAll - 1, kDocs,
                  fid(kDocs, "empty", [](auto& f) { f.identifier_length = 255; })),
        on_sample("class_27_use_leaves_the_directory", Told::error, "ECMA-167 4/14.4", "/docs", kAll - 1, kDocs,
                  fid(kDocs, "empty", [](auto& f) { f.implementation_use_length = 0xFFFC; })),
        strict_ends_earlier(on_sample("class_28_length_far_above_the_extents", Told::finding, "ECMA-167 4/14.9.10",
                                      "/docs/a.txt", kAll, kFile,
                                      entry(kFile, [](auto& e) { e.information_length = UINT64_MAX; }))),
        strict_ends_earlier(on_sample("class_28_folder_longer_than_its_extents", Told::error, "ECMA-167 4/14.9.10",
                                      "/docs", kAll, kDocsEntry,
                                      entry(kDocsEntry, [](auto& e) { e.information_length = UINT64_MAX; }))),
        on_form("class_28_embedded_content_longer_than_its_area", udf::Revision::v1_02, make_physical, Told::finding,
                "ECMA-167 4/14.9.10", "/sub/b.txt", kAllOfForm,
                [](UdfBuilder& b) {
                  change_at<udf::FileEntry>(b, at_block(UdfBuilder::kFileB), 0,
                                            [](auto& e) { e.information_length = std::uint64_t{1} << 62; });
                  return Lba{at_block(UdfBuilder::kFileB)};
                }),
        // The same block twice: odd, but each extent is where it says.
        on_form("class_28_extents_that_overlap", udf::Revision::v1_02, make_physical, Told::finding, "", "", kAllOfForm,
                [](UdfBuilder& b) {
                  const auto ad = b.long_ad(0, 40, 2 * b.block_size());
                  auto second = b.long_ad(0, 41, b.block_size());
                  UdfBuilder::File file;
                  file.form = udf::AllocationForm::long_form;
                  file.size = 3 * std::uint64_t{b.block_size()};
                  file.area = joined({bytes_of(ad), bytes_of(second)});
                  file.unique_id = 17;
                  b.put_file(UdfBuilder::physical(), UdfBuilder::kFileA, file);
                  return Lba{at_block(UdfBuilder::kFileA)};
                })),
    name_of);

// --- 30 to 32

const std::string kLinkEntry = "udf/file entry /docs/deep/link";

// The components, which are embedded in the file entry behind its attributes.
std::span<std::byte> link_content(SampleVolume& v) {
  const auto block = v.block(kLinkEntry);
  return block.subspan(sizeof(udf::FileEntry) + load<udf::FileEntry>(block).extended_attributes_length.value());
}

INSTANTIATE_TEST_SUITE_P(
    Others, MalformedUdf,
    ::testing::Values(
        on_form("class_30_virtual_allocation_table_in_the_tree", udf::Revision::v2_01, make_virtual, Told::finding,
                "ECMA-167 4/14.6.6", "/sub/b.txt", kAllOfForm - 1,
                [](UdfBuilder& b) {
                  UdfBuilder::File sub;
                  sub.type = udf::IcbFileType::directory;
                  sub.area = joined(
                      {b.identifier(UdfBuilder::kSub, "", b.long_ad(1, UdfBuilder::kRoot, kBlockSize),
                                    udf::kFidDirectory | udf::kFidParent),
                       b.identifier(UdfBuilder::kSub, "b.txt",
                                    b.long_ad(0, UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, kBlockSize, 16))});
                  sub.size = sub.area.size();
                  b.put_file({1, [](std::uint32_t) { return UdfBuilder::kStart + 100 + UdfBuilder::kSub * 7 % 13; }},
                             UdfBuilder::kSub, sub);
                  return Lba{UdfBuilder::kBlocks - 1};
                }),
        on_form("class_30_metadata_file_in_the_tree", udf::Revision::v2_50, make_metadata, Told::finding,
                "ECMA-167 4/14.6.6", "/sub/b.txt", kAllOfForm - 1,
                [](UdfBuilder& b) {
                  UdfBuilder::File sub;
                  sub.type = udf::IcbFileType::directory;
                  sub.area = joined({b.identifier(UdfBuilder::kSub, "", b.long_ad(1, UdfBuilder::kRoot, kBlockSize),
                                                  udf::kFidDirectory | udf::kFidParent),
                                     b.identifier(UdfBuilder::kSub, "b.txt", b.long_ad(0, kMetadataFile, kBlockSize))});
                  sub.size = sub.area.size();
                  b.put_file({1,
                              [](std::uint32_t block) {
                                return UdfBuilder::kStart + kMetadataData[1] + block - kMetadataFirst;
                              }},
                             UdfBuilder::kSub, sub);
                  return Lba{at_block(kMetadataFile)};
                }),
        on_sample("class_30_unallocated_space_in_the_tree", Told::finding, "ECMA-167 4/14.6.6", "/docs/a.txt", kAll - 2,
                  kFile, entry(kFile, [](auto& e) { e.icb.file_type = 1; })),
        on_sample("class_30_unallocated_space_entry_in_the_tree", Told::error, "ECMA-167 4/7.2.1", "/docs/a.txt",
                  kAll - 2, kFile,
                  [](SampleVolume& v) {
                    v.edit<udf::DescriptorTag>(v.block(kFile), [](auto& tag) {
                      tag.identifier = static_cast<std::uint16_t>(TagIdentifier::unallocated_space_entry);
                      tag.checksum = udf::tag_checksum(tag);
                    });
                  }),
        on_form("class_31_table_header_longer_than_its_table", udf::Revision::v2_01, make_virtual, Told::error,
                "UDF 2.2.11", "", 0,
                [](UdfBuilder& b) {
                  change_at<udf::VatHeader>(b, UdfBuilder::kBlocks - 1, sizeof(udf::ExtendedFileEntry),
                                            [](auto& h) { h.header_length = 0xFFFF; });
                  return Lba{UdfBuilder::kBlocks - 1};
                }),
        on_form("class_31_table_longer_than_the_image", udf::Revision::v2_01, make_virtual, Told::error, "UDF 2.2.11",
                "", 0,
                [](UdfBuilder& b) {
                  change_at<udf::ExtendedFileEntry>(b, UdfBuilder::kBlocks - 1, 0,
                                                    [](auto& e) { e.information_length = UINT64_MAX; });
                  return Lba{UdfBuilder::kBlocks - 1};
                }),
        on_form("class_31_table_without_its_trailer", udf::Revision::v1_50, make_virtual, Told::error,
                "UDF 1.50 2.2.10", "", 0,
                [](UdfBuilder& b) {
                  change_at<udf::FileEntry>(b, UdfBuilder::kBlocks - 1, 0, [](auto& e) { e.information_length = 8; });
                  return Lba{UdfBuilder::kBlocks - 1};
                }),
        on_sample("class_31_crc_length_above_the_block", Told::error, "ECMA-167 3/7.2.7", "/docs/a.txt", kAll - 2,
                  kFile,
                  [](SampleVolume& v) {
                    v.edit<udf::DescriptorTag>(v.block(kFile), [](auto& tag) {
                      tag.crc_length = 0xFFFF;
                      tag.checksum = udf::tag_checksum(tag);
                    });
                  }),
        on_sample("class_32_component_longer_than_its_link", Told::finding, "ECMA-167 4/14.16", "/docs/deep/link",
                  kAll - 1, kLinkEntry,
                  [](SampleVolume& v) {
                    link_content(v)[1] = std::byte{255}, SampleVolume::reseal(v.block(kLinkEntry));
                  }),
        on_sample("class_32_link_of_an_unknown_component", Told::finding, "ECMA-167 4/14.16", "/docs/deep/link",
                  kAll - 1, kLinkEntry,
                  [](SampleVolume& v) {
                    link_content(v)[0] = std::byte{77}, SampleVolume::reseal(v.block(kLinkEntry));
                  }),
        on_sample("class_32_link_longer_than_any_path", Told::error, "ECMA-167 4/14.16", "/docs/deep/link", kAll - 1,
                  kLinkEntry, entry(kLinkEntry, [](auto& e) { e.information_length = 0xFFFFFFFF; }))),
    name_of);

}  // namespace
}  // namespace fsimage::test
