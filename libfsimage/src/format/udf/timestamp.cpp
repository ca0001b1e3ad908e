#include <fsimage/format/udf/timestamp.hpp>

namespace fsimage::udf {
namespace {

constexpr std::uint16_t kLocalTime = 1U << 12;   // type 1, zone 0
constexpr int kNoZone = -2047, kMaxZone = 1440;  // minutes, 1/7.3.1

// The low twelve bits as a signed number.
constexpr int zone_of(std::uint16_t field) {
  const int low = field & 0x0FFF;
  return low >= 0x0800 ? low - 0x1000 : low;
}

}  // namespace

WireTimestamp to_wire(Timestamp t) noexcept {
  const auto c = to_civil(t);
  const auto microseconds = c.nanosecond / 1000;
  WireTimestamp w{};
  w.type_and_time_zone = kLocalTime;
  w.year = static_cast<std::int16_t>(c.year);  // 1677 to 2262
  w.month = c.month;
  w.day = c.day;
  w.hour = c.hour;
  w.minute = c.minute;
  w.second = c.second;
  w.centiseconds = static_cast<std::uint8_t>(microseconds / 10'000);
  w.hundreds_of_microseconds = static_cast<std::uint8_t>(microseconds / 100 % 100);
  w.microseconds = static_cast<std::uint8_t>(microseconds % 100);
  return w;
}

std::optional<Timestamp> from_wire(const WireTimestamp& w) noexcept {
  const auto field = w.type_and_time_zone.value();
  const unsigned type = field >> 12;
  int zone = type == 0 ? 0 : zone_of(field);
  if (zone == kNoZone) zone = 0;
  const int year = w.year.value();
  if (type > 2 || zone < -kMaxZone || zone > kMaxZone || year < 1 || year > 9999) return std::nullopt;
  if (w.month < 1 || w.month > 12 || w.day < 1 || w.day > 31 || w.hour > 23 || w.minute > 59 || w.second > 60)
    return std::nullopt;
  if (w.centiseconds > 99 || w.hundreds_of_microseconds > 99 || w.microseconds > 99) return std::nullopt;
  const std::uint32_t microseconds = w.centiseconds * 10'000U + w.hundreds_of_microseconds * 100U + w.microseconds;
  const auto local = from_civil({year, w.month, w.day, w.hour, w.minute, w.second, microseconds * 1000});
  return clamp_timestamp(local.seconds() - std::int64_t{zone} * 60, local.nanoseconds());
}

}  // namespace fsimage::udf
