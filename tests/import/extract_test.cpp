#include "sample_volume.hpp"

#include "support/child_process.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/import/extract.hpp>
#include <fsimage/io/host_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::kSampleTime;
using test::SampleVolume;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A volume that gives what a hostile disc would, names and links included.
class ScriptedVolume final : public VolumeCursor {
 public:
  struct Item {
    Entry entry;
    std::shared_ptr<const ByteSource> content{};
  };
  explicit ScriptedVolume(std::vector<Item> items) : items_(std::move(items)) {}

  std::optional<Entry> next() override {
    if (skip_) {
      const auto depth = items_[at_ - 1].entry.depth;
      while (at_ < items_.size() && items_[at_].entry.depth > depth) ++at_;
      skip_ = false;
    }
    if (at_ == items_.size()) return std::nullopt;
    return items_[at_++].entry;
  }
  ContentId content(ContentStore& store) override {
    const auto& item = items_[at_ - 1];
    return item.content == nullptr ? ContentId{} : store.add_source(item.content, "/" + item.entry.name);
  }
  void skip_subtree() override { skip_ = true; }
  std::string origin() const override { return "/" + items_[at_ - 1].entry.name; }
  View view() const override { return View::rockridge; }
  Attributes root_attributes() const override { return test::sample_attributes(0755, 0, 0); }
  Lba location() const override { return {}; }
  std::vector<Extent> extents() override { return {}; }

 private:
  std::vector<Item> items_;
  std::size_t at_ = 0;
  bool skip_ = false;
};

ScriptedVolume::Item folder(std::uint32_t depth, std::string name, std::uint16_t permissions = 0755) {
  ScriptedVolume::Item item;
  item.entry.depth = depth;
  item.entry.name = std::move(name);
  item.entry.type = FileType::directory;
  item.entry.attributes = test::sample_attributes(permissions, 0, 0);
  return item;
}
ScriptedVolume::Item file(std::uint32_t depth, std::string name, std::shared_ptr<const ByteSource> content) {
  auto item = folder(depth, std::move(name), 0644);
  item.entry.type = FileType::regular;
  item.entry.size = content->size();
  item.content = std::move(content);
  return item;
}
ScriptedVolume::Item file(std::uint32_t depth, std::string name, std::string_view content) {
  return file(depth, std::move(name), std::make_shared<MemorySource>(content));
}
ScriptedVolume::Item link(std::uint32_t depth, std::string name, std::string target) {
  auto item = folder(depth, std::move(name), 0777);
  item.entry.type = FileType::symlink;
  item.entry.target = std::move(target);
  return item;
}

class ExtractTest : public ::testing::Test {
 protected:
  ExtractCounts run(VolumeCursor& volume, ExtractOptions options = {}, std::stop_token stop = {}) {
    ExtractEvents events;
    events.error = [&](const Error& e) { errors_.push_back(e); };
    events.finding = [&](const Finding& f) { findings_.push_back(f); };
    options.owner = false;
    return extract(volume, target(), std::move(options), events, std::move(stop));
  }
  ExtractCounts run(std::vector<ScriptedVolume::Item> items, ExtractOptions options = {}) {
    ScriptedVolume volume(std::move(items));
    return run(volume, std::move(options));
  }
  std::string target() const { return in_ / "out"; }
  std::string at(std::string_view name) const { return target() + "/" + std::string(name); }
  struct stat status(std::string_view name) const {
    struct stat st {};
    EXPECT_EQ(::lstat(at(name).c_str(), &st), 0) << name;
    return st;
  }
  bool exists(std::string_view name) const { return fs::symlink_status(at(name)).type() != fs::file_type::not_found; }
  // The paths of what failed.
  std::vector<std::string> failed() const {
    std::vector<std::string> out;
    for (const auto& e : errors_) out.push_back(e.where().path);
    return out;
  }
  static PathPatterns patterns(std::vector<std::string> texts) { return PathPatterns(std::move(texts)); }

  TempFolder in_;
  std::vector<Error> errors_;
  std::vector<Finding> findings_;
};

std::unique_ptr<VolumeCursor> sample(View view) {
  static SampleVolume volume;
  VolumeOptions options;
  options.view = view;
  const auto bytes = volume.bytes();
  return open_volume(std::make_shared<MemorySource>(std::vector<std::byte>(bytes.begin(), bytes.end())), options);
}

TEST_F(ExtractTest, RestoresEverythingThatTheViewsHold) {
  for (const View view : {View::rockridge, View::udf}) {
    SCOPED_TRACE(to_string(view));
    const auto volume = sample(view);
    fs::remove_all(target());
    const auto counts = run(*volume, {.patterns = patterns({"docs", "pipe", "umlaut*", "nnn*"})});
    EXPECT_TRUE(errors_.empty()) << errors_.front().what();
    EXPECT_EQ(counts.folders, 2U);
    EXPECT_EQ(counts.files, 4U);
    EXPECT_EQ(counts.hard_links, 1U);
    EXPECT_EQ(counts.symlinks, 1U);
    EXPECT_EQ(counts.special, 1U);
    EXPECT_EQ(TempFolder::read(at("docs/a.txt")), std::string(3000, 'a'));
    EXPECT_EQ(status("docs/a.txt").st_mode & 07777U, 0640U);
    EXPECT_EQ(status("docs/a.txt").st_nlink, 2U);
    EXPECT_EQ(status("docs/a.txt").st_ino, status("docs/deep/again.txt").st_ino);
    EXPECT_EQ(status("docs/empty").st_size, 0);
    EXPECT_EQ(fs::read_symlink(at("docs/deep/link")), "../../docs/a.txt");
    EXPECT_EQ(status("docs/deep").st_mode & 07777U, 0700U);
    EXPECT_EQ(status("docs").st_mode & 07777U, 0750U);
    EXPECT_TRUE(S_ISFIFO(status("pipe").st_mode));
    for (const auto* name : {"docs", "docs/deep", "docs/a.txt", "docs/deep/link", "pipe", "docs/empty"})
      EXPECT_EQ(status(name).st_mtim.tv_sec, kSampleTime.seconds()) << name;
  }
}

TEST_F(ExtractTest, SetIdBitsAreLeftOffWithoutTheOwner) {
  const auto volume = sample(View::rockridge);
  run(*volume, {.patterns = patterns({"nnn*"})});
  EXPECT_EQ(status(std::string(240, 'n')).st_mode & 07777U, 0755U);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_EQ(findings_[0].kind, Finding::Kind::dropped);
}

TEST_F(ExtractTest, AViewWithoutModesLeavesThemToTheSystem) {
  const auto volume = sample(View::joliet);
  run(*volume);
  const auto mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(status("docs/a.txt").st_mode & 07777U, 0666U & ~mask);
  EXPECT_EQ(status("docs").st_mode & 07777U, 0777U & ~mask);
}

TEST_F(ExtractTest, OwnersAndDevicesByRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto volume = sample(View::rockridge);
  const auto counts = extract(*volume, target(), {.owner = true});
  EXPECT_EQ(counts.failed, 0U);
  EXPECT_EQ(status("docs/a.txt").st_uid, 1000U);
  EXPECT_EQ(status("docs/deep/link").st_gid, 100U);
  EXPECT_EQ(status(std::string(240, 'n')).st_mode & 07777U, 04755U);
  EXPECT_TRUE(S_ISCHR(status("tty").st_mode));
  EXPECT_EQ(stat_host(at("tty")).device_minor, 300U);
}

TEST_F(ExtractTest, WhatTheRightsDoNotAllowIsNamedAndTheRestFollows) {
  ASSERT_EQ(::chmod(in_.path().c_str(), 0777), 0);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    const auto volume = sample(View::rockridge);
    const auto counts = run(*volume);
    EXPECT_THAT(failed(), ElementsAre("/tty"));
    EXPECT_EQ(counts.failed, 1U);
    EXPECT_EQ(counts.files, 4U);
    EXPECT_EQ(counts.hard_links, 1U);
  }));
}

TEST_F(ExtractTest, PatternsBringTheFoldersAboveAndNothingElse) {
  const auto volume = sample(View::rockridge);
  run(*volume, {.patterns = patterns({"docs/deep/l*", "missing", "*.nothing"})});
  EXPECT_THAT(failed(), ElementsAre("missing", "*.nothing"));
  EXPECT_TRUE(exists("docs/deep/link"));
  EXPECT_FALSE(exists("docs/deep/again.txt"));
  EXPECT_FALSE(exists("docs/a.txt"));
  EXPECT_EQ(status("docs").st_mode & 07777U, 0750U);
}

TEST_F(ExtractTest, ALinkOfTheVolumeIsNeverPassedThrough) {
  fs::create_directory(in_ / "victim");
  const auto victim = in_ / "victim";
  run({link(0, "absolute", victim), link(0, "up", "../victim"), folder(0, "absolute"), file(1, "a", "x"),
       folder(0, "up"), file(1, "b", "x"), file(0, "up", "through")});
  EXPECT_TRUE(fs::is_empty(victim));
  EXPECT_THAT(failed(), ElementsAre("/absolute", "/up", "/up"));
  EXPECT_THAT(errors_[0].message(), HasSubstr("nothing below it"));
}

TEST_F(ExtractTest, NamesThatLeadOutsideAreRefused) {
  run({folder(0, ".."), file(1, "a", "x"), file(0, "../b", "x"), file(0, "/c", "x"), file(0, "", "x"), folder(0, "."),
       file(0, std::string("d\0e", 3), "x"), file(0, "good", "x")});
  EXPECT_EQ(errors_.size(), 6U);
  std::vector<std::string> names;
  for (const auto& e : fs::directory_iterator(in_.path())) names.push_back(e.path().filename().string());
  EXPECT_THAT(names, ElementsAre("out"));
  EXPECT_TRUE(exists("good"));
  EXPECT_FALSE(exists("a"));
}

TEST_F(ExtractTest, ALinkOfTheHostIsNeverPassedThrough) {
  fs::create_directories(in_ / "victim");
  fs::create_directories(target());
  fs::create_symlink("../victim", at("docs"));
  fs::create_symlink("../victim/new", at("a"));
  for (const bool overwrite : {false, true}) {
    errors_.clear();
    run({folder(0, "docs"), file(1, "x", "x"), file(0, "a", "mine")}, {.overwrite = overwrite});
    EXPECT_TRUE(fs::is_empty(in_ / "victim"));
    EXPECT_EQ(fs::is_symlink(at("a")), !overwrite);
  }
  EXPECT_EQ(TempFolder::read(at("a")), "mine");
}

TEST_F(ExtractTest, TheTargetItselfMayBeALink) {
  fs::create_directory(in_ / "real");
  fs::create_symlink("real", target());
  run({file(0, "a", "x")});
  EXPECT_TRUE(fs::exists(in_ / "real/a"));
}

TEST_F(ExtractTest, WhatIsThereStaysUnlessItMayBeReplaced) {
  in_.write("out/docs/a", "old");
  ASSERT_EQ(::chmod(at("docs").c_str(), 0711), 0);
  run({folder(0, "docs"), file(1, "a", "new"), file(1, "b", "new")});
  EXPECT_THAT(failed(), ElementsAre("/docs/a"));
  EXPECT_EQ(TempFolder::read(at("docs/a")), "old");
  EXPECT_EQ(TempFolder::read(at("docs/b")), "new");
  EXPECT_EQ(status("docs").st_mode & 07777U, 0711U);
  errors_.clear();
  run({folder(0, "docs"), file(1, "a", "new"), file(1, "b", "newer")}, {.overwrite = true});
  EXPECT_TRUE(errors_.empty());
  EXPECT_EQ(TempFolder::read(at("docs/a")), "new");
  EXPECT_EQ(TempFolder::read(at("docs/b")), "newer");
  EXPECT_EQ(status("docs").st_mode & 07777U, 0755U);
}

TEST_F(ExtractTest, HolesStayHolesAndBytesAreInTheirPlaces) {
  // 8 MiB: data, a hole, data, a hole to the end.
  const auto sparse = in_.write("sparse", std::string(100'000, 'd'));
  fs::resize_file(sparse, 4 << 20);
  {
    std::ofstream more(sparse, std::ios::binary | std::ios::app);
    more << std::string(100'000, 'e');
  }
  fs::resize_file(sparse, 8 << 20);
  auto tree = std::make_shared<Tree>();
  TempFolder images;
  ContentStore& store = tree->contents();
  const auto id =
      store.add_file(store.add_folder(in_.path().string()), "sparse", OpenFile::open(sparse)->fingerprint());
  tree->add_file(kRootNode, "sparse", test::sample_attributes(0644), id);
  tree->add_file(kRootNode, "hole", test::sample_attributes(0644), std::make_shared<ZeroSource>(1 << 20));
  const auto image = Plan(tree, {}).create_image();
  const auto volume = open_volume(std::make_shared<ImageSource>(image), {.view = View::rockridge});
  const auto counts = run(*volume);
  EXPECT_EQ(counts.bytes, 9U << 20);
  EXPECT_TRUE(TempFolder::read(at("sparse")) == TempFolder::read(sparse));
  EXPECT_LE(status("sparse").st_blocks * 512, 1 << 20);
  EXPECT_EQ(status("hole").st_size, 1 << 20);
  EXPECT_EQ(status("hole").st_blocks, 0);
}

TEST_F(ExtractTest, AFileThatCannotBeReadLeavesNothingAndIsNamed) {
  const auto broken = [](std::uint64_t size, std::uint64_t from) {
    return std::make_shared<CallbackSource>(size, [from](std::uint64_t offset, std::span<std::byte> out) {
      if (offset + out.size() > from) throw os_error(EIO, "image.iso", "cannot read");
      std::fill(out.begin(), out.end(), std::byte{1});
    });
  };
  in_.write("out/late", "old");
  auto first = file(0, "linked", broken(10, 0)), second = file(0, "linked too", broken(10, 0));
  for (auto* item : {&first, &second}) {
    item->entry.links = 2;
    item->entry.identity[0] = 7;
  }
  const auto counts = run({file(0, "early", broken(100, 0)), file(0, "late", broken(3 << 20, 2 << 20)),
                           file(0, "fine", "x"), first, second},
                          {.overwrite = true});
  EXPECT_EQ(counts.files, 1U);
  auto names = failed();
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names, ElementsAre("/early", "/late", "/linked", "/linked too"));
  EXPECT_FALSE(exists("early"));
  EXPECT_EQ(TempFolder::read(at("late")), "old") << "replaced only by a complete one";
  EXPECT_EQ(std::distance(fs::directory_iterator(target()), {}), 2);
}

TEST_F(ExtractTest, LinksOfOneFileAcrossWindowsAndFolders) {
  std::vector<ScriptedVolume::Item> items;
  items.push_back(folder(0, "a", 0555));
  for (int i = 0; i < 1200; ++i) {
    auto item = file(1, "f" + std::to_string(i), "same");
    item.entry.links = 2400;
    item.entry.identity[0] = 5;
    items.push_back(item);
  }
  items.push_back(folder(0, "b"));
  for (int i = 0; i < 1200; ++i) {
    auto item = file(1, "f" + std::to_string(i), "same");
    item.entry.links = 2400;
    item.entry.identity[0] = 5;
    items.push_back(item);
  }
  const auto counts = run(items);
  EXPECT_TRUE(errors_.empty()) << errors_.front().what();
  EXPECT_EQ(counts.files, 1U);
  EXPECT_EQ(counts.hard_links, 2399U);
  EXPECT_EQ(status("b/f1199").st_nlink, 2400U);
}

TEST_F(ExtractTest, AReadOnlyFolderIsFilledFirst) {
  ASSERT_EQ(::chmod(in_.path().c_str(), 0777), 0);
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    const auto counts = run({folder(0, "ro", 0500), folder(1, "deeper", 0500), file(2, "a", "x"), file(1, "b", "x")});
    EXPECT_EQ(counts.failed, 0U);
    EXPECT_EQ(status("ro").st_mode & 07777U, 0500U);
    EXPECT_EQ(status("ro").st_mtim.tv_sec, kSampleTime.seconds());
    EXPECT_EQ(TempFolder::read(at("ro/deeper/a")), "x");
    ::chmod(at("ro").c_str(), 0700);
    ::chmod(at("ro/deeper").c_str(), 0700);
  }));
}

// Deeper than the handles that a process has, with a file in each folder on the way down and on the way up.
TEST_F(ExtractTest, DepthCostsNoHandles) {
  constexpr std::uint32_t kDepth = 300;
  std::vector<ScriptedVolume::Item> items;
  for (std::uint32_t d = 0; d < kDepth; ++d) {
    items.push_back(folder(d, "d"));
    items.push_back(file(d + 1, "before", "x"));
  }
  for (std::uint32_t d = kDepth; d > 0; --d) items.push_back(file(d, "the end", "y"));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::limit_handles(64);
    const auto counts = run(items);
    EXPECT_TRUE(errors_.empty()) << errors_.front().what();
    EXPECT_EQ(counts.files, 2 * kDepth);
    EXPECT_EQ(counts.folders, kDepth);
  }));
  EXPECT_EQ(TempFolder::read(at("d/d/d/the end")), "y");
}

// What is on the disc after the damage cannot be found; what came before is complete.
TEST_F(ExtractTest, ADamagedVolumeLosesNothingThatCameBefore) {
  SampleVolume volume;
  volume.block("iso9660/directory /docs/deep")[0] = std::byte{7};
  const auto cursor = open_volume(volume.source(), {.view = View::rockridge, .order = EntryOrder::by_name});
  const auto counts = run(*cursor);
  ASSERT_EQ(counts.failed, 1U);
  EXPECT_EQ(errors_[0].code(), Errc::corrupt_structure);
  EXPECT_EQ(errors_[0].where().path, "/docs/deep");
  EXPECT_EQ(TempFolder::read(at("docs/a.txt")), std::string(3000, 'a'));
  EXPECT_EQ(status("docs").st_mode & 07777U, 0750U);
}

TEST_F(ExtractTest, AStopLeavesNoHalfFile) {
  std::stop_source stop;
  auto slow = std::make_shared<CallbackSource>(8 << 20, [&](std::uint64_t offset, std::span<std::byte> out) {
    if (offset >= 2 << 20) stop.request_stop();
    std::fill(out.begin(), out.end(), std::byte{1});
  });
  ScriptedVolume volume({file(0, "slow", slow), file(0, "next", "x")});
  EXPECT_EQ(error_of([&] { run(volume, {.workers = 1}, stop.get_token()); }).code(), Errc::cancelled);
  EXPECT_TRUE(fs::is_empty(target()));
}

TEST_F(ExtractTest, ATargetThatCannotBeIsThrown) {
  in_.write("out", "a file");
  ScriptedVolume volume({file(0, "a", "x")});
  EXPECT_EQ(error_of([&] { extract(volume, target()); }).where().path, target());
}

TEST_F(ExtractTest, TellsProgress) {
  std::vector<ScriptedVolume::Item> items;
  for (int i = 0; i < 1000; ++i) items.push_back(file(0, "f" + std::to_string(i), "12345"));
  ScriptedVolume volume(items);
  std::uint64_t calls = 0, files = 0, bytes = 0;
  ExtractEvents events;
  events.progress = [&](const ExtractCounts& c, std::string_view) {
    ++calls;
    EXPECT_GE(c.files, files);
    EXPECT_GE(c.bytes, bytes);
    files = c.files;
    bytes = c.bytes;
  };
  extract(volume, target(), {}, events);
  EXPECT_GT(calls, 3U);
  EXPECT_EQ(files, 1000U);
  EXPECT_EQ(bytes, 5000U);
}

}  // namespace
}  // namespace fsimage
