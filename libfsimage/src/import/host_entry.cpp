#include "host_entry.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>

namespace fsimage {
namespace {

constexpr std::uint32_t kTypeMask = 0170000, kFolder = 0040000;

}  // namespace

bool is_folder(const HostStat& stat) { return (stat.mode & kTypeMask) == kFolder; }

// The types in st_mode, which POSIX names but does not number; every system numbers them so.
FileType host_type(const HostStat& stat, const std::string& path) {
  switch (stat.mode & kTypeMask) {
    case 0100000U: return FileType::regular;
    case kFolder: return FileType::directory;
    case 0120000U: return FileType::symlink;
    case 0060000U: return FileType::block_device;
    case 0020000U: return FileType::char_device;
    case 0010000U: return FileType::fifo;
    case 0140000U: return FileType::socket;
    default: throw Error(Errc::unsupported, {.path = path}, "an entry of unknown type");
  }
}

Attributes host_attributes(const HostStat& stat) {
  Attributes a;
  a.permissions = static_cast<std::uint16_t>(stat.mode & 07777U);
  a.uid = stat.uid;
  a.gid = stat.gid;
  a.modified = stat.modified;
  a.accessed = stat.accessed;
  a.changed = stat.changed;
  a.created = stat.created;
  a.hidden = stat.hidden;
  return a;
}

Entry host_entry(std::uint32_t depth, std::string_view name, FileType type, const HostStat& stat) {
  Entry entry;
  entry.depth = depth;
  entry.name = name;
  entry.type = type;
  entry.attributes = host_attributes(stat);
  if (type == FileType::regular) entry.size = stat.fingerprint.size;
  if (type == FileType::block_device || type == FileType::char_device)
    entry.device = {.major = stat.device_major, .minor = stat.device_minor};
  if (type != FileType::directory && stat.links > 1) {
    entry.links = static_cast<std::uint32_t>(std::min<std::uint64_t>(stat.links, 0xFFFFFFFFU));
    entry.identity[0] = stat.fingerprint.device;
    entry.identity[1] = stat.fingerprint.inode;
  }
  return entry;
}

}  // namespace fsimage
