#include "target_path.hpp"

#include <fsimage/core/error.hpp>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>

namespace fsimage::posix {
namespace {

constexpr int kLinkLimit = 40;  // what Linux follows in one look-up

TargetPath split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

void require_regular(const struct stat& st, const std::string& path) {
  if (S_ISREG(st.st_mode)) return;
  if (S_ISDIR(st.st_mode)) throw os_error(EISDIR, path, "a folder has that name");
  throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}},
              S_ISFIFO(st.st_mode)   ? "the target is a pipe, not a file"
              : S_ISSOCK(st.st_mode) ? "the target is a socket, not a file"
                                     : "the target is a device, not a file");
}

std::string read_link(const std::string& path) {
  std::array<char, PATH_MAX> text{};
  const auto length = ::readlink(path.c_str(), text.data(), text.size());
  if (length < 0) throw os_error(errno, path, "cannot follow the link");
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string TargetPath::full() const {
  if (folder == ".") return name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

TargetPath resolve_target(const std::string& path) {
  if (path.empty()) throw Error(Errc::invalid_argument, {}, "the target has no name");
  struct stat st {};
  // The name as the system sees it comes first: /dev/stdout leads through links that cannot be followed by name.
  if (::stat(path.c_str(), &st) == 0) require_regular(st, path);
  std::string at = path;
  for (int links = 0; ::lstat(at.c_str(), &st) == 0 && S_ISLNK(st.st_mode); ++links) {
    if (links == kLinkLimit) throw os_error(ELOOP, path, "cannot follow the link");
    const auto to = read_link(at);
    at = to.starts_with('/') ? to : split(at).folder.append("/").append(to);
  }
  auto target = split(at);
  // A trailing slash asks for a folder, and "." and ".." are folders even where they cannot be looked up.
  if (target.name.empty() || target.name == "." || target.name == "..")
    throw os_error(EISDIR, path, "not the name of a file");
  return target;
}

std::optional<struct stat> regular_file_at(int folder, const TargetPath& target) {
  struct stat st {};
  if (::fstatat(folder, target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throw os_error(errno, target.full(), "cannot look at the target");
  }
  require_regular(st, target.full());
  return st;
}

std::optional<std::uint64_t> free_bytes(int fd) {
  struct statvfs fs {};
  if (::fstatvfs(fd, &fs) != 0 || fs.f_blocks == 0) return std::nullopt;
  const std::uint64_t blocks = ::geteuid() == 0 ? fs.f_bfree : fs.f_bavail;  // root may use the reserve
  return blocks * (fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize);
}

}  // namespace fsimage::posix
