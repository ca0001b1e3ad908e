#include <fsimage/io/update_file.hpp>

#include "descriptor.hpp"
#include "open_at.hpp"

#include <fsimage/core/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace fsimage {

struct UpdateFile::State {
  std::string path;
  posix::Descriptor file;
  bool writable = true, is_new = false;

  struct stat status() const {
    struct stat st {};
    if (::fstat(file.get(), &st) != 0) throw os_error(errno, path, "cannot look at the file");
    return st;
  }

  void open(Missing missing) {
    const posix::ReachablePath at(path);
    constexpr int kFlags = O_CLOEXEC | O_NONBLOCK;  // never wait for a FIFO's other end
    const auto open_as = [&](int mode) {
      file.reset(posix::retry([&] { return ::openat(at.folder(), at.rest(), mode | kFlags, 0666); }));
      return static_cast<bool>(file);
    };
    if (open_as(O_RDWR)) return;
    if (errno == ENOENT && missing == Missing::create && open_as(O_RDWR | O_CREAT | O_EXCL)) {
      is_new = true;
      return;
    }
    writable = false;
    if ((errno == EACCES || errno == EROFS || errno == EPERM) && open_as(O_RDONLY)) return;
    throw os_error(errno, path, "cannot open the file");
  }
};

UpdateFile::UpdateFile(const std::string& path, Missing missing) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->open(missing);
  if (!S_ISREG(state_->status().st_mode))
    throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}}, "not a file");
  if (posix::retry([&] { return ::flock(state_->file.get(), LOCK_EX | LOCK_NB); }) == 0) return;
  if (errno == EWOULDBLOCK) throw Error(Errc::busy, {.path = path, .lba = {}, .clause = {}}, "open elsewhere");
  throw os_error(errno, path, "cannot lock the file");
}

UpdateFile::~UpdateFile() = default;

const std::string& UpdateFile::path() const { return state_->path; }
bool UpdateFile::writable() const { return state_->writable; }
bool UpdateFile::is_new() const { return state_->is_new; }
std::uint64_t UpdateFile::size() const { return static_cast<std::uint64_t>(state_->status().st_size); }

void UpdateFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  const auto n = posix::read_fully(state_->file.get(), offset, out);
  if (n < 0) throw os_error(errno, state_->path, "cannot read");
  if (const auto rest = out.subspan(static_cast<std::size_t>(n)); !rest.empty())
    std::memset(rest.data(), 0, rest.size());
}

void UpdateFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (posix::write_fully(state_->file.get(), offset, bytes)) return;
  if (errno == ENOSPC || errno == EDQUOT)
    throw Error(Errc::no_space, {.path = state_->path, .lba = {}, .clause = {}}, "cannot write");
  throw os_error(errno, state_->path, "cannot write");
}

void UpdateFile::write_zeros(std::uint64_t offset, std::uint64_t length) {
  constexpr std::size_t kAtOnce = std::size_t{64} << 10;
  const auto end = std::min(offset + length, size());
  if (offset >= end) return;
#ifdef FALLOC_FL_PUNCH_HOLE
  const auto punched = posix::retry([&] {
    return ::fallocate(state_->file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                       static_cast<off_t>(end - offset));
  });
  if (punched == 0) return;
#endif
  const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min<std::uint64_t>(kAtOnce, end - offset)));
  for (; offset < end; offset += zeros.size())
    write_at(offset,
             std::span(zeros).first(static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), end - offset))));
}

void UpdateFile::set_size(std::uint64_t size) {
  if (posix::retry([&] { return ::ftruncate(state_->file.get(), static_cast<off_t>(size)); }) != 0)
    throw os_error(errno, state_->path, "cannot set the size");
}

void UpdateFile::sync() {
  if (posix::retry([&] { return ::fsync(state_->file.get()); }) != 0)
    throw os_error(errno, state_->path, "cannot wait for stable storage");
}

}  // namespace fsimage
