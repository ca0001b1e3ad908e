#include <fsimage/io/physical_extents.hpp>

#ifdef __linux__
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <array>
#include <cstring>

namespace fsimage {
namespace {

constexpr std::uint32_t kExtentsAtATime = 64;
// Blocks that are not, or not only, this file's bytes as they are.
constexpr std::uint32_t kUnclear = FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED |
                                   FIEMAP_EXTENT_NOT_ALIGNED | FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL |
                                   FIEMAP_EXTENT_UNWRITTEN;

// struct fiemap without the array of no length at its end.
struct Request {
  std::uint64_t start, length;
  std::uint32_t flags, mapped_extents, extent_count, reserved;
};
static_assert(sizeof(Request) == sizeof(struct fiemap));

}  // namespace

std::optional<Sha256Value> physical_extents(const OpenFile& file) {
  alignas(Request) std::array<char, sizeof(Request) + kExtentsAtATime * sizeof(struct fiemap_extent)> room{};
  Sha256 digest;
  digest.update(file.fingerprint().device);
  for (std::uint64_t at = 0;;) {
    Request ask{};
    ask.start = at;
    ask.length = FIEMAP_MAX_OFFSET - at;
    ask.flags = FIEMAP_FLAG_SYNC;  // what was written but has no place yet would still show its old one
    ask.extent_count = kExtentsAtATime;
    std::memcpy(room.data(), &ask, sizeof ask);
    if (::ioctl(file.native(), FS_IOC_FIEMAP, room.data()) != 0) return std::nullopt;
    std::memcpy(&ask, room.data(), sizeof ask);
    if (ask.mapped_extents == 0) return std::nullopt;  // a hole to its end, or a file that changes
    for (std::uint32_t i = 0; i < ask.mapped_extents; ++i) {
      struct fiemap_extent e {};
      std::memcpy(&e, room.data() + sizeof ask + i * sizeof e, sizeof e);
      if ((e.fe_flags & kUnclear) != 0 || (e.fe_flags & FIEMAP_EXTENT_SHARED) == 0) return std::nullopt;
      digest.update(std::uint64_t{e.fe_logical});
      digest.update(std::uint64_t{e.fe_physical});
      digest.update(std::uint64_t{e.fe_length});
      at = e.fe_logical + e.fe_length;
      if ((e.fe_flags & FIEMAP_EXTENT_LAST) != 0) return digest.finish();
    }
  }
}

}  // namespace fsimage
#else
namespace fsimage {
std::optional<Sha256Value> physical_extents(const OpenFile&) { return std::nullopt; }
}  // namespace fsimage
#endif
