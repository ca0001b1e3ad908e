#include "format/udf_bytes.hpp"

#include <fsimage/format/iso9660/dates.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace fsimage::iso9660 {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

constexpr Timestamp kFirst = Timestamp::from_seconds(-2'208'988'800);
constexpr Timestamp kPastLast = Timestamp::from_seconds(5'869'584'000);

TEST(Iso9660Dates, PositionsOfTheStandard) {
  EXPECT_EQ(positions<ShortDate>(), (Positions{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(positions<LongDate>(), (Positions{0, 4, 6, 8, 10, 12, 14, 16}));
}

struct ShortCase {
  const char* name;
  std::int64_t seconds;
  const char* bytes;
};
class ShortDates : public ::testing::TestWithParam<ShortCase> {};
TEST_P(ShortDates, BothWays) {
  const auto t = Timestamp::from_seconds(GetParam().seconds);
  EXPECT_TRUE(fits_short_date(t));
  EXPECT_EQ(hex(to_short_date(t)), GetParam().bytes);
  EXPECT_EQ(from_short_date(from_hex_as<ShortDate>(GetParam().bytes)), t);
}
INSTANTIATE_TEST_SUITE_P(Ecma119_9_1_5, ShortDates,
                         ::testing::Values(ShortCase{"first", -2'208'988'800, "00 01 01 00 00 00 00"},
                                           ShortCase{"before_the_epoch", -1, "45 0c 1f 17 3b 3b 00"},
                                           ShortCase{"epoch", 0, "46 01 01 00 00 00 00"},
                                           ShortCase{"leap_day", 951'782'400, "64 02 1d 00 00 00 00"},
                                           ShortCase{"last", 5'869'583'999, "ff 0c 1f 17 3b 3b 00"}),
                         [](const auto& i) { return i.param.name; });

TEST(Iso9660Dates, OutsideItsYearsTheNearestDateStands) {
  for (const auto t : {Timestamp{kFirst.ns - 1}, Timestamp{std::numeric_limits<std::int64_t>::min()}}) {
    EXPECT_FALSE(fits_short_date(t));
    EXPECT_EQ(hex(to_short_date(t)), "00 01 01 00 00 00 00");
  }
  for (const auto t : {kPastLast, Timestamp{std::numeric_limits<std::int64_t>::max()}}) {
    EXPECT_FALSE(fits_short_date(t));
    EXPECT_EQ(hex(to_short_date(t)), "ff 0c 1f 17 3b 3b 00");
  }
  EXPECT_TRUE(fits_short_date({kPastLast.ns - 1}));
}

TEST(Iso9660Dates, FractionsAreDroppedTowardsThePast) {
  EXPECT_EQ(hex(to_short_date({-1})), "45 0c 1f 17 3b 3b 00");
  EXPECT_EQ(hex(to_short_date({999'999'999})), "46 01 01 00 00 00 00");
}

TEST(Iso9660Dates, ZonesOfOtherWriters) {
  const auto at = [](const char* bytes) { return from_short_date(from_hex_as<ShortDate>(bytes)); };
  EXPECT_EQ(at("46 01 01 02 00 00 08"), Timestamp{});                          // two hours east
  EXPECT_EQ(at("46 01 01 00 00 00 e8"), Timestamp::from_seconds(6 * 3600));    // six hours west
  EXPECT_EQ(at("46 01 01 00 00 00 34"), Timestamp::from_seconds(-13 * 3600));  // the eastmost
  EXPECT_EQ(at("46 01 01 00 00 00 35"), Timestamp{});                          // beyond it: no zone
  EXPECT_EQ(at("46 01 01 00 00 00 d0"), Timestamp::from_seconds(12 * 3600));
  EXPECT_EQ(at("46 01 01 00 00 00 cf"), Timestamp{});
}

TEST(Iso9660Dates, WhatIsNoDate) {
  for (const char* bytes :
       {"00 00 00 00 00 00 00", "46 00 01 00 00 00 00", "46 0d 01 00 00 00 00", "46 01 00 00 00 00 00",
        "46 01 20 00 00 00 00", "46 01 01 18 00 00 00", "46 01 01 00 3c 00 00", "46 01 01 00 00 3c 00"})
    EXPECT_EQ(from_short_date(from_hex_as<ShortDate>(bytes)), std::nullopt) << bytes;
}

std::string text(const LongDate& d) {
  const auto bytes = bytes_of(d);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Iso9660Dates, LongBothWays) {
  const Timestamp t{1'700'000'000'120'000'000};
  EXPECT_EQ(text(to_long_date(t)), std::string("2023111422132012") + '\0');
  EXPECT_EQ(from_long_date(to_long_date(t)), t);
  EXPECT_EQ(text(to_long_date({t.ns + 9'999'999})), text(to_long_date(t)));
}

TEST(Iso9660Dates, LongEnds) {
  for (const auto ns : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(text(to_long_date({ns})).size(), 17U);
  EXPECT_EQ(text(to_long_date({std::numeric_limits<std::int64_t>::max()})).substr(0, 8), "22620411");
}

TEST(Iso9660Dates, LongUnset) {
  EXPECT_EQ(text(unset_long_date()), std::string("0000000000000000\0", 17));
  EXPECT_EQ(from_long_date(unset_long_date()), std::nullopt);
}

TEST(Iso9660Dates, LongOfOtherWriters) {
  auto d = to_long_date({});
  d.zone = 4;
  EXPECT_EQ(from_long_date(d), Timestamp::from_seconds(-3600));
  d = to_long_date({});
  d.month = {'1', 'x'};
  EXPECT_EQ(from_long_date(d), std::nullopt);
  d = to_long_date({});
  d.year = {'9', '9', '9', '9'};
  EXPECT_EQ(from_long_date(d), std::nullopt);
  EXPECT_EQ(from_long_date(LongDate{}), std::nullopt);  // zero bytes, as some write it
}

}  // namespace
}  // namespace fsimage::iso9660
