#include "open_at.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/time.hpp>

#include <fcntl.h>

#include <algorithm>
#include <climits>

namespace fsimage::posix {

ReachablePath::ReachablePath(const std::string& path) : rest_(path.c_str()) {
  std::size_t at = 0;
  while (path.size() - at >= PATH_MAX) {
    const auto cut = path.rfind('/', at + PATH_MAX - 2);
    if (cut == path.npos || cut < at) throw os_error(ENAMETOOLONG, path, "cannot reach the path");
    const auto piece = path.substr(at, cut - at + 1);
    Descriptor next(retry([&] { return ::openat(folder(), piece.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
    if (!next) throw os_error(errno, path, "cannot reach the path");
    folder_ = std::move(next);
    at = path.find_first_not_of('/', cut);
    if (at == path.npos) break;
  }
  rest_ = at == path.npos ? "." : path.c_str() + at;
}

int ReachablePath::folder() const { return folder_ ? folder_.get() : AT_FDCWD; }

int open_to_read(int folder, const char* name, bool& keep_access_time) {
  // O_NONBLOCK: a FIFO without a writer opens at once instead of never.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const auto open = [&](int flags) { return retry([&] { return ::openat(folder, name, flags); }); };
  int fd = open(keep_access_time ? kFlags | O_NOATIME : kFlags);
  if (fd < 0 && errno == EPERM && keep_access_time) {  // a file of somebody else's
    keep_access_time = false;
    fd = open(kFlags);
  }
  if (fd < 0 && errno == EAGAIN) {  // leased to a file server, which will let go of a regular file
    struct stat st {};
    if (::fstatat(folder, name, &st, 0) == 0 && S_ISREG(st.st_mode)) return open(kFlags & ~O_NONBLOCK);
    errno = EAGAIN;
  }
  return fd;
}

std::ptrdiff_t read_fully(int fd, std::uint64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto n =
        retry([&] { return ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (n < 0) return n;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return static_cast<std::ptrdiff_t>(done);
}

bool write_fully(int fd, std::uint64_t offset, std::span<const std::byte> bytes) {
  constexpr std::size_t kAtOnce = std::size_t{128} << 10;
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kAtOnce));
    const auto n = retry([&] { return ::pwrite(fd, piece.data(), piece.size(), static_cast<off_t>(offset)); });
    if (n < 0) return false;
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

std::uint64_t copy_in_kernel([[maybe_unused]] int source, [[maybe_unused]] std::uint64_t offset,
                             [[maybe_unused]] std::uint64_t length, [[maybe_unused]] int fd,
                             [[maybe_unused]] std::uint64_t to) {
  std::uint64_t done = 0;
#ifdef __linux__
  constexpr std::uint64_t kAtOnce = std::uint64_t{1} << 30;
  while (done < length) {
    auto from = static_cast<loff_t>(offset + done);
    auto at = static_cast<loff_t>(to + done);
    const auto step = std::min(length - done, kAtOnce);
    const auto n = retry([&] { return ::copy_file_range(source, &from, fd, &at, static_cast<std::size_t>(step), 0); });
    if (n < 0) return done;
    if (n == 0) break;
    done += static_cast<std::uint64_t>(n);
  }
#endif
  errno = 0;
  return done;
}

Fingerprint fingerprint_of(const struct stat& st) {
  return {.size = static_cast<std::uint64_t>(st.st_size),
          .modified_ns = clamp_timestamp(st.st_mtim.tv_sec, static_cast<std::uint32_t>(st.st_mtim.tv_nsec)).ns,
          .inode = st.st_ino,
          .device = st.st_dev};
}

}  // namespace fsimage::posix
