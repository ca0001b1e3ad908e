// Hands out blocks of the medium. It only moves forward, so that nothing can overlap. One thread.
#pragma once

#include <fsimage/core/units.hpp>

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
