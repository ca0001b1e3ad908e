#include <fsimage/io/run_jobs.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

// Jobs 0 .. count-1.
struct Queue {
  int count;
  std::function<void(int, std::size_t)> work;
  int next = 0;
  std::atomic<int> inside = 0;

  std::function<Job()> take() {
    return [this]() -> Job {
      EXPECT_EQ(inside++, 0) << "two calls at a time";
      const int n = next++;
      inside--;
      if (n >= count) return {};
      return [this, n](std::size_t worker) { work(n, worker); };
    };
  }
};

std::string failure_of(std::size_t workers, Queue& queue, const std::function<void()>& after = {}) {
  try {
    run_jobs(workers, queue.take(), after);
  } catch (const std::exception& e) {
    return e.what();
  }
  return "none";
}

TEST(RunJobs, DoesEveryJobOnce) {
  for (const std::size_t workers : {1U, 2U, 3U, 8U}) {
    std::vector<std::atomic<int>> done(1000);
    Queue queue{1000, [&](int n, std::size_t worker) {
                  EXPECT_LT(worker, workers);
                  ++done[static_cast<std::size_t>(n)];
                }};
    run_jobs(workers, queue.take());
    for (const auto& d : done) EXPECT_EQ(d, 1);
  }
}

TEST(RunJobs, AWorkersNumberIsOfOneThreadAtATime) {
  std::vector<std::atomic<int>> busy(4);
  Queue queue{500, [&](int, std::size_t worker) {
                EXPECT_EQ(busy[worker]++, 0);
                std::this_thread::yield();
                busy[worker]--;
              }};
  run_jobs(4, queue.take());
}

TEST(RunJobs, OneWorkerIsTheCallingThread) {
  const auto here = std::this_thread::get_id();
  Queue queue{10, [&](int, std::size_t) { EXPECT_EQ(std::this_thread::get_id(), here); }};
  run_jobs(1, queue.take());
  Queue none{0, {}};
  run_jobs(4, none.take());
}

TEST(RunJobs, TheEarliestFailureIsTheOneThatCounts) {
  for (int round = 0; round < 50; ++round) {
    Queue queue{100, [&](int n, std::size_t) {
                  if (n == 20) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // loses every race
                  if (n >= 20) throw std::runtime_error(std::to_string(n));
                }};
    EXPECT_EQ(failure_of(4, queue), "20");
    EXPECT_LT(queue.next, 30) << "jobs were begun after the failure";
  }
}

TEST(RunJobs, TakingMayFail) {
  std::atomic<int> done = 0;
  int next = 0;
  const auto take = [&]() -> Job {
    if (next++ == 5) throw std::runtime_error("no more");
    return [&](std::size_t) { ++done; };
  };
  EXPECT_THROW(run_jobs(3, take), std::runtime_error);
  EXPECT_EQ(done, 5);
  EXPECT_EQ(next, 6);
}

TEST(RunJobs, AfterRunsOnTheCallingThread) {
  const auto here = std::this_thread::get_id();
  int calls = 0;
  std::atomic<int> done = 0;
  int seen_last = 0;
  Queue queue{100, [&](int, std::size_t) { ++done; }};
  run_jobs(3, queue.take(), [&] {
    EXPECT_EQ(std::this_thread::get_id(), here);
    ++calls;
    seen_last = done;
  });
  EXPECT_GE(calls, 1);
  EXPECT_EQ(seen_last, 100) << "the last call comes after the last job of all";
}

TEST(RunJobs, AfterMayEndIt) {
  Queue queue{1'000'000, [](int, std::size_t) { std::this_thread::yield(); }};
  EXPECT_EQ(failure_of(2, queue, [] { throw std::runtime_error("enough"); }), "enough");
  EXPECT_LT(queue.next, 1'000'000);
}

TEST(RunJobs, AFailedJobCountsMoreThanAfter) {
  Queue queue{3, [](int n, std::size_t) {
                if (n == 2) throw std::runtime_error("job");
              }};
  int calls = 0;
  EXPECT_EQ(failure_of(1, queue,
                       [&] {
                         if (++calls > 2) throw std::runtime_error("after");
                       }),
            "job");
}

TEST(RunJobs, DefaultWorkersAreAFew) {
  EXPECT_GE(default_workers(), 2U);
  EXPECT_LE(default_workers(), 8U);
  EXPECT_EQ(readers(0).always, default_workers());
  EXPECT_GE(readers(0).most, readers(0).always);
  EXPECT_EQ(readers(3).always, 3U);
  EXPECT_EQ(readers(3).most, 3U);
}

TEST(RunJobs, SpareThreadsTakePartWhileTheOthersWait) {
  std::promise<void> second;
  Queue queue{100, [&](int n, std::size_t) {
                if (n == 0) second.get_future().wait();
                if (n == 1) second.set_value();
              }};
  run_jobs(Workers{.always = 1, .most = 3}, queue.take());
  EXPECT_EQ(queue.next, 101);
}

TEST(RunJobs, SpareThreadsDoNotOutliveAFailure) {
  Queue queue{100, [](int n, std::size_t) {
                if (n == 3) throw std::runtime_error("three");
              }};
  EXPECT_THROW(run_jobs(Workers{.always = 1, .most = 4}, queue.take()), std::runtime_error);
}

}  // namespace
}  // namespace fsimage
