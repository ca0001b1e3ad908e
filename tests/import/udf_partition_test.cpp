// Every kind of partition that UDF knows, in every block size: the same tree each time.
#include "sample_volume.hpp"
#include "udf_forms.hpp"

#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

WalkResult walk_built(const std::shared_ptr<const ByteSource>& source, Strictness strictness = Strictness::tolerant,
                      EntryOrder order = EntryOrder::recorded) {
  return walk_volume(source,
                     {.view = View::udf, .order = order, .session = {}, .limits = {}, .strictness = strictness});
}

void expect_tree(const UdfBuilder& built, const WalkResult& walk) {
  ASSERT_FALSE(walk.error) << describe(walk);
  EXPECT_EQ(walk.paths.size(), 3U) << describe(walk);
  ASSERT_TRUE(walk.contents.contains("/a.txt") && walk.contents.contains("/sub/b.txt")) << describe(walk);
  EXPECT_TRUE(walk.contents.at("/a.txt") == built.text_a().substr(0, 65536)) << "contents differ";
  EXPECT_EQ(walk.contents.at("/sub/b.txt"), UdfBuilder::kTextB);
}

UdfPartitionInfo described(const UdfBuilder& built, std::size_t index) {
  const auto info = describe_volumes(*built.source());
  EXPECT_TRUE(info.udf && info.udf->partitions.size() > index);
  return info.udf && info.udf->partitions.size() > index ? info.udf->partitions[index] : UdfPartitionInfo{};
}

class UdfPartitionKinds : public ::testing::TestWithParam<std::tuple<UdfForm, std::uint32_t>> {};

TEST_P(UdfPartitionKinds, HoldTheSameTree) {
  const auto& [form, block_size] = GetParam();
  UdfBuilder built(block_size, form.revision);
  form.make(built);
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name})
    for (const auto strictness : {Strictness::strict, Strictness::tolerant, Strictness::salvage}) {
      const auto walk = walk_built(built.source(), strictness, order);
      expect_tree(built, walk);
      EXPECT_TRUE(walk.findings.empty()) << describe(walk);
    }
  const auto found = identify_file_systems(*built.source());
  EXPECT_EQ(found.udf_revision, static_cast<std::uint16_t>(form.revision));
  EXPECT_TRUE(found.udf_recognition);
  const auto info = describe_volumes(*built.source());
  EXPECT_TRUE(info.findings.empty());
  EXPECT_EQ(info.udf->block_size, block_size);
  EXPECT_EQ(info.udf->logical_volume, "Built");
  for (const auto& p : info.udf->partitions) EXPECT_EQ(p.fault, "");
}

// Addresses are those of 2048-byte sectors, whatever the blocks are.
TEST_P(UdfPartitionKinds, AreMappedInSectors) {
  const auto& [form, block_size] = GetParam();
  UdfBuilder built(block_size, form.revision);
  form.make(built);
  std::map<std::string, std::string> parts;  // what lies in the sectors, by label
  map_volumes(built.source(), {}, [&](const VolumePart& p) {
    const auto sectors = std::span(built.bytes()).subspan(p.start.byte_offset(), p.blocks.bytes());
    parts[p.label] += std::string(reinterpret_cast<const char*>(sectors.data()), sectors.size());
  });
  for (const auto* text : {"AAAA", "BBBB", "CCCC"})
    EXPECT_NE(parts["content /a.txt"].find(text), std::string::npos) << text;
  EXPECT_NE(parts["udf/file entry /sub/b.txt"].find(UdfBuilder::kTextB), std::string::npos);
}

TEST_P(UdfPartitionKinds, AreOneSession) {
  const auto& [form, block_size] = GetParam();
  UdfBuilder built(block_size, form.revision);
  form.make(built);
  const auto sessions = find_sessions(built.source());
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].start, Lba{});
  EXPECT_TRUE(sessions[0].found.udf);
  expect_tree(built, walk_volume(sessions[0].source, {.view = View::udf, .order = {}, .session = sessions[0].start}));
}

INSTANTIATE_TEST_SUITE_P(Forms, UdfPartitionKinds,
                         ::testing::Combine(::testing::ValuesIn(all_forms()),
                                            ::testing::Values(512U, 1024U, 2048U, 4096U)),
                         [](const auto& i) {
                           return std::get<0>(i.param).name + "_" + std::to_string(std::get<1>(i.param));
                         });

// --- sparable

class UdfSparable : public ::testing::Test {
 protected:
  UdfSparable() { make_sparable(built_); }
  // Writes a sparing table again after a change.
  void change_table(std::uint32_t at, const std::function<void(udf::SparingTable&)>& change) {
    auto table = load<udf::SparingTable>(built_.block(at));
    change(table);
    store(built_.block(at), table);
    udf::seal(built_.block(at).first(sizeof table + table.entry_count.value() * sizeof(udf::SparingEntry)),
              udf::TagIdentifier::sparing_table, at, built_.version());
  }
  UdfBuilder built_{2048, udf::Revision::v1_50};
};

TEST_F(UdfSparable, TheSoundTableWithTheHigherNumberCounts) {
  const auto info = described(built_, 0);
  ASSERT_TRUE(info.sparing);
  EXPECT_EQ(info.kind, "sparable");
  EXPECT_EQ(info.sparing->packet_blocks, kPacket);
  ASSERT_EQ(info.sparing->tables.size(), 2U);
  EXPECT_EQ(info.sparing->tables[0].at, Lba{kSparingTable[0]});
  EXPECT_FALSE(info.sparing->tables[0].used) << "it is the older one, whose entries lead astray";
  EXPECT_TRUE(info.sparing->tables[1].used);
  EXPECT_EQ(info.sparing->tables[1].sequence_number, 2U);
  EXPECT_EQ(info.sparing->tables[1].spared, 2U);
  EXPECT_EQ(info.sparing->tables[1].entries, 4U) << "free and defective ones included";
}

TEST_F(UdfSparable, ADamagedTableIsPassedOver) {
  // The first one becomes the copy of the second.
  const auto second = built_.block(kSparingTable[1]);
  std::ranges::copy(second, built_.block(kSparingTable[0]).begin());
  change_table(kSparingTable[0], [](auto&) {});
  built_.block(kSparingTable[1])[60] ^= std::byte{1};
  const auto walk = walk_built(built_.source());
  expect_tree(built_, walk);
  EXPECT_TRUE(walk.has_finding("ECMA-167 3/7.2.6")) << describe(walk);
  EXPECT_TRUE(walk_built(built_.source(), Strictness::strict).error);
  const auto info = described(built_, 0);
  EXPECT_FALSE(info.sparing->tables[1].sound);
  EXPECT_TRUE(info.sparing->tables[0].used);
}

TEST_F(UdfSparable, WithoutATablePacketsAreWhereTheyLie) {
  for (const auto at : kSparingTable) std::ranges::fill(built_.block(at), std::byte{});
  const auto walk = walk_built(built_.source());
  EXPECT_TRUE(walk.has_finding("UDF 2.2.12")) << describe(walk);
  EXPECT_TRUE(walk.error) << "the folder lay in a packet that was spared";
}

TEST_F(UdfSparable, TablesThatLie) {
  for (const auto& [name, change] : std::map<std::string, std::function<void(udf::SparingTable&)>>{
           {"entries", [](auto& t) { t.entry_count = 60000; }},
           {"identifier", [](auto& t) { t.identifier.identifier[2] = std::byte{'x'}; }}}) {
    built_ = UdfBuilder(2048, udf::Revision::v1_50);
    make_sparable(built_);
    auto table = load<udf::SparingTable>(built_.block(kSparingTable[1]));
    change(table);
    store(built_.block(kSparingTable[1]), table);
    udf::seal(built_.block(kSparingTable[1]).first(sizeof table + 32), udf::TagIdentifier::sparing_table,
              kSparingTable[1], built_.version());
    EXPECT_FALSE(described(built_, 0).sparing->tables[1].sound) << name;
    EXPECT_TRUE(walk_built(built_.source()).has_finding("UDF 2.2.12")) << name;
  }
}

TEST_F(UdfSparable, PacketsOutsideTheImageAreErrors) {
  const auto table = std::span(built_.block(kSparingTable[1])).subspan(sizeof(udf::SparingTable));
  auto entry = load<udf::SparingEntry>(table);
  entry.mapped = 0xFFFFFFF0;
  store(table, entry);
  change_table(kSparingTable[1], [](auto&) {});
  const auto walk = walk_built(built_.source());
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->code(), Errc::corrupt_structure);
}

// --- virtual

class UdfVirtual : public ::testing::Test {
 protected:
  UdfBuilder built_{2048, udf::Revision::v2_01};
};

TEST_F(UdfVirtual, IsDescribed) {
  make_virtual(built_);
  const auto info = described(built_, 1);
  ASSERT_TRUE(info.vat);
  EXPECT_EQ(info.kind, "virtual");
  EXPECT_EQ(info.vat->icb, Lba{UdfBuilder::kBlocks - 1});
  EXPECT_EQ(info.vat->entries, 12U);
  EXPECT_EQ(info.vat->unused, 6U);
  EXPECT_FALSE(info.vat->old_form);
  ASSERT_TRUE(info.vat->previous);
  EXPECT_EQ(*info.vat->previous, Lba{UdfBuilder::kStart + 200});
}

TEST_F(UdfVirtual, TheTableIsFoundBeforeRunOutBlocksAndZeros) {
  make_virtual(built_);
  for (const std::uint32_t more : {1U, 3U, 300U, 5000U}) {
    auto padded = built_;
    padded.bytes().resize(padded.bytes().size() + std::size_t{more} * 2048);
    const auto walk = walk_built(padded.source());
    expect_tree(padded, walk);
    EXPECT_TRUE(walk.findings.empty()) << describe(walk);
  }
}

TEST_F(UdfVirtual, OnAnOpenDiscTheTableLiesFurtherBack) {
  make_virtual(built_);
  built_.bytes().resize(built_.bytes().size() + std::size_t{319} * 2048);
  for (std::uint32_t i = UdfBuilder::kBlocks; i < UdfBuilder::kBlocks + 319; ++i)
    std::ranges::fill(built_.block(i), std::byte{'x'});
  const auto walk = walk_built(built_.source());
  expect_tree(built_, walk);
  EXPECT_TRUE(walk.has_finding("not closed properly")) << describe(walk);
  EXPECT_TRUE(walk_built(built_.source(), Strictness::strict).error);
  built_.bytes().resize(built_.bytes().size() + std::size_t{2048}, std::byte{'x'});
  const auto beyond = walk_built(built_.source());
  ASSERT_TRUE(beyond.error);
  EXPECT_EQ(beyond.error->where().clause, "UDF 2.2.11");
  EXPECT_EQ(identify_file_systems(*built_.source()).udf_revision, 0x0201) << "it is named all the same";
  EXPECT_NE(described(built_, 1).fault, "");
}

TEST_F(UdfVirtual, ADamagedTableGivesWayToTheOneBefore) {
  make_virtual(built_);
  built_.bytes().resize(built_.bytes().size() + 2048);
  const auto older = built_.block(UdfBuilder::kBlocks - 1), newest = built_.block(UdfBuilder::kBlocks);
  std::ranges::copy(older, newest.begin());
  auto entry = load<udf::ExtendedFileEntry>(newest);
  entry.information_length = 100;  // shorter than a table's header
  store(newest, entry);
  udf::seal(newest.first(sizeof entry + entry.allocation_descriptors_length.value()),
            udf::TagIdentifier::extended_file_entry, UdfBuilder::kBlocks - UdfBuilder::kStart, built_.version());
  const auto walk = walk_built(built_.source());
  expect_tree(built_, walk);
  EXPECT_TRUE(walk.has_finding("the one before it is read")) << describe(walk);
}

class UdfStates : public UdfVirtual {
 protected:
  UdfStates() { make_virtual(built_); }
};

TEST_F(UdfStates, AreSessionsOfTheirOwn) {
  const auto old = walk_built(built_.source());
  add_state(built_, kFirstTable);
  const auto sessions = find_sessions(built_.source());
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].number, 1U);
  EXPECT_EQ(sessions[0].start, Lba{});
  EXPECT_EQ(sessions[0].end, Lba{UdfBuilder::kBlocks});
  EXPECT_EQ(sessions[0].table, Lba{UdfBuilder::kBlocks - 1});
  EXPECT_TRUE(sessions[0].found.udf);
  EXPECT_EQ(sessions[1].number, 2U);
  EXPECT_FALSE(sessions[1].table);
  const auto first = walk_volume(sessions[0].source, {.view = View::udf});
  EXPECT_EQ(first.contents, old.contents);
  EXPECT_TRUE(first.findings.empty()) << describe(first);
  const auto newest = walk_volume(choose_session(built_.source()).source, {.view = View::udf});
  EXPECT_EQ(newest.contents.at("/a.txt"), kNewerText) << describe(newest);
  EXPECT_EQ(newest.contents.at("/sub/b.txt"), UdfBuilder::kTextB);
  EXPECT_EQ(walk_volume(choose_session(built_.source(), 1).source, {.view = View::udf}).contents, old.contents);
}

TEST_F(UdfStates, LeadBackOnlyAndToTables) {
  for (const auto previous : {kNewTable, kNewTable + 1, UdfBuilder::kFileA, 0xFFFFFFFEU, udf::kNoVat}) {
    built_ = UdfBuilder(2048, udf::Revision::v2_01);
    make_virtual(built_);
    add_state(built_, previous);
    EXPECT_EQ(find_sessions(built_.source()).size(), 1U) << previous;
  }
}

TEST_F(UdfVirtual, ATableBehindItsPartitionIsTold) {
  make_virtual(built_);
  for (const auto at : {UdfBuilder::kMainAt, UdfBuilder::kReserveAt}) {
    auto pd = load<udf::PartitionDescriptor>(built_.block(at + 1));
    pd.length = 256;
    built_.put_sealed(at + 1, at + 1, udf::TagIdentifier::partition_descriptor, joined({bytes_of(pd)}));
  }
  const auto walk = walk_built(built_.source());
  expect_tree(built_, walk);
  EXPECT_TRUE(walk.has_finding("behind the end of its partition")) << describe(walk);
}

TEST_F(UdfVirtual, EntriesThatLeadNowhere) {
  for (const auto entry : {udf::kNoVat, 5000U}) {
    UdfBuilder built(2048, udf::Revision::v2_01);
    make_virtual_with(built, [&](auto& table) { table[UdfBuilder::kFileB] = entry; });
    const auto walk = walk_built(built.source());
    ASSERT_TRUE(walk.error) << describe(walk);
    EXPECT_EQ(walk.error->where().clause, "ECMA-167 4/7.1.1");
    EXPECT_EQ(walk.error->where().path, "/sub/b.txt");
    const auto salvaged = walk_built(built.source(), Strictness::salvage);
    EXPECT_FALSE(salvaged.error) << describe(salvaged);
    EXPECT_TRUE(salvaged.contents.contains("/a.txt"));
  }
}

TEST_F(UdfVirtual, ATableThatNeedsItself) {
  // The ICB of the table says that its content lies in the virtual partition.
  make_virtual(built_);
  const auto block = built_.block(UdfBuilder::kBlocks - 1);
  auto entry = load<udf::ExtendedFileEntry>(block);
  const auto ad = built_.long_ad(1, UdfBuilder::kFileA, static_cast<std::uint32_t>(entry.information_length.value()));
  entry.icb.flags = static_cast<std::uint16_t>(udf::AllocationForm::long_form);
  entry.allocation_descriptors_length = sizeof ad;
  store(block, entry);
  store(block.subspan(sizeof entry), ad);
  udf::seal(block.first(sizeof entry + sizeof ad), udf::TagIdentifier::extended_file_entry,
            UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, built_.version());
  const auto walk = walk_built(built_.source());
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->code(), Errc::corrupt_structure);
  EXPECT_EQ(walk.error->where().clause, "UDF 2.2.10");
}

TEST_F(UdfVirtual, ATableLargerThanTheImageIsNotRead) {
  make_virtual(built_);
  const auto block = built_.block(UdfBuilder::kBlocks - 1);
  auto entry = load<udf::ExtendedFileEntry>(block);
  entry.information_length = std::uint64_t{1} << 40;
  store(block, entry);
  udf::seal(block.first(sizeof entry + entry.allocation_descriptors_length.value()),
            udf::TagIdentifier::extended_file_entry, UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, built_.version());
  EXPECT_EQ(walk_built(built_.source()).error->where().clause, "UDF 2.2.11");
}

// --- metadata

class UdfMetadata : public ::testing::Test {
 protected:
  UdfMetadata() { make_metadata(built_); }
  UdfBuilder built_{2048, udf::Revision::v2_50};
};

TEST_F(UdfMetadata, IsDescribed) {
  const auto info = described(built_, 1);
  ASSERT_TRUE(info.metadata);
  EXPECT_EQ(info.kind, "metadata");
  EXPECT_EQ(info.metadata->main, Lba{UdfBuilder::kStart + kMetadataFile});
  EXPECT_EQ(info.metadata->mirror, Lba{UdfBuilder::kStart + kMetadataMirror});
  EXPECT_FALSE(info.metadata->bitmap);
  EXPECT_TRUE(info.metadata->duplicated);
  EXPECT_FALSE(info.metadata->from_mirror);
}

TEST_F(UdfMetadata, TheMirrorStandsInForTheMainFile) {
  const auto whole = built_;
  for (const std::uint32_t damaged : {kMetadataFile, kMetadataData[0]}) {
    built_ = whole;
    std::ranges::fill(built_.block(UdfBuilder::kStart + damaged), std::byte{});
    const auto walk = walk_built(built_.source());
    expect_tree(built_, walk);
    EXPECT_TRUE(walk.has_finding("its mirror is read")) << describe(walk);
    EXPECT_TRUE(described(built_, 1).metadata->from_mirror);
    EXPECT_TRUE(walk_built(built_.source(), Strictness::strict).error);
    std::ranges::fill(built_.block(UdfBuilder::kStart + kMetadataMirror), std::byte{});
    EXPECT_TRUE(walk_built(built_.source()).error) << "both are gone";
  }
}

TEST_F(UdfMetadata, FilesThatLieInTheMetadataPartition) {
  for (const auto block : {kMetadataFile, kMetadataMirror}) {
    udf::ExtendedFileEntry entry{};
    const auto view = built_.block(UdfBuilder::kStart + block);
    entry = load<udf::ExtendedFileEntry>(view);
    const auto ad = built_.long_ad(1, 0, static_cast<std::uint32_t>(entry.information_length.value()));
    entry.icb.flags = static_cast<std::uint16_t>(udf::AllocationForm::long_form);
    entry.allocation_descriptors_length = sizeof ad;
    store(view, entry);
    store(view.subspan(sizeof entry), ad);
    udf::seal(view.first(sizeof entry + sizeof ad), udf::TagIdentifier::extended_file_entry, block, built_.version());
  }
  const auto walk = walk_built(built_.source());
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->code(), Errc::corrupt_structure);
  EXPECT_EQ(walk.error->where().clause, "UDF 2.2.10");
}

TEST_F(UdfMetadata, APartitionMapWithoutWhatItStandsOn) {
  UdfBuilder built(2048, udf::Revision::v2_50);
  built.add_map(udf::kMetadataPartition, udf::MetadataMapFields{});
  built.put_volume(built.long_ad(0, 0, 2048));
  const auto walk = walk_built(built.source());
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->where().clause, "UDF 2.2.10");
}

TEST(UdfSeveralPartitions, EachReferenceHasItsOwn) {
  // Names and entries lie in the second, content in the first.
  UdfBuilder built(2048, udf::Revision::v1_50);
  constexpr std::uint32_t kSecondStart = 600;
  constexpr std::uint16_t kSecondNumber = 3;
  built.add_physical_map();
  udf::Type1PartitionMap map{};
  map.header = {1, sizeof map};
  map.partition_number = kSecondNumber;
  built.add_map(map);
  built.put_tree({1, [](std::uint32_t block) { return kSecondStart + block; }}, UdfBuilder::physical(0), 40);
  built.put_volume(built.long_ad(1, 0, 2 * 2048));
  for (const auto at : {UdfBuilder::kMainAt, UdfBuilder::kReserveAt}) {
    auto second = load<udf::PartitionDescriptor>(built.block(at + 1));
    second.partition_number = kSecondNumber;
    second.starting_location = kSecondStart;
    second.length = 100;
    built.put_sealed(at + 4, at + 4, udf::TagIdentifier::partition_descriptor, joined({bytes_of(second)}));
    built.put_sealed(at + 5, at + 5, udf::TagIdentifier::terminating_descriptor,
                     joined({bytes_of(udf::TerminatingDescriptor{})}));
  }
  const auto walk = walk_built(built.source(), Strictness::strict);
  expect_tree(built, walk);
  EXPECT_EQ(described(built, 1).start, kSecondStart);
}

TEST(UdfUnknownPartitions, AreNamed) {
  UdfBuilder built(2048, udf::Revision::v1_50);
  built.add_map("*Something Else", udf::SparableMapFields{});
  built.put_volume(built.long_ad(0, 0, 2048));
  const auto walk = walk_built(built.source());
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->code(), Errc::unsupported);
  EXPECT_EQ(described(built, 0).kind, "unknown");
}

}  // namespace
}  // namespace fsimage::test
