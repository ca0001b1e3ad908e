#include <fsimage/io/file_source.hpp>

#include <stdexcept>

namespace fsimage {

FileSource::FileSource(std::shared_ptr<const OpenFile> file)
    : file_(std::move(file)), size_(file_->fingerprint().size) {}

void FileSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  file_->read_at(offset, out);
}

Run FileSource::run_at(std::uint64_t offset) const {
  if (offset >= size_) throw std::logic_error("run behind the end of the file");
  const std::lock_guard lock(mutex_);
  if (offset < stretch_at_ || offset - stretch_at_ >= stretch_.length) {
    stretch_ = file_->stretch_at(offset, size_);
    stretch_at_ = offset;
  }
  OpenFile::Stretch stretch = stretch_;
  stretch.length -= offset - stretch_at_;
  Run run;
  run.length = stretch.length;
  if (stretch.hole) {
    run.kind = Run::Kind::zeros;
  } else {
    run.kind = Run::Kind::file;
    run.file = file_;
    run.file_offset = offset;
  }
  return run;
}

}  // namespace fsimage
