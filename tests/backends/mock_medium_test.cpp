// The medium alone: how sessions and tracks grow, and what its file keeps.
#include "medium.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fsimage::mock {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::noise;
using test::TempFolder;
using ::testing::ElementsAre;

NewMedium made(std::string_view kind, std::optional<std::uint32_t> capacity = {}) {
  return {.kind = find_kind(kind), .capacity = capacity, .serial = 7};
}

MediumState blank(std::string_view kind, std::uint32_t capacity) {
  return MediumState::blank(*find_kind(kind), capacity, 7);
}

void record(MediumState& state, std::uint32_t blocks) {
  state.tracks.back().next += blocks;
  state.close_track(state.tracks.size() - 1, true);
}

TEST(MockMediumState, EveryKindIsOfATypeAndAProfileOfItsOwn) {
  std::vector<std::uint16_t> profiles;
  for (const auto& kind : medium_kinds()) {
    EXPECT_EQ(find_kind(kind.name), &kind);
    EXPECT_EQ(kind.capacity % kind.unit, 0U) << kind.name;
    EXPECT_EQ(kind.first_gap % kind.unit + kind.later_gap % kind.unit, 0U) << kind.name;
    EXPECT_TRUE(std::ranges::is_sorted(kind.speeds, std::greater<>())) << kind.name;
    profiles.push_back(kind.profile);
  }
  std::ranges::sort(profiles);
  EXPECT_TRUE(std::ranges::adjacent_find(profiles) == profiles.end());
  EXPECT_EQ(&overwritable_form(*find_kind("dvd-rw")), find_kind("dvd-rw-overwrite"));
  EXPECT_EQ(&sequential_form(*find_kind("dvd-rw-overwrite")), find_kind("dvd-rw"));
  EXPECT_EQ(&overwritable_form(*find_kind("bd-re")), find_kind("bd-re"));
  EXPECT_EQ(find_kind("dvd"), nullptr);
}

TEST(MockMediumState, TracksOfACdHaveRunOutAndPreGap) {
  auto state = blank("cd-r", 100'000);
  record(state, 1'000);
  record(state, 5);  // a track has four seconds at least
  state.close_session(false);
  EXPECT_THAT(state.tracks,
              ElementsAre(Track{0, 1'000, 1'002, 1, false, true}, Track{1'152, 1'452, 1'454, 1, false, true},
                          Track{12'854, 12'854, 100'000, 2, false, false}));
  EXPECT_EQ(state.sessions(), 2);
  EXPECT_EQ(state.closed_sessions(), 1);
  EXPECT_EQ(state.last_recorded(), 1'451U);
  EXPECT_TRUE(state.is_recorded(0, 1'000));
  EXPECT_FALSE(state.is_recorded(0, 1'001));
  EXPECT_FALSE(state.is_recorded(1'100, 1));
  EXPECT_EQ(state.track_at(1'001), 0U);
  EXPECT_EQ(state.track_at(1'100), std::nullopt);
}

TEST(MockMediumState, UnitsAreFilled) {
  auto state = blank("bd-r", 3'200);
  state.tracks.back().next = 33;
  EXPECT_EQ(state.writable_at(33), 0U);
  state.pad_to_unit();
  EXPECT_EQ(state.writable_at(33), std::nullopt);
  EXPECT_EQ(state.writable_at(64), 0U);
  EXPECT_TRUE(state.is_recorded(0, 64));
  state.close_track(0, true);
  state.close_session(false);
  EXPECT_THAT(state.tracks, ElementsAre(Track{0, 64, 64, 1, false, true}, Track{64, 64, 3'200, 2, false, false}));
}

TEST(MockMediumState, ReservedTracksAreFilledWhenTheyAreClosed) {
  auto state = blank("dvd+r", 3'200);
  state.reserve(90);
  EXPECT_THAT(state.tracks, ElementsAre(Track{0, 0, 96, 1, true, false}, Track{96, 96, 3'200, 1, false, false}));
  EXPECT_FALSE(state.is_blank());
  EXPECT_EQ(state.writable_at(96), 1U);
  state.tracks[0].next = 16;
  state.close_track(0, true);
  EXPECT_EQ(state.tracks[0], (Track{0, 96, 96, 1, true, true}));
}

TEST(MockMediumState, ADiscWithoutRoomIsFinalised) {
  auto dvd = blank("dvd+r", 3'200);
  record(dvd, 1'152);
  dvd.close_session(false);
  EXPECT_TRUE(dvd.finalised) << "no unit is left behind the gap";
  EXPECT_EQ(dvd.closed_sessions(), 1);
  EXPECT_EQ(dvd.writable_at(1'152), std::nullopt);

  auto cd = blank("cd-r", 359'847);
  auto& kind = *find_kind("cd-r");
  while (!cd.finalised) {
    cd.tracks.back().next += 300;
    cd.close_track(cd.tracks.size() - 1, true);
    if (cd.tracks.size() > kind.most_tracks) cd.close_session(false);
  }
  EXPECT_EQ(cd.tracks.size(), kind.most_tracks);
}

TEST(MockMediumState, HeadersAreReadAsTheyWereWritten) {
  for (const auto& kind : medium_kinds()) {
    auto state = MediumState::blank(kind, 64'000, 7);
    state.background = true;
    const auto check = [&] {
      const auto found = decode(encode(state, 41) + "what was there before");
      ASSERT_TRUE(found);
      EXPECT_EQ(found->sequence, 41U);
      EXPECT_EQ(found->state, state);
    };
    check();
    if (!kind.sequential()) continue;
    record(state, 640);
    state.close_session(false);
    check();
  }
}

// As docs/simulated-discs.md has it.
TEST(MockMediumState, TheHeaderIsWhatThePageSays) {
  auto state = MediumState::blank(*find_kind("dvd+r"), 64'000, 305'419'896);
  record(state, 640);
  state.close_session(false);
  EXPECT_EQ(encode(state, 7),
            "fsimage mock medium 1\nsequence 7\nmedia dvd+r\ncapacity 64000\nserial 305419896\nformatted 0\nbroken 0\n"
            "background 0\nfinalised 0\ntracks 2\ntrack 1 0 640 640 0 1\ntrack 2 2688 2688 64000 0 0\nend 35685\n");
}

TEST(MockMediumState, HostileHeadersAreRefused) {
  auto state = blank("dvd+r", 3'200);
  record(state, 640);
  const auto text = encode(state, 41);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(decode(text.substr(0, i))) << i;
    auto other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    const auto found = decode(other);
    EXPECT_FALSE(found) << i;
  }
  // Whole, and senseless.
  for (const Track& track : {Track{10, 5, 20, 1, false, false}, Track{0, 20, 10, 1, false, false},
                             Track{0, 0, 3'201, 1, false, false}, Track{0, 0, 10, 2, false, false}}) {
    auto bad = blank("dvd+r", 3'200);
    bad.tracks = {track};
    EXPECT_FALSE(decode(encode(bad, 1)));
  }
  auto none = blank("dvd+r", 3'200);
  none.tracks.clear();
  EXPECT_FALSE(decode(encode(none, 1)));
}

TEST(MockMedium, AFileKeepsBlocksAndState) {
  const TempFolder folder;
  MediumState last;
  {
    Medium medium(folder / "disc", made("bd-r"));
    EXPECT_EQ(medium.state().capacity, find_kind("bd-r")->capacity);
    for (std::uint32_t n = 0; n < 5; ++n) {
      medium.write(n * 32, noise(32 * kBlockSize, n));
      auto state = medium.state();
      state.tracks.back().next += 32;
      medium.set_state(state);
    }
    medium.write(12'219'391, noise(kBlockSize, 9));
    last = medium.state();
  }
  const Medium medium(folder / "disc", made("cd-r", 400));  // there is one already
  EXPECT_EQ(medium.state(), last);
  test::Bytes found(32 * kBlockSize);
  medium.read(96, found);
  EXPECT_TRUE(found == noise(32 * kBlockSize, 3));
  EXPECT_LT(test::allocated_bytes(folder / "disc"), 2U << 20) << "25 GB, of which little is used";
  EXPECT_EQ(fs::file_size(folder / "disc"), Medium::kBlocksAt + std::uint64_t{12'219'392} * kBlockSize);
}

// A header that is cut or lost leaves the one before it.
TEST(MockMedium, ATornHeaderIsNotInForce) {
  const TempFolder folder;
  MediumState before;
  {
    Medium medium(folder / "disc", made("bd-r", 3'200));
    auto state = medium.state();
    state.tracks.back().next = 32;
    medium.set_state(state);
    before = medium.state();
    state.tracks.back().next = 64;
    medium.set_state(state);  // the third: slot 1
  }
  std::fstream(folder / "disc", std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<std::streamoff>(Medium::kSlotSize + 100))
      .write("torn", 4);
  {
    Medium medium(folder / "disc", {});
    EXPECT_EQ(medium.state(), before);
    medium.set_state(medium.state());
  }
  EXPECT_EQ(Medium(folder / "disc", {}).state(), before);
}

TEST(MockMedium, WhatWasCutShortEndsWithAUnit) {
  const TempFolder folder;
  {
    Medium medium(folder / "disc", made("dvd+r", 3'200));
    auto state = medium.state();
    state.tracks.back().next = 17;
    medium.set_state(state);
  }
  EXPECT_EQ(Medium(folder / "disc", {}).state().tracks.back().next, 32U);
}

TEST(MockMedium, FilesThatAreNone) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { Medium(folder / "none", {}); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { Medium(folder.write("empty", ""), {}); }).code(), Errc::corrupt_structure);
  EXPECT_EQ(error_of([&] { Medium(folder.write("text", "some text"), made("cd-r")); }).code(), Errc::corrupt_structure);
  EXPECT_EQ(error_of([&] { Medium(folder / "small", made("bd-r", 31)); }).code(), Errc::invalid_argument);
  EXPECT_EQ(Medium(folder.write("fresh", ""), made("bd-r", 95)).state().capacity, 64U);
}

}  // namespace
}  // namespace fsimage::mock
