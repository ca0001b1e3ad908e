// An image cut into what a saver does piece by piece. Private to the backend; one thread at a time.
#pragma once

#include <fsimage/image/result_image.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace fsimage::isofile {

struct Segment {
  enum class Kind : std::uint8_t { read, hole, file };
  Kind kind = Kind::read;
  std::uint64_t offset = 0, length = 0;
  Run run;              // Kind::file: where the bytes lie
  bool clones = false;  // Kind::file: whether they can be cloned
};

// Whether what lies in a file at that offset of the image can be cloned.
using ClonesFn = std::function<bool(std::uint64_t offset, const Run&)>;

// Gives the segments in order; together they are the image. Reads are cut at multiples of `window`; whatever is too short
// to be worth a call of its own is in a read with its neighbours: to clone, 64 KiB are worth it, to copy 1 MiB. Holes below
// 64 KiB that lie inside a read are written as zeros.
class Segments {
 public:
  Segments(const ResultImage& image, std::uint64_t window, ClonesFn clones = {})
      : image_(image), window_(window), clones_(std::move(clones)) {}
  std::optional<Segment> next();

 private:
  bool clones(std::uint64_t offset, const Run& run) const { return clones_ && clones_(offset, run); }
  bool stands_alone(std::uint64_t offset, const Run& run) const;

  const ResultImage& image_;
  std::uint64_t window_;
  ClonesFn clones_;
  std::uint64_t at_ = 0;
  std::optional<Run> known_;  // at at_
};

}  // namespace fsimage::isofile
