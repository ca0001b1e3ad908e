// An image cut into what a saver does piece by piece. Private to the backend; one thread at a time.
#pragma once

#include <fsimage/image/result_image.hpp>

#include <cstdint>
#include <optional>

namespace fsimage::isofile {

struct Segment {
  enum class Kind : std::uint8_t { read, hole, file };
  Kind kind = Kind::read;
  std::uint64_t offset = 0, length = 0;
  Run run;  // Kind::file: where the bytes lie
};

// Gives the segments in order; together they are the image. Reads are cut at multiples of `window`; whatever is too short
// to be worth a call of its own is in a read with its neighbours.
class Segments {
 public:
  Segments(const ResultImage& image, std::uint64_t window) : image_(image), window_(window) {}
  std::optional<Segment> next();

 private:
  const ResultImage& image_;
  std::uint64_t window_;
  std::uint64_t at_ = 0;
  std::optional<Run> known_;  // at at_
};

}  // namespace fsimage::isofile
