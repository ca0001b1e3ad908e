#include "entry.hpp"

#include <fsimage/core/text.hpp>

#include <winternl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#ifdef _MSC_VER  // the library of the SDK has them, its header has not
using FS_INFORMATION_CLASS = int;
extern "C" NTSTATUS NTAPI NtSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);
extern "C" NTSTATUS NTAPI NtQueryVolumeInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FS_INFORMATION_CLASS);
#endif

namespace fsimage::windows {
namespace {

// Of the native API, where the headers have no name for it.
constexpr int kRename = 10, kRenameEx = 65, kLink = 11;  // FileRenameInformation and the like
constexpr int kSizes = 3;                                // FileFsSizeInformation
constexpr ULONG kReplace = 1, kPosixSemantics = 2, kIgnoreReadOnly = 0x40;
constexpr NTSTATUS kFileIsFolder = static_cast<NTSTATUS>(0xC00000BA);
constexpr NTSTATUS kNotFolder = static_cast<NTSTATUS>(0xC0000103);
constexpr NTSTATUS kDeletePending = static_cast<NTSTATUS>(0xC0000056);
constexpr DWORD kNameSurrogate = 0x20000000;
constexpr DWORD kDuplicateExtents = 0x00098344;  // FSCTL_DUPLICATE_EXTENTS_TO_FILE
constexpr DWORD kSharesBlocks = 0x08000000;      // FILE_SUPPORTS_BLOCK_REFCOUNTING

DWORD error_of(NTSTATUS status) {
  if (status >= 0) return 0;
  if (status == kFileIsFolder) return kIsFolder;
  if (status == kNotFolder) return ERROR_DIRECTORY;
  if (status == kDeletePending) return ERROR_FILE_NOT_FOUND;  // gone as soon as somebody closes it
  return ::RtlNtStatusToDosError(status);
}

Timestamp time_from(std::int64_t since_1601) {  // in units of 100 ns
  constexpr std::int64_t kUnits = 10'000'000, kFrom1601To1970 = 11'644'473'600;
  return clamp_timestamp(since_1601 / kUnits - kFrom1601To1970, static_cast<std::uint32_t>(since_1601 % kUnits) * 100);
}

Timestamp time_from(const FILETIME& t) {
  return time_from(static_cast<std::int64_t>(std::uint64_t{t.dwHighDateTime} << 32 | t.dwLowDateTime));
}

// FILE_RENAME_INFORMATION, FILE_RENAME_INFORMATION_EX and FILE_LINK_INFORMATION.
struct NamedRequest {
  ULONG flags;
  HANDLE folder;
  ULONG name_bytes;
  wchar_t name[1];
};

NTSTATUS give_name(HANDLE file, HANDLE folder, std::wstring_view name, ULONG flags, int how) {
  const auto bytes = name.size() * sizeof(wchar_t);
  std::vector<std::uint64_t> room((sizeof(NamedRequest) + bytes) / sizeof(std::uint64_t) + 1);  // for its alignment
  NamedRequest request{};
  request.flags = flags;
  request.folder = folder;
  request.name_bytes = static_cast<ULONG>(bytes);
  auto* const at = reinterpret_cast<char*>(room.data());
  std::memcpy(at, &request, sizeof request);
  std::memcpy(at + offsetof(NamedRequest, name), name.data(), bytes);
  IO_STATUS_BLOCK io{};
  return ::NtSetInformationFile(file, &io, room.data(), static_cast<ULONG>(sizeof(NamedRequest) + bytes),
                                std::bit_cast<FILE_INFORMATION_CLASS>(how));
}

bool separates(wchar_t c) { return c == L'\\' || c == L'/' || c == L':' || c == L'\0'; }

// Of devices, with any ending behind a dot: "con", "com1.txt".
bool is_device_name(std::wstring_view name) {
  auto stem = std::wstring(name.substr(0, name.find(L'.')));
  while (!stem.empty() && stem.back() == L' ') stem.pop_back();
  std::ranges::transform(stem, stem.begin(), [](wchar_t c) { return c >= L'a' && c <= L'z' ? wchar_t(c - 32) : c; });
  static constexpr std::array<std::wstring_view, 6> kNames{L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$"};
  if (std::ranges::find(kNames, stem) != kNames.end()) return true;
  return stem.size() == 4 && (stem.starts_with(L"COM") || stem.starts_with(L"LPT")) &&
         std::wstring_view(L"123456789\u00b9\u00b2\u00b3").find(stem[3]) != std::wstring_view::npos;
}

std::wstring full_path(const std::wstring& path) {
  std::wstring full(MAX_PATH, L'\0');
  for (;;) {
    const auto length = ::GetFullPathNameW(path.c_str(), static_cast<DWORD>(full.size()), full.data(), nullptr);
    if (length == 0) return {};
    const bool fits = length < full.size();
    full.resize(length);
    if (fits) return full;
  }
}

// FILE_FS_SIZE_INFORMATION.
struct VolumeSizes {
  std::int64_t clusters, free_clusters;
  std::uint32_t sectors_per_cluster, bytes_per_sector;

  std::uint64_t cluster() const { return std::uint64_t{sectors_per_cluster} * bytes_per_sector; }
};

std::optional<VolumeSizes> sizes_of(HANDLE handle) {
  VolumeSizes sizes{};
  IO_STATUS_BLOCK io{};
  const auto what = std::bit_cast<FS_INFORMATION_CLASS>(kSizes);
  if (::NtQueryVolumeInformationFile(handle, &io, &sizes, sizeof sizes, what) < 0) return std::nullopt;
  return sizes;
}

}  // namespace

DWORD open_entry(HANDLE folder, std::wstring_view name, const Opening& how, Handle& out) {
  if (name.size() > std::numeric_limits<USHORT>::max() / sizeof(wchar_t)) return ERROR_FILENAME_EXCED_RANGE;
  UNICODE_STRING text{};
  text.Buffer = const_cast<wchar_t*>(name.data());  // only read
  text.Length = text.MaximumLength = static_cast<USHORT>(name.size() * sizeof(wchar_t));
  OBJECT_ATTRIBUTES object{};
  object.Length = sizeof object;
  object.RootDirectory = folder;
  object.ObjectName = &text;
  object.Attributes = OBJ_CASE_INSENSITIVE;
  ULONG options = FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT;
  if (how.expected == Expected::file) options |= FILE_NON_DIRECTORY_FILE;
  if (how.expected == Expected::folder) options |= FILE_DIRECTORY_FILE;
  if (how.links == Links::keep) options |= FILE_OPEN_REPARSE_POINT;
  if (how.gone_when_closed) options |= FILE_DELETE_ON_CLOSE;
  const ULONG attributes = how.gone_when_closed ? FILE_ATTRIBUTE_TEMPORARY : FILE_ATTRIBUTE_NORMAL;
  IO_STATUS_BLOCK io{};
  HANDLE handle = nullptr;
  const auto status = ::NtCreateFile(&handle, how.access | SYNCHRONIZE, &object, &io, nullptr, attributes, how.share,
                                     how.creation == Creation::create ? FILE_CREATE : FILE_OPEN, options, nullptr, 0);
  if (const auto error = error_of(status); error != 0) return error;
  out.reset(handle);
  if (how.links == Links::follow || how.creation == Creation::create) return 0;
  // What is no link has its data behind the reparse point: compressed, deduplicated or kept elsewhere.
  FILE_ATTRIBUTE_TAG_INFO tag{};
  if (::GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &tag, sizeof tag) == 0 ||
      (tag.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 || (tag.ReparseTag & kNameSurrogate) != 0)
    return 0;
  auto behind = how;
  behind.links = Links::follow;
  return open_entry(folder, name, behind, out);
}

std::wstring entry_name(std::string_view name) {
  auto wide = to_wide(name);
  if (wide.empty() || wide == L"." || wide == L".." || std::ranges::any_of(wide, separates))
    throw Error(Errc::not_representable, {.path = std::string(name), .lba = {}, .clause = {}},
                "not a name that an entry can have on this system");
  return wide;
}

std::wstring new_entry_name(const std::string& name) {
  if (!is_valid_name(name)) throw Error(Errc::invalid_argument, {}, "not a name that an entry can have");
  auto wide = entry_name(name);
  constexpr std::wstring_view kReserved = L"<>\"|?*";
  const auto refused = [&](wchar_t c) { return c < 32 || kReserved.find(c) != kReserved.npos; };
  if (std::ranges::any_of(wide, refused) || wide.back() == L'.' || wide.back() == L' ' || is_device_name(wide))
    throw Error(Errc::not_representable, {}, "not a name that an entry can have on this system");
  return wide;
}

std::wstring native_path(const std::string& path) {
  constexpr std::wstring_view kNative = L"\\??\\";
  if (path.empty()) throw os_error(ENOENT, path, "no path");
  const auto given = to_wide(path);
  if (given.starts_with(L"\\\\?\\")) return std::wstring(kNative) + given.substr(4);
  auto full = full_path(given);
  if (full.empty()) throw system_error(::GetLastError(), path, "cannot find the path");
  while (full.size() > 3 && full.back() == L'\\') full.pop_back();  // but "C:\"
  if (full.starts_with(L"\\\\.\\")) return std::wstring(kNative) + full.substr(4);
  if (full.starts_with(L"\\\\")) return std::wstring(kNative) + L"UNC" + full.substr(1);
  return std::wstring(kNative) + full;
}

std::string path_of(HANDLE handle) {
  std::wstring path(MAX_PATH, L'\0');
  for (;;) {
    const auto length = ::GetFinalPathNameByHandleW(handle, path.data(), static_cast<DWORD>(path.size()), 0);
    if (length == 0) return {};
    const bool fits = length < path.size();
    path.resize(length);
    if (fits) break;
  }
  if (path.starts_with(L"\\\\?\\UNC\\"))
    path.replace(0, 7, L"\\");
  else if (path.starts_with(L"\\\\?\\"))
    path.erase(0, 4);
  std::ranges::replace(path, L'\\', L'/');
  return from_wide(path);
}

Handle open_parent_of(HANDLE handle, DWORD access) {
  auto path = path_of(handle);
  if (path.empty()) throw system_error(::GetLastError(), {}, "cannot find the folder above");
  const auto slash = path.rfind('/');
  if (slash != path.npos) path.resize(slash + 1);
  Handle parent;
  const auto error = open_entry(nullptr, native_path(path), {.access = access, .expected = Expected::folder}, parent);
  if (error != 0) throw system_error(error, {}, "cannot open the folder above");
  return parent;
}

bool EntryInfo::is_link() const { return (reparse_tag & kNameSurrogate) != 0; }

EntryInfo look_at(HANDLE handle) {
  BY_HANDLE_FILE_INFORMATION by_handle{};
  FILE_BASIC_INFO basic{};
  if (::GetFileInformationByHandle(handle, &by_handle) == 0 ||
      ::GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof basic) == 0)
    throw system_error(::GetLastError(), {}, "cannot look at the entry");
  EntryInfo info;
  info.attributes = by_handle.dwFileAttributes;
  info.size = info.is_folder() ? 0 : std::uint64_t{by_handle.nFileSizeHigh} << 32 | by_handle.nFileSizeLow;
  info.links = by_handle.nNumberOfLinks;
  info.modified = time_from(by_handle.ftLastWriteTime);
  info.accessed = time_from(by_handle.ftLastAccessTime);
  info.created = time_from(by_handle.ftCreationTime);
  info.changed = basic.ChangeTime.QuadPart != 0 ? time_from(basic.ChangeTime.QuadPart) : info.modified;
  info.identity = {.device = by_handle.dwVolumeSerialNumber,
                   .inode = std::uint64_t{by_handle.nFileIndexHigh} << 32 | by_handle.nFileIndexLow};
  if ((info.attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    FILE_ATTRIBUTE_TAG_INFO tag{};
    if (::GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &tag, sizeof tag) != 0)
      info.reparse_tag = tag.ReparseTag;
  }
  return info;
}

Fingerprint fingerprint_of(const EntryInfo& info) {
  return {
      .size = info.size, .modified_ns = info.modified.ns, .inode = info.identity.inode, .device = info.identity.device};
}

Fingerprint fingerprint_again(HANDLE handle, Fingerprint before, const std::string& path) {
  LARGE_INTEGER size{};
  FILE_BASIC_INFO basic{};
  if (::GetFileSizeEx(handle, &size) == 0 ||
      ::GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof basic) == 0)
    throw system_error(::GetLastError(), path, "cannot look at the file");
  before.size = static_cast<std::uint64_t>(size.QuadPart);
  before.modified_ns = time_from(basic.LastWriteTime.QuadPart).ns;
  return before;
}

// Rights are lists here, which the bits of a mode cannot tell; whether a file may be read is asked when it matters.
HostStat stat_of(const EntryInfo& info) {
  constexpr std::uint32_t kLink = 0120777, kFolder = 0040755, kFile = 0100644, kReadOnlyFile = 0100444;
  const bool read_only = (info.attributes & FILE_ATTRIBUTE_READONLY) != 0;
  HostStat stat;
  stat.mode = info.is_link() ? kLink : info.is_folder() ? kFolder : read_only ? kReadOnlyFile : kFile;
  stat.links = info.links;
  stat.hidden = (info.attributes & FILE_ATTRIBUTE_HIDDEN) != 0;
  stat.modified = info.modified;
  stat.accessed = info.accessed;
  stat.changed = info.changed;
  stat.created = info.created;
  stat.fingerprint = fingerprint_of(info);
  return stat;
}

DWORD rename_entry(HANDLE file, HANDLE folder, std::wstring_view name) {
  // As POSIX has it, the old file's name goes at once, whoever has it open; older systems and file systems cannot.
  if (give_name(file, folder, name, kReplace | kPosixSemantics | kIgnoreReadOnly, kRenameEx) >= 0) return 0;
  return error_of(give_name(file, folder, name, kReplace, kRename));
}

DWORD link_entry(HANDLE file, HANDLE folder, std::wstring_view name, bool replace) {
  return error_of(give_name(file, folder, name, replace ? kReplace : 0, kLink));
}

DWORD remove_entry(HANDLE file) {
  FILE_DISPOSITION_INFO disposition{};
  disposition.DeleteFile = TRUE;
  const auto done = ::SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
  return done != 0 ? 0 : ::GetLastError();
}

DWORD set_file_size(HANDLE file, std::uint64_t size) {
  FILE_END_OF_FILE_INFO end{};
  end.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
  return ::SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof end) != 0 ? 0 : ::GetLastError();
}

std::optional<std::uint64_t> free_bytes(HANDLE handle) {
  const auto sizes = sizes_of(handle);
  if (!sizes) return std::nullopt;
  return static_cast<std::uint64_t>(sizes->free_clusters) * sizes->cluster();
}

std::uint64_t cluster_size(HANDLE handle) {
  const auto sizes = sizes_of(handle);
  return sizes ? sizes->cluster() : 4096;
}

bool make_sparse(HANDLE file) {
  DWORD answered = 0;
  return control(file, FSCTL_SET_SPARSE, {}, {}, answered);
}

bool clone_range(HANDLE from, std::uint64_t offset, std::uint64_t length, HANDLE file, std::uint64_t to) {
  constexpr std::uint64_t kAtOnce = std::uint64_t{1} << 30;  // below the 4 GiB that one call takes
  struct Request {
    HANDLE source;
    std::int64_t source_offset, target_offset, length;
  };
  for (std::uint64_t done = 0; done < length;) {
    const auto step = std::min(length - done, kAtOnce);
    const Request request{from, static_cast<std::int64_t>(offset + done), static_cast<std::int64_t>(to + done),
                          static_cast<std::int64_t>(step)};
    DWORD answered = 0;
    if (!control(file, kDuplicateExtents, bytes_of(request), {}, answered)) return false;
    done += step;
  }
  return true;
}

bool may_clone(HANDLE file) {
  DWORD flags = 0;
  return ::GetVolumeInformationByHandleW(file, nullptr, 0, nullptr, nullptr, &flags, nullptr, 0) != 0 &&
         (flags & kSharesBlocks) != 0;
}

}  // namespace fsimage::windows
