#include "work_ahead.hpp"

#include <exception>

namespace fsimage {

WorkAhead::WorkAhead(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  } catch (const std::exception&) {
    // The system gives no further thread: whoever needs the results does the work.
  }
}

WorkAhead::~WorkAhead() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  added_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkAhead::add(std::span<const std::shared_ptr<Work>> works) {
  if (threads_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.begin(), works.begin(), works.end());
  }
  works.size() == 1 ? added_.notify_one() : added_.notify_all();
}

void WorkAhead::finish(Work& work) {
  std::unique_lock lock(mutex_);
  if (work.state_ == Work::State::waiting) {
    work.state_ = Work::State::begun;
    take_back(work);
    lock.unlock();
    work.run();
    return;
  }
  done_.wait(lock, [&] { return work.state_ == Work::State::done; });
}

void WorkAhead::drop(const Work& work) {
  const std::lock_guard lock(mutex_);
  take_back(work);
}

// What threads are too slow for does not pile up.
void WorkAhead::take_back(const Work& work) {
  std::erase_if(waiting_, [&](const auto& waiting) { return waiting.get() == &work; });
}

void WorkAhead::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    added_.wait(lock, [&] { return quit_ || !waiting_.empty(); });
    if (quit_) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    work->state_ = Work::State::begun;
    lock.unlock();
    work->run();
    lock.lock();
    work->state_ = Work::State::done;
    done_.notify_all();
  }
}

}  // namespace fsimage
