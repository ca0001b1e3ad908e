#include <fsimage/io/host_users.hpp>

#include <fsimage/core/error.hpp>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace fsimage {
namespace {

// `ask` is getpwnam_r or getgrnam_r; a name's record may be longer than any limit that the system tells.
template <class Record, class Ask>
std::optional<Record> record_of(const std::string& name, Ask ask) {
  Record record{};
  Record* found = nullptr;
  for (std::vector<char> buffer(1024); buffer.size() <= std::size_t{1} << 24; buffer.resize(buffer.size() * 4)) {
    const int failure = ask(name.c_str(), &record, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return record;  // its numbers outlive the buffer
    if (failure == ERANGE) continue;
    if (failure != 0 && failure != ENOENT && failure != ESRCH)
      throw os_error(failure, {}, "cannot look up '" + name + "'");
    return std::nullopt;
  }
  throw os_error(ERANGE, {}, "cannot look up '" + name + "'");
}

}  // namespace

std::optional<std::uint32_t> host_user_id(const std::string& name) {
  const auto user = record_of<struct passwd>(name, ::getpwnam_r);
  return user ? std::optional(user->pw_uid) : std::nullopt;
}

std::optional<std::uint32_t> host_group_id(const std::string& name) {
  const auto group = record_of<struct group>(name, ::getgrnam_r);
  return group ? std::optional(group->gr_gid) : std::nullopt;
}

bool may_set_owners() { return ::geteuid() == 0; }

}  // namespace fsimage
