// When threads beyond the number of processors are of use: while those have nothing to do, as they have when what is read
// comes from a disk. Where all is in memory they would only take caches and time from the others.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace fsimage {

// What spare threads share that wait for their turn. All calls under one lock, the caller's.
class SpareThreads {
 public:
  static constexpr std::chrono::milliseconds kInterval{5};
  using Seconds = std::chrono::duration<double>;

  // `used` tells how much of the processors' time this process has had. Where the system does not know (std::clock() is
  // the time of day on Windows), processors seem idle.
  explicit SpareThreads(std::function<Seconds()> used = processor_time);
  static Seconds processor_time();

  // Waits until processors have had nothing to do for a while: true. A thread in kInterval is let through.
  // False once `ended()`, which wake() has it ask again.
  template <class Ended>
  bool wait(std::unique_lock<std::mutex>& lock, const Ended& ended) {
    for (;;) {
      if (ended()) return false;
      if (processors_idle()) break;
      if (watched_) {
        woken_.wait(lock);
        continue;
      }
      watched_ = true;  // by one at a time, so that the others can sleep
      woken_.wait_for(lock, kInterval);
      watched_ = false;
    }
    woken_.notify_one();
    return true;
  }
  void wake() { woken_.notify_all(); }

 private:
  // Whether this process has left a quarter of the processors' time unused since that was asked last; no when that is less
  // than kInterval ago.
  bool processors_idle();

  std::function<Seconds()> used_;
  std::condition_variable woken_;
  bool watched_ = false;
  std::chrono::steady_clock::time_point asked_;
  Seconds used_then_;
};

}  // namespace fsimage
