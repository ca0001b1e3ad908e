// A source that keeps what was read from another: for readers of volumes on drives, which come back to the same structures
// again and again, and pay for each visit there. Thread-safe.
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fsimage {

class CachedSource final : public ByteSource {
 public:
  static constexpr std::size_t kLine = std::size_t{64} << 10;  // what is read at once

  // Keeps the last `most` bytes that were read; zeros cost nothing. The other source must not change meanwhile.
  explicit CachedSource(std::shared_ptr<const ByteSource> source, std::size_t most = std::size_t{32} << 20)
      : source_(std::move(source)), most_lines_(most / kLine + 1) {}

  std::uint64_t size() const override { return source_->size(); }
  // A line that cannot be read as a whole is not kept: only what was asked for is read then, and may throw.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override { return source_->run_at(offset); }
  bool is_bound_to_thread() const override { return source_->is_bound_to_thread(); }

 private:
  using Bytes = std::shared_ptr<const std::vector<std::byte>>;  // empty: all zeros
  struct Line {
    Bytes bytes;
    std::list<std::uint64_t>::iterator use;
  };
  Bytes line(std::uint64_t number) const;  // null when it cannot be read
  Bytes kept(std::uint64_t number) const;
  void keep(std::uint64_t number, const Bytes& bytes) const;

  std::shared_ptr<const ByteSource> source_;
  std::size_t most_lines_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::uint64_t, Line> lines_;
  mutable std::list<std::uint64_t> uses_;  // of lines with bytes, the last used first
};

}  // namespace fsimage
