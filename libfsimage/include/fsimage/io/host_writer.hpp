// A host folder held open to be written into: the files, folders, links and nodes that an extraction makes.
//
// Everything is done relative to the folder's handle, with names of one component, and never through a symbolic link:
// whatever names an image holds, and whatever somebody puts in the way meanwhile, nothing is touched outside the folder.
// A name that is_valid_name refuses is an invalid_argument and does not reach the system.
// Errors carry the system's code but no path: the caller knows it, and adds it only when it is needed. WritableFolder is thread-safe.
//
// On Windows a name that Windows programs could not open ("a:b", "con", "a.") is not_representable, and so are nodes. Of
// permissions there is whether a file may be written, of owners and extended attributes nothing. Symbolic links need a right
// that few users have; a link to a folder that is not there yet is made as one to a file.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/io/host_xattr.hpp>
#include <fsimage/io/open_file.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {

// Which entry of the host it is, whatever it is called.
struct HostIdentity {
  std::uint64_t device = 0, inode = 0;
  friend bool operator==(const HostIdentity&, const HostIdentity&) = default;
};

// What an entry gets beside its content. What is not given stays as the system made it.
struct HostMetadata {
  struct Owner {
    std::uint32_t uid = 0, gid = 0;  // 0xFFFFFFFF leaves it
  };
  std::optional<Owner> owner{};
  std::optional<std::uint16_t> permissions{};  // the twelve low bits of st_mode; a symbolic link has none of its own
  bool hidden = false;                         // where the system has such a mark
  Timestamp modified = kUnsetTime, accessed = kUnsetTime;
  std::vector<HostXattr> xattrs{};
};

// What of the metadata could not be set; the entry is there all the same, with the rest of them. Without its owner it gets
// no set-ID bits.
struct MissingMetadata {
  std::optional<Error> error{};  // the first of all but extended attributes
  std::vector<std::pair<std::string, Error>>
      xattrs{};  // by name: many a file system has no room for them, or not for all
  explicit operator bool() const { return error || !xattrs.empty(); }
};

// What happens when the name is taken already. A folder is never replaced.
enum class Existing : std::uint8_t {
  refuse,   // the system's EEXIST
  replace,  // the old entry stays until the new one is complete; a link is replaced itself
};

class WritableFolder;

// A file that is being written; its folder must outlive it. Until finish() it goes away with the object, so that no half
// file stays under its name. One thread.
class NewFile {
 public:
  ~NewFile();
  NewFile(NewFile&&) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  // In the kernel, as a clone where the file system shares blocks. Returns how many bytes were copied: fewer than
  // `length` when this pair of files cannot do that, or the source cannot be read; reading tells which.
  std::uint64_t copy_from(const OpenFile& source, std::uint64_t offset, std::uint64_t length, std::uint64_t to);
  void set_size(std::uint64_t size);  // what was not written is a hole
  HostIdentity identity() const;
  // The file stays.
  [[nodiscard]] MissingMetadata finish(const HostMetadata&);

 private:
  friend class WritableFolder;
  NewFile(OpenFile::Native folder, OpenFile::Native file, std::string name, std::string part);
  OpenFile::Native folder_, file_;
  std::string name_;
  std::string part_;  // the name while it is written, when another file has its own; else empty
};

class WritableFolder {
 public:
  // The caller's own folder, so that links are followed. Throws the system's error with the path.
  static std::shared_ptr<const WritableFolder> open(const std::string& path);
  // Makes the folder itself when it is missing (`made`), but none above it.
  static std::shared_ptr<const WritableFolder> open_or_make(const std::string& path, bool& made);

  explicit WritableFolder(OpenFile::Native handle) : handle_(handle) {}  // takes the handle over
  ~WritableFolder();
  WritableFolder(const WritableFolder&) = delete;
  WritableFolder& operator=(const WritableFolder&) = delete;

  HostIdentity identity() const;
  HostIdentity identity(const std::string& name) const;

  // Null when something has that name. `permissions` are those while it is filled, less what the process's mask takes.
  std::shared_ptr<const WritableFolder> make_folder(const std::string& name, std::uint16_t permissions) const;
  std::shared_ptr<const WritableFolder> open_folder(const std::string& name) const;
  std::shared_ptr<const WritableFolder> open_parent() const;

  NewFile make_file(const std::string& name, std::uint16_t permissions, Existing) const;
  [[nodiscard]] MissingMetadata make_symlink(const std::string& name, const std::string& target, const HostMetadata&,
                                             Existing) const;
  struct Node {
    std::uint32_t mode = 0;  // type and permissions as st_mode has them: a device, a FIFO or a socket
    std::uint32_t major = 0, minor = 0;
  };
  [[nodiscard]] MissingMetadata make_node(const std::string& name, const Node&, const HostMetadata&, Existing) const;
  // One more name for `from_name` in `from`, which must still be `what`: source_changed otherwise.
  void make_link(const std::string& name, const WritableFolder& from, const std::string& from_name, HostIdentity what,
                 Existing) const;

  [[nodiscard]] MissingMetadata set_metadata(const HostMetadata&) const;  // of the folder itself

 private:
  template <class Make>
  void place(const std::string& name, Existing, Make make) const;
  OpenFile::Native handle_;
};

}  // namespace fsimage
