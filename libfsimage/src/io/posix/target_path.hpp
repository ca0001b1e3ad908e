// Where a save goes: the folder, the name in it, and what is there. Private to io/posix.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace fsimage::posix {

struct TargetPath {
  std::string folder;  // "." at least
  std::string name;
  std::string full() const;
};

// Follows the symlinks of the last component, so that the file behind them is the target. Throws for a folder, device,
// FIFO, socket or an endless chain; a missing folder is not noticed here.
TargetPath resolve_target(const std::string& path);

// The file under the name, if any; throws when it is something else.
std::optional<struct stat> regular_file_at(int folder, const TargetPath& target);

// Bytes that a file may still take there; nullopt when the file system does not say.
std::optional<std::uint64_t> free_bytes(int fd);

}  // namespace fsimage::posix
