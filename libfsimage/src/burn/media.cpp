#include <fsimage/burn/media.hpp>

#include <fsimage/core/error.hpp>

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

// What the last possible start of the lead-out leaves behind the pre-gap of 150 blocks: 74:00:00 and 79:59:74.
constexpr std::string_view kOrangeBook = "ECMA-394 (Orange Book)";
constexpr std::array<NominalCapacity, 16> kCapacities{{
    {"CD-R 74 min", MediaType::cd_r, {332'850}, kOrangeBook, false},
    {"CD-RW 74 min", MediaType::cd_rw, {332'850}, kOrangeBook, false},
    {"CD-R 80 min", MediaType::cd_r, {359'849}, kOrangeBook},
    {"CD-RW 80 min", MediaType::cd_rw, {359'849}, kOrangeBook},
    {"DVD-RAM", MediaType::dvd_ram, {2'236'704}, "ECMA-330, with its default spare area"},
    {"DVD+R", MediaType::dvd_plus_r, {2'295'104}, "ECMA-349"},
    {"DVD+RW", MediaType::dvd_plus_rw, {2'295'104}, "ECMA-337"},
    {"DVD-RW", MediaType::dvd_minus_rw, {2'297'888}, "ECMA-338"},
    {"DVD-R", MediaType::dvd_minus_r, {2'298'496}, "ECMA-359"},
    {"DVD-R DL", MediaType::dvd_minus_r_dl, {4'171'712}, "ECMA-382"},
    {"DVD+R DL", MediaType::dvd_plus_r_dl, {4'173'824}, "ECMA-364"},
    {"BD-RE 25 GB", MediaType::bd_re, {11'826'176}, "BDA white paper, with its default spare area"},
    {"BD-R 25 GB", MediaType::bd_r, {12'219'392}, "BDA white paper"},
    {"BD-R DL 50 GB", MediaType::bd_r, {24'438'784}, "BDA white paper", false},
    {"BD-R XL 100 GB", MediaType::bd_r, {48'878'592}, "BDA white paper", false},
    {"BD-R XL 128 GB", MediaType::bd_r, {62'500'864}, "BDA white paper", false},
}};

}  // namespace

std::span<const NominalCapacity> nominal_capacities() noexcept { return kCapacities; }

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

void require_writable(const Media& media) {
  switch (media.state) {
    case MediaState::absent: throw Error(Errc::no_media, {}, "no disc is there: put one in");
    case MediaState::unsupported:
      throw Error(Errc::unsupported, {}, "this drive cannot write such a disc: take one of another kind");
    case MediaState::damaged:
      throw Error(Errc::medium_state, {}, "an interrupted session is open on the disc: close it, or take another disc");
    case MediaState::closed:
      throw Error(Errc::medium_state, {}, "the disc is closed, nothing can be added to it: take another one");
    case MediaState::blank:
    case MediaState::appendable: break;
  }
  if (media.media_class == MediaClass::read_only)
    throw Error(Errc::medium_state, {}, "the disc can only be read: take another one");
  if (media.write_protected)
    throw Error(Errc::write_protected, {}, "the disc is write-protected: take the protection off, or another disc");
}

}  // namespace fsimage
