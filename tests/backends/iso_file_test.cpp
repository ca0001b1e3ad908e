#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/recorder_contract.hpp"
#include "support/system.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::error_of;
using test::names_in;
using test::noise;
using test::read_bytes;
using test::TempFolder;
using test::TrialImage;
using Copy = IsoFileOptions::Copy;

constexpr std::chrono::milliseconds kAlways{0};  // report after every piece

TEST(IsoFile, SavesTheImageWhateverTheWay) {
  TrialImage trial;
  const TempFolder folder;
  for (const auto copy : {Copy::automatic, Copy::plain})
    for (const std::size_t workers : {1U, 2U, 4U})
      for (const std::size_t window : {1U, 1U << 20}) {
        const auto path = folder / "a.iso";
        save_image(*trial.image(), path, {.simulate = false, .sync = false}, {}, {},
                   {.copy = copy, .window = window, .workers = workers});
        ASSERT_TRUE(read_bytes(path) == trial.bytes())
            << "copy " << int(copy) << " workers " << workers << " window " << window;
        ASSERT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
      }
}

TEST(IsoFile, HolesStayHoles) {
  TrialImage trial;
  const TempFolder folder;
  for (const auto copy : {Copy::automatic, Copy::plain}) {
    save_image(*trial.image(), folder / "a.iso", {}, {}, {}, {.copy = copy});
    EXPECT_EQ(fs::file_size(folder / "a.iso"), trial.bytes().size());
    // Of 4 MiB, 1.7 hold something.
    EXPECT_LT(test::allocated_bytes(folder / "a.iso"), test::knows_holes() ? 2'000'000U : 3'000'000U);
  }
}

TEST(IsoFile, AHugeSparseImageIsSavedSparse) {
  const TempFolder folder;
  const ResultImage image({{Lba{16}, std::make_shared<MemorySource>(noise(2048, 1)), "front"},
                           {Lba{100}, std::make_shared<ZeroSource>(std::uint64_t{100} << 30), "content /sparse"},
                           {Lba{60'000'000}, std::make_shared<MemorySource>(noise(2048, 2)), "back"}},
                          {60'000'001}, "id");
  save_image(image, folder / "a.iso");
  EXPECT_EQ(fs::file_size(folder / "a.iso"), image.size());
  EXPECT_LT(test::allocated_bytes(folder / "a.iso"), 1U << 20);
  if (!test::knows_holes()) return;  // each of the zeros would be read
  IsoFileRecorder recorder(folder / "a.iso");
  verify_image(image, recorder);
}

TEST(IsoFile, IsARecorder) {
  for (const auto copy : {Copy::automatic, Copy::plain})
    for (const std::size_t workers : {1U, 3U}) {
      const TempFolder folder;
      int files = 0;
      const auto blank = [&] {
        const auto path = folder / (std::to_string(++files) + ".iso");
        return std::make_unique<IsoFileRecorder>(
            path, IsoFileOptions{.copy = copy, .window = 65'536, .workers = workers, .progress_interval = kAlways});
      };
      test::expect_recorder(blank);
      test::expect_erases(blank);
      for (const auto& name : names_in(folder.path())) EXPECT_THAT(name, ::testing::EndsWith(".iso")) << "a leftover";
    }
}

TEST(IsoFile, ARecorderIsAFile) {
  TrialImage trial;
  const TempFolder folder;
  const auto path = folder / "a.iso";
  IsoFileRecorder recorder(path);
  EXPECT_EQ(recorder.info().backend, "iso");
  EXPECT_EQ(recorder.info().name, path);
  EXPECT_EQ(recorder.read_back(), nullptr);
  EXPECT_EQ(recorder.media().type, MediaType::file);
  EXPECT_GT(recorder.media().free.value_or(BlockCount{0}), BlockCount{0});
  recorder.burn(*trial.image(), {}, {}, {});
  EXPECT_EQ(recorder.media().state, MediaState::appendable);
  EXPECT_EQ(recorder.media().used, trial.image()->total_blocks());
  EXPECT_EQ(error_of([&] { recorder.tray(Tray::open); }).code(), Errc::unsupported);
  recorder.erase(EraseKind::quick, {}, {});
  recorder.erase(EraseKind::full, {}, {});  // nothing there is fine
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(IsoFile, MediaOfOtherNames) {
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  EXPECT_EQ(IsoFileRecorder(folder / "none/a.iso").media().state, MediaState::absent);
  EXPECT_EQ(IsoFileRecorder(folder.write("empty.iso", "")).media().state, MediaState::blank);
  const auto odd = IsoFileRecorder(folder.write("odd.iso", std::string(2049, 'x'))).media();
  EXPECT_EQ(odd.state, MediaState::appendable);
  EXPECT_EQ(odd.used, BlockCount{2});
  EXPECT_THROW(IsoFileRecorder(folder.path().string()).media(), Error);
#ifndef _WIN32  // another user
  EXPECT_THROW(IsoFileRecorder("/dev/null").media(), Error);
  fs::permissions(folder / "odd.iso", fs::perms{0444});
  const test::WithoutPrivileges guard;
  EXPECT_EQ(IsoFileRecorder(folder / "odd.iso").media().state, MediaState::closed);
#endif
}

TEST(IsoFile, ClosingIsThePointOfNoReturn) {
  TrialImage trial;
  const TempFolder folder;
  std::vector<Phase> phases;
  save_image(*trial.image(), folder / "a.iso", {}, [&](const BurnProgress& p) {
    EXPECT_EQ(p.cancellable, p.phase < Phase::closing);
    if (phases.empty() || phases.back() != p.phase) phases.push_back(p.phase);
  });
  EXPECT_EQ(phases, (std::vector<Phase>{Phase::preparing, Phase::writing, Phase::closing, Phase::done}));
}

TEST(IsoFile, ProgressComesAFewTimesASecond) {
  TrialImage trial;
  const TempFolder folder;
  std::size_t calls = 0;
  const auto begin = std::chrono::steady_clock::now();
  save_image(*trial.image(), folder / "a.iso", {}, [&](const BurnProgress&) { ++calls; }, {}, {.window = 65'536});
  const auto tenths = (std::chrono::steady_clock::now() - begin) / std::chrono::milliseconds(100);
  EXPECT_LE(calls, static_cast<std::size_t>(tenths) + 5);  // and the ends of the phases
}

TEST(IsoFile, CancelledAnywhereItLeavesTheOldImage) {
  TrialImage trial;
  const TempFolder folder;
  const auto path = folder.write("a.iso", "the old image");
  int steps = 0;
  for (bool saved = false; !saved && steps < 1000; ++steps) {
    std::stop_source stop;
    int step = 0;
    try {
      save_image(*trial.image(), path, {},
                 [&](const BurnProgress&) { step++ == steps ? (void)stop.request_stop() : (void)0; }, stop.get_token(),
                 {.window = 65'536, .workers = 1, .progress_interval = kAlways});
      saved = true;
      EXPECT_TRUE(read_bytes(path) == trial.bytes());
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::cancelled);
      EXPECT_EQ(TempFolder::read(path), "the old image") << steps;
    }
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"}) << steps;
  }
  EXPECT_GT(steps, 10);
}

TEST(IsoFile, ASimulationKeepsTheOldImage) {
  TrialImage trial;
  const TempFolder folder;
  const auto path = folder.write("a.iso", "the old image");
  save_image(*trial.image(), path, {.simulate = true},
             [&](const BurnProgress& p) { EXPECT_NE(p.phase, Phase::closing); });
  EXPECT_EQ(TempFolder::read(path), "the old image");
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});

  int reads = 0;
  const auto fail = [&](std::uint64_t, std::span<std::byte>) {
    ++reads;
    throw Error(Errc::source_changed, {.path = "/a"}, "gone");
  };
  const ResultImage image({{Lba{0}, std::make_shared<CallbackSource>(5000, fail), "content /a"}}, {10}, "id");
  EXPECT_EQ(error_of([&] { save_image(image, path, {.simulate = true}); }).where().path, "/a");
  EXPECT_EQ(reads, 1) << "a simulation reads";
}

TEST(IsoFile, OddImages) {
  const TempFolder folder;
  save_image(ResultImage({}, {0}, "id"), folder / "empty.iso");
  EXPECT_EQ(fs::file_size(folder / "empty.iso"), 0U);
  save_image(ResultImage({}, {7}, "id"), folder / "zeros.iso");
  EXPECT_TRUE(read_bytes(folder / "zeros.iso") == Bytes(7 * kBlockSize));
}

TEST(IsoFile, TheOldImageMayBeASourceOfTheNew) {
  if (test::under_wine()) return;  // it replaces no file that is open
  const TempFolder folder;
  const auto old = noise(1'000'000, 9);
  const auto path = folder.write("a.iso", test::text_of(old));
  ContentStore store;
  const auto id =
      store.add_file(store.add_folder(folder.path().string()), "a.iso", OpenFile::open(path)->fingerprint());
  auto region = std::make_shared<ContentRegion>(std::make_shared<ContentStore>(store),
                                                std::vector<ContentRegion::Placed>{{BlockCount{10}, id, 0}},
                                                BlockCount{600}, [](std::uint32_t) { return std::string("/old.iso"); });
  const ResultImage image({{Lba{0}, std::move(region), "content"}}, {600}, "id");
  save_image(image, path);
  Bytes expected(600 * kBlockSize);
  std::ranges::copy(old, expected.begin() + 10 * kBlockSize);
  EXPECT_TRUE(read_bytes(path) == expected);
}

TEST(WriteImage, FeedsASinkInOrder) {
  TrialImage trial;
  for (const std::size_t workers : {1U, 3U}) {
    Bytes found;
    BlockCount last{};
    write_image(
        *trial.image(),
        [&](std::span<const std::byte> bytes) { found.insert(found.end(), bytes.begin(), bytes.end()); },
        [&](const BurnProgress& p) {
          EXPECT_GE(p.done, last);
          last = p.done;
        },
        {}, {.window = 65'536, .workers = workers, .progress_interval = kAlways});
    EXPECT_TRUE(found == trial.bytes());
    EXPECT_EQ(last, trial.image()->total_blocks());
  }
}

TEST(WriteImage, EndsWhenTheSinkDoes) {
  TrialImage trial;
  std::size_t calls = 0;
  EXPECT_THROW(write_image(*trial.image(),
                           [&](std::span<const std::byte>) {
                             if (++calls == 3) throw std::system_error(EPIPE, std::generic_category());
                           },
                           {}, {}, {.window = 65'536}),
               std::system_error);
  EXPECT_EQ(calls, 3U);
}

TEST(WriteImage, StopsOnRequestAndNoticesChanges) {
  TrialImage trial;
  std::stop_source stop;
  std::size_t got = 0;
  const auto stopped = error_of([&] {
    write_image(*trial.image(),
                [&](std::span<const std::byte> bytes) {
                  got += bytes.size();
                  stop.request_stop();
                },
                {}, stop.get_token(), {.window = 65'536});
  });
  EXPECT_EQ(stopped.code(), Errc::cancelled);
  EXPECT_EQ(got, 65'536U);

  bool changed = false;
  const auto e = error_of([&] {
    write_image(*trial.image(),
                [&](std::span<const std::byte>) {
                  if (!std::exchange(changed, true))
                    trial.sources().write("docs/large.bin", "that was read in part at most");
                },
                {}, {}, {.window = 65'536, .workers = 1});
  });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_THAT(e.where().path, ::testing::EndsWith("large.bin"));
}

}  // namespace
}  // namespace fsimage
