// Sets of blocks, and a source that notes which of its blocks are wanted. Private to burn.
#pragma once

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace fsimage {

class BlockSet {
 public:
  void add(std::uint64_t first, std::uint64_t end);  // nothing when empty
  std::uint64_t count() const { return count_; }
  std::vector<BlockRange> ranges() const;  // ascending, no two touch
 private:
  std::map<std::uint64_t, std::uint64_t> ends_;  // by first block
  std::uint64_t count_ = 0;
};

// Thread-safe. What a run says of zeros counts as read: whoever asked will not read them.
class NotingSource final : public ByteSource {
 public:
  explicit NotingSource(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {}
  std::uint64_t size() const override { return source_->size(); }
  bool is_bound_to_thread() const override { return source_->is_bound_to_thread(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;

  BlockSet noted() const;
  std::uint64_t count() const;

 private:
  std::shared_ptr<const ByteSource> source_;
  mutable std::mutex mutex_;
  mutable BlockSet noted_;
};

}  // namespace fsimage
