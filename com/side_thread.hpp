// A thread in COM's multithreaded apartment that works for another one, which waits for it and meanwhile answers its
// questions. What lives in the apartment of either is called there.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace fsimage::com {

class SideThread {
 public:
  SideThread();
  ~SideThread();
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  // Runs `body` there, waits for it, and throws what it throws. Callers take their turns; from within ask() it is busy.
  void run(const std::function<void()>& body);

  // The same for what objects may be asked by several threads at once: by this thread, where COM lets it call them. So it
  // does not wait for a body, which may well be what asks.
  void run_beside(const std::function<void()>& body);

  // From within a body, or from any thread that COM calls meanwhile: runs `question` on the thread that waits in run(), and
  // throws what it throws.
  void ask(const std::function<void()>& question);

 private:
  // One piece of work for the other side: it is there until it is done.
  struct Task {
    const std::function<void()>* work = nullptr;
    std::exception_ptr error{};
  };
  void loop();
  void do_task(std::unique_lock<std::mutex>& lock, Task*& task);

  std::mutex turn_;   // of those who call run()
  std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  Task* body_ = nullptr;
  Task* question_ = nullptr;
  bool ends_ = false;
  std::thread::id waits_;  // in run()
  std::thread thread_;
};

}  // namespace fsimage::com
