#include "xattr_at.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#ifdef __linux__
#include <sys/xattr.h>
#endif

namespace fsimage::posix {

#ifdef __linux__
namespace {

// The calls that take a folder's handle and a name are younger than the systems that this runs on.
std::string path_of(int fd, const char* name) {
  auto path = "/proc/self/fd/" + std::to_string(fd);
  if (name != nullptr) (path += '/') += name;
  return path;
}

// Calls with room for what the system says is there, again when it has grown meanwhile. Nothing when it refuses.
template <class Call>
std::optional<std::string> fetch(Call call) {
  constexpr int kTries = 8;
  std::string out;
  for (int i = 0; i < kTries; ++i) {
    const auto size = call(nullptr, 0);
    if (size < 0) return std::nullopt;
    if (size == 0) return std::string();
    out.resize(static_cast<std::size_t>(size));
    const auto got = call(out.data(), out.size());
    if (got >= 0) {
      out.resize(static_cast<std::size_t>(got));
      return out;
    }
    if (errno != ERANGE) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

int set_xattr(int fd, const char* name, const HostXattr& x) {
  if (x.name.find('\0') != x.name.npos) return EINVAL;
  const auto* value = x.value.data();
  if (name == nullptr) {
    if (::fsetxattr(fd, x.name.c_str(), value, x.value.size(), 0) == 0) return 0;
    if (errno != EBADF) return errno;  // a handle that only leads on
    return ::setxattr(path_of(fd, nullptr).c_str(), x.name.c_str(), value, x.value.size(), 0) == 0 ? 0 : errno;
  }
  return ::lsetxattr(path_of(fd, name).c_str(), x.name.c_str(), value, x.value.size(), 0) == 0 ? 0 : errno;
}

std::vector<HostXattr> read_xattrs(int fd, const char* name, bool follow) {
  const auto path = path_of(fd, name);
  const bool itself = name == nullptr || follow;
  const auto names = fetch([&](char* to, std::size_t room) {
    return itself ? ::listxattr(path.c_str(), to, room) : ::llistxattr(path.c_str(), to, room);
  });
  std::vector<HostXattr> out;
  for (std::string_view rest = names ? *names : std::string_view(); !rest.empty();) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const std::string attribute(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    auto value = fetch([&](char* to, std::size_t room) {
      return itself ? ::getxattr(path.c_str(), attribute.c_str(), to, room)
                    : ::lgetxattr(path.c_str(), attribute.c_str(), to, room);
    });
    if (value) out.push_back({attribute, std::move(*value)});
  }
  std::ranges::sort(out, {}, &HostXattr::name);
  return out;
}
#else
int set_xattr(int, const char*, const HostXattr&) { return ENOTSUP; }
std::vector<HostXattr> read_xattrs(int, const char*, bool) { return {}; }
#endif

}  // namespace fsimage::posix
