// Folders so deep that no system call takes their path.
#pragma once

#ifndef _WIN32  // where tests do without
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>

namespace fsimage::test {

// `depth` folders below `top`, each named `name`; `fill` is called with a handle of each, the top's own first.
inline void make_deep_folders(const std::string& top, const std::string& name, int depth,
                              const std::function<void(int folder, int level)>& fill) {
  int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int level = 0; at >= 0; ++level) {
    fill(at, level);
    if (level == depth) break;
    const bool made = ::mkdirat(at, name.c_str(), 0755) == 0;
    const int next = made ? ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    ::close(at);
    at = next;
  }
  if (at < 0) throw std::runtime_error("cannot make folders in " + top);
  ::close(at);
}

inline void write_at(int folder, const std::string& name, const std::string& content) {
  const int fd = ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool good = fd >= 0 && ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (fd >= 0) ::close(fd);
  if (!good) throw std::runtime_error("cannot write " + name);
}

// However deep: std::filesystem holds a handle for each level.
inline void remove_deep_folders(const std::string& top) {
  if (std::system(("rm -rf -- '" + top + "'").c_str()) != 0) throw std::runtime_error("cannot remove " + top);
}

}  // namespace fsimage::test

#endif
