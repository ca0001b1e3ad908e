#include <fsimage/core/sink.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>

namespace fsimage {
namespace {

void encode(Sink& out) {
  out.put(std::byte{7});
  out.put(std::array{std::byte{1}, std::byte{2}, std::byte{3}});
  out.zeros(3);
  out.pad_to_multiple(8);
  out.pad_to_multiple(8);
}

TEST(Sink, MeasuringIsEncoding) {
  Sink measured;
  encode(measured);
  std::array<std::byte, 8> bytes{};
  bytes.fill(std::byte{0xEE});
  Sink written(bytes);
  encode(written);
  EXPECT_EQ(measured.size(), written.size());
  EXPECT_TRUE(measured.counting());
  EXPECT_EQ(bytes, (std::array{std::byte{7}, std::byte{1}, std::byte{2}, std::byte{3}, std::byte{0}, std::byte{0},
                               std::byte{0}, std::byte{0}}));
}

TEST(Sink, OverflowIsABrokenInvariant) {
  std::array<std::byte, 2> bytes{};
  Sink out(bytes);
  EXPECT_THROW(out.zeros(3), std::logic_error);
}

TEST(Sink, EmptyBufferIsNotCounting) {
  Sink out{std::span<std::byte>{}};
  EXPECT_FALSE(out.counting());
  EXPECT_THROW(out.put(std::byte{1}), std::logic_error);
}

}  // namespace
}  // namespace fsimage
