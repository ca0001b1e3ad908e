#include <fsimage/io/byte_source.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace fsimage {

void ByteSource::check_range(std::uint64_t offset, std::size_t length) const {
  const auto end = size();
  if (length > end || offset > end - length) throw std::logic_error("read beyond the end of a source");
}

Run ByteSource::run_at(std::uint64_t offset) const {
  check_range(offset, 1);
  return {.kind = Run::Kind::bytes, .length = size() - offset, .file = nullptr, .file_offset = 0};
}

MemorySource::MemorySource(std::string_view text) : bytes_(text.size()) {
  if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
}

void MemorySource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
}

void ZeroSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  std::fill(out.begin(), out.end(), std::byte{0});
}

Run ZeroSource::run_at(std::uint64_t offset) const {
  Run run = ByteSource::run_at(offset);
  run.kind = Run::Kind::zeros;
  return run;
}

void CallbackSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (!out.empty()) read_(offset, out);
}

SliceSource::SliceSource(std::shared_ptr<const ByteSource> of, std::uint64_t offset, std::uint64_t size)
    : of_(std::move(of)), offset_(offset), size_(size) {
  const auto whole = of_->size();
  if (size > whole || offset > whole - size) throw std::logic_error("slice beyond the end of its source");
}

void SliceSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (!out.empty()) of_->read_at(offset_ + offset, out);
}

Run SliceSource::run_at(std::uint64_t offset) const {
  check_range(offset, 1);
  Run run = of_->run_at(offset_ + offset);
  run.length = std::min(run.length, size_ - offset);
  return run;
}

}  // namespace fsimage
