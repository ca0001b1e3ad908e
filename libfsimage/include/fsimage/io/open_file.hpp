// A host file open for reading. Thread-safe: reads carry their own offset. Closes on destruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace fsimage {

// What tells whether a file is still the one that was planned. On Windows the inode is the file index, and the device
// the volume serial number.
struct Fingerprint {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // since 1970, UTC
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

class OpenFile {
 public:
#ifdef _WIN32
  using Native = void*;
#else
  using Native = int;
#endif
  // `ours`: that no other process can write.
  enum class Kind : std::uint8_t { source, ours };
  OpenFile(Native handle, std::string path, Kind = Kind::source);  // takes the handle over unless it throws
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // Opens a file or a block device by path, following links, for reading; the path may be longer than the system takes.
  // Access times stay as they are where the system allows that. Throws the system's error with the path (a folder too);
  // unsupported for anything else that lies there. Never waits for a FIFO's writer.
  static std::shared_ptr<const OpenFile> open(const std::string& path);

  Native native() const { return handle_; }
  const std::string& path() const { return path_; }
  const Fingerprint& opened_as() const { return opened_as_; }  // what it was then
  Fingerprint fingerprint() const;                             // what it is now
  bool is_unchanged() const { return kind_ == Kind::ours || fingerprint() == opened_as_; }
  // Fills all of `out`; throws source_changed when the file ends first, else the system's error with the path.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;

  // The stretch of data or hole that starts at `offset` (< size): SEEK_DATA and SEEK_HOLE where the system has them, else
  // all is data. Throws source_changed rather than call what was cut off a hole.
  struct Stretch {
    bool hole = false;
    std::uint64_t length = 0;
  };
  Stretch stretch_at(std::uint64_t offset, std::uint64_t size) const;

 private:
  mutable std::atomic<bool> all_data_ = false;  // as stretch_at() has found
  Native handle_;
  std::string path_;
  Kind kind_;
  Fingerprint opened_as_;
};

}  // namespace fsimage
