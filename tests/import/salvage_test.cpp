// What salvage makes of contents that are cut short or lie on bad blocks, and of trees whose root is gone.
#include "iso_builder.hpp"
#include "sample_volume.hpp"
#include "udf_builder.hpp"

#include <fsimage/import/extract.hpp>
#include <fsimage/import/volume_map.hpp>
#include <support/error_of.hpp>
#include <support/temp_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace fsimage::test {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

WalkResult salvage(const std::shared_ptr<const ByteSource>& source, View view,
                   EntryOrder order = EntryOrder::recorded) {
  return walk_volume(source, {.view = view, .order = order, .strictness = Strictness::salvage});
}
std::vector<Finding> lost_in(const WalkResult& r) {
  std::vector<Finding> out;
  std::ranges::copy_if(r.findings, std::back_inserter(out),
                       [](const Finding& f) { return f.kind == Finding::Kind::lost; });
  return out;
}

// --- contents

class CutImages : public ::testing::TestWithParam<View> {};

TEST_P(CutImages, KeepWhatIsThereOfAFileAndTellTheRest) {
  SampleVolume volume;
  const auto file = volume.place("content /docs/a.txt");
  volume.cut(file.value + 1);
  const auto got = salvage(volume.source(), GetParam());
  EXPECT_FALSE(got.error) << describe(got);
  EXPECT_EQ(got.contents.at("/docs/a.txt"), std::string(2048, 'a') + std::string(952, '\0'));
  std::size_t told = 0;
  for (const auto& f : lost_in(got)) {
    if (f.path != "/docs/a.txt") continue;
    ++told;
    EXPECT_THAT(f.text, HasSubstr("bytes 2048 to 2999 of the content are lost: "));
    EXPECT_EQ(f.lba, file + BlockCount{1});
    EXPECT_FALSE(f.clause.empty());
  }
  EXPECT_EQ(told, 1U) << describe(got);
  const auto tolerant = walk_volume(volume, GetParam());
  EXPECT_EQ(tolerant.refused.at("/docs/a.txt").code(), Errc::corrupt_structure);
  EXPECT_FALSE(tolerant.contents.contains("/docs/a.txt"));
}

TEST_P(CutImages, AFileOfWhichNothingIsLeftIsRefused) {
  SampleVolume volume;
  volume.cut(volume.place("content /docs/a.txt").value);
  const auto got = salvage(volume.source(), GetParam());
  EXPECT_EQ(got.refused.at("/docs/a.txt").code(), Errc::corrupt_structure);
}

INSTANTIATE_TEST_SUITE_P(Views, CutImages, ::testing::Values(View::rockridge, View::udf),
                         [](const auto& i) { return std::string(i.param == View::udf ? "Udf" : "RockRidge"); });

TEST(SalvagedContent, OneSectionOfSeveralIsLost) {
  IsoBuilder builder;
  auto first = builder.file("A.;1", std::string(2048, 'a'));
  auto second = first;
  first.flags = iso9660::file_flags::kMultiExtent;
  second.extent = 0x00FFFF00;
  second.length = 10;
  builder.add(first);
  builder.add(second);
  const auto got = salvage(builder.source(), View::iso9660);
  EXPECT_EQ(got.contents.at("/A"), std::string(2048, 'a') + std::string(10, '\0')) << describe(got);
  const auto lost = lost_in(got);
  ASSERT_EQ(lost.size(), 1U) << describe(got);
  EXPECT_THAT(lost[0].text, HasSubstr("bytes 2048 to 2057"));
  EXPECT_EQ(lost[0].lba, Lba{0x00FFFF00});
}

class UdfContents : public ::testing::Test {
 protected:
  UdfContents() {
    built.add_physical_map();
    built.put_tree(space, space, 40);
    built.put_volume(built.long_ad(0, 0, 2 * 2048));
    const std::string text(2048, 'x');
    for (const std::uint32_t block : {kFirst, kFirst + 2})
      std::ranges::copy(std::as_bytes(std::span(text)), built.block(UdfBuilder::kStart + block).begin());
  }
  WalkResult walk(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& extents, std::uint64_t size) {
    UdfBuilder::File file;
    file.form = udf::AllocationForm::short_form;
    file.size = size;
    file.unique_id = 18;
    for (const auto& [length, block] : extents) {
      udf::ShortAllocationDescriptor ad{};
      ad.length = length;
      ad.position = block;
      file.area = joined({file.area, Bytes(bytes_of(ad).begin(), bytes_of(ad).end())});
    }
    built.put_file(space, UdfBuilder::kFileB, file);
    return salvage(built.source(), View::udf);
  }
  static constexpr std::uint32_t kFirst = 24;
  UdfBuilder built{2048, udf::Revision::v2_01};
  UdfBuilder::Space space = UdfBuilder::physical();
};

TEST_F(UdfContents, AnExtentThatLiesNowhereIsAHole) {
  const auto got = walk({{2048, kFirst}, {4096, 0x00FFFF00}, {2048, kFirst + 2}}, 8192);
  EXPECT_EQ(got.contents.at("/sub/b.txt"), std::string(2048, 'x') + std::string(4096, '\0') + std::string(2048, 'x'))
      << describe(got);
  const auto lost = lost_in(got);
  ASSERT_EQ(lost.size(), 1U) << describe(got);
  EXPECT_THAT(lost[0].text, HasSubstr("bytes 2048 to 6143"));
}

TEST_F(UdfContents, WhatNoExtentCoversIsLost) {
  const auto got = walk({{2048, kFirst}}, 10'000);
  EXPECT_EQ(got.contents.at("/sub/b.txt"), std::string(2048, 'x') + std::string(10'000 - 2048, '\0'));
  ASSERT_EQ(lost_in(got).size(), 1U) << describe(got);
  EXPECT_THAT(lost_in(got)[0].text, HasSubstr("bytes 2048 to 9999"));
}

TEST_F(UdfContents, ABrokenChainOfExtentsLosesWhatComesBehind) {
  const auto got = walk({{2048, kFirst}, {3U << 30 | 2048, kFirst + 1}}, 5000);
  EXPECT_EQ(got.contents.at("/sub/b.txt"), std::string(2048, 'x') + std::string(2952, '\0')) << describe(got);
  ASSERT_EQ(lost_in(got).size(), 1U) << describe(got);
}

// Blocks of the source that cannot be read.
class BadBlocks final : public ByteSource {
 public:
  BadBlocks(std::shared_ptr<const ByteSource> inner, std::set<std::uint32_t> bad)
      : inner_(std::move(inner)), bad_(std::move(bad)) {}
  std::uint64_t size() const override { return inner_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    for (const auto b : bad_)
      if (offset < (std::uint64_t{b} + 1) * kBlockSize && offset + out.size() > std::uint64_t{b} * kBlockSize)
        throw os_error(EIO, {}, "a scratch");
    inner_->read_at(offset, out);
  }

 private:
  std::shared_ptr<const ByteSource> inner_;
  std::set<std::uint32_t> bad_;
};

TEST(SalvagedContent, ZerosStandForBadBlocks) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += static_cast<char>('a' + i % 26);
  auto tree = std::make_shared<Tree>(sample_attributes(0755));
  tree->add_file(kRootNode, "file", sample_attributes(0644), std::make_shared<MemorySource>(content));
  tree->add_file(kRootNode, "other", sample_attributes(0644), std::make_shared<MemorySource>("other"));
  const SampleVolume volume(tree);
  const auto first = volume.place("content /file").value;
  const auto source = std::make_shared<BadBlocks>(volume.source(), std::set{first + 3, first + 4, first + 10});
  TempFolder folder;
  const auto extract_with = [&](bool salvage) {
    std::vector<Finding> told;
    const auto cursor = open_volume(source, {.view = View::rockridge});
    ExtractEvents events;
    events.finding = [&](const Finding& f) { told.push_back(f); };
    const auto counts = extract(*cursor, folder / (salvage ? "salvaged" : "plain"), {.salvage = salvage}, events);
    EXPECT_EQ(counts.failed, salvage ? 0U : 1U);
    return told;
  };
  EXPECT_THAT(extract_with(false), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder / "plain/file"));
  const auto told = extract_with(true);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].kind, Finding::Kind::lost);
  EXPECT_EQ(told[0].path, "/file");
  EXPECT_THAT(told[0].text, HasSubstr("bytes 6144 to 10239 of the content are lost: "));
  EXPECT_EQ(told[0].lba, Lba{first + 3});
  EXPECT_EQ(told[1].lba, Lba{first + 10});
  std::fill_n(content.begin() + 3 * 2048, 2 * 2048, '\0');
  std::fill_n(content.begin() + 10 * 2048, 2048, '\0');
  EXPECT_EQ(TempFolder::read(folder / "salvaged/file"), content);
  EXPECT_EQ(TempFolder::read(folder / "salvaged/other"), "other");
}

// --- trees

class Relocated : public ::testing::Test {
 protected:
  Relocated() {
    builder.root_use = kSharing + px(0040755);
    const auto moved = builder.add_folder("RR_MOVED", 0, px(0040755) + nm("rr_moved"));
    const auto relocated = [&](const std::string& identifier, const std::string& name) {
      return builder.add_folder(identifier, moved, px(0040755) + nm(name) + use_field("RE", ""));
    };
    gone = relocated("GONE", "gone");
    kept = relocated("KEPT", "kept");
    inner = relocated("INNER", "inner");
    for (const auto folder : {gone, kept, inner})
      builder.add(builder.file("FILE.;1", "here", px(0100644) + nm("file")), folder);
  }
  // The records that stand for `kept` in the root and for `inner` in `gone`.
  std::shared_ptr<const ByteSource> build() {
    IsoBuilder sized = builder;
    const auto link = [&](IsoBuilder& to, std::size_t at, const std::string& name, std::uint32_t block) {
      to.add(
          {.identifier = "LINK.;1", .extent = 24, .system_use = px(0040755) + nm(name) + use_field("CL", both(block))},
          at);
    };
    link(sized, 0, "place of kept", 0);
    link(sized, gone, "place of inner", 0);
    sized.build();
    link(builder, 0, "place of kept", sized.block_of(kept));
    link(builder, gone, "place of inner", sized.block_of(inner));
    return builder.source();
  }
  IsoBuilder builder;
  std::size_t gone = 0, kept = 0, inner = 0;
};

TEST_F(Relocated, AFolderThatNothingLeadsToIsShownWhereItLies) {
  const auto source = build();
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto got = salvage(source, View::rockridge, order);
    ASSERT_FALSE(got.error) << describe(got);
    EXPECT_EQ(got.entries.size(), 7U) << describe(got);
    for (const auto* path : {"/place of kept/file", "/rr_moved/gone/file", "/rr_moved/gone/place of inner/file"})
      EXPECT_TRUE(got.contents.contains(path)) << path << '\n' << describe(got);
    const auto lost = lost_in(got);
    ASSERT_EQ(lost.size(), 1U) << describe(got);
    EXPECT_EQ(lost[0].path, "/rr_moved/gone");
    EXPECT_EQ(lost[0].clause, "RRIP 1.12 4.1.5.1");
  }
  const auto tolerant = walk_volume(source, {.view = View::rockridge});
  EXPECT_EQ(tolerant.entries.size(), 2U) << describe(tolerant);
}

TEST(SalvagedMap, GoesOnAtAFolderThatCannotBeOpened) {
  SampleVolume volume;
  std::ranges::fill(volume.block("udf/file entry /docs"), std::byte{});
  const auto map = [&](Strictness strictness) {
    std::set<std::string> labels;
    std::vector<Finding> found;
    map_volumes(
        volume.source(), {.view = View::udf, .strictness = strictness},
        [&](const VolumePart& p) { labels.insert(p.label); }, [&](const Finding& f) { found.push_back(f); });
    EXPECT_FALSE(found.empty());
    return labels;
  };
  EXPECT_EQ(error_of([&] { map(Strictness::tolerant); }).code(), Errc::corrupt_structure);
  const auto labels = map(Strictness::salvage);
  EXPECT_TRUE(labels.contains("udf/file entry /tty"));
}

TEST(SalvagedUdf, WithoutAFileSetTheRootIsFound) {
  const SampleVolume sound;
  SampleVolume volume;
  std::ranges::fill(volume.block("udf/file set descriptor"), std::byte{});
  EXPECT_TRUE(walk_volume(volume, View::udf).error);
  const auto got = salvage(volume.source(), View::udf);
  ASSERT_FALSE(got.error) << describe(got);
  EXPECT_EQ(got.contents, walk_volume(sound, View::udf).contents);
  ASSERT_EQ(lost_in(got).size(), 1U) << describe(got);
  EXPECT_EQ(lost_in(got)[0].clause, "ECMA-167 4/14.1");
}

TEST(SalvagedUdf, WithoutARootItsEntriesAreFound) {
  const SampleVolume sound;
  const auto whole = walk_volume(sound, View::udf);
  SampleVolume volume;
  std::ranges::fill(volume.block("udf/file entry /"), std::byte{});
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto got = salvage(volume.source(), View::udf, order);
    ASSERT_FALSE(got.error) << describe(got);
    EXPECT_EQ(got.entries.size(), whole.entries.size()) << describe(got);
    std::multiset<std::string> before, after;
    for (const auto& [path, content] : whole.contents) before.insert(content);
    for (const auto& [path, content] : got.contents) after.insert(content);
    EXPECT_EQ(after, before) << describe(got);
    const auto docs = std::ranges::find_if(got.paths, [](const auto& p) { return p.ends_with("/deep/link"); });
    ASSERT_NE(docs, got.paths.end()) << describe(got);
    EXPECT_EQ(docs->find("/folder-"), 0U) << "below the folder that was /docs";
    EXPECT_EQ(lost_in(got).size(), 1U) << describe(got);
  }
  EXPECT_TRUE(walk_volume(volume, View::udf).error);
}

}  // namespace
}  // namespace fsimage::test
