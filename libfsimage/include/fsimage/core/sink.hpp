// Where encoders put bytes. Measuring is the same code run against a Sink that only counts, so that a size can never
// disagree with the bytes. Not thread-safe; one sink per encoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>

namespace fsimage {

class Sink {
 public:
  Sink() = default;                                                         // counts only
  explicit Sink(std::span<std::byte> out) : out_(out), counting_(false) {}  // fills `out`, which must outlive the sink

  // Appends. Running past the end of the buffer is a broken invariant of ours: std::logic_error.
  void put(std::span<const std::byte> bytes) {
    if (std::byte* to = claim(bytes.size()); to != nullptr && !bytes.empty())
      std::memcpy(to, bytes.data(), bytes.size());
  }
  void put(std::byte b) { put({&b, 1}); }
  void zeros(std::size_t n) {
    if (std::byte* to = claim(n); to != nullptr && n != 0) std::memset(to, 0, n);
  }
  void pad_to_multiple(std::size_t of) {
    if (size_ % of != 0) zeros(of - size_ % of);
  }
  std::size_t size() const { return size_; }
  bool counting() const { return counting_; }

 private:
  std::byte* claim(std::size_t n) {
    const auto at = size_;
    size_ += n;
    if (counting_) return nullptr;
    if (size_ > out_.size()) throw std::logic_error("sink overflow");
    return out_.data() + at;
  }
  std::span<std::byte> out_;
  std::size_t size_ = 0;
  bool counting_ = true;
};

}  // namespace fsimage
