// A host file that is read and written in place, by one process at a time: a simulated disc, an image that grows. What
// nobody wrote is zeros, and a hole where the file system has them. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace fsimage {

class UpdateFile {
 public:
  enum class Missing : std::uint8_t { refuse, create };

  // A file that may not be written is opened for reading alone. Throws Errc::busy when it is open as an UpdateFile already,
  // here or elsewhere; invalid_argument for what is no file; else the system's error. All of them name the path.
  UpdateFile(const std::string& path, Missing);
  ~UpdateFile();
  UpdateFile(const UpdateFile&) = delete;
  UpdateFile& operator=(const UpdateFile&) = delete;

  const std::string& path() const;
  bool writable() const;
  bool is_new() const;  // made by the constructor
  std::uint64_t size() const;

  void read_at(std::uint64_t offset, std::span<std::byte> out) const;  // zeros past the end
  void write_at(std::uint64_t offset,
                std::span<const std::byte> bytes);  // throws no_space when the file system is full
  // As writing zeros, but where the file system can they take no space, and past the end the file does not grow.
  void write_zeros(std::uint64_t offset, std::uint64_t length);
  void set_size(std::uint64_t size);
  void sync();  // what was written is on stable storage

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fsimage
