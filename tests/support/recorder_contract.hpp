// What every Recorder promises, as one call from a test: it burns the whole image and can be read back, tells its
// progress truthfully, and whatever stops it before the point of no return leaves the medium as it was.
#pragma once

#include "support/error_of.hpp"
#include "support/trial_image.hpp"

#include <fsimage/burn/recorder.hpp>
#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace fsimage::test {

// A recorder with a blank medium in it. It must report progress as often as it can.
using MakeRecorder = std::function<std::unique_ptr<Recorder>()>;

namespace contract {

inline void expect_burns_and_reads_back(const MakeRecorder& blank) {
  TrialImage trial;
  const auto recorder = blank();
  EXPECT_FALSE(recorder->info().backend.empty());
  EXPECT_FALSE(recorder->info().name.empty());
  ASSERT_EQ(recorder->media().state, MediaState::blank);
  EXPECT_EQ(recorder->media().used, BlockCount{0});
  recorder->burn(*trial.image(), {}, {}, {});
  EXPECT_NE(recorder->media().state, MediaState::blank);
  EXPECT_GE(recorder->media().used, trial.image()->total_blocks());
  if (const auto medium = recorder->read_back()) {
    Bytes found(trial.bytes().size());
    medium->read_at(0, found);
    EXPECT_TRUE(found == trial.bytes());
    verify_image(*trial.image(), *recorder);
  }
}

inline void expect_true_progress(const MakeRecorder& blank) {
  TrialImage trial;
  const auto recorder = blank();
  const auto here = std::this_thread::get_id();
  std::vector<BurnProgress> told;
  recorder->burn(*trial.image(), {},
                 [&](const BurnProgress& p) {
                   EXPECT_TRUE(std::this_thread::get_id() == here) << "the callback runs on the burning thread";
                   if (!told.empty()) {
                     const auto& last = told.back();
                     EXPECT_GE(p.done, last.done);
                     EXPECT_GE(p.phase, last.phase);
                     EXPECT_GE(p.elapsed, last.elapsed);
                     EXPECT_TRUE((last.cancellable || !p.cancellable) && (last.reversible || !p.reversible))
                         << "there is no way back over the point of no return";
                   }
                   EXPECT_EQ(p.total, trial.image()->total_blocks());
                   EXPECT_LE(p.done, p.total);
                   EXPECT_TRUE(p.path.empty() || (p.phase == Phase::writing && trial.image()->find_content(p.path)))
                       << p.path;
                   for (const auto& buffer : {p.drive_buffer, p.host_buffer}) {
                     EXPECT_TRUE(!buffer || buffer->used <= buffer->size);
                   }
                   told.push_back(p);
                 },
                 {});
  ASSERT_GE(told.size(), 4U);
  EXPECT_EQ(told.front().done, BlockCount{0});
  EXPECT_TRUE(told.front().cancellable && told.front().reversible);
  EXPECT_EQ(told.back().phase, Phase::done);
  EXPECT_EQ(told.back().done, told.back().total);
}

// Does `at_step` at the first, second, ... word of progress, on a blank medium each time, until a burn has no such step.
inline void stop_everywhere(const MakeRecorder& blank, const std::function<void(std::stop_source&)>& at_step) {
  TrialImage trial;
  for (int n = 0; n < 1000; ++n) {
    const auto recorder = blank();
    std::stop_source stop;
    int step = 0;
    bool too_late = false, reversible = true;
    try {
      recorder->burn(
          *trial.image(), {},
          [&](const BurnProgress& p) {
            if (step++ != n) return;
            too_late = !p.cancellable;
            reversible = p.reversible;
            at_step(stop);
          },
          stop.get_token());
      ASSERT_TRUE(too_late || step <= n) << "stopped at step " << n << " without effect";
      EXPECT_NE(recorder->media().state, MediaState::blank);
      if (step <= n) return;
    } catch (const std::exception&) {
      const auto state = recorder->media().state;  // past the point of no return whatever it is, but told
      if (!too_late && reversible) {
        EXPECT_EQ(state, MediaState::blank) << "stopped at step " << n;
      }
    }
  }
  FAIL() << "it never ends";
}

inline void expect_stops_leave_no_trace(const MakeRecorder& blank) {
  stop_everywhere(blank, [](std::stop_source& stop) { stop.request_stop(); });
  stop_everywhere(blank, [](std::stop_source&) { throw std::runtime_error("enough"); });

  TrialImage trial;
  std::stop_source stop;
  stop.request_stop();
  const auto recorder = blank();
  EXPECT_EQ(error_of([&] { recorder->burn(*trial.image(), {}, {}, stop.get_token()); }).code(), Errc::cancelled);
  EXPECT_EQ(recorder->media().state, MediaState::blank);
}

inline void expect_failures_come_through(const MakeRecorder& blank) {
  const auto fail = [](std::uint64_t, std::span<std::byte>) {
    throw Error(Errc::source_changed, {.path = "/a"}, "shorter");
  };
  const ResultImage image({{Lba{0}, std::make_shared<MemorySource>(noise(500'000, 1)), "data"},
                           {Lba{300}, std::make_shared<CallbackSource>(5000, fail), "content /a"}},
                          {310}, "id");
  const auto recorder = blank();
  const auto e = error_of([&] { recorder->burn(image, {}, {}, {}); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, "/a");

  // Before anything is written, since it could be known; where a medium is a file, nothing is lost by reading on.
  TrialImage trial;
  trial.image();
  trial.sources().write("docs/large.bin", "no longer what was planned");
  const auto other = blank();
  const auto last = other->media().type == MediaType::file ? Phase::writing : Phase::calibrating;
  const auto early =
      error_of([&] { other->burn(*trial.image(), {}, [&](const BurnProgress& p) { EXPECT_LE(p.phase, last); }, {}); });
  EXPECT_EQ(early.code(), Errc::source_changed);
  EXPECT_EQ(other->media().state, MediaState::blank);
}

inline void expect_a_simulation_writes_nothing(const MakeRecorder& blank) {
  TrialImage trial;
  const auto recorder = blank();
  BlockCount last{};
  recorder->burn(*trial.image(), {.simulate = true}, [&](const BurnProgress& p) { last = p.done; }, {});
  EXPECT_EQ(last, trial.image()->total_blocks());
  EXPECT_EQ(recorder->media().state, MediaState::blank);
}

}  // namespace contract

inline void expect_recorder(const MakeRecorder& blank) {
  contract::expect_burns_and_reads_back(blank);
  contract::expect_true_progress(blank);
  contract::expect_stops_leave_no_trace(blank);
  contract::expect_failures_come_through(blank);
  contract::expect_a_simulation_writes_nothing(blank);
}

// For media that can be erased.
inline void expect_erases(const MakeRecorder& blank) {
  TrialImage trial;
  for (const auto kind : {EraseKind::quick, EraseKind::full}) {
    const auto recorder = blank();
    recorder->burn(*trial.image(), {}, {}, {});
    Phase last{};
    recorder->erase(kind, [&](const BurnProgress& p) { last = p.phase; }, {});
    EXPECT_EQ(last, Phase::done);
    EXPECT_EQ(recorder->media().state, MediaState::blank);
  }
}

}  // namespace fsimage::test
