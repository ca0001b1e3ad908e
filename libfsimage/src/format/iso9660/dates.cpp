#include <fsimage/format/iso9660/dates.hpp>

#include <algorithm>

namespace fsimage::iso9660 {
namespace {

constexpr Timestamp kFirst = Timestamp::from_seconds(-2'208'988'800);    // 1900-01-01T00:00:00Z
constexpr Timestamp kPastLast = Timestamp::from_seconds(5'869'584'000);  // 2156-01-01T00:00:00Z

constexpr int kWestmost = -48, kEastmost = 52;  // quarter hours
constexpr std::int64_t kQuarterHour = 15 * 60;

std::optional<Timestamp> in_zone(const CivilTime& c, int zone) noexcept {
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour > 23 || c.minute > 59 || c.second > 59)
    return std::nullopt;
  if (zone < kWestmost || zone > kEastmost) zone = 0;
  const Timestamp local = from_civil(c);
  return clamp_timestamp(local.seconds() - zone * kQuarterHour, local.nanoseconds());
}

template <std::size_t N>
std::array<char, N> digits(unsigned value) {
  std::array<char, N> out{};
  for (std::size_t i = N; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out;
}

template <std::size_t N>
std::optional<unsigned> number(const std::array<char, N>& text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

bool fits_short_date(Timestamp t) noexcept { return kFirst <= t && t < kPastLast; }

ShortDate to_short_date(Timestamp t) noexcept {
  const CivilTime c = to_civil(std::clamp(t, kFirst, Timestamp{kPastLast.ns - 1}));
  return {static_cast<std::uint8_t>(c.year - 1900), c.month, c.day, c.hour, c.minute, c.second, 0};
}

std::optional<Timestamp> from_short_date(const ShortDate& d) noexcept {
  return in_zone({.year = 1900 + d.years_since_1900,
                  .month = d.month,
                  .day = d.day,
                  .hour = d.hour,
                  .minute = d.minute,
                  .second = d.second},
                 d.zone);
}

LongDate to_long_date(Timestamp t) noexcept {
  const CivilTime c = to_civil(t);
  return {digits<4>(static_cast<unsigned>(c.year)),
          digits<2>(c.month),
          digits<2>(c.day),
          digits<2>(c.hour),
          digits<2>(c.minute),
          digits<2>(c.second),
          digits<2>(c.nanosecond / 10'000'000),
          0};
}

LongDate unset_long_date() noexcept {
  return {digits<4>(0), digits<2>(0), digits<2>(0), digits<2>(0), digits<2>(0), digits<2>(0), digits<2>(0), 0};
}

std::optional<Timestamp> from_long_date(const LongDate& d) noexcept {
  const auto year = number(d.year), month = number(d.month), day = number(d.day), hour = number(d.hour),
             minute = number(d.minute), second = number(d.second), hundredths = number(d.hundredths);
  if (!year || !month || !day || !hour || !minute || !second || !hundredths) return std::nullopt;
  // Timestamp ends in these years; the days in them that it cannot hold are no loss.
  if (*year < 1678 || *year > 2261) return std::nullopt;
  return in_zone({.year = static_cast<std::int32_t>(*year),
                  .month = static_cast<std::uint8_t>(*month),
                  .day = static_cast<std::uint8_t>(*day),
                  .hour = static_cast<std::uint8_t>(*hour),
                  .minute = static_cast<std::uint8_t>(*minute),
                  .second = static_cast<std::uint8_t>(*second),
                  .nanosecond = *hundredths * 10'000'000},
                 d.zone);
}

}  // namespace fsimage::iso9660
