#include <fsimage/io/run_jobs.hpp>

#include <fsimage/io/spare_threads.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

class Crew {
 public:
  Crew(const std::function<Job()>& take, const std::function<void()>& after) : take_(take), after_(after) {}

  void work(std::size_t worker, bool spare) {
    std::uint64_t index = 0;
    while (const Job job = next(index, spare)) {
      try {
        job(worker);
      } catch (...) {
        fail(index);
        return;
      }
      if (worker == 0) report();
    }
  }

  void report() {
    try {
      if (after_) after_();
    } catch (...) {
      fail(kNoJob);
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr auto kNoJob = std::numeric_limits<std::uint64_t>::max();

  Job next(std::uint64_t& index, bool spare) {
    std::unique_lock lock(mutex_);
    if (spare && !spares_.wait(lock, [&] { return ended_; })) return {};
    if (ended_) return {};
    index = taken_++;
    try {
      Job job = take_();
      if (!job) end();
      return job;
    } catch (...) {
      keep(index);
      return {};
    }
  }

  void fail(std::uint64_t index) {
    const std::lock_guard lock(mutex_);
    keep(index);
  }

  // Jobs are taken in order, so whatever comes before a failed one has been taken and will have its say.
  void keep(std::uint64_t index) {
    end();
    if (failure_ && index >= failed_) return;
    failed_ = index;
    failure_ = std::current_exception();
  }

  void end() {
    ended_ = true;
    spares_.wake();
  }

  const std::function<Job()>& take_;
  const std::function<void()>& after_;
  std::mutex mutex_;
  SpareThreads spares_;
  bool ended_ = false;
  std::uint64_t taken_ = 0;
  std::uint64_t failed_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

std::size_t default_workers() { return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 8); }

Workers readers(std::size_t wanted) {
  if (wanted != 0) return {wanted, wanted};
  return {default_workers(), std::max<std::size_t>(default_workers(), 6)};
}

void run_jobs(Workers workers, const std::function<Job()>& take, const std::function<void()>& after) {
  Crew crew(take, after);
  std::vector<std::thread> helpers;
  helpers.reserve(workers.most);
  try {
    for (std::size_t i = 1; i < workers.most; ++i)
      helpers.emplace_back([&crew, i, spare = i >= workers.always] { crew.work(i, spare); });
  } catch (const std::exception&) {
    // The system gives no further thread; the ones that we have do the work.
  }
  crew.work(0, false);
  for (auto& helper : helpers) helper.join();
  crew.report();
  crew.rethrow();
}

void run_jobs(std::size_t workers, const std::function<Job()>& take, const std::function<void()>& after) {
  run_jobs(Workers{workers, workers}, take, after);
}

}  // namespace fsimage
