// The structures around the partition: recognition, sequences, integrity, anchors, and where they lie.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::Block;
using test::dstring_at;
using test::make_udf_image;
using test::text_source;
using test::u16;
using test::u32;
using test::u64;
using test::u8;
using test::UdfWalk;

Tree some_files(std::size_t bytes = 3) {
  Tree t;
  const auto d = t.add_directory(kRootNode, "folder", {});
  const auto a = t.add_file(d, "a", {}, text_source(std::string(bytes, 'a')));
  t.add_hard_link(kRootNode, "same", a);
  t.add_file(kRootNode, "b", {}, text_source("b"));
  return t;
}

std::string text_at(const Block& b, std::size_t at, std::size_t n) {
  std::string out;
  for (std::size_t i = at; i < at + n && b[i] != std::byte{0}; ++i) out += std::to_integer<char>(b[i]);
  return out;
}

void expect_zero(const Block& b, std::size_t at, std::size_t n) {
  for (std::size_t i = at; i < at + n; ++i) ASSERT_EQ(b[i], std::byte{0}) << i;
}

TEST(UdfVolumeLayout, RecognitionSequence) {
  const auto u = make_udf_image(some_files());
  std::uint32_t at = 16;
  for (const char* id : {"BEA01", "NSR02", "TEA01"}) {
    const auto b = u.block(Lba{at++});
    EXPECT_EQ(u8(b, 0), 0U);
    EXPECT_EQ(text_at(b, 1, 5), id);
    EXPECT_EQ(u8(b, 6), 1U);
    expect_zero(b, 7, 2041);
  }
  expect_zero(u.block(Lba{at}), 0, 2048);
}

TEST(UdfVolumeLayout, SequenceInItsOrder) {
  const auto u = make_udf_image(some_files());
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.main(), 32U);
  std::uint32_t at = 32, number = 0;
  for (const std::uint16_t id : std::initializer_list<std::uint16_t>{1, 4, 6, 5, 7}) {
    EXPECT_EQ(u32(walk.checked(at, id, at), 16), number++);
    ++at;
  }
  const auto end = walk.checked(at, 8, at);
  expect_zero(end, 16, 2032);
  while (++at < 48) expect_zero(u.block(Lba{at}), 0, 2048);
}

TEST(UdfVolumeLayout, PrimaryVolumeDescriptor) {
  Profile p;
  p.volume_name = "Disc of \u00e9";
  const auto u = make_udf_image(some_files(), p);
  const auto b = u.block(Lba{32});
  EXPECT_EQ(u16(b, 10), 496U);
  EXPECT_EQ(dstring_at(b, 24, 32), p.volume_name);
  EXPECT_EQ(u8(b, 24), 8U);
  EXPECT_EQ(u16(b, 56), 1U);
  EXPECT_EQ(u16(b, 58), 1U);
  EXPECT_EQ(u16(b, 60), 2U);
  EXPECT_EQ(u16(b, 62), 3U);
  EXPECT_EQ(u32(b, 64), 1U);
  EXPECT_EQ(u32(b, 68), 1U);
  EXPECT_EQ(dstring_at(b, 72, 128), test::kImageId.substr(0, 16) + p.volume_name);
  for (const std::size_t charset : {200U, 264U}) {
    EXPECT_EQ(u8(b, charset), 0U);
    EXPECT_EQ(text_at(b, charset + 1, 63), "OSTA Compressed Unicode");
  }
  expect_zero(b, 328, 48);
  EXPECT_EQ(u16(b, 376), 0x1000U);
  EXPECT_EQ(u16(b, 378), 2023U);
  EXPECT_EQ(text_at(b, 389, 23), "*fsimage");
  expect_zero(b, 420, 2048 - 420);
}

TEST(UdfVolumeLayout, LogicalVolumeAndItsInformation) {
  const auto u = make_udf_image(some_files());
  const auto info = u.block(Lba{33}), b = u.block(Lba{34});
  EXPECT_EQ(text_at(info, 21, 23), "*UDF LV Info");
  EXPECT_EQ(u16(info, 44), 0x0102U);
  EXPECT_EQ(dstring_at(info, 116, 128), "FSIMAGE");
  EXPECT_EQ(u16(b, 10), 446U - 16);
  EXPECT_EQ(dstring_at(b, 84, 128), "FSIMAGE");
  EXPECT_EQ(u32(b, 212), 2048U);
  EXPECT_EQ(text_at(b, 217, 23), "*OSTA UDF Compliant");
  EXPECT_EQ(u16(b, 240), 0x0102U);
  EXPECT_EQ(u8(b, 242), 2U);      // soft write protect
  EXPECT_EQ(u32(b, 248), 4096U);  // file set descriptor and terminator
  EXPECT_EQ(u32(b, 252), 0U);
  EXPECT_EQ(u32(b, 264), 6U);
  EXPECT_EQ(u32(b, 268), 1U);
  EXPECT_EQ(u32(b, 432), 32768U);
  EXPECT_EQ(u32(b, 436), 64U);
  EXPECT_EQ(u64(b, 440) & 0xFFFFFFFFFFFF, 0x000000010601U);  // type 1, length 6, volume 1, partition 0
}

TEST(UdfVolumeLayout, PartitionIsTight) {
  const auto u = make_udf_image(some_files(5000));
  const auto b = u.block(Lba{35});
  EXPECT_EQ(u16(b, 20), 1U);
  EXPECT_EQ(u16(b, 22), 0U);
  EXPECT_EQ(u8(b, 24), 0U);
  EXPECT_EQ(text_at(b, 25, 23), "+NSR02");
  expect_zero(b, 56, 128);
  EXPECT_EQ(u32(b, 184), 1U);  // read-only
  EXPECT_EQ(u32(b, 188), 288U);
  EXPECT_EQ(u32(b, 192), u.layout->metadata_blocks().value + 3 + 1);
  EXPECT_EQ(u.places().partition_end, Lba{288 + u32(b, 192)});
}

TEST(UdfVolumeLayout, IntegrityCountsIdentifiers) {
  const auto u = make_udf_image(some_files());
  const UdfWalk walk(*u.image);
  const auto b = walk.checked(64, 9, 64);
  EXPECT_EQ(u16(b, 10), 118U);
  EXPECT_EQ(u32(b, 28), 1U);  // closed
  expect_zero(b, 32, 8);
  EXPECT_EQ(u32(b, 72), 1U);
  EXPECT_EQ(u32(b, 76), 46U);
  EXPECT_EQ(u32(b, 80), 0U);  // free
  EXPECT_EQ(u32(b, 84), walk.partition_length());
  EXPECT_EQ(text_at(b, 89, 23), "*fsimage");
  EXPECT_EQ(u32(b, 120), 3U);  // one file has two names
  EXPECT_EQ(u32(b, 120), walk.files);
  EXPECT_EQ(u32(b, 124), 2U);  // the root counts
  EXPECT_EQ(u32(b, 124), walk.folders);
  for (const std::size_t revision : {128U, 130U, 132U}) EXPECT_EQ(u16(b, revision), 0x0102U);
  walk.checked(65, 8, 65);
}

TEST(UdfVolumeLayout, FileSet) {
  const auto u = make_udf_image(some_files());
  const auto b = u.block(Lba{288});
  EXPECT_EQ(u16(b, 28), 3U);
  EXPECT_EQ(u16(b, 30), 3U);
  EXPECT_EQ(dstring_at(b, 112, 128), "FSIMAGE");
  EXPECT_EQ(dstring_at(b, 304, 32), "FSIMAGE");
  EXPECT_EQ(u32(b, 400), 2048U);
  EXPECT_EQ(u32(b, 404), 2U);
  EXPECT_EQ(text_at(b, 417, 23), "*OSTA UDF Compliant");
  EXPECT_EQ(u8(b, 442), 2U);
  expect_zero(b, 448, 2048 - 448);
}

TEST(UdfVolumeLayout, ReserveIsACopyButForItsPlace) {
  const auto u = make_udf_image(some_files());
  const UdfWalk walk(*u.image);
  for (std::uint32_t i = 0; i < 16; ++i) {
    auto a = u.block(Lba{walk.main() + i}), b = u.block(Lba{walk.reserve() + i});
    if (i < 6) {
      EXPECT_EQ(u32(a, 12), walk.main() + i);
      EXPECT_EQ(u32(b, 12), walk.reserve() + i);
      walk.checked(walk.reserve() + i, static_cast<std::uint16_t>(u16(a, 0)), walk.reserve() + i);
    }
    for (auto* block : {&a, &b}) {
      (*block)[4] = {};
      std::fill_n(block->begin() + 12, 4, std::byte{});
    }
    EXPECT_EQ(a, b) << i;
  }
}

class UdfTail : public ::testing::TestWithParam<std::uint32_t> {};

// Whatever the size of the content: the session's length, the reserve's cluster, the anchors up to the end.
TEST_P(UdfTail, AnchorsUpToTheEnd) {
  const auto u = make_udf_image(some_files(std::size_t{GetParam()} * 2048 + 1));
  const UdfWalk walk(*u.image);
  const auto end = u.places().end.value;
  EXPECT_EQ(end % 32, 0U);
  EXPECT_EQ(u.image->total_blocks(), BlockCount{end});
  EXPECT_EQ(walk.reserve() % 32, 0U);
  EXPECT_GE(walk.reserve(), u.places().partition_end.value);
  EXPECT_LT(walk.reserve(), u.places().partition_end.value + 32);
  EXPECT_GE(end - walk.reserve() - 16, 257U);
  EXPECT_LT(end - walk.reserve() - 16, 257U + 32);
  const auto first = walk.checked(256, 2, 256);
  EXPECT_EQ(u32(first, 16), 32768U);
  EXPECT_EQ(u32(first, 24), 32768U);
  for (auto at = walk.reserve() + 16; at < end; ++at) {
    auto b = walk.checked(at, 2, at);
    EXPECT_EQ(u16(b, 8), u16(first, 8));
    EXPECT_TRUE(std::equal(b.begin() + 16, b.end(), first.begin() + 16)) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Blocks, UdfTail, ::testing::Range(0U, 33U));

TEST(UdfVolumeLayout, AnchorsReadByAnyWindow) {
  const auto u = make_udf_image(some_files());
  const auto& anchors = *u.extent("udf/anchor volume descriptor pointers");
  std::vector<std::byte> whole(anchors.size());
  anchors.read_at(0, whole);
  for (std::size_t at = 0; at < 3 * 2048; at += 37)
    for (const std::size_t n : {1U, 16U, 511U, 513U, 2048U, 5000U}) {
      std::vector<std::byte> window(n);
      anchors.read_at(at, window);
      ASSERT_TRUE(std::equal(window.begin(), window.end(), whole.begin() + static_cast<std::ptrdiff_t>(at)))
          << at << '+' << n;
    }
}

class UdfLaterSession : public ::testing::TestWithParam<std::uint32_t> {};

// Absolute addresses, the first session's partition start, all places relative to the session: at 11'400 a CD's session
// need not begin on a cluster.
TEST_P(UdfLaterSession, IsCompleteInItself) {
  const auto session = GetParam();
  const auto u = make_udf_image(some_files(), {}, Lba{session}, PartitionStart{Lba{288}});
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.partition_start(), 288U);
  EXPECT_EQ(walk.main(), session + 32);
  EXPECT_EQ(walk.integrity(), session + 64);
  EXPECT_EQ(u.places().metadata, Lba{session + 288});
  EXPECT_EQ(walk.partition_start() + walk.partition_length(), u.places().partition_end.value);
  EXPECT_EQ(u.image->total_blocks().value % 32, 0U);
  EXPECT_EQ((walk.reserve() - session) % 32, 0U);
  EXPECT_EQ(walk.content("/folder/a"), "aaa");
  EXPECT_EQ(walk.entries().size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Starts, UdfLaterSession, ::testing::Values(640U, 11'401U, 2'000'000U));

TEST(UdfVolumeLayout, VolumeNameIsCutAndTold) {
  Profile p;
  p.volume_name = std::string(40, 'v');
  const auto u = make_udf_image(some_files(), p);
  EXPECT_EQ(dstring_at(u.block(Lba{32}), 24, 32), std::string(30, 'v'));
  EXPECT_EQ(dstring_at(u.block(Lba{34}), 84, 128), p.volume_name);
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].kind, Finding::Kind::renamed);
  EXPECT_EQ(u.findings[0].view, View::udf);
  EXPECT_EQ(u.findings[0].path, "");
  EXPECT_EQ(u.findings[0].to, std::string(30, 'v'));
}

TEST(UdfVolumeLayout, WideVolumeName) {
  Profile p;
  p.volume_name.clear();
  for (int i = 0; i < 70; ++i) p.volume_name += "\u4e2d";
  const auto u = make_udf_image(some_files(), p);
  EXPECT_EQ(u8(u.block(Lba{34}), 84), 16U);
  EXPECT_EQ(dstring_at(u.block(Lba{34}), 84, 128), p.volume_name.substr(0, 63 * 3));
  EXPECT_EQ(dstring_at(u.block(Lba{32}), 72, 128).substr(0, 16), test::kImageId.substr(0, 16));
  EXPECT_EQ(u.findings.size(), 2U);
}

}  // namespace
}  // namespace fsimage
