#include "mock_discs.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/recorder_contract.hpp"
#include "support/system.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::error_of;
using test::noise_image;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MockMedia : public test::EachMedium {};
INSTANTIATE_TEST_SUITE_P(All, MockMedia, ::testing::ValuesIn(mock_media_names()), test::name_of_medium);

// Keeps what the recorder did wrong when it has gone.
class Watched final : public Recorder {
 public:
  Watched(MockOptions options, std::vector<std::string>& violations) : of_(std::move(options)), all_(violations) {}
  ~Watched() override {
    for (auto& violation : of_.violations()) all_.push_back(std::move(violation));
  }
  RecorderInfo info() const override { return of_.info(); }
  Media media() override { return of_.media(); }
  void burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
            std::stop_token stop) override {
    of_.burn(image, options, progress, std::move(stop));
  }
  std::unique_ptr<ByteSource> read_back() override { return of_.read_back(); }
  void erase(EraseKind kind, const ProgressFn& progress, std::stop_token stop) override {
    of_.erase(kind, progress, std::move(stop));
  }
  void tray(Tray tray) override { of_.tray(tray); }

 private:
  MockRecorder of_;
  std::vector<std::string>& all_;
};

TEST_P(MockMedia, IsARecorder) {
  int discs = 0;
  std::vector<std::string> violations;
  const auto blank = [&] {
    fs::remove(folder_ / std::to_string(discs));
    return std::make_unique<Watched>(options(std::to_string(++discs)), violations);
  };
  test::expect_recorder(blank);
  if (test::is_erasable(GetParam())) test::expect_erases(blank);
  EXPECT_THAT(violations, IsEmpty());
}

TEST_P(MockMedia, TellsOfABlankDisc) {
  MockRecorder recorder(options("disc"));
  const auto media = recorder.media();
  EXPECT_EQ(GetParam().starts_with(to_string(media.type)), true) << to_string(media.type);
  EXPECT_EQ(media.media_class, overwritable() ? MediaClass::overwritable : MediaClass::sequential);
  EXPECT_EQ(media.state, MediaState::blank);
  EXPECT_EQ(media.capacity, BlockCount{capacity()});
  EXPECT_EQ(media.free, BlockCount{capacity()});
  EXPECT_EQ(media.next_writable, Lba{0});
  EXPECT_EQ(media.used, BlockCount{0});
  EXPECT_THAT(media.sessions, IsEmpty());
  EXPECT_FALSE(media.write_protected || media.final_session);
  EXPECT_EQ(media.disc_id.size(), 8U);
  EXPECT_EQ(media.write_unit.value, GetParam().starts_with("cd") ? 1U : GetParam().starts_with("bd") ? 32U : 16U);
  ASSERT_FALSE(media.write_speeds.empty());
  EXPECT_TRUE(std::ranges::is_sorted(media.write_speeds, std::greater<>()));
  EXPECT_EQ(recorder.read_back(), nullptr);
  EXPECT_EQ(recorder.info().vendor, "FSIMAGE");
  expect_no_violations(recorder);
}

// Five sessions in five recorders; every one is told of, and keeps its blocks.
TEST_P(MockMedia, GrowsBySessions) {
  constexpr std::uint32_t kBlocks = 640;
  std::vector<MediaSession> expected;
  for (std::uint32_t n = 0; n < 5; ++n) {
    MockRecorder recorder(options("disc"));
    const auto before = recorder.media();
    EXPECT_EQ(before.state, n == 0 ? MediaState::blank : MediaState::appendable);
    const auto at = overwritable() ? n * kBlocks : before.next_writable->value;
    const auto image = noise_image(
        at, kBlocks, n, overwritable() && n > 0 ? std::vector<std::uint32_t>{16, 256} : std::vector<std::uint32_t>{});
    recorder.burn(image, {}, {}, {});
    const auto after = recorder.media();
    EXPECT_EQ(after.state, MediaState::appendable);
    expected.push_back({Lba{at}, Lba{at + kBlocks - 1}});
    if (!overwritable()) {
      EXPECT_EQ(after.sessions, expected);
      EXPECT_EQ(after.used, BlockCount{at + kBlocks});
      EXPECT_GT(*after.next_writable, expected.back().last);
      EXPECT_EQ(*after.next_writable + *after.free, Lba{capacity()});
    }
    const auto disc = recorder.read_back();
    for (std::uint32_t k = 0; k <= n; ++k) {
      auto wanted = test::noisy_blocks(kBlocks, k);
      if (overwritable() && k == 0 && n > 0)
        for (const std::uint32_t front : {16U, 256U})
          std::ranges::copy(test::noisy_blocks(1, n + front), wanted.begin() + front * kBlockSize);
      EXPECT_TRUE(test::blocks_at(*disc, expected[k].first.value, kBlocks) == wanted) << "session " << k << " of " << n;
    }
    expect_no_violations(recorder);
  }
}

TEST(MockRecorder, GapsAreThoseOfRealMedia) {
  const std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> next{
      // The published dump of a CD: a session ends at 608, the next begins at 12010; 17898 and 24800.
      {"cd-r", {608 + 2 + 11'400, 17'898 + 2 + 6'900}},
      {"dvd-r", {608 + 28'672, 36'128 + 6'144}},
      {"dvd+r", {608 + 2'048, 9'504 + 2'048}},
      {"bd-r", {608, 1'216}},
  };
  for (const auto& [media, starts] : next) {
    const TempFolder folder;
    MockRecorder recorder({.path = folder / "disc", .media = media, .polls = 0});
    recorder.burn(noise_image(0, 608, 1), {}, {}, {});
    EXPECT_EQ(recorder.media().next_writable, Lba{starts.first}) << media;
    const std::uint32_t blocks = media == "cd-r" ? 17'898 - 12'010 : media == "bd-r" ? 608 : 6'848;
    recorder.burn(noise_image(starts.first, blocks, 1), {}, {}, {});
    EXPECT_EQ(recorder.media().next_writable, Lba{starts.second}) << media;
  }
}

TEST_P(MockMedia, WhatIsNotRecordedIsNamed) {
  if (overwritable() || GetParam() == "bd-r") return;  // zeros; and a BD-R has no gaps
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  const auto second = recorder.media().next_writable->value;
  recorder.burn(noise_image(second, 640, 2), {}, {}, {});
  const auto disc = recorder.read_back();
  EXPECT_EQ(disc->size(), Lba{second + 640}.byte_offset());
  const auto e = error_of([&] { test::blocks_at(*disc, 639, 4); });
  EXPECT_EQ(e.code(), Errc::read_failed);
  EXPECT_EQ(e.where().lba, Lba{640});
  EXPECT_EQ(e.where().path, folder_ / "disc");
  EXPECT_EQ(e.where().clause, "MMC-5 6.15");
  EXPECT_EQ(error_of([&] { test::blocks_at(*disc, second - 1, 1); }).where().lba, Lba{second - 1});
  Bytes odd(3000);
  disc->read_at(Lba{second}.byte_offset() + 100, odd);
  const auto second_session = test::noisy_blocks(640, 2);
  EXPECT_TRUE(std::ranges::equal(odd, std::span(second_session).subspan(100, 3000)));
}

TEST_P(MockMedia, RefusesBeforeAnythingIsWritten) {
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  const auto before = recorder.media();
  const auto refused = [&](const ResultImage& image) {
    const auto e = error_of(
        [&] { recorder.burn(image, {}, [](const BurnProgress& p) { EXPECT_LT(p.phase, Phase::formatting); }, {}); });
    EXPECT_EQ(e.where().path, folder_ / "disc");
    EXPECT_EQ(recorder.media(), before);
    return e.code();
  };
  const auto next = overwritable() ? 640U : before.next_writable->value;
  EXPECT_EQ(refused(ResultImage({}, {0}, "id", Lba{next})), Errc::invalid_argument);
  EXPECT_EQ(refused(ResultImage({}, {capacity() - next + 1}, "id", Lba{next})), Errc::no_space);
  if (!overwritable()) {
    EXPECT_EQ(refused(noise_image(0, 32, 1)), Errc::medium_state);
    EXPECT_EQ(refused(noise_image(next + 32, 32, 1)), Errc::medium_state);
    EXPECT_EQ(refused(noise_image(next, 32, 1, {16})), Errc::medium_state);
  }
  if (!test::is_erasable(GetParam())) {
    EXPECT_EQ(error_of([&] { recorder.erase(EraseKind::full, {}, {}); }).code(), Errc::unsupported);
  }
  EXPECT_EQ(recorder.media(), before);
  expect_no_violations(recorder);
}

TEST_P(MockMedia, AClosedDiscTakesNoMore) {
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {.close_disc = true}, {}, {});
  if (overwritable()) {
    EXPECT_EQ(recorder.media().state, MediaState::appendable);
    return;
  }
  const auto media = recorder.media();
  EXPECT_EQ(media.state, MediaState::closed);
  EXPECT_EQ(media.next_writable, std::nullopt);
  EXPECT_EQ(media.sessions, (std::vector<MediaSession>{{Lba{0}, Lba{639}}}));
  EXPECT_EQ(error_of([&] { recorder.burn(noise_image(12'042, 32, 1), {}, {}, {}); }).code(), Errc::medium_state);
  EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 0, 640) == test::noisy_blocks(640, 1));
  recorder.close(Close::disc, {}, {});
  if (test::is_erasable(GetParam())) {
    recorder.erase(EraseKind::quick, {}, {});
    EXPECT_EQ(recorder.media().state, MediaState::blank);
    recorder.burn(noise_image(0, 64, 2), {}, {}, {});
  }
  expect_no_violations(recorder);
}

TEST_P(MockMedia, ADiscCanBeClosedLater) {
  MockRecorder recorder(options("disc"));
  if (overwritable()) {
    EXPECT_EQ(error_of([&] { recorder.close(Close::disc, {}, {}); }).code(), Errc::unsupported);
    return;
  }
  EXPECT_EQ(error_of([&] { recorder.close(Close::session, {}, {}); }).code(), Errc::medium_state);
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  recorder.close(Close::session, {}, {});  // it is
  EXPECT_EQ(recorder.media().state, MediaState::appendable);
  if (GetParam().starts_with("cd") || GetParam().starts_with("dvd-")) {
    EXPECT_EQ(error_of([&] { recorder.close(Close::disc, {}, {}); }).code(), Errc::medium_state);
  } else {
    recorder.close(Close::disc, {}, {});
    EXPECT_EQ(recorder.media().state, MediaState::closed);
    EXPECT_EQ(recorder.media().sessions, (std::vector<MediaSession>{{Lba{0}, Lba{639}}}));
  }
  expect_no_violations(recorder);
}

TEST_P(MockMedia, StoppedInTheMiddleItTellsTheState) {
  std::stop_source stop;
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  const auto at = overwritable() ? 640 : recorder.media().next_writable->value;
  const auto e = error_of([&] {
    recorder.burn(
        noise_image(at, 2048, 2), {},
        [&](const BurnProgress& p) { p.done.value == 0 ? (void)0 : (void)stop.request_stop(); }, stop.get_token());
  });
  EXPECT_EQ(e.code(), Errc::cancelled);
  const auto disc = recorder.read_back();
  EXPECT_TRUE(test::blocks_at(*disc, 0, 640) == test::noisy_blocks(640, 1));
  if (overwritable()) {
    EXPECT_EQ(recorder.media().state, MediaState::appendable);
    return;
  }
  const auto media = recorder.media();
  EXPECT_EQ(media.state, MediaState::damaged);
  ASSERT_EQ(media.sessions.size(), 2U);
  EXPECT_EQ(media.sessions[1].first, Lba{at});
  const auto refused = error_of([&] { recorder.burn(noise_image(at, 32, 2), {}, {}, {}); });
  EXPECT_EQ(refused.code(), Errc::medium_state);
  EXPECT_THAT(refused.what(), HasSubstr("close"));
  recorder.close(Close::session, {}, {});
  EXPECT_EQ(recorder.media().state, MediaState::appendable);
  recorder.burn(noise_image(recorder.media().next_writable->value, 640, 3), {}, {}, {});
  EXPECT_EQ(recorder.media().sessions.size(), 3U);
  expect_no_violations(recorder);
}

TEST_P(MockMedia, TheTrayOpensAndCloses) {
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  const auto before = recorder.media();
  const auto disc = recorder.read_back();
  recorder.tray(Tray::open);
  EXPECT_EQ(recorder.media().state, MediaState::absent);
  EXPECT_EQ(recorder.read_back(), nullptr);
  EXPECT_EQ(error_of([&] { recorder.burn(noise_image(0, 32, 1), {}, {}, {}); }).code(), Errc::no_media);
  EXPECT_EQ(error_of([&] { test::blocks_at(*disc, 0, 1); }).code(), Errc::no_media);
  recorder.tray(Tray::close);
  EXPECT_EQ(recorder.media(), before);
  EXPECT_TRUE(test::blocks_at(*disc, 0, 640) == test::noisy_blocks(640, 1));
  expect_no_violations(recorder);
}

TEST_P(MockMedia, ASimulationIsNotRecorded) {
  MockRecorder recorder(options("disc"));
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  const auto before = recorder.media();
  const auto at = overwritable() ? 640 : before.next_writable->value;
  const auto image =
      noise_image(at, 640, 2, overwritable() ? std::vector<std::uint32_t>{16} : std::vector<std::uint32_t>{});
  recorder.burn(image, {.simulate = true}, [](const BurnProgress& p) { EXPECT_TRUE(p.reversible); }, {});
  EXPECT_EQ(recorder.media(), before);
  recorder.burn(image, {}, {}, {});
  expect_no_violations(recorder);
}

#ifndef _WIN32  // another user
TEST_P(MockMedia, AFileThatMayNotBeWrittenIsAProtectedDisc) {
  MockRecorder(options("disc")).burn(noise_image(0, 640, 1), {}, {}, {});
  fs::permissions(folder_.path(), fs::perms{0755});
  fs::permissions(folder_ / "disc", fs::perms{0444});
  const test::WithoutPrivileges guard;
  MockRecorder recorder(options("disc"));
  EXPECT_TRUE(recorder.media().write_protected);
  const auto at = overwritable() ? 640 : recorder.media().next_writable->value;
  EXPECT_EQ(error_of([&] { recorder.burn(noise_image(at, 32, 1), {}, {}, {}); }).code(), Errc::write_protected);
  EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 0, 640) == test::noisy_blocks(640, 1));
  expect_no_violations(recorder);
}
#endif

TEST(MockRecorder, TheLastSessionThatFitsIsToldOf) {
  const TempFolder folder;
  MockRecorder recorder({.path = folder / "disc", .media = "dvd+r", .capacity = 6'400, .polls = 0});
  EXPECT_FALSE(recorder.media().final_session);
  recorder.burn(noise_image(0, 320, 1), {}, {}, {});
  EXPECT_FALSE(recorder.media().final_session) << "4032 blocks are free";
  recorder.burn(noise_image(2'368, 320, 1), {}, {}, {});
  EXPECT_TRUE(recorder.media().final_session) << "1664 blocks are free";
  recorder.burn(noise_image(4'736, 320, 1), {}, {}, {});
  EXPECT_EQ(recorder.media().state, MediaState::closed);
  EXPECT_EQ(recorder.media().sessions.size(), 3U);
  EXPECT_THAT(recorder.violations(), IsEmpty());
}

TEST(MockRecorder, AWholeDiscIsErasedWithoutTakingSpace) {
  const TempFolder folder;
  MockRecorder recorder({.path = folder / "disc", .media = "dvd+rw", .capacity = 200'000});
  recorder.burn(noise_image(100'000, 640, 1), {}, {}, {});
  recorder.erase(EraseKind::full, {}, {});
  EXPECT_EQ(recorder.media().state, MediaState::blank);
  EXPECT_TRUE(test::allocated_bytes(folder / "disc") < 1U << 20 || !test::knows_holes()) << "of 400 MB";
  recorder.burn(noise_image(0, 640, 1), {}, {}, {});
  EXPECT_TRUE(test::blocks_at(*recorder.read_back(), 100'000, 640) == Bytes(640 * kBlockSize));
  EXPECT_THAT(recorder.violations(), IsEmpty());
}

TEST(MockRecorder, OneDriveHasADisc) {
  const TempFolder folder;
  auto recorder = std::make_unique<MockRecorder>(MockOptions{.path = folder / "disc", .media = "bd-r"});
  EXPECT_EQ(error_of([&] { MockRecorder(MockOptions{.path = folder / "disc"}); }).code(), Errc::busy);
  recorder->burn(noise_image(0, 640, 1), {}, {}, {});
  auto disc = recorder->read_back();
  recorder.reset();
  EXPECT_TRUE(test::blocks_at(*disc, 0, 640) == test::noisy_blocks(640, 1)) << "what was read back keeps the drive";
  EXPECT_EQ(error_of([&] { MockRecorder(MockOptions{.path = folder / "disc"}); }).code(), Errc::busy);
  disc.reset();
  EXPECT_EQ(MockRecorder(MockOptions{.path = folder / "disc"}).media().type, MediaType::bd_r);
}

TEST(MockRecorder, ASpeedOfTheListIsTaken) {
  const TempFolder folder;
  MockRecorder recorder({.path = folder / "disc", .media = "bd-r"});
  for (const auto speed : recorder.media().write_speeds) {
    const auto at = recorder.media().next_writable->value;
    recorder.burn(noise_image(at, 32, 1), {.speed = speed}, {}, {});
  }
  EXPECT_THAT(recorder.violations(), IsEmpty());
}

// What is told of a burn at 4x: seconds pass in the drive alone.
TEST(MockRecorder, ABurnTakesTheDrivesTime) {
  constexpr std::uint32_t kBlocks = 6'000, kSpeed = 690;  // KiB a second: 706,000 bytes
  const auto image = noise_image(0, kBlocks, 1);
  const auto burn = [&] {
    const TempFolder folder;
    MockRecorder recorder({.path = folder / "disc", .media = "cd-r"});
    std::vector<BurnProgress> told;
    recorder.burn(image, {.speed = kSpeed}, [&](const BurnProgress& p) { told.push_back(p); }, {});
    EXPECT_THAT(recorder.violations(), IsEmpty());
    return told;
  };
  auto told = burn();
  auto again = burn();
  ASSERT_EQ(told.size(), again.size()) << "the same burn has the same words";
  std::chrono::duration<double> first{}, last{};
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].elapsed, again[i].elapsed);
    EXPECT_EQ(told[i].bytes_per_second, again[i].bytes_per_second);
    EXPECT_EQ(told[i].drive_buffer, again[i].drive_buffer);
    if (told[i].phase != Phase::writing) continue;
    if (told[i].done == BlockCount{}) first = told[i].elapsed;
    last = told[i].elapsed;
    if (told[i].done.value < 4'000) continue;
    EXPECT_NEAR(static_cast<double>(told[i].bytes_per_second), 706'000, 1'000);
    EXPECT_EQ(told[i].path, told[i].done.value < kBlocks ? "/a" : "");
    EXPECT_GT(told[i].drive_buffer->percent(), 90U) << "the host is faster than the disc";
  }
  EXPECT_NEAR((last - first).count(), (kBlocks * 2048.0 - (2 << 20)) / 706'000, 0.2) << "but for what is in the buffer";
}

TEST(MockName, HasAPathAndOptions) {
  const auto o = parse_mock_name(
      "mock:a/disc.cdr?media=cd-r&capacity=4000&serial=7&polls=0&fault=write@100x2,close:power&fault=tur");
  EXPECT_EQ(o.path, "a/disc.cdr");
  EXPECT_EQ(o.media, "cd-r");
  EXPECT_EQ(o.capacity, 4000U);
  EXPECT_EQ(o.serial, 7U);
  EXPECT_EQ(o.polls, 0U);
  EXPECT_EQ(o.faults, "write@100x2,close:power,tur");
  EXPECT_EQ(parse_mock_name("disc.cdr").path, "disc.cdr");
  for (const char* bad :
       {"", "mock:", "mock:?media=cd-r", "a?media=cd", "a?colour=red", "a?capacity=", "a?capacity=1x", "a?media",
        "a?fault=writ", "a?fault=write@", "a?fault=write@1x", "a?fault=write:3/0C", "a?fault=write:0/00/00",
        "a?fault=write,", "a?fault=tur@5", "a?fault=write:gone", "a?fault=write@5:wrong", "a?fault=read:wrong"})
    EXPECT_EQ(error_of([&] { parse_mock_name(bad); }).code(), Errc::invalid_argument) << bad;
}

TEST(MockName, NamesNothingThatIsNoDisc) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { MockRecorder("mock:" + (folder / "none")); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { MockRecorder(folder.write("text", "not a disc")); }).code(), Errc::corrupt_structure);
  EXPECT_EQ(error_of([&] { MockRecorder((folder / "a") + "?media=bd-r&capacity=31"); }).code(), Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { MockRecorder((folder / "b") + "?media=cd-r&capacity=400000"); }).code(),
            Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
