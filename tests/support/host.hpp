// What tests ask the host that the library has no need to ask.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <winioctl.h>
#else
#include <sys/stat.h>
#endif

#include <filesystem>

namespace fsimage::test {

#ifdef _WIN32
inline std::uint64_t allocated_bytes(const std::string& path) {
  const auto name = std::filesystem::path(std::u8string(path.begin(), path.end()));
  constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const auto file = ::CreateFileW(name.c_str(), FILE_READ_ATTRIBUTES, kShare, nullptr, OPEN_EXISTING, 0, nullptr);
  FILE_STANDARD_INFO info{};
  const auto told = ::GetFileInformationByHandleEx(file, FileStandardInfo, &info, sizeof info);
  ::CloseHandle(file);
  if (told == 0) throw std::runtime_error("cannot look at " + path);
  return static_cast<std::uint64_t>(info.AllocationSize.QuadPart);
}

// Makes a file that long, by a hole. std::filesystem::resize_file() refuses there what would not fit without one.
inline void lengthen(const std::string& path, std::uint64_t size) {
  const auto name = std::filesystem::path(std::u8string(path.begin(), path.end()));
  const auto file = ::CreateFileW(name.c_str(), GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  DWORD answered = 0;
  ::DeviceIoControl(file, FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &answered, nullptr);
  LARGE_INTEGER end{};
  end.QuadPart = static_cast<LONGLONG>(size);
  const bool done = ::SetFilePointerEx(file, end, nullptr, FILE_BEGIN) != 0 && ::SetEndOfFile(file) != 0;
  ::CloseHandle(file);
  if (!done) throw std::runtime_error("cannot lengthen " + path);
}

inline bool under_wine() {
  const auto ntdll = ::GetModuleHandleW(L"ntdll.dll");
  return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}
#else
inline std::uint64_t allocated_bytes(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) throw std::runtime_error("cannot look at " + path);
  return static_cast<std::uint64_t>(st.st_blocks) * 512;
}

inline void lengthen(const std::string& path, std::uint64_t size) { std::filesystem::resize_file(path, size); }

inline bool under_wine() { return false; }
#endif

// Wine's files have holes where nothing was written, but it neither tells of them nor makes them.
inline bool knows_holes() { return !under_wine(); }

}  // namespace fsimage::test
