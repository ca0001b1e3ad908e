// The two date forms of ECMA-119. Written in UTC; read in whatever zone a disc gives. Pure functions, any thread.
#pragma once

#include <fsimage/core/time.hpp>
#include <fsimage/core/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fsimage::iso9660 {

// ECMA-119 9.1.5: recording date and time of a directory record, and each short stamp of RRIP 4.1.6.
struct ShortDate {
  std::uint8_t years_since_1900;  // BP 1
  std::uint8_t month, day, hour, minute, second;
  std::int8_t zone;  // BP 7, quarter hours east of Greenwich
};
static_assert(sizeof(ShortDate) == 7 && alignof(ShortDate) == 1);

// ECMA-119 8.4.26.1: dates of volume descriptors, and each long stamp of RRIP 4.1.6.
struct LongDate {
  std::array<char, 4> year;  // BP 1-4, digits throughout
  std::array<char, 2> month, day, hour, minute, second, hundredths;
  std::int8_t zone;  // BP 17
};
static_assert(sizeof(LongDate) == 17 && alignof(LongDate) == 1);
static_assert(offsetof(LongDate, hundredths) + 1 == 15);

// What a short date can say: 1900-01-01 to 2155-12-31.
bool fits_short_date(Timestamp) noexcept;
// The nearest date that fits.
ShortDate to_short_date(Timestamp) noexcept;
// nullopt: not set (all zero), or no date at all. A zone that Windows and Linux refuse (outside -48..52) counts as UTC.
std::optional<Timestamp> from_short_date(const ShortDate&) noexcept;

LongDate to_long_date(Timestamp) noexcept;
LongDate unset_long_date() noexcept;  // sixteen digits zero and a zero byte
// nullopt: not set, or no date that a Timestamp can hold.
std::optional<Timestamp> from_long_date(const LongDate&) noexcept;

}  // namespace fsimage::iso9660

namespace fsimage {

template <>
struct WireTable<iso9660::ShortDate> {
  using T = iso9660::ShortDate;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields = std::tuple{Field{"years since 1900", "9.1.5", &T::years_since_1900},
                                            Field{"month", "9.1.5", &T::month},
                                            Field{"day", "9.1.5", &T::day},
                                            Field{"hour", "9.1.5", &T::hour},
                                            Field{"minute", "9.1.5", &T::minute},
                                            Field{"second", "9.1.5", &T::second},
                                            Field{"offset from Greenwich", "9.1.5", &T::zone}};
};
static_assert(tiled_size<iso9660::ShortDate>() == sizeof(iso9660::ShortDate));

template <>
struct WireTable<iso9660::LongDate> {
  using T = iso9660::LongDate;
  static constexpr std::string_view spec = "ECMA-119";
  static constexpr auto fields = std::tuple{Field{"year", "8.4.26.1", &T::year},
                                            Field{"month", "8.4.26.1", &T::month},
                                            Field{"day", "8.4.26.1", &T::day},
                                            Field{"hour", "8.4.26.1", &T::hour},
                                            Field{"minute", "8.4.26.1", &T::minute},
                                            Field{"second", "8.4.26.1", &T::second},
                                            Field{"hundredths", "8.4.26.1", &T::hundredths},
                                            Field{"offset from Greenwich", "8.4.26.1", &T::zone}};
};
static_assert(tiled_size<iso9660::LongDate>() == sizeof(iso9660::LongDate));

}  // namespace fsimage
