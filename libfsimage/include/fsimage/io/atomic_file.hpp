// The target of a save: whatever happens, the final name holds the old file or the complete new one.
//
// The bytes go to a temporary in the same folder, ".NAME.fsimage-part", which commit() renames. Its name follows from
// the final one, so that the leftover of a killed save is removed by the next; a lock on it keeps two saves apart.
// Bytes that nobody writes are zeros, and holes where the file system has them.
#pragma once

#include <fsimage/io/open_file.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fsimage {

class AtomicFile {
 public:
  // Opens the temporary. A symlink is followed: the file behind it will be replaced. Throws Errc::busy when another save
  // to that name is running, invalid_argument for a device, FIFO or socket, else the system's error: a folder under that
  // name, a folder or an old file that may not be written. All of them name `path`.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();  // discards what is not committed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::string& path() const;  // symlinks resolved

  // Before the first write: the size that the file will have, and how many bytes of it need space of their own (neither
  // holes nor clones).
  // Throws no_space when those cannot fit, file_too_large (EFBIG) when the system or a limit of the process forbids it.
  void reserve(std::uint64_t size, std::uint64_t allocated);

  // Thread-safe. Throws no_space when the file system is full.
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);

  // Whether extents of `source` can be shared with this file. Tried with one block, once a device. Thread-safe.
  bool can_clone(const OpenFile& source);
  // Offsets and lengths of a clone are multiples of this.
  std::uint64_t clone_alignment() const;

  // Clones what can be cloned and is worth it, has the kernel copy the rest. Thread-safe. False: the kernel cannot; the
  // range holds anything, and the caller reads and writes it. Throws no_space.
  bool copy_from(const OpenFile& source, std::uint64_t source_offset, std::uint64_t length, std::uint64_t to);

  // Gives the file its final name. With `sync`, bytes and name are on stable storage on return. The permissions are
  // those of the file that is replaced, else what the umask leaves of 0666; on Windows those that the folder hands down.
  // Not cancellable; at most once.
  void commit(bool sync);
  void discard() noexcept;  // the temporary goes; the final name is as it was

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What lies under the name of a target, without touching it. Throws as the constructor does for what is no file.
struct TargetState {
  bool folder_exists = false;
  bool exists = false;
  bool writable = false;  // the file, or the folder for a new one
  std::uint64_t size = 0;
  std::optional<std::uint64_t> free_bytes;  // of the file system, when it says
};
TargetState inspect_target(const std::string& path);

// Removes the file behind the name; nothing there is fine. Throws as the constructor does for what is no file.
void remove_target(const std::string& path);

}  // namespace fsimage
