#include "image/sample_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/iostreams_compressor.hpp>

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace fsimage {
namespace {

namespace io = boost::iostreams;
using Bytes = std::vector<std::byte>;

Bytes compressed(Compression how, const Bytes& bytes, std::size_t chunk, std::optional<int> level = {}) {
  Bytes out;
  Compressor compressor(
      how,
      [&](std::span<const std::byte> piece) {
        EXPECT_FALSE(piece.empty());
        out.insert(out.end(), piece.begin(), piece.end());
      },
      level);
  std::span<const std::byte> rest(bytes);
  while (!rest.empty()) {
    const auto part = rest.first(std::min(chunk, rest.size()));
    compressor.write(part);
    rest = rest.subspan(part.size());
  }
  compressor.finish();
  EXPECT_EQ(compressor.bytes_in(), bytes.size());
  EXPECT_EQ(compressor.bytes_out(), out.size());
  return out;
}

Bytes expanded(Compression how, const Bytes& bytes) {
  io::filtering_istream in;
  if (how == Compression::gzip)
    in.push(io::gzip_decompressor());
  else
    in.push(io::zstd_decompressor());
  in.push(io::array_source(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::string text;
  io::copy(in, io::back_inserter(text));
  const auto out = std::as_bytes(std::span(text));
  return Bytes(out.begin(), out.end());
}

// Half of it compresses well, half not at all.
Bytes sample() {
  Bytes bytes = test::pattern(700'000, 5);
  bytes.resize(1'400'000);
  return bytes;
}

class CompressorTest : public ::testing::TestWithParam<Compression> {};

TEST_P(CompressorTest, WhatGoesInComesOutAgain) {
  const Bytes bytes = sample();
  for (const std::size_t chunk : {std::size_t{1000}, std::size_t{65536}, std::size_t{10'000'000}}) {
    const Bytes packed = compressed(GetParam(), bytes, chunk);
    EXPECT_LT(packed.size(), 720'000u);
    EXPECT_TRUE(expanded(GetParam(), packed) == bytes) << "chunk " << chunk;
  }
}

TEST_P(CompressorTest, NothingIsAStreamToo) {
  const Bytes packed = compressed(GetParam(), {}, 1);
  EXPECT_FALSE(packed.empty());
  EXPECT_TRUE(expanded(GetParam(), packed).empty());
  EXPECT_TRUE(expanded(GetParam(), compressed(GetParam(), Bytes(1), 1)) == Bytes(1));
}

TEST_P(CompressorTest, IsDeterministic) {
  const Bytes bytes = sample();
  EXPECT_TRUE(compressed(GetParam(), bytes, 4096) == compressed(GetParam(), bytes, 4096));
}

TEST_P(CompressorTest, LevelsAreFromOneToItsBest) {
  const Bytes bytes(100'000, std::byte{'x'});
  const int best = GetParam() == Compression::gzip ? 9 : 19;
  for (const int level : {1, best})
    EXPECT_TRUE(expanded(GetParam(), compressed(GetParam(), bytes, 9999, level)) == bytes);
  for (const int level : {0, -1, best + 1}) {
    try {
      Compressor(
          GetParam(), [](std::span<const std::byte>) {}, level);
      ADD_FAILURE() << level;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
    }
  }
}

TEST_P(CompressorTest, FailureOfTheOutputComesThroughAndEndsIt) {
  const Bytes bytes = test::pattern(3'000'000, 6);
  Compressor compressor(GetParam(),
                        [](std::span<const std::byte>) { throw Error(Errc::no_space, {.path = "/x.gz"}, "full"); });
  try {
    compressor.write(bytes);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where().path, "/x.gz");
  }
  EXPECT_THROW(compressor.write(bytes), std::logic_error);
  EXPECT_THROW(compressor.finish(), std::logic_error);
}

TEST_P(CompressorTest, FailureAtTheEndComesThrough) {
  Compressor compressor(GetParam(), [](std::span<const std::byte>) { throw std::runtime_error("pipe"); });
  compressor.write(Bytes(10));
  EXPECT_THROW(compressor.finish(), std::runtime_error);
}

TEST_P(CompressorTest, EndsOnce) {
  Compressor compressor(GetParam(), [](std::span<const std::byte>) {});
  compressor.finish();
  EXPECT_THROW(compressor.finish(), std::logic_error);
  EXPECT_THROW(compressor.write(Bytes(1)), std::logic_error);
}

TEST_P(CompressorTest, CanBeLeftUnfinished) {
  std::size_t calls = 0;
  {
    Compressor compressor(GetParam(), [&](std::span<const std::byte>) { ++calls; });
    compressor.write(Bytes(1000));
  }
  EXPECT_EQ(calls, 0u);
}

INSTANTIATE_TEST_SUITE_P(Formats, CompressorTest, ::testing::Values(Compression::gzip, Compression::zstd),
                         [](const auto& i) { return i.param == Compression::gzip ? "gzip" : "zstd"; });

TEST(CompressorFormat, GzipHeaderTellsNothing) {
  const Bytes packed = compressed(Compression::gzip, sample(), 4096);
  // RFC 1952 2.3: magic, deflate, no flags, no time, no extra flags, system unknown.
  const unsigned char header[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255};
  ASSERT_GE(packed.size(), sizeof header);
  for (std::size_t i = 0; i < sizeof header; ++i) EXPECT_EQ(packed[i], std::byte{header[i]}) << i;
}

TEST(CompressorFormat, ZstdFrameHasItsMagic) {
  const Bytes packed = compressed(Compression::zstd, sample(), 4096);
  const unsigned char magic[4] = {0x28, 0xB5, 0x2F, 0xFD};  // RFC 8878 3.1.1
  for (std::size_t i = 0; i < sizeof magic; ++i) EXPECT_EQ(packed[i], std::byte{magic[i]}) << i;
}

TEST(CompressionOf, GoesByTheEndOfTheName) {
  EXPECT_EQ(compression_of("/a/x.iso.gz"), Compression::gzip);
  EXPECT_EQ(compression_of("X.ISO.ZST"), Compression::zstd);
  EXPECT_EQ(compression_of("x.iso"), std::nullopt);
  EXPECT_EQ(compression_of("gz"), std::nullopt);
  EXPECT_EQ(compression_of("x.gz.iso"), std::nullopt);
  EXPECT_EQ(compression_of(""), std::nullopt);
  EXPECT_EQ(suffix_of(Compression::zstd), ".zst");
}

}  // namespace
}  // namespace fsimage
