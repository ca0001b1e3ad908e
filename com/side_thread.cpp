#include "com/side_thread.hpp"

#include <fsimage/core/error.hpp>

#include <objbase.h>

namespace fsimage::com {

SideThread::SideThread() : thread_([this] { loop(); }) {}

SideThread::~SideThread() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// Without the lock, as it may take long and ask.
void SideThread::do_task(std::unique_lock<std::mutex>& lock, Task*& task) {
  Task* const now = task;
  lock.unlock();
  try {
    (*now->work)();
  } catch (...) {
    now->error = std::current_exception();
  }
  lock.lock();
  task = nullptr;
  changed_.notify_all();
}

void SideThread::loop() {
  const HRESULT entered = CoInitializeEx(nullptr, COINIT_MULTITHREADED);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || body_ != nullptr; });
    if (body_ == nullptr) break;
    do_task(lock, body_);
  }
  lock.unlock();
  if (SUCCEEDED(entered)) CoUninitialize();
}

void SideThread::run(const std::function<void()>& body) {
  {
    const std::lock_guard lock(mutex_);
    if (waits_ == std::this_thread::get_id()) throw Error(Errc::busy, {}, "the recorder is in use by who asks");
  }
  const std::lock_guard turn(turn_);
  Task task{&body};
  std::unique_lock lock(mutex_);
  body_ = &task;
  waits_ = std::this_thread::get_id();
  changed_.notify_all();
  while (body_ != nullptr) {
    changed_.wait(lock, [this] { return body_ == nullptr || question_ != nullptr; });
    if (question_ != nullptr) do_task(lock, question_);
  }
  waits_ = {};
  lock.unlock();
  if (task.error) std::rethrow_exception(task.error);
}

void SideThread::run_beside(const std::function<void()>& body) {
  // A thread that has not said where it belongs is in the multithreaded apartment, as long as there is one.
  APTTYPE type{};
  APTTYPEQUALIFIER qualifier{};
  if (SUCCEEDED(CoGetApartmentType(&type, &qualifier)) && type == APTTYPE_MTA) return body();
  run(body);
}

void SideThread::ask(const std::function<void()>& question) {
  Task task{&question};
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return question_ == nullptr; });
  question_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [&] { return question_ != &task; });
  lock.unlock();
  if (task.error) std::rethrow_exception(task.error);
}

}  // namespace fsimage::com
