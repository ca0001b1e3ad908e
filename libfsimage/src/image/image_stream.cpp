#include <fsimage/image/image_stream.hpp>

#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

// One read under Wine costs as much as copying 700 KiB. More threads than copy at a time gain nothing.
ReadAheadOptions ahead_options() {
  return {.window = std::size_t{2} << 20, .workers = std::clamp<std::size_t>(default_workers(), 2, 4)};
}

}  // namespace

ImageStream::ImageStream(std::shared_ptr<const ResultImage> image) : image_(std::move(image)) {
  if (image_ == nullptr) throw std::logic_error("image stream: no image");
}

ImageStream::ImageStream(const ImageStream& other) : image_(other.image_), position_(other.position_) {}
ImageStream::ImageStream(ImageStream&&) noexcept = default;
ImageStream::~ImageStream() = default;

ImageStream& ImageStream::operator=(ImageStream other) noexcept {
  image_ = std::move(other.image_);
  position_ = other.position_;
  in_order_ = other.in_order_;
  ahead_ = std::move(other.ahead_);
  may_read_ahead_ = other.may_read_ahead_;
  return *this;
}

void ImageStream::seek(std::uint64_t to) noexcept {
  if (to == position_) return;
  position_ = to;
  in_order_ = 0;
  ahead_.reset();
  may_read_ahead_ = true;
}

std::size_t ImageStream::read(std::span<std::byte> out) {
  const auto size = image_->size();
  if (position_ >= size) return 0;
  const auto rest = size - position_;
  const auto part = out.first(rest < out.size() ? static_cast<std::size_t>(rest) : out.size());
  if (in_order_ < kAheadAfter || !read_ahead(part)) image_->read_at(position_, part);
  position_ += part.size();
  in_order_ += part.size();
  if (position_ == size) ahead_.reset();
  return part.size();
}

// What fails ahead is left to who comes there, as it may be behind what is asked for.
bool ImageStream::read_ahead(std::span<std::byte> out) {
  if (ahead_ == nullptr) may_read_ahead_ = may_read_ahead_ && !image_->is_bound_to_thread();
  if (!may_read_ahead_) return false;
  try {
    if (ahead_ == nullptr) {
      const auto read = [image = image_](std::uint64_t at, std::span<std::byte> to) { image->read_at(at, to); };
      ahead_ = std::make_unique<ReadAhead>(position_, image_->size() - position_, read, ahead_options());
    }
    while (!out.empty()) {
      const auto there = ahead_->front();
      const auto n = std::min(there.size(), out.size());
      std::memcpy(out.data(), there.data(), n);
      ahead_->pop(n);
      out = out.subspan(n);
    }
    return true;
  } catch (...) {
    ahead_.reset();
    may_read_ahead_ = false;
    return false;
  }
}

ImageStream::Copied ImageStream::copy_to(const WriteFn& to, std::uint64_t count) {
  Copied copied;
  const auto size = image_->size();
  if (position_ >= size) return copied;
  const auto wanted = std::min(count, size - position_);
  const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, kCopyPiece));
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(piece);
  while (copied.read < wanted) {
    const auto next = static_cast<std::size_t>(std::min<std::uint64_t>(wanted - copied.read, piece));
    const std::span<std::byte> bytes(buffer.get(), read({buffer.get(), next}));
    copied.read += bytes.size();
    const auto kept = std::min(to(bytes), bytes.size());
    copied.written += kept;
    if (kept < bytes.size()) break;
  }
  return copied;
}

ImageStream::Stat ImageStream::stat() const { return {.size = image_->size(), .image_id = image_->image_id()}; }

}  // namespace fsimage
