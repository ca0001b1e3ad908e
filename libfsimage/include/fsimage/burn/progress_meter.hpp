// Tells a ProgressFn how a job goes, and ends the job with Errc::cancelled when it was asked to stop while it could. Used
// by recorders and verify on the burning thread; check_stop() alone also from others while no phase begins or ends.
#pragma once

#include <fsimage/burn/progress.hpp>

#include <chrono>
#include <stop_token>

namespace fsimage {

class ProgressMeter {
 public:
  // An empty `fn` means that nobody wants to know. `fn` must outlive the meter.
  ProgressMeter(const ProgressFn& fn, std::stop_token stop, BlockCount total,
                std::chrono::steady_clock::duration interval = kProgressInterval);

  // These report, and so may throw what the callback throws; begin() and advance_to() also cancelled.
  void begin(Phase phase, bool cancellable = true);
  void advance_to(BlockCount done);  // reports when the last report is an interval ago; never goes back
  void cross_point_of_no_return();   // just before it, so that whoever stops there stops in time
  void end(Phase last);              // reports `total` of `total`

  void check_stop() const;

 private:
  void report();
  const ProgressFn& fn_;
  std::stop_token stop_;
  BurnProgress now_;
  std::chrono::steady_clock::duration interval_;
  std::chrono::steady_clock::time_point started_, reported_;
};

}  // namespace fsimage
