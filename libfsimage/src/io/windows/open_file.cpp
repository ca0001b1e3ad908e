#include <fsimage/io/open_file.hpp>

#include "entry.hpp"

#include <algorithm>
#include <utility>

namespace fsimage {
namespace {

Fingerprint first_fingerprint(HANDLE handle, const std::string& path) {
  try {
    return windows::fingerprint_of(windows::look_at(handle));
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

}  // namespace

OpenFile::OpenFile(Native handle, std::string path, Kind kind)
    : handle_(handle), path_(std::move(path)), kind_(kind), opened_as_(first_fingerprint(handle_, path_)) {}

OpenFile::~OpenFile() { ::CloseHandle(handle_); }

std::shared_ptr<const OpenFile> OpenFile::open(const std::string& path) {
  windows::Handle handle;
  const windows::Opening how{.access = windows::kToRead, .expected = windows::Expected::file};
  const auto error = windows::open_entry(nullptr, windows::native_path(path), how, handle);
  if (error != 0) throw windows::system_error(error, path, "cannot open the file");
  if (::GetFileType(handle.get()) != FILE_TYPE_DISK)
    throw Error(Errc::unsupported, {.path = path, .lba = {}, .clause = {}}, "not a file");
  auto file = std::make_shared<const OpenFile>(handle.get(), path);
  handle.release();
  return file;
}

Fingerprint OpenFile::fingerprint() const { return windows::fingerprint_again(handle_, opened_as_, path_); }

void OpenFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  DWORD error = 0;
  const auto n = windows::read_fully(handle_, offset, out, error);
  if (error != 0) throw windows::system_error(error, path_, "cannot read");
  if (n < out.size())
    throw Error(Errc::source_changed, {.path = path_, .lba = {}, .clause = {}},
                "the file ends at byte " + std::to_string(offset + n));
}

OpenFile::Stretch OpenFile::stretch_at(std::uint64_t offset, std::uint64_t size) const {
  const auto rest = size - offset;
  if (all_data_.load(std::memory_order_relaxed)) return {.hole = false, .length = rest};
  FILE_ALLOCATED_RANGE_BUFFER asked{}, found{};
  asked.FileOffset.QuadPart = static_cast<LONGLONG>(offset);
  asked.Length.QuadPart = static_cast<LONGLONG>(rest);
  DWORD answered = 0;
  const bool told = windows::control(handle_, FSCTL_QUERY_ALLOCATED_RANGES, windows::bytes_of(asked),
                                     std::as_writable_bytes(std::span(&found, 1)), answered);
  // One range has room; that there are more is no failure.
  if (!told && ::GetLastError() != ERROR_MORE_DATA) return {.hole = false, .length = rest};
  if (answered == 0) {
    if (fingerprint().size < size)
      throw Error(Errc::source_changed, {.path = path_, .lba = {}, .clause = {}}, "the file has become shorter");
    return {.hole = true, .length = rest};
  }
  const auto data = std::max(static_cast<std::uint64_t>(found.FileOffset.QuadPart), offset);
  if (data > offset) return {.hole = true, .length = std::min(data - offset, rest)};
  const auto end = static_cast<std::uint64_t>(found.FileOffset.QuadPart + found.Length.QuadPart);
  const auto length = end > offset ? std::min(end - offset, rest) : rest;
  if (offset == 0 && length == size) all_data_.store(true, std::memory_order_relaxed);
  return {.hole = false, .length = length};
}

}  // namespace fsimage
