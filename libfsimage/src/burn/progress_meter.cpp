#include <fsimage/burn/progress_meter.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace fsimage {

std::uint64_t ProgressMeter::Rate::at(Clock::time_point now, BlockCount done) {
  constexpr std::chrono::milliseconds kLeast{100}, kApart{500}, kLong{4000};
  constexpr std::uint64_t kMicro = 1'000'000;
  const auto sample = [&](std::size_t back) { return samples_[(count_ - 1 - back) % samples_.size()]; };
  if (count_ == 0 || now - sample(0).at >= kApart) samples_[count_++ % samples_.size()] = {now, done};
  std::size_t back = 0;
  while (back + 1 < std::min(count_, samples_.size()) && now - sample(back).at < kLong) ++back;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - sample(back).at);
  if (took < kLeast || done <= sample(back).done) return 0;
  return (done - sample(back).done).bytes() * kMicro / static_cast<std::uint64_t>(took.count());
}

ProgressMeter::ProgressMeter(const ProgressFn& fn, std::stop_token stop, BlockCount total, Clock::duration interval,
                             ClockFn clock)
    : fn_(fn), stop_(std::move(stop)), interval_(interval), clock_(std::move(clock)), started_(time()) {
  now_.total = total;
}

void ProgressMeter::follow(const ResultImage& image) {
  if (!fn_ || image.total_blocks() == BlockCount{}) return;
  image_ = &image;
  look_up_path();
  now_.path.clear();
}

void ProgressMeter::set_buffers(std::optional<BufferFill> drive, std::optional<BufferFill> host) {
  now_.drive_buffer = drive;
  now_.host_buffer = host;
}

void ProgressMeter::look_up_path() {
  now_.path.clear();
  if (image_ == nullptr) return;
  try {
    const auto last = image_->total_blocks() - BlockCount{1};
    now_.path = image_->path_at(at_.value_or(image_->first_block() + std::min(now_.done, last)));
  } catch (const std::exception&) {  // nothing hangs on a name; what cannot be read is told by whoever reads it
    image_ = nullptr;
  }
}

void ProgressMeter::begin(Phase phase, bool cancellable) {
  check_stop();
  now_.phase = phase;
  now_.cancellable = cancellable;
  rate_.begin();
  report();
  check_stop();
}

void ProgressMeter::advance_to(BlockCount done, std::optional<Lba> at) {
  at_ = at;
  now_.done = std::max(now_.done, std::min(done, now_.total));
  if (time() - reported_ >= interval_) report();
  check_stop();
}

void ProgressMeter::cross_point_of_no_return() {
  check_stop();
  now_.reversible = false;
  report();
  check_stop();
}

void ProgressMeter::end(Phase last) {
  if (last != now_.phase) rate_.begin();
  now_.phase = last;
  now_.done = now_.total;
  report();
}

void ProgressMeter::check_stop() const {
  if (now_.cancellable && stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request");
}

void ProgressMeter::report() {
  if (!fn_) return;
  reported_ = time();
  now_.elapsed = reported_ - started_;
  now_.bytes_per_second = rate_.at(reported_, now_.done);
  if (now_.phase == Phase::writing || now_.phase == Phase::verifying) {
    look_up_path();
  } else {
    now_.path.clear();
    now_.drive_buffer = now_.host_buffer = std::nullopt;
  }
  fn_(now_);
}

}  // namespace fsimage
