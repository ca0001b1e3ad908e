// What goes wrong with drives and discs, at every block and at every command.
#include "mock_discs.hpp"
#include "support/child_process.hpp"

#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <optional>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::error_of;
using test::noise_image;
using test::TempFolder;
using ::testing::HasSubstr;

constexpr std::uint32_t kFirst = 320;  // a CD track has 300 blocks at least
constexpr std::uint32_t kSecond = 48;

class MockFaults : public test::EachMedium {
 protected:
  // A disc with one session. Returns where the next begins.
  std::uint32_t first_session() {
    fs::remove(folder_ / "disc");
    MockRecorder recorder(options("disc"));
    recorder.burn(noise_image(0, kFirst, 1), {}, {}, {});
    return overwritable() ? kFirst : recorder.media().next_writable->value;
  }

  ResultImage second_session(std::uint32_t at) const {
    return noise_image(at, kSecond, 2,
                       overwritable() ? std::vector<std::uint32_t>{16, 17, 256} : std::vector<std::uint32_t>{});
  }

  // Burns the second session with that fault; nullopt when it has none.
  std::optional<Error> burn_with(const std::string& fault, std::uint32_t at) {
    MockRecorder recorder(options("disc", fault));
    std::optional<Error> error;
    try {
      recorder.burn(second_session(at), {}, {}, {});
    } catch (const Error& e) {
      error = e;
    }
    expect_no_violations(recorder);
    return error;
  }

  // The first session is as it was, but for replaced blocks, which are old or new and change in order.
  void expect_first_session(const ByteSource& disc) {
    auto wanted = test::noisy_blocks(kFirst, 1);
    if (overwritable()) {
      bool still_new = true;
      for (const std::uint32_t at : {16U, 17U, 256U}) {
        const auto block = test::noisy_blocks(1, 2 + at);
        const bool is_new = test::blocks_at(disc, at, 1) == block;
        EXPECT_TRUE(still_new || !is_new) << "block " << at << " was replaced before an earlier one";
        still_new = is_new;
        if (is_new) std::ranges::copy(block, wanted.begin() + at * kBlockSize);
      }
      if (still_new || test::blocks_at(disc, 16, 1) == test::noisy_blocks(1, 18)) {
        EXPECT_TRUE(test::blocks_at(disc, kFirst, kSecond) == test::noisy_blocks(kSecond, 2))
            << "the front leads to a session that is not there";
      }
    }
    EXPECT_TRUE(test::blocks_at(disc, 0, kFirst) == wanted);
  }

  // Whatever happened, the disc can be gone on with.
  void expect_goes_on() {
    MockRecorder recorder(options("disc"));
    expect_first_session(*recorder.read_back());
    const auto media = recorder.media();
    if (overwritable()) {
      EXPECT_EQ(media.state, MediaState::appendable);
      recorder.burn(second_session(kFirst), {}, {}, {});
    } else {
      ASSERT_TRUE(media.state == MediaState::damaged || media.state == MediaState::appendable);
      EXPECT_EQ(media.sessions.front(), (MediaSession{Lba{0}, Lba{kFirst - 1}}));
      if (media.state == MediaState::damaged) recorder.close(Close::session, {}, {});
      const auto at = recorder.media().next_writable->value;
      recorder.burn(noise_image(at, kSecond, 3), {}, {}, {});
      EXPECT_TRUE(test::blocks_at(*recorder.read_back(), at, kSecond) == test::noisy_blocks(kSecond, 3));
    }
    expect_first_session(*recorder.read_back());
    expect_no_violations(recorder);
  }
};
INSTANTIATE_TEST_SUITE_P(All, MockFaults, ::testing::ValuesIn(mock_media_names()), test::name_of_medium);

TEST_P(MockFaults, PowerIsLostAtAnyBlock) {
  std::vector<std::uint32_t> blocks;
  if (overwritable()) blocks = {16, 17, 256};
  const auto first = first_session();
  for (std::uint32_t i = 0; i < kSecond; ++i) blocks.push_back(first + i);
  for (const auto block : blocks) {
    const auto at = first_session();
    const auto error = burn_with("write@" + std::to_string(block) + ":power", at);
    ASSERT_TRUE(error) << block;
    EXPECT_EQ(error->code(), std::errc::no_such_device);
    EXPECT_EQ(error->where().path, folder_ / "disc");
    {
      MockRecorder recorder(options("disc"));
      const auto written = block >= at ? block - at : kSecond;  // what is replaced comes last
      EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 0, 1) == test::noisy_blocks(1, 1));
      const auto& all = test::noisy_blocks(kSecond, 2);
      const auto found = written == 0 ? Bytes{} : test::blocks_at(*recorder.read_back(), at, written);
      EXPECT_TRUE(std::equal(found.begin(), found.end(), all.begin()));
    }
    expect_goes_on();
    if (HasFailure()) FAIL() << "block " << block;
  }
}

TEST_P(MockFaults, PowerIsLostAtAnyCommand) {
  for (int command = 0; command < 1000; ++command) {
    const auto at = first_session();
    const auto error = burn_with("any#" + std::to_string(command) + ":power", at);
    expect_goes_on();
    if (HasFailure()) FAIL() << "command " << command;
    if (!error) {
      EXPECT_GT(command, 15);
      return;
    }
    EXPECT_EQ(error->code(), std::errc::no_such_device);
  }
  FAIL() << "it never ends";
}

TEST_P(MockFaults, ABlockCannotBeWritten) {
  for (const std::uint32_t i : {0U, 1U, 15U, 16U, 31U, 32U, 47U}) {
    const auto at = first_session();
    const auto error = burn_with("write@" + std::to_string(at + i), at);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Errc::write_failed);
    EXPECT_EQ(error->where().lba, Lba{at + i});
    EXPECT_EQ(error->where().path, folder_ / "disc");
    EXPECT_EQ(error->where().clause, "MMC-5 6.44");
    EXPECT_THAT(error->what(), HasSubstr("3/0C/00"));
    expect_goes_on();
  }
}

TEST_P(MockFaults, TheDiscIsTakenOut) {
  const auto at = first_session();
  {
    MockRecorder recorder(options("disc", "write@" + std::to_string(at + 20) + ":eject"));
    const auto e = error_of([&] { recorder.burn(second_session(at), {}, {}, {}); });
    EXPECT_EQ(e.code(), Errc::no_media);
    EXPECT_EQ(e.where().lba, Lba{at + 20});
    EXPECT_EQ(recorder.media().state, MediaState::absent);
    recorder.tray(Tray::close);
    EXPECT_NE(recorder.media().state, MediaState::absent);
    expect_no_violations(recorder);
  }
  expect_goes_on();
}

TEST_P(MockFaults, ADiscThatMayBeAnotherIsNotWrittenTo) {
  const auto at = first_session();
  const auto error = burn_with("write#1:6/28/00", at);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::medium_state);
  EXPECT_THAT(error->what(), HasSubstr("may have changed"));
  expect_goes_on();
}

#ifndef _WIN32  // child processes
TEST_P(MockFaults, AKilledProcessLeavesTheLastCommand) {
  for (int step = 0; step < 1000; ++step) {
    const auto at = first_session();
    std::fflush(nullptr);
    const auto child = ::fork();
    if (child == 0) {
      int n = 0;
      MockRecorder recorder(options("disc"));
      recorder.burn(second_session(at), {},
                    [&](const BurnProgress&) { n++ == step ? (void)::raise(SIGKILL) : (void)0; }, {});
      ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    expect_goes_on();
    if (HasFailure()) FAIL() << "step " << step;
    if (WIFEXITED(status)) {
      EXPECT_GT(step, 4);
      return;
    }
  }
  FAIL() << "it never ends";
}
#endif

TEST_P(MockFaults, ADriveThatIsNotReadyIsWaitedFor) {
  const auto at = first_session();
  EXPECT_FALSE(burn_with("tur#1x5,write#1x3:2/04/08,sync:2/04/08,any#20x3:2/04/07", at));
  expect_goes_on();
  MockRecorder never(options("disc", "tur#0x*"));
  EXPECT_EQ(error_of([&] { never.media(); }).code(), Errc::busy);
}

TEST_P(MockFaults, ABlockCannotBeRead) {
  first_session();
  MockRecorder recorder(options("disc", "read@100x2"));
  const auto disc = recorder.read_back();
  for (int i = 0; i < 2; ++i) {
    const auto e = error_of([&] { test::blocks_at(*disc, 96, 8); });
    EXPECT_EQ(e.code(), Errc::read_failed);
    EXPECT_EQ(e.where().lba, Lba{100});
  }
  EXPECT_TRUE(test::blocks_at(*disc, 0, kFirst) == test::noisy_blocks(kFirst, 1)) << "the third time";
}

TEST_P(MockFaults, ABlockIsReadWrongly) {
  first_session();
  MockRecorder recorder(options("disc", "read@100x*:wrong"));
  auto wanted = test::noisy_blocks(kFirst, 1);
  EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 0, 100) ==
              Bytes(wanted.begin(), wanted.begin() + 100 * kBlockSize));
  const auto e = error_of([&] { verify_image(noise_image(0, kFirst, 1), recorder); });
  EXPECT_EQ(e.code(), Errc::verification_failed);
  EXPECT_EQ(e.where().lba, Lba{100});
  wanted[100 * kBlockSize] ^= std::byte{1};
  EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 0, kFirst) == wanted);
}

TEST_P(MockFaults, ADiscThatCannotBeClosedIsToldOf) {
  if (overwritable()) return;
  const auto at = first_session();
  const auto error = burn_with("close", at);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Errc::write_failed);
  EXPECT_EQ(error->where().clause, "MMC-5 6.3");
  expect_goes_on();
  // The track is closed, the session is not.
  const auto again = first_session();
  ASSERT_TRUE(burn_with("close#1", again));
  expect_goes_on();
}

TEST_P(MockFaults, CalibrationFailsBeforeAnythingIsWritten) {
  if (overwritable()) return;
  MockRecorder recorder(options("disc", "opc"));
  const auto e = error_of([&] {
    recorder.burn(noise_image(0, 32, 1), {}, [](const BurnProgress& p) { EXPECT_LT(p.phase, Phase::writing); }, {});
  });
  EXPECT_EQ(e.code(), Errc::write_failed);
  EXPECT_EQ(recorder.media().state, MediaState::blank);
  recorder.burn(noise_image(0, 32, 1), {}, {}, {});
  expect_no_violations(recorder);
}

#ifndef _WIN32  // child processes
TEST_P(MockFaults, AnErasureThatDidNotEndCanBeBegunAgain) {
  if (!test::is_erasable(GetParam())) return;
  first_session();
  {
    // Two polls before it would have ended.
    auto drive = options("disc", "");
    drive.polls = 4;
    const auto child = ::fork();
    if (child == 0) {
      MockRecorder recorder(drive);
      int told = 0;
      recorder.erase(EraseKind::full,
                     [&](const BurnProgress& p) {
                       if (p.phase == Phase::formatting && told++ == 2) ::raise(SIGKILL);
                     },
                     {});
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  MockRecorder recorder(options("disc"));
  EXPECT_EQ(recorder.media().state, MediaState::damaged);
  EXPECT_EQ(error_of([&] { recorder.burn(noise_image(0, 32, 1), {}, {}, {}); }).code(), Errc::medium_state);
  EXPECT_THAT(error_of([&] { recorder.burn(noise_image(0, 32, 1), {}, {}, {}); }).what(), HasSubstr("erase"));
  recorder.erase(EraseKind::quick, {}, {});
  EXPECT_EQ(recorder.media().state, MediaState::blank);
  recorder.burn(noise_image(0, 32, 1), {}, {}, {});
  expect_no_violations(recorder);
}
#endif

}  // namespace
}  // namespace fsimage
