#include <fsimage/core/time.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

struct TimeCase {
  const char* name;
  std::int64_t seconds;
  std::uint32_t nanoseconds;
  CivilTime civil;
};

class Civil : public ::testing::TestWithParam<TimeCase> {};
TEST_P(Civil, BothWays) {
  const auto& c = GetParam();
  const auto t = clamp_timestamp(c.seconds, c.nanoseconds);
  EXPECT_EQ(t.seconds(), c.seconds);
  EXPECT_EQ(t.nanoseconds(), c.nanoseconds);
  EXPECT_EQ(to_civil(t), c.civil);
  EXPECT_EQ(from_civil(c.civil), t);
}
INSTANTIATE_TEST_SUITE_P(Table, Civil,
                         ::testing::Values(TimeCase{"epoch", 0, 0, {1970, 1, 1, 0, 0, 0, 0}},
                                           TimeCase{
                                               "before_epoch", -1, 999999999, {1969, 12, 31, 23, 59, 59, 999999999}},
                                           TimeCase{"leap_day", 951782400, 5, {2000, 2, 29, 0, 0, 0, 5}},
                                           TimeCase{"imapi_image", 1530802141, 0, {2018, 7, 5, 14, 49, 1, 0}},
                                           TimeCase{"after_2038", 4102444799, 1, {2099, 12, 31, 23, 59, 59, 1}}),
                         [](const auto& i) { return i.param.name; });

TEST(Time, FieldsOutOfRangeCarryOver) {
  EXPECT_EQ(to_civil(from_civil({2020, 13, 1, 0, 0, 0, 0})), (CivilTime{2021, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(to_civil(from_civil({2021, 2, 29, 24, 0, 60, 0})), (CivilTime{2021, 3, 2, 0, 1, 0, 0}));
}

TEST(Time, TheEndsHold) {
  EXPECT_GT(clamp_timestamp(INT64_MAX, 0).ns, 0);
  EXPECT_LT(clamp_timestamp(INT64_MIN, 0).ns, 0);
  EXPECT_EQ(kUnsetTime.seconds(), -9'223'372'037);
  EXPECT_EQ(kUnsetTime.nanoseconds(), 145'224'192U);
  EXPECT_EQ(Timestamp{INT64_MAX}.seconds(), 9'223'372'036);
  EXPECT_EQ(Timestamp{INT64_MAX}.nanoseconds(), 854'775'807U);
}

}  // namespace
}  // namespace fsimage
