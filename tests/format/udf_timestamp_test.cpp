#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/timestamp.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;

Timestamp at(std::int32_t year, std::uint8_t month, std::uint8_t day, std::uint8_t hour, std::uint8_t minute,
             std::uint8_t second, std::uint32_t nanosecond = 0) {
  return from_civil({year, month, day, hour, minute, second, nanosecond});
}

struct Time {
  const char* name;
  Timestamp time;
  const char* bytes;
};
class UdfTimestamp : public ::testing::TestWithParam<Time> {};

TEST_P(UdfTimestamp, BothWays) {
  EXPECT_EQ(hex(to_wire(GetParam().time)), GetParam().bytes);
  EXPECT_EQ(from_wire(from_hex_as<WireTimestamp>(GetParam().bytes)), GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(Ecma167_1_7_3, UdfTimestamp,
                         ::testing::Values(Time{"windows_wrote", at(2018, 7, 5, 14, 49, 1),
                                                "00 10 e2 07 07 05 0e 31 01 00 00 00"},
                                           Time{"epoch", Timestamp{}, "00 10 b2 07 01 01 00 00 00 00 00 00"},
                                           Time{"microseconds", at(2024, 2, 29, 23, 59, 59, 123'456'000),
                                                "00 10 e8 07 02 1d 17 3b 3b 0c 22 38"},
                                           Time{"before_the_epoch", at(1969, 12, 31, 23, 59, 59, 999'999'000),
                                                "00 10 b1 07 0c 1f 17 3b 3b 63 63 63"}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfTimestampWrite, NanosecondsAreCutOff) {
  EXPECT_EQ(hex(to_wire(at(2024, 1, 1, 0, 0, 0, 1'999))), "00 10 e8 07 01 01 00 00 00 00 00 01");
  EXPECT_EQ(hex(to_wire(Timestamp{-1})), "00 10 b1 07 0c 1f 17 3b 3b 63 63 63");
}

struct Zone {
  const char* name;
  const char* bytes;
  std::optional<Timestamp> time;
};
class UdfTimestampRead : public ::testing::TestWithParam<Zone> {};

TEST_P(UdfTimestampRead, ZonesAndNonsense) {
  EXPECT_EQ(from_wire(from_hex_as<WireTimestamp>(GetParam().bytes)), GetParam().time);
}

INSTANTIATE_TEST_SUITE_P(
    Ecma167_1_7_3_1, UdfTimestampRead,
    ::testing::Values(
        Zone{"east", "3c 10 e2 07 07 05 0e 31 01 00 00 00", at(2018, 7, 5, 13, 49, 1)},
        Zone{"west", "c4 1f e2 07 07 05 0e 31 01 00 00 00", at(2018, 7, 5, 15, 49, 1)},
        Zone{"farthest", "a0 15 e2 07 07 05 0e 31 01 00 00 00", at(2018, 7, 4, 14, 49, 1)},
        Zone{"beyond", "a1 15 e2 07 07 05 0e 31 01 00 00 00", std::nullopt},
        Zone{"not_given", "01 18 e2 07 07 05 0e 31 01 00 00 00", at(2018, 7, 5, 14, 49, 1)},
        Zone{"utc_type_has_no_zone", "3c 00 e2 07 07 05 0e 31 01 00 00 00", at(2018, 7, 5, 14, 49, 1)},
        Zone{"unknown_type", "00 30 e2 07 07 05 0e 31 01 00 00 00", std::nullopt},
        Zone{"all_zero", "00 00 00 00 00 00 00 00 00 00 00 00", std::nullopt},
        Zone{"month_13", "00 10 e2 07 0d 05 0e 31 01 00 00 00", std::nullopt},
        Zone{"day_0", "00 10 e2 07 07 00 0e 31 01 00 00 00", std::nullopt},
        Zone{"hour_24", "00 10 e2 07 07 05 18 31 01 00 00 00", std::nullopt},
        Zone{"minute_60", "00 10 e2 07 07 05 0e 3c 01 00 00 00", std::nullopt},
        Zone{"second_61", "00 10 e2 07 07 05 0e 31 3d 00 00 00", std::nullopt},
        Zone{"centisecond_100", "00 10 e2 07 07 05 0e 31 01 64 00 00", std::nullopt},
        Zone{"year_0", "00 10 00 00 07 05 0e 31 01 00 00 00", std::nullopt},
        Zone{"year_1_stops_at_the_range", "00 10 01 00 01 01 00 00 00 00 00 00", clamp_timestamp(INT64_MIN, 0)},
        Zone{"year_9999_stops_at_the_range", "00 10 0f 27 01 01 00 00 00 00 00 00", Timestamp{INT64_MAX}}),
    [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace fsimage::udf
