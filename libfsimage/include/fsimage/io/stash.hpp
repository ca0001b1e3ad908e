// Copies of sources that will not wait until their bytes are asked for: one file without a name in a working directory. It
// goes with the object, and with the process, whatever happens to either. As a source it is the copies one after another.
// One thread adds and moves; reading is thread-safe, also meanwhile.
#pragma once

#include <fsimage/io/byte_source.hpp>
#include <fsimage/io/open_file.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace fsimage {

class Stash final : public ByteSource {
 public:
  // All errors carry a Reason. This throws working_directory for what is no folder, stash_not_opened.
  explicit Stash(const std::string& working_directory);

  // More than any stash holds, so that the copies that are still to come lie inside.
  std::uint64_t size() const override { return std::uint64_t{1} << 47; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;  // throws stash_not_read
  Run run_at(std::uint64_t offset) const override;

  const std::string& working_directory() const { return directory_; }
  std::uint64_t used() const { return used_; }  // bytes

  // Copies a source of `size` bytes, which `read` gives as ByteSource::read_at does, and says where its copy begins. Throws
  // no_working_space before anything is copied, stash_not_written, and what `read` throws; the stash is as it was then.
  using Read = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;
  std::uint64_t add(std::uint64_t size, const Read& read);

  // The copies go into another directory, and are read there from then on. Throws as the constructor and add() do,
  // stash_not_moved when copying fails; they are where they were then.
  void move_to(const std::string& working_directory);

 private:
  std::shared_ptr<const OpenFile> file() const;
  std::string directory_;
  std::uint64_t used_ = 0;
  mutable std::mutex mutex_;  // guards file_
  std::shared_ptr<const OpenFile> file_;
};

}  // namespace fsimage
