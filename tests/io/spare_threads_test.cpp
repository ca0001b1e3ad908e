#include <fsimage/io/spare_threads.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

SpareThreads::Seconds all_of_it() {
  return std::chrono::steady_clock::now().time_since_epoch() * std::max(1U, std::thread::hardware_concurrency());
}

SpareThreads::Seconds nothing() { return SpareThreads::Seconds(0); }

// So many threads that wait, until they have been let through or there is nothing more to do.
class Waiting {
 public:
  Waiting(std::size_t threads, std::function<SpareThreads::Seconds()> used) : spares_(std::move(used)) {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this] {
        std::unique_lock lock(mutex_);
        ++(spares_.wait(lock, [&] { return ended_; }) ? through_ : told_);
      });
  }
  void join() {
    for (auto& t : threads_) t.join();
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      spares_.wake();
    }
    join();
  }
  int through() const { return through_; }
  int told() const { return told_; }

 private:
  SpareThreads spares_;
  std::mutex mutex_;
  bool ended_ = false;
  int through_ = 0, told_ = 0;
  std::vector<std::thread> threads_;
};

TEST(SpareThreads, AreLetThroughWhileProcessorsAreIdle) {
  Waiting waiting(4, nothing);
  waiting.join();
  EXPECT_EQ(waiting.through(), 4);
}

TEST(SpareThreads, WaitWhileProcessorsAreBusy) {
  Waiting waiting(4, all_of_it);
  std::this_thread::sleep_for(4 * SpareThreads::kInterval);
  waiting.end();
  EXPECT_EQ(waiting.through(), 0);
  EXPECT_EQ(waiting.told(), 4);
}

TEST(SpareThreads, AreToldAtOnceThatAllIsDone) {
  SpareThreads spares(nothing);
  std::mutex mutex;
  std::unique_lock lock(mutex);
  EXPECT_FALSE(spares.wait(lock, [] { return true; }));
}

TEST(SpareThreads, WhatTheProcessUsesIsMeasured) {
  const auto before = SpareThreads::processor_time();
  std::atomic<unsigned> count = 0;
  while (SpareThreads::processor_time() == before) ++count;
  EXPECT_GT(SpareThreads::processor_time(), before);
}

}  // namespace
}  // namespace fsimage
