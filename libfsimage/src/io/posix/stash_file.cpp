#include "../stash_file.hpp"

#include "open_at.hpp"

#include <fsimage/core/error.hpp>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace fsimage {
namespace {

[[noreturn]] void throw_stash_error(int error, const std::string& path, std::string_view what, Reason reason) {
  throw os_error(error, path, what).with_reason(reason);
}

}  // namespace

// A file that has no name, or loses it at once where the file system cannot make such a file.
std::shared_ptr<const OpenFile> open_stash(const std::string& directory) {
  if (directory.empty())
    throw Error(Errc::invalid_argument, {}, "no working directory was given for copies of sources",
                Reason::working_directory);
#ifdef O_TMPFILE
  int file = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#else
  int file = -1;
  errno = EOPNOTSUPP;
#endif
  if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    auto name = directory + "/.fsimage-stash-XXXXXX";
    file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) ::unlink(name.c_str());
  }
  if (file < 0) {
    const int error = errno;
    const bool no_folder = error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
    throw_stash_error(error, directory, "cannot keep copies of sources in the working directory",
                      no_folder ? Reason::working_directory : Reason::stash_not_opened);
  }
  posix::Descriptor owned(file);
  auto stash = std::make_shared<const OpenFile>(file, directory, OpenFile::Kind::ours);
  owned.release();
  return stash;
}

std::optional<std::uint64_t> stash_room(const OpenFile& file) {
  struct statvfs all {};
  if (::fstatvfs(file.native(), &all) != 0) return std::nullopt;
  return std::uint64_t{all.f_bavail} * all.f_frsize;
}

void write_stash(const OpenFile& file, std::uint64_t at, std::span<const std::byte> bytes) {
  if (!posix::write_fully(file.native(), at, bytes))
    throw_stash_error(errno, file.path(), "cannot write the copy of a source", Reason::stash_not_written);
}

}  // namespace fsimage
