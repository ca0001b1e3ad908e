// What every ByteSource promises, as one call from a test: reads of all kinds give the expected bytes and nothing else,
// runs tell the truth, the end is where size() says, and any number of threads may read.
#pragma once

#include <fsimage/io/byte_source.hpp>
#include <fsimage/io/open_file.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace fsimage::test {

inline std::vector<std::byte> read(const ByteSource& source, std::uint64_t offset, std::size_t length) {
  std::vector<std::byte> out(length);
  source.read_at(offset, out);
  return out;
}

inline std::vector<std::byte> read_all(const ByteSource& source) {
  return read(source, 0, static_cast<std::size_t>(source.size()));
}

namespace contract {

constexpr std::size_t kLongestRead = std::size_t{1} << 18;

struct Range {
  std::uint64_t offset;
  std::size_t length;
};

// Around every place where implementations change their ways, and some at random; the same ones each time.
inline std::vector<Range> ranges(std::uint64_t size) {
  std::vector<std::uint64_t> marks{0,    1,    7,     511,   512,     2047,     2048,     2049,
                                   4095, 4096, 65535, 65536, 1048576, size / 3, size / 2, size};
  for (const std::uint64_t before : {1U, 2U, 2047U, 2048U, 2049U, 65536U})
    if (before <= size) marks.push_back(size - before);
  std::vector<Range> out;
  for (const auto from : marks)
    for (const auto to : marks)
      if (from <= to && to <= size && to - from <= kLongestRead)
        out.push_back({from, static_cast<std::size_t>(to - from)});
  std::mt19937_64 random(size);
  for (int i = 0; i < 100; ++i) {
    const auto from = random() % (size + 1);
    out.push_back({from, static_cast<std::size_t>(random() % (std::min<std::uint64_t>(size - from, 9000) + 1))});
  }
  return out;
}

// Bytes beside the range stay as they were.
inline void expect_reads(const ByteSource& source, const ByteSource& expected) {
  constexpr std::size_t kGuard = 16;
  for (const auto [offset, length] : ranges(expected.size())) {
    std::vector<std::byte> buffer(length + 2 * kGuard, std::byte{0xA5});
    source.read_at(offset, std::span(buffer).subspan(kGuard, length));
    const auto want = read(expected, offset, length);
    ASSERT_TRUE(std::equal(want.begin(), want.end(), buffer.begin() + kGuard)) << length << " bytes from " << offset;
    const auto untouched = [](std::byte b) { return b == std::byte{0xA5}; };
    ASSERT_TRUE(std::all_of(buffer.begin(), buffer.begin() + kGuard, untouched)) << "written before the buffer";
    ASSERT_TRUE(std::all_of(buffer.end() - kGuard, buffer.end(), untouched)) << "written behind the buffer";
  }
}

inline ::testing::AssertionResult tells_the_truth(const Run& run, std::uint64_t offset, const ByteSource& expected) {
  auto lie = ::testing::AssertionFailure() << "run at " << offset << " of length " << run.length << ": ";
  if (run.length == 0) return lie << "it is empty";
  if (run.length > expected.size() - offset) return lie << "it goes on behind the end";
  if ((run.kind == Run::Kind::file) != (run.file != nullptr)) return lie << "a file belongs to the kind `file` only";
  const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(run.length, 65536));
  for (const auto at : {std::uint64_t{0}, (run.length - piece) / 2, run.length - piece}) {
    const auto want = read(expected, offset + at, piece);
    const bool zeros = std::all_of(want.begin(), want.end(), [](std::byte b) { return b == std::byte{0}; });
    if (run.kind == Run::Kind::zeros && !zeros) return lie << "not zeros at +" << at;
    if (run.kind != Run::Kind::file) continue;
    std::vector<std::byte> got(piece);
    run.file->read_at(run.file_offset + at, got);
    if (got != want) return lie << "the file has other bytes at +" << at;
  }
  return ::testing::AssertionSuccess();
}

inline void expect_true_runs(const ByteSource& source, const ByteSource& expected) {
  std::uint64_t at = 0;
  for (int runs = 0; at < expected.size() && runs < 2000; ++runs) {
    const Run run = source.run_at(at);
    ASSERT_TRUE(tells_the_truth(run, at, expected));
    for (const auto inside : {at + run.length / 2, at + run.length - 1})
      ASSERT_TRUE(tells_the_truth(source.run_at(inside), inside, expected));
    at += run.length;
  }
}

inline void expect_end(const ByteSource& source, std::uint64_t size) {
  EXPECT_EQ(source.size(), size);
  EXPECT_NO_THROW(source.read_at(0, {}));
  EXPECT_NO_THROW(source.read_at(size, {}));
  std::byte buffer[2];
  EXPECT_THROW(source.read_at(size, std::span(buffer, 1)), std::logic_error);
  EXPECT_THROW(source.read_at(~std::uint64_t{0}, std::span(buffer, 1)), std::logic_error) << "the sum wraps";
  if (size > 0) {
    EXPECT_THROW(source.read_at(size - 1, buffer), std::logic_error) << "half inside";
  }
}

inline void expect_concurrent_reads(const ByteSource& source, const ByteSource& expected) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    threads.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      for (int i = 0; i < 50; ++i) try {
          const auto from = random() % (expected.size() + 1);
          const auto length =
              static_cast<std::size_t>(std::min<std::uint64_t>(expected.size() - from, random() % 20000));
          if (read(source, from, length) != read(expected, from, length)) ++wrong;
          if (from < expected.size() && source.run_at(from).length == 0) ++wrong;
        } catch (...) {
          ++wrong;
        }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace contract

// `expected` may be a source that is trusted, for more bytes than memory holds.
inline void expect_byte_source(const ByteSource& source, const ByteSource& expected) {
  ASSERT_EQ(source.size(), expected.size());
  contract::expect_end(source, expected.size());
  contract::expect_reads(source, expected);
  contract::expect_true_runs(source, expected);
  contract::expect_concurrent_reads(source, expected);
  contract::expect_reads(source, expected);  // nothing that was done before has changed the bytes
}

inline void expect_byte_source(const ByteSource& source, std::string_view expected) {
  expect_byte_source(source, MemorySource(expected));
}

}  // namespace fsimage::test
