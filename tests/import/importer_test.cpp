#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/host_cursor.hpp>
#include <fsimage/import/importer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using ::testing::ElementsAre;

Entry directory(std::uint32_t depth, std::string name) {
  Entry e;
  e.depth = depth;
  e.name = std::move(name);
  e.type = FileType::directory;
  e.attributes.permissions = 0751;
  return e;
}
Entry file(std::uint32_t depth, std::string name, std::uint64_t size = 5) {
  Entry e;
  e.depth = depth;
  e.name = std::move(name);
  e.size = size;
  return e;
}
Entry linked(std::uint32_t depth, std::string name, std::uint64_t inode) {
  Entry e = file(depth, std::move(name));
  e.links = 2;
  e.identity[0] = 1;
  e.identity[1] = inode;
  return e;
}

// Gives what it was told, and fails where it was told.
class Script final : public EntryCursor {
 public:
  explicit Script(std::vector<Entry> entries, std::size_t fail_at = SIZE_MAX)
      : entries_(std::move(entries)), fail_at_(fail_at) {}
  std::optional<Entry> next() override {
    if (at_ == fail_at_) throw Error(Errc::corrupt_structure, {.path = "/source"}, "unreadable");
    if (at_ == entries_.size()) return std::nullopt;
    return entries_[at_++];
  }
  ContentId content(ContentStore& store) override {
    ++contents;
    return store.add_source(std::make_shared<ZeroSource>(entries_[at_ - 1].size), origin());
  }
  void skip_subtree() override {}
  std::string origin() const override { return "script:" + entries_[at_ - 1].name; }
  int contents = 0;

 private:
  std::vector<Entry> entries_;
  std::size_t at_ = 0, fail_at_;
};

std::string describe(const Tree& tree, NodeId n) {
  static constexpr char kTypes[] = "f/lbcps";
  const auto& inode = tree.inode(n);
  return tree.path(n) + " " + kTypes[static_cast<int>(inode.type)] + " " + std::to_string(inode.size) + " links " +
         std::to_string(inode.links) + " mode " + std::to_string(inode.attributes.permissions);
}

// Everything that can be seen of a tree.
std::vector<std::string> snapshot(const Tree& tree) {
  std::vector<std::string> out{std::to_string(tree.contents().count()), describe(tree, kRootNode)};
  std::vector<NodeId> open{kRootNode};
  while (!open.empty()) {
    const auto folder = open.back();
    open.pop_back();
    for (auto n = tree.first_child(folder); n; n = tree.next_sibling(*n)) {
      out.push_back(describe(tree, *n));
      if (tree.is_directory(*n)) open.push_back(*n);
    }
  }
  return out;
}

std::vector<std::string> paths(const Tree& tree) {
  std::vector<std::string> out;
  for (std::uint32_t n = 1; n < tree.node_count(); ++n)
    if (tree.attached({n})) out.push_back(tree.path({n}));
  std::sort(out.begin(), out.end());
  return out;
}

Tree small_tree() {
  Tree tree;
  const auto docs = tree.add_directory(kRootNode, "docs", {.permissions = 0700});
  tree.add_file(docs, "old.txt", {}, std::make_shared<MemorySource>("old"));
  return tree;
}

void add(Tree& tree, std::vector<Entry> entries, NodeId into = kRootNode) {
  Script script(std::move(entries));
  add_entries(tree, into, script);
}

TEST(AddEntries, BuildsTheTree) {
  Tree tree;
  Entry link = file(1, "link");
  link.type = FileType::symlink;
  link.target = "../elsewhere";
  Entry device = file(1, "device");
  device.type = FileType::block_device;
  device.device = {8, 1};
  Entry socket = file(0, "socket");
  socket.type = FileType::socket;
  add(tree, {directory(0, "a"), directory(1, "b"), file(2, "deep", 7), link, device, file(0, "top"), socket});
  EXPECT_THAT(paths(tree), ElementsAre("/a", "/a/b", "/a/b/deep", "/a/device", "/a/link", "/socket", "/top"));
  EXPECT_EQ(tree.inode(*tree.find("/a/b/deep")).size, 7U);
  EXPECT_EQ(tree.inode(*tree.find("/a")).attributes.permissions, 0751U);
  EXPECT_EQ(tree.symlink_target(*tree.find("/a/link")), "../elsewhere");
  EXPECT_EQ(tree.device(*tree.find("/a/device")).major, 8U);
  EXPECT_EQ(tree.inode(*tree.find("/socket")).type, FileType::socket);
}

TEST(AddEntries, GoesIntoAFolderAndMerges) {
  Tree tree = small_tree();
  add(tree, {directory(0, "docs"), file(1, "new.txt"), file(0, "top")});
  EXPECT_THAT(paths(tree), ElementsAre("/docs", "/docs/new.txt", "/docs/old.txt", "/top"));
  EXPECT_EQ(tree.inode(*tree.find("/docs")).attributes.permissions, 0700U) << "what was there keeps its attributes";
  add(tree, {file(0, "x")}, *tree.find("/docs"));
  EXPECT_TRUE(tree.find("/docs/x"));
}

TEST(AddEntries, EmptyFilesHaveAContentThatCanBeChecked) {
  Tree tree;
  Script script({file(0, "empty", 0)});
  add_entries(tree, kRootNode, script);
  EXPECT_EQ(script.contents, 1);
  EXPECT_EQ(tree.inode(*tree.find("/empty")).size, 0U);
}

TEST(AddEntries, IdentitiesBecomeHardLinks) {
  Tree tree;
  Script script({directory(0, "d"), linked(1, "one", 7), linked(0, "two", 7), linked(0, "other", 8)});
  add_entries(tree, kRootNode, script);
  EXPECT_EQ(script.contents, 2) << "stored once";
  EXPECT_EQ(tree.inode_id(*tree.find("/d/one")), tree.inode_id(*tree.find("/two")));
  EXPECT_NE(tree.inode_id(*tree.find("/other")), tree.inode_id(*tree.find("/two")));
  EXPECT_EQ(tree.inode(*tree.find("/two")).links, 2U);
  EXPECT_EQ(tree.inode(*tree.find("/other")).links, 1U) << "its other name lies outside";
}

TEST(AddEntries, SpecialFilesCanBeHardLinksToo) {
  Tree tree;
  Entry one = linked(0, "one", 7), two = linked(0, "two", 7);
  one.type = two.type = FileType::symlink;
  one.target = two.target = "t";
  add(tree, {one, two});
  EXPECT_EQ(tree.inode_id(*tree.find("/one")), tree.inode_id(*tree.find("/two")));
}

// --- one path twice

TEST(AddEntries, TwoSourcesForOnePath) {
  struct Case {
    std::vector<Entry> entries;
    std::string path;
  };
  const Case cases[] = {
      {{directory(0, "docs"), file(1, "old.txt")}, "/docs/old.txt"},
      {{file(0, "docs")}, "/docs"},
      {{directory(0, "docs"), directory(1, "old.txt")}, "/docs/old.txt"},
      {{directory(0, "n"), file(1, "a"), file(1, "a")}, "/n/a"},
      {{file(0, "a"), directory(0, "a")}, "/a"},
      {{directory(0, "a"), file(0, "a")}, "/a"},
      {{linked(0, "a", 7), linked(0, "a", 8)}, "/a"},
      {{file(0, "a"), linked(0, "a", 8)}, "/a"},
  };
  for (const Case& c : cases) {
    Tree tree = small_tree();
    const auto before = snapshot(tree);
    const auto e = error_of([&] { add(tree, c.entries); });
    EXPECT_EQ(e.code(), Errc::duplicate_path) << c.path;
    EXPECT_EQ(e.where().path, c.path);
    EXPECT_EQ(snapshot(tree), before);
  }
  Tree tree = small_tree();
  EXPECT_EQ(error_of([&] {
              add(tree, {directory(0, "n"), file(1, "a"), file(1, "a")}, *tree.find("/docs"));
            })
                .where()
                .path,
            "/docs/n/a");
}

TEST(AddEntries, OneAndTheSameTwice) {
  Tree tree;
  add(tree, {directory(0, "d"), file(1, "a"), linked(0, "h", 7), linked(0, "h", 7), directory(0, "d"), file(1, "b")});
  EXPECT_THAT(paths(tree), ElementsAre("/d", "/d/a", "/d/b", "/h"));
  EXPECT_EQ(tree.inode(*tree.find("/h")).links, 1U);
}

// --- all or nothing

std::vector<Entry> several() {
  return {directory(0, "docs"), file(1, "new.txt"), linked(1, "h1", 7), directory(1, "deep"),
          file(2, "x"),         linked(0, "h2", 7), file(0, "z")};
}

TEST(AddEntries, EveryFailureOfTheCursorLeavesTheTreeAsItWas) {
  for (std::size_t n = 0;; ++n) {
    Tree tree = small_tree();
    const auto before = snapshot(tree);
    const auto bytes = tree.node_count();
    Script script(several(), n);
    try {
      add_entries(tree, kRootNode, script);
      EXPECT_EQ(n, several().size() + 1);
      return;  // no fault left
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::corrupt_structure);
      EXPECT_EQ(e.where().path, "/source");
    }
    EXPECT_EQ(snapshot(tree), before) << "failure point " << n;
    EXPECT_EQ(tree.node_count(), bytes);
    add(tree, several());  // and it is still good
    EXPECT_TRUE(tree.find("/docs/deep/x"));
  }
}

TEST(AddEntries, WhatProgressThrowsEndsIt) {
  for (const int call : {1, 2}) {
    std::vector<Entry> entries;
    for (int i = 0; i < 300; ++i) entries.push_back(file(0, "f" + std::to_string(i)));
    Tree tree = small_tree();
    const auto before = snapshot(tree);
    Script script(entries);
    int calls = 0;
    EXPECT_THROW(add_entries(tree, kRootNode, script,
                             {.progress =
                                  [&](const AddProgress&) {
                                    if (++calls == call) throw std::runtime_error("enough");
                                  }}),
                 std::runtime_error);
    EXPECT_EQ(snapshot(tree), before);
  }
}

TEST(AddEntries, StopsOnRequest) {
  std::vector<Entry> entries;
  for (int i = 0; i < 300; ++i) entries.push_back(file(0, "f" + std::to_string(i)));
  std::stop_source stop;
  Tree tree = small_tree();
  const auto before = snapshot(tree);
  Script script(entries);
  const auto e = error_of([&] {
    add_entries(tree, kRootNode, script,
                {.progress = [&](const AddProgress&) { stop.request_stop(); }, .stop = stop.get_token()});
  });
  EXPECT_EQ(e.code(), Errc::cancelled);
  EXPECT_EQ(snapshot(tree), before);
}

TEST(AddEntries, RefusedItemsNameTheirSource) {
  Tree tree;
  Entry link = file(0, "link");
  link.type = FileType::symlink;  // without a target
  const auto e = error_of([&] { add(tree, {link}); });
  EXPECT_EQ(e.code(), Errc::invalid_argument);
  EXPECT_EQ(e.where().path, "script:link");
  EXPECT_EQ(error_of([&] { add(tree, {file(0, "huge", std::uint64_t{1} << 50)}); }).where().path, "script:huge");
  EXPECT_THROW(add(tree, {file(1, "without a folder")}), std::logic_error);
  EXPECT_EQ(tree.node_count(), 1U);
}

TEST(AddEntries, IntoAFolderOnly) {
  Tree tree = small_tree();
  EXPECT_EQ(error_of([&] { add(tree, {file(0, "a")}, *tree.find("/docs/old.txt")); }).code(), Errc::not_a_directory);
}

// --- what is there already

TEST(AddEntries, MayKeepWhatIsThere) {
  Tree tree = small_tree();
  const auto old = *tree.find("/docs/old.txt");
  const auto size = tree.inode(old).size;
  Script script({directory(0, "docs"), file(1, "new.txt", 5), file(1, "old.txt", size + 1)});
  add_entries(tree, kRootNode, script, {.existing = Tree::Existing::keep});
  EXPECT_EQ(tree.find("/docs/old.txt"), old);
  EXPECT_EQ(tree.inode(old).size, size);
  EXPECT_EQ(tree.inode(*tree.find("/docs/new.txt")).size, 5U);
  const auto before = snapshot(tree);
  for (const auto& clash : {std::vector{file(0, "docs")}, {directory(0, "docs"), directory(1, "old.txt")}}) {
    Script again(clash);
    EXPECT_EQ(error_of([&] { add_entries(tree, kRootNode, again, {.existing = Tree::Existing::keep}); }).code(),
              Errc::duplicate_path);
    EXPECT_EQ(snapshot(tree), before);
  }
}

// --- progress

TEST(AddEntries, TellsHowFarItIs) {
  std::vector<Entry> entries{directory(0, "d")};
  for (int i = 0; i < 999; ++i) entries.push_back(file(1, "f" + std::to_string(i), 2049));
  entries.push_back(linked(0, "h1", 7));
  entries.push_back(linked(0, "h2", 7));
  Tree tree;
  Script script(entries);
  std::vector<AddProgress> told;
  std::string last_item;
  const auto tell = [&](const AddProgress& p) {
    EXPECT_GE(p.items, told.empty() ? 0 : told.back().items);
    told.push_back(p);
    last_item = p.item;
  };
  add_entries(tree, kRootNode, script, {.progress = tell});
  ASSERT_EQ(told.size(), 4U) << "every 256 items and at the end";
  EXPECT_EQ(told[0].items, 256U);
  EXPECT_EQ(told.back().items, entries.size());
  EXPECT_EQ(told.back().sectors, 999U * 2 + 1) << "a hard link's content counts once";
  EXPECT_EQ(last_item, "h2");
}

TEST(AddEntries, ItemIsThePathBelowTheTarget) {
  Tree tree = small_tree();
  std::string item;
  Script script({directory(0, "a"), directory(1, "b")});
  add_entries(tree, *tree.find("/docs"), script, {.progress = [&](const AddProgress& p) { item = p.item; }});
  EXPECT_EQ(item, "a/b");
}

// --- from the host

#ifndef _WIN32  // symbolic links
TEST(AddEntries, HostFolder) {
  const TempFolder folder;
  folder.write("a/one", "1");
  folder.write("a/b/two", "22");
  folder.write("three", "333");
  std::filesystem::create_hard_link(folder / "three", folder / "a/four");
  std::filesystem::create_symlink("three", folder / "link");
  Tree tree;
  add_entries(tree, kRootNode, *open_host(folder.path().string()));
  EXPECT_THAT(paths(tree), ElementsAre("/a", "/a/b", "/a/b/two", "/a/four", "/a/one", "/link", "/three"));
  EXPECT_EQ(tree.inode(*tree.find("/three")).links, 2U);
  EXPECT_EQ(tree.contents().count(), 3U);
  const std::map<std::string, std::string> texts{
      {"/a/one", "1"}, {"/a/b/two", "22"}, {"/three", "333"}, {"/a/four", "333"}};
  for (const auto& [path, want] : texts) {
    std::string got(want.size(), '?');
    tree.contents().read_at(tree.inode(*tree.find(path)).content, 0, std::as_writable_bytes(std::span(got)));
    EXPECT_EQ(got, want) << path;
  }
}
#endif

TEST(AddEntries, ErrorOfTheHostNamesThePathAndChangesNothing) {
  const TempFolder folder;
  for (const auto* name : {"a", "b", "c/d"}) folder.write(name, name);
  Tree tree = small_tree();
  const auto before = snapshot(tree);
  const auto cursor = open_host(folder.path().string());
  std::filesystem::remove(folder / "b");
  EXPECT_EQ(error_of([&] { add_entries(tree, kRootNode, *cursor); }).where().path, folder / "b");
  EXPECT_EQ(snapshot(tree), before);
}

}  // namespace
}  // namespace fsimage
