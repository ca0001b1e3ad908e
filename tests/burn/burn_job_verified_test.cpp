// A job that was asked to verify says "done" of a disc that holds the image, and of no other: whatever goes wrong with drive
// and medium while it writes, between that and reading back, and while it reads.
#include "backends/mock_discs.hpp"
#include "support/error_of.hpp"
#include "support/trial_discs.hpp"

#include <fsimage/burn/burn_job.hpp>
#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

using Outcome = BurnReceipt::Outcome;
using Verification = BurnReceipt::Verification;

constexpr std::uint32_t kFirst = 320, kSecond = 352;  // a CD track has 300 blocks at least

class BurnJobVerified : public ::testing::TestWithParam<std::string> {
 protected:
  BurnJobVerified() {
    const auto recorder = open_disc(GetParam(), disc_);
    recorder->burn(noise_image(0, kFirst, 1), {}, {}, {});
    media_ = recorder->media();
    identity_ = identify_disc(media_, recorder->read_back());
    bytes_ = DiscBytes(disc_);
  }

  std::uint32_t first() const { return overwritable() ? kFirst : media_.next_writable->value; }
  bool overwritable() const { return media_.media_class == MediaClass::overwritable; }
  BurnJob job(VerifyLevel level) const {
    const auto replaced = overwritable() ? std::vector<std::uint32_t>{0, 32, 256} : std::vector<std::uint32_t>{};
    BurnJobOptions options;
    options.verify = level;
    return BurnJob({std::make_shared<ResultImage>(session(replaced)), identity_}, options);
  }

  // As many blocks as media write at once, where they lie.
  ResultImage session(const std::vector<std::uint32_t>& replaced) const {
    std::vector<ImageExtent> front;
    for (const auto at : replaced)
      front.push_back({Lba{at}, std::make_shared<MemorySource>(noisy_blocks(32, 50 + at)), "front"});
    return ResultImage({{Lba{first()}, std::make_shared<MemorySource>(noisy_blocks(kSecond, 2)), "content /a"}},
                       {kSecond}, std::string(64, 'e'), Lba{first()}, std::move(front));
  }

  void flip(std::uint32_t block) const {
    std::fstream file(disc_, std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>(front_of(GetParam()) + Lba{block}.byte_offset() + 1000);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 4);
    file.seekp(at);
    file.put(byte);
  }

  void expect_holds_the_session() const {
    const auto disc = open_disc(GetParam(), disc_)->read_back();
    EXPECT_TRUE(blocks_at(*disc, first(), kSecond) == noisy_blocks(kSecond, 2));
    if (!overwritable()) return;
    for (const std::uint32_t at : {0U, 32U, 256U})
      EXPECT_TRUE(blocks_at(*disc, at, 32) == noisy_blocks(32, 50 + at)) << at;
  }

  // Burns the session onto a fresh copy of the disc. Either it is done, and the disc holds the session; or it has failed,
  // and says so in every way that it has.
  std::optional<Error> run(VerifyLevel level, const ProgressFn& progress = {}, std::stop_token stop = {},
                           const std::string& faults = {}) {
    bytes_.write(disc_);
    auto job = this->job(level);
    {
      const auto recorder = open_disc(GetParam(), disc_, 7, faults);
      recorder_ = recorder.get();
      try {
        job.run(*recorder, progress, std::move(stop));
      } catch (const Error& e) {
        EXPECT_EQ(job.receipt().outcome == Outcome::cancelled, e.code() == Errc::cancelled);
        EXPECT_NE(job.receipt().outcome, Outcome::done);
        EXPECT_NE(job.receipt().verification, Verification::passed);
        EXPECT_EQ(job.receipt().error, e.what());
        return e;
      }
    }
    EXPECT_EQ(job.receipt().outcome, Outcome::done);
    EXPECT_EQ(job.receipt().verification, Verification::passed);
    EXPECT_TRUE(job.receipt().error.empty());
    expect_holds_the_session();
    return std::nullopt;
  }
  // That the drive of the job that runs has got so far.
  std::uint64_t commands() const { return dynamic_cast<const MockRecorder&>(*recorder_).commands(); }

  TempFolder folder_;
  std::string disc_ = folder_ / "disc";
  DiscBytes bytes_;  // of the disc with its first session

 private:
  Media media_;
  DiscIdentity identity_;
  const Recorder* recorder_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(Discs, BurnJobVerified, ::testing::ValuesIn(kinds_of_discs()), name_of_medium);

// After the last block was written, and before the first is read back.
TEST_P(BurnJobVerified, ABlockThatChangesAfterItWasWrittenIsFound) {
  std::vector<std::uint32_t> blocks{first(), first() + kSecond - 1};
  for (std::uint32_t i = 0; i < kSecond; i += 23) blocks.push_back(first() + i);
  if (overwritable()) blocks.insert(blocks.end(), {0, 31, 40, 63, 256, 287});
  for (const auto block : blocks) {
    bool flipped = false;
    const auto error = run(VerifyLevel::full, [&](const BurnProgress& p) {
      if (p.phase == Phase::verifying && !std::exchange(flipped, true)) flip(block);
    });
    ASSERT_TRUE(error) << block;
    EXPECT_EQ(error->code(), Errc::verification_failed);
    EXPECT_EQ(error->where().lba, Lba{block});
  }
  EXPECT_FALSE(run(VerifyLevel::full));
}

TEST_P(BurnJobVerified, TheFirstAndTheLastBlockAndWhatLeadsToThemAreLookedAtWhateverTheLevel) {
  std::vector<std::uint32_t> blocks{first(), first() + 16, first() + 256, first() + kSecond - 1};
  if (overwritable()) blocks.insert(blocks.end(), {0, 16, 256});
  for (const auto block : blocks) {
    const auto error = run(VerifyLevel::quick, [&](const BurnProgress& p) {
      if (p.phase == Phase::verifying) flip(block);
    });
    ASSERT_TRUE(error) << block;
    EXPECT_EQ(error->code(), Errc::verification_failed);
  }
}

TEST_P(BurnJobVerified, StoppedWhileItVerifiesItIsNotDone) {
  for (const auto level : {VerifyLevel::quick, VerifyLevel::full}) {
    std::stop_source stop;
    const auto error = run(
        level,
        [&](const BurnProgress& p) {
          if (p.phase == Phase::verifying) stop.request_stop();
        },
        stop.get_token());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Errc::cancelled);
    expect_holds_the_session();  // it is whole, and nobody has said so
  }
}

TEST_P(BurnJobVerified, WhatTheCallbackThrowsWhileItVerifiesIsNoSuccess) {
  bytes_.write(disc_);
  const auto recorder = open_disc(GetParam(), disc_);
  auto job = this->job(VerifyLevel::full);
  EXPECT_THROW(job.run(*recorder,
                       [](const BurnProgress& p) {
                         if (p.phase == Phase::verifying) throw std::runtime_error("enough");
                       }),
               std::runtime_error);
  EXPECT_EQ(job.receipt().outcome, Outcome::failed);
  EXPECT_NE(job.receipt().verification, Verification::passed);
}

class BurnJobVerifiedOnDrives : public BurnJobVerified {};
INSTANTIATE_TEST_SUITE_P(Discs, BurnJobVerifiedOnDrives, ::testing::ValuesIn(mock_media_names()), name_of_medium);

TEST_P(BurnJobVerifiedOnDrives, ABlockThatCannotBeReadBackIsAnError) {
  for (const std::uint32_t i : {0U, 16U, 100U, 351U})
    for (const auto* effect : {"", ":eject", ":power"}) {
      const auto block = std::to_string(first() + i);
      const auto error = run(VerifyLevel::full, {}, {}, "read@" + block + (*effect == 0 ? "x*" : effect));
      ASSERT_TRUE(error) << block << effect;
      EXPECT_NE(error->code(), Errc::verification_failed);  // the drive's own words
      if (*effect == 0) {
        EXPECT_EQ(error->code(), Errc::read_failed);
        EXPECT_EQ(error->where().lba, Lba{first() + i});
      }
    }
}

// Every other command from the first word of the drive to the last block that is read back fails, or the disc is taken out or
// the power lost during it: it is tried again, or the job has failed.
TEST_P(BurnJobVerifiedOnDrives, WhateverCommandFailsADoneJobIsVerified) {
  constexpr const char* kEffects[] = {"", ":eject", ":power"};
  std::vector<std::uint64_t> heard;
  ASSERT_FALSE(run(VerifyLevel::full, [&](const BurnProgress& p) {
    if (p.phase < Phase::done) heard.push_back(commands());
  }));
  std::uint32_t failed = 0, n = 0;
  for (auto command = heard.at(1); command < heard.back(); command += 2) {
    const auto fault = "any#" + std::to_string(command) + kEffects[n++ % std::size(kEffects)];
    if (run(VerifyLevel::full, {}, {}, fault)) ++failed;
    if (HasFailure()) FAIL() << fault;
  }
  EXPECT_GT(n, 20U);
  EXPECT_GT(failed, n / 2);
}

}  // namespace
}  // namespace fsimage::test
