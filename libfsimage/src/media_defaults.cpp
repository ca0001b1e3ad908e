#include <fsimage/media_defaults.hpp>

#include <fsimage/core/error.hpp>

namespace fsimage {
namespace {

// Blocks of user data: a CD of 80 minutes without its lead-out's pregap, ECMA-279, ECMA-338, ECMA-330, ECMA-349, ECMA-337,
// ECMA-364, ECMA-374; one layer of HD DVD; BD as MMC formats it by default.
std::optional<BlockCount> usual_capacity(MediaType type) {
  switch (type) {
    case MediaType::cd_rom:
    case MediaType::cd_r:
    case MediaType::cd_rw: return BlockCount{359'844};
    case MediaType::dvd_rom:
    case MediaType::dvd_minus_r: return BlockCount{2'298'496};
    case MediaType::dvd_minus_rw: return BlockCount{2'297'888};
    case MediaType::dvd_ram: return BlockCount{2'236'704};
    case MediaType::dvd_plus_r:
    case MediaType::dvd_plus_rw: return BlockCount{2'295'104};
    case MediaType::dvd_plus_r_dl:
    case MediaType::dvd_plus_rw_dl: return BlockCount{4'173'824};
    case MediaType::dvd_minus_r_dl: return BlockCount{4'171'712};
    case MediaType::hd_dvd_rom:
    case MediaType::hd_dvd_r: return BlockCount{7'323'648};
    case MediaType::hd_dvd_ram: return BlockCount{9'764'864};
    case MediaType::bd_rom:
    case MediaType::bd_r: return BlockCount{12'219'392};
    case MediaType::bd_re: return BlockCount{11'826'176};
    case MediaType::unknown:
    case MediaType::disk:
    case MediaType::file: return std::nullopt;
  }
  return std::nullopt;
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
