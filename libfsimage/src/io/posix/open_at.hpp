// Opening host paths of any length, without ever waiting for a writer. Private to io/posix.
#pragma once

#include <fsimage/io/open_file.hpp>

#include "descriptor.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace fsimage::posix {

// A path as a folder handle and a rest that is short enough for a system call.
class ReachablePath {
 public:
  // `path` must outlive this. Throws the system's error with the path.
  explicit ReachablePath(const std::string& path);
  int folder() const;
  const char* rest() const { return rest_; }

 private:
  Descriptor folder_;
  const char* rest_;
};

// For reading; -1 and errno as openat(2). With `keep_access_time` the file's access time stays as it is where the system
// allows that; where it does not, the flag becomes false.
int open_to_read(int folder, const char* name, bool& keep_access_time);

// Until `out` is full or the file ends; -1 and errno as pread(2), whatever was read before.
std::ptrdiff_t read_fully(int fd, std::uint64_t offset, std::span<std::byte> out);
// Writes all of it; false when it could not, which errno tells. In pieces for which the system needs no large stretches of
// memory: such it may first have to free, or on a virtual machine get from the host, at several times the cost of the copy.
bool write_fully(int fd, std::uint64_t offset, std::span<const std::byte> bytes);
// By copy_file_range(2): the bytes until the length is reached, the source ends, or the call fails, which errno then tells
// and else is 0. None where the system has no such call.
std::uint64_t copy_in_kernel(int source, std::uint64_t offset, std::uint64_t length, int fd, std::uint64_t to);

Fingerprint fingerprint_of(const struct stat&);

}  // namespace fsimage::posix
