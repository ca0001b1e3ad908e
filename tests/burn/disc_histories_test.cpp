// Discs with random histories: a session that was made for one of them in one state goes onto that disc in that state, or
// onto one that is the same bit by bit in all that counts, and onto nothing else, of which no bit is changed.
#include "random_sessions.hpp"
#include "support/error_of.hpp"
#include "support/trial_discs.hpp"

#include <fsimage/burn/burn_job.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/io/cached_source.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {
namespace {

// A disc as it was at some time, and the session that was made for it then.
struct State {
  std::string told;  // how it came about
  std::string kind;
  ModelDisc model;
  Media media{};
  DiscBytes bytes{};
  bool broken = false;  // holds half a session
  // Of states that are one in all that counts: on overwritable media what was never finished does not.
  std::size_t number = 0;

  std::optional<SessionImage> next{};
  Listing after{};  // what the disc shows with it
};

using Change = std::function<void(Tree&, ModelDisc&)>;

void some_change(Tree& tree, ModelDisc& model) {
  for (int i = 0; i < 3; ++i) model.add(tree);
  model.replace(tree);
}

class Histories {
 public:
  Histories(const std::string& kind, std::uint32_t seed) : choices_(seed), disc_(folder_ / "disc") {
    const auto kinds = kinds_of_discs();
    states_.push_back(blank_disc(kind, 7));
    states_.push_back(blank_disc(kind, 8));
    states_.push_back(blank_disc(choices_.of(kinds), 7));
    // Discs whose contents differ, and nothing else: from the first session on, and from the second.
    const auto other = [](Tree& tree, ModelDisc& model) {
      some_change(tree, model);
      model.replace_new_contents(tree);
    };
    add_session(0, some_change);
    add_session(0, other);
    add_session(1, some_change);
    add_session(2, some_change);
    add_session(3, some_change);
    add_session(3, other);
    copy(4);
    for (int steps = 0; states_.size() < 12 && steps < 100; ++steps) go_on(choices_.below(states_.size()));
    for (auto& state : states_) make_session(state);
  }

  void expect_each_goes_onto_its_own() {
    std::uint32_t accepted = 0, refused = 0;
    for (const auto& here : states_) {
      here.bytes.write(disc_);
      for (const auto& made_for : states_)
        if (made_for.next && !same(made_for, here)) {
          expect_refused(made_for, here);
          ++refused;
        }
      for (const auto& made_for : states_)
        if (made_for.next && same(made_for, here)) {
          here.bytes.write(disc_);
          expect_accepted(made_for, here);
          ++accepted;
        }
    }
    EXPECT_GE(accepted, 9U);  // the copy and its original go both ways
    EXPECT_GT(refused, 5 * accepted);
  }

 private:
  static bool same(const State& a, const State& b) {
    return a.kind == b.kind && (a.bytes == b.bytes || a.number == b.number);
  }
  static bool continues(const State& s) { return s.media.state == MediaState::appendable; }

  // --- how discs come about

  void push(State state, bool is_what_it_was = false) {
    state.media = open_disc(state.kind, disc_)->media();
    state.bytes = DiscBytes(disc_);
    if (!is_what_it_was) state.number = ++numbers_;
    states_.push_back(std::move(state));
  }

  State blank_disc(const std::string& kind, std::uint32_t serial) {
    std::filesystem::remove(disc_);
    State out{"blank " + kind + " " + std::to_string(serial), kind,
              ModelDisc(static_cast<std::uint32_t>(choices_.next()), false)};
    out.media = open_disc(kind, disc_, serial)->media();
    out.bytes = DiscBytes(disc_);
    out.number = ++numbers_;
    return out;
  }

  static SessionImage plan(Recorder& recorder, ModelDisc& model, const Change& change) {
    FileSystemImage image;
    SessionImage out;
    const auto media = recorder.media();
    if (media.state != MediaState::blank) {
      const auto content = std::make_shared<CachedSource>(recorder.read_back());
      image.continue_disc(content, media);
      out.made_for = identify_disc(media, content);
    }
    model.begin_session();
    change(image.tree(), model);
    out.image = image.create_result_image();
    return out;
  }

  void add_session(std::size_t at, const Change& change, bool close = false) {
    auto state = states_[at];
    state.told += close ? ", closed" : ", session";
    state.bytes.write(disc_);
    {
      const auto recorder = open_disc(state.kind, disc_);
      BurnJobOptions options;
      options.burn.close_disc = close;
      BurnJob(plan(*recorder, state.model, change), options).run(*recorder);
      expect_no_violations(*recorder);
    }
    push(std::move(state));
  }

  void copy(std::size_t at) {
    auto state = states_[at];
    state.told += ", copied";
    states_.push_back(std::move(state));
  }

  void erase(std::size_t at) {
    auto state = states_[at];
    state.told += ", erased";
    state.model = ModelDisc(static_cast<std::uint32_t>(choices_.next()), false);
    state.broken = false;
    state.bytes.write(disc_);
    open_disc(state.kind, disc_)->erase(EraseKind::quick, {}, {});
    push(std::move(state));
    add_session(states_.size() - 1, some_change);
  }

  // Half a session; where that is one, it is closed.
  void interrupt(std::size_t at) {
    auto state = states_[at];
    state.told += ", interrupted";
    state.bytes.write(disc_);
    const auto burn = [&](const std::string& faults) {
      const auto recorder = open_disc(state.kind, disc_, 7, faults);
      auto model = state.model;
      const auto session = plan(*recorder, model, some_change);
      if (!faults.empty()) {
        EXPECT_EQ(error_of([&] { BurnJob(session).run(*recorder); }).code(), std::errc::no_such_device) << faults;
      }
      return session.image->first_block().value + choices_.below(session.image->total_blocks().value);
    };
    burn("write@" + std::to_string(burn("")) + ":power");
    if (state.media.media_class == MediaClass::overwritable) return push(std::move(state), true);
    state.broken = true;
    push(state);
    if (states_.back().media.state != MediaState::damaged) return;
    open_disc(state.kind, disc_)->close(Close::session, {}, {});
    state.told += ", closed";
    push(std::move(state));
  }

  void go_on(std::size_t at) {
    const auto& state = states_[at];
    const bool blank = state.media.state == MediaState::blank;
    const bool sequential = state.media.media_class == MediaClass::sequential;
    const bool erasable = is_erasable(state.kind) || state.kind == kImageFile;
    if (state.broken || (!blank && !continues(state))) return;
    switch (choices_.below(5)) {
      case 0: return sequential ? add_session(at, some_change, true) : copy(at);
      case 1: return erasable && !blank ? erase(at) : void();
      case 2: return state.kind != kImageFile && !blank ? interrupt(at) : void();
      default: return add_session(at, some_change);
    }
  }

  // --- sessions and discs

  void make_session(State& state) {
    if (state.media.state == MediaState::blank) return;
    state.bytes.write(disc_);
    const auto recorder = open_disc(state.kind, disc_);
    auto model = state.model;
    const auto make = [&] { return plan(*recorder, model, some_change); };
    if (!continues(state)) {
      EXPECT_EQ(error_of(make).code(), Errc::session_conflict) << state.told;
    } else if (!state.broken) {
      const auto file = folder_ / ("session " + std::to_string(saved_++));
      save_image(*session_file(make()), file);
      state.next = load_session_image(file);
      state.after = model.listing();
    }
  }

  void expect_refused(const State& made_for, const State& here) {
    const auto told = made_for.told + " -> " + here.told;
    {
      const auto recorder = open_disc(here.kind, disc_);
      BurnJob job(*made_for.next);
      const auto e = error_of([&] { job.run(*recorder); });
      const bool takes_none = here.media.state == MediaState::closed || here.media.state == MediaState::damaged;
      EXPECT_EQ(e.code(), takes_none ? Errc::medium_state : Errc::disc_mismatch) << told << ": " << e.what();
      EXPECT_EQ(job.receipt().outcome, BurnReceipt::Outcome::refused) << told;
    }
    EXPECT_TRUE(DiscBytes(disc_) == here.bytes) << told << ": something was written";
  }

  void expect_accepted(const State& made_for, const State& here) {
    const auto told = made_for.told + " -> " + here.told;
    const auto recorder = open_disc(here.kind, disc_);
    BurnJobOptions options;
    options.verify = VerifyLevel::full;
    BurnJob job(*made_for.next, options);
    ASSERT_NO_THROW(job.run(*recorder)) << told;
    const auto newest =
        choose_session(std::make_shared<CachedSource>(recorder->read_back()), 0, session_hint(recorder->media()));
    for (const View view : {View::rockridge, View::joliet, View::udf})
      EXPECT_TRUE(list(newest, view) == made_for.after) << told << ": " << to_string(view);
    expect_no_violations(*recorder);
  }

  TempFolder folder_;
  Choices choices_;
  std::string disc_;
  std::vector<State> states_;
  std::size_t numbers_ = 0;
  int saved_ = 0;
};

class DiscHistories : public ::testing::TestWithParam<std::string> {};

TEST_P(DiscHistories, ASessionGoesOntoItsDiscInItsStateAlone) {
  for (const auto seed : seeds(1)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_NO_THROW(Histories(GetParam(), seed).expect_each_goes_onto_its_own());
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Discs, DiscHistories, ::testing::ValuesIn(kinds_of_discs()), name_of_medium);

}  // namespace
}  // namespace fsimage::test
