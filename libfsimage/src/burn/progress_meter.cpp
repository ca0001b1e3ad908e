#include <fsimage/burn/progress_meter.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <utility>

namespace fsimage {

ProgressMeter::ProgressMeter(const ProgressFn& fn, std::stop_token stop, BlockCount total,
                             std::chrono::steady_clock::duration interval)
    : fn_(fn), stop_(std::move(stop)), interval_(interval), started_(std::chrono::steady_clock::now()) {
  now_.total = total;
}

void ProgressMeter::begin(Phase phase, bool cancellable) {
  check_stop();
  now_.phase = phase;
  now_.cancellable = cancellable;
  report();
  check_stop();
}

void ProgressMeter::advance_to(BlockCount done) {
  now_.done = std::max(now_.done, std::min(done, now_.total));
  if (std::chrono::steady_clock::now() - reported_ >= interval_) report();
  check_stop();
}

void ProgressMeter::cross_point_of_no_return() {
  check_stop();
  now_.reversible = false;
  report();
  check_stop();
}

void ProgressMeter::end(Phase last) {
  now_.phase = last;
  now_.done = now_.total;
  report();
}

void ProgressMeter::check_stop() const {
  if (now_.cancellable && stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request");
}

void ProgressMeter::report() {
  if (!fn_) return;
  reported_ = std::chrono::steady_clock::now();
  now_.elapsed = reported_ - started_;
  fn_(now_);
}

}  // namespace fsimage
