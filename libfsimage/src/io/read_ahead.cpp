#include <fsimage/io/read_ahead.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/io/run_jobs.hpp>
#include <fsimage/io/spare_threads.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
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

// Threads for so many windows; a single one is read by who wants it.
Workers workers_for(const Windows& windows, std::size_t wanted) {
  if (windows.count() <= 1) return {0, 0};
  auto workers = readers(wanted);
  workers.most = static_cast<std::size_t>(std::min<std::uint64_t>(workers.most, windows.count()));
  return workers;
}

}  // namespace

// A ring of slots: window n lies in slot n mod ring size. Readers claim windows in order, no further ahead of the
// consumer than the ring is long.
class ReadAhead::Ring {
 public:
  Ring(const Windows& windows, ReadFn read, Workers workers, std::stop_token stop)
      : windows_(windows),
        read_(std::move(read)),
        slots_(workers.most != 0 ? workers.most + 2 : 1),
        stop_(std::move(stop)) {
    threads_.reserve(workers.most);
    try {
      for (std::size_t i = 0; i < workers.most; ++i)
        threads_.emplace_back([this, spare = i >= workers.always] { work(spare); });
    } catch (const std::exception&) {
      // Fewer threads than wanted do as well; without any the caller reads by itself.
    }
  }
  ~Ring() {
    {
      const std::lock_guard lock(mutex_);
      quit_ = true;
      spares_.wake();
    }
    claimable_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // The window that is due, once it is there; nothing when all have been.
  std::span<const std::byte> wait() {
    std::unique_lock lock(mutex_);
    const auto n = consumed_;
    if (n == windows_.count()) return {};  // whatever has been asked for meanwhile: everything has been given
    throw_if_stopped();
    Slot& slot = slots_[n % slots_.size()];
    if (threads_.empty() && !slot.ready) {
      claimed_ = n + 1;
      fill_unlocked(lock, slot, n);
    }
    filled_.wait(lock, [&] { return slot.ready || stop_.stop_requested(); });
    throw_if_stopped();
    if (slot.failure) std::rethrow_exception(slot.failure);
    return {slot.bytes.get(), windows_.length_of(n)};
  }

  void release() {
    {
      const std::lock_guard lock(mutex_);
      slots_[consumed_ % slots_.size()].ready = false;
      ++consumed_;
    }
    claimable_.notify_one();
  }

  std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (auto n = consumed_; n < std::min(claimed_, consumed_ + slots_.size()); ++n)
      if (slots_[n % slots_.size()].ready) bytes += windows_.length_of(n);
    return bytes;
  }
  std::uint64_t size() const { return std::uint64_t{windows_.length_of(0)} * slots_.size(); }

 private:
  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "reading was stopped");
  }

  void work(bool spare) {
    const auto ended = [&] { return quit_ || claimed_ == windows_.count(); };
    std::unique_lock lock(mutex_);
    for (;;) {
      if (spare && !spares_.wait(lock, ended)) return;
      claimable_.wait(lock, [&] { return ended() || claimed_ < consumed_ + slots_.size(); });
      if (ended()) return;
      const auto n = claimed_++;
      Slot& slot = slots_[n % slots_.size()];
      fill_unlocked(lock, slot, n);
      if (slot.failure) claimed_ = windows_.count();  // nobody will ask for what comes behind
      filled_.notify_all();
    }
  }

  // The slot belongs to this thread until it is ready.
  void fill_unlocked(std::unique_lock<std::mutex>& lock, Slot& slot, std::uint64_t n) {
    lock.unlock();
    try {
      if (!slot.bytes) slot.bytes = std::make_unique_for_overwrite<std::byte[]>(windows_.length_of(0));
      read_(windows_.at(n), {slot.bytes.get(), windows_.length_of(n)});
    } catch (...) {
      slot.failure = std::current_exception();
    }
    lock.lock();
    slot.ready = true;
  }

  const Windows windows_;
  const ReadFn read_;
  std::vector<Slot> slots_;
  const std::stop_token stop_;
  mutable std::mutex mutex_;
  std::condition_variable filled_, claimable_;
  SpareThreads spares_;
  std::uint64_t claimed_ = 0, consumed_ = 0;
  bool quit_ = false;
  std::vector<std::thread> threads_;
  const std::stop_callback<std::function<void()>> on_stop_{stop_, [this] {
                                                             const std::lock_guard lock(mutex_);
                                                             filled_.notify_all();
                                                           }};
};

ReadAhead::ReadAhead(std::uint64_t offset, std::uint64_t length, ReadFn read, const ReadAheadOptions& options,
                     std::stop_token stop) {
  if (options.window == 0) throw Error(Errc::invalid_argument, {}, "a window of no bytes");
  const Windows windows{offset, length, options.window};
  ring_ = std::make_unique<Ring>(windows, std::move(read), workers_for(windows, options.workers), std::move(stop));
}

ReadAhead::~ReadAhead() = default;

std::span<const std::byte> ReadAhead::front() {
  if (front_.empty()) front_ = ring_->wait();
  return front_;
}

void ReadAhead::pop(std::size_t bytes) {
  if (bytes > front_.size()) throw std::logic_error("read-ahead: more than there is");
  if (bytes == 0) return;
  front_ = front_.subspan(bytes);
  if (front_.empty()) ring_->release();
}

std::uint64_t ReadAhead::used() const { return ring_->used(); }
std::uint64_t ReadAhead::size() const { return ring_->size(); }

void read_ahead(std::uint64_t offset, std::uint64_t length, const ReadFn& read, const ConsumeFn& consume,
                const ReadAheadOptions& options, std::stop_token stop) {
  ReadAhead windows(offset, length, read, options, std::move(stop));
  for (auto bytes = windows.front(); !bytes.empty(); bytes = windows.front()) {
    if (options.fill) options.fill(windows.used(), windows.size());
    consume(offset, bytes);
    offset += bytes.size();
    windows.pop(bytes.size());
  }
}

void read_ahead(const ByteSource& source, const ConsumeFn& consume, const ReadAheadOptions& options,
                std::stop_token stop) {
  read_ahead(
      0, source.size(), [&source](std::uint64_t offset, std::span<std::byte> out) { source.read_at(offset, out); },
      consume, options, std::move(stop));
}

}  // namespace fsimage
