#include <fsimage/io/host_folder.hpp>

#include <fsimage/core/error.hpp>

#include "open_at.hpp"
#include "xattr_at.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include <cstdlib>
#include <limits>

namespace fsimage {
namespace {

Timestamp time_of(const struct statx_timestamp& t) { return clamp_timestamp(t.tv_sec, t.tv_nsec); }

HostStat from_statx(const struct statx& st) {
  const auto modified = time_of(st.stx_mtime);
  const bool knows_birth = (st.stx_mask & STATX_BTIME) != 0 && (st.stx_btime.tv_sec != 0 || st.stx_btime.tv_nsec != 0);
  return {.mode = st.stx_mode,
          .links = st.stx_nlink,
          .uid = st.stx_uid,
          .gid = st.stx_gid,
          .device_major = st.stx_rdev_major,
          .device_minor = st.stx_rdev_minor,
          .modified = modified,
          .accessed = time_of(st.stx_atime),
          .changed = time_of(st.stx_ctime),
          .created = knows_birth ? time_of(st.stx_btime) : modified,
          .fingerprint = {.size = st.stx_size,
                          .modified_ns = modified.ns,
                          .inode = st.stx_ino,
                          .device = makedev(st.stx_dev_major, st.stx_dev_minor)}};
}

// One statx(2): the nanoseconds and the time of birth that stat(2) does not have.
HostStat look(int folder, const char* name, int flags) {
  struct statx st {};
  if (::statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &st) != 0)
    throw os_error(errno, {}, "cannot look at the entry");
  return from_statx(st);
}

std::shared_ptr<const HostFolder> open_at(int at, const char* name, HostFolder::Access access, Links links) {
  const int flags = O_DIRECTORY | O_CLOEXEC | (links == Links::keep ? O_NOFOLLOW : 0);
  const auto open = [&](int more) { return posix::retry([&] { return ::openat(at, name, flags | more); }); };
  posix::Descriptor fd;
  if (access == HostFolder::Access::reach) {
    fd.reset(open(O_PATH));
  } else {
    fd.reset(open(O_RDONLY | O_NOATIME));
    if (!fd && errno == EPERM) fd.reset(open(O_RDONLY));
  }
  if (!fd) throw os_error(errno, {}, "cannot open the folder");
  auto folder = std::make_shared<const HostFolder>(fd.get());
  fd.release();
  return folder;
}

}  // namespace

std::shared_ptr<const HostFolder> HostFolder::open(const std::string& path, Access access) {
  const posix::ReachablePath at(path);
  try {
    return open_at(at.folder(), at.rest(), access, Links::follow);
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

HostFolder::~HostFolder() { ::close(handle_); }

std::shared_ptr<const HostFolder> HostFolder::open_folder(const char* name, Access access, Links links) const {
  return open_at(handle_, name, access, links);
}

void HostFolder::list(const std::function<void(std::string_view name)>& each) const {
  alignas(struct dirent64) char buffer[32768];
  if (::lseek(handle_, 0, SEEK_SET) < 0) throw os_error(errno, {}, "cannot list the folder");
  for (;;) {
    const auto n = posix::retry([&] { return ::getdents64(handle_, buffer, sizeof buffer); });
    if (n < 0) throw os_error(errno, {}, "cannot list the folder");
    if (n == 0) return;
    for (std::ptrdiff_t at = 0; at < n;) {
      const auto* entry = reinterpret_cast<const struct dirent64*>(buffer + at);
      at += entry->d_reclen;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") each(name);
    }
  }
}

HostStat HostFolder::stat(const char* name, Links links) const {
  return look(handle_, name, links == Links::keep ? AT_SYMLINK_NOFOLLOW : 0);
}

HostStat HostFolder::stat() const { return look(handle_, "", AT_EMPTY_PATH); }

std::vector<HostXattr> HostFolder::xattrs(const char* name, Links links) const {
  return posix::read_xattrs(handle_, name, links == Links::follow);
}
std::vector<HostXattr> HostFolder::xattrs() const { return posix::read_xattrs(handle_, nullptr, false); }

bool HostFolder::readable(const char* name) const {
  if (::faccessat(handle_, name, R_OK, AT_EACCESS) == 0) return true;
  if (errno == EACCES) return false;
  throw os_error(errno, {}, "cannot look at the entry");
}

std::string HostFolder::link_target(const char* name) const {
  constexpr std::size_t kLongest = 65535;
  for (std::string target(256, '\0');; target.resize(target.size() * 4)) {
    const auto n = ::readlinkat(handle_, name, target.data(), target.size());
    if (n < 0) throw os_error(errno, {}, "cannot read the symbolic link");
    const auto length = static_cast<std::size_t>(n);
    if (length < target.size()) {  // else it may have been cut
      target.resize(length);
      if (length > kLongest) throw_too_large(length, "length of a symbolic link's target");
      return target;
    }
    if (target.size() > kLongest) throw_too_large(length, "length of a symbolic link's target");
  }
}

std::shared_ptr<const OpenFile> HostFolder::open_file(const char* name, std::string path) const {
  bool keep = keeps_access_times_.load(std::memory_order_relaxed);
  posix::Descriptor fd(posix::open_to_read(handle_, name, keep));
  if (!fd) throw os_error(errno, {}, "cannot open the file");
  if (!keep) keeps_access_times_.store(false, std::memory_order_relaxed);
  auto file = std::make_shared<const OpenFile>(fd.get(), std::move(path));
  fd.release();
  return file;
}

HostFolder::WholeRead HostFolder::read_file(const char* name, std::span<std::byte> out) const {
  bool keep = keeps_access_times_.load(std::memory_order_relaxed);
  const posix::Descriptor fd(posix::open_to_read(handle_, name, keep));
  if (!fd) throw os_error(errno, {}, "cannot open the file");
  if (!keep) keeps_access_times_.store(false, std::memory_order_relaxed);
  const auto n = posix::read_fully(fd.get(), 0, out);
  const int failure = n < 0 ? errno : 0;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw os_error(errno, {}, "cannot look at the file");
  if (n < 0 && S_ISREG(st.st_mode)) throw os_error(failure, {}, "cannot read");
  return {.length = n < 0 ? 0 : static_cast<std::size_t>(n), .now = posix::fingerprint_of(st)};
}

HostStat stat_host(const std::string& path) {
  const posix::ReachablePath at(path);
  try {
    return look(at.folder(), at.rest(), 0);
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

std::string slashed_host_path(std::string path) { return path; }

bool is_absolute_host_path(const std::string& path) { return path.starts_with('/'); }

std::string absolute_host_path(const std::string& path) {
  if (is_absolute_host_path(path)) return path;
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  if (here == nullptr) throw os_error(errno, path, "cannot find the current folder");
  std::string out(here.get());
  if (path.empty()) return out;
  if (out.back() != '/') out += '/';
  return out += path;
}

std::string resolved_host_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr) throw os_error(errno, path, "cannot resolve the path");
  return real.get();
}

bool surely_readable(const HostStat& stat, std::uint32_t user) {
  constexpr std::uint32_t kOthers = S_IRGRP | S_IROTH;  // whichever of the two classes the user is in
  return stat.uid == user ? (stat.mode & S_IRUSR) != 0 : (stat.mode & kOthers) == kOthers;
}

std::uint32_t effective_user() { return ::geteuid(); }

std::size_t open_handle_limit() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::size_t>::max();
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace fsimage
