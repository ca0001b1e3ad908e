// Many short strings in few allocations, named by a 32-bit offset: 4 GiB in all. Views stay valid while the arena lives.
// One thread adds; const access from many.
#pragma once

#include <fsimage/core/units.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace fsimage {

class StringArena {
 public:
  static constexpr std::size_t kLongest = std::size_t{1} << 16;

  StringArena() = default;
  StringArena(StringArena&&) noexcept = default;
  StringArena& operator=(StringArena&&) noexcept = default;
  StringArena(const StringArena& other) : used_(other.used_) {
    for (const auto& chunk : other.chunks_) {
      chunks_.push_back(std::make_unique<char[]>(kChunk));
      std::memcpy(chunks_.back().get(), chunk.get(), kChunk);
    }
  }
  StringArena& operator=(const StringArena& other) { return *this = StringArena(other); }
  ~StringArena() = default;

  // At most kLongest bytes (too_large); throws too_large when the arena is full.
  std::uint32_t add(std::string_view text) {
    if (text.size() > kLongest) throw_too_large(text.size(), "string length");
    if (used_ / kChunk != (used_ + text.size()) / kChunk)
      used_ = (used_ / kChunk + 1) * kChunk;  // no string crosses a chunk
    const auto at = checked<std::uint32_t>(used_, "length of all names");
    if (used_ / kChunk == chunks_.size()) chunks_.push_back(std::make_unique<char[]>(kChunk));
    if (!text.empty()) std::memcpy(chunks_[used_ / kChunk].get() + used_ % kChunk, text.data(), text.size());
    used_ += text.size();
    return at;
  }
  std::string_view view(std::uint32_t at, std::size_t length) const {
    if (length == 0) return {};
    return {chunks_[at / kChunk].get() + at % kChunk, length};
  }
  std::size_t size() const { return used_; }
  void truncate(std::size_t used) {
    used_ = used;
    chunks_.resize((used + kChunk - 1) / kChunk);
  }
  std::size_t memory_bytes() const { return chunks_.size() * kChunk; }

 private:
  static constexpr std::size_t kChunk = std::size_t{1} << 20;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;
};

}  // namespace fsimage
