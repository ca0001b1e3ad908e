#include "room.hpp"

#include "text.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

MediaDefaults defaults_of(const std::string& name) {
  const auto type = parse_media_type(name);
  if (!type || *type == MediaType::unknown)
    throw UsageError("--media does not know '" + printable(name) + "': it takes cd-r, dvd+r, dvd-r, bd-r, ... or disk");
  return media_defaults(*type);
}

BlockCount blocks_in(const std::string& size) {
  const auto bytes = parse_size(size);
  if (!bytes || *bytes == 0) throw UsageError("--max-size takes bytes, or with K, M, G or T what that stands for");
  return {static_cast<std::uint32_t>(
      std::min<std::uint64_t>(*bytes / kBlockSize, std::numeric_limits<std::uint32_t>::max()))};
}

}  // namespace

void add_room_options(Options& options) {
  auto add = options.add();
  add("media", po::value<std::string>()->value_name("TYPE"),
      "make what suits a blank disc of that type, and no more than fits: cd-r, dvd+r, dvd-r-dl, bd-r, ... (a CD has no "
      "UDF, unless --fs says so)");
  add("max-size", po::value<std::string>()->value_name("SIZE"),
      "fail as soon as the image gets larger, naming what does not fit: bytes, or 700M, 4G");
}

void set_room(const Options& options, FileSystemImage& image) {
  std::optional<BlockCount> room;
  if (options.has("media")) {
    const auto defaults = defaults_of(options.get<std::string>("media"));
    if (!options.given("fs")) image.profile().file_systems = defaults.file_systems;
    room = defaults.free_media_blocks;
  }
  if (options.has("max-size")) {
    const auto most = blocks_in(options.get<std::string>("max-size"));
    room = std::min(room.value_or(most), most);
  }
  image.set_free_media_blocks(room);
}

}  // namespace fsimage::tools
