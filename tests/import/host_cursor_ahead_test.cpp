// Trees that are large enough for threads that look ahead: what the cursor gives is what it gives without them.
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/host_cursor.hpp>

#include <gtest/gtest.h>

#ifdef __linux__
#include <sys/inotify.h>
#include <unistd.h>
#endif

#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::TempFolder;

// 60 folders, of which each second holds three more; and one with more names than are looked at together.
std::set<std::string> write_tree(const TempFolder& folder) {
  std::set<std::string> files;
  const auto write = [&](const std::string& path) {
    folder.write(path, path);
    files.insert(path);
  };
  for (int d = 0; d < 60; ++d) {
    const auto top = "folder " + std::to_string(d) + '/';
    for (int f = 0; f < 30; ++f) write(top + std::to_string(f));
    for (int below = 0; d % 2 == 0 && below < 3; ++below)
      for (int f = 0; f < 5; ++f) write(top + "below " + std::to_string(below) + '/' + std::to_string(f));
  }
  for (int f = 0; f < 700; ++f) write("wide/" + std::to_string(f));
  return files;
}

// Paths of the files, in the order of the cursor; each file holds its own path.
std::vector<std::string> scan(const TempFolder& folder, HostScan how,
                              const std::function<bool(const std::string& path)>& skip = {}) {
  std::vector<std::string> out, folders;
  const auto cursor = open_host(folder.path().string(), std::move(how));
  while (const auto entry = cursor->next()) {
    folders.resize(entry->depth);
    auto path = (folders.empty() ? "" : folders.back()) + entry->name;
    if (entry->type == FileType::directory) {
      if (skip && skip(path)) cursor->skip_subtree();
      folders.push_back(path + '/');
    } else {
      EXPECT_EQ(entry->size, path.size()) << path;
      out.push_back(std::move(path));
    }
  }
  return out;
}

void expect_files(const std::vector<std::string>& found, const std::set<std::string>& wanted) {
  EXPECT_EQ(found.size(), wanted.size());
  EXPECT_EQ(std::set(found.begin(), found.end()), wanted);
}

std::set<std::string> without(std::set<std::string> files, const std::string& part) {
  std::erase_if(files, [&](const std::string& path) { return path.find(part) != path.npos; });
  return files;
}

TEST(HostCursorAhead, EveryEntryOnceInTheSameOrder) {
  const TempFolder folder;
  const auto files = write_tree(folder);
  const auto found = scan(folder, {});
  expect_files(found, files);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(scan(folder, {}), found);
  // A link that is followed is looked at as it comes.
  EXPECT_EQ(scan(folder, {.follow_links = FollowLinks::all}), found);
}

TEST(HostCursorAhead, WhatIsLeftOutIsLeftOut) {
  const TempFolder folder;
  const auto files = write_tree(folder);
  expect_files(scan(folder, {.exclude = {"below 1/"}}), without(files, "below 1"));
  expect_files(scan(folder, {}, [](const std::string& path) { return path == "folder 4" || path == "wide"; }),
               without(without(files, "folder 4/"), "wide/"));
}

#ifdef __linux__
// How often the system saw each folder below this one being opened.
std::map<std::string, int> openings_in(const std::filesystem::path& folder, const std::function<void()>& work) {
  std::map<std::string, int> out;
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  EXPECT_GE(::inotify_add_watch(watch, folder.c_str(), IN_OPEN | IN_ONLYDIR), 0);
  work();
  alignas(inotify_event) std::array<char, 65536> buffer;
  for (ssize_t n = 0; (n = ::read(watch, buffer.data(), buffer.size())) > 0;)
    for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      EXPECT_EQ(event.mask & IN_Q_OVERFLOW, 0U);
      if (event.len != 0 && (event.mask & IN_ISDIR) != 0) ++out[buffer.data() + at + sizeof event];
      at += sizeof event + event.len;
    }
  ::close(watch);
  return out;
}

// What was read ahead is what is used.
TEST(HostCursorAhead, EachFolderIsOpenedOnce) {
  const TempFolder folder;
  write_tree(folder);
  const auto openings = openings_in(folder.path(), [&] { scan(folder, {}); });
  EXPECT_EQ(openings.size(), 61U);
  for (const auto& [name, times] : openings) EXPECT_EQ(times, 1) << name;
}
#endif

TEST(HostCursorAhead, ACursorMayBeLeftAnywhere) {
  const TempFolder folder;
  const auto files = write_tree(folder);
  for (const std::size_t count : {1'001U, 1'100U, 1'700U, 2'500U}) {
    const auto cursor = open_host(folder.path().string(), {});
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(cursor->next());
  }
}

// What was seen ahead and is gone when it is its turn is either told as it was, or an error that names it.
TEST(HostCursorAhead, AFolderThatGoesAway) {
  const TempFolder folder;
  write_tree(folder);
  const auto cursor = open_host(folder.path().string(), {});
  for (int i = 0; i < 1'500; ++i) ASSERT_TRUE(cursor->next());
  std::filesystem::remove_all(folder.path() / "folder 9");
  std::size_t told = 0;
  try {
    while (const auto entry = cursor->next()) told += cursor->origin().find("folder 9/") != std::string::npos ? 1U : 0U;
    EXPECT_TRUE(told == 0 || told == 30) << told;
  } catch (const Error& e) {
    EXPECT_NE(e.where().path.find("folder 9"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace fsimage
