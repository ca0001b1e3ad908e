// Discs and images for the tests of the simulated drive.
#pragma once

#include "support/error_of.hpp"
#include "support/media_kinds.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/image/result_image.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {

// So many blocks of noise; made once.
inline const Bytes& noisy_blocks(std::uint32_t blocks, std::uint32_t seed) {
  static std::map<std::pair<std::uint32_t, std::uint32_t>, Bytes> made;
  auto& bytes = made[{blocks, seed}];
  if (bytes.empty()) bytes = noise(std::size_t{blocks} * kBlockSize, seed);
  return bytes;
}

// `blocks` of noise that begin at `first`, and what it takes the place of: one block of noise each.
inline ResultImage noise_image(std::uint32_t first, std::uint32_t blocks, std::uint32_t seed,
                               const std::vector<std::uint32_t>& replaced = {}) {
  std::vector<ImageExtent> front;
  for (const auto at : replaced)
    front.push_back({Lba{at}, std::make_shared<MemorySource>(noisy_blocks(1, seed + at)), "front"});
  return ResultImage({{Lba{first}, std::make_shared<MemorySource>(noisy_blocks(blocks, seed)), "content /a"}}, {blocks},
                     std::string(64, 'e'), Lba{first}, std::move(front));
}

inline Bytes blocks_at(const ByteSource& disc, std::uint32_t first, std::uint32_t blocks) {
  Bytes bytes(std::size_t{blocks} * kBlockSize);
  disc.read_at(Lba{first}.byte_offset(), bytes);
  return bytes;
}

// One test of each kind of medium. Whatever a recorder did that an initiator must not do fails the test.
class EachMedium : public ::testing::TestWithParam<std::string> {
 protected:
  // Gaps need room; and where there are none, readers look at every block.
  std::uint32_t capacity() const { return overwritable() ? 8'000 : 64'000; }

  MockOptions options(const std::string& file, const std::string& faults = {}) const {
    return {.path = folder_ / file,
            .media = GetParam(),
            .capacity = capacity(),
            .faults = faults,
            .polls = 1,
            .progress_interval = std::chrono::milliseconds{0}};
  }
  static void expect_no_violations(const MockRecorder& recorder) {
    for (const auto& violation : recorder.violations()) ADD_FAILURE() << violation;
  }
  bool overwritable() const { return is_overwritable(GetParam()); }
  TempFolder folder_;
};

}  // namespace fsimage::test
