#include <fsimage/io/open_file.hpp>

#include <fsimage/core/error.hpp>

#include "open_at.hpp"

#include <fcntl.h>

#include <algorithm>

namespace fsimage {
namespace {

struct stat status_of(const OpenFile& file) {
  struct stat st {};
  if (::fstat(file.native(), &st) != 0) throw os_error(errno, file.path(), "cannot look at the file");
  return st;
}

}  // namespace

OpenFile::OpenFile(Native handle, std::string path, Kind kind)
    : handle_(handle), path_(std::move(path)), kind_(kind), opened_as_(fingerprint()) {}

OpenFile::~OpenFile() { ::close(handle_); }

std::shared_ptr<const OpenFile> OpenFile::open(const std::string& path) {
  const posix::ReachablePath at(path);
  bool keep_access_time = true;
  posix::Descriptor fd(posix::open_to_read(at.folder(), at.rest(), keep_access_time));
  if (!fd) throw os_error(errno, path, "cannot open the file");
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw os_error(errno, path, "cannot look at the file");
  if (S_ISDIR(st.st_mode)) throw os_error(EISDIR, path, "cannot open the file");
  if (S_ISBLK(st.st_mode)) {  // an optical drive says whether it has a disc only when it may wait for it
    fd.reset(posix::retry([&] { return ::openat(at.folder(), at.rest(), O_RDONLY | O_CLOEXEC); }));
    if (!fd) throw os_error(errno, path, "cannot open the device");
  } else if (!S_ISREG(st.st_mode)) {
    throw Error(Errc::unsupported, {.path = path}, "neither a file nor a block device");
  }
  auto file = std::make_shared<const OpenFile>(fd.get(), path);
  fd.release();
  return file;
}

Fingerprint OpenFile::fingerprint() const {
  const auto st = status_of(*this);
  auto found = posix::fingerprint_of(st);
  if (S_ISBLK(st.st_mode)) {  // its st_size is 0
    const auto end = ::lseek(handle_, 0, SEEK_END);
    if (end < 0) throw os_error(errno, path_, "cannot find the size of the device");
    found.size = static_cast<std::uint64_t>(end);
  }
  return found;
}

void OpenFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  const auto n = posix::read_fully(handle_, offset, out);
  if (n < 0) throw os_error(errno, path_, "cannot read");
  if (static_cast<std::size_t>(n) < out.size())
    throw Error(Errc::source_changed, {.path = path_},
                "the file ends at byte " + std::to_string(offset + static_cast<std::uint64_t>(n)));
}

OpenFile::Stretch OpenFile::stretch_at(std::uint64_t offset, std::uint64_t size) const {
  const auto seek = [&](int whence) { return ::lseek(handle_, static_cast<off_t>(offset), whence); };
  const auto rest = size - offset;
  if (all_data_.load(std::memory_order_relaxed)) return {.hole = false, .length = rest};
  const auto data = seek(SEEK_DATA);
  if (data < 0 && errno == ENXIO) {  // nothing but a hole from here to the end of the file, wherever that is now
    if (static_cast<std::uint64_t>(status_of(*this).st_size) < size)
      throw Error(Errc::source_changed, {.path = path_}, "the file has become shorter");
    return {.hole = true, .length = rest};
  }
  if (data < 0) return {.hole = false, .length = rest};  // this file system does not tell
  const auto until = [&](off_t end) { return std::min(static_cast<std::uint64_t>(end) - offset, rest); };
  if (static_cast<std::uint64_t>(data) > offset) return {.hole = true, .length = until(data)};
  const auto hole = seek(SEEK_HOLE);
  const auto length = hole > static_cast<off_t>(offset) ? until(hole) : rest;
  if (offset == 0 && length == size) all_data_.store(true, std::memory_order_relaxed);
  return {.hole = false, .length = length};
}

}  // namespace fsimage
