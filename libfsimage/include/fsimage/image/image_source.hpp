// A ResultImage seen as a ByteSource, for readers and verifiers that take one.
#pragma once

#include <fsimage/image/result_image.hpp>

namespace fsimage {

class ImageSource final : public ByteSource {
 public:
  explicit ImageSource(std::shared_ptr<const ResultImage> image) : image_(std::move(image)) {}
  std::uint64_t size() const override { return image_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override { image_->read_at(offset, out); }
  Run run_at(std::uint64_t offset) const override { return image_->run_at(offset); }
  bool is_bound_to_thread() const override { return image_->is_bound_to_thread(); }

 private:
  std::shared_ptr<const ResultImage> image_;
};

}  // namespace fsimage
