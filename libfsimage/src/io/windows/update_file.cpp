#include <fsimage/io/update_file.hpp>

#include "entry.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

// A byte that no file has: locked, it keeps a second UpdateFile away, and readers can still read.
bool lock_whole(HANDLE file) {
  OVERLAPPED at{};
  at.Offset = std::numeric_limits<DWORD>::max() - 1;
  at.OffsetHigh = std::numeric_limits<DWORD>::max() >> 1;
  return ::LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at) != 0;
}

}  // namespace

struct UpdateFile::State {
  std::string path;
  windows::Handle file;
  bool writable = true, is_new = false;

  windows::EntryInfo look() const {
    try {
      return windows::look_at(file.get());
    } catch (const Error& e) {
      throw e.with_path(path);
    }
  }

  void open(Missing missing) {
    const auto name = windows::native_path(path);
    const auto open_as = [&](DWORD access, windows::Creation creation) {
      return windows::open_entry(nullptr, name,
                                 {.access = access, .expected = windows::Expected::file, .creation = creation}, file);
    };
    constexpr DWORD kUpdate = windows::kToRead | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES;
    auto error = open_as(kUpdate, windows::Creation::open);
    if (error == ERROR_FILE_NOT_FOUND && missing == Missing::create) {
      error = open_as(kUpdate, windows::Creation::create);
      is_new = error == 0;
    }
    if (error == ERROR_ACCESS_DENIED || error == ERROR_WRITE_PROTECT) {
      writable = false;
      error = open_as(windows::kToRead, windows::Creation::open);
    }
    if (error != 0) throw windows::system_error(error, path, "cannot open the file");
  }
};

UpdateFile::UpdateFile(const std::string& path, Missing missing) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.path = path;
  s.open(missing);
  if (::GetFileType(s.file.get()) != FILE_TYPE_DISK)
    throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}}, "not a file");
  if (!lock_whole(s.file.get())) {
    const auto error = ::GetLastError();
    if (error == ERROR_LOCK_VIOLATION)
      throw Error(Errc::busy, {.path = path, .lba = {}, .clause = {}}, "open elsewhere");
    throw windows::system_error(error, path, "cannot lock the file");
  }
  if (s.is_new) windows::make_sparse(s.file.get());
}

UpdateFile::~UpdateFile() = default;

const std::string& UpdateFile::path() const { return state_->path; }
bool UpdateFile::writable() const { return state_->writable; }
bool UpdateFile::is_new() const { return state_->is_new; }
std::uint64_t UpdateFile::size() const { return state_->look().size; }

void UpdateFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  DWORD error = 0;
  const auto n = windows::read_fully(state_->file.get(), offset, out, error);
  if (error != 0) throw windows::system_error(error, state_->path, "cannot read");
  if (const auto rest = out.subspan(n); !rest.empty()) std::memset(rest.data(), 0, rest.size());
}

void UpdateFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto error = windows::write_fully(state_->file.get(), offset, bytes);
  if (error != 0) throw windows::write_error(error, state_->path, "cannot write");
}

void UpdateFile::write_zeros(std::uint64_t offset, std::uint64_t length) {
  constexpr std::size_t kAtOnce = std::size_t{64} << 10;
  const auto end = std::min(offset + length, size());
  if (offset >= end) return;
  FILE_ZERO_DATA_INFORMATION range{};
  range.FileOffset.QuadPart = static_cast<LONGLONG>(offset);
  range.BeyondFinalZero.QuadPart = static_cast<LONGLONG>(end);
  DWORD answered = 0;
  if (windows::control(state_->file.get(), FSCTL_SET_ZERO_DATA, windows::bytes_of(range), {}, answered)) return;
  const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min<std::uint64_t>(kAtOnce, end - offset)));
  for (; offset < end; offset += zeros.size())
    write_at(offset,
             std::span(zeros).first(static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), end - offset))));
}

void UpdateFile::set_size(std::uint64_t size) {
  if (const auto error = windows::set_file_size(state_->file.get(), size); error != 0)
    throw windows::system_error(error, state_->path, "cannot set the size");
}

void UpdateFile::sync() {
  if (::FlushFileBuffers(state_->file.get()) == 0)
    throw windows::system_error(::GetLastError(), state_->path, "cannot wait for stable storage");
}

}  // namespace fsimage
