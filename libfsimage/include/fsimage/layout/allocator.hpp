// Hands out blocks of the medium. It only moves forward, so that nothing can overlap. One thread.
#pragma once

#include <fsimage/core/units.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fsimage {

class Allocator {
 public:
  explicit Allocator(Lba start = {}) : next_(start) {}
  Lba next() const { return next_; }
  Lba take(BlockCount n) {
    const Lba at = next_;
    next_ = next_ + n;  // throws too_large beyond 2^32 blocks
    return at;
  }
  // Blocks for a file's bytes: larger ones begin on a block of the usual host file system, so that a saver may clone them,
  // the same on every host.
  Lba take_content(std::uint64_t bytes, Lba origin) {
    constexpr std::uint64_t kAlignedFrom = 64 * 1024;
    constexpr BlockCount kHostBlock{2};
    if (bytes >= kAlignedFrom) align(kHostBlock, origin);
    return take(blocks_for(bytes));
  }
  // Going back is a broken invariant: std::logic_error that names `what`.
  void skip_to(Lba at, std::string_view what) {
    if (at < next_) throw std::logic_error("layout: no room for " + std::string(what));
    next_ = at;
  }
  // Counted from `origin`: a session is laid out alike wherever it starts.
  void align(BlockCount multiple, Lba origin = {}) {
    next_ = origin + (round_up(Lba{(next_ - origin).value}, multiple) - Lba{});
  }

 private:
  Lba next_;
};

}  // namespace fsimage
