// What the sources of io/windows share: handles, the system's errors as errno numbers them, names as UTF-16. Private to
// io/windows.
#pragma once

#include <fsimage/core/error.hpp>

#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#include <winioctl.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::windows {

// Of the API, where the headers may have no name for it.
inline constexpr DWORD kIsFolder = 336;        // ERROR_DIRECTORY_NOT_SUPPORTED
inline constexpr DWORD kQuotaExceeded = 1295;  // ERROR_DISK_QUOTA_EXCEEDED

class Handle {
 public:
  explicit Handle(HANDLE handle = nullptr) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Handle() { reset(); }
  HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  void reset(HANDLE handle = nullptr) {
    if (handle_ != nullptr) ::CloseHandle(handle_);
    handle_ = handle;
  }
  HANDLE release() {
    HANDLE const handle = handle_;
    handle_ = nullptr;
    return handle;
  }

 private:
  HANDLE handle_;
};

// The error for a number of the Windows API: as errno has it where POSIX has such an error, else the number itself.
Error system_error(DWORD code, std::string path, std::string_view what);
// As system_error, but no_space where that is what it says.
Error write_error(DWORD code, std::string path, std::string_view what);

// Throws not_representable, with the text as the path, for what is not UTF-8 or holds a NUL.
std::wstring to_wide(std::string_view utf8);
// Whatever the system gives. A name that is not UTF-16 has a form that to_wide refuses, so that nothing is lost: the
// entry is listed, and who looks at it is told its name.
std::string from_wide(std::wstring_view wide);

// Until `out` is full or the file ends; `error` is the system's when it could not, else 0.
std::size_t read_fully(HANDLE file, std::uint64_t offset, std::span<std::byte> out, DWORD& error);
// All of them; 0, or the system's error.
DWORD write_fully(HANDLE file, std::uint64_t offset, std::span<const std::byte> bytes);

// A request to the file system; the number of bytes that it answered with.
bool control(HANDLE file, DWORD code, std::span<const std::byte> in, std::span<std::byte> out, DWORD& answered);

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

}  // namespace fsimage::windows
