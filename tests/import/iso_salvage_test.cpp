// Salvage of ISO 9660: what damage takes is told once, and everything else is taken.
#include "iso_builder.hpp"
#include "sample_volume.hpp"

#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/import/recognition.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fsimage::test {
namespace {

using iso9660::DirectoryRecord;

const std::string kRoot = "iso9660/directory /", kDocs = "iso9660/directory /docs",
                  kDeep = "iso9660/directory /docs/deep";
const std::string kContent(3000, 'a');

// A disc with scratches: these sectors cannot be read.
class Scratched final : public ByteSource {
 public:
  Scratched(std::shared_ptr<const ByteSource> of, std::set<std::uint32_t> bad)
      : of_(std::move(of)), bad_(std::move(bad)) {}
  std::uint64_t size() const override { return of_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto hit = bad_.lower_bound(static_cast<std::uint32_t>(offset / kBlockSize));
    if (hit != bad_.end() && *hit * kBlockSize < offset + out.size()) throw os_error(EIO, {}, "a scratch");
    of_->read_at(offset, out);
  }

 private:
  std::shared_ptr<const ByteSource> of_;
  std::set<std::uint32_t> bad_;
};

std::size_t count(const WalkResult& r, Finding::Kind kind) {
  return static_cast<std::size_t>(std::ranges::count_if(r.findings, [&](const Finding& f) { return f.kind == kind; }));
}

// In both orders, which must tell the same.
WalkResult salvage(const std::shared_ptr<const ByteSource>& source, View view) {
  const auto by_name =
      walk_volume(source, {.view = view, .order = EntryOrder::by_name, .strictness = Strictness::salvage});
  auto recorded = walk_volume(source, {.view = view, .strictness = Strictness::salvage});
  EXPECT_EQ(std::set<std::string>(by_name.paths.begin(), by_name.paths.end()),
            std::set<std::string>(recorded.paths.begin(), recorded.paths.end()));
  std::multiset<std::string> one, other;
  for (const auto& f : by_name.findings) one.insert(f.path + ": " + located_text(f));
  for (const auto& f : recorded.findings) other.insert(f.path + ": " + located_text(f));
  EXPECT_EQ(one, other);
  EXPECT_FALSE(recorded.error) << describe(recorded);
  return recorded;
}
WalkResult salvage(const SampleVolume& volume, View view = View::rockridge) { return salvage(volume.source(), view); }

TEST(IsoSalvage, ReadingGoesOnAtTheNextRecord) {
  for (const int length : {1, 33, 255, 0}) {
    SampleVolume volume;
    volume.edit<DirectoryRecord>(volume.record(kDocs, "A.TXT;1"),
                                 [&](auto& r) { r.length = static_cast<std::uint8_t>(length); });
    const auto result = salvage(volume);
    EXPECT_EQ(result.entries.contains("/docs/a.txt"), length == 255) << "too long a record is still one";
    EXPECT_TRUE(result.entries.contains("/docs/empty")) << length << describe(result);
    EXPECT_EQ(result.contents.at("/docs/deep/again.txt"), kContent);
    EXPECT_EQ(count(result, Finding::Kind::lost), 1U) << length << describe(result);
  }
}

TEST(IsoSalvage, GarbageInsteadOfASectorEndsWithIt) {
  IsoBuilder builder;
  const auto file = builder.file("A.;1", "a");
  for (int i = 0; i < 200; ++i) {
    auto numbered = file;
    numbered.identifier = "FILE" + std::to_string(100 + i) + ".;1";
    builder.add(numbered);
  }
  auto bytes = builder.build();
  const auto second = (std::size_t{builder.block_of(0)} + 1) * kBlockSize;
  for (std::size_t i = 0; i < kBlockSize; ++i) bytes[second + i] = static_cast<char>(i * 37 + 11);
  const auto result = salvage(std::make_shared<MemorySource>(std::string_view(bytes)), View::iso9660);
  EXPECT_TRUE(result.entries.contains("/FILE100"));
  EXPECT_TRUE(result.entries.contains("/FILE299"));
  EXPECT_GT(result.entries.size(), 140U);
  EXPECT_EQ(count(result, Finding::Kind::lost), 1U) << describe(result);
}

TEST(IsoSalvage, ABrokenContinuationCostsOnlyItself) {
  const std::string identifier = std::string(30, 'N') + ".;1";
  const auto broken = [&](auto change) {
    SampleVolume volume;
    const auto ce = SampleVolume::field(volume.record(kRoot, identifier), "CE");
    volume.edit<rockridge::ContinuationArea>(ce, [&](auto& area) { change(area, volume, ce); });
    return salvage(volume);
  };
  for (const auto& result :
       {broken([](auto&area, auto&, auto) { area.block = 0xFFFFFFFF; }),
        broken([](auto&area, auto&, auto) { area.length = 0xFFFFFFFF; }), broken([](auto&area, auto&v, auto ce) {
          area.block = v.place(kRoot).value;
          area.offset = static_cast<std::uint32_t>(ce.data() - v.block(kRoot).data());
          area.length = static_cast<std::uint32_t>(ce.size());
        })}) {
    EXPECT_EQ(count(result, Finding::Kind::lost), 1U) << describe(result);
    EXPECT_EQ(result.contents.at("/docs/a.txt"), kContent);
    EXPECT_EQ(result.contents.at("/" + std::string(30, 'N')), "long") << describe(result);
  }
}

TEST(IsoSalvage, AFolderThatTheImageCutsIsReadToTheCut) {
  IsoBuilder builder;
  const auto file = builder.file("A.;1", "a");
  const auto folder = builder.add_folder("SUB");
  for (int i = 0; i < 100; ++i) {
    auto numbered = file;
    numbered.identifier = "FILE" + std::to_string(100 + i) + ".;1";
    builder.add(numbered, folder);
  }
  auto bytes = builder.build();
  bytes.resize((std::size_t{builder.block_of(folder)} + 1) * kBlockSize);
  const auto source = std::make_shared<MemorySource>(std::string_view(bytes));
  EXPECT_TRUE(walk_volume(source, {.view = View::iso9660}).error);
  const auto result = salvage(source, View::iso9660);
  EXPECT_TRUE(result.entries.contains("/SUB/FILE100"));
  EXPECT_GT(result.entries.size(), 30U);
  EXPECT_EQ(count(result, Finding::Kind::lost), 1U) << describe(result);
}

TEST(IsoSalvage, SectorsThatCannotBeReadAreToldAndPassedOver) {
  IsoBuilder builder;
  const auto file = builder.file("A.;1", "a");
  for (int i = 0; i < 4000; ++i) {
    auto numbered = file;
    numbered.identifier = "FILE" + std::to_string(1000 + i) + ".;1";
    builder.add(numbered);
  }
  const auto whole = builder.source();
  const auto first = builder.block_of(0);
  const auto bad = std::make_shared<Scratched>(whole, std::set<std::uint32_t>{first + 3, first + 40});
  const auto tolerant = walk_volume(bad, {.view = View::iso9660});
  ASSERT_TRUE(tolerant.error);
  EXPECT_EQ(tolerant.error->code(), std::errc::io_error);
  const auto result = salvage(bad, View::iso9660);
  EXPECT_EQ(count(result, Finding::Kind::lost), 2U) << describe(result);
  EXPECT_GT(result.entries.size(), 3880U);
  EXPECT_LT(result.entries.size(), 4000U);
  for (const auto& f : result.findings)
    if (f.kind == Finding::Kind::lost) {
      EXPECT_TRUE(f.lba == Lba{first + 3} || f.lba == Lba{first + 40}) << located_text(f);
    }
}

TEST(IsoSalvage, AScratchNearAStructureIsNoneOfIt) {
  const SampleVolume volume;
  // The block behind the root's: large windows must not stumble over it.
  const auto bad =
      std::make_shared<Scratched>(volume.source(), std::set<std::uint32_t>{volume.place("content /docs/a.txt").value});
  const auto result = walk_volume(bad, {.view = View::rockridge});
  EXPECT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/docs/deep/link"));
}

// --- folders that only the path table knows

TEST(IsoSalvage, FoldersOfALostParentComeFromThePathTable) {
  for (const View view : {View::iso9660, View::joliet}) {
    SampleVolume volume;
    const std::string label = view == View::joliet ? "joliet/directory /docs" : kDocs;
    std::ranges::fill(volume.block(label), std::byte{});
    const auto result = salvage(volume, view);
    const std::string deep = view == View::joliet ? "/docs/deep" : "/DOCS/DEEP";
    EXPECT_TRUE(result.entries.contains(deep)) << describe(result);
    EXPECT_EQ(result.contents.at(deep + (view == View::joliet ? "/again.txt" : "/AGAIN.TXT")), kContent);
    EXPECT_TRUE(result.has_finding("ECMA-119 6.9"));
  }
}

TEST(IsoSalvage, ALostRootIsMadeFromThePathTable) {
  for (const bool unreadable : {false, true}) {
    SampleVolume volume;
    std::ranges::fill(volume.block(kRoot), std::byte{0xFF});
    auto source = volume.source();
    if (unreadable) source = std::make_shared<Scratched>(source, std::set<std::uint32_t>{volume.place(kRoot).value});
    const auto result = salvage(source, View::iso9660);
    EXPECT_EQ(result.contents.at("/DOCS/A.TXT"), kContent) << describe(result);
    EXPECT_GE(count(result, Finding::Kind::lost), 1U);
  }
}

TEST(IsoSalvage, ARootThatTheDescriptorHasWrongIsFound) {
  SampleVolume volume;
  volume.edit<iso9660::PrimaryVolumeDescriptor>(volume.block("iso9660/primary volume descriptor"),
                                                [](auto& d) { d.root.record.extent = 0xFFFFFF; });
  const auto result = salvage(volume, View::iso9660);
  EXPECT_EQ(result.contents.at("/DOCS/A.TXT"), kContent) << describe(result);
  EXPECT_EQ(result.entries.size(), salvage(SampleVolume(), View::iso9660).entries.size());
}

TEST(IsoSalvage, TheOtherPathTableHelpsWhenOneIsGone) {
  SampleVolume volume;
  std::ranges::fill(volume.block(kDocs), std::byte{});
  std::ranges::fill(volume.block("iso9660/path table L"), std::byte{});
  EXPECT_TRUE(salvage(volume, View::iso9660).entries.contains("/DOCS/DEEP"));
}

TEST(IsoSalvage, SoundFoldersDoNotAskThePathTable) {
  SampleVolume volume;
  // A table that calls a folder something else, and a second time.
  const auto table = volume.block("iso9660/path table L");
  const auto from = std::as_bytes(std::span(std::string_view("DEEP")));
  std::ranges::copy(std::as_bytes(std::span(std::string_view("ELSE"))),
                    std::search(table.begin(), table.end(), from.begin(), from.end()));
  const auto result = salvage(volume, View::iso9660);
  EXPECT_TRUE(result.findings.empty()) << describe(result);
  EXPECT_FALSE(result.entries.contains("/DOCS/ELSE"));
}

TEST(IsoSalvage, PathTablesThatLieCostNothing) {
  for (const std::uint32_t size : {0xFFFFFFFFU, 0U, 1U}) {
    SampleVolume volume;
    std::ranges::fill(volume.block(kDocs), std::byte{});
    volume.edit<iso9660::PrimaryVolumeDescriptor>(volume.block("iso9660/primary volume descriptor"),
                                                  [&](auto& d) { d.path_table_size = size; });
    const auto result = salvage(volume, View::iso9660);
    EXPECT_TRUE(result.entries.contains("/DOCS"));
  }
}

// --- whatever the bytes are, salvage ends and tells

TEST(IsoSalvage, EverySectorLostInTurn) {
  const SampleVolume whole;
  const auto all = salvage(whole, View::rockridge).entries.size();
  for (std::uint32_t block = 0; block < whole.blocks() && block < 200; ++block) {
    SampleVolume volume = whole;
    std::ranges::fill(volume.block(Lba{block}), std::byte{0xA5});
    for (const View view : {View::iso9660, View::rockridge}) {
      const auto result = walk_volume(volume.source(), {.view = view, .strictness = Strictness::salvage});
      if (block != 16) {
        EXPECT_FALSE(result.error) << block << describe(result);
      }
      EXPECT_LE(result.entries.size(), all + 1) << block << describe(result);
    }
  }
}

}  // namespace
}  // namespace fsimage::test
