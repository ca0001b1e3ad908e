#include "support/child_process.hpp"
#include "support/deep_folders.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/host_cursor.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using ::testing::ElementsAre;

std::unique_ptr<EntryCursor> open(const TempFolder& folder, HostScan scan = {}) {
  return open_host(folder.path().string(), std::move(scan));
}

std::vector<Entry> entries(EntryCursor& cursor) {
  std::vector<Entry> out;
  while (auto entry = cursor.next()) out.push_back(std::move(*entry));
  EXPECT_FALSE(cursor.next()) << "the end stays the end";
  return out;
}

// "a/", "a/b.txt": the paths that names and depths make; folders end in '/'.
std::vector<std::string> paths(EntryCursor& cursor) {
  std::vector<std::string> out, folders;
  for (const auto& entry : entries(cursor)) {
    folders.resize(entry.depth);
    auto path = (folders.empty() ? "" : folders.back()) + entry.name;
    if (entry.type == FileType::directory) folders.push_back(path += '/');
    out.push_back(path);
  }
  return out;
}
std::vector<std::string> paths(std::unique_ptr<EntryCursor> cursor) { return paths(*cursor); }

std::optional<Entry> find(EntryCursor& cursor, std::string_view name) {
  while (auto entry = cursor.next())
    if (entry->name == name) return entry;
  return std::nullopt;
}
std::optional<Entry> find(std::unique_ptr<EntryCursor> cursor, std::string_view name) { return find(*cursor, name); }

// The error that ends the cursor.
Error failure(EntryCursor& cursor) {
  return error_of([&] {
    while (cursor.next()) continue;
  });
}

void link_to(const std::string& target, const std::string& at) { std::filesystem::create_symlink(target, at); }

// --- order and shape

TEST(HostCursor, PreorderSortedByBytes) {
  const TempFolder folder;
  for (const auto* name : {"b", "a/z", "a/b/c", "a-b", "B", "a/a", "\xff", "\xc3\xa9", "aa", "longer-than-8-bytes-2",
                           "longer-than-8-bytes-1"})
    folder.write(name, "");
  EXPECT_THAT(paths(open(folder)), ElementsAre("B", "a/", "a/a", "a/b/", "a/b/c", "a/z", "a-b", "aa", "b",
                                               "longer-than-8-bytes-1", "longer-than-8-bytes-2", "\xc3\xa9", "\xff"));
}

TEST(HostCursor, EmptyFolders) {
  const TempFolder folder;
  EXPECT_THAT(paths(open(folder)), ElementsAre());
  std::filesystem::create_directories(folder / "a/b");
  EXPECT_THAT(paths(open(folder)), ElementsAre("a/", "a/b/"));
}

TEST(HostCursor, BaseFolderComesFirst) {
  const TempFolder folder;
  folder.write("base/sub/file", "");
  const auto base = folder / "base";
  EXPECT_THAT(paths(open_host_with_base(base)), ElementsAre("base/", "base/sub/", "base/sub/file"));
  EXPECT_THAT(paths(open_host_with_base(base + "//")), ElementsAre("base/", "base/sub/", "base/sub/file"));
  EXPECT_THAT(paths(open_host_with_base(base + "/sub/..")), ElementsAre("base/", "base/sub/", "base/sub/file"));
  EXPECT_THAT(paths(open_host_with_base(base + "/sub/.")), ElementsAre("sub/", "sub/file"));
  EXPECT_TRUE(test::passes_in_child([&] {
    std::filesystem::current_path(base);
    EXPECT_THAT(paths(open_host_with_base(".")), ElementsAre("base/", "base/sub/", "base/sub/file"));
    EXPECT_THAT(paths(open_host_with_base("sub")), ElementsAre("sub/", "sub/file"));
    EXPECT_THAT(paths(open_host("sub")), ElementsAre("file"));
  }));
  EXPECT_EQ(error_of([] { open_host_with_base("/"); }).code(), Errc::invalid_argument) << "no name";
  EXPECT_EQ(error_of([&] { open_host_with_base(base + "/sub/file"); }).code(), Errc::not_a_directory);
}

TEST(HostCursor, OneFileIsOneEntry) {
  const TempFolder folder;
  const auto file = folder.write("sub/a.txt", "12345");
  link_to("sub/a.txt", folder / "link");
  for (const auto& [path, name] : {std::pair{file, "a.txt"}, std::pair{folder / "link", "link"},
                                   std::pair{folder / "sub/../sub/a.txt", "a.txt"}}) {
    const auto cursor = open_host(path);
    const auto entry = cursor->next();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->name, name);
    EXPECT_EQ(entry->type, FileType::regular);
    EXPECT_EQ(entry->size, 5U);
    EXPECT_EQ(entry->depth, 0U);
    EXPECT_EQ(cursor->origin(), path);
    ContentStore store;
    const auto content = cursor->content(store);
    std::string text(5, '?');
    store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(text, "12345");
    EXPECT_FALSE(cursor->next());
  }
}

TEST(HostCursor, MissingSource) {
  const TempFolder folder;
  link_to("nowhere", folder / "dangling");
  for (const auto& path : {folder / "missing", folder / "dangling", std::string()}) {
    const auto e = error_of([&] { open_host(path); });
    EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(e.where().path, path);
    EXPECT_EQ(error_of([&] { (void)is_host_directory(path); }).code(), std::errc::no_such_file_or_directory);
  }
  EXPECT_EQ(error_of([&] { open_host(folder.write("file", "") + "/"); }).code(), std::errc::not_a_directory);
}

TEST(HostCursor, SourceBehindALink) {
  const TempFolder folder;
  folder.write("real/file", "");
  link_to("real", folder / "link");
  EXPECT_THAT(paths(open_host(folder / "link")), ElementsAre("file"));
  EXPECT_THAT(paths(open_host_with_base(folder / "link")), ElementsAre("link/", "link/file"));
  EXPECT_TRUE(is_host_directory(folder / "link"));
}

TEST(HostCursor, SkippedFoldersAreNotOpened) {
  const TempFolder folder;
  folder.write("a/x", "");
  folder.write("b/y", "");
  folder.write("c", "");
  const auto cursor = open(folder);
  EXPECT_EQ(cursor->next()->name, "a");
  cursor->skip_subtree();
  std::filesystem::remove_all(folder / "a");
  EXPECT_EQ(cursor->next()->name, "b");
  EXPECT_EQ(cursor->next()->name, "y");
  cursor->skip_subtree();  // a file: nothing to skip
  EXPECT_EQ(cursor->next()->name, "c");
  EXPECT_FALSE(cursor->next());

  const auto based = open_host_with_base(folder.path().string());
  EXPECT_TRUE(based->next());
  based->skip_subtree();
  EXPECT_FALSE(based->next());
}

TEST(HostCursor, FiftyThousandFilesInOneFolder) {
  const TempFolder folder;
  constexpr std::size_t kFiles = 50000;
  const int at = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (std::size_t i = 0; i < kFiles; ++i)
    ASSERT_EQ(::mknodat(at, ("file-" + std::to_string((i * 7919) % kFiles)).c_str(), S_IFREG | 0644, 0), 0);
  ::close(at);
  const auto found = entries(*open(folder));
  ASSERT_EQ(found.size(), kFiles);
  EXPECT_TRUE(
      std::is_sorted(found.begin(), found.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; }));
}

// --- what an entry says

TEST(HostCursor, Attributes) {
  const TempFolder folder;
  const auto path = folder.write("a", "12345");
  ASSERT_EQ(::chmod(path.c_str(), 04751), 0);
  const struct timespec times[2] = {{1000000000, 1}, {1000000002, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const auto entry = find(open(folder), "a");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->type, FileType::regular);
  EXPECT_EQ(entry->size, 5U);
  EXPECT_EQ(entry->links, 1U);
  const auto& a = entry->attributes;
  EXPECT_EQ(a.permissions, 04751U);
  EXPECT_EQ(a.uid, ::getuid());
  EXPECT_EQ(a.accessed.ns, 1000000000000000001);
  EXPECT_EQ(a.modified.ns, 1000000002123456789);
  EXPECT_GT(a.changed, a.modified);
  EXPECT_NE(a.created, kUnsetTime);
  EXPECT_FALSE(a.hidden);
  const auto self = host_attributes(path);
  EXPECT_EQ(self.modified, a.modified);
  EXPECT_EQ(self.permissions, a.permissions);
}

TEST(HostCursor, EveryType) {
  const TempFolder folder;
  folder.write("regular", "1");
  std::filesystem::create_directory(folder / "directory");
  link_to("regular", folder / "symlink");
  link_to("nowhere", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  (folder / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const struct sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  const auto type = [&](std::string_view name) { return find(open(folder), name)->type; };
  EXPECT_EQ(type("regular"), FileType::regular);
  EXPECT_EQ(type("directory"), FileType::directory);
  EXPECT_EQ(type("symlink"), FileType::symlink);
  EXPECT_EQ(type("fifo"), FileType::fifo);
  EXPECT_EQ(type("socket"), FileType::socket);
  EXPECT_EQ(find(open(folder), "symlink")->target, "regular");
  EXPECT_EQ(find(open(folder), "dangling")->target, "nowhere");
  EXPECT_EQ(find(open(folder), "symlink")->size, 0U);

  const auto null = open_host("/dev/null")->next();
  ASSERT_TRUE(null);
  EXPECT_EQ(null->type, FileType::char_device);
  EXPECT_EQ(null->device.major, 1U);
  EXPECT_EQ(null->device.minor, 3U);
  EXPECT_EQ(open_host(folder / "socket")->next()->type, FileType::socket);
}

TEST(HostCursor, LongTargets) {
  const TempFolder folder;
  const std::string target(4095, 't');
  ASSERT_EQ(::symlink(target.c_str(), (folder / "link").c_str()), 0);
  EXPECT_EQ(find(open(folder), "link")->target, target);
}

TEST(HostCursor, NamesAreBytes) {
  const TempFolder folder;
  const std::vector<std::string> names{"\n", " ", "-rf", std::string(255, 'n'), "\xff\xfe"};
  for (const auto& name : names) folder.write(name, "");
  EXPECT_EQ(paths(open(folder)), names);
}

TEST(HostCursor, HardLinksHaveOneIdentity) {
  const TempFolder folder;
  folder.write("a", "1");
  folder.write("single", "1");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_hard_link(folder / "a", folder / "sub/b");
  const auto a = find(open(folder), "a"), b = find(open(folder), "b"), single = find(open(folder), "single"),
             sub = find(open(folder), "sub");
  EXPECT_EQ(a->links, 2U);
  EXPECT_EQ(b->links, 2U);
  EXPECT_EQ(a->identity[0], b->identity[0]);
  EXPECT_EQ(a->identity[1], b->identity[1]);
  EXPECT_NE(a->identity[1], 0U);
  EXPECT_EQ(single->links, 1U);
  EXPECT_EQ(single->identity[1], 0U);
  EXPECT_EQ(sub->links, 1U) << "a folder's links are no names";
}

TEST(HostCursor, ContentIsTheFileByReference) {
  const TempFolder folder;
  folder.write("a/b/deep", "deep text");
  folder.write("a/top", "top text");
  const auto cursor = open(folder);
  ContentStore store;
  std::vector<std::string> texts;
  while (const auto entry = cursor->next()) {
    EXPECT_EQ(cursor->origin(), folder.path().string() + "/" +
                                    (entry->name == "deep"  ? "a/b/deep"
                                     : entry->name == "top" ? "a/top"
                                     : entry->name == "b"   ? "a/b"
                                                            : "a"));
    if (entry->type != FileType::regular) {
      EXPECT_THROW((void)cursor->content(store), std::logic_error);
      continue;
    }
    const auto content = cursor->content(store);
    EXPECT_EQ(store.path(content), cursor->origin());
    ASSERT_EQ(store.size(content), entry->size);
    std::string text(static_cast<std::size_t>(entry->size), '?');
    store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
    texts.push_back(text);
  }
  EXPECT_THAT(texts, ElementsAre("deep text", "top text"));
  EXPECT_EQ(store.mark().folders, 3U) << "each folder once";
}

// --- patterns

TEST(HostCursor, ExcludedEntriesAreLeftOut) {
  const TempFolder folder;
  for (const auto* name : {"a.o", "a.c", "build/x", "build/keep/y", "sub/b.o", "sub/build/x", "cache/z", "sub/cache"})
    folder.write(name, "");
  EXPECT_THAT(paths(open(folder, {.exclude = {"*.o", "build/*", "cache/"}})),
              ElementsAre("a.c", "build/", "sub/", "sub/build/", "sub/build/x", "sub/cache"));
  EXPECT_THAT(paths(open(folder, {.exclude = {"build", "sub"}})), ElementsAre("a.c", "a.o", "cache/", "cache/z"));
  EXPECT_THAT(paths(open(folder, {.exclude = {"*"}})), ElementsAre());
  const auto base = folder.path().filename().string();
  EXPECT_THAT(
      paths(open_host_with_base(folder.path().string(), {.exclude = {base, "/sub", "build/keep", "*.?", "cache"}})),
      ElementsAre(base + "/", base + "/build/", base + "/build/x"))
      << "patterns look below the source";
  EXPECT_EQ(error_of([&] { open(folder, {.exclude = {""}}); }).code(), Errc::invalid_argument);
}

// --- symlinks that are followed

TEST(HostCursor, FollowedLinksBecomeWhatTheyPointTo) {
  const TempFolder folder;
  folder.write("outside/x", "12345");
  std::filesystem::create_directory(folder / "top");
  link_to("../outside", folder / "top/folder");
  link_to("../outside/x", folder / "top/file");
  const auto cursor = open_host(folder / "top", {.follow_links = FollowLinks::all});
  ContentStore store;
  ASSERT_EQ(cursor->next()->type, FileType::regular);
  EXPECT_EQ(store.size(cursor->content(store)), 5U);
  ASSERT_EQ(cursor->next()->type, FileType::directory);
  ASSERT_EQ(cursor->next()->name, "x");
  const auto content = cursor->content(store);
  EXPECT_EQ(store.path(content), folder / "top/folder/x");
  EXPECT_NO_THROW(store.check(content));
  EXPECT_FALSE(cursor->next());
}

TEST(HostCursor, LoopsAreErrors) {
  const TempFolder folder;
  folder.write("a/b/file", "");
  const auto loop = folder / "a/b/loop";
  for (const auto* target : {"..", "../..", ".", "loop"}) {
    link_to(target, loop);
    const auto cursor = open(folder, {.follow_links = FollowLinks::all});
    const auto e = failure(*cursor);
    EXPECT_EQ(e.code(), std::errc::too_many_symbolic_link_levels) << target;
    EXPECT_EQ(e.where().path, loop);
    EXPECT_EQ(paths(open(folder)).size(), 4U) << "not followed, it is just a link";
    std::filesystem::remove(loop);
  }
}

TEST(HostCursor, SameFolderTwiceIsNoLoop) {
  const TempFolder folder;
  folder.write("a/file", "");
  link_to("a", folder / "b");
  EXPECT_THAT(paths(open(folder, {.follow_links = FollowLinks::all})), ElementsAre("a/", "a/file", "b/", "b/file"));
}

TEST(HostCursor, DanglingLinkCannotBeFollowed) {
  const TempFolder folder;
  link_to("nowhere", folder / "dangling");
  const auto e = failure(*open(folder, {.follow_links = FollowLinks::all}));
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, folder / "dangling");
}

// --- depth and handles

std::size_t open_handles() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

// Folders "d" in one another; "a" before and "z" behind each, so that the cursor has to come back.
class Deep : public ::testing::TestWithParam<std::tuple<int, std::string>> {
 protected:
  void SetUp() override {
    std::tie(depth_, name_) = GetParam();
    test::make_deep_folders(folder_.path().string(), name_, depth_, [&](int at, int level) {
      test::write_at(at, "a", std::to_string(level));
      test::write_at(at, "z", std::to_string(level));
    });
  }
  void TearDown() override { test::remove_deep_folders(folder_.path().string()); }

  void expect_everything(const HostScan& scan) {
    const auto cursor = open(folder_, scan);
    ContentStore store;
    std::size_t found = 0, most = 0;
    std::vector<std::uint32_t> unwinding;
    while (const auto entry = cursor->next()) {
      ++found;
      if (found % 97 == 0) most = std::max(most, open_handles());
      if (entry->name == "z") unwinding.push_back(entry->depth);
      if (entry->type != FileType::regular) continue;
      const auto content = cursor->content(store);
      if (entry->depth % 100 != 0) continue;
      std::string text(static_cast<std::size_t>(entry->size), '?');
      ContentStore(store).read_at(content, 0, std::as_writable_bytes(std::span(text)));
      EXPECT_EQ(text, std::to_string(entry->depth));
    }
    EXPECT_EQ(found, static_cast<std::size_t>(3 * depth_ + 2));
    ASSERT_EQ(unwinding.size(), static_cast<std::size_t>(depth_ + 1));
    EXPECT_TRUE(std::is_sorted(unwinding.rbegin(), unwinding.rend()));
    EXPECT_LE(most, 100U);
  }

  TempFolder folder_;
  int depth_ = 0;
  std::string name_;
};

TEST_P(Deep, IsReadWithFewHandles) { expect_everything({}); }
TEST_P(Deep, IsReadFollowingLinks) { expect_everything({.follow_links = FollowLinks::all}); }
TEST_P(Deep, IsReadWithAlmostNoHandles) {
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);
    expect_everything({});
  }));
}

INSTANTIATE_TEST_SUITE_P(HostCursor, Deep,
                         ::testing::Values(std::tuple{1000, std::string(255, 'd')}, std::tuple{64, std::string("d")},
                                           std::tuple{65, std::string("d")}),
                         [](const auto& i) {
                           return std::to_string(std::get<0>(i.param)) + "_of_" +
                                  std::to_string(std::get<1>(i.param).size());
                         });

// ".." of a folder behind a symlink is not where the cursor came from.
TEST(HostCursor, ComesBackFromBehindLinks) {
  const TempFolder folder;
  for (int i = 0; i < 12; ++i) {
    folder.write("real" + std::to_string(i) + "/z", "");
    if (i > 0) link_to("../real" + std::to_string(i), folder / ("real" + std::to_string(i - 1) + "/d"));
  }
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);  // two levels stay open
    EXPECT_EQ(paths(open_host(folder / "real0", {.follow_links = FollowLinks::all})).size(), 11U + 12U);
  }));
}

TEST(HostCursor, ComesBackAlthoughAFolderWasMoved) {
  const TempFolder folder;
  folder.write("1/2/3/4/5/z", "");
  for (const auto* z : {"1/2/3/4/z", "1/2/3/z", "1/2/z", "1/z", "z"}) folder.write(z, "");
  std::filesystem::create_directory(folder / "elsewhere");
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);
    const auto cursor = open_host(folder / "1");
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(cursor->next());
    EXPECT_EQ(cursor->next()->depth, 4U);
    std::filesystem::rename(folder / "1/2/3/4", folder / "elsewhere/4");
    EXPECT_EQ(paths(*cursor).size(), 4U);
    std::filesystem::rename(folder / "elsewhere/4", folder / "1/2/3/4");
  }));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);
    const auto cursor = open_host(folder / "1");
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(cursor->next());
    std::filesystem::rename(folder / "1/2/3/4", folder / "elsewhere/4");
    std::filesystem::rename(folder / "1/2/3", folder / "elsewhere/3");
    std::filesystem::create_directory(folder / "1/2/3");
    const auto e = failure(*cursor);
    EXPECT_EQ(e.code(), Errc::source_changed) << "another folder is in its place";
    EXPECT_TRUE(e.where().path.starts_with(folder / "1/2/3")) << e.what();
  }));
}

// --- faults

TEST(HostCursor, EntryThatVanishes) {
  const TempFolder folder;
  for (const auto* name : {"a", "b", "c"}) folder.write(name, "");
  const auto cursor = open(folder);
  EXPECT_EQ(cursor->next()->name, "a");
  std::filesystem::remove(folder / "b");
  const auto e = failure(*cursor);
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, folder / "b");
}

TEST(HostCursor, FolderThatVanishesOrIsSwapped) {
  const TempFolder folder;
  folder.write("a/x", "");
  folder.write("b/y", "");
  {
    const auto cursor = open(folder);
    EXPECT_EQ(cursor->next()->name, "a");
    std::filesystem::rename(folder / "a", folder / "c");
    const auto e = failure(*cursor);
    EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(e.where().path, folder / "a");
  }
  link_to("b", folder / "a");
  std::filesystem::remove(folder / "a");
  std::filesystem::rename(folder / "c", folder / "a");
  const auto cursor = open(folder);
  EXPECT_EQ(cursor->next()->name, "a");
  std::filesystem::rename(folder / "a", folder / "c");
  link_to("b", folder / "a");
  EXPECT_EQ(failure(*cursor).where().path, folder / "a") << "a link in the place of a folder is not followed";
}

class AsSomebody : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    folder_.write("sub/file", "12345");
    std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(0755));
    std::filesystem::permissions(folder_ / "sub/file", std::filesystem::perms(0644));
  }
  TempFolder folder_;
};

TEST_F(AsSomebody, ReadsWhatOthersMayRead) {
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    EXPECT_THAT(paths(open(folder_)), ElementsAre("sub/", "sub/file"));
  }));
}

TEST_F(AsSomebody, UnreadableFileIsAnErrorOfPlanning) {
  std::filesystem::permissions(folder_ / "sub/file", std::filesystem::perms(0));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    for (const auto& source : {folder_.path().string(), folder_ / "sub/file"}) {
      const auto e = error_of([&] { paths(open_host(source)); });
      EXPECT_EQ(e.code(), std::errc::permission_denied);
      EXPECT_EQ(e.where().path, folder_ / "sub/file");
    }
    EXPECT_THAT(paths(open(folder_, {.exclude = {"file"}})), ElementsAre("sub/"));
  }));
}

TEST_F(AsSomebody, UnreadableFolderIsAnErrorThatNamesIt) {
  for (const auto mode : {0, 0111, 0444}) {  // nothing; no listing; no passing
    std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(mode));
    EXPECT_TRUE(test::passes_in_child([&] {
      test::give_up_root();
      const auto e = failure(*open(folder_));
      EXPECT_EQ(e.code(), std::errc::permission_denied) << mode;
      EXPECT_EQ(e.where().path, mode == 0444 ? folder_ / "sub/file" : folder_ / "sub");
      EXPECT_THAT(paths(open(folder_, {.exclude = {"sub"}})), ElementsAre());
    }));
  }
  std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(0));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    EXPECT_EQ(error_of([&] { open_host(folder_ / "sub"); }).where().path, folder_ / "sub");
  }));
  std::filesystem::permissions(folder_ / "sub", std::filesystem::perms(0755));
}

}  // namespace
}  // namespace fsimage
