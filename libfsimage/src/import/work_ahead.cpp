#include "work_ahead.hpp"

#include <algorithm>
#include <exception>

namespace fsimage {

WorkAhead::WorkAhead(Workers threads) {
  threads_.reserve(threads.most);
  try {
    for (std::size_t i = 0; i < threads.most; ++i)
      threads_.emplace_back([this, spare = i >= threads.always] { serve(spare); });
  } catch (const std::exception&) {
    // The system gives no further thread: whoever needs the results does the work.
  }
}

WorkAhead::~WorkAhead() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
    spares_.wake();
  }
  added_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkAhead::add(std::span<const std::shared_ptr<Work>> works, std::size_t depth) {
  if (threads_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& work : works) work->depth_ = depth;
    const auto before =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& w) { return w->depth_ < depth; });
    waiting_.insert(before, works.begin(), works.end());
  }
  works.size() == 1 ? added_.notify_one() : added_.notify_all();
}

void WorkAhead::finish(Work& work) {
  std::unique_lock lock(mutex_);
  if (work.state_ == Work::State::waiting) {
    take_back(work);
    work.state_ = Work::State::begun;
    lock.unlock();
    work.run();
    return;
  }
  while (work.state_ != Work::State::done) {
    if (waiting_.empty())
      done_.wait(lock);
    else
      run_first(lock);
  }
}

void WorkAhead::drop(const Work& work) {
  const std::lock_guard lock(mutex_);
  take_back(work);
}

// What threads are too slow for does not pile up.
void WorkAhead::take_back(const Work& work) {
  std::erase_if(waiting_, [&](const auto& waiting) { return waiting.get() == &work; });
}

void WorkAhead::run_first(std::unique_lock<std::mutex>& lock) {
  const auto work = std::move(waiting_.front());
  waiting_.pop_front();
  work->state_ = Work::State::begun;
  lock.unlock();
  work->run();
  lock.lock();
  work->state_ = Work::State::done;
  done_.notify_all();
}

void WorkAhead::serve(bool spare) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (spare && !spares_.wait(lock, [&] { return quit_; })) return;
    added_.wait(lock, [&] { return quit_ || !waiting_.empty(); });
    if (quit_) return;
    run_first(lock);
  }
}

}  // namespace fsimage
