#include <fsimage/io/read_ahead.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

struct Windows {
  std::uint64_t offset, length;
  std::size_t size;

  std::uint64_t count() const { return length / size + (length % size != 0 ? 1 : 0); }
  std::uint64_t at(std::uint64_t n) const { return offset + n * size; }
  std::size_t length_of(std::uint64_t n) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, length - n * size));
  }
};

struct Slot {
  std::unique_ptr<std::byte[]> bytes;
  bool ready = false;
  std::exception_ptr failure;
};

// A ring of slots: window n lies in slot n mod ring size. Readers claim windows in order, no further ahead of the
// consumer than the ring is long.
class Ring {
 public:
  Ring(const Windows& windows, const ReadFn& read, std::size_t workers, std::stop_token stop)
      : windows_(windows), read_(read), slots_(workers + 2), stop_(std::move(stop)) {
    threads_.reserve(workers);
    try {
      for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
      // Fewer threads than wanted do as well; without any the caller reads by itself.
    }
  }
  ~Ring() {
    {
      const std::lock_guard lock(mutex_);
      quit_ = true;
    }
    claimable_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  bool has_readers() const { return !threads_.empty(); }

  // Waits until window n, the next in order, is there.
  std::span<const std::byte> wait_for(std::uint64_t n) {
    std::unique_lock lock(mutex_);
    Slot& slot = slots_[n % slots_.size()];
    filled_.wait(lock, [&] { return slot.ready || stop_.stop_requested(); });
    if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "reading was stopped");
    if (slot.failure) std::rethrow_exception(slot.failure);
    return {slot.bytes.get(), windows_.length_of(n)};
  }

  void release(std::uint64_t n) {
    {
      const std::lock_guard lock(mutex_);
      slots_[n % slots_.size()].ready = false;
      consumed_ = n + 1;
    }
    claimable_.notify_one();
  }

  // Bytes in slots that are ready, and in all slots.
  std::uint64_t used() {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (auto n = consumed_; n < claimed_; ++n)
      if (slots_[n % slots_.size()].ready) bytes += windows_.length_of(n);
    return bytes;
  }
  std::uint64_t size() const { return std::uint64_t{windows_.size} * slots_.size(); }

  void wake() {
    const std::lock_guard lock(mutex_);
    filled_.notify_all();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      claimable_.wait(lock,
                      [&] { return quit_ || claimed_ == windows_.count() || claimed_ < consumed_ + slots_.size(); });
      if (quit_ || claimed_ == windows_.count()) return;
      const auto n = claimed_++;
      Slot& slot = slots_[n % slots_.size()];
      lock.unlock();
      fill(slot, n);
      lock.lock();
      slot.ready = true;
      if (slot.failure) claimed_ = windows_.count();  // nobody will ask for what comes behind
      filled_.notify_all();
    }
  }

  // The slot belongs to this thread until it is ready.
  void fill(Slot& slot, std::uint64_t n) {
    try {
      if (!slot.bytes) slot.bytes = std::make_unique_for_overwrite<std::byte[]>(windows_.size);
      read_(windows_.at(n), {slot.bytes.get(), windows_.length_of(n)});
    } catch (...) {
      slot.failure = std::current_exception();
    }
  }

  const Windows windows_;
  const ReadFn& read_;
  std::vector<Slot> slots_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable filled_, claimable_;
  std::uint64_t claimed_ = 0, consumed_ = 0;
  bool quit_ = false;
  std::vector<std::thread> threads_;
};

void read_alone(const Windows& windows, const ReadFn& read, const ConsumeFn& consume, const FillFn& fill,
                const std::stop_token& stop) {
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(windows.length_of(0));
  for (std::uint64_t n = 0; n < windows.count(); ++n) {
    if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "reading was stopped");
    const std::span out{buffer.get(), windows.length_of(n)};
    read(windows.at(n), out);
    if (fill) fill(out.size(), windows.length_of(0));
    consume(windows.at(n), out);
  }
}

}  // namespace

void read_ahead(std::uint64_t offset, std::uint64_t length, const ReadFn& read, const ConsumeFn& consume,
                const ReadAheadOptions& options, std::stop_token stop) {
  if (options.window == 0) throw Error(Errc::invalid_argument, {}, "a window of no bytes");
  if (length == 0) return;
  const Windows windows{offset, length, options.window};
  const auto wanted = options.workers != 0 ? options.workers : default_readers();
  const auto workers = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, windows.count()));
  if (windows.count() == 1) return read_alone(windows, read, consume, options.fill, stop);

  Ring ring(windows, read, workers, stop);
  if (!ring.has_readers()) return read_alone(windows, read, consume, options.fill, stop);
  const std::stop_callback on_stop(stop, [&ring] { ring.wake(); });
  for (std::uint64_t n = 0; n < windows.count(); ++n) {
    const auto bytes = ring.wait_for(n);
    if (options.fill) options.fill(ring.used(), ring.size());
    consume(windows.at(n), bytes);
    ring.release(n);
  }
}

void read_ahead(const ByteSource& source, const ConsumeFn& consume, const ReadAheadOptions& options,
                std::stop_token stop) {
  read_ahead(
      0, source.size(), [&source](std::uint64_t offset, std::span<std::byte> out) { source.read_at(offset, out); },
      consume, options, std::move(stop));
}

}  // namespace fsimage
