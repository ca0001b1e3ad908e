#include <fsimage/core/wire.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace fsimage {

struct Inner {
  le16 number;
};
struct Sample {
  std::uint8_t kind;
  Both32 extent;
  std::array<char, 5> id;
  Inner inner;
};
template <>
struct WireTable<Inner> {
  static constexpr std::string_view spec = "SPEC";
  static constexpr auto fields = std::tuple{Field{"number", "9.9", &Inner::number}};
};
template <>
struct WireTable<Sample> {
  static constexpr std::string_view spec = "SPEC";
  static constexpr auto fields =
      std::tuple{Field{"kind", "1.1", &Sample::kind}, Field{"extent", "1.2", &Sample::extent},
                 Field{"id", "1.3", &Sample::id}, Field{"inner", "1.4", &Sample::inner}};
};
static_assert(WireStruct<Sample> && sizeof(Sample) == 16 && tiled_size<Sample>() == 16);

namespace {

TEST(Wire, BothByteOrders) {
  Sample s{};
  s.extent = 0x01020304;
  const auto bytes = bytes_of(s);
  EXPECT_EQ(bytes[1], std::byte{4});
  EXPECT_EQ(bytes[8], std::byte{4});
  EXPECT_EQ(load<Sample>(bytes).extent.value(), 0x01020304U);
  EXPECT_TRUE(s.extent.halves_agree());
}

TEST(Wire, LoadOfACutStructure) {
  const Sample s{};
  try {
    load<Sample>(bytes_of(s).first(15));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::corrupt_structure);
  }
}

TEST(Wire, DumpNamesFieldsOffsetsAndClauses) {
  Sample s{};
  s.kind = 12;
  s.extent.le = 3U;
  s.id = {'C', 'D', '0', '0', '1'};
  s.inner.number = std::uint16_t{7};
  const auto rows = describe_fields(wire_rows<decltype(s)>, bytes_of(s));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].value, "12 (0xc)");
  EXPECT_EQ(rows[1].value, "3 (big-endian half 0)");
  EXPECT_EQ(rows[2].value, "\"CD001\"");
  EXPECT_EQ(rows[3].name, "number");
  EXPECT_EQ(rows[3].offset, 14U);
  EXPECT_EQ(rows[3].clause, "SPEC 9.9");
}

}  // namespace
}  // namespace fsimage
