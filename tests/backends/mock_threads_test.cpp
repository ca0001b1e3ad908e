#include "mock_discs.hpp"

#include <fsimage/burn/verify.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

TEST(MockThreads, AnyThreadReadsWhatWasReadBack) {
  constexpr std::uint32_t kBlocks = 640, kReads = 100;
  const test::TempFolder folder;
  MockRecorder recorder({.path = folder / "disc", .media = "bd-r"});
  const auto image = test::noise_image(0, kBlocks, 1);
  recorder.burn(image, {}, {}, {});
  verify_image(image, recorder);
  const auto& wanted = test::noisy_blocks(kBlocks, 1);
  const std::shared_ptr<const ByteSource> disc = recorder.read_back();
  std::vector<std::thread> readers;
  for (std::uint32_t reader = 0; reader < 4; ++reader)
    readers.emplace_back([&, reader] {
      std::uint32_t x = reader;
      for (std::uint32_t i = 0; i < kReads; ++i) {
        x = x * 1664525U + 1013904223U;
        const std::size_t at = (x >> 8U) % (wanted.size() - 10'000), length = (x >> 4U) % 10'000;
        test::Bytes found(length);
        disc->read_at(at, found);
        EXPECT_TRUE(std::equal(found.begin(), found.end(), wanted.begin() + static_cast<std::ptrdiff_t>(at)));
      }
    });
  for (std::uint32_t i = 0; i < kReads; ++i) EXPECT_EQ(recorder.media().state, MediaState::appendable);
  for (auto& reader : readers) reader.join();
  EXPECT_TRUE(recorder.violations().empty());
}

}  // namespace
}  // namespace fsimage
