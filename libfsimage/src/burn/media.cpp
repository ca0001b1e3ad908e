#include <fsimage/burn/media.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace fsimage {
namespace {

constexpr std::array<std::pair<MediaType, std::string_view>, 21> kTypes{{
    {MediaType::unknown, "unknown"},
    {MediaType::cd_rom, "cd-rom"},
    {MediaType::cd_r, "cd-r"},
    {MediaType::cd_rw, "cd-rw"},
    {MediaType::dvd_rom, "dvd-rom"},
    {MediaType::dvd_ram, "dvd-ram"},
    {MediaType::dvd_plus_r, "dvd+r"},
    {MediaType::dvd_plus_rw, "dvd+rw"},
    {MediaType::dvd_plus_r_dl, "dvd+r-dl"},
    {MediaType::dvd_minus_r, "dvd-r"},
    {MediaType::dvd_minus_rw, "dvd-rw"},
    {MediaType::dvd_minus_r_dl, "dvd-r-dl"},
    {MediaType::disk, "disk"},
    {MediaType::dvd_plus_rw_dl, "dvd+rw-dl"},
    {MediaType::hd_dvd_rom, "hd-dvd-rom"},
    {MediaType::hd_dvd_r, "hd-dvd-r"},
    {MediaType::hd_dvd_ram, "hd-dvd-ram"},
    {MediaType::bd_rom, "bd-rom"},
    {MediaType::bd_r, "bd-r"},
    {MediaType::bd_re, "bd-re"},
    {MediaType::file, "file"},
}};

}  // namespace

std::string_view to_string(MediaType type) noexcept {
  const auto row = std::find_if(kTypes.begin(), kTypes.end(), [=](const auto& r) { return r.first == type; });
  return row == kTypes.end() ? "unknown" : row->second;
}

std::optional<MediaType> parse_media_type(std::string_view text) noexcept {
  const auto row = std::find_if(kTypes.begin(), kTypes.end(), [=](const auto& r) { return r.second == text; });
  return row == kTypes.end() ? std::nullopt : std::optional(row->first);
}

std::string_view to_string(MediaClass media_class) noexcept {
  switch (media_class) {
    case MediaClass::read_only: return "read-only";
    case MediaClass::sequential: return "sequential";
    case MediaClass::overwritable: return "overwritable";
  }
  return "unknown";
}

std::string_view to_string(MediaState state) noexcept {
  switch (state) {
    case MediaState::absent: return "absent";
    case MediaState::blank: return "blank";
    case MediaState::appendable: return "appendable";
    case MediaState::closed: return "closed";
    case MediaState::damaged: return "damaged";
    case MediaState::unsupported: return "unsupported";
  }
  return "unknown";
}

}  // namespace fsimage
