#include "growth.hpp"

#include "segments.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/atomic_file.hpp>
#include <fsimage/io/read_ahead.hpp>
#include <fsimage/io/update_file.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace fsimage::isofile {
namespace {

// Gives the file its old length back unless all went well.
class Shrink {
 public:
  explicit Shrink(UpdateFile& file) : file_(&file), size_(file.size()) {}
  Shrink(const Shrink&) = delete;
  Shrink& operator=(const Shrink&) = delete;
  ~Shrink() {
    if (file_ == nullptr) return;
    try {
      file_->set_size(size_);
    } catch (const Error&) {
      // What lies behind the old end is not referred to by anything; the error that led here says more.
    }
  }
  void keep() { file_ = nullptr; }

 private:
  UpdateFile* file_;
  std::uint64_t size_;
};

void check_place(const UpdateFile& file, const ResultImage& image) {
  const auto first = image.first_block().byte_offset();
  if (!file.writable()) throw Error(Errc::write_protected, {.path = file.path()}, "the file may not be written");
  if (file.size() <= first && first - file.size() < kCluster.bytes()) return;
  throw Error(Errc::medium_state, {.path = file.path(), .lba = image.first_block(), .clause = {}},
              "the file has " + std::to_string(blocks_for(file.size()).value) +
                  " blocks now: the session was planned for another state of it");
}

void check_space(const UpdateFile& file, const ResultImage& image) {
  const auto free = inspect_target(file.path()).free_bytes;
  if (free && *free < image.size())
    throw Error(Errc::no_space, {.path = file.path()},
                std::to_string(image.size()) + " bytes are to be added, and " + std::to_string(*free) + " are free");
}

struct Stretch {
  std::uint64_t offset, length;
};

// Everything from `from` on but holes; behind the end of the file these are there already.
std::vector<Stretch> stretches_of(const ResultImage& image, std::uint64_t window, std::uint64_t from) {
  std::vector<Stretch> out;
  Segments segments(image, window);
  while (const auto s = segments.next()) {
    const auto start = std::max(s->offset, from), end = s->offset + s->length;
    if (s->kind == Segment::Kind::hole || start >= end) continue;
    if (!out.empty() && out.back().offset + out.back().length == start)
      out.back().length += end - start;
    else
      out.push_back({start, end - start});
  }
  return out;
}

void write_from(const ByteSource& bytes, Lba at, UpdateFile& file) {
  std::vector<std::byte> buffer(static_cast<std::size_t>(bytes.size()));
  bytes.read_at(0, buffer);
  file.write_at(at.byte_offset(), buffer);
}

}  // namespace

void grow_file(const std::string& path, const ResultImage& image, const BurnOptions& burn,
               const IsoFileOptions& options, ProgressMeter& meter, std::stop_token stop) {
  if (inspect_target(path).size == 0)
    throw Error(Errc::medium_state, {.path = path, .lba = image.first_block(), .clause = {}},
                "the image is a further session, and nothing is here that it could go on with");
  UpdateFile file(path, UpdateFile::Missing::refuse);
  check_place(file, image);
  check_space(file, image);

  const auto first = image.first_block().byte_offset();
  std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(image.size(), kCluster.bytes())));
  image.read_at(0, head);
  Shrink shrink(file);
  meter.follow(image);
  meter.begin(Phase::writing);
  const auto fill = [&](std::uint64_t used, std::uint64_t size) { meter.set_buffers({}, BufferFill{size, used}); };
  for (const auto& stretch : stretches_of(image, options.window, head.size()))
    read_ahead(
        stretch.offset, stretch.length,
        [&](std::uint64_t offset, std::span<std::byte> out) { image.read_at(offset, out); },
        [&](std::uint64_t offset, std::span<const std::byte> bytes) {
          if (!burn.simulate) file.write_at(first + offset, bytes);
          meter.advance_to({static_cast<std::uint32_t>((offset + bytes.size()) / kBlockSize)});
        },
        {.window = options.window, .workers = options.workers, .fill = fill}, stop);
  image.check_after_reading();
  meter.end(Phase::writing);
  if (burn.simulate) return;
  file.set_size(first + image.size());
  // The session's descriptors tell of it, and then the front leads to it, only once all else is on the disc.
  if (burn.sync) file.sync();
  meter.begin(Phase::closing, false);
  shrink.keep();
  meter.cross_point_of_no_return();
  file.write_at(first, head);
  if (burn.sync) file.sync();
  for (const auto& e : image.replaced()) write_from(*e.bytes, e.start, file);
  if (burn.sync) file.sync();
}

}  // namespace fsimage::isofile
