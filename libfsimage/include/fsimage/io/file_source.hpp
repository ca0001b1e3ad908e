// A host file as a source of bytes: an image that is read back, listed or compared. Immutable, thread-safe.
#pragma once

#include <fsimage/io/byte_source.hpp>
#include <fsimage/io/open_file.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace fsimage {

class FileSource final : public ByteSource {
 public:
  // The size is that of now; a file that shrinks later makes read_at throw source_changed.
  explicit FileSource(std::shared_ptr<const OpenFile> file);
  explicit FileSource(const std::string& path) : FileSource(OpenFile::open(path)) {}

  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;

 private:
  std::shared_ptr<const OpenFile> file_;
  std::uint64_t size_;
  // The stretch asked for last: finding its end costs more the more fragments the file has.
  mutable std::mutex mutex_;
  mutable std::uint64_t stretch_at_ = 0;
  mutable OpenFile::Stretch stretch_{};  // of length 0 at first
};

}  // namespace fsimage
