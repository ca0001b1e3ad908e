// A host folder held open, and what else the rest of the library asks about host paths.
//
// What lies in a folder is listed, looked at and opened relative to its handle, so that a path may have any length and
// nothing can be swapped on the way. Names are one component, NUL-terminated, and bytes: no encoding is assumed.
// Errors of the members carry the system's code but no path: the caller knows it, and adds it only when it is needed.
// Thread-safe, but for list().
//
// On Windows a name that is not UTF-16 is listed in a form that is not UTF-8, and looking at it is a not_representable.
// Junctions, and what else stands for another entry, are symbolic links. The mode tells folders from files, and whether a
// file may be written; user and group are 0, and there are no extended attributes.
#pragma once

#include <fsimage/core/time.hpp>
#include <fsimage/io/host_xattr.hpp>
#include <fsimage/io/open_file.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// What the system says about an entry.
struct HostStat {
  std::uint32_t mode = 0;  // type and permissions as POSIX numbers them in st_mode, on every system
  std::uint32_t links = 1;
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t device_major = 0, device_minor = 0;  // what a device node stands for
  bool hidden = false;                               // where the system has such a mark
  Timestamp modified, accessed, changed;
  Timestamp created;  // the same as `modified` where the system does not know
  Fingerprint fingerprint;
};

enum class Links : std::uint8_t { keep, follow };

class HostFolder {
 public:
  // `reach` needs only the right to pass through the folder; list() asks for `list`.
  enum class Access : std::uint8_t { reach, list };

  // Follows links. Throws the system's error with the path.
  static std::shared_ptr<const HostFolder> open(const std::string& path, Access);

  explicit HostFolder(OpenFile::Native handle) : handle_(handle) {}  // takes the handle over
  ~HostFolder();
  HostFolder(const HostFolder&) = delete;
  HostFolder& operator=(const HostFolder&) = delete;

  // A folder in this one, or its parent by "..".
  std::shared_ptr<const HostFolder> open_folder(const char* name, Access, Links) const;

  // Every name but "." and "..", in the system's order. From one thread at a time.
  void list(const std::function<void(std::string_view name)>&) const;
  HostStat stat(const char* name, Links) const;
  HostStat stat() const;                            // of the folder itself
  bool readable(const char* name) const;            // whether a file may be opened for reading; follows links
  std::string link_target(const char* name) const;  // throws too_large above 65,535 bytes

  // Those that the caller may read, in the order of their names: of an entry, or of the folder itself.
  std::vector<HostXattr> xattrs(const char* name, Links) const;
  std::vector<HostXattr> xattrs() const;

  // Never waits, whatever has come in the file's place. `path` is for the errors of the file.
  std::shared_ptr<const OpenFile> open_file(const char* name, std::string path) const;

  // Opens, reads from the start until `out` is full or the file ends, looks at the file once more, closes: four system
  // calls for a small file. A change before or during the read shows in `now`.
  struct WholeRead {
    std::size_t length = 0;
    Fingerprint now;
  };
  WholeRead read_file(const char* name, std::span<std::byte> out) const;

 private:
  OpenFile::Native handle_;
  mutable std::atomic<bool> keeps_access_times_{true};  // until the system refuses: files here may belong to others
};

// Of the path itself, following links. Throws the system's error with the path.
HostStat stat_host(const std::string& path);

// With '/' where the system takes another character for it, too.
std::string slashed_host_path(std::string path);
bool is_absolute_host_path(const std::string& path);
std::string absolute_host_path(const std::string& path);  // as it is now; links and ".." stay
std::string resolved_host_path(const std::string& path);  // without links, "." and ".."; throws when there is nothing

// Whether the permissions alone say that `user` may read. When they do not, HostFolder::readable asks the system.
bool surely_readable(const HostStat&, std::uint32_t user);
std::uint32_t effective_user();

// Handles that the process may have at a time: caches take a part of it.
std::size_t open_handle_limit();

}  // namespace fsimage
