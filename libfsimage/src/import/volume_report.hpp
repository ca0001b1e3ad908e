// Where a walk over a volume is, and what it has to say: findings and errors get their path here and nowhere else.
// One thread.
#pragma once

#include "volume_content.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/finding.hpp>
#include <fsimage/import/volume_limits.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::volume {

class Report {
 public:
  Report(View view, FindingFn fn, Strictness strictness = Strictness::tolerant)
      : fn_(std::move(fn)), view_(view), strictness_(strictness) {}

  // Into the folder that is the entry at hand, and out again.
  void enter_entry() {
    directories_.push_back(std::move(entry_));
    entry_.clear();
  }
  void leave() { directories_.pop_back(); }
  // For walks that go from folder to folder: into the one with this path, "" for the root.
  void set_directory(std::string path) {
    directories_.clear();
    entry_.clear();
    top_ = std::move(path);
  }
  void set_entry(std::string_view name) { entry_.assign(name); }
  std::string path() const;  // of the entry at hand; of the folder when there is none

  // Something outside the letter of the standard that readers accept; corrupt_structure when nothing is accepted.
  void deviation(Lba at, std::string_view clause, std::string_view text) const;
  bool is_strict() const { return strictness_ == Strictness::strict; }  // what costs memory is looked for then alone
  // `name`, which no tree can hold, becomes `to`.
  void renamed(std::string_view name, std::string_view to, std::optional<Lba> at = {},
               std::string_view clause = {}) const;
  void dropped(std::string_view text) const;
  // The same, for what breaks a clause: corrupt_structure when nothing is accepted.
  void dropped(Lba at, std::string_view clause, std::string_view text) const;
  // What `e` says of the entry at hand, or of the one that it names, is gone, and the walk goes on.
  void lost(const Error& e) const;
  // Parts of the content of the entry at hand, the first of them when they are many.
  void lost(const std::vector<LostRange>& ranges) const;
  bool is_salvage() const { return strictness_ == Strictness::salvage; }
  // Whether the walk goes on after `e`: salvage takes what can be reached. Else the catcher throws it on.
  bool survives(const Error& e) const;
  // `name`, which another entry of the folder has, becomes `to`.
  void collided(std::string_view name, std::string_view to) const;

 private:
  friend class Muted;
  void tell(Finding::Kind, std::string_view text, std::string_view to, std::optional<Lba>,
            std::string_view clause) const;
  FindingFn fn_;
  View view_;
  Strictness strictness_;
  bool muted_ = false;
  std::string top_;
  std::vector<std::string> directories_;
  std::string entry_;
};

// While it lives, nothing is reported: for a pass that will be repeated, and would say everything twice.
class Muted {
 public:
  explicit Muted(Report& report) : report_(report), before_(report.muted_) { report_.muted_ = true; }
  ~Muted() { report_.muted_ = before_; }
  Muted(const Muted&) = delete;
  Muted& operator=(const Muted&) = delete;

 private:
  Report& report_;
  bool before_;
};

// Parts of the entry at hand that no tree holds, named in one finding; the first of them, when they are many.
class DroppedNames {
 public:
  explicit DroppedNames(std::string what) : what_(std::move(what)) {}  // "named stream"
  void add(std::string_view name);
  void tell(const Report&) const;  // nothing when none was added

 private:
  static constexpr std::uint64_t kMost = 16;
  std::string what_, names_;
  std::uint64_t count_ = 0;
};

// The first of the ranges with their texts; the last one that is told says how many are not.
using LostRangeFn = std::function<void(const LostRange&, const std::string& text)>;
void for_each_told(const std::vector<LostRange>& ranges, const LostRangeFn& fn);

// What `e` says, as a loss; at its own path, or at `path`.
Finding lost_finding(View view, const std::string& path, const Error& e);

// Errc::corrupt_structure; the walk that knows the path adds it.
[[noreturn]] void damaged(Lba at, std::string_view clause, std::string_view text);

// What reading has cost so far. Each charge throws limit_exceeded when it goes beyond.
class Budget {
 public:
  Budget(const ImportLimits& limits, std::uint64_t source_size);
  void charge_entry();
  void charge_metadata(std::uint64_t bytes, Lba at);
  const ImportLimits& limits() const { return limits_; }

 private:
  void check_time();
  ImportLimits limits_;
  std::uint64_t source_size_;
  std::uint64_t entries_ = 0, metadata_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::uint32_t charges_ = 0;
};

// `name` as one that is_valid_name accepts: '/' and NUL become '_', a name above 255 bytes is cut between characters and
// ends in '#' and the checksum of the whole. False when nothing had to change.
bool make_valid_name(std::string& name);

}  // namespace fsimage::volume
