#include "volume_content.hpp"

#include <algorithm>
#include <stdexcept>

namespace fsimage::volume {
namespace {

class PiecesSource final : public ByteSource {
 public:
  PiecesSource(std::shared_ptr<const ByteSource> image, const std::vector<Piece>& pieces) : image_(std::move(image)) {
    places_.reserve(pieces.size());
    for (const Piece& p : pieces) {
      if (!p.hole() && (p.at > image_->size() || p.length > image_->size() - p.at))
        throw std::logic_error("content outside its image");
      places_.push_back({size_, p.at});
      size_ += p.length;
    }
  }
  std::uint64_t size() const override { return size_; }
  bool is_bound_to_thread() const override { return image_->is_bound_to_thread(); }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    for (std::size_t i = out.empty() ? places_.size() : index_of(offset); !out.empty(); ++i) {
      const auto inside = offset - places_[i].offset;
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), length(i) - inside));
      if (places_[i].at == Piece::kHole)
        std::fill_n(out.begin(), n, std::byte{});
      else
        image_->read_at(places_[i].at + inside, out.first(n));
      out = out.subspan(n);
      offset += n;
    }
  }

  Run run_at(std::uint64_t offset) const override {
    check_range(offset, 1);
    const auto i = index_of(offset);
    const auto inside = offset - places_[i].offset;
    const auto rest = length(i) - inside;
    if (places_[i].at == Piece::kHole) return {.kind = Run::Kind::zeros, .length = rest, .file = {}, .file_offset = 0};
    Run run = image_->run_at(places_[i].at + inside);
    run.length = std::min(run.length, rest);
    return run;
  }

 private:
  struct Place {
    std::uint64_t offset;  // in the content
    std::uint64_t at;      // in the image, or Piece::kHole
  };
  std::size_t index_of(std::uint64_t offset) const {
    const auto after = std::upper_bound(places_.begin(), places_.end(), offset,
                                        [](std::uint64_t o, const Place& p) { return o < p.offset; });
    return static_cast<std::size_t>(after - places_.begin()) - 1;
  }
  std::uint64_t length(std::size_t i) const {
    return (i + 1 < places_.size() ? places_[i + 1].offset : size_) - places_[i].offset;
  }

  std::shared_ptr<const ByteSource> image_;
  std::vector<Place> places_;
  std::uint64_t size_ = 0;
};

}  // namespace

void append_piece(std::vector<Piece>& pieces, Piece piece) {
  if (piece.length == 0) return;
  if (!pieces.empty()) {
    Piece& last = pieces.back();
    if (piece.hole() ? last.hole() : !last.hole() && last.end() == piece.at) {
      last.length += piece.length;
      return;
    }
  }
  pieces.push_back(piece);
}

void append_lost(std::vector<LostRange>& ranges, LostRange range) {
  if (range.length == 0) return;
  if (!ranges.empty() && ranges.back().offset + ranges.back().length == range.offset)
    ranges.back().length += range.length;
  else
    ranges.push_back(std::move(range));
}

std::string lost_text(const LostRange& range) {
  const auto last = range.offset + range.length - 1;
  return "bytes " + std::to_string(range.offset) + " to " + std::to_string(last) + " of the content are lost: " +
         (range.why.message().empty() ? range.why.code().message() : range.why.message());
}

std::uint64_t total_length(const std::vector<Piece>& pieces) {
  std::uint64_t sum = 0;
  for (const Piece& p : pieces) sum += p.length;
  return sum;
}

std::shared_ptr<const ByteSource> content_source(std::shared_ptr<const ByteSource> image,
                                                 const std::vector<Piece>& pieces) {
  if (pieces.empty()) return std::make_shared<ZeroSource>(0);
  if (pieces.size() == 1 && pieces[0].hole()) return std::make_shared<ZeroSource>(pieces[0].length);
  if (pieces.size() == 1) return std::make_shared<SliceSource>(std::move(image), pieces[0].at, pieces[0].length);
  return std::make_shared<PiecesSource>(std::move(image), pieces);
}

}  // namespace fsimage::volume
