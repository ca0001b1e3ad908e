#include <fsimage/burn/verify.hpp>

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace fsimage {
namespace {

constexpr std::uint64_t kSkipFrom = 64 * 1024;  // shorter holes are read with what is around them

class Comparison {
 public:
  Comparison(const ResultImage& image, const ByteSource& medium, const VerifyOptions& options, std::size_t workers)
      : image_(image),
        medium_(medium),
        shift_(options.at.byte_offset()),
        window_(static_cast<std::size_t>(std::min<std::uint64_t>(options.window, image.size()))),
        buffers_(workers) {}

  Job take() {
    skip_holes();
    if (next_ == image_.size()) return {};
    const auto offset = next_;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(window_, image_.size() - offset));
    next_ += length;
    return [this, offset, length](std::size_t worker) {
      compare(buffers_[worker], offset, length);
      done_ += length;
    };
  }

  std::uint64_t done() const { return done_; }

  void compare_block(std::uint32_t block) { compare(buffers_.front(), BlockCount{block}.bytes(), kBlockSize); }

 private:
  struct Buffers {
    std::unique_ptr<std::byte[]> image, medium;
  };

  void skip_holes() {
    while (next_ < image_.size()) {
      const auto wanted = image_.run_at(next_);
      if (wanted.kind != Run::Kind::zeros || wanted.length < kSkipFrom) return;
      const auto found = medium_.run_at(shift_ + next_);
      const auto both = std::min(wanted.length, found.length);
      if (found.kind != Run::Kind::zeros || both < kSkipFrom) return;
      next_ += both;
      done_ += both;
    }
  }

  void compare(Buffers& buffers, std::uint64_t offset, std::size_t length) {
    for (auto* bytes : {&buffers.image, &buffers.medium})
      if (!*bytes) *bytes = std::make_unique_for_overwrite<std::byte[]>(window_);
    const std::span wanted{buffers.image.get(), length}, found{buffers.medium.get(), length};
    image_.read_at(offset, wanted);
    medium_.read_at(shift_ + offset, found);
    const auto [at, other] = std::ranges::mismatch(wanted, found);
    if (at != wanted.end()) fail(offset + static_cast<std::uint64_t>(at - wanted.begin()));
  }

  [[noreturn]] void fail(std::uint64_t offset) const {
    const Lba at = image_.first_block() + BlockCount{checked<std::uint32_t>(offset / kBlockSize, "block")};
    const auto path = image_.path_at(at);
    const auto part = image_.part_at(at);
    std::string what = "byte " + std::to_string(offset % kBlockSize) + " of the block differs";
    if (path.empty()) what += part ? " in " + part->label : " in a gap, which must be zeros";
    throw Error(Errc::verification_failed, {.path = path, .lba = at, .clause = {}}, what);
  }

  const ResultImage& image_;
  const ByteSource& medium_;
  const std::uint64_t shift_;
  const std::size_t window_;
  std::vector<Buffers> buffers_;
  std::uint64_t next_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
};

void check_length(const ResultImage& image, const ByteSource& medium, std::uint64_t shift) {
  if (medium.size() >= shift && medium.size() - shift >= image.size()) return;
  const auto blocks = medium.size() < shift ? 0 : (medium.size() - shift) / kBlockSize;
  const Lba end = image.first_block() + BlockCount{static_cast<std::uint32_t>(blocks)};
  throw Error(Errc::verification_failed, {.path = image.path_at(end), .lba = end, .clause = {}},
              "the medium ends before the image");
}

}  // namespace

void verify_image(const ResultImage& image, const ByteSource& medium, const ProgressFn& progress, std::stop_token stop,
                  const VerifyOptions& options) {
  if (options.window == 0) throw Error(Errc::invalid_argument, {}, "a window of no bytes");
  check_length(image, medium, options.at.byte_offset());
  ProgressMeter meter(progress, stop, image.total_blocks(), options.progress_interval);
  meter.follow(image);
  meter.begin(Phase::verifying);
  const auto workers = readers(options.workers);
  Comparison comparison(image, medium, options, workers.most);
  run_jobs(
      workers,
      [&] {
        meter.check_stop();
        return comparison.take();
      },
      [&] { meter.advance_to({static_cast<std::uint32_t>(comparison.done() / kBlockSize)}); });
  meter.end(Phase::verifying);
}

void verify_image(const ResultImage& image, Recorder& recorder, const ProgressFn& progress, std::stop_token stop,
                  const VerifyOptions& options) {
  const auto medium = recorder.read_back();
  if (!medium)
    throw Error(Errc::no_media, {.path = recorder.info().name, .lba = {}, .clause = {}}, "nothing to read back");
  verify_image(image, *medium, progress, std::move(stop), options);
}

void verify_samples(const ResultImage& image, const ByteSource& medium, Lba at, std::uint32_t samples) {
  check_length(image, medium, at.byte_offset());
  const auto blocks = image.total_blocks().value;
  samples = std::min(samples, blocks);
  VerifyOptions options;
  options.at = at;
  options.window = kBlockSize;
  Comparison comparison(image, medium, options, 1);
  for (std::uint32_t i = 0; i < samples; ++i)
    comparison.compare_block(samples == 1 ? 0
                                          : static_cast<std::uint32_t>(std::uint64_t{blocks - 1} * i / (samples - 1)));
}

}  // namespace fsimage
