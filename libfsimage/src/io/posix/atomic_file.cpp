#include <fsimage/io/atomic_file.hpp>

#include "../part_name.hpp"
#include "open_at.hpp"
#include "target_path.hpp"

#include <fsimage/core/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#endif

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

using posix::Descriptor;
using posix::retry;
using posix::TargetPath;

constexpr std::uint64_t kCloneFrom = 64 * 1024;  // below that a shared extent costs more than it saves
constexpr int kOpenAttempts = 100;               // every failed one means that another save began or ended

[[noreturn]] void throw_write_error(int error, const std::string& path, std::string_view what) {
  if (error == ENOSPC || error == EDQUOT) throw Error(Errc::no_space, {.path = path, .lba = {}, .clause = {}}, what);
  throw os_error(error, path, what);
}

Descriptor open_folder(const TargetPath& target) {
  Descriptor folder(::open(target.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throw os_error(errno, target.full(), "cannot open the folder of the target");
  return folder;
}

bool names(int folder, const std::string& name, int fd) {
  struct stat by_name {
  }, by_fd{};
  return ::fstatat(folder, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &by_fd) == 0 &&
         by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev;
}

// Takes the lock, or throws busy when another save has it.
void lock(int fd, const TargetPath& target) {
  if (retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return;
  if (errno == EWOULDBLOCK)
    throw Error(Errc::busy, {.path = target.full(), .lba = {}, .clause = {}}, "another save to that file is running");
  throw os_error(errno, target.full(), "cannot lock the temporary file");
}

void lock_new(int folder, const std::string& part, int fd, const TargetPath& target) {
  try {
    lock(fd, target);
  } catch (const Error& e) {
    // When busy, whoever took our file for a leftover removes it.
    if (e.code() != Errc::busy) ::unlinkat(folder, part.c_str(), 0);
    throw;
  }
}

// Removes what a killed save left under the name. Only who holds the lock of the file there may remove it, so the name
// is looked at again once we have it: a save that ended meanwhile has moved its file away.
void remove_leftover(int folder, const std::string& part, const TargetPath& target) {
  const Descriptor old(::openat(folder, part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!old) {
    if (errno == ENOENT) return;
    throw os_error(errno, target.full(), "cannot open the leftover " + part);
  }
  lock(old.get(), target);
  if (names(folder, part, old.get()) && ::unlinkat(folder, part.c_str(), 0) != 0)
    throw os_error(errno, target.full(), "cannot remove the leftover " + part);
}

// A new file of ours under the name `part`, locked.
Descriptor open_part(int folder, const std::string& part, const TargetPath& target) {
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    Descriptor file(::openat(folder, part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (file) {
      lock_new(folder, part, file.get(), target);
      if (names(folder, part, file.get())) return file;  // else another save took it for a leftover
    } else if (errno == EEXIST) {
      remove_leftover(folder, part, target);
    } else if (errno != EINTR) {
      throw os_error(errno, target.full(), "cannot create a file in the folder of the target");
    }
  }
  throw Error(Errc::busy, {.path = target.full(), .lba = {}, .clause = {}},
              "other saves to that file begin all the time");
}

std::size_t name_limit(int folder) {
  const auto limit = ::fpathconf(folder, _PC_NAME_MAX);
  return limit > 0 ? static_cast<std::size_t>(limit) : kNameLimit;
}

#ifdef FICLONERANGE
bool clone(int from, std::uint64_t offset, std::uint64_t length, int file, std::uint64_t to) {
  file_clone_range range{};
  range.src_fd = from;
  range.src_offset = offset;
  range.src_length = length;
  range.dest_offset = to;
  return ::ioctl(file, FICLONERANGE, &range) == 0;
}
#else
bool clone(int, std::uint64_t, std::uint64_t, int, std::uint64_t) { return false; }
#endif

}  // namespace

struct AtomicFile::State {
  TargetPath target;
  std::string full;
  Descriptor folder;
  std::string part;
  Descriptor file;
  std::optional<std::uint64_t> size;  // when it was reserved
  std::uint64_t alignment = 4096;
  std::mutex mutex, copying;
  std::vector<std::pair<std::uint64_t, bool>> clones;  // by device of the source
  bool ended = false;                                  // the temporary has become the target, or is gone

  bool has_holes() const;
  bool probe_clone(const OpenFile& source);
};

AtomicFile::AtomicFile(const std::string& path) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.target = posix::resolve_target(path);
  s.full = s.target.full();
  s.folder = open_folder(s.target);
  if (regular_file_at(s.folder.get(), s.target) &&
      ::faccessat(s.folder.get(), s.target.name.c_str(), W_OK, AT_EACCESS) != 0)
    throw os_error(errno, s.full, "the old file may not be written");
  s.part = part_name(s.target.name, name_limit(s.folder.get()));
  s.file = open_part(s.folder.get(), s.part, s.target);
  struct stat st {};
  if (::fstat(s.file.get(), &st) == 0 && st.st_blksize > 0)
    s.alignment = std::max(s.alignment, static_cast<std::uint64_t>(st.st_blksize));
}

AtomicFile::~AtomicFile() { discard(); }

const std::string& AtomicFile::path() const { return state_->full; }

std::uint64_t AtomicFile::clone_alignment() const { return state_->alignment; }

void AtomicFile::reserve(std::uint64_t size, std::uint64_t allocated) {
  auto& s = *state_;
  struct rlimit limit {};
  // Beyond the limit a write would not fail but kill: SIGXFSZ.
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur)
    throw os_error(EFBIG, s.full, "the process may not write files of " + std::to_string(size) + " bytes");
  if (::lseek(s.file.get(), static_cast<off_t>(size), SEEK_SET) < 0)
    throw os_error(EFBIG, s.full, "the file system holds no files of " + std::to_string(size) + " bytes");
  if (const auto free = posix::free_bytes(s.file.get()); free && allocated > *free)
    throw Error(Errc::no_space, {.path = s.full, .lba = {}, .clause = {}},
                "needs " + std::to_string(allocated) + " bytes, " + std::to_string(*free) + " are free");
  const std::lock_guard guard(s.mutex);
  s.size = size;
  // With its size, the file gets no blocks between and behind the ranges that are written, which some file systems give
  // to a growing one. Without holes, it would get them all, written with zeros, in this one call.
  if (s.has_holes() && ::ftruncate(s.file.get(), static_cast<off_t>(size)) != 0)
    throw_write_error(errno, s.full, "cannot set the size");
}

void AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto& s = *state_;
  if (!posix::write_fully(s.file.get(), offset, bytes)) throw_write_error(errno, s.full, "cannot write");
}

bool AtomicFile::can_clone(const OpenFile& source) {
  const auto& print = source.opened_as();
  if (print.size < state_->alignment) return false;
  const std::lock_guard guard(state_->mutex);
  for (const auto& [device, answer] : state_->clones)
    if (device == print.device) return answer;
  const bool answer = state_->probe_clone(source);
  state_->clones.emplace_back(print.device, answer);
  return answer;
}

// As long as nothing is written.
bool AtomicFile::State::has_holes() const {
  struct stat st {};
  return ::ftruncate(file.get(), static_cast<off_t>(alignment)) == 0 && ::fstat(file.get(), &st) == 0 &&
         st.st_blocks == 0;
}

// Behind the end, where nothing is written; commit() cuts it off, and so do we, for the space that it may take.
bool AtomicFile::State::probe_clone(const OpenFile& source) {
  const auto to = (size.value_or(0) + alignment - 1) / alignment * alignment;
  if (!clone(source.native(), 0, alignment, file.get(), to)) return false;
  if (::ftruncate(file.get(), static_cast<off_t>(size.value_or(0))) != 0)
    throw_write_error(errno, full, "cannot set the size");
  return true;
}

bool AtomicFile::copy_from(const OpenFile& source, std::uint64_t source_offset, std::uint64_t length,
                           std::uint64_t to) {
  auto& s = *state_;
  if (length >= kCloneFrom && source_offset % s.alignment == 0 && to % s.alignment == 0 && can_clone(source)) {
    const auto whole = length - length % s.alignment;
    if (clone(source.native(), source_offset, whole, s.file.get(), to)) {
      source_offset += whole;
      length -= whole;
      to += whole;
    }
  }
  // One thread at a time, as the system lets no two write into one file: the others would burn time until they may.
  const std::lock_guard guard(s.copying);
  if (posix::copy_in_kernel(source.native(), source_offset, length, s.file.get(), to) == length) return true;
  if (errno == ENOSPC || errno == EDQUOT) throw_write_error(errno, s.full, "cannot write");
  // Not this pair of files (EXDEV, EINVAL, EOPNOTSUPP, ENOSYS), an end that comes early, a read error: the caller's own
  // reading copes with the first and says more of the others.
  return false;
}

void AtomicFile::commit(bool sync) {
  auto& s = *state_;
  if (s.ended) throw std::logic_error("the file is committed or discarded already");
  if (s.size && retry([&] { return ::ftruncate(s.file.get(), static_cast<off_t>(*s.size)); }) != 0)
    throw_write_error(errno, s.full, "cannot set the size");
  // Asked again: a device that has got the name meanwhile must not be replaced.
  const auto old = regular_file_at(s.folder.get(), s.target);
  if (old && ::fchmod(s.file.get(), old->st_mode & 0777U) != 0)
    throw os_error(errno, s.full, "cannot set the permissions");
  if (sync && retry([&] { return ::fsync(s.file.get()); }) != 0) throw_write_error(errno, s.full, "cannot flush");
  if (::renameat(s.folder.get(), s.part.c_str(), s.folder.get(), s.target.name.c_str()) != 0)
    throw_write_error(errno, s.full, "cannot give the file its name");
  s.ended = true;
  // EINVAL: a file system whose folders cannot be flushed.
  if (sync && retry([&] { return ::fsync(s.folder.get()); }) != 0 && errno != EINVAL)
    throw os_error(errno, s.full, "cannot flush the folder");
}

void AtomicFile::discard() noexcept {
  auto& s = *state_;
  if (s.file && !s.ended) ::unlinkat(s.folder.get(), s.part.c_str(), 0);
  s.ended = true;
}

TargetState inspect_target(const std::string& path) {
  const auto target = posix::resolve_target(path);
  TargetState state;
  const Descriptor folder(::open(target.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) {
    if (errno == ENOENT || errno == ENOTDIR) return state;
    throw os_error(errno, target.full(), "cannot open the folder of the target");
  }
  state.folder_exists = true;
  state.free_bytes = posix::free_bytes(folder.get());
  const auto file = regular_file_at(folder.get(), target);
  state.exists = file.has_value();
  state.size = file ? static_cast<std::uint64_t>(file->st_size) : 0;
  state.writable = ::faccessat(folder.get(), ".", W_OK, AT_EACCESS) == 0 &&
                   (!file || ::faccessat(folder.get(), target.name.c_str(), W_OK, AT_EACCESS) == 0);
  return state;
}

void remove_target(const std::string& path) {
  const auto target = posix::resolve_target(path);
  const auto folder = open_folder(target);
  if (!regular_file_at(folder.get(), target)) return;
  if (::unlinkat(folder.get(), target.name.c_str(), 0) != 0)
    throw os_error(errno, target.full(), "cannot remove the file");
}

}  // namespace fsimage
