// Work that threads of their own do ahead of who needs its results, and that he does himself when none has begun it.
#pragma once

#include <fsimage/io/run_jobs.hpp>
#include <fsimage/io/spare_threads.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace fsimage {

class WorkAhead {
 public:
  // One piece. What run() leaves in it may be read once finish() has returned.
  class Work {
   public:
    Work() = default;
    virtual ~Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   protected:
    virtual void run() noexcept = 0;

   private:
    friend class WorkAhead;
    enum class State : unsigned char { waiting, begun, done };
    State state_ = State::waiting;  // under the lock
    std::size_t depth_ = 0;
  };

  explicit WorkAhead(Workers threads);
  ~WorkAhead();  // what has not been begun is dropped
  WorkAhead(const WorkAhead&) = delete;
  WorkAhead& operator=(const WorkAhead&) = delete;

  // In their order, before what lies less deep: that is needed later.
  void add(std::span<const std::shared_ptr<Work>>, std::size_t depth);
  // Returns when it is done; does it on this thread when nobody has begun, or when it was never added. While another thread
  // is at it, this one does what waits next: to sleep and be woken takes longer than a piece of work whose answer is near.
  void finish(Work&);
  // Nobody needs it any more.
  void drop(const Work&);

 private:
  void serve(bool spare);
  void run_first(std::unique_lock<std::mutex>&);
  void take_back(const Work&);

  std::mutex mutex_;
  std::condition_variable added_, done_;
  SpareThreads spares_;
  std::deque<std::shared_ptr<Work>> waiting_;
  bool quit_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fsimage
