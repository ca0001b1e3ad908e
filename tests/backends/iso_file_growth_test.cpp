#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {
namespace {

using Bytes = std::vector<std::byte>;

Bytes filled(std::size_t size, unsigned char with) { return Bytes(size, std::byte{with}); }

std::shared_ptr<const ByteSource> memory(Bytes bytes) { return std::make_shared<MemorySource>(std::move(bytes)); }

// 1,000 blocks of 'n' from block 640 on, with a hole of 500 blocks and an end that is one; two clusters at the front.
ResultImage further_session(const std::shared_ptr<const ByteSource>& content = memory(filled(1000 * kBlockSize, 'n'))) {
  std::vector<ImageExtent> extents{{Lba{640}, content, "content"}};
  std::vector<ImageExtent> replaced{{Lba{}, memory(filled(32 * kBlockSize, 'f')), "front"},
                                    {Lba{256}, memory(filled(32 * kBlockSize, 'a')), "anchor"}};
  return {std::move(extents), BlockCount{1600}, std::string(64, '0'), Lba{640}, std::move(replaced)};
}

struct IsoFileGrowth : ::testing::Test {
  test::TempFolder folder;
  std::string path = folder.write("disc.iso", std::string(640 * kBlockSize, 'o'));

  Bytes read() const {
    const auto source = IsoFileRecorder(path).read_back();
    Bytes out(source->size());
    source->read_at(0, out);
    return out;
  }
  void expect_untouched() const { EXPECT_EQ(read(), filled(640 * kBlockSize, 'o')); }
  Error failure(const ResultImage& image, const BurnOptions& burn = {}, const ProgressFn& progress = {},
                std::stop_token stop = {}) {
    return test::error_of([&] { IsoFileRecorder(path).burn(image, burn, progress, std::move(stop)); });
  }
};

TEST_F(IsoFileGrowth, AddsTheSessionAndReplacesTheFront) {
  IsoFileRecorder(path).burn(further_session(), {}, {}, {});
  auto expected = filled(2240 * kBlockSize, 'o');
  const auto fill = [&](std::size_t at, std::size_t count, char with) {
    std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(at * kBlockSize), count * kBlockSize,
                std::byte{static_cast<unsigned char>(with)});
  };
  fill(640, 1000, 'n');
  fill(1640, 600, '\0');
  fill(0, 32, 'f');
  fill(256, 32, 'a');
  EXPECT_EQ(read(), expected);
}

TEST_F(IsoFileGrowth, AnEndInsideAClusterIsFilledUp) {
  std::filesystem::resize_file(path, 639 * kBlockSize + 1);
  IsoFileRecorder(path).burn(further_session(), {}, {}, {});
  const auto bytes = read();
  EXPECT_EQ(bytes[639 * kBlockSize], std::byte{'o'});
  EXPECT_EQ(bytes[639 * kBlockSize + 1], std::byte{});
  EXPECT_EQ(bytes[640 * kBlockSize], std::byte{'n'});
}

TEST_F(IsoFileGrowth, AnotherStateOfTheFileIsRefused) {
  for (const std::uint64_t blocks : {641U, 608U, 0U}) {
    const auto size = blocks * kBlockSize;
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(failure(further_session()).code(), Errc::medium_state) << size;
    EXPECT_EQ(std::filesystem::file_size(path), size);
  }
  std::filesystem::remove(path);
  EXPECT_EQ(failure(further_session()).code(), Errc::medium_state);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(IsoFileGrowth, ASourceThatFailsLeavesTheFileAsItWas) {
  struct Failing final : ByteSource {
    std::uint64_t size() const override { return 1000 * kBlockSize; }
    void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      if (offset + out.size() > 900 * kBlockSize) throw Error(Errc::source_changed, {.path = "/a"}, "changed");
      std::fill(out.begin(), out.end(), std::byte{'n'});
    }
  };
  const auto e = failure(further_session(std::make_shared<Failing>()));
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, "/a");
  expect_untouched();
}

TEST_F(IsoFileGrowth, AStopLeavesTheFileAsItWas) {
  std::stop_source stop;
  const auto stop_midway = [&](const BurnProgress& p) {
    if (p.phase == Phase::writing) stop.request_stop();
  };
  IsoFileOptions options;
  options.progress_interval = {};
  options.window = 64 * 1024;
  EXPECT_EQ(test::error_of([&] {
              IsoFileRecorder(path, options).burn(further_session(), {}, stop_midway, stop.get_token());
            }).code(),
            Errc::cancelled);
  expect_untouched();
}

TEST_F(IsoFileGrowth, SimulatedNothingIsWritten) {
  IsoFileRecorder(path).burn(further_session(), {.simulate = true}, {}, {});
  expect_untouched();
}

TEST_F(IsoFileGrowth, ProgressTellsOfThePointOfNoReturn) {
  IsoFileOptions options;
  options.progress_interval = {};
  std::vector<Phase> phases;
  bool reversible = true;
  IsoFileRecorder(path, options)
      .burn(further_session(), {},
            [&](const BurnProgress& p) {
              if (phases.empty() || phases.back() != p.phase) phases.push_back(p.phase);
              EXPECT_TRUE(p.phase != Phase::writing || p.reversible);
              reversible = p.reversible;
            },
            {});
  EXPECT_EQ(phases, (std::vector{Phase::preparing, Phase::writing, Phase::closing, Phase::done}));
  EXPECT_FALSE(reversible);
}

// Cut off after any write: whoever reads the front finds the old session whole, or the new one.
TEST_F(IsoFileGrowth, UntilTheFrontIsReplacedItLeadsToTheOldSession) {
  const auto image = further_session();
  ASSERT_EQ(image.replaced().size(), 2U);
  bool front_untouched = true;
  IsoFileOptions options;
  options.progress_interval = {};
  IsoFileRecorder(path, options)
      .burn(image, {},
            [&](const BurnProgress& p) {
              if (p.phase == Phase::writing) front_untouched = front_untouched && read()[0] == std::byte{'o'};
            },
            {});
  EXPECT_TRUE(front_untouched);
}

// Whatever of a session is there when the power fails: it is no session before all of it is.
TEST_F(IsoFileGrowth, WhatIsHalfWrittenIsNoSession) {
  FileSystemImage first;
  first.tree().add_file(kRootNode, "old", {}, memory(filled(100'000, 'o')));
  std::filesystem::remove(path);
  save_image(*first.create_result_image(), path);
  FileSystemImage next;
  const std::shared_ptr<const ByteSource> disc = IsoFileRecorder(path).read_back();
  next.continue_disc(disc, IsoFileRecorder(path).media());
  next.tree().add_file(kRootNode, "new", {}, memory(filled(500'000, 'n')));
  const auto image = next.create_result_image();

  IsoFileOptions options;
  options.progress_interval = {};
  options.window = 64 * 1024;
  options.workers = 1;
  int looks = 0;
  const auto look = [&](const BurnProgress& p) {
    if (p.phase != Phase::writing) return;
    ++looks;
    const std::shared_ptr<const ByteSource> now = IsoFileRecorder(path).read_back();
    EXPECT_EQ(choose_session(now).start, Lba{}) << p.done.value;
  };
  IsoFileRecorder(path, options).burn(*image, {}, look, {});
  EXPECT_GT(looks, 5);
  const std::shared_ptr<const ByteSource> after = IsoFileRecorder(path).read_back();
  EXPECT_EQ(choose_session(after).start, image->first_block());
  EXPECT_EQ(find_sessions(after).size(), 2U);
}

}  // namespace
}  // namespace fsimage
