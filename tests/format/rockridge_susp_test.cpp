#include "format/udf_bytes.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/rockridge/susp.hpp>

#include <gtest/gtest.h>

namespace fsimage::rockridge {
namespace {

using test::from_hex;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

template <class Put>
std::string put(Put fn) {
  std::vector<std::byte> out(512);
  Sink sink{std::span(out)};
  fn(sink);
  out.resize(sink.size());
  return hex(out);
}

TEST(RockRidgeSusp, PositionsOfTheStandard) {
  EXPECT_EQ(positions<SystemUseHeader>(), (Positions{0, 2, 3}));
  EXPECT_EQ(positions<ContinuationArea>(), (Positions{0, 4, 12, 20}));
  EXPECT_EQ(positions<SharingProtocolIndicator>(), (Positions{0, 4, 6}));
  EXPECT_EQ(positions<SharingProtocolTerminator>(), (Positions{0}));
  EXPECT_EQ(positions<ExtensionsReference>(), (Positions{0, 4, 5, 6, 7}));
  EXPECT_EQ(positions<ExtensionSelector>(), (Positions{0, 4}));
}

TEST(RockRidgeSusp, Encoded) {
  EXPECT_EQ(put([](Sink& s) { put_sharing_protocol_indicator(s); }), "53 50 07 01 be ef 00");
  EXPECT_EQ(put([](Sink& s) { put_continuation_area(s, Lba{0xFFFFFFFE}, 2047, 1); }),
            "43 45 1c 01 fe ff ff ff ff ff ff fe ff 07 00 00 00 00 07 ff 01 00 00 00 00 00 00 01");
  EXPECT_EQ(put([](Sink& s) { put_extensions_reference(s, "AB", "C", ""); }), "45 52 0b 01 02 01 00 01 41 42 43");
}

TEST(RockRidgeSusp, AnExtensionsReferenceIsOneEntry) {
  Sink counts;
  put_extensions_reference(counts, std::string(100, 'a'), std::string(100, 'b'), std::string(47, 'c'));
  EXPECT_EQ(counts.size(), 255U);
  EXPECT_EQ(test::error_of([&] {
              put_extensions_reference(counts, std::string(100, 'a'), std::string(100, 'b'), std::string(48, 'c'));
            }).code(),
            Errc::too_large);
}

TEST(RockRidgeSusp, Walks) {
  const auto area = from_hex("53 50 07 01 be ef 00 | 4e 4d 06 01 00 41 | 58 59 04 01 | 00 00 00");
  SystemUseEntries entries(area);
  const auto sp = entries.next(), nm = entries.next(), unknown = entries.next();
  ASSERT_TRUE(sp && nm && unknown);
  EXPECT_TRUE(sp->is("SP"));
  EXPECT_TRUE(nm->is("NM"));
  EXPECT_EQ(hex(nm->bytes), "4e 4d 06 01 00 41");
  EXPECT_EQ(hex(nm->tail(5)), "41");
  EXPECT_EQ(hex(nm->tail(9)), "");
  EXPECT_EQ(nm->as<SharingProtocolIndicator>().has_value(), false);
  EXPECT_TRUE(unknown->is("XY"));
  EXPECT_EQ(entries.next().has_value(), false);
  EXPECT_FALSE(entries.malformed());
}

struct EndCase {
  const char* name;
  const char* area;
  unsigned entries;
  bool malformed;
};
class Ends : public ::testing::TestWithParam<EndCase> {};
TEST_P(Ends, AndStaysThere) {
  const auto area = from_hex(GetParam().area);
  SystemUseEntries entries(area);
  for (unsigned i = 0; i < GetParam().entries; ++i) ASSERT_TRUE(entries.next());
  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(entries.next().has_value(), false);
    EXPECT_EQ(entries.malformed(), GetParam().malformed);
  }
}
INSTANTIATE_TEST_SUITE_P(Susp4_1, Ends,
                         ::testing::Values(EndCase{"empty", "", 0, false},
                                           EndCase{"less_than_a_header", "52 45 04", 0, false},
                                           EndCase{"padding", "52 45 04 01 | 00 00 00 00 00", 1, false},
                                           EndCase{"terminator", "52 45 04 01 | 53 54 04 01 | 52 45 04 01", 1, false},
                                           EndCase{"length_zero", "52 45 04 01 | 52 45 00 01 | 52 45 04 01", 1, true},
                                           EndCase{"length_three", "52 45 03 01 00", 0, true},
                                           EndCase{"leaves_the_area", "52 45 06 01 00", 0, true}),
                         [](const auto& i) { return i.param.name; });

TEST(RockRidgeSusp, SharingProtocol) {
  const auto of = [](const char* text) { return sharing_protocol(from_hex(text)); };
  EXPECT_EQ(of("53 50 07 01 be ef 00"), 0);
  EXPECT_EQ(of("53 50 07 01 be ef 0e 52 45 04 01"), 14);
  EXPECT_EQ(of("53 50 07 01 be ee 00"), std::nullopt);
  EXPECT_EQ(of("53 50 06 01 be ef"), std::nullopt);
  EXPECT_EQ(of("52 45 04 01 53 50 07 01 be ef 00"), std::nullopt);
  EXPECT_EQ(of(""), std::nullopt);
}

TEST(RockRidgeSusp, ExtensionText) {
  const auto of = [](const std::vector<std::byte>& area) { return extension_text(*SystemUseEntries(area).next()); };
  const auto good = from_hex("45 52 0b 01 02 01 00 07 41 42 43"), bad = from_hex("45 52 0b 01 02 01 01 01 41 42 43"),
             cut = from_hex("45 52 07 01 02 01 00");
  const auto text = of(good);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->identifier, "AB");
  EXPECT_EQ(text->descriptor, "C");
  EXPECT_EQ(text->source, "");
  EXPECT_EQ(text->version, 7);
  EXPECT_EQ(of(bad).has_value(), false);
  EXPECT_EQ(of(cut).has_value(), false);
}

}  // namespace
}  // namespace fsimage::rockridge
