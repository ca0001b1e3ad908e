#include "support/byte_source_contract.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/image/result_image.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <stdexcept>

namespace fsimage {
namespace {

using test::Bytes;
using test::noise;
using test::TrialImage;
using ::testing::HasSubstr;

ImageExtent extent(std::uint32_t at, std::uint64_t size, std::string label) {
  return {Lba{at}, std::make_shared<MemorySource>(noise(size, at)), std::move(label)};
}

Bytes read(const ResultImage& image, std::uint64_t offset, std::size_t length) {
  Bytes out(length, std::byte{0xEE});
  image.read_at(offset, out);
  return out;
}

Bytes slice(const Bytes& bytes, std::uint64_t offset, std::uint64_t length) {
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  return {from, from + static_cast<std::ptrdiff_t>(length)};
}

std::string refusal(std::vector<ImageExtent> extents, BlockCount total, Lba first = {}) {
  try {
    ResultImage(std::move(extents), total, "id", first);
  } catch (const std::logic_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(ResultImage, RefusesAnOverlapByName) {
  EXPECT_THAT(refusal({extent(20, 1, "second"), extent(16, 4 * kBlockSize + 1, "first")}, {100}),
              ::testing::AllOf(HasSubstr("16+5   first"), HasSubstr("20+1   second")));
  EXPECT_EQ(refusal({extent(20, 1, "second"), extent(16, 4 * kBlockSize, "first")}, {100}), "accepted");
  EXPECT_THAT(refusal({extent(16, 1, "one"), extent(16, 1, "other")}, {100}), HasSubstr("overlap"));
}

TEST(ResultImage, RefusesWhatLiesOutside) {
  EXPECT_THAT(refusal({extent(99, kBlockSize + 1, "tail")}, {100}), HasSubstr("99+2   tail"));
  EXPECT_EQ(refusal({extent(99, kBlockSize, "tail")}, {100}), "accepted");
  EXPECT_THAT(refusal({extent(999, 1, "early")}, {100}, Lba{1000}), HasSubstr("999+1  early"));
  EXPECT_THAT(refusal({{Lba{1}, nullptr, "hollow"}}, {100}), HasSubstr("hollow"));
}

TEST(ResultImage, SortsExtentsAndDropsEmptyOnes) {
  const ResultImage image({extent(9, 5, "c"), extent(3, 0, "nothing"), extent(1, 5, "a"), extent(4, 5, "b")}, {10},
                          "id");
  ASSERT_EQ(image.extents().size(), 3U);
  EXPECT_EQ(image.extents()[0].label, "a");
  EXPECT_EQ(image.extents()[1].label, "b");
  EXPECT_EQ(image.extents()[2].label, "c");
}

TEST(ResultImage, AnImageOfNothingIsZeros) {
  const ResultImage image({}, {3}, "id");
  EXPECT_EQ(read(image, 0, 3 * kBlockSize), Bytes(3 * kBlockSize));
  EXPECT_EQ(image.run_at(0).length, 3 * kBlockSize);
  const ResultImage empty({}, {0}, "id");
  EXPECT_EQ(empty.size(), 0U);
  empty.read_at(0, {});
}

TEST(ResultImage, ReadsGapsTailsAndExtents) {
  TrialImage trial;
  EXPECT_EQ(trial.image()->size(), trial.bytes().size());
  EXPECT_TRUE(read(*trial.image(), 0, trial.bytes().size()) == trial.bytes());
}

TEST(ResultImage, RandomReadsAreThoseOfTheWhole) {
  TrialImage trial;
  std::mt19937 random(7);
  for (int i = 0; i < 1500; ++i) {
    const auto offset = random() % trial.bytes().size();
    const auto longest = i % 30 == 0 ? 500'000U : 5000U;
    const auto length = std::min<std::size_t>(random() % longest, trial.bytes().size() - offset);
    ASSERT_TRUE(read(*trial.image(), offset, length) == slice(trial.bytes(), offset, length))
        << offset << "+" << length;
  }
}

TEST(ResultImage, RefusesToReadBeyondTheEnd) {
  const ResultImage image({extent(1, 10, "a")}, {3}, "id");
  Bytes out(2);
  image.read_at(image.size(), {});
  EXPECT_THROW(image.read_at(image.size() - 1, out), std::logic_error);
  EXPECT_THROW(image.read_at(image.size() + 1, {}), std::logic_error);
  EXPECT_THROW(image.read_at(std::uint64_t(-1), out), std::logic_error);
  EXPECT_THROW(image.run_at(image.size()), std::logic_error);
}

TEST(ResultImage, RunsOfEveryKindComeThrough) {
  TrialImage trial;
  const auto& image = *trial.image();
  std::map<Run::Kind, int> kinds;
  for (std::uint64_t at = 0; at < image.size();) {
    const auto run = image.run_at(at);
    ++kinds[run.kind];
    at += run.length;
  }
  // Two large files, and the two ends of the sparse one.
  EXPECT_EQ(kinds[Run::Kind::file], test::knows_holes() ? 4 : 3);
  EXPECT_GE(kinds[Run::Kind::zeros], 5);
  EXPECT_GE(kinds[Run::Kind::bytes], 5);
}

TEST(ResultImage, ZerosAreJoinedAcrossBorders) {
  const auto zeros = [](std::uint32_t at, std::uint64_t size) {
    return ImageExtent{Lba{at}, std::make_shared<ZeroSource>(size), "zeros"};
  };
  const ResultImage image(
      {extent(2, kBlockSize - 3, "data"), zeros(5, 100), zeros(7, kBlockSize), extent(10, 5, "data")}, {20}, "id");
  EXPECT_EQ(image.run_at(0).length, 2 * kBlockSize);
  EXPECT_EQ(image.run_at(2 * kBlockSize).kind, Run::Kind::bytes);
  const auto hole = image.run_at(3 * kBlockSize - 3);
  EXPECT_EQ(hole.kind, Run::Kind::zeros);
  EXPECT_EQ(hole.length, 7 * kBlockSize + 3);
  EXPECT_EQ(image.run_at(10 * kBlockSize + 5).length, 10 * kBlockSize - 5);
}

TEST(ResultImage, JoiningIsBounded) {
  std::vector<ImageExtent> extents;
  for (std::uint32_t i = 0; i < 10'000; ++i) extents.push_back({Lba{i * 2}, std::make_shared<ZeroSource>(1), "zero"});
  const ResultImage image(std::move(extents), {20'000}, "id");
  std::size_t runs = 0;
  for (std::uint64_t at = 0; at < image.size(); at += image.run_at(at).length) ++runs;
  EXPECT_GT(runs, 50U);
  EXPECT_LT(runs, 1000U);
}

TEST(ResultImage, TheMapIsReadable) {
  TrialImage trial;
  std::string map;
  trial.image()->for_each_part([&](const ExtentPart& part) { map += format_part(part) + "\n"; });
  EXPECT_EQ(map,
            "16+1   metadata 16\n"
            "18+2   metadata 18\n"
            "20+1   content /a.txt\n"
            "21+1   content /b.bin\n"
            "22+3   content /in memory\n"
            "26+147 content /docs/large.bin\n"
            "174+1  content /docs/c.txt\n"
            "175+98 content /large in memory\n"
            "400+512 content /docs/aligned.bin\n"
            "920+512 content /sparse.bin\n"
            "1500+1 content /last.txt\n"
            "1990+2 metadata 1990\n");
}

TEST(ResultImage, BlocksHavePartsAndPaths) {
  TrialImage trial;
  const auto& image = *trial.image();
  EXPECT_EQ(image.part_at(Lba{16})->label, "metadata 16");
  EXPECT_EQ(image.path_at(Lba{16}), "");
  EXPECT_FALSE(image.part_at(Lba{17}));
  EXPECT_FALSE(image.part_at(Lba{0}));
  EXPECT_EQ(image.part_at(Lba{24})->start, Lba{22});
  EXPECT_EQ(image.part_at(Lba{24})->blocks, BlockCount{3});
  EXPECT_EQ(image.path_at(Lba{24}), "/in memory");
  EXPECT_FALSE(image.part_at(Lba{25}));  // a gap inside the region
  EXPECT_EQ(image.path_at(Lba{25}), "");
  EXPECT_FALSE(image.part_at(Lba{1999}));
  EXPECT_FALSE(image.part_at(Lba{5000}));
}

TEST(ResultImage, PathsHaveBlocks) {
  TrialImage trial;
  const auto found = trial.image()->find_content("/docs/large.bin");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->start, Lba{26});
  EXPECT_EQ(found->blocks, BlockCount{147});
  EXPECT_EQ(found->label, "/docs/large.bin");
  EXPECT_FALSE(trial.image()->find_content("/docs/larg"));
  EXPECT_FALSE(trial.image()->find_content("large.bin"));
  EXPECT_FALSE(trial.image()->find_content(""));
}

TEST(ResultImage, AnExtentOfItsOwnMayBeAContent) {
  const ResultImage image({extent(3, 10, "content /a"), extent(4, 10, "contents")}, {10}, "id");
  EXPECT_EQ(image.path_at(Lba{3}), "/a");
  EXPECT_EQ(image.path_at(Lba{4}), "");
  EXPECT_EQ(image.find_content("/a")->start, Lba{3});
}

TEST(ResultImage, ASessionBeginsElsewhere) {
  const ResultImage image({extent(1002, 10, "a")}, {5}, "id", Lba{1000});
  EXPECT_EQ(image.first_block(), Lba{1000});
  EXPECT_EQ(read(image, 2 * kBlockSize, 10), noise(10, 1002));
  EXPECT_EQ(image.part_at(Lba{1002})->start, Lba{1002});
  EXPECT_FALSE(image.part_at(Lba{2}));
  EXPECT_EQ(image.run_at(0).length, 2 * kBlockSize);
}

TEST(ResultImage, CheckSourcesNamesTheFileThatChanged) {
  TrialImage trial;
  trial.image()->check_sources();
  const auto file = trial.sources().write("docs/c.txt", "now something else");
  const auto e = test::error_of([&] { trial.image()->check_sources(); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, file);
}

TEST(ResultImage, AnErrorOfASourceComesThrough) {
  const ResultImage image({extent(0, kBlockSize, "good"),
                           {Lba{1},
                            std::make_shared<CallbackSource>(
                                5, [](std::uint64_t, std::span<std::byte>) { throw std::runtime_error("broken"); }),
                            "bad"}},
                          {3}, "id");
  EXPECT_EQ(read(image, 0, kBlockSize), noise(kBlockSize, 0));
  Bytes out(kBlockSize + 1);
  EXPECT_THROW(image.read_at(0, out), std::runtime_error);
}

TEST(ResultImage, WhatIsReplacedLiesBeforeItInWholeBlocks) {
  const std::vector<ImageExtent> front{extent(256, kBlockSize, "anchor"), extent(16, 4 * kBlockSize, "descriptors")};
  const ResultImage image({extent(320, 10, "a")}, BlockCount{32}, "", Lba{320}, front);
  ASSERT_EQ(image.replaced().size(), 2U);
  EXPECT_EQ(image.replaced()[0].label, "anchor");  // in the order in which it is to be written
  EXPECT_EQ(image.extents().size(), 1U);
  const auto with = [](ImageExtent e) { return ResultImage({}, BlockCount{32}, "", Lba{320}, {std::move(e)}); };
  EXPECT_THROW(with(extent(319, 2 * kBlockSize, "beyond")), std::logic_error);
  EXPECT_THROW(with(extent(16, 10, "part of a block")), std::logic_error);
  EXPECT_THROW(with({Lba{16}, nullptr, "nothing"}), std::logic_error);
}

TEST(ImageSource, IsASourceOfTheImagesBytes) {
  TrialImage trial;
  test::expect_byte_source(ImageSource(trial.image()), MemorySource(trial.bytes()));
}

TEST(FormatPart, PadsTheAddress) {
  EXPECT_EQ(format_part({Lba{16}, BlockCount{1}, "iso9660/primary volume descriptor"}),
            "16+1   iso9660/primary volume descriptor");
  EXPECT_EQ(format_part({Lba{257}, BlockCount{16}, "udf/x"}), "257+16 udf/x");
  EXPECT_EQ(format_part({Lba{4294967295}, BlockCount{4294967295}, "x"}), "4294967295+4294967295 x");
}

TEST(FormatPart, ANameCannotForgeALine) {
  EXPECT_EQ(format_part({Lba{1}, BlockCount{1}, "content /a\n2+1    content /b"}),
            "1+1    content /a\\x0a2+1    content /b");
}

}  // namespace
}  // namespace fsimage
