#include <fsimage/media_defaults.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>

namespace fsimage {
namespace {

// What can be written takes as much as it is sold with; of the others those that are made like it.
std::optional<BlockCount> usual_capacity(MediaType type) {
  switch (type) {
    case MediaType::cd_rom: type = MediaType::cd_r; break;
    case MediaType::dvd_rom: type = MediaType::dvd_minus_r; break;
    case MediaType::dvd_plus_rw_dl: type = MediaType::dvd_plus_r_dl; break;
    case MediaType::bd_rom: type = MediaType::bd_r; break;
    case MediaType::hd_dvd_rom:
    case MediaType::hd_dvd_r: return BlockCount{7'323'648};  // one layer
    case MediaType::hd_dvd_ram: return BlockCount{9'764'864};
    default: break;
  }
  const auto rows = nominal_capacities();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.type == type && r.usual; });
  return row == rows.end() ? std::nullopt : std::optional(row->blocks);
}

bool is_cd(MediaType type) { return type == MediaType::cd_rom || type == MediaType::cd_r || type == MediaType::cd_rw; }

}  // namespace

MediaDefaults media_defaults(MediaType type) {
  if (type == MediaType::unknown) throw Error(Errc::invalid_argument, {}, "no medium is of an unknown type");
  MediaDefaults defaults;
  defaults.file_systems.udf = !is_cd(type);
  defaults.free_media_blocks = usual_capacity(type);
  return defaults;
}

MediaDefaults media_defaults(const Media& media) {
  require_writable(media);
  auto defaults = media_defaults(media.type);
  defaults.free_media_blocks = media.free;
  return defaults;
}

}  // namespace fsimage
