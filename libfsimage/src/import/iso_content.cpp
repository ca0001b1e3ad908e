#include "iso_content.hpp"

#include <algorithm>
#include <stdexcept>

namespace fsimage::volume {
namespace {

class SectionsSource final : public ByteSource {
 public:
  SectionsSource(std::shared_ptr<const ByteSource> image, std::vector<FileSection> sections)
      : image_(std::move(image)), sections_(std::move(sections)) {
    std::erase_if(sections_, [](const FileSection& s) { return s.length == 0; });
    starts_.reserve(sections_.size());
    for (const auto& s : sections_) {
      if (s.end() > image_->size()) throw std::logic_error("content outside its image");
      starts_.push_back(size_);
      size_ += s.length;
    }
  }
  std::uint64_t size() const override { return size_; }
  bool is_bound_to_thread() const override { return image_->is_bound_to_thread(); }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    while (!out.empty()) {
      const auto i = index_of(offset);
      const auto inside = offset - starts_[i];
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), sections_[i].run_of(inside)));
      image_->read_at(sections_[i].offset_of(inside), out.first(n));
      out = out.subspan(n);
      offset += n;
    }
  }

  Run run_at(std::uint64_t offset) const override {
    check_range(offset, 1);
    const auto i = index_of(offset);
    const auto inside = offset - starts_[i];
    Run run = image_->run_at(sections_[i].offset_of(inside));
    run.length = std::min(run.length, sections_[i].run_of(inside));
    return run;
  }

 private:
  std::size_t index_of(std::uint64_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
  }

  std::shared_ptr<const ByteSource> image_;
  std::vector<FileSection> sections_;
  std::vector<std::uint64_t> starts_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::uint64_t FileSection::offset_of(std::uint64_t byte) const {
  const auto from_start = skipped + byte;
  return interleaved() ? at + from_start / unit * (unit + gap) + from_start % unit : at + from_start;
}

std::uint64_t FileSection::run_of(std::uint64_t byte) const {
  const auto rest = length - byte;
  return interleaved() ? std::min(rest, unit - (skipped + byte) % unit) : rest;
}

std::shared_ptr<const ByteSource> sections_source(std::shared_ptr<const ByteSource> image,
                                                  std::vector<FileSection> sections) {
  return std::make_shared<SectionsSource>(std::move(image), std::move(sections));
}

}  // namespace fsimage::volume
