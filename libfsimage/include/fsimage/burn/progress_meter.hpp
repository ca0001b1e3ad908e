// Tells a ProgressFn how a job goes, and ends the job with Errc::cancelled when it was asked to stop while it could. Used
// by recorders and verify on the burning thread; check_stop() alone also from others while no phase begins or ends.
#pragma once

#include <fsimage/burn/progress.hpp>
#include <fsimage/image/result_image.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

namespace fsimage {

class ProgressMeter {
 public:
  using Clock = std::chrono::steady_clock;
  using ClockFn = std::function<Clock::time_point()>;

  // An empty `fn` means that nobody wants to know. `fn` must outlive the meter. Time is that of `clock`; empty: of the host.
  ProgressMeter(const ProgressFn& fn, std::stop_token stop, BlockCount total,
                Clock::duration interval = kProgressInterval, ClockFn clock = {});

  // From here on the path in the block that is being written is told. `image` must outlive the meter. What has to be read
  // for that is read now, so that writing does not wait for it.
  void follow(const ResultImage& image);
  // What is told with the next word. `drive` is nullopt when the drive does not say.
  void set_buffers(std::optional<BufferFill> drive, std::optional<BufferFill> host);

  // These report, and so may throw what the callback throws; begin() and advance_to() also cancelled.
  void begin(Phase phase, bool cancellable = true);
  // Reports when the last report is an interval ago; never goes back. `at`: the next block, where blocks are not written in
  // their order.
  void advance_to(BlockCount done, std::optional<Lba> at = {});
  void cross_point_of_no_return();  // just before it, so that whoever stops there stops in time
  void end(Phase last);             // reports `total` of `total`

  void check_stop() const;

 private:
  // Over the last four seconds: long enough to be calm, short enough to show a change.
  class Rate {
   public:
    void begin() { count_ = 0; }
    std::uint64_t at(Clock::time_point now, BlockCount done);

   private:
    struct Sample {
      Clock::time_point at;
      BlockCount done;
    };
    std::array<Sample, 9> samples_{};  // a ring, half a second apart
    std::size_t count_ = 0;            // of all that were taken
  };

  Clock::time_point time() const { return clock_ ? clock_() : Clock::now(); }
  void look_up_path();
  void report();
  const ProgressFn& fn_;
  std::stop_token stop_;
  BurnProgress now_;
  Clock::duration interval_;
  ClockFn clock_;
  Clock::time_point started_, reported_;
  Rate rate_;
  const ResultImage* image_ = nullptr;
  std::optional<Lba> at_;
};

}  // namespace fsimage
