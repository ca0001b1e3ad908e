#include <fsimage/io/host_folder.hpp>

#include <fsimage/core/error.hpp>

#include "entry.hpp"
#include "link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace fsimage {
namespace {

using windows::Handle;

DWORD access_for(HostFolder::Access access) {
  return access == HostFolder::Access::list ? windows::kToList : windows::kToLook | FILE_TRAVERSE;
}

std::shared_ptr<const HostFolder> folder_from(Handle handle, Links links) {
  if (links == Links::keep && windows::look_at(handle.get()).is_link())
    throw os_error(ENOTDIR, {}, "cannot open the folder");
  auto folder = std::make_shared<const HostFolder>(handle.get());
  handle.release();
  return folder;
}

Handle open_named(HANDLE folder, const char* name, const windows::Opening& how, std::string_view failure) {
  Handle handle;
  if (const auto error = windows::open_entry(folder, windows::entry_name(name), how, handle); error != 0)
    throw windows::system_error(error, {}, failure);
  return handle;
}

Handle open_to_read(HANDLE folder, const char* name) {
  return open_named(folder, name, {.access = windows::kToRead}, "cannot open the file");
}

}  // namespace

std::shared_ptr<const HostFolder> HostFolder::open(const std::string& path, Access access) {
  const windows::Opening how{.access = access_for(access), .expected = windows::Expected::folder};
  Handle handle;
  if (const auto error = windows::open_entry(nullptr, windows::native_path(path), how, handle); error != 0)
    throw windows::system_error(error, path, "cannot open the folder");
  return folder_from(std::move(handle), Links::follow);
}

HostFolder::~HostFolder() { ::CloseHandle(handle_); }

std::shared_ptr<const HostFolder> HostFolder::open_folder(const char* name, Access access, Links links) const {
  if (std::string_view(name) == "..")
    return folder_from(windows::open_parent_of(handle_, access_for(access)), Links::follow);
  const windows::Opening how{.access = access_for(access), .links = links, .expected = windows::Expected::folder};
  return folder_from(open_named(handle_, name, how, "cannot open the folder"), links);
}

void HostFolder::list(const std::function<void(std::string_view name)>& each) const {
  alignas(FILE_ID_BOTH_DIR_INFO) std::array<char, 65536> buffer;
  for (auto how = FileIdBothDirectoryRestartInfo;; how = FileIdBothDirectoryInfo) {
    if (::GetFileInformationByHandleEx(handle_, how, buffer.data(), static_cast<DWORD>(buffer.size())) == 0) {
      const auto error = ::GetLastError();
      if (error == ERROR_NO_MORE_FILES) return;
      throw windows::system_error(error, {}, "cannot list the folder");
    }
    for (std::size_t at = 0;;) {
      DWORD next = 0, length = 0;
      std::memcpy(&next, buffer.data() + at + offsetof(FILE_ID_BOTH_DIR_INFO, NextEntryOffset), sizeof next);
      std::memcpy(&length, buffer.data() + at + offsetof(FILE_ID_BOTH_DIR_INFO, FileNameLength), sizeof length);
      std::wstring name(length / sizeof(wchar_t), L'\0');
      std::memcpy(name.data(), buffer.data() + at + offsetof(FILE_ID_BOTH_DIR_INFO, FileName), length);
      if (name != L"." && name != L"..") each(windows::from_wide(name));
      if (next == 0) break;
      at += next;
    }
  }
}

HostStat HostFolder::stat(const char* name, Links links) const {
  return windows::stat_of(
      windows::look_at(open_named(handle_, name, {.links = links}, "cannot look at the entry").get()));
}

HostStat HostFolder::stat() const { return windows::stat_of(windows::look_at(handle_)); }

std::vector<HostXattr> HostFolder::xattrs(const char*, Links) const { return {}; }
std::vector<HostXattr> HostFolder::xattrs() const { return {}; }

bool HostFolder::readable(const char* name) const {
  Handle handle;
  const windows::Opening how{.access = windows::kToRead, .expected = windows::Expected::file};
  const auto error = windows::open_entry(handle_, windows::entry_name(name), how, handle);
  if (error != 0 && error != ERROR_ACCESS_DENIED) throw windows::system_error(error, {}, "cannot look at the entry");
  return error == 0;
}

std::string HostFolder::link_target(const char* name) const {
  constexpr auto kFailure = "cannot read the symbolic link";
  const auto link = open_named(handle_, name, {.links = Links::keep}, kFailure);
  if (!windows::look_at(link.get()).is_link()) throw os_error(EINVAL, {}, kFailure);
  return windows::read_link(link.get());
}

std::shared_ptr<const OpenFile> HostFolder::open_file(const char* name, std::string path) const {
  auto handle = open_to_read(handle_, name);
  auto file = std::make_shared<const OpenFile>(handle.get(), std::move(path));
  handle.release();
  return file;
}

HostFolder::WholeRead HostFolder::read_file(const char* name, std::span<std::byte> out) const {
  const auto file = open_to_read(handle_, name);
  DWORD error = 0;
  const auto length = windows::read_fully(file.get(), 0, out, error);
  const auto now = windows::look_at(file.get());
  if (error != 0 && !now.is_folder()) throw windows::system_error(error, {}, "cannot read");
  return {.length = error != 0 ? 0 : length, .now = windows::fingerprint_of(now)};
}

HostStat stat_host(const std::string& path) {
  Handle handle;
  if (const auto error = windows::open_entry(nullptr, windows::native_path(path), {}, handle); error != 0)
    throw windows::system_error(error, path, "cannot look at the entry");
  try {
    return windows::stat_of(windows::look_at(handle.get()));
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

std::string slashed_host_path(std::string path) {
  // What begins so is taken as it stands.
  if (!path.starts_with("\\\\?\\")) std::ranges::replace(path, '\\', '/');
  return path;
}

bool is_absolute_host_path(const std::string& path) {
  const auto separates = [](char c) { return c == '/' || c == '\\'; };
  return !path.empty() && (separates(path[0]) || (path.size() > 2 && path[1] == ':' && separates(path[2])));
}

std::string absolute_host_path(const std::string& path) {
  auto native = windows::from_wide(windows::native_path(path.empty() ? "." : path)).substr(4);
  if (native.starts_with("UNC\\")) native.replace(0, 3, "\\");
  return slashed_host_path(std::move(native));
}

std::string resolved_host_path(const std::string& path) {
  Handle handle;
  if (const auto error = windows::open_entry(nullptr, windows::native_path(path), {}, handle); error != 0)
    throw windows::system_error(error, path, "cannot resolve the path");
  auto resolved = windows::path_of(handle.get());
  if (resolved.empty()) throw windows::system_error(::GetLastError(), path, "cannot resolve the path");
  return resolved;
}

// Rights are lists here, and the mode says nothing of them.
bool surely_readable(const HostStat&, std::uint32_t) { return false; }

std::uint32_t effective_user() { return 0; }

std::size_t open_handle_limit() { return std::numeric_limits<std::size_t>::max(); }

}  // namespace fsimage
