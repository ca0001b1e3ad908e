#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/io/stash.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace fsimage {
namespace {

using test::TempFolder;

std::uint64_t keep(Stash& stash, const std::string& text) {
  const MemorySource source(text);
  return stash.add(text.size(), [&](std::uint64_t at, std::span<std::byte> out) { source.read_at(at, out); });
}

std::string kept(const Stash& stash, std::uint64_t at, std::size_t size) {
  std::string text(size, '\0');
  stash.read_at(at, std::as_writable_bytes(std::span(text)));
  return text;
}

TEST(Stash, KeepsCopiesInAFileWithoutAName) {
  TempFolder work;
  Stash stash(work.path());
  const std::string large(3'000'000, 'l');
  const auto a = keep(stash, "hello"), b = keep(stash, large);
  EXPECT_EQ(kept(stash, a, 5), "hello");
  EXPECT_EQ(kept(stash, b, large.size()), large);
  EXPECT_EQ(stash.used(), 5 + large.size());
#ifndef _WIN32  // where it has one until its handle is closed
  EXPECT_TRUE(test::names_in(work.path()).empty());
#endif
  const auto run = stash.run_at(b);
  ASSERT_EQ(run.kind, Run::Kind::file);
  std::string piece(4, '\0');
  run.file->read_at(run.file_offset, std::as_writable_bytes(std::span(piece)));
  EXPECT_EQ(piece, "llll");
}

TEST(Stash, ASourceThatFailsLeavesNothing) {
  TempFolder work;
  Stash stash(work.path());
  keep(stash, "first");
  EXPECT_THROW(stash.add(10, [](std::uint64_t, std::span<std::byte>) { throw std::runtime_error("gone"); }),
               std::runtime_error);
  EXPECT_EQ(stash.used(), 5U);
  EXPECT_EQ(kept(stash, keep(stash, "second"), 6), "second");
}

TEST(Stash, MovesWhileItIsRead) {
  TempFolder one, two;
  Stash stash(one.path());
  const std::string text(200'000, 'x');
  const auto at = keep(stash, text);
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_EQ(kept(stash, at, text.size()), text);
  });
  for (int i = 0; i < 20; ++i) stash.move_to(i % 2 == 0 ? two.path() : one.path());
  reader.request_stop();
  reader.join();
  EXPECT_EQ(stash.working_directory(), one.path());
  EXPECT_EQ(test::error_of([&] { stash.move_to(two / "none"); }).reason(), Reason::working_directory);
  EXPECT_EQ(kept(stash, at, text.size()), text);
}

TEST(Stash, NeedsAFolder) {
  TempFolder work;
  const auto file = work.write("file", "");
  for (const auto& path : {std::string(), work / "none", file}) {
    const auto error = test::error_of([&] { Stash stash(path); });
    EXPECT_EQ(error.reason(), Reason::working_directory) << path;
    EXPECT_EQ(error.where().path, path);
  }
}

}  // namespace
}  // namespace fsimage
