// Images for the tests of what reads them.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/image/result_image.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {

inline std::vector<std::byte> pattern(std::size_t size, std::uint32_t seed) {
  std::vector<std::byte> bytes(size);
  std::uint32_t x = seed * 2654435761u + 1;
  for (auto& b : bytes) {
    x = x * 1664525u + 1013904223u;
    b = static_cast<std::byte>(x >> 24);
  }
  return bytes;
}

// Seven blocks: a gap, two blocks of pattern, a gap, and an extent of 3000 bytes that leaves its last block unfinished.
inline constexpr std::uint64_t kSampleSize = 7 * kBlockSize;
inline std::shared_ptr<const ResultImage> sample_image() {
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{1}, std::make_shared<MemorySource>(pattern(2 * kBlockSize, 1)), "first"});
  extents.push_back({Lba{5}, std::make_shared<MemorySource>(pattern(3000, 2)), "second"});
  return std::make_shared<const ResultImage>(std::move(extents), BlockCount{7}, std::string(64, 'a'));
}

// What sample_image() holds, made without it.
inline std::vector<std::byte> sample_bytes() {
  std::vector<std::byte> bytes(kSampleSize);
  const auto put = [&](std::size_t at, const std::vector<std::byte>& part) {
    for (std::size_t i = 0; i < part.size(); ++i) bytes[at + i] = part[i];
  };
  put(1 * kBlockSize, pattern(2 * kBlockSize, 1));
  put(5 * kBlockSize, pattern(3000, 2));
  return bytes;
}

// Fails wherever it is read.
class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t, std::span<std::byte> out) const override {
    if (!out.empty()) throw Error(Errc::source_changed, {.path = "/home/a.txt"}, "size differs");
  }

 private:
  std::uint64_t size_;
};

// Four blocks that read, then one that fails.
inline std::shared_ptr<const ResultImage> failing_image() {
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{0}, std::make_shared<MemorySource>(pattern(4 * kBlockSize, 3)), "good"});
  extents.push_back({Lba{4}, std::make_shared<FailingSource>(kBlockSize), "bad"});
  return std::make_shared<const ResultImage>(std::move(extents), BlockCount{5}, std::string(64, 'b'));
}

// Larger than a few pieces of any copy.
inline constexpr std::size_t kLargeSize = 5 * 1024 * 1024;
inline std::shared_ptr<const ResultImage> large_image() {
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{0}, std::make_shared<MemorySource>(pattern(kLargeSize, 4)), "large"});
  return std::make_shared<const ResultImage>(std::move(extents), blocks_for(kLargeSize), std::string(64, 'c'));
}

}  // namespace fsimage::test
