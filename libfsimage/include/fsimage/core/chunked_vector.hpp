// A vector that grows by chunks: no element moves, no doubling of memory while it grows. For arenas of many small values.
// Like std::vector, one thread changes it; const access from many.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace fsimage {

template <class T>
class ChunkedVector {
 public:
  ChunkedVector() = default;
  ChunkedVector(ChunkedVector&& other) noexcept
      : chunks_(std::move(other.chunks_)), size_(std::exchange(other.size_, 0)) {}
  ChunkedVector& operator=(ChunkedVector&& other) noexcept {
    chunks_ = std::move(other.chunks_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ChunkedVector(const ChunkedVector& other) {
    for (std::size_t i = 0; i < other.size(); ++i) push_back(other[i]);
  }
  ChunkedVector& operator=(const ChunkedVector& other) { return *this = ChunkedVector(other); }
  ~ChunkedVector() = default;

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return chunks_[i >> kShift][i & kMask]; }
  T& operator[](std::size_t i) { return chunks_[i >> kShift][i & kMask]; }
  T& back() { return (*this)[size_ - 1]; }
  void push_back(const T& v) {
    if (size_ >> kShift == chunks_.size()) chunks_.push_back(std::make_unique<T[]>(kMask + 1));
    chunks_[size_ >> kShift][size_ & kMask] = v;
    ++size_;
  }
  void truncate(std::size_t n) {
    size_ = n;
    chunks_.resize((n + kMask) >> kShift);
  }
  std::size_t memory_bytes() const { return chunks_.size() * ((kMask + 1) * sizeof(T) + sizeof(void*)); }

 private:
  static constexpr std::size_t kShift = 12, kMask = (std::size_t{1} << kShift) - 1;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace fsimage
