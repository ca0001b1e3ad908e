#include <fsimage/core/time.hpp>

#include <chrono>
#include <limits>

namespace fsimage {

Timestamp clamp_timestamp(std::int64_t seconds, std::uint32_t nanoseconds) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kSecond - 1;
  if (seconds > kMost) return {std::numeric_limits<std::int64_t>::max()};
  if (seconds < -kMost) return {std::numeric_limits<std::int64_t>::min() + 1};
  return {seconds * kSecond + nanoseconds};
}

CivilTime to_civil(Timestamp t) noexcept {
  using namespace std::chrono;
  const sys_seconds at{seconds{t.seconds()}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return {static_cast<int>(date.year()),
          static_cast<std::uint8_t>(static_cast<unsigned>(date.month())),
          static_cast<std::uint8_t>(static_cast<unsigned>(date.day())),
          static_cast<std::uint8_t>(clock.hours().count()),
          static_cast<std::uint8_t>(clock.minutes().count()),
          static_cast<std::uint8_t>(clock.seconds().count()),
          t.nanoseconds()};
}

Timestamp from_civil(const CivilTime& c) noexcept {
  using namespace std::chrono;
  const year_month_day first{year{c.year} / month{1} / day{1}};
  const auto with_month = year_month_day{first.year() / month{1} / day{1}} + months{c.month - 1};
  const sys_days start{with_month};
  const auto at = start + days{c.day - 1} + hours{c.hour} + minutes{c.minute} + seconds{c.second};
  return clamp_timestamp(duration_cast<seconds>(at.time_since_epoch()).count(), c.nanosecond);
}

}  // namespace fsimage
