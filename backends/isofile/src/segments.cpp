#include "segments.hpp"

#include <algorithm>
#include <utility>

namespace fsimage::isofile {
namespace {

// The kernel copies from file to file page by page: many small ones are read and written sooner, though twice copied.
constexpr std::uint64_t kWorthACall = 64 * 1024, kWorthACopy = 1024 * 1024;

}  // namespace

bool Segments::stands_alone(std::uint64_t offset, const Run& run) const {
  if (run.kind == Run::Kind::bytes || run.length < kWorthACall) return false;
  return run.kind == Run::Kind::zeros || run.length >= kWorthACopy || clones(offset, run);
}

std::optional<Segment> Segments::next() {
  if (at_ == image_.size()) return std::nullopt;
  Segment segment;
  segment.offset = at_;
  segment.run = known_ ? *std::exchange(known_, std::nullopt) : image_.run_at(at_);
  // A hole costs nothing, however short, as long as it need not be cut out of a read.
  if (segment.run.kind == Run::Kind::zeros || stands_alone(segment.offset, segment.run)) {
    segment.kind = segment.run.kind == Run::Kind::zeros ? Segment::Kind::hole : Segment::Kind::file;
    segment.clones = segment.kind == Segment::Kind::file && clones(segment.offset, segment.run);
    segment.length = segment.run.length;
    at_ += segment.length;
    return segment;
  }
  const auto border = std::min(image_.size(), at_ - at_ % window_ + window_);
  at_ = std::min(border, at_ + segment.run.length);
  for (auto end = at_; end < border;) {
    auto run = image_.run_at(end);
    if (stands_alone(end, run)) {
      if (end == at_) known_ = std::move(run);
      break;
    }
    end = std::min(border, end + run.length);
    if (run.kind != Run::Kind::zeros) at_ = end;  // zeros at the end are left for a hole
  }
  segment.length = at_ - segment.offset;
  return segment;
}

}  // namespace fsimage::isofile
