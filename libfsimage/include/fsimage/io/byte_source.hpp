// Bytes that can be read again, by offset, from any thread unless they are bound to one: what content, generated regions
// and whole images are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage {

class OpenFile;  // io/open_file.hpp: a host file that is open for reading

// What comes next at an offset, and for how long. `file` lets a saver clone or copy in the kernel; `zeros` lets it leave
// a hole. The file stays open as long as the Run lives.
struct Run {
  enum class Kind : std::uint8_t { bytes, zeros, file };
  Kind kind = Kind::bytes;
  std::uint64_t length = 0;              // at least 1, never past the end of the source
  std::shared_ptr<const OpenFile> file;  // Kind::file only
  std::uint64_t file_offset = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // In bytes; the same value for the life of the object.
  virtual std::uint64_t size() const = 0;
  // Fills all of `out` or throws. Thread-safe. offset + out.size() must not exceed size() (std::logic_error);
  // an empty `out` reads nothing.
  virtual void read_at(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // Precondition offset < size(). A hint that is always true: reading those bytes gives what the Run says.
  virtual Run run_at(std::uint64_t offset) const;
  // Whether it should be read by nobody but the thread that made it: a COM object of an apartment. Who reads with threads
  // of its own asks before.
  virtual bool is_bound_to_thread() const { return false; }

 protected:
  void check_range(std::uint64_t offset, std::size_t length) const;  // throws std::logic_error
};

// Owns its bytes.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  explicit MemorySource(std::string_view text);
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::vector<std::byte> bytes_;
};

// So many zero bytes.
class ZeroSource final : public ByteSource {
 public:
  explicit ZeroSource(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;

 private:
  std::uint64_t size_;
};

// Bytes that a function gives: it fills all of `out` or throws, and is called from any thread, several at a time.
class CallbackSource final : public ByteSource {
 public:
  using Read = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;
  CallbackSource(std::uint64_t size, Read read) : size_(size), read_(std::move(read)) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::uint64_t size_;
  Read read_;
};

// A stretch of another source. Throws std::logic_error when it does not lie inside.
class SliceSource final : public ByteSource {
 public:
  SliceSource(std::shared_ptr<const ByteSource> of, std::uint64_t offset, std::uint64_t size);
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;
  bool is_bound_to_thread() const override { return of_->is_bound_to_thread(); }

 private:
  std::shared_ptr<const ByteSource> of_;
  std::uint64_t offset_, size_;
};

}  // namespace fsimage
