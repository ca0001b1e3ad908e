#include "import/sample_volume.hpp"
#include "support/error_of.hpp"
#include "support/fake_recorder.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/burn/burn_job.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::Bytes;
using test::error_of;
using test::FakeRecorder;
using test::TempFolder;
using test::TrialImage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = BurnReceipt::Outcome;
using Verification = BurnReceipt::Verification;

Media blank(MediaType type, MediaClass media_class) {
  Media m;
  m.type = type;
  m.media_class = media_class;
  m.state = MediaState::blank;
  m.next_writable = Lba{};
  m.capacity = m.free = BlockCount{100'000};
  m.write_unit = {16};
  m.write_speeds = {8467, 1411};
  return m;
}
FakeRecorder blank_r() { return {blank(MediaType::dvd_plus_r, MediaClass::sequential), {}}; }
FakeRecorder blank_rw() { return {blank(MediaType::dvd_plus_rw, MediaClass::overwritable), {}}; }

Bytes volume_bytes() {
  test::SampleVolume v;
  return {v.bytes().begin(), v.bytes().end()};
}

// A disc with one session on it.
FakeRecorder used_r() {
  auto content = volume_bytes();
  auto m = blank(MediaType::dvd_plus_r, MediaClass::sequential);
  m.state = MediaState::appendable;
  m.used = blocks_for(content.size());
  m.sessions = {{Lba{}, Lba{m.used.value - 1}}};
  m.next_writable = Lba{m.used.value + 6896};
  m.free = BlockCount{50'000};
  return {std::move(m), std::move(content)};
}
FakeRecorder used_rw() {
  auto content = volume_bytes();
  auto m = blank(MediaType::dvd_plus_rw, MediaClass::overwritable);
  m.state = MediaState::appendable;
  return {std::move(m), std::move(content)};
}

DiscIdentity identity_of(FakeRecorder& recorder) { return identify_disc(recorder.now, recorder.read_back()); }

std::shared_ptr<const ByteSource> noise(std::size_t blocks, std::uint32_t seed) {
  return std::make_shared<MemorySource>(test::noise(blocks * kBlockSize, seed));
}

// A session of 320 blocks with one file, for the disc in the recorder.
SessionImage session_for(FakeRecorder& recorder, std::optional<Lba> at = {}, bool replaces = false) {
  const bool sequential = recorder.now.media_class == MediaClass::sequential;
  const Lba first = at ? *at : sequential ? *recorder.now.next_writable : Lba{8192};
  std::vector<ImageExtent> extents{{first + BlockCount{16}, noise(20, 1), "descriptors"},
                                   {first + BlockCount{100}, noise(9, 2), "content /new.bin"},
                                   {first + BlockCount{300}, noise(20, 3), "anchors"}};
  std::vector<ImageExtent> replaced;
  if (replaces) {
    replaced.push_back({Lba{256}, noise(32, 4), "anchor of the disc"});
    replaced.push_back({Lba{0}, noise(32, 5), "front of the disc"});
  }
  return {std::make_shared<const ResultImage>(std::move(extents), BlockCount{320}, std::string(64, 'e'), first,
                                              std::move(replaced)),
          identity_of(recorder)};
}

BurnJobOptions verified(VerifyLevel level) {
  BurnJobOptions o;
  o.verify = level;
  return o;
}

// --- what works

TEST(BurnJob, BurnsAWholeDiscAndVerifies) {
  TrialImage trial;
  for (const auto level : {VerifyLevel::none, VerifyLevel::quick, VerifyLevel::full}) {
    auto recorder = blank_r();
    BurnJob job({trial.image()}, verified(level));
    std::vector<BurnProgress> told;
    const auto& receipt = job.run(recorder, [&](const BurnProgress& p) { told.push_back(p); });
    EXPECT_TRUE(recorder.disc == trial.bytes());
    EXPECT_EQ(receipt.outcome, Outcome::done);
    EXPECT_EQ(receipt.verification, level == VerifyLevel::none ? Verification::not_asked : Verification::passed);
    EXPECT_EQ(receipt.before.state, MediaState::blank);
    EXPECT_EQ(receipt.after.state, MediaState::appendable);
    EXPECT_EQ(receipt.image_id, trial.image()->image_id());
    ASSERT_TRUE(receipt.disc_after);
    EXPECT_EQ(receipt.disc_after->sessions, 1U);
    EXPECT_FALSE(receipt.reversible);
    EXPECT_THAT(receipt.error, IsEmpty());

    const auto total = trial.image()->total_blocks().value * (level == VerifyLevel::full ? 2 : 1);
    for (std::size_t i = 1; i < told.size(); ++i) {
      EXPECT_GE(told[i].phase, told[i - 1].phase);
      EXPECT_GE(told[i].done, told[i - 1].done);
      EXPECT_GE(told[i].elapsed, told[i - 1].elapsed);
      EXPECT_TRUE(told[i - 1].reversible || !told[i].reversible);
    }
    EXPECT_TRUE(told.front().reversible);
    EXPECT_EQ(told.back().phase, Phase::done);
    EXPECT_EQ(told.back().done, BlockCount{total});
    EXPECT_EQ(told.back().total, BlockCount{total});
    const auto phases = std::ranges::count(told, Phase::done, &BurnProgress::phase);
    EXPECT_EQ(phases, 1);
  }
}

TEST(BurnJob, BurnsASessionOntoItsDisc) {
  auto r = used_r();
  auto session = session_for(r);
  EXPECT_EQ(BurnJob(session, verified(VerifyLevel::full)).run(r).disc_after->sessions, 2U);

  auto rw = used_rw();
  session = session_for(rw, Lba{8192}, true);
  BurnJob job(session, verified(VerifyLevel::full));
  EXPECT_EQ(job.run(rw).replaced, BlockCount{64});
  EXPECT_EQ(job.receipt().verification, Verification::passed);
}

TEST(BurnJob, ClosesEjectsAndAdvises) {
  TrialImage trial;
  auto recorder = blank_r();
  recorder.now.final_session = true;
  BurnJobOptions options = verified(VerifyLevel::quick);
  options.burn.speed = 5000;
  options.eject = true;
  BurnJob job({trial.image()}, options);
  job.run(recorder);
  EXPECT_TRUE(job.receipt().ejected);
  EXPECT_THAT(job.receipt().findings, ElementsAre(HasSubstr("5000 KiB/s"), HasSubstr("last session")));
  EXPECT_THAT(recorder.calls, ElementsAre("burn", "tray"));

  auto other = blank_r();
  other.tray_stuck = true;
  options.burn.close_disc = true;
  BurnJob closing({trial.image()}, options);
  EXPECT_EQ(closing.run(other).after.state, MediaState::closed);
  EXPECT_FALSE(closing.receipt().ejected);
  EXPECT_THAT(closing.receipt().findings, ElementsAre(HasSubstr("5000"), HasSubstr("not ejected")));
}

TEST(BurnJob, ASimulationWritesNothing) {
  TrialImage trial;
  auto recorder = blank_r();
  BurnJobOptions options = verified(VerifyLevel::full);
  options.burn.simulate = true;
  BurnJob job({trial.image()}, options);
  EXPECT_EQ(job.run(recorder).outcome, Outcome::simulated);
  EXPECT_EQ(job.receipt().verification, Verification::not_reached);
  EXPECT_TRUE(job.receipt().reversible);
  EXPECT_TRUE(recorder.disc.empty());
}

TEST(BurnJob, AFileIsADisc) {
  TempFolder folder;
  TrialImage trial;
  IsoFileRecorder file(folder / "out.iso");
  BurnJob job({trial.image()}, verified(VerifyLevel::full));
  EXPECT_EQ(job.run(file).outcome, Outcome::done);
  EXPECT_TRUE(test::read_bytes(folder / "out.iso") == trial.bytes());
  EXPECT_EQ(error_of([&] { job.run(file); }).code(), Errc::not_blank) << "it holds something now";
}

// --- what is refused, before anything is written

struct Refusal {
  std::string name;
  std::function<FakeRecorder()> disc;
  std::function<SessionImage(FakeRecorder&)> session;
  std::function<void(FakeRecorder&, BurnJobOptions&)> change;
  Errc code;
  std::string says;
};
void PrintTo(const Refusal& r, std::ostream* out) { *out << r.name; }

SessionImage whole_disc(FakeRecorder&) {
  return {std::make_shared<const ResultImage>(std::vector<ImageExtent>{{Lba{16}, noise(2, 9), "x"}}, BlockCount{320},
                                              std::string(64, 'f'))};
}
SessionImage continuing(FakeRecorder& r) { return session_for(r); }
SessionImage replacing(FakeRecorder& r) { return session_for(r, {}, true); }

std::vector<Refusal> refusals() {
  const auto state = [](MediaState s) { return [s](FakeRecorder& r, BurnJobOptions&) { r.now.state = s; }; };
  const auto media = [](std::function<void(Media&)> change) {
    return [change](FakeRecorder& r, BurnJobOptions&) { change(r.now); };
  };
  const auto forced = [](std::function<void(Media&)> change) {
    return [change](FakeRecorder& r, BurnJobOptions& o) {
      change(r.now);
      o.any_disc = true;
    };
  };
  return {
      {"no disc", blank_r, whole_disc, state(MediaState::absent), Errc::no_media, "put one in"},
      {"unsupported", blank_r, whole_disc, state(MediaState::unsupported), Errc::unsupported, "another kind"},
      {"damaged", used_r, continuing, state(MediaState::damaged), Errc::medium_state, "close it"},
      {"closed", used_r, continuing, state(MediaState::closed), Errc::medium_state, "take another one"},
      {"read-only", used_r, continuing, media([](Media& m) { m.media_class = MediaClass::read_only; }),
       Errc::medium_state, "only be read"},
      {"write-protected", blank_r, whole_disc, media([](Media& m) { m.write_protected = true; }), Errc::write_protected,
       "take the protection off"},
      {"not blank, once", used_r, whole_disc, media([](Media&) {}), Errc::not_blank, "take a blank one"},
      {"not blank, once, forced", used_r, whole_disc, forced([](Media&) {}), Errc::not_blank, "take a blank one"},
      {"not blank, again and again", used_rw, whole_disc, media([](Media&) {}), Errc::not_blank, "erase this one"},
      {"another disc id", used_r, continuing, media([](Media& m) { m.disc_id = "77"; }), Errc::disc_mismatch,
       "disc id: '77' here"},
      {"another type", used_r, continuing, media([](Media& m) { m.type = MediaType::bd_r; }), Errc::disc_mismatch,
       "bd-r here"},
      {"a session more", used_r, continuing, media([](Media& m) {
         m.sessions.push_back({Lba{900}, Lba{910}});
       }),
       Errc::disc_mismatch, "sessions: 2 here, 1 "},
      {"elsewhere", used_r, continuing, media([](Media& m) { m.next_writable = Lba{32}; }), Errc::disc_mismatch,
       "block 32 here"},
      {"elsewhere, forced", used_r, continuing, forced([](Media& m) { m.next_writable = Lba{32}; }), Errc::medium_state,
       "the disc goes on at block 32"},
      {"other bytes", used_rw, replacing,
       [](FakeRecorder& r, BurnJobOptions&) { r.disc[16 * kBlockSize + 50] ^= std::byte{1}; }, Errc::disc_mismatch,
       "content: "},
      {"replaces what is written once", used_r, replacing, media([](Media&) {}), Errc::medium_state, "written once"},
      {"not aligned", used_rw, [](FakeRecorder& r) { return session_for(r, Lba{8200}); }, media([](Media&) {}),
       Errc::medium_state, "units of 16"},
      {"unit of another drive", used_rw, replacing, media([](Media& m) { m.write_unit = {64}; }), Errc::medium_state,
       "units of 64"},
      {"inside the session before it", used_rw, [](FakeRecorder& r) { return session_for(r, Lba{64}); },
       media([](Media&) {}), Errc::invalid_argument, "inside the session"},
      {"too large", blank_r, whole_disc, media([](Media& m) { m.free = BlockCount{319}; }), Errc::no_space,
       "needs 320 blocks, and the disc has room for 319"},
      {"too large for what is left", used_r, continuing, media([](Media& m) { m.free = BlockCount{0}; }),
       Errc::no_space, "room for 0"},
      {"beyond the end", used_rw, replacing, media([](Media& m) { m.capacity = m.free = BlockCount{8500}; }),
       Errc::no_space, "needs 8512"},
  };
}

class BurnJobRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(BurnJobRefuses, BeforeAnythingIsWritten) {
  const auto& c = GetParam();
  auto recorder = c.disc();
  const auto session = c.session(recorder);
  BurnJobOptions options = verified(VerifyLevel::full);
  c.change(recorder, options);
  const auto disc = recorder.disc;
  BurnJob job(session, options);
  const auto e = error_of([&] { job.run(recorder); });
  EXPECT_EQ(e.code(), c.code) << e.what();
  EXPECT_THAT(e.message(), HasSubstr(c.says));
  EXPECT_THAT(e.message(), ::testing::StartsWith("fake:disc: "));
  EXPECT_THAT(e.message(), HasSubstr(". Nothing was written"));
  EXPECT_TRUE(e.where().lba);
  EXPECT_THAT(recorder.calls, IsEmpty());
  EXPECT_TRUE(recorder.disc == disc);
  EXPECT_EQ(job.receipt().outcome, Outcome::refused);
  EXPECT_EQ(job.receipt().error, e.what());
  EXPECT_TRUE(job.receipt().reversible);
  EXPECT_EQ(error_of([&] { job.check(recorder); }).code(), c.code);
}

INSTANTIATE_TEST_SUITE_P(Checks, BurnJobRefuses, ::testing::ValuesIn(refusals()), [](const auto& i) {
  auto name = i.param.name;
  for (auto& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

TEST(BurnJob, ABlankDiscIsNotTheOneThatWasContinued) {
  auto made_for = used_r();
  auto recorder = blank_r();
  const auto e = error_of([&] { BurnJob(session_for(made_for)).run(recorder); });
  EXPECT_EQ(e.code(), Errc::disc_mismatch);
  EXPECT_THAT(e.message(), HasSubstr("sessions: 0 here, 1 on the disc"));
}

TEST(BurnJob, TheOverrideIsInTheReceipt) {
  auto made_for = used_rw();
  const auto session = session_for(made_for, {}, true);
  auto other = used_rw();
  other.disc[16 * kBlockSize + 50] ^= std::byte{1};
  BurnJobOptions options = verified(VerifyLevel::full);
  options.any_disc = true;
  BurnJob job(session, options);
  EXPECT_EQ(job.run(other).outcome, Outcome::done);
  EXPECT_THAT(job.receipt().overridden, ::testing::Contains(HasSubstr("content: ")));

  auto full = used_rw();
  BurnJob whole(whole_disc(full), options);
  EXPECT_THAT(whole.run(full).overridden, ElementsAre(HasSubstr("not blank")));
  auto same = used_rw();
  BurnJob bound(session, options);
  EXPECT_THAT(bound.run(same).overridden, IsEmpty()) << "nothing had to be";
}

TEST(BurnJob, AChangedSourceIsRefused) {
  TrialImage trial;
  trial.image();
  trial.sources().write("docs/c.txt", "something else");
  auto recorder = blank_r();
  BurnJob job({trial.image()});
  const auto e = error_of([&] { job.run(recorder); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_THAT(e.where().path, HasSubstr("c.txt"));
  EXPECT_EQ(e.where().lba, trial.image()->find_content("/docs/c.txt")->start);
  EXPECT_THAT(e.message(), HasSubstr("make the image again"));
  EXPECT_THAT(recorder.calls, IsEmpty());
}

TEST(BurnJob, ADamagedSavedImageIsRefused) {
  auto recorder = blank_r();
  auto session = whole_disc(recorder);
  session.payload_digest = std::string(64, '0');
  EXPECT_EQ(error_of([&] { BurnJob(session).run(recorder); }).code(), Errc::verification_failed);
  EXPECT_THAT(recorder.calls, IsEmpty());
  session.payload_digest = content_digest(*session.image);
  EXPECT_EQ(BurnJob(session).run(recorder).outcome, Outcome::done);
}

// --- what fails on the way

TEST(BurnJob, AWriteErrorSaysDiscBlockFileStateAndWhatToDo) {
  auto recorder = used_r();
  const auto session = session_for(recorder);
  recorder.fail_at = session.image->first_block().value + 103;
  BurnJob job(session, verified(VerifyLevel::full));
  const auto e = error_of([&] { job.run(recorder); });
  EXPECT_EQ(e.code(), Errc::write_failed);
  EXPECT_EQ(e.where().lba, Lba{*recorder.fail_at});
  EXPECT_EQ(e.where().path, "/new.bin");
  EXPECT_THAT(e.message(), ::testing::StartsWith("fake:disc: the laser went out. The disc (dvd+r, damaged"));
  EXPECT_THAT(e.message(), HasSubstr("close it, and the sessions before it can be read"));
  const auto& receipt = job.receipt();
  EXPECT_EQ(receipt.outcome, Outcome::failed);
  EXPECT_EQ(receipt.verification, Verification::not_reached);
  EXPECT_EQ(receipt.after.state, MediaState::damaged);
  EXPECT_FALSE(receipt.reversible);
  EXPECT_EQ(recorder.calls.size(), 1U) << "nothing is tried twice";
}

TEST(BurnJob, EveryStateAfterAFailureHasANextStep) {
  for (const auto& [state, says] :
       std::vector<std::pair<MediaState, std::string>>{{MediaState::absent, "put it back"},
                                                       {MediaState::damaged, "close it"},
                                                       {MediaState::appendable, "make the session again"},
                                                       {MediaState::closed, "burn to another one"}}) {
    auto recorder = used_r();
    const auto session = session_for(recorder);
    recorder.fail_at = session.image->first_block().value;
    recorder.state_after_failure = state;
    EXPECT_THAT(error_of([&] { BurnJob(session).run(recorder); }).message(), HasSubstr(says)) << to_string(state);
  }
  for (const bool whole : {false, true}) {
    auto recorder = whole ? blank_rw() : used_rw();
    const auto session = whole ? whole_disc(recorder) : session_for(recorder, {}, true);
    recorder.fail_at = session.image->first_block().value + 16;
    recorder.state_after_failure = MediaState::appendable;
    EXPECT_THAT(error_of([&] { BurnJob(session).run(recorder); }).message(),
                HasSubstr(whole ? "holds a part of the image: erase it" : "shows what it showed before"));
  }
}

TEST(BurnJob, BeforeThePointOfNoReturnTheDiscIsAsItWas) {
  TrialImage trial;
  auto recorder = blank_r();
  recorder.before_writing = [] { throw Error(Errc::busy, {}, "another program has the drive"); };
  BurnJob job({trial.image()});
  const auto e = error_of([&] { job.run(recorder); });
  EXPECT_EQ(e.code(), Errc::busy);
  EXPECT_THAT(e.message(), HasSubstr("The disc (dvd+r, blank, next writable address 0) is as it was"));
  EXPECT_TRUE(job.receipt().reversible);
}

// Whatever goes wrong while it is written and is not told by the drive is found.
TEST(BurnJob, NoWrongBlockPassesAFullVerification) {
  auto recorder = used_rw();
  const auto session = session_for(recorder, {}, true);
  std::vector<std::uint32_t> blocks{0, 31, 256, 287};
  for (std::uint32_t i = 0; i < 320; i += 29) blocks.push_back(8192 + i);
  blocks.push_back(8192 + 319);
  for (const auto block : blocks) {
    auto disc = used_rw();
    disc.flip_at = block;
    BurnJob job(session, verified(VerifyLevel::full));
    const auto e = error_of([&] { job.run(disc); });
    EXPECT_EQ(e.code(), Errc::verification_failed) << block;
    EXPECT_EQ(e.where().lba, Lba{block});
    EXPECT_THAT(e.message(), HasSubstr("does not hold the image as it is: burn the image to another one"));
    EXPECT_EQ(job.receipt().outcome, Outcome::failed);
    EXPECT_EQ(job.receipt().verification, Verification::failed);
  }
  for (const std::uint32_t block : {256U, 8192U + 17, 8192U + 319}) {
    auto disc = used_rw();
    disc.flip_at = block;
    EXPECT_EQ(error_of([&] { BurnJob(session, verified(VerifyLevel::quick)).run(disc); }).code(),
              Errc::verification_failed);
  }
}

TEST(BurnJob, ADriveThatOnlySaysThatItWroteDoesNotPass) {
  TrialImage trial;
  const auto code_of = [&](const std::function<void(FakeRecorder&, BurnJobOptions&)>& change) {
    auto recorder = blank_r();
    auto options = verified(VerifyLevel::quick);
    change(recorder, options);
    return error_of([&] { BurnJob({trial.image()}, options).run(recorder); }).code();
  };
  EXPECT_EQ(code_of([](auto& r, auto&) { r.forget_session = true; }), Errc::verification_failed);
  EXPECT_EQ(code_of([](auto& r, auto&) { r.unreadable = true; }), Errc::verification_failed);
  EXPECT_EQ(code_of([](auto& r, auto& o) { o.burn.close_disc = r.keep_open = true; }), Errc::verification_failed);
}

// Stops at the first, second, ... word of progress, until a job has no such step.
TEST(BurnJob, CanBeCancelledAnywhere) {
  int cancelled = 0;
  for (int n = 0;; n += n < 8 ? 1 : 41) {
    auto recorder = used_r();
    recorder.state_after_failure = MediaState::damaged;
    const auto session = session_for(recorder);
    std::stop_source stop;
    int word = 0;
    bool reversible = true;
    BurnJob job(session, verified(VerifyLevel::full));
    try {
      job.run(
          recorder,
          [&](const BurnProgress& p) {
            reversible = p.reversible;
            if (word++ == n) stop.request_stop();
          },
          stop.get_token());
      EXPECT_EQ(job.receipt().outcome, Outcome::done);
      EXPECT_EQ(job.receipt().verification, Verification::passed) << "never a success without";
      if (word <= n) break;
    } catch (const Error& e) {
      ++cancelled;
      ASSERT_EQ(e.code(), Errc::cancelled) << e.what();
      EXPECT_EQ(job.receipt().outcome, Outcome::cancelled);
      EXPECT_EQ(job.receipt().after.state, recorder.now.state);
      EXPECT_EQ(job.receipt().reversible, reversible);
      EXPECT_NE(job.receipt().verification, Verification::passed);
    }
  }
  EXPECT_GT(cancelled, 12);
}

TEST(BurnJob, WhatTheCallbackThrowsComesOut) {
  TrialImage trial;
  auto recorder = blank_r();
  BurnJob job({trial.image()});
  EXPECT_THROW(job.run(recorder,
                       [](const BurnProgress& p) {
                         if (p.done.value > 5) throw std::runtime_error("enough");
                       }),
               std::runtime_error);
  EXPECT_EQ(job.receipt().outcome, Outcome::failed);
  EXPECT_EQ(job.receipt().error, "enough");
}

// --- the receipt

TEST(BurnJob, ReceiptAsJson) {
  BurnReceipt r;
  r.outcome = Outcome::done;
  r.image_id = std::string(64, 'a');
  r.first = Lba{7232};
  r.blocks = {320};
  r.recorder = {.backend = "mock", .name = "disc \"7\"", .vendor = "V", .product = "P", .revision = "1"};
  r.before.type = r.after.type = MediaType::dvd_plus_r;
  r.overridden = {"disc id: 'a' here, 'b' on the disc that the image was made for"};
  r.reversible = false;
  r.verify = VerifyLevel::full;
  r.verification = Verification::passed;
  r.elapsed = std::chrono::milliseconds(1500);
  r.kib_per_second = 426;
  const auto json = to_json(r);
  EXPECT_THAT(json, ::testing::StartsWith(R"({
  "outcome": "done",
  "error": null,
  "image_id": ")" + std::string(64, 'a') +
                                          R"(",
  "first": 7232,
  "blocks": 320,
  "replaced": 0,
  "recorder": {
    "backend": "mock",
    "name": "disc \"7\"",
    "vendor": "V",
    "product": "P",
    "revision": "1"
  },
  "verify": "full",
  "verification": "passed",
  "close_disc": false,
  "ejected": false,
  "as_before": false,
  "milliseconds": 1500,
  "kib_per_second": 426,
  "overridden": [
    "disc id: 'a' here, 'b' on the disc that the image was made for"
  ],
  "findings": [],
  "media_before": {
    "type": "dvd+r",
)"));
  EXPECT_THAT(json, ::testing::EndsWith(R"(  "made_for": null,
  "disc_before": null,
  "disc_after": null
}
)"));
}

TEST(BurnJob, WordsBothWays) {
  for (const auto level : {VerifyLevel::none, VerifyLevel::quick, VerifyLevel::full})
    EXPECT_EQ(parse_verify_level(to_string(level)), level);
  EXPECT_EQ(parse_verify_level("some"), std::nullopt);
}

}  // namespace
}  // namespace fsimage
