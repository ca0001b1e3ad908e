// Points in time and civil dates. UTC throughout; the library never asks a clock. Values only, any thread.
#pragma once

#include <compare>
#include <cstdint>

namespace fsimage {

// Nanoseconds since 1970-01-01T00:00:00Z: 1677 to 2262.
struct Timestamp {
  std::int64_t ns{};
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  static constexpr Timestamp from_seconds(std::int64_t s) { return {s * 1'000'000'000}; }
  // Rounded down, also before 1970; the nanoseconds are what is left. Whole seconds can lie outside the range of `ns`.
  constexpr std::int64_t seconds() const { return ns / kSecond - (ns % kSecond < 0 ? 1 : 0); }
  constexpr std::uint32_t nanoseconds() const {
    return static_cast<std::uint32_t>(ns % kSecond + (ns % kSecond < 0 ? kSecond : 0));
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;
};

// No time was given: a planner puts the image's own in its place.
inline constexpr Timestamp kUnsetTime{INT64_MIN};

// Seconds and nanoseconds as the operating system gives them; values outside Timestamp's range stop at its ends.
Timestamp clamp_timestamp(std::int64_t seconds, std::uint32_t nanoseconds) noexcept;

// Proleptic Gregorian, UTC.
struct CivilTime {
  std::int32_t year{};
  std::uint8_t month{}, day{}, hour{}, minute{}, second{};  // month and day from 1
  std::uint32_t nanosecond{};
  friend bool operator==(const CivilTime&, const CivilTime&) = default;
};
CivilTime to_civil(Timestamp) noexcept;
Timestamp from_civil(const CivilTime&) noexcept;  // out-of-range fields are carried over as timegm does

}  // namespace fsimage
