#include "answers.hpp"
#include "com/side_thread.hpp"
#include "disc_queries.hpp"
#include "sinks.hpp"

#include <fsimage/backends/imapi2/imapi2_watch.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace fsimage {

using namespace imapi2;  // NOLINT(google-build-using-namespace)

namespace {

struct KnownDrive {
  std::string id;
  RecorderInfo info;
};
using KnownDrives = std::vector<KnownDrive>;

bool has_drive(const KnownDrives& drives, const std::string& id) {
  return std::ranges::find(drives, id, &KnownDrive::id) != drives.end();
}

// A drive that goes while it is looked at is none. Names follow IMAPI2's order.
KnownDrives look_at_drives(IDiscMaster2& master) {
  KnownDrives drives;
  const LONG count = count_of(master);
  for (LONG i = 0; i < count; ++i) try {
      const auto id = id_of(master, i);
      drives.push_back({id.utf8(), describe(*open_drive(id.get()), name_of(i))});
    } catch (const Error&) {
      if (i < count_of(master)) throw;
    }
  return drives;
}

// Rung by whichever thread IMAPI2 tells on, also when the watch is gone.
class Bell {
 public:
  void ring() noexcept {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_all();
  }
  // Whether it was rung before the time is over.
  bool wait(std::stop_token stop, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::move(stop), time, [this] { return rung_; });
    return std::exchange(rung_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool rung_ = false;
};

}  // namespace

struct Imapi2Watch::State {
  explicit State(std::chrono::milliseconds i) : interval(i) {
    thread.run([this] {
      try {
        master = create<IDiscMaster2>(kDiscMaster);
        const auto sink = drives_sink([bell = bell] { bell->ring(); });
        connection.emplace(*master, __uuidof(DDiscMaster2Events), *sink);
        known = look_at_drives(*master);
      } catch (...) {
        let_go();
        throw;
      }
    });
  }
  ~State() {
    thread.run([this] { let_go(); });
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void let_go() {
    connection.reset();
    master.reset();
  }
  void look() {
    KnownDrives now;
    try {
      thread.run([&] { now = look_at_drives(*master); });
    } catch (...) {
      bell->ring();  // there is still something to look at
      throw;
    }
    for (const auto& drive : known)
      if (!has_drive(now, drive.id)) changes.push_back({.added = false, .recorder = drive.info});
    for (const auto& drive : now)
      if (!has_drive(known, drive.id)) changes.push_back({.added = true, .recorder = drive.info});
    known = std::move(now);
  }

  const std::chrono::milliseconds interval;
  const std::shared_ptr<Bell> bell = std::make_shared<Bell>();
  com::SideThread thread;
  com::Ptr<IDiscMaster2> master;         // used by `thread`, as is what follows
  std::optional<Connection> connection;  // to `bell`
  KnownDrives known;
  std::deque<RecorderChange> changes;  // not told yet
};

Imapi2Watch::Imapi2Watch(std::chrono::milliseconds interval) : state_(std::make_unique<State>(interval)) {}

Imapi2Watch::~Imapi2Watch() = default;

std::vector<RecorderInfo> Imapi2Watch::recorders() const {
  std::vector<RecorderInfo> found;
  for (const auto& drive : state_->known) found.push_back(drive.info);
  return found;
}

std::optional<RecorderChange> Imapi2Watch::next(std::stop_token stop) {
  while (state_->changes.empty()) {
    if (stop.stop_requested()) return std::nullopt;
    if (state_->bell->wait(stop, state_->interval))
      state_->look();
    else
      state_->thread.run([this] { count_of(*state_->master); });
  }
  auto change = std::move(state_->changes.front());
  state_->changes.pop_front();
  return change;
}

}  // namespace fsimage
