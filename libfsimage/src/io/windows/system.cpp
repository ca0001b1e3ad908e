#include "system.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <cerrno>

namespace fsimage::windows {
namespace {

constexpr std::size_t kLongestTransfer = std::size_t{1} << 30;  // what one call is asked for

// 0 where POSIX has nothing that says the same.
int errno_of(DWORD code) {
  switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_INVALID_NAME:  // what can be no name is no name of anything
    case ERROR_BAD_PATHNAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME: return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_NETWORK_ACCESS_DENIED: return EACCES;
    case ERROR_PRIVILEGE_NOT_HELD: return EPERM;
    case ERROR_WRITE_PROTECT: return EROFS;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_BUSY: return EBUSY;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return EEXIST;
    case ERROR_DIRECTORY: return ENOTDIR;
    case kIsFolder: return EISDIR;
    case ERROR_DIR_NOT_EMPTY: return ENOTEMPTY;
    case ERROR_CANT_RESOLVE_FILENAME: return ELOOP;
    case ERROR_NOT_SAME_DEVICE: return EXDEV;
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NO_SYSTEM_RESOURCES: return EMFILE;
    case ERROR_TOO_MANY_LINKS: return EMLINK;
    case ERROR_FILENAME_EXCED_RANGE: return ENAMETOOLONG;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY: return ENOMEM;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case kQuotaExceeded: return ENOSPC;
    case ERROR_FILE_TOO_LARGE: return EFBIG;
    case ERROR_NOT_SUPPORTED:
    case ERROR_INVALID_FUNCTION: return ENOTSUP;
    case ERROR_NOT_READY: return ENODEV;
    case ERROR_CRC:
    case ERROR_READ_FAULT:
    case ERROR_WRITE_FAULT:
    case ERROR_SEEK:
    case ERROR_GEN_FAILURE:
    case ERROR_SECTOR_NOT_FOUND:
    case ERROR_IO_DEVICE: return EIO;
    default: return 0;
  }
}

OVERLAPPED at_offset(std::uint64_t offset) {
  OVERLAPPED at{};
  at.Offset = static_cast<DWORD>(offset & 0xFFFFFFFFU);
  at.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return at;
}

}  // namespace

Error system_error(DWORD code, std::string path, std::string_view what) {
  if (const int number = errno_of(code); number != 0) return os_error(number, std::move(path), what);
  return {std::error_code(static_cast<int>(code), std::system_category()),
          {.path = std::move(path), .lba = {}, .clause = {}},
          what};
}

Error write_error(DWORD code, std::string path, std::string_view what) {
  if (errno_of(code) != ENOSPC) return system_error(code, std::move(path), what);
  return {Errc::no_space, {.path = std::move(path), .lba = {}, .clause = {}}, what};
}

std::wstring to_wide(std::string_view utf8) {
  const auto wide = to_utf16(utf8);
  if (!wide || utf8.find('\0') != utf8.npos)
    throw Error(Errc::not_representable, {.path = std::string(utf8), .lba = {}, .clause = {}},
                "not a name that this system can have");
  return {wide->begin(), wide->end()};
}

std::string from_wide(std::wstring_view wide) { return to_utf8(std::u16string(wide.begin(), wide.end())); }

std::size_t read_fully(HANDLE file, std::uint64_t offset, std::span<std::byte> out, DWORD& error) {
  std::size_t done = 0;
  error = 0;
  while (done < out.size()) {
    auto at = at_offset(offset + done);
    DWORD n = 0;
    const auto step = static_cast<DWORD>(std::min(out.size() - done, kLongestTransfer));
    if (::ReadFile(file, out.data() + done, step, &n, &at) == 0) {
      error = ::GetLastError();
      if (error == ERROR_HANDLE_EOF) error = 0;
      break;
    }
    if (n == 0) break;
    done += n;
  }
  return done;
}

DWORD write_fully(HANDLE file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    auto at = at_offset(offset);
    DWORD n = 0;
    const auto step = static_cast<DWORD>(std::min(bytes.size(), kLongestTransfer));
    if (::WriteFile(file, bytes.data(), step, &n, &at) == 0) return ::GetLastError();
    offset += n;
    bytes = bytes.subspan(n);
  }
  return 0;
}

bool control(HANDLE file, DWORD code, std::span<const std::byte> in, std::span<std::byte> out, DWORD& answered) {
  // The API takes its input as writable memory, and does not write there.
  auto* const request = const_cast<std::byte*>(in.data());
  return ::DeviceIoControl(file, code, request, static_cast<DWORD>(in.size()), out.data(),
                           static_cast<DWORD>(out.size()), &answered, nullptr) != 0;
}

}  // namespace fsimage::windows
