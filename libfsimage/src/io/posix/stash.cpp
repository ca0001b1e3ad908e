#include <fsimage/io/stash.hpp>

#include "descriptor.hpp"

#include <fsimage/core/error.hpp>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

constexpr std::size_t kStashPiece = std::size_t{1} << 20;

[[noreturn]] void throw_stash_error(int error, const std::string& path, std::string_view what, Reason reason) {
  throw os_error(error, path, what).with_reason(reason);
}

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
  return std::make_shared<OpenFile>(file, directory);
}

void require_room(const OpenFile& file, std::uint64_t bytes) {
  struct statvfs all {};
  if (::fstatvfs(file.native(), &all) != 0) return;
  const auto free = std::uint64_t{all.f_bavail} * all.f_frsize;
  if (bytes > free)
    throw Error(Errc::no_space, {.path = file.path(), .lba = {}, .clause = {}},
                "the working directory has " + std::to_string(free) + " bytes left, and " + std::to_string(bytes) +
                    " are needed",
                Reason::no_working_space);
}

void write_stash(const OpenFile& file, std::uint64_t at, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto n =
        posix::retry([&] { return ::pwrite(file.native(), bytes.data(), bytes.size(), static_cast<off_t>(at)); });
    if (n < 0) throw_stash_error(errno, file.path(), "cannot write the copy of a source", Reason::stash_not_written);
    at += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void copy_in(const OpenFile& file, std::uint64_t at, std::uint64_t size, const Stash::Read& read) {
  require_room(file, size);
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, kStashPiece)));
  for (std::uint64_t done = 0; done < size;) {
    const auto part =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(size - done, kStashPiece)));
    read(done, part);
    write_stash(file, at + done, part);
    done += part.size();
  }
}

}  // namespace

Stash::Stash(const std::string& working_directory)
    : directory_(working_directory), file_(open_stash(working_directory)) {}

std::shared_ptr<const OpenFile> Stash::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

void Stash::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  try {
    if (!out.empty()) file()->read_at(offset, out);
  } catch (const Error& e) {
    throw Error(std::make_error_code(std::errc::io_error), {.path = directory_, .lba = {}, .clause = {}},
                "the copy of a source cannot be read: " + e.message(), Reason::stash_not_read);
  }
}

Run Stash::run_at(std::uint64_t offset) const {
  Run run;
  run.kind = Run::Kind::file;
  run.length = size() - offset;
  run.file = file();
  run.file_offset = offset;
  return run;
}

std::uint64_t Stash::add(std::uint64_t size, const Read& read) {
  const auto at = used_;
  copy_in(*file_, at, size, read);
  used_ += size;
  return at;
}

void Stash::move_to(const std::string& working_directory) {
  auto moved = open_stash(working_directory);
  try {
    copy_in(*moved, 0, used_, [&](std::uint64_t offset, std::span<std::byte> out) { read_at(offset, out); });
  } catch (const Error& e) {
    if (e.reason() == Reason::no_working_space) throw;
    throw Error(e.code(), e.where(), e.message(), Reason::stash_not_moved);
  }
  directory_ = working_directory;
  const std::lock_guard lock(mutex_);
  file_ = std::move(moved);
}

}  // namespace fsimage
