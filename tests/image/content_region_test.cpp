#include "support/byte_source_contract.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/content_region.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace fsimage {
namespace {

using test::Bytes;
using test::noise;
using test::TempFolder;
using ::testing::HasSubstr;

// Counts how often anybody asks for its runs, which for a file would mean opening it.
class CountingSource final : public ByteSource {
 public:
  explicit CountingSource(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    ++reads;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  Run run_at(std::uint64_t offset) const override {
    ++runs;
    return ByteSource::run_at(offset);
  }
  mutable std::atomic<int> reads = 0, runs = 0;

 private:
  Bytes bytes_;
};

// Contents one after the other, with `gap` blocks behind each.
struct Packed {
  ContentStore store;
  std::vector<ContentRegion::Placed> placed;
  Bytes bytes;  // the region, made by hand
  std::uint32_t next = 0;

  void add(std::shared_ptr<const ByteSource> source, const Bytes& content, std::uint32_t gap = 0) {
    const auto owner = static_cast<std::uint32_t>(placed.size());
    placed.push_back({BlockCount{next}, store.add_source(std::move(source), "label"), owner});
    next += blocks_for(content.size()).value + gap;
    bytes.resize(std::size_t{next} * kBlockSize);
    std::ranges::copy(content, bytes.begin() + static_cast<std::ptrdiff_t>(placed.back().offset.bytes()));
  }
  void add(const Bytes& content, std::uint32_t gap = 0) { add(std::make_shared<MemorySource>(content), content, gap); }

  ContentRegion region() const {
    return {std::make_shared<ContentStore>(store), placed, BlockCount{next},
            [](std::uint32_t owner) { return "/" + std::to_string(owner); }};
  }
};

std::string refusal(const Packed& packed) {
  try {
    (void)packed.region();
  } catch (const std::logic_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(ContentRegion, RefusesWhatCannotBe) {
  Packed packed;
  packed.add(noise(2049, 1));
  packed.add(noise(1, 2));
  EXPECT_EQ(refusal(packed), "accepted");

  auto overlapping = packed;
  overlapping.placed[1].offset = BlockCount{1};
  EXPECT_THAT(refusal(overlapping), HasSubstr("overlap at /1"));
  auto unsorted = packed;
  std::swap(unsorted.placed[0], unsorted.placed[1]);
  EXPECT_THAT(refusal(unsorted), HasSubstr("overlap at /0"));
  auto outside = packed;
  outside.next = 2;
  EXPECT_THAT(refusal(outside), HasSubstr("beyond the content region: /1"));
  auto empty = packed;
  empty.placed[1].content = ContentId{};
  EXPECT_THAT(refusal(empty), HasSubstr("without bytes in the content region: /1"));
}

TEST(ContentRegion, ThousandsOfSmallContentsInOneRead) {
  Packed packed;
  for (std::uint32_t i = 0; i < 3000; ++i) packed.add(noise(i * 37 % 3000 + 1, i), i % 7 == 0 ? 3 : 0);
  const auto region = packed.region();
  ASSERT_EQ(region.size(), packed.bytes.size());
  Bytes found(packed.bytes.size(), std::byte{0xEE});
  region.read_at(0, found);
  EXPECT_TRUE(found == packed.bytes);
}

TEST(ContentRegion, IsASourceOfItsBytes) {
  Packed packed;
  for (std::uint32_t i = 0; i < 300; ++i)
    packed.add(noise(i % 50 == 0 ? 100'000 : i * 531 % 9000 + 1, i), i % 5 == 0 ? 2 : 0);
  test::expect_byte_source(packed.region(), MemorySource(packed.bytes));
}

TEST(ContentRegion, SmallContentsAreOneRunAndNobodyIsAsked) {
  Packed packed;
  std::vector<std::shared_ptr<CountingSource>> sources;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const auto content = noise(3000, i);
    sources.push_back(std::make_shared<CountingSource>(content));
    packed.add(sources.back(), content, 1);
  }
  const auto region = packed.region();
  const auto run = region.run_at(5);
  EXPECT_EQ(run.kind, Run::Kind::bytes);
  EXPECT_EQ(run.length, region.size() - kBlockSize - (2 * kBlockSize - 3000) - 5);
  for (const auto& source : sources) EXPECT_EQ(source->runs + source->reads, 0);
  EXPECT_EQ(region.run_at(5 + run.length).kind, Run::Kind::zeros);
}

TEST(ContentRegion, ARunOfSmallContentsEndsAtLargeGapsAndLargeContents) {
  Packed packed;
  packed.add(noise(100, 1), 40);  // a gap of 40 blocks is more than reading on is worth
  packed.add(noise(100, 2));
  packed.add(noise(65'536, 3));
  const auto region = packed.region();
  EXPECT_EQ(region.run_at(0).length, 100U);
  EXPECT_EQ(region.run_at(100).kind, Run::Kind::zeros);
  EXPECT_EQ(region.run_at(100).length, 41 * kBlockSize - 100);
  EXPECT_EQ(region.run_at(41 * kBlockSize).length, 100U);
  EXPECT_EQ(region.run_at(42 * kBlockSize).length, 65'536U);
}

TEST(ContentRegion, ARunOfSmallContentsIsBounded) {
  Packed packed;
  const auto id = packed.store.add_source(std::make_shared<ZeroSource>(60'000), "zeros");
  for (std::uint32_t i = 0; i < 1000; ++i) packed.placed.push_back({BlockCount{i * 30}, id, i});
  packed.next = 30'000;
  const auto region = packed.region();
  EXPECT_LT(region.run_at(0).length, 32U << 20);
  EXPECT_GT(region.run_at(0).length, 8U << 20);
}

TEST(ContentRegion, LargeContentsTellTheirRuns) {
  test::TrialImage trial;
  const auto* region = dynamic_cast<const ContentRegion*>(trial.image()->extents()[2].bytes.get());
  ASSERT_NE(region, nullptr);
  const auto at = [](std::uint32_t block) {
    return (std::uint64_t{block} - test::TrialImage::kRegionStart) * kBlockSize;
  };

  const auto file = region->run_at(at(26) + 1000);
  EXPECT_EQ(file.kind, Run::Kind::file);
  EXPECT_EQ(file.length, 300'001U - 1000);
  EXPECT_EQ(file.file_offset, 1000U);
  ASSERT_TRUE(file.file);
  EXPECT_THAT(file.file->path(), HasSubstr("large.bin"));

  EXPECT_EQ(region->run_at(at(26) + 300'001).kind, Run::Kind::zeros);
  EXPECT_EQ(region->run_at(at(175)).kind, Run::Kind::bytes);  // large, but in memory

  if (!test::knows_holes()) return;
  const auto data = region->run_at(at(920));
  EXPECT_EQ(data.kind, Run::Kind::file);
  EXPECT_EQ(data.length, 65'536U);
  const auto hole = region->run_at(at(920) + data.length);
  EXPECT_EQ(hole.kind, Run::Kind::zeros);
  EXPECT_EQ(hole.length, (1U << 20) - 2 * 65'536U);
  EXPECT_EQ(region->run_at(at(920) + data.length + hole.length).kind, Run::Kind::file);
}

TEST(ContentRegion, PartsComeInOrderWithTheirPaths) {
  Packed packed;
  packed.add(noise(2049, 1), 1);
  packed.add(noise(1, 2));
  const auto region = packed.region();
  std::vector<std::string> lines;
  region.for_each_part(Lba{100}, [&](const ExtentPart& part) { lines.push_back(format_part(part)); });
  EXPECT_EQ(lines, (std::vector<std::string>{"100+2  content /0", "103+1  content /1"}));

  EXPECT_EQ(region.part_at(Lba{100}, BlockCount{1})->start, Lba{100});
  EXPECT_FALSE(region.part_at(Lba{100}, BlockCount{2}));
  EXPECT_EQ(region.part_at(Lba{100}, BlockCount{3})->label, "content /1");
  EXPECT_EQ(region.content_path(BlockCount{1}), "/0");
  EXPECT_EQ(region.content_path(BlockCount{2}), "");
}

TEST(ContentRegion, AChangedFileIsNamedBeforeAWrongByteIsGivenOut) {
  const TempFolder folder;
  const auto file = folder.write("a.txt", "as planned");
  ContentStore store;
  const auto id =
      store.add_file(store.add_folder(folder.path().string()), "a.txt", OpenFile::open(file)->fingerprint());
  const ContentRegion region(std::make_shared<ContentStore>(store), {{BlockCount{0}, id, 0}}, BlockCount{1},
                             [](std::uint32_t) { return "/a.txt"; });
  region.check_sources(Lba{100});
  folder.write("a.txt", "something longer");
  for (const bool reading : {true, false}) {
    const auto e = test::error_of([&] {
      Bytes out(10);
      reading ? region.read_at(0, out) : region.check_sources(Lba{100});
    });
    EXPECT_EQ(e.code(), Errc::source_changed);
    EXPECT_EQ(e.where().path, file);
  }
}

}  // namespace
}  // namespace fsimage
