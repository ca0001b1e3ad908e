// A thread in an apartment of its own, where objects live that others use.
#pragma once

#include "client.hpp"

#include <objidl.h>

#include <future>
#include <mutex>
#include <thread>

namespace fsimage::com::automation {

class HomeApartment {
 public:
  explicit HomeApartment(DWORD kind) : kind_(kind), wake_(CreateEventW(nullptr, FALSE, FALSE, nullptr)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~HomeApartment() {
    run({});
    thread_.join();
    CloseHandle(wake_);
  }
  HomeApartment(const HomeApartment&) = delete;
  HomeApartment& operator=(const HomeApartment&) = delete;

  bool is_single_threaded() const { return kind_ == COINIT_APARTMENTTHREADED; }
  // What is made there, as it is used here.
  Ptr<IUnknown> carry(const std::function<Ptr<IUnknown>()>& made) {
    IStream* carried = nullptr;
    run([&] {
      const auto object = made();
      EXPECT_EQ(CoMarshalInterThreadInterfaceInStream(__uuidof(IUnknown), object.get(), &carried), S_OK);
    });
    Ptr<IUnknown> here;
    EXPECT_EQ(CoGetInterfaceAndReleaseStream(carried, __uuidof(IUnknown), here.out_void()), S_OK);
    return here;
  }

 private:
  // Waits for it. Without work, the thread ends.
  void run(const std::function<void()>& work) {
    std::promise<void> done;
    {
      const std::lock_guard lock(mutex_);
      work_ = &work;
      done_ = &done;
    }
    SetEvent(wake_);
    done.get_future().wait();
  }
  void serve() {
    EXPECT_EQ(CoInitializeEx(nullptr, kind_), S_OK);
    for (bool ends = false; !ends;) {
      MsgWaitForMultipleObjects(1, &wake_, FALSE, INFINITE, QS_ALLINPUT);
      for (MSG message; PeekMessageW(&message, nullptr, 0, 0, PM_REMOVE) != FALSE;) DispatchMessageW(&message);
      const std::lock_guard lock(mutex_);
      const auto* const work = std::exchange(work_, nullptr);
      if (work == nullptr) continue;
      ends = !*work;
      if (!ends) (*work)();
      done_->set_value();
    }
    CoUninitialize();
  }

  const DWORD kind_;
  HANDLE wake_;
  std::mutex mutex_;
  const std::function<void()>* work_ = nullptr;
  std::promise<void>* done_ = nullptr;
  std::thread thread_;
};

}  // namespace fsimage::com::automation
