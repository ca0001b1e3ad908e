#include <fsimage/backends/isofile/iso_file.hpp>

#include "growth.hpp"
#include "segments.hpp"

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/atomic_file.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/io/read_ahead.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace fsimage {
namespace {

using isofile::Segment;
using isofile::Segments;

constexpr std::size_t kWindowMultiple = 64 * 1024;             // pages of every size lie in one window
constexpr std::uint64_t kCopyAtOnce = std::uint64_t{8} << 20;  // between two looks at the stop token
constexpr std::uint64_t kCloneAtOnce = std::uint64_t{256} << 20;
constexpr std::uint64_t kAllocationUnit = 4096;

std::size_t window_of(const IsoFileOptions& options) {
  const auto wanted = std::clamp<std::size_t>(options.window, 1, std::size_t{1} << 30);
  return (wanted + kWindowMultiple - 1) / kWindowMultiple * kWindowMultiple;
}

Segments segments_of(const ResultImage& image, AtomicFile& out, const IsoFileOptions& options) {
  if (options.copy == IsoFileOptions::Copy::plain) return {image, window_of(options)};
  return {image, window_of(options), [&out](std::uint64_t offset, const Run& run) {
            const auto unit = out.clone_alignment();
            return offset % unit == 0 && run.file_offset % unit == 0 && out.can_clone(*run.file);
          }};
}

// Bytes of the saved file that need space of their own.
std::uint64_t allocation(const ResultImage& image, AtomicFile& out, const IsoFileOptions& options,
                         const ProgressMeter& meter) {
  auto segments = segments_of(image, out, options);
  std::uint64_t bytes = 0, counted_to = 0;
  while (const auto segment = segments.next()) {
    meter.check_stop();
    if (segment->kind == Segment::Kind::hole) continue;
    auto from = segment->offset;
    const auto to = from + segment->length;
    if (segment->clones) from = to - segment->length % out.clone_alignment();
    if (from == to) continue;
    from = std::max(counted_to, from / kAllocationUnit * kAllocationUnit);
    counted_to = (to + kAllocationUnit - 1) / kAllocationUnit * kAllocationUnit;
    bytes += counted_to - from;
  }
  return bytes;
}

// Work on a piece, for which those that digest what follows wait.
template <class Work>
void with_digests(ImageDigests* digests, Work work) {
  try {
    work();
  } catch (...) {
    if (digests != nullptr) digests->give_up(std::current_exception());
    throw;
  }
}

// Writes what several threads have read. One of them at a time writes, as the system lets no two into one file anyway;
// the others leave what they have with it and go on reading.
class SharedWriter {
 public:
  using Buffer = std::unique_ptr<std::byte[]>;

  SharedWriter(AtomicFile& out, std::size_t buffer_size, std::size_t buffers)
      : out_(out), buffer_size_(buffer_size), left_(buffers) {}

  // Waits until one is free. Throws what writing failed with.
  Buffer take_buffer() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return failure_ || !free_.empty() || left_ != 0; });
    if (failure_) std::rethrow_exception(failure_);
    if (free_.empty()) {
      --left_;
      lock.unlock();
      return std::make_unique_for_overwrite<std::byte[]>(buffer_size_);
    }
    auto buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  // When the last of all calls has returned, all is written. Throws what writing failed with.
  void write(std::uint64_t offset, Buffer buffer, std::size_t length) {
    std::unique_lock lock(mutex_);
    waiting_.push_back({offset, std::move(buffer), length});
    if (writing_) return;
    writing_ = true;
    while (!waiting_.empty() && !failure_) {
      auto piece = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      std::exception_ptr failure;
      try {
        out_.write_at(piece.offset, {piece.bytes.get(), piece.length});
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = failure;
      free_.push_back(std::move(piece.bytes));
      freed_.notify_one();
    }
    writing_ = false;
    if (!failure_) return;
    freed_.notify_all();
    std::rethrow_exception(failure_);
  }

  void give_back(Buffer buffer) {
    {
      const std::lock_guard lock(mutex_);
      free_.push_back(std::move(buffer));
    }
    freed_.notify_one();
  }

 private:
  struct Piece {
    std::uint64_t offset;
    Buffer bytes;
    std::size_t length;
  };
  AtomicFile& out_;
  const std::size_t buffer_size_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t left_;  // buffers that may still be made
  std::vector<Buffer> free_;
  std::deque<Piece> waiting_;
  bool writing_ = false;
  std::exception_ptr failure_;
};

// Carries the image into the file. Jobs write disjoint ranges, in any order.
class Saver {
 public:
  Saver(const ResultImage& image, AtomicFile& out, const IsoFileOptions& options, bool simulate, std::size_t workers)
      : image_(image),
        out_(out),
        kernel_copies_(options.copy == IsoFileOptions::Copy::automatic),
        simulate_(simulate),
        digests_(options.digests),
        window_(window_of(options)),
        segments_(segments_of(image, out, options)),
        writer_(out, static_cast<std::size_t>(std::min<std::uint64_t>(window_, image.size())), 2 * workers) {}

  Job take() {
    if (rest_.length == 0) {
      const auto segment = next_segment();
      if (!segment) return {};
      rest_ = *segment;
      at_once_ = rest_.clones ? kCloneAtOnce : kCopyAtOnce;
      if (digests_ != nullptr && rest_.kind != Segment::Kind::hole) at_once_ = window_;
    }
    Segment piece = rest_;
    piece.length = std::min(rest_.length, at_once_);
    rest_.offset += piece.length;
    rest_.run.file_offset += piece.length;
    rest_.length -= piece.length;
    return [this, piece](std::size_t) {
      with_digests(digests_, [&] { save(piece); });
      done_ += piece.length;
    };
  }

  BlockCount done() const { return {static_cast<std::uint32_t>(done_ / kBlockSize)}; }

 private:
  // Holes are passed over, but for the digests of their zeros.
  std::optional<Segment> next_segment() {
    for (;;) {
      auto segment = segments_.next();
      if (!segment || segment->kind != Segment::Kind::hole || digests_ != nullptr) return segment;
      done_ += segment->length;
    }
  }

  void save(const Segment& piece) {
    if (piece.kind == Segment::Kind::hole) return digests_->add(piece.offset, piece.offset + piece.length, {});
    const bool copied = piece.kind == Segment::Kind::file && !simulate_ && kernel_copies_ && copy(piece);
    if (!copied || digests_ != nullptr) carry(piece, !copied && !simulate_);
  }

  bool copy(const Segment& piece) {
    const auto& file = *piece.run.file;
    if (!out_.copy_from(file, piece.run.file_offset, piece.length, piece.offset)) return false;
    if (!file.is_unchanged())
      throw Error(Errc::source_changed, {.path = file.path(), .lba = {}, .clause = {}}, "changed while it was copied");
    return true;
  }

  // Reads, and writes and digests what has been read.
  void carry(const Segment& piece, bool write) {
    for (std::uint64_t done = 0; done < piece.length;) {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(window_, piece.length - done));
      auto buffer = writer_.take_buffer();
      const std::span bytes{buffer.get(), length};
      image_.read_at(piece.offset + done, bytes);
      if (digests_ != nullptr) digests_->add(piece.offset + done, piece.offset + done, bytes);
      if (write)
        writer_.write(piece.offset + done, std::move(buffer), length);
      else
        writer_.give_back(std::move(buffer));
      done += length;
    }
  }

  const ResultImage& image_;
  AtomicFile& out_;
  const bool kernel_copies_, simulate_;
  ImageDigests* const digests_;
  const std::size_t window_;
  Segments segments_;
  Segment rest_;  // what is left of the segment at hand
  std::uint64_t at_once_ = 0;
  SharedWriter writer_;
  std::atomic<std::uint64_t> done_ = 0;
};

}  // namespace

RecorderInfo IsoFileRecorder::info() const {
  return {.backend = "iso", .name = path_, .vendor = {}, .product = {}, .revision = {}};
}

Media IsoFileRecorder::media() {
  const auto state = inspect_target(path_);
  Media media;
  media.type = MediaType::file;
  media.media_class = MediaClass::overwritable;
  media.next_writable = Lba{};
  if (!state.folder_exists) return media;
  media.used = blocks_for(state.size);
  media.state = !state.writable                   ? MediaState::closed
                : state.exists && state.size != 0 ? MediaState::appendable
                                                  : MediaState::blank;
  if (state.free_bytes)
    media.free = BlockCount{static_cast<std::uint32_t>(
        std::min<std::uint64_t>(*state.free_bytes / kBlockSize, std::numeric_limits<std::uint32_t>::max()))};
  return media;
}

void IsoFileRecorder::burn(const ResultImage& image, const BurnOptions& burn, const ProgressFn& progress,
                           std::stop_token stop) {
  ProgressMeter meter(progress, stop, image.total_blocks(), options_.progress_interval);
  meter.begin(Phase::preparing);
  if (image.first_block() != Lba{}) {
    if (options_.digests != nullptr) throw std::logic_error("digests of a session that is added to a file");
    isofile::grow_file(path_, image, burn, options_, meter, std::move(stop));
    meter.end(Phase::done);
    return;
  }
  AtomicFile out(path_);
  const auto free = inspect_target(path_).free_bytes;
  const bool surely_fits = !free || image.size() <= *free;  // whatever holes and clones save
  out.reserve(image.size(), surely_fits ? image.size() : allocation(image, out, options_, meter));
  meter.follow(image);

  meter.begin(Phase::writing);
  const auto workers = readers(options_.workers);
  Saver saver(image, out, options_, burn.simulate, workers.most);
  run_jobs(
      workers,
      [&] {
        meter.check_stop();
        return saver.take();
      },
      [&] { meter.advance_to(saver.done()); });
  image.check_after_reading();
  meter.end(Phase::writing);
  if (!burn.simulate) {
    meter.begin(Phase::closing, false);
    out.commit(burn.sync);
  }
  meter.end(Phase::done);
}

std::unique_ptr<ByteSource> IsoFileRecorder::read_back() {
  if (!inspect_target(path_).exists) return nullptr;
  return std::make_unique<FileSource>(path_);
}

void IsoFileRecorder::erase(EraseKind, const ProgressFn& progress, std::stop_token stop) {
  ProgressMeter meter(progress, std::move(stop), media().used, options_.progress_interval);
  meter.begin(Phase::formatting);
  remove_target(path_);
  meter.end(Phase::done);
}

void IsoFileRecorder::tray(Tray) {
  throw Error(Errc::unsupported, {.path = path_, .lba = {}, .clause = {}}, "a file has no tray");
}

void save_image(const ResultImage& image, const std::string& path, const BurnOptions& burn, const ProgressFn& progress,
                std::stop_token stop, const IsoFileOptions& options) {
  IsoFileRecorder(path, options).burn(image, burn, progress, std::move(stop));
}

void write_image(const ResultImage& image, const ImageSink& sink, const ProgressFn& progress, std::stop_token stop,
                 const IsoFileOptions& options) {
  ProgressMeter meter(progress, stop, image.total_blocks(), options.progress_interval);
  meter.begin(Phase::preparing);
  meter.follow(image);
  meter.begin(Phase::writing);
  const auto fill = [&](std::uint64_t used, std::uint64_t size) { meter.set_buffers({}, BufferFill{size, used}); };
  read_ahead(
      0, image.size(),
      [&](std::uint64_t offset, std::span<std::byte> out) {
        with_digests(options.digests, [&] {
          image.read_at(offset, out);
          if (options.digests != nullptr) options.digests->add(offset, offset, out);
        });
      },
      [&](std::uint64_t offset, std::span<const std::byte> bytes) {
        sink(bytes);
        meter.advance_to({static_cast<std::uint32_t>((offset + bytes.size()) / kBlockSize)});
      },
      {.window = window_of(options), .workers = options.workers, .fill = fill}, stop);
  image.check_after_reading();
  meter.end(Phase::writing);
  meter.end(Phase::done);
}

}  // namespace fsimage
