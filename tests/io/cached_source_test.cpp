#include "support/error_of.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/io/cached_source.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

using test::Bytes;
constexpr auto kLine = CachedSource::kLine;

// Counts reads; fails in one block.
class Counting final : public ByteSource {
 public:
  explicit Counting(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    ++reads;
    if (bad != 0 && offset < bad + kBlockSize && offset + out.size() > bad)
      throw Error(make_error_code(std::errc::io_error), {}, "a bad block");
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  mutable std::atomic<int> reads = 0;
  std::uint64_t bad = 0;

 private:
  Bytes bytes_;
};

Bytes mixed() {
  auto bytes = test::noise(20 * kLine + 777, 1);
  std::fill(bytes.begin() + 5 * kLine, bytes.begin() + 9 * kLine, std::byte{});
  return bytes;
}

TEST(CachedSource, GivesWhatTheOtherHas) {
  const auto bytes = mixed();
  const CachedSource cached(std::make_shared<Counting>(bytes), 3 * kLine);
  ASSERT_EQ(cached.size(), bytes.size());
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const auto offset = random() % bytes.size();
    Bytes found(std::min<std::size_t>(random() % (3 * kLine), bytes.size() - offset));
    cached.read_at(offset, found);
    ASSERT_TRUE(std::equal(found.begin(), found.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
  Bytes one(1);
  EXPECT_THROW(cached.read_at(bytes.size(), one), std::logic_error);
}

TEST(CachedSource, ReadsOnceWhatItKeeps) {
  const auto source = std::make_shared<Counting>(mixed());
  const CachedSource cached(source, 3 * kLine);
  Bytes block(kBlockSize);
  for (int i = 0; i < 100; ++i) cached.read_at(kLine * 2 + 2048U * static_cast<unsigned>(i % 30), block);
  EXPECT_EQ(source->reads, 1);
  for (std::uint64_t n = 10; n < 16; ++n) cached.read_at(n * kLine, block);
  EXPECT_EQ(source->reads, 7);
  cached.read_at(15 * kLine, block);
  EXPECT_EQ(source->reads, 7);
  cached.read_at(2 * kLine, block);
  EXPECT_EQ(source->reads, 8) << "it had to make room";
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t n = 5; n < 9; ++n) cached.read_at(n * kLine, block);
  EXPECT_EQ(source->reads, 12) << "zeros are all kept";
}

TEST(CachedSource, ABadBlockHarmsNobodyElse) {
  const auto source = std::make_shared<Counting>(mixed());
  source->bad = 3 * kLine + 4 * kBlockSize;
  const CachedSource cached(source);
  Bytes block(kBlockSize);
  cached.read_at(3 * kLine + 3 * kBlockSize, block);
  cached.read_at(3 * kLine + 5 * kBlockSize, block);
  EXPECT_EQ(test::error_of([&] { cached.read_at(source->bad, block); }).code(), std::errc::io_error);
}

TEST(CachedSource, ManyThreads) {
  const auto bytes = mixed();
  const CachedSource cached(std::make_shared<Counting>(bytes), 2 * kLine);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      Bytes found(5000);
      for (int i = 0; i < 200; ++i) {
        const auto offset = random() % (bytes.size() - found.size());
        cached.read_at(offset, found);
        EXPECT_TRUE(std::equal(found.begin(), found.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset)));
      }
    });
  for (auto& t : threads) t.join();
}

}  // namespace
}  // namespace fsimage
