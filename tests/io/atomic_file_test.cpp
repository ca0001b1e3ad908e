#include "support/child_process.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/system.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/atomic_file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifndef _WIN32
#include <sys/socket.h>
#include <sys/un.h>
#endif

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::error_of;
using test::names_in;
using test::noise;
using test::TempFolder;
using test::text_of;

std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

void save(const std::string& path, std::string_view text, bool sync = true) {
  AtomicFile out(path);
  out.reserve(text.size(), text.size());
  out.write_at(0, bytes_of_text(text));
  out.commit(sync);
}

// The code and path of what opening that target throws.
std::pair<std::error_code, std::string> refusal(const std::string& path) {
  const auto e = error_of([&] { const AtomicFile out(path); });
  return {e.code(), e.where().path};
}

TEST(AtomicFile, CommitsTheWholeFileUnderItsName) {
  const TempFolder folder;
  for (const bool sync : {true, false}) {
    save(folder / "a.iso", sync ? "first" : "second, longer", sync);
    EXPECT_EQ(TempFolder::read(folder / "a.iso"), sync ? "first" : "second, longer");
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  }
}

TEST(AtomicFile, TheNameHoldsTheOldFileUntilCommit) {
  const TempFolder folder;
  folder.write("a.iso", "old");
  AtomicFile out(folder / "a.iso");
  EXPECT_EQ(out.path(), folder / "a.iso");
  out.reserve(3, 3);
  out.write_at(0, bytes_of_text("new"));
  EXPECT_EQ(TempFolder::read(folder / "a.iso"), "old");
  EXPECT_EQ(names_in(folder.path()), (std::set<std::string>{"a.iso", ".a.iso.fsimage-part"}));
  out.commit(true);
  EXPECT_EQ(TempFolder::read(folder / "a.iso"), "new");
  EXPECT_THROW(out.commit(true), std::logic_error);
}

TEST(AtomicFile, WhatIsNotCommittedGoes) {
  const TempFolder folder;
  folder.write("a.iso", "old");
  {
    AtomicFile out(folder / "a.iso");
    out.write_at(0, bytes_of_text("new"));
  }
  AtomicFile out(folder / "a.iso");
  out.discard();
  EXPECT_THROW(out.commit(true), std::logic_error);
  EXPECT_EQ(TempFolder::read(folder / "a.iso"), "old");
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
}

TEST(AtomicFile, WhatIsNotWrittenIsZerosAndHoles) {
  const TempFolder folder;
  constexpr std::uint64_t kSize = 4 << 20;
  {
    AtomicFile out(folder / "a");
    out.reserve(kSize, 8192);
    out.write_at(kSize / 2, bytes_of_text("middle"));
    out.write_at(4096, bytes_of_text("front"));
    out.commit(true);
  }
  const auto found = TempFolder::read(folder / "a");
  std::string expected(kSize, '\0');
  expected.replace(kSize / 2, 6, "middle");
  expected.replace(4096, 5, "front");
  EXPECT_TRUE(found == expected);
  EXPECT_LT(test::allocated_bytes(folder / "a"), 1U << 20);
}

#ifndef _WIN32  // links, modes, pipes and other users
TEST(AtomicFile, ASymlinkStaysAndTheFileBehindItIsReplaced) {
  const TempFolder folder;
  const auto file = folder.write("images/a.iso", "old");
  fs::create_symlink("images/a.iso", folder / "relative");
  fs::create_symlink(folder / "relative", folder / "chain");
  save(folder / "chain", "new");
  EXPECT_EQ(TempFolder::read(file), "new");
  EXPECT_TRUE(fs::is_symlink(folder / "chain"));
  EXPECT_TRUE(fs::is_symlink(folder / "relative"));
  EXPECT_EQ(names_in(folder.path() / "images"), std::set<std::string>{"a.iso"});

  fs::create_symlink("images/none.iso", folder / "dangling");
  save(folder / "dangling", "made");
  EXPECT_EQ(TempFolder::read(folder / "images/none.iso"), "made");

  fs::create_symlink("loop", folder / "loop");
  EXPECT_EQ(refusal(folder / "loop").first, std::errc::too_many_symbolic_link_levels);
}

TEST(AtomicFile, PermissionsAreThoseOfTheReplacedFileOrOfTheUmask) {
  const TempFolder folder;
  const auto mode = [&](const char* name) { return fs::status(folder / name).permissions(); };
  folder.write("old", "");
  fs::permissions(folder / "old", fs::perms{0640});
  save(folder / "old", "new");
  EXPECT_EQ(mode("old"), fs::perms{0640});

  const auto umask = ::umask(027);
  folder.write(".fresh.fsimage-part", "of a save under another umask");
  fs::permissions(folder / ".fresh.fsimage-part", fs::perms{0600});
  save(folder / "fresh", "new");
  ::umask(umask);
  EXPECT_EQ(mode("fresh"), fs::perms{0640});
}

TEST(AtomicFile, RefusesWhatIsNoFile) {
  const TempFolder folder;
  fs::create_directory(folder / "dir");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
  fs::create_symlink("/dev/null", folder / "to null");
  folder.write("file", "x");
  const auto before = names_in(folder.path());

  const std::vector<std::pair<std::string, std::error_condition>> rows = {
      {folder / "dir", std::errc::is_a_directory},
      {folder / "dir/", std::errc::is_a_directory},
      {folder / "none/", std::errc::is_a_directory},
      {folder / "dir/.", std::errc::is_a_directory},
      {".", std::errc::is_a_directory},
      {"/", std::errc::is_a_directory},
      {folder / "none/a.iso", std::errc::no_such_file_or_directory},
      {folder / "file/a.iso", std::errc::not_a_directory},
      {folder / std::string(256, 'n'), std::errc::filename_too_long},
  };
  for (const auto& [path, expected] : rows)
    EXPECT_EQ(refusal(path), std::pair(std::error_code(expected.value(), std::generic_category()), path));
  for (const std::string& path : {folder / "fifo", folder / "socket", folder / "to null", std::string("/dev/null")})
    EXPECT_EQ(refusal(path), std::pair(make_error_code(Errc::invalid_argument), path));
  EXPECT_EQ(refusal("").first, Errc::invalid_argument);
  EXPECT_EQ(names_in(folder.path()), before);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(AtomicFile, AFolderOrFileThatMayNotBeWrittenIsNamed) {
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  fs::create_directory(folder / "closed");
  folder.write("open/kept.iso", "kept");
  fs::permissions(folder / "open", fs::perms{0777});
  fs::permissions(folder / "open/kept.iso", fs::perms{0444});
  fs::permissions(folder / "closed", fs::perms{0555});
  {
    const test::WithoutPrivileges guard;
    for (const auto& path : {folder / "closed/a.iso", folder / "open/kept.iso"})
      EXPECT_EQ(refusal(path), std::pair(std::error_code(EACCES, std::generic_category()), path));
    save(folder / "open/a.iso", "written");
  }
  fs::permissions(folder / "closed", fs::perms{0755});
  EXPECT_EQ(TempFolder::read(folder / "open/kept.iso"), "kept");
  EXPECT_EQ(TempFolder::read(folder / "open/a.iso"), "written");
  EXPECT_TRUE(names_in(folder.path() / "closed").empty());
}
#endif

TEST(AtomicFile, TheSecondOfTwoSavesIsRefused) {
  const TempFolder folder;
  {
    AtomicFile first(folder / "a.iso");
    first.write_at(0, bytes_of_text("first"));
    EXPECT_EQ(refusal(folder / "a.iso"), std::pair(make_error_code(Errc::busy), folder / "a.iso"));
#ifndef _WIN32
    EXPECT_TRUE(test::passes_in_child([&] { EXPECT_EQ(refusal(folder / "a.iso").first, Errc::busy); }))
        << "another process";
#endif
    save(folder / "b.iso", "another name");
    first.reserve(5, 5);
    first.commit(true);
    save(folder / "a.iso", "second, while the first is committed but not gone");
  }
  EXPECT_THAT(TempFolder::read(folder / "a.iso"), ::testing::StartsWith("second"));
  EXPECT_EQ(names_in(folder.path()), (std::set<std::string>{"a.iso", "b.iso"}));
}

#ifndef _WIN32  // child processes
TEST(AtomicFile, TheLeftoverOfAKilledSaveIsReplaced) {
  const TempFolder folder;
  EXPECT_FALSE(test::passes_in_child([&] {
    AtomicFile out(folder / "a.iso");
    out.write_at(0, bytes_of_text("a long text of a save that never ends"));
    ::kill(::getpid(), SIGKILL);
  }));
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{".a.iso.fsimage-part"});
  {
    AtomicFile out(folder / "a.iso");
    out.reserve(100, 0);
    out.commit(true);
  }
  EXPECT_EQ(TempFolder::read(folder / "a.iso"), std::string(100, '\0'));
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
}
#endif

TEST(AtomicFile, ALeftoverThatIsAnotherFileTooIsNotWrittenTo) {
  const TempFolder folder;
  folder.write("precious", "precious");
  fs::create_hard_link(folder / "precious", folder / ".a.iso.fsimage-part");
  save(folder / "a.iso", "new");
  EXPECT_EQ(TempFolder::read(folder / "precious"), "precious");
  EXPECT_EQ(names_in(folder.path()), (std::set<std::string>{"a.iso", "precious"}));

#ifndef _WIN32
  fs::create_symlink("precious", folder / ".a.iso.fsimage-part");
  EXPECT_EQ(refusal(folder / "a.iso").second, folder / "a.iso");
  EXPECT_EQ(TempFolder::read(folder / "precious"), "precious");
  EXPECT_EQ(TempFolder::read(folder / "a.iso"), "new");
#endif
}

TEST(AtomicFile, NamesOfAnyLength) {
  const TempFolder folder;
  std::set<std::string> all;
  for (const std::size_t length : {1U, 240U, 241U, 242U, 254U, 255U}) {
    const std::string name(length, 'n');
    save(folder / name, "x");
    all.insert(name);
  }
  EXPECT_EQ(names_in(folder.path()), all);

  // The same in what the temporary's name can keep, and cut in the midst of a character.
  std::string stem;
  for (int i = 0; i < 84; ++i) stem += "\xE2\x82\xAC";
  const AtomicFile one(folder / (stem + "a")), other(folder / (stem + "b"));
  std::size_t parts = 0;
  for (const auto& name : names_in(folder.path()))
    if (name.ends_with(".fsimage-part")) {
      ++parts;
      EXPECT_LE(name.size(), 255U);
      const auto tilde = name.find('~');
      ASSERT_NE(tilde, std::string::npos);
      EXPECT_EQ((tilde - 1) % 3, 0U) << "half a character was kept";
    }
  EXPECT_EQ(parts, 2U);
}

TEST(AtomicFile, SpaceIsAskedForBeforeAnythingIsWritten) {
  const TempFolder folder;
  AtomicFile out(folder / "a.iso");
  const auto free = inspect_target(folder / "a.iso").free_bytes;
  ASSERT_TRUE(free);
  constexpr std::uint64_t kMargin = std::uint64_t{1} << 34;  // others write there, too
  const auto e = error_of([&] { out.reserve(*free + kMargin, *free + kMargin); });
  EXPECT_EQ(e.code(), Errc::no_space);
  EXPECT_EQ(e.where().path, folder / "a.iso");
  out.reserve(*free + kMargin, 4096);  // the same size, nearly all of it a hole
}

#ifndef _WIN32  // limits, mounts and copies by the kernel
TEST(AtomicFile, ASizeThatNoFileMayHaveIsRefusedFirst) {
  const TempFolder folder;
  AtomicFile out(folder / "a.iso");
  EXPECT_EQ(error_of([&] { out.reserve(std::uint64_t{1} << 63, 0); }).code(), std::errc::file_too_large);
  const test::FileSizeLimit limit(1 << 20);
  out.reserve(1 << 20, 0);
  EXPECT_EQ(error_of([&] { out.reserve((1 << 20) + 1, 0); }).code(), std::errc::file_too_large);
}

TEST(AtomicFile, AFullFileSystemIsNoSpace) {
  const TempFolder folder;
  EXPECT_TRUE(test::passes_in_child([&] {
    if (!test::mount_small_file_system(folder.path().string(), "1m")) return;
    save(folder / "a.iso", "old");
    const auto e = error_of([&] {
      AtomicFile out(folder / "a.iso");
      const Bytes block(65'536, std::byte{1});
      for (std::uint64_t i = 0; i < 64; ++i) out.write_at(i * block.size(), block);
    });
    EXPECT_EQ(e.code(), Errc::no_space);
    EXPECT_EQ(e.where().path, folder / "a.iso");
    EXPECT_EQ(TempFolder::read(folder / "a.iso"), "old");
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  }));
}

TEST(AtomicFile, AFailedWriteNamesTheTarget) {
  const TempFolder folder;
  EXPECT_TRUE(test::passes_in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    AtomicFile out(folder / "a.iso");
    const test::FileSizeLimit limit(1000);
    const auto e = error_of([&] { out.write_at(0, Bytes(5000)); });
    EXPECT_EQ(e.code(), std::errc::file_too_large);
    EXPECT_EQ(e.where().path, folder / "a.iso");
  }));
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(AtomicFile, TheKernelCopies) {
  const TempFolder folder;
  const auto content = noise(3'000'001, 1);
  const auto source = OpenFile::open(folder.write("source", text_of(content)));
  Bytes expected(content.size() + 100'000);
  {
    AtomicFile out(folder / "a.iso");
    out.reserve(expected.size(), expected.size());
    // Aligned and large, unaligned, small: source offset, length, where to.
    const std::vector<std::array<std::uint64_t, 3>> pieces = {
        {4096, 1'000'003, 8192}, {1'100'000, 500'000, 1'100'001}, {7, 10, 1}};
    for (const auto& [from, length, to] : pieces) {
      ASSERT_TRUE(out.copy_from(*source, from, length, to));
      std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(from), length,
                  expected.begin() + static_cast<std::ptrdiff_t>(to));
    }
    EXPECT_FALSE(out.copy_from(*source, 2'999'999, 100, 2'999'000)) << "the source has not so many bytes";
    out.write_at(2'999'000, Bytes(100));
    out.commit(true);
  }
  EXPECT_TRUE(test::read_bytes(folder / "a.iso") == expected);
}
#endif

TEST(AtomicFile, AskingForClonesLeavesNoTrace) {
  const TempFolder folder;
  const auto source = OpenFile::open(folder.write("source", std::string(1 << 20, 'x')));
  const auto tiny = OpenFile::open(folder.write("tiny", "x"));
  {
    AtomicFile out(folder / "a.iso");
    EXPECT_GE(out.clone_alignment(), 4096U);
    EXPECT_FALSE(out.can_clone(*tiny));
    const bool before = out.can_clone(*source);
    out.reserve(10'000, 10'000);
    out.write_at(0, Bytes(10'000, std::byte{7}));
    EXPECT_EQ(out.can_clone(*source), before);
    out.commit(true);
  }
  EXPECT_TRUE(test::read_bytes(folder / "a.iso") == Bytes(10'000, std::byte{7}));
}

#ifndef _WIN32  // copies by the kernel
TEST(AtomicFile, TheOldFileMayBeASource) {
  const TempFolder folder;
  const auto content = noise(1 << 20, 3);
  const auto source = OpenFile::open(folder.write("a.iso", text_of(content)));
  {
    AtomicFile out(folder / "a.iso");
    out.reserve(content.size(), content.size());
    ASSERT_TRUE(out.copy_from(*source, 0, content.size() / 2, content.size() / 2));
    ASSERT_TRUE(out.copy_from(*source, content.size() / 2, content.size() / 2, 0));
    out.commit(true);
  }
  const auto found = test::read_bytes(folder / "a.iso");
  EXPECT_TRUE(std::equal(found.begin(), found.begin() + (1 << 19), content.begin() + (1 << 19)));
  EXPECT_TRUE(std::equal(found.begin() + (1 << 19), found.end(), content.begin()));
}
#endif

#ifndef _WIN32  // pipes
TEST(AtomicFile, WhatTakesTheNameMeanwhileIsNotReplacedUnlessItIsAFile) {
  const TempFolder folder;
  for (const bool fifo : {true, false}) {
    const auto name = folder / (fifo ? "fifo" : "dir");
    {
      AtomicFile out(name);
      out.reserve(3, 3);
      if (fifo) {
        ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
      } else {
        fs::create_directory(name);
      }
      EXPECT_THROW(out.commit(true), Error);
    }
    EXPECT_FALSE(fs::is_regular_file(name));
  }
  EXPECT_EQ(names_in(folder.path()), (std::set<std::string>{"fifo", "dir"}));
}
#endif

TEST(AtomicFile, ManySavesToOneNameNeverMix) {
  const TempFolder folder;
  std::atomic<int> saved = 0, busy = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const std::string text(20'000, static_cast<char>('a' + t));
      for (int i = 0; i < 100; ++i) {
        try {
          save(folder / "a.iso", text, false);
          ++saved;
        } catch (const Error& e) {
          EXPECT_EQ(e.code(), Errc::busy) << e.what();
          ++busy;
        }
      }
    });
  for (auto& thread : threads) thread.join();
  const auto last = TempFolder::read(folder / "a.iso");
  ASSERT_EQ(last.size(), 20'000U);
  EXPECT_EQ(last, std::string(20'000, last[0]));
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>{"a.iso"});
  EXPECT_GT(saved, 0);
  EXPECT_EQ(saved + busy, 400);
}

#ifndef _WIN32  // links, and other users
TEST(TargetState, SaysWhatLiesThere) {
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  folder.write("a.iso", "12345");
  const auto file = inspect_target(folder / "a.iso");
  EXPECT_TRUE(file.folder_exists && file.exists);
  EXPECT_EQ(file.size, 5U);
  EXPECT_TRUE(file.writable);
  EXPECT_GT(file.free_bytes.value_or(0), 0U);
  const auto none = inspect_target(folder / "none.iso");
  EXPECT_TRUE(none.folder_exists && none.writable);
  EXPECT_FALSE(none.exists);
  EXPECT_FALSE(inspect_target(folder / "none/a.iso").folder_exists);
  EXPECT_THROW(inspect_target("/dev/null"), Error);
  EXPECT_THROW(inspect_target(folder.path().string()), Error);
  fs::permissions(folder.path(), fs::perms{0555});
  {
    const test::WithoutPrivileges guard;
    EXPECT_FALSE(inspect_target(folder / "none.iso").writable);
    EXPECT_FALSE(inspect_target(folder / "a.iso").writable);
  }
  fs::permissions(folder.path(), fs::perms{0755});
}

TEST(RemoveTarget, RemovesFilesOnly) {
  const TempFolder folder;
  folder.write("a.iso", "12345");
  fs::create_symlink("a.iso", folder / "link");
  remove_target(folder / "link");
  EXPECT_FALSE(fs::exists(folder / "a.iso"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  remove_target(folder / "a.iso");
  EXPECT_THROW(remove_target("/dev/null"), Error);
  EXPECT_THROW(remove_target(folder.path().string()), Error);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}
#endif

}  // namespace
}  // namespace fsimage
