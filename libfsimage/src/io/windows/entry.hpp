// Entries of a folder, opened, looked at, renamed and linked relative to the folder's handle: what openat(2) and its kin
// are elsewhere. The Windows API has no such calls, the native one below it has. Private to io/windows.
#pragma once

#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>

#include "system.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fsimage::windows {

inline constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
inline constexpr DWORD kToLook = FILE_READ_ATTRIBUTES;
inline constexpr DWORD kToList = FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | FILE_TRAVERSE;
inline constexpr DWORD kToRead = FILE_READ_DATA | FILE_READ_ATTRIBUTES;
inline constexpr DWORD kToWrite =
    FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | DELETE;

enum class Expected : std::uint8_t { anything, file, folder };
enum class Creation : std::uint8_t { open, create };

struct Opening {
  DWORD access = kToLook;
  Links links = Links::follow;
  Expected expected = Expected::anything;
  Creation creation = Creation::open;
  DWORD share = kShareAll;
  bool gone_when_closed = false;
};

// 0, or the system's error. Without a folder, `name` is a path as native_path() gives it. The empty name is the folder
// itself, opened once more. With Links::keep, what stands for another entry is opened itself.
DWORD open_entry(HANDLE folder, std::wstring_view name, const Opening&, Handle& out);

// One component, which must not lead elsewhere: throws not_representable where it holds what separates names here.
std::wstring entry_name(std::string_view name);
// As entry_name, for names of new entries: also refuses what other programs could not open, as "con" or "a.".
std::wstring new_entry_name(const std::string& name);

// The absolute path in the system's own form, of any length. Throws the system's error with the path.
std::wstring native_path(const std::string& path);
// Where what is open lies: absolute, with '/', without links. Empty where the system cannot tell.
std::string path_of(HANDLE);
// The folder that what is open lies in; the folder itself for the top of a volume. Throws the system's error.
Handle open_parent_of(HANDLE, DWORD access);

struct EntryInfo {
  DWORD attributes = 0;
  DWORD reparse_tag = 0;  // 0 where there is none
  std::uint64_t size = 0;
  std::uint32_t links = 1;
  Timestamp modified, accessed, changed, created;
  HostIdentity identity;

  bool is_folder() const { return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0; }
  bool is_link() const;  // a symbolic link, a junction, or whatever else stands for another entry
};
EntryInfo look_at(HANDLE);  // throws the system's error
Fingerprint fingerprint_of(const EntryInfo&);
// The same of what is still open: only its size and time can have changed, and to ask for the rest costs a walk of its path
// under Wine. Throws the system's error with the path.
Fingerprint fingerprint_again(HANDLE, Fingerprint before, const std::string& path);
HostStat stat_of(const EntryInfo&);

// The open file, opened with DELETE, gets the name in the folder; what has it is replaced, but no folder. 0, or the error.
DWORD rename_entry(HANDLE file, HANDLE folder, std::wstring_view name);
DWORD link_entry(HANDLE file, HANDLE folder, std::wstring_view name, bool replace);
DWORD remove_entry(HANDLE file);

DWORD set_file_size(HANDLE file, std::uint64_t size);
// Bytes that the caller may still write there; nullopt where the file system does not say.
std::optional<std::uint64_t> free_bytes(HANDLE);
// Of the file system, in bytes; 4096 where it does not say.
std::uint64_t cluster_size(HANDLE);

// What nobody writes takes no space from now on, where the file system can that.
bool make_sparse(HANDLE file);
// Shares extents, at most up to the sizes of both. False where these two files cannot.
bool clone_range(HANDLE from, std::uint64_t offset, std::uint64_t length, HANDLE file, std::uint64_t to);
bool may_clone(HANDLE file);

}  // namespace fsimage::windows
