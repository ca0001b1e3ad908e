// Metadata of a volume through a few large windows, so that a million small structures cost some thousand reads of the
// source, and the one place that checks that an address lies inside the source. One thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace fsimage::volume {

// Longest stretch that view() gives at once.
inline constexpr std::size_t kMaxView = 64 * 1024;

class Blocks {
 public:
  // The source must outlive the object.
  explicit Blocks(const ByteSource& source) : source_(source), size_(source.size()) {}

  std::uint64_t size() const { return size_; }
  bool contains(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size_ && length <= size_ - offset;
  }

  // Valid until the next call on this object. Throws corrupt_structure citing `clause` when it leaves the source.
  std::span<const std::byte> view(std::uint64_t offset, std::size_t length, std::string_view clause);
  // Copies; long reads go past the windows.
  void read(std::uint64_t offset, std::span<std::byte> out, std::string_view clause);

  // What is known of the zeros before `end`, which several ask for: reading them again takes seconds on a drive. It stays
  // valid as long as this object.
  struct Tail {
    std::uint64_t end = 0;
    std::uint64_t zeros = 0;  // bytes
    bool complete = false;    // the byte before them is not zero
  };
  Tail& tail(std::uint64_t end);

 private:
  struct Window {
    std::vector<std::byte> bytes;
    std::uint64_t start = 0;
    std::uint64_t used = 0;  // for choosing the one that was not used for longest
  };
  void check(std::uint64_t offset, std::uint64_t length, std::string_view clause) const;
  const Window& window_for(std::uint64_t offset, std::size_t length);
  void fill(Window&, std::uint64_t start, std::size_t length);

  const ByteSource& source_;
  std::uint64_t size_;
  std::uint64_t clock_ = 0;
  std::array<Window, 8> windows_;
  std::size_t last_ = 0;
  std::deque<Tail> tails_;  // one for each block size at most
};

constexpr Lba lba_of(std::uint64_t offset) {
  const auto block = offset / kBlockSize;
  return {block > 0xFFFFFFFF ? 0xFFFFFFFF : static_cast<std::uint32_t>(block)};
}

}  // namespace fsimage::volume
