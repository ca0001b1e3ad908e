#include "support/byte_source_contract.hpp"
#include "support/child_process.hpp"
#include "support/deep_folders.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/cached_source.hpp>
#include <fsimage/io/content_store.hpp>
#include <fsimage/io/host_folder.hpp>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <filesystem>
#include <numeric>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;

constexpr std::size_t kBig = 300000;  // is read in pieces, and has runs

std::string big_text() {
  std::string out(kBig, '\0');
  for (std::size_t i = 0; i < kBig; ++i) out[i] = static_cast<char>(i * 7 / 3);
  return out;
}

std::string text_at(const ContentStore& store, ContentId id, std::uint64_t offset, std::size_t length) {
  std::string out(length, '?');
  store.read_at(id, offset, std::as_writable_bytes(std::span(out)));
  return out;
}
std::string text(const ContentStore& store, ContentId id) {
  return text_at(store, id, 0, static_cast<std::size_t>(store.size(id)));
}

ContentId add(ContentStore& store, ContentStore::FolderId in, const std::string& host_folder, const std::string& name) {
  return store.add_file(in, name, stat_host(host_folder + "/" + name).fingerprint);
}

// One content of a store, which stays where it is.
ContentSource stored(const ContentStore& store, ContentId id) {
  return {std::shared_ptr<const ContentStore>(std::shared_ptr<void>(), &store), id};
}

struct StoreOverFolder {
  TempFolder folder;
  ContentStore store;
  ContentStore::FolderId top = store.add_folder(folder.path().string());
  ContentId add_file(const std::string& name, std::string_view content) {
    folder.write(name, content);
    return add(store, top, folder.path().string(), name);
  }
};

TEST(ContentStore, KnowsPathsAndSizes) {
  StoreOverFolder s;
  const auto file = s.add_file("a", "12345");
  const auto below = s.store.add_folder(s.top, "sub");
  s.folder.write("sub/deeper/b", "12");
  const auto deeper = s.store.add_folder(below, "deeper");
  const auto other = add(s.store, deeper, s.folder / "sub/deeper", "b");
  const auto source = s.store.add_source(std::make_shared<MemorySource>("xyz"), "from memory");
  EXPECT_EQ(s.store.path(file), s.folder / "a");
  EXPECT_EQ(s.store.path(other), s.folder / "sub/deeper/b");
  EXPECT_EQ(s.store.path(source), "from memory");
  EXPECT_EQ(s.store.size(file), 5U);
  EXPECT_EQ(s.store.size(source), 3U);
  EXPECT_EQ(s.store.count(), 3U);
  EXPECT_EQ(text(s.store, file), "12345");
  EXPECT_EQ(text(s.store, other), "12");
  EXPECT_EQ(text_at(s.store, source, 1, 2), "yz");
}

TEST(ContentStore, NoContentIsZeroBytes) {
  const ContentStore store;
  EXPECT_EQ(store.size({}), 0U);
  EXPECT_NO_THROW(store.read_at({}, 0, {}));
  EXPECT_NO_THROW(store.check({}));
  std::byte b[1];
  EXPECT_THROW(store.read_at({}, 0, b), std::logic_error);
  EXPECT_THROW((void)store.run_at({}, 0), std::logic_error);
  EXPECT_THROW((void)store.size({7}), std::logic_error);
}

#ifndef _WIN32  // there is a root for each drive
TEST(ContentStore, RootFolderHasNoSecondSlash) {
  ContentStore store;
  const auto root = store.add_folder("/");
  EXPECT_EQ(store.path(store.add_file(root, "etc", {})), "/etc");
  EXPECT_EQ(store.path(store.add_file(store.add_folder(root, "usr"), "x", {})), "/usr/x");
}
#endif

TEST(ContentStore, FilesKeepTheSourceContract) {
  StoreOverFolder s;
  const auto big = big_text();
  test::expect_byte_source(stored(s.store, s.add_file("small", "0123456789")), "0123456789");
  test::expect_byte_source(stored(s.store, s.add_file("empty", "")), "");
  test::expect_byte_source(stored(s.store, s.add_file("big", big)), big);
  test::expect_byte_source(stored(s.store, s.store.add_source(std::make_shared<MemorySource>(big), "m")), big);

  s.folder.write("sparse", "");
  std::filesystem::resize_file(s.folder / "sparse", 1 << 20);
  std::fstream(s.folder / "sparse", std::ios::in | std::ios::out | std::ios::binary).seekp(1 << 19) << big;
  const auto sparse = add(s.store, s.top, s.folder.path().string(), "sparse");
  std::string expected(1 << 20, '\0');
  expected.replace(1 << 19, big.size(), big);
  test::expect_byte_source(stored(s.store, sparse), expected);
}

TEST(ContentStore, RunsOfBigFilesAreTheFileOrHoles) {
  StoreOverFolder s;
  const auto small = s.add_file("small", "12345");
  EXPECT_EQ(s.store.run_at(small, 2).kind, fsimage::Run::Kind::bytes);
  EXPECT_EQ(s.store.run_at(small, 2).length, 3U);

  const auto run = s.store.run_at(s.add_file("big", big_text()), 100);
  EXPECT_EQ(run.kind, fsimage::Run::Kind::file);
  EXPECT_EQ(run.file_offset, 100U);
  EXPECT_EQ(run.length, kBig - 100);
  ASSERT_NE(run.file, nullptr);
  EXPECT_EQ(run.file->path(), s.folder / "big");

  s.folder.write("hole", "");
  std::filesystem::resize_file(s.folder / "hole", 1 << 20);
  const auto hole = s.store.run_at(add(s.store, s.top, s.folder.path().string(), "hole"), 5);
  EXPECT_TRUE(hole.kind == fsimage::Run::Kind::zeros || !test::knows_holes());
}

// --- sources that change

struct Change {
  std::string name;
  std::function<void(const std::string& path)> make;
  std::error_code expected;
};

struct Access {
  std::string name;
  std::function<void(const ContentStore&, ContentId)> read;
};

void grow(const std::string& path) { std::ofstream(path, std::ios::app) << "more"; }
#ifdef _WIN32
void touch(const std::string& path) {
  std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + std::chrono::hours(1));
}
#else
void touch(const std::string& path) {
  const struct timespec times[2] = {{0, UTIME_OMIT}, {1234567890, 1}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}
void replace_by_twin(const std::string& path) {
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  const std::string twin = path + ".twin";
  std::filesystem::copy_file(path, twin);
  const struct timespec times[2] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, twin.c_str(), times, 0), 0);
  std::filesystem::rename(twin, path);
}
void replace_by_fifo(const std::string& path) {
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
}
#endif
void replace_by_folder(const std::string& path) {
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
}

class ChangedSource : public ::testing::TestWithParam<std::tuple<Change, Access>> {};

TEST_P(ChangedSource, IsAnErrorThatNamesIt) {
  const Change& change = std::get<0>(GetParam());
  const Access& access = std::get<1>(GetParam());
  for (const auto& content : {std::string("0123456789"), big_text()}) {
    StoreOverFolder s;
    const auto id = s.add_file("a", content);
    ASSERT_NO_THROW(access.read(s.store, id));
    const auto copy = s.store;                         // without what the first access may have left open
    if (test::under_wine()) s.store = ContentStore();  // which keeps the names of open files
    change.make(s.folder / "a");
    const auto e = error_of([&] { access.read(copy, id); });
    EXPECT_EQ(e.code(), change.expected) << e.what();
    EXPECT_EQ(e.where().path, s.folder / "a");
  }
}

const std::error_code kChanged = Errc::source_changed;
const std::error_code kGone = std::make_error_code(std::errc::no_such_file_or_directory);

std::vector<Change> changes() {
  namespace fs = std::filesystem;
  return {Change{"grown", grow, kChanged},
          Change{"shrunk", [](const std::string& p) { fs::resize_file(p, 5); }, kChanged},
          Change{"emptied", [](const std::string& p) { fs::resize_file(p, 0); }, kChanged},
          Change{"touched", touch, kChanged},
#ifndef _WIN32
          Change{"replaced_by_twin", replace_by_twin, kChanged},
          Change{"replaced_by_fifo", replace_by_fifo, kChanged},
#endif
          Change{"replaced_by_folder", replace_by_folder, kChanged},
          Change{"gone", [](const std::string& p) { fs::remove(p); }, kGone},
          Change{"folder_gone", [](const std::string& p) { fs::remove_all(fs::path(p).parent_path()); }, kGone}};
}

INSTANTIATE_TEST_SUITE_P(
    Everything, ChangedSource,
    ::testing::Combine(::testing::ValuesIn(changes()),
                       ::testing::Values(Access{"whole", [](const ContentStore& s, ContentId id) { text(s, id); }},
                                         Access{"piece",
                                                [](const ContentStore& s, ContentId id) { text_at(s, id, 1, 2); }},
                                         Access{"check", [](const ContentStore& s, ContentId id) { s.check(id); }})),
    [](const auto& i) { return std::get<0>(i.param).name + "_" + std::get<1>(i.param).name; });

#ifndef _WIN32  // rights of another user
TEST(ContentStore, UnreadableFileNamesIt) {
  StoreOverFolder s;
  std::filesystem::permissions(s.folder.path(), std::filesystem::perms(0755));
  const auto id = s.add_file("a", "0123456789");
  std::filesystem::permissions(s.folder / "a", std::filesystem::perms(0));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    for (const std::size_t length : {10U, 5U}) {
      const auto e = error_of([&] { text_at(s.store, id, 0, length); });
      EXPECT_EQ(e.code(), std::errc::permission_denied);
      EXPECT_EQ(e.where().path, s.folder / "a");
    }
    EXPECT_NO_THROW(s.store.check(id)) << "still what was planned";
  }));
}

TEST(ContentStore, FoldersNeedOnlyBePassable) {
  StoreOverFolder s;
  const auto id = s.add_file("a", "0123456789");
  std::filesystem::permissions(s.folder / "a", std::filesystem::perms(0644));
  std::filesystem::permissions(s.folder.path(), std::filesystem::perms(0711));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    EXPECT_EQ(text(s.store, id), "0123456789");
  }));
}
#endif

TEST(ContentStore, ChangeBetweenPiecesIsNoticedAtTheEnd) {
  for (const auto& change : std::vector<std::function<void(const std::string&)>>{grow, touch}) {
    StoreOverFolder s;
    const auto id = s.add_file("a", big_text());
    EXPECT_EQ(text_at(s.store, id, 0, 1000), big_text().substr(0, 1000));
    change(s.folder / "a");
    const auto e = error_of([&] { text_at(s.store, id, 1000, kBig - 1000); });
    EXPECT_EQ(e.code(), Errc::source_changed);
    EXPECT_EQ(e.where().path, s.folder / "a");
  }
}

TEST(ContentStore, CutBetweenPieces) {
  StoreOverFolder s;
  const auto id = s.add_file("a", big_text());
  text_at(s.store, id, 0, 1000);
  std::filesystem::resize_file(s.folder / "a", 100000);
  const auto e = error_of([&] { text_at(s.store, id, 90000, 20000); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, s.folder / "a");
  if (!test::knows_holes()) return;
  EXPECT_EQ(error_of([&] { (void)s.store.run_at(id, 200000); }).code(), Errc::source_changed) << "not a hole";
}

TEST(ContentStore, ErrorsOfASourceGetItsLabel) {
  ContentStore store;
  const auto fails = [](std::uint64_t, std::span<std::byte>) {
    throw Error(Errc::corrupt_structure, {.lba = Lba{7}}, "bad block");
  };
  const auto named = [](std::uint64_t, std::span<std::byte>) {
    throw Error(Errc::corrupt_structure, {.path = "/own"}, "bad block");
  };
  const auto id = store.add_source(std::make_shared<CallbackSource>(5, fails), "session 1, /a");
  const auto own = store.add_source(std::make_shared<CallbackSource>(5, named), "label");
  const auto e = error_of([&] { text(store, id); });
  EXPECT_EQ(e.where().path, "session 1, /a");
  EXPECT_EQ(e.where().lba, Lba{7});
  EXPECT_EQ(error_of([&] { text(store, own); }).where().path, "/own");
}

#ifndef _WIN32  // the system has no way to ask for it
TEST(ContentStore, ReadingLeavesTheAccessTimeAlone) {
  StoreOverFolder s;
  s.folder.write("a", "12345");
  const struct timespec times[2] = {{1000000000, 0}, {1100000000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (s.folder / "a").c_str(), times, 0), 0);
  const auto id = add(s.store, s.top, s.folder.path().string(), "a");
  text(s.store, id);
  text_at(s.store, id, 1, 1);
  EXPECT_EQ(stat_host(s.folder / "a").accessed.seconds(), 1000000000);
}
#endif

// --- handles

TEST(ContentStore, FileReadInPiecesIsOpenedOnce) {
  if (test::under_wine()) return;  // it forgets the volume of an open file that gets another name
  StoreOverFolder s;
  const auto id = s.add_file("a", big_text());
  text_at(s.store, id, 0, 1000);
  std::filesystem::rename(s.folder / "a", s.folder / "b");  // a second open would not find it
  std::string rest;
  for (std::size_t at = 1000; at < kBig; at += 1000) rest += text_at(s.store, id, at, 1000);
  EXPECT_EQ(rest, big_text().substr(1000));
  EXPECT_EQ(s.store.run_at(id, 0).kind, fsimage::Run::Kind::file);
}

#ifndef _WIN32
std::size_t open_handles() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}
#endif

struct ManyFolders {
  TempFolder folder;
  ContentStore store;
  std::vector<ContentId> ids;
  explicit ManyFolders(int folders) {
    const auto top = store.add_folder(folder.path().string());
    for (int i = 0; i < folders; ++i) {
      const auto name = "f" + std::to_string(i);
      folder.write(name + "/a", name);
      ids.push_back(add(store, store.add_folder(top, name), folder / name, "a"));
    }
  }
  void read_everything(const ContentStore& from) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto want = "f" + std::to_string(i);
      EXPECT_EQ(text(from, ids[i]), want);
      EXPECT_EQ(text_at(from, ids[i], 0, 1), "f");
      EXPECT_NO_THROW(from.check(ids[i]));
    }
  }
};

#ifndef _WIN32  // there is no limit worth the name
TEST(ContentStore, FewHandlesHoweverManyFolders) {
  const ManyFolders many(500);
  const auto before = open_handles();
  many.read_everything(many.store);
  EXPECT_LE(open_handles() - before, 96U);
}

TEST(ContentStore, LowLimitOfHandles) {
  const ManyFolders many(100);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);
    many.read_everything(ContentStore(many.store));
  }));
}

TEST(ContentStore, GivesItsHandlesUpWhenTheProcessNeedsThem) {
  const ManyFolders many(100);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(160);
    const ContentStore store(many.store);
    for (const auto id : many.ids) text_at(store, id, 0, 1);  // the caches are full
    while (::open("/dev/null", O_RDONLY) >= 0) continue;
    many.read_everything(store);
  }));
}

TEST(ContentStore, OutOfHandlesIsAnErrorThatNamesTheFile) {
  const ManyFolders many(1);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(32);
    while (::open("/dev/null", O_RDONLY) >= 0) continue;
    const auto e = error_of([&] { text(many.store, many.ids[0]); });
    EXPECT_EQ(e.code(), std::errc::too_many_files_open);
    EXPECT_EQ(e.where().path, many.folder / "f0/a");
  }));
}
#endif

#ifndef _WIN32  // child processes
TEST(ContentStore, ThousandFoldersDeep) {
  const TempFolder folder;
  const std::string name(255, 'd');
  ContentStore store;
  std::vector<ContentId> ids;
  auto in = store.add_folder(folder.path().string());
  test::make_deep_folders(folder.path().string(), name, 1000, [&](int at, int level) {
    if (level > 0) in = store.add_folder(in, name);
    if (level % 100 != 0) return;
    test::write_at(at, "file", "level " + std::to_string(level));
    const auto self = HostFolder(::dup(at)).stat("file", Links::keep);
    ids.push_back(store.add_file(in, "file", self.fingerprint));
  });
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(text(ContentStore(store), ids[i]), "level " + std::to_string(i * 100));
  EXPECT_GT(store.path(ids.back()).size(), 255000U);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(16);
    const ContentStore few_handles(store);
    for (const auto id : {ids[10], ids[0], ids[9]}) EXPECT_EQ(text(few_handles, id).substr(0, 6), "level ");
  }));
  test::remove_deep_folders(folder.path().string());
}
#endif

// --- the store as a value

#ifndef _WIN32  // child processes
TEST(ContentStore, RelativeFoldersAreResolvedAtOnce) {
  const TempFolder folder;
  folder.write("sub/a", "12345");
  EXPECT_TRUE(test::passes_in_child([&] {
    std::filesystem::current_path(folder.path());
    ContentStore store;
    const auto id = store.add_file(store.add_folder("sub"), "a", stat_host("sub/a").fingerprint);
    std::filesystem::current_path("/");
    EXPECT_EQ(text(store, id), "12345");
    EXPECT_EQ(store.path(id), std::filesystem::canonical(folder / "sub/a").string());
  }));
}
#endif

TEST(ContentStore, RollBackForgetsContentsAndHandles) {
  StoreOverFolder s;
  const auto kept = s.add_file("kept", big_text());
  const auto mark = s.store.mark();
  const auto bytes = s.store.memory_bytes();
  const auto old = s.add_file("old", std::string(kBig, 'o'));
  EXPECT_EQ(text_at(s.store, old, 0, 3), "ooo");
  s.folder.write("sub/x", "in sub");
  const auto sub = s.store.add_folder(s.top, "sub");
  EXPECT_EQ(text(s.store, add(s.store, sub, s.folder / "sub", "x")), "in sub");
  s.store.add_source(std::make_shared<MemorySource>("m"), "m");

  s.store.roll_back(mark);
  EXPECT_EQ(s.store.count(), 1U);
  EXPECT_LE(s.store.memory_bytes(), bytes + 4096);
  const auto fresh = s.add_file("new", std::string(kBig, 'n'));
  EXPECT_EQ(fresh, old) << "the number is given out again";
  EXPECT_EQ(text_at(s.store, fresh, 0, 3), "nnn");
  s.folder.write("other/x", "in other");
  const auto other = s.store.add_folder(s.top, "other");
  EXPECT_EQ(text(s.store, add(s.store, other, s.folder / "other", "x")), "in other");
  EXPECT_EQ(text(s.store, s.store.add_source(std::make_shared<MemorySource>("second"), "s")), "second");
  EXPECT_EQ(text(s.store, kept), big_text());
}

TEST(ContentStore, CopiesAreIndependent) {
  StoreOverFolder s;
  const auto id = s.add_file("a", "12345");
  text_at(s.store, id, 0, 2);
  ContentStore copy(s.store);
  copy.add_source(std::make_shared<MemorySource>("m"), "m");
  EXPECT_EQ(s.store.count(), 1U);
  EXPECT_EQ(copy.count(), 2U);
  s.store = ContentStore();
  EXPECT_EQ(s.store.count(), 0U);
  EXPECT_EQ(text(copy, id), "12345");
  ContentStore third;
  third = copy;
  copy = std::move(third);
  EXPECT_EQ(text(copy, id), "12345");
}

#ifndef _WIN32  // they are UTF-16 there
TEST(ContentStore, NamesAreBytes) {
  StoreOverFolder s;
  const std::string names[] = {"\xff\xfe not UTF-8", std::string(255, 'n'), "new\nline", "e\xcc\x81"};
  for (const auto& name : names) EXPECT_EQ(text(s.store, s.add_file(name, name)), name);
  EXPECT_EQ(error_of([&] { s.store.add_file(s.top, std::string_view("a\0b", 3), {}); }).code(), Errc::invalid_argument);
}
#endif

TEST(ContentStore, SlicesOfOneVolume) {
  ContentStore store;
  const auto volume = std::make_shared<MemorySource>("0123456789");
  const auto first = store.add_volume(volume, "disc");
  EXPECT_EQ(store.add_volume(volume, "disc").value, first.value);
  const auto middle = store.add_slice(first, 2, 5);
  const auto mark = store.mark();
  const auto other = store.add_slice(store.add_volume(std::make_shared<MemorySource>("abc"), "other"), 3, 0);
  EXPECT_EQ(text(store, middle), "23456");
  EXPECT_EQ(store.path(middle), "disc");
  EXPECT_EQ(store.run_at(middle, 1).length, 4U);
  EXPECT_EQ(store.size(other), 0U);
  ASSERT_TRUE(store.slice(middle));
  EXPECT_EQ(store.slice(middle)->offset, 2U);
  EXPECT_NE(store.slice(middle)->source, store.slice(other)->source);
  EXPECT_FALSE(store.slice(store.add_source(std::make_shared<MemorySource>("abc"), "no stretch")));
  EXPECT_FALSE(store.slice(ContentId{}));
  EXPECT_THROW(store.add_slice(first, 6, 5), std::logic_error);
  EXPECT_THROW(store.add_slice(first, 11, 0), std::logic_error);
  store.roll_back(mark);
  EXPECT_EQ(store.count(), 1U);
  EXPECT_EQ(text(ContentStore(store), middle), "23456");
  const auto third = store.add_volume(std::make_shared<MemorySource>("xyz"), "third");
  EXPECT_EQ(text(store, store.add_slice(third, 1, 2)), "yz");
}

TEST(ContentStore, ErrorsOfSlicesNameTheVolume) {
  ContentStore store;
  const auto broken = std::make_shared<CallbackSource>(
      10, [](std::uint64_t, std::span<std::byte>) { throw Error(Errc::corrupt_structure, {}, "scratched"); });
  const auto slice = store.add_slice(store.add_volume(broken, "disc"), 0, 10);
  EXPECT_EQ(error_of([&] { text(store, slice); }).where().path, "disc");
}

// Files, slices and sources share their numbers, however they alternate.
TEST(ContentStore, AMixtureOfAllKinds) {
  ContentStore store;
  const auto top = absolute_host_path("/somewhere");
  const auto folder = store.add_folder(top);
  store.add_source(std::make_shared<ZeroSource>(1), "before the volume");
  const auto volume = store.add_volume(std::make_shared<ZeroSource>(std::uint64_t{1} << 45), "disc");
  constexpr std::uint32_t kEach = 5000;
  const auto fingerprint = [](std::uint64_t i) { return Fingerprint{i, -static_cast<std::int64_t>(i), ~i, i % 3}; };
  const auto fill = [&](std::uint32_t from) {
    for (auto i = from; i < from + kEach; ++i) {
      store.add_file(folder, "f" + std::to_string(i), fingerprint(i));
      store.add_slice(volume, (std::uint64_t{1} << 44) + i, i);
      store.add_source(std::make_shared<ZeroSource>(i), "s" + std::to_string(i));
    }
  };
  const auto check = [&](const ContentStore& in, std::uint32_t from, std::uint32_t to, std::uint32_t first) {
    for (auto i = from; i < to; ++i) {
      const std::uint32_t id = first + (i - from) * 3;
      ASSERT_EQ(in.file({id}), fingerprint(i));
      ASSERT_EQ(in.path({id}), top + "/f" + std::to_string(i));
      ASSERT_FALSE(in.slice({id}));
      ASSERT_EQ(in.slice({id + 1})->offset, (std::uint64_t{1} << 44) + i);
      ASSERT_EQ(in.path({id + 1}), "disc");
      ASSERT_FALSE(in.file({id + 1}) || in.file({id + 2}) || in.slice({id + 2}));
      ASSERT_EQ(in.path({id + 2}), "s" + std::to_string(i));
      for (std::uint32_t k = 0; k < 3; ++k) ASSERT_EQ(in.size({id + k}), i);
    }
  };
  fill(0);
  const auto mark = store.mark();
  fill(kEach);
  check(store, 0, 2 * kEach, 1);
  check(ContentStore(store), 0, 2 * kEach, 1);
  store.roll_back(mark);
  check(store, 0, kEach, 1);
  fill(9 * kEach);
  check(store, 9 * kEach, 10 * kEach, 1 + 3 * kEach);
}

TEST(ContentStore, AnOffsetBeyondItsFieldIsRefused) {
  ContentStore store;
  const auto volume = store.add_volume(std::make_shared<ZeroSource>(~std::uint64_t{0}), "disc");
  const auto last = store.add_slice(volume, (std::uint64_t{1} << 62) - 1, 1);
  EXPECT_EQ(store.slice(last)->offset, (std::uint64_t{1} << 62) - 1);
  EXPECT_EQ(error_of([&] { store.add_slice(volume, std::uint64_t{1} << 62, 1); }).code(), Errc::too_large);
}

TEST(ContentStore, IsBoundWhenASourceIs) {
  ContentStore store;
  store.add_source(std::make_shared<ZeroSource>(1), "free");
  EXPECT_FALSE(store.is_bound_to_thread());
  class Bound final : public ByteSource {
   public:
    std::uint64_t size() const override { return 0; }
    void read_at(std::uint64_t, std::span<std::byte>) const override {}
    bool is_bound_to_thread() const override { return true; }
  };
  const auto bound = std::make_shared<Bound>();
  store.add_source(std::make_shared<SliceSource>(std::make_shared<CachedSource>(bound), 0, 0), "bound");
  EXPECT_TRUE(store.is_bound_to_thread());
}

TEST(ContentStore, SixteenBytesASlice) {
  ContentStore store;
  const auto volume = store.add_volume(std::make_shared<ZeroSource>(2'000'000'000), "disc");
  constexpr std::uint64_t kSlices = 1'000'000;
  for (std::uint64_t i = 0; i < kSlices; ++i) store.add_slice(volume, i * 2000, 2000);
  EXPECT_LE(store.memory_bytes() / kSlices, 17U);
}

TEST(ContentStore, SomeFortyBytesAFile) {
  ContentStore store;
  const auto folder = store.add_folder("/somewhere");
  constexpr std::size_t kFiles = 1000000, kName = 12;
  for (std::size_t i = 0; i < kFiles; ++i) store.add_file(folder, "file-" + std::to_string(1000000 + i), {1, 2, 3, 4});
  EXPECT_LE(store.memory_bytes() / kFiles, 40 + kName + 1 + 2);
}

TEST(ContentSource, AHostFileAsASourceOfItsOwn) {
  const TempFolder in;
  in.write("big", big_text());
#ifndef _WIN32
  std::filesystem::create_symlink("big", in / "link");
#else
  in.write("link", big_text());
#endif
  for (const auto* name : {"big", "link"}) {
    const auto source = std::make_shared<ContentSource>(in / name);
    test::expect_byte_source(*source, big_text());
    EXPECT_EQ(source->run_at(0).kind, Run::Kind::file);
    EXPECT_NO_THROW(source->check());
  }
  const ContentSource source(in / "big");
  in.write("big", big_text() + "more");
  EXPECT_EQ(error_of([&] { source.check(); }).code(), Errc::source_changed);
  EXPECT_EQ(error_of([&] { ContentSource(in / "missing"); }).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { ContentSource(in.path().string()); }).code(), std::errc::is_a_directory);
}

}  // namespace
}  // namespace fsimage
