#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/cs0.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace fsimage::udf {
namespace {

using test::from_hex;
using test::hex;

struct Text {
  const char* name;
  std::u16string text;
  const char* bytes;
};
class UdfCs0 : public ::testing::TestWithParam<Text> {};

TEST_P(UdfCs0, BothWays) {
  const auto& p = GetParam();
  std::vector<std::byte> out(cs0_size(p.text));
  Sink sink(out);
  encode_cs0(p.text, sink);
  EXPECT_EQ(hex(out), p.bytes);
  EXPECT_EQ(sink.size(), out.size());
  EXPECT_EQ(decode_cs0(from_hex(p.bytes)), p.text);
}

INSTANTIATE_TEST_SUITE_P(Udf_2_1_1, UdfCs0,
                         ::testing::Values(Text{"empty", u"", ""}, Text{"ascii", u"aZ", "08 61 5a"},
                                           Text{"last_narrow", u"\u00ff", "08 ff"},
                                           Text{"first_wide", u"\u0100", "10 01 00"},
                                           Text{"mixed", u"a\u4e2d", "10 00 61 4e 2d"},
                                           Text{"surrogate_pair", u"\U0001F600", "10 d8 3d de 00"},
                                           Text{"lone_surrogate", std::u16string(1, char16_t{0xD83D}), "10 d8 3d"}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfCs0Decode, ReadersTakeMoreThanWritersGive) {
  EXPECT_EQ(decode_cs0(from_hex("10 00 61")), u"a");  // wide where narrow would do
  EXPECT_EQ(decode_cs0(from_hex("fe 61")), u"a");     // deleted, UDF 2.00 on
  EXPECT_EQ(decode_cs0(from_hex("ff 00 61")), u"a");
  EXPECT_EQ(decode_cs0(from_hex("08")), u"");
  EXPECT_EQ(decode_cs0(from_hex("09 61")), std::nullopt);
  EXPECT_EQ(decode_cs0(from_hex("00")), std::nullopt);
  EXPECT_EQ(decode_cs0(from_hex("10 00 61 00")), std::nullopt);
}

struct Cut {
  const char* name;
  std::u16string text;
  std::size_t bytes;
  std::u16string tail;
  std::size_t left;  // units
};
class UdfCs0Cut : public ::testing::TestWithParam<Cut> {};

TEST_P(UdfCs0Cut, LongestBeginningThatFits) {
  const auto& p = GetParam();
  const auto cut = cut_to_cs0(p.text, p.bytes, p.tail);
  EXPECT_EQ(cut.size(), p.left);
  EXPECT_EQ(cut, std::u16string_view(p.text).substr(0, p.left));
  EXPECT_LE(cs0_size(std::u16string(cut) + p.tail), p.bytes);
}

std::u16string many(std::size_t n, char16_t c) { return std::u16string(n, c); }
constexpr char16_t kWide = u'\u4e2d';

INSTANTIATE_TEST_SUITE_P(
    Udf_2_1_3, UdfCs0Cut,
    ::testing::Values(
        Cut{"narrow_fits", many(254, u'x'), 255, u"", 254}, Cut{"narrow_one_over", many(255, u'x'), 255, u"", 254},
        Cut{"wide_fits", many(127, kWide), 255, u"", 127}, Cut{"wide_one_over", many(128, kWide), 255, u"", 127},
        Cut{"narrow_beginning_is_longer", many(200, u'x') + many(10, kWide), 255, u"", 200},
        Cut{"wide_beginning_is_longer", many(100, u'x') + many(100, kWide), 255, u"", 127},
        Cut{"pair_is_not_split", many(126, kWide) + u"\U0001F600", 255, u"", 126},
        Cut{"pair_fits", many(125, kWide) + u"\U0001F600", 255, u"", 127},
        Cut{"narrow_tail", many(300, u'x'), 255, u"12.txt", 248},
        Cut{"wide_tail_makes_all_wide", many(300, u'x'), 255, u"1.\u4e2d", 124}, Cut{"no_room", u"x", 1, u"", 0},
        Cut{"no_room_at_all", u"x", 0, u"", 0}, Cut{"volume_identifier", many(40, u'x'), 31, u"", 30}),
    [](const auto& i) { return i.param.name; });

TEST(UdfDString, UsedBytesStandInTheLast) {
  // Volume identifier of a disc that Windows wrote.
  const auto s = to_dstring<32>(u"20180705-164901.2973");
  EXPECT_EQ(hex(s), "08 32 30 31 38 30 37 30 35 2d 31 36 34 39 30 31 2e 32 39 37 33 00 00 00 00 00 00 00 00 00 00 15");
  EXPECT_EQ(from_dstring(s), u"20180705-164901.2973");
  EXPECT_EQ(s.describe(), "\"20180705-164901.2973\"");
}

TEST(UdfDString, EmptyIsZero) {
  const auto s = to_dstring<32>(u"");
  EXPECT_EQ(describe_bytes(s.bytes), "zero");
  EXPECT_EQ(from_dstring(s), u"");
}

TEST(UdfDString, CutToItsField) {
  EXPECT_EQ(from_dstring(to_dstring<32>(many(31, u'x'))), many(30, u'x'));
  EXPECT_EQ(from_dstring(to_dstring<32>(many(16, kWide))), many(15, kWide));
  EXPECT_EQ(from_dstring(to_dstring<128>(many(127, u'x'))), many(126, u'x'));
}

TEST(UdfDString, WhatDoesNotFitIsOurMistake) {
  std::array<std::byte, 8> out{};
  EXPECT_NO_THROW(encode_dstring(u"123456", out));
  EXPECT_THROW(encode_dstring(u"1234567", out), std::logic_error);
}

TEST(UdfDString, LengthBeyondTheField) {
  auto s = to_dstring<32>(u"abc");
  s.bytes.back() = std::byte{32};
  EXPECT_EQ(from_dstring(s), std::nullopt);
  s.bytes.back() = std::byte{31};
  EXPECT_TRUE(from_dstring(s));
  EXPECT_EQ(decode_dstring({}), u"");
}

TEST(UdfCharSpec, OstaCompressedUnicode) {
  auto c = cs0_charspec();
  EXPECT_EQ(c.type, 0);
  EXPECT_EQ(describe_bytes(c.information), "\"OSTA Compressed Unicode\"");
  EXPECT_TRUE(is_cs0(c));
  c.type = 1;
  EXPECT_FALSE(is_cs0(c));
}

}  // namespace
}  // namespace fsimage::udf
