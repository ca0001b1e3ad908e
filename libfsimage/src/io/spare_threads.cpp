#include <fsimage/io/spare_threads.hpp>

#include <algorithm>
#include <ctime>
#include <thread>
#include <utility>

namespace fsimage {

SpareThreads::Seconds SpareThreads::processor_time() {
  return Seconds(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

SpareThreads::SpareThreads(std::function<Seconds()> used)
    : used_(std::move(used)), asked_(std::chrono::steady_clock::now()), used_then_(used_()) {}

bool SpareThreads::processors_idle() {
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_ < kInterval) return false;
  const auto used = used_();
  const auto processors = std::max(1U, std::thread::hardware_concurrency());
  const bool idle = used - used_then_ < 0.75 * processors * Seconds(now - asked_);
  asked_ = now;
  used_then_ = used;
  return idle;
}

}  // namespace fsimage
