// What a save must survive: sources that fail, targets that refuse, kills.
#include "support/child_process.hpp"
#include "support/error_of.hpp"
#include "support/system.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <thread>
#include <utility>

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

// A folder with an old image that must not be harmed.
struct Target {
  TempFolder folder;
  std::string path = folder.write("a.iso", "the old image");

  void expect_untouched() const {
    EXPECT_EQ(TempFolder::read(path), "the old image");
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  }
};

// 1,200 blocks with holes, whose read number n fails.
std::shared_ptr<const ResultImage> failing_image(std::atomic<int>& n) {
  std::vector<ImageExtent> extents;
  for (std::uint32_t i = 0; i < 5; ++i)
    extents.push_back({Lba{i * 200},
                       std::make_shared<CallbackSource>(150'000 + i,
                                                        [&n](std::uint64_t, std::span<std::byte> out) {
                                                          if (n-- <= 0)
                                                            throw Error(Errc::source_changed, {.path = "/a"},
                                                                        "shorter");
                                                          std::fill(out.begin(), out.end(), std::byte{1});
                                                        }),
                       "content /a"});
  return std::make_shared<const ResultImage>(std::move(extents), BlockCount{1200}, "id");
}

// The threads that wait for what failed must not hide why.
TEST(IsoFileFaults, AnyReadMayFail) {
  for (const bool digested : {false, true}) {
    const Target target;
    bool met_none = false;
    for (int n = 0; n < 1000 && !met_none; ++n) {
      std::atomic<int> left = n;
      const auto image = failing_image(left);
      ImageDigests digests(image);
      try {
        save_image(*image, target.path, {.simulate = false, .sync = false}, {}, {},
                   {.window = 65'536, .workers = 4, .digests = digested ? &digests : nullptr});
        met_none = true;
        EXPECT_GE(n, 10) << "the fault was never met";
        EXPECT_EQ(fs::file_size(target.path), image->size());
        if (digested) {
          EXPECT_EQ(digests.image(), sha256_of(read_bytes(target.path)));
        }
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::source_changed) << n;
        EXPECT_EQ(e.where().path, "/a") << n;
        target.expect_untouched();
      }
    }
    EXPECT_TRUE(met_none) << "there is always a fault left";
  }
}

TEST(IsoFileFaults, ASourceThatChangedSinceItWasPlanned) {
  for (const bool gone : {false, true}) {
    TrialImage trial;
    trial.image();
    const Target target;
    const auto file = trial.sources() / "docs/large.bin";
    gone ? (void)fs::remove(file) : (void)trial.sources().write("docs/large.bin", "less");
    const auto e = error_of([&] {
      save_image(*trial.image(), target.path, {}, [](const BurnProgress& p) { EXPECT_LT(p.phase, Phase::closing); });
    });
    EXPECT_EQ(e.code(), gone ? std::make_error_code(std::errc::no_such_file_or_directory)
                             : make_error_code(Errc::source_changed));
    EXPECT_EQ(e.where().path, file);
    target.expect_untouched();
  }
}

TEST(IsoFileFaults, ASourceThatChangesDuringTheSave) {
  for (const auto copy : {IsoFileOptions::Copy::automatic, IsoFileOptions::Copy::plain})
    for (const std::string name : {"docs/aligned.bin", "docs/large.bin", "a.txt"}) {
      TrialImage trial;
      const Target target;
      bool changed = false;
      const auto e = error_of([&] {
        save_image(*trial.image(), target.path, {},
                   [&](const BurnProgress& p) {
                     if (p.phase != Phase::writing || std::exchange(changed, true)) return;
                     std::fstream(trial.sources() / name, std::ios::in | std::ios::out | std::ios::binary) << "changed";
                   },
                   {}, {.copy = copy});
      });
      EXPECT_EQ(e.code(), Errc::source_changed) << name;
      EXPECT_EQ(e.where().path, trial.sources() / name);
      target.expect_untouched();
    }
}

#ifndef _WIN32  // devices, pipes and other users
TEST(IsoFileFaults, TargetsThatAreNoFiles) {
  TrialImage trial;
  const TempFolder folder;
  fs::create_directory(folder / "dir");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const auto before = names_in(folder.path());
  for (const std::string& path :
       {std::string("/dev/null"), std::string("/dev/full"), folder / "fifo", folder / "dir", folder / "none/a.iso"}) {
    const auto e = error_of([&] { save_image(*trial.image(), path); });
    EXPECT_EQ(e.where().path, path);
    if (path.starts_with("/dev/")) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
      EXPECT_THAT(e.message(), ::testing::HasSubstr("device"));
      EXPECT_TRUE(fs::is_character_file(path)) << path;
    }
    EXPECT_THROW(IsoFileRecorder(path).erase(EraseKind::quick, {}, {}), Error);
  }
  EXPECT_EQ(names_in(folder.path()), before);
}

TEST(IsoFileFaults, AFolderThatMayNotBeWritten) {
  TrialImage trial;
  trial.image();
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms{0555});
  {
    const test::WithoutPrivileges guard;
    const auto e = error_of([&] { save_image(*trial.image(), folder / "a.iso"); });
    EXPECT_EQ(e.code(), std::errc::permission_denied);
    EXPECT_EQ(e.where().path, folder / "a.iso");
  }
  fs::permissions(folder.path(), fs::perms{0755});
  EXPECT_TRUE(names_in(folder.path()).empty());
}
#endif

TEST(IsoFileFaults, TwoSavesAtATime) {
  TrialImage first(1), second(50);
  const TempFolder folder;
  bool tried = false;
  save_image(*first.image(), folder / "a.iso", {}, [&](const BurnProgress& p) {
    if (p.phase != Phase::writing || std::exchange(tried, true)) return;
    const auto e = error_of([&] { save_image(*second.image(), folder / "a.iso"); });
    EXPECT_EQ(e.code(), Errc::busy);
    EXPECT_EQ(e.where().path, folder / "a.iso");
  });
  EXPECT_TRUE(tried);
  EXPECT_TRUE(read_bytes(folder / "a.iso") == first.bytes());
  save_image(*second.image(), folder / "a.iso");
  EXPECT_TRUE(read_bytes(folder / "a.iso") == second.bytes());
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
}

#ifndef _WIN32  // small file systems
// Over an old image in a file system of 3 MiB.
bool passes_in_little_space(const std::function<void(const std::string& path)>& body) {
  const TempFolder folder;
  return test::passes_in_child([&] {
    if (!test::mount_small_file_system(folder.path().string(), "3m")) return;
    body(folder.write("a.iso", "the old image"));
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  });
}

ResultImage image_of(std::uint64_t data, std::uint32_t total_blocks) {
  return {{{Lba{16}, std::make_shared<MemorySource>(noise(data, 1)), "data"}}, {total_blocks}, "id"};
}

TEST(IsoFileFaults, NoSpaceIsSaidBeforeAnythingIsWritten) {
  EXPECT_TRUE(passes_in_little_space([](const std::string& path) {
    const auto e = error_of([&] {
      save_image(image_of(4 << 20, 3000), path, {}, [](const BurnProgress& p) { EXPECT_LT(p.phase, Phase::closing); });
    });
    EXPECT_EQ(e.code(), Errc::no_space);
    EXPECT_EQ(e.where().path, path);
    EXPECT_EQ(TempFolder::read(path), "the old image");
  }));
}

TEST(IsoFileFaults, ASparseSaveThatFitsIsNotRefused) {
  EXPECT_TRUE(passes_in_little_space([](const std::string& path) {
    const auto image = image_of(2 << 20, 50'000);
    save_image(image, path);
    EXPECT_EQ(fs::file_size(path), image.size());
  }));
}

TEST(IsoFileFaults, SpaceThatRunsOutMidway) {
  EXPECT_TRUE(passes_in_little_space([](const std::string& path) {
    bool filled = false;
    const auto e = error_of([&] {
      save_image(image_of(2 << 20, 3000), path, {}, [&](const BurnProgress& p) {
        if (p.phase != Phase::writing || std::exchange(filled, true)) return;
        std::ofstream(path + ".other", std::ios::binary) << std::string(2 << 20, 'x');
      });
    });
    fs::remove(path + ".other");
    EXPECT_EQ(e.code(), Errc::no_space);
    EXPECT_EQ(e.where().path, path);
    EXPECT_EQ(TempFolder::read(path), "the old image");
  }));
}

TEST(IsoFileFaults, KilledAtAnyMomentTheNameHoldsTheOldOrTheNew) {
  TrialImage images[] = {TrialImage(1), TrialImage(100)};
  for (auto& image : images) image.image();
  const TempFolder folder;
  const auto path = folder / "a.iso";
  const auto begin = std::chrono::steady_clock::now();
  save_image(*images[0].image(), path);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);

  std::mt19937 random(1);
  int now = 0, killed_early = 0, leftovers = 0;
  for (int round = 0; round < 50; ++round) {
    const int next = 1 - now;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      save_image(*images[next].image(), path, {}, {}, {}, {.window = 65'536});
      ::_exit(0);
    }
    std::this_thread::sleep_for(whole * (random() % 1500) / 1000);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const auto found = read_bytes(path);
    if (found == images[next].bytes()) {
      now = next;
    } else {
      ASSERT_TRUE(found == images[now].bytes()) << "neither old nor new in round " << round;
      ASSERT_TRUE(WIFSIGNALED(status)) << "a save that ended well has no effect";
      ++killed_early;
    }
    const auto names = names_in(folder.path());
    ASSERT_TRUE(names.contains("a.iso"));
    ASSERT_LE(names.size(), 2U);
    leftovers += names.size() == 2 ? 1 : 0;
  }
  EXPECT_GT(killed_early, 0);
  EXPECT_GT(leftovers, 0) << "no kill came while the temporary was there";
  save_image(*images[1].image(), path);
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  EXPECT_TRUE(read_bytes(path) == images[1].bytes());
}
#endif

}  // namespace
}  // namespace fsimage
