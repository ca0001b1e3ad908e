#include <fsimage/image/image_stream.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {

ImageStream::ImageStream(std::shared_ptr<const ResultImage> image) : image_(std::move(image)) {
  if (image_ == nullptr) throw std::logic_error("image stream: no image");
}

std::size_t ImageStream::read(std::span<std::byte> out) {
  const auto size = image_->size();
  if (position_ >= size) return 0;
  const auto rest = size - position_;
  const auto part = out.first(rest < out.size() ? static_cast<std::size_t>(rest) : out.size());
  image_->read_at(position_, part);
  position_ += part.size();
  return part.size();
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
