#include "values.hpp"

#include "numbers.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace fsimage::com::automation {
namespace {

constexpr double kDaysTo1970 = 25569.0;  // from 1899-12-30, where DATE counts from
constexpr double kSecondsPerDay = 86400.0;

struct ProfileRow {
  IMAPI_PROFILE_TYPE profile;
  MediaType type;
  MediaClass media_class;
};
constexpr ProfileRow kProfiles[] = {
    {IMAPI_PROFILE_TYPE_CDROM, MediaType::cd_rom, MediaClass::read_only},
    {IMAPI_PROFILE_TYPE_CD_RECORDABLE, MediaType::cd_r, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_CD_REWRITABLE, MediaType::cd_rw, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_DVDROM, MediaType::dvd_rom, MediaClass::read_only},
    {IMAPI_PROFILE_TYPE_DVD_RAM, MediaType::dvd_ram, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_DVD_PLUS_R, MediaType::dvd_plus_r, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_DVD_PLUS_RW, MediaType::dvd_plus_rw, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_DVD_PLUS_R_DUAL, MediaType::dvd_plus_r_dl, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_DVD_DASH_RECORDABLE, MediaType::dvd_minus_r, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_DVD_DASH_RW_SEQUENTIAL, MediaType::dvd_minus_rw, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_DVD_DASH_REWRITABLE, MediaType::dvd_minus_rw, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_DVD_DASH_R_DUAL_SEQUENTIAL, MediaType::dvd_minus_r_dl, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_REMOVABLE_DISK, MediaType::disk, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_DVD_PLUS_RW_DUAL, MediaType::dvd_plus_rw_dl, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_HD_DVD_ROM, MediaType::hd_dvd_rom, MediaClass::read_only},
    {IMAPI_PROFILE_TYPE_HD_DVD_RECORDABLE, MediaType::hd_dvd_r, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_HD_DVD_RAM, MediaType::hd_dvd_ram, MediaClass::overwritable},
    {IMAPI_PROFILE_TYPE_BD_ROM, MediaType::bd_rom, MediaClass::read_only},
    {IMAPI_PROFILE_TYPE_BD_R_SEQUENTIAL, MediaType::bd_r, MediaClass::sequential},
    {IMAPI_PROFILE_TYPE_BD_REWRITABLE, MediaType::bd_re, MediaClass::overwritable},
};

const ProfileRow* row_of_profile(LONG profile) {
  for (const ProfileRow& row : kProfiles)
    if (static_cast<LONG>(row.profile) == profile) return &row;
  return nullptr;
}

constexpr FsiFileSystems mask(bool iso9660, bool joliet, bool udf) {
  return static_cast<FsiFileSystems>((iso9660 ? FsiFileSystemISO9660 : 0) | (joliet ? FsiFileSystemJoliet : 0) |
                                     (udf ? FsiFileSystemUDF : 0));
}

}  // namespace

std::uint32_t from_long(LONG value, const char* what) {
  if (value < 0) throw Failure(kInvalidParameter, std::string(what) + " is negative");
  return static_cast<std::uint32_t>(value);
}

DATE to_date(Timestamp time) {
  if (time == kUnsetTime) return 0;
  return static_cast<double>(time.seconds()) / kSecondsPerDay + kDaysTo1970;
}

Timestamp from_date(DATE date) {
  if (!std::isfinite(date)) throw Failure(kInvalidParameter, "no date");
  if (date == 0) return kUnsetTime;
  // A negative DATE counts days down and hours up.
  const double whole = std::trunc(date), days = whole + std::fabs(date - whole);
  const double seconds = std::round((days - kDaysTo1970) * kSecondsPerDay);
  if (std::fabs(seconds) > 1e11) throw Failure(kInvalidParameter, "date out of range");
  return clamp_timestamp(static_cast<std::int64_t>(seconds), 0);
}

Timestamp now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp::from_seconds(std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

std::string to_path(std::string_view imapi) {
  std::string path(imapi);
  std::replace(path.begin(), path.end(), '\\', '/');
  return path;
}

std::string to_imapi_path(std::string_view path) {
  if (path == "/") return {};
  std::string imapi(path);
  std::replace(imapi.begin(), imapi.end(), '/', '\\');
  return imapi;
}

FsiFileSystems to_fsi(const FileSystems& systems) { return mask(systems.iso9660, systems.joliet, systems.udf); }
FsiFileSystems to_fsi(const RecognizedFileSystems& found) {
  return mask(found.iso9660.has_value(), found.joliet.has_value(), found.udf.has_value());
}
FsiFileSystems to_fsi(View view) {
  return mask(view == View::iso9660 || view == View::rockridge || view == View::enhanced, view == View::joliet,
              view == View::udf);
}

View view_of(FsiFileSystems system) {
  switch (system) {
    case FsiFileSystemISO9660: return View::iso9660;
    case FsiFileSystemJoliet: return View::joliet;
    case FsiFileSystemUDF: return View::udf;
    default: throw Failure(kInvalidParameter, "not one file system");
  }
}

void check_mask(FsiFileSystems systems) {
  if ((static_cast<unsigned>(systems) & ~static_cast<unsigned>(mask(true, true, true))) != 0)
    throw Failure(kInvalidParameter, "file systems that are not known here");
}

IMAPI_MEDIA_PHYSICAL_TYPE to_imapi(MediaType type) {
  if (type == MediaType::file) return IMAPI_MEDIA_TYPE_DISK;
  return static_cast<IMAPI_MEDIA_PHYSICAL_TYPE>(type);
}

MediaType media_type_of(IMAPI_MEDIA_PHYSICAL_TYPE type) {
  const auto value = static_cast<unsigned>(type);
  return value <= IMAPI_MEDIA_TYPE_MAX ? static_cast<MediaType>(value) : MediaType::unknown;
}

IMAPI_PROFILE_TYPE profile_of(const Media& media) {
  const auto type = media.type == MediaType::file ? MediaType::disk : media.type;
  for (const ProfileRow& row : kProfiles)
    if (row.type == type && (type != MediaType::dvd_minus_rw || row.media_class == media.media_class))
      return row.profile;
  return IMAPI_PROFILE_TYPE_INVALID;
}

MediaType media_type_of_profile(LONG profile) {
  const auto* row = row_of_profile(profile);
  return row != nullptr ? row->type : MediaType::unknown;
}

MediaClass media_class_of_profile(LONG profile) {
  const auto* row = row_of_profile(profile);
  return row != nullptr ? row->media_class : MediaClass::read_only;
}

}  // namespace fsimage::com::automation
