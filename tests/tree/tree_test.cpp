#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/tree/tree.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

std::shared_ptr<const ByteSource> text(std::string_view t) { return std::make_shared<MemorySource>(t); }

std::vector<std::string> paths(const Tree& tree, NodeId from = kRootNode) {
  std::vector<std::string> out;
  for (auto n = tree.first_child(from); n; n = tree.next_sibling(*n)) {
    out.push_back(tree.path(*n));
    for (auto& below : paths(tree, *n)) out.push_back(below);
  }
  return out;
}

Errc code_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return static_cast<Errc>(e.code().value());
  }
  return {};
}

TEST(Tree, PathsBothWays) {
  Tree tree;
  const auto docs = tree.add_directory(kRootNode, "docs", {});
  const auto file = tree.add_file(docs, "a.txt", {}, text("hello"));
  EXPECT_EQ(tree.path(file), "/docs/a.txt");
  EXPECT_EQ(tree.path(kRootNode), "/");
  EXPECT_EQ(tree.find("/docs/a.txt"), file);
  EXPECT_EQ(tree.find("docs//a.txt"), file);
  EXPECT_EQ(tree.find(""), kRootNode);
  EXPECT_EQ(tree.find("/docs/b"), std::nullopt);
  EXPECT_EQ(tree.find("/docs/a.txt/x"), std::nullopt);
  EXPECT_EQ(tree.inode(file).size, 5U);
  EXPECT_EQ(tree.inode(file).links, 1U);
}

TEST(Tree, FreeStandingItemsAreAttachedLater) {
  Tree tree;
  const auto folder = tree.make_directory({});
  const auto file = tree.add_file(folder, "f", {}, ContentId{});
  EXPECT_FALSE(tree.attached(file));
  EXPECT_EQ(tree.find("/f"), std::nullopt);
  tree.attach(kRootNode, "d", folder);
  EXPECT_TRUE(tree.attached(file));
  EXPECT_EQ(tree.path(file), "/d/f");
}

// Whatever order names come in, and whatever went before them.
TEST(Tree, ANameIsRefusedWhenItIsThere) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    Tree tree;
    const auto folder = tree.add_directory(kRootNode, "d", {});
    std::map<std::string, NodeId> there;
    for (int step = 0; step < 200; ++step) {
      // Mostly upward, so that both ways of looking are taken.
      const auto name = std::to_string(1'000 + (random() % 4 != 0 ? step : static_cast<int>(random() % 200)));
      if (random() % 8 == 0 && !there.empty()) {
        const auto victim = random() % 2 == 0 ? std::prev(there.end()) : there.begin();
        tree.remove(victim->second);
        there.erase(victim);
      }
      const bool known = there.contains(name);
      const auto refused = code_of([&] { there[name] = tree.add_file(folder, name, {}, ContentId{}); });
      EXPECT_EQ(refused, known ? Errc::duplicate_path : Errc{}) << name;
      ASSERT_EQ(tree.child_count(folder), there.size());
    }
  }
}

TEST(Tree, WhatAttachRefuses) {
  Tree tree;
  const auto folder = tree.add_directory(kRootNode, "d", {});
  const auto file = tree.add_file(folder, "f", {}, ContentId{});
  const auto loose = tree.make_directory({});
  const auto inner = tree.add_directory(loose, "inner", {});
  EXPECT_EQ(code_of([&] { tree.add_directory(folder, "f", {}); }), Errc::duplicate_path);
  EXPECT_EQ(code_of([&] { tree.add_directory(file, "x", {}); }), Errc::not_a_directory);
  EXPECT_EQ(code_of([&] { tree.add_directory(folder, "..", {}); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { tree.attach(kRootNode, "e", folder); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { tree.attach(inner, "self", loose); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { tree.make_path("/d/f/x", {}); }), Errc::not_a_directory);
  EXPECT_EQ(code_of([&] { tree.make_hard_link(folder); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { tree.make_symlink({}, ""); }), Errc::invalid_argument);
}

TEST(Tree, HardLinksShareOneInode) {
  Tree tree;
  const auto a = tree.add_file(kRootNode, "a", {}, text("x"));
  const auto b = tree.add_hard_link(kRootNode, "b", a);
  EXPECT_EQ(tree.inode_id(a), tree.inode_id(b));
  EXPECT_EQ(tree.inode(b).links, 2U);
  tree.remove(a);
  EXPECT_EQ(tree.inode(b).links, 1U);
  EXPECT_EQ(tree.inode(b).size, 1U);
}

TEST(Tree, SymlinksAndSpecials) {
  Tree tree;
  const auto l1 = tree.add_symlink(kRootNode, "l1", {}, "../x");
  const auto dev = tree.add_special(kRootNode, "dev", FileType::char_device, {}, {1, 3});
  const auto l2 = tree.add_symlink(kRootNode, "l2", {}, std::string(5000, 'y'));
  EXPECT_EQ(tree.symlink_target(l1), "../x");
  EXPECT_EQ(tree.symlink_target(l2), std::string(5000, 'y'));
  EXPECT_EQ(tree.device(dev).minor, 3U);
  EXPECT_THROW(tree.symlink_target(dev), std::logic_error);
}

TEST(Tree, DeviceNumbersGoWithTheirNodes) {
  Tree tree;
  const auto fifo = tree.add_special(kRootNode, "fifo", FileType::fifo, {});
  const auto first = tree.add_special(kRootNode, "first", FileType::block_device, {}, {8, 1});
  const auto link = tree.add_hard_link(kRootNode, "link", first);
  const auto mark = tree.mark();
  tree.make_special(FileType::char_device, {}, {1, 3});
  tree.roll_back(mark);
  const auto fresh = tree.add_special(kRootNode, "fresh", FileType::char_device, {});
  const Tree copy(tree);
  for (const Tree& t : {std::cref(tree), std::cref(copy)}) {
    EXPECT_EQ(t.device(first), (DeviceNumber{8, 1}));
    EXPECT_EQ(t.device(link), (DeviceNumber{8, 1}));
    for (const auto n : {kRootNode, fifo, fresh}) EXPECT_EQ(t.device(n), DeviceNumber{});
  }
}

TEST(Tree, RemoveAndRemoveTree) {
  Tree tree;
  tree.make_path("/a/b/c", {});
  tree.make_path("/a/d", {});
  tree.make_path("/e", {});
  EXPECT_EQ(code_of([&] { tree.remove(*tree.find("/a")); }), Errc::directory_not_empty);
  EXPECT_EQ(code_of([&] { tree.remove(kRootNode); }), Errc::invalid_argument);
  tree.remove_tree(*tree.find("/a/b"));
  EXPECT_EQ(paths(tree), (std::vector<std::string>{"/a", "/a/d", "/e"}));
  tree.remove(*tree.find("/e"));
  tree.remove_tree(kRootNode);
  EXPECT_TRUE(paths(tree).empty());
  tree.make_path("/a/b/c", {});
  EXPECT_EQ(paths(tree).size(), 3U);
}

TEST(Tree, MergeJoinsFoldersAndRefusesTwoSources) {
  Tree tree;
  tree.make_path("/a/b", {});
  tree.add_file(*tree.find("/a"), "f", {}, ContentId{});
  const auto other = tree.make_directory({});
  const auto a = tree.add_directory(other, "a", {});
  tree.add_file(a, "g", {}, ContentId{});
  tree.add_directory(a, "b", {});
  tree.merge(kRootNode, other);
  EXPECT_EQ(paths(tree), (std::vector<std::string>{"/a", "/a/b", "/a/f", "/a/g"}));
  EXPECT_FALSE(tree.first_child(other));

  const auto clash = tree.make_directory({});
  tree.add_file(clash, "new", {}, ContentId{});
  tree.add_file(tree.add_directory(clash, "a", {}), "g", {}, ContentId{});
  try {
    tree.merge(kRootNode, clash);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::duplicate_path);
    EXPECT_EQ(e.where().path, "/a/g");
  }
  EXPECT_FALSE(tree.find("/new"));
}

TEST(Tree, RollBackForgetsWhatIsFreeStanding) {
  Tree tree;
  const auto keep = tree.add_file(kRootNode, "keep", {}, text("k"));
  const auto mark = tree.mark();
  const auto bytes = tree.memory_bytes();
  const auto folder = tree.make_directory({});
  for (int i = 0; i < 1000; ++i) tree.add_file(folder, "f" + std::to_string(i), {}, text("x"));
  tree.add_hard_link(folder, "again", keep);
  tree.add_symlink(folder, "l", {}, "target");
  tree.roll_back(mark);
  EXPECT_EQ(tree.inode(keep).links, 1U);
  EXPECT_EQ(tree.node_count(), 2U);
  EXPECT_EQ(tree.contents().count(), 1U);
  EXPECT_EQ(paths(tree), (std::vector<std::string>{"/keep"}));
  EXPECT_LT(tree.memory_bytes(), bytes + 64 * 1024);
  const auto second = tree.mark();
  tree.add_directory(kRootNode, "d", {});
  EXPECT_THROW(tree.roll_back(second), std::logic_error);
}

// Everything that can be asked of what lies in the tree.
std::vector<std::string> described(const Tree& tree) {
  auto out = paths(tree);
  for (auto& path : out) {
    const auto& inode = tree.inode(*tree.find(path));
    path += ' ' + std::to_string(inode.links) + ' ' + std::to_string(inode.size) + ' ' +
            std::to_string(inode.attributes.uid) + (inode.real_time ? " real-time" : "");
    for (auto s = inode.first_stream; s; s = tree.next_stream(s))
      path += ' ' + std::string(tree.stream_name(s)) + '=' + std::to_string(tree.stream_size(s));
  }
  return out;
}

TEST(Tree, RollBackUndoesWhatIsRemembered) {
  Tree tree;
  const auto docs = tree.add_directory(kRootNode, "docs", {});
  const auto a = tree.add_file(docs, "a", {}, text("a"));
  tree.add_file(docs, "b", {}, text("bb"));
  tree.add_file(docs, "c", {}, text("ccc"));
  const auto before = described(tree);
  const auto mark = tree.remember();
  const auto fresh = tree.add_directory(docs, "fresh", {});
  tree.move(a, fresh, "moved");
  tree.add_file(fresh, "d", {}, text("d"));
  tree.remove(*tree.find("/docs/b"));
  tree.add_hard_link(kRootNode, "link", *tree.find("/docs/c"));
  tree.set_attributes(docs, {.uid = 7});
  tree.set_content(*tree.find("/docs/c"), tree.contents().add_source(text("another"), "x"));
  tree.remove(*tree.find("/docs/fresh/d"));
  const auto later = described(tree);
  const auto second = tree.remember();
  tree.remove_tree(kRootNode);
  tree.roll_back(second);
  EXPECT_EQ(described(tree), later);
  tree.roll_back(mark);
  EXPECT_EQ(described(tree), before);
  EXPECT_FALSE(tree.find("/link"));
}

TEST(Tree, RollBackOfRandomEditsRestoresEveryState) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    Tree tree;
    std::vector<std::pair<Tree::Mark, std::vector<std::string>>> states;
    for (int i = 30; i >= 10; --i) tree.make_path("~/" + std::to_string(i), {});  // too many to be looked through
    for (int step = 0; step < 120; ++step) {
      if (below(2) == 0) tree.find("~/0");  // brings the index up to date
      if (step % 6 == 0) states.emplace_back(tree.remember(), described(tree));
      std::vector<std::string> all = paths(tree);
      all.emplace_back("/");
      const auto at = *tree.find(all[below(all.size())]);
      const auto folder = tree.is_directory(at) ? at : tree.parent(at);
      const auto name = std::string(1, static_cast<char>('a' + below(6)));
      try {
        switch (below(10)) {
          case 7: tree.add_stream(at, name, text(name)); break;
          case 8: tree.remove_stream(at, name); break;
          case 9: tree.set_real_time(at, below(2) == 0); break;
          case 0: tree.add_directory(folder, name, {}); break;
          case 1: tree.add_file(folder, name, {}, text(name)); break;
          case 2: tree.move(at, *tree.find(all[below(all.size())]), name); break;
          case 3: tree.remove_tree(at == kRootNode ? folder : at); break;
          case 4: tree.set_attributes(at, {.uid = static_cast<std::uint32_t>(below(100))}); break;
          case 5: tree.add_hard_link(folder, name, at); break;
          default: {
            const auto loose = tree.make_directory({});
            tree.add_file(loose, name, {}, text("merged"));
            tree.add_stream(tree.add_directory(loose, name + "d", {}), name, text("comes along"));
            tree.merge(folder, loose, Tree::Existing::replace);
          }
        }
      } catch (const Error&) {  // what was drawn does not go
      }
      if (below(30) == 0 && !states.empty()) {  // back by any number of states, and on from there
        const auto to = below(states.size());
        tree.roll_back(states[to].first);
        ASSERT_EQ(described(tree), states[to].second) << "seed " << seed << " step " << step;
        states.resize(to + 1);
      }
    }
    while (!states.empty()) {
      tree.roll_back(states.back().first);
      ASSERT_EQ(described(tree), states.back().second) << "seed " << seed;
      states.pop_back();
    }
  }
}

TEST(Tree, WhatIsForgottenStays) {
  Tree tree;
  const auto a = tree.add_file(kRootNode, "a", {}, text("a"));
  const auto mark = tree.remember();
  tree.remove(a);
  tree.forget();
  tree.roll_back(mark);
  EXPECT_FALSE(tree.find("/a"));
}

TEST(Tree, ACopyIsAnotherTree) {
  Tree tree;
  tree.make_path("/a/b", {});
  Tree copy(tree);
  copy.remove_tree(*copy.find("/a"));
  EXPECT_TRUE(tree.find("/a/b"));
  EXPECT_FALSE(copy.find("/a"));
}

// Random edits against a map of paths, so that the index, the links and the order are all exercised.
// Where nothing has been looked up before, who does brings the index up to date.
TEST(Tree, SeveralThreadsMayBeTheFirstToLookUp) {
  Tree tree;
  constexpr int kEntries = 5'000;
  const auto name = [](int i) { return std::to_string(100'000 - i); };  // each behind the next
  for (const std::string folder : {"a", "b"}) {
    const auto in = tree.make_path(folder, {});
    for (int i = 0; i < kEntries; ++i) tree.add_directory(in, name(folder == "a" ? kEntries - i : i), {});
    std::vector<std::thread> threads;
    std::atomic<int> found = 0;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 1; i < kEntries; ++i) found += tree.find(folder + "/" + name((i * 7 + t) % kEntries)) ? 1 : 0;
        if (tree.find(folder + "/none") || tree.child(in, "")) found = -1'000'000;
      });
    for (auto& t : threads) t.join();
    EXPECT_GE(found, 4 * (kEntries - 2)) << folder;
  }
}

TEST(Tree, WhatIsFoundIsFoundInCopiesToo) {
  Tree tree;
  for (int i = 0; i < 100; ++i) tree.make_path("folder/" + std::to_string((i * 37) % 100), {});
  EXPECT_TRUE(tree.find("folder/50"));
  for (int i = 100; i < 200; ++i) tree.make_path("folder/" + std::to_string(i), {});
  Tree copy = tree;
  tree.remove_tree(*tree.find("folder"));
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(copy.find("folder/" + std::to_string(i))) << i;
  Tree moved = std::move(copy);
  tree = moved;
  for (const Tree* t : {&std::as_const(tree), &std::as_const(moved)}) {
    EXPECT_TRUE(t->find("folder/199"));
    EXPECT_FALSE(t->find("folder/200"));
  }
}

TEST(Tree, RandomEditsAgreeWithAModel) {
  std::mt19937 random(7);
  Tree tree;
  std::map<std::string, bool> model;  // path -> is a folder
  const auto pick_folder = [&] {
    std::vector<std::string> folders{""};
    for (const auto& [path, is_folder] : model)
      if (is_folder) folders.push_back(path);
    return folders[random() % folders.size()];
  };
  for (int step = 0; step < 4000; ++step) {
    const auto folder = pick_folder();
    const auto path = folder + "/" + std::to_string(random() % 40);  // more than are looked through without the index
    const auto parent = *tree.find(folder);
    const auto name = path.substr(path.rfind('/') + 1);
    if (random() % 3 == 0 && model.contains(path)) {
      tree.remove_tree(*tree.find(path));
      std::erase_if(model, [&](const auto& e) { return e.first == path || e.first.starts_with(path + "/"); });
    } else if (model.contains(path)) {
      EXPECT_THROW(tree.add_directory(parent, name, {}), Error);
    } else if (random() % 4 == 0 && path.size() < 20) {
      tree.add_directory(parent, name, {});
      model[path] = true;
    } else {
      tree.add_file(parent, name, {}, ContentId{});
      model[path] = false;
    }
  }
  auto found = paths(tree);
  std::sort(found.begin(), found.end());
  std::vector<std::string> expected;
  for (const auto& e : model) expected.push_back(e.first);
  EXPECT_EQ(found, expected);
}

TEST(Tree, MovesEntriesWithAllBelowThem) {
  Tree tree;
  const auto a = tree.add_directory(kRootNode, "a", {}), b = tree.add_directory(kRootNode, "b", {});
  const auto file = tree.add_symlink(a, "x", {}, "target");
  tree.move(a, b, "renamed");
  EXPECT_EQ(tree.path(file), "/b/renamed/x");
  EXPECT_EQ(tree.find("/b/renamed/x"), file);
  EXPECT_FALSE(tree.find("/a"));
  tree.move(file, a, "y");
  EXPECT_EQ(tree.find("/b/renamed/y"), file);
  tree.move(file, a, "y");  // where it is
  EXPECT_EQ(tree.find("/b/renamed/y"), file);
  const auto refused = [&](NodeId item, NodeId parent, std::string_view name) {
    return test::error_of([&] { tree.move(item, parent, name); }).code();
  };
  EXPECT_EQ(refused(b, a, "inside itself"), Errc::invalid_argument);
  EXPECT_EQ(refused(kRootNode, a, "root"), Errc::invalid_argument);
  EXPECT_EQ(refused(file, file, "z"), Errc::not_a_directory);
  EXPECT_EQ(refused(file, a, ".."), Errc::invalid_argument);
  EXPECT_EQ(refused(file, kRootNode, "b"), Errc::duplicate_path);
  EXPECT_EQ(tree.path(file), "/b/renamed/y");
  EXPECT_EQ(refused(tree.make_directory({}), a, "free"), Errc::invalid_argument);
}

struct MergeInto : ::testing::Test {
  Tree tree;
  NodeId into = tree.add_directory(kRootNode, "into", {.uid = 1}), from = tree.make_directory({.uid = 2});

  MergeInto() {
    for (const auto& [folder, uid] : {std::pair{into, 1U}, std::pair{from, 2U}}) {
      const Attributes whose{.uid = uid};
      tree.add_symlink(tree.add_directory(folder, "both", whose), uid == 1 ? "old" : "new", whose, "x");
      tree.add_symlink(folder, "file", whose, "x");
      tree.add_symlink(folder, uid == 1 ? "only there" : "only here", whose, "x");
    }
    tree.add_symlink(tree.add_directory(into, "folder or file", {.uid = 1}), "below", {}, "x");
    tree.add_symlink(from, "folder or file", {.uid = 2}, "x");
    tree.add_symlink(into, "file or folder", {.uid = 1}, "x");
    tree.add_directory(from, "file or folder", {.uid = 2});
  }
  std::uint32_t whose(std::string_view path) const { return tree.inode(*tree.find(path)).attributes.uid; }
};

TEST_F(MergeInto, WhatComesReplacesWhatIsThere) {
  tree.merge(into, from, Tree::Existing::replace);
  EXPECT_EQ(whose("/into/file"), 2U);
  EXPECT_EQ(whose("/into/folder or file"), 2U);
  EXPECT_TRUE(tree.is_directory(*tree.find("/into/file or folder")));
  EXPECT_EQ(whose("/into/both"), 1U);
  for (const auto path : {"both/old", "both/new", "only there", "only here"})
    EXPECT_TRUE(tree.find(std::string("/into/") + path)) << path;
  EXPECT_EQ(tree.child_count(into), 6U);
  EXPECT_FALSE(tree.first_child(from));
}

TEST_F(MergeInto, AMirrorHoldsNothingElse) {
  tree.merge(into, from, Tree::Existing::mirror);
  EXPECT_EQ(whose("/into"), 2U);
  EXPECT_EQ(whose("/into/both"), 2U);
  EXPECT_TRUE(tree.find("/into/both/new"));
  EXPECT_FALSE(tree.find("/into/both/old"));
  EXPECT_FALSE(tree.find("/into/only there"));
  EXPECT_EQ(whose("/into/only here"), 2U);
  EXPECT_EQ(tree.child_count(into), 5U);
}

TEST(Tree, GivesAFileAnotherContent) {
  Tree tree;
  const auto file = tree.add_file(kRootNode, "a", {}, std::make_shared<ZeroSource>(10));
  const auto link = tree.add_hard_link(kRootNode, "b", file);
  const auto content = tree.contents().add_source(std::make_shared<ZeroSource>(20), "other");
  tree.set_content(file, content);
  EXPECT_EQ(tree.inode(link).size, 20U);
  EXPECT_EQ(tree.inode(link).content, content);
  EXPECT_EQ(test::error_of([&] { tree.set_content(kRootNode, content); }).code(), Errc::invalid_argument);
}

class Streams : public ::testing::Test {
 protected:
  std::vector<std::string> names(NodeId n) const {
    std::vector<std::string> out;
    for (auto s = tree.inode(n).first_stream; s; s = tree.next_stream(s)) out.emplace_back(tree.stream_name(s));
    return out;
  }
  using Names = std::vector<std::string>;
  Tree tree;
  NodeId folder = tree.add_directory(kRootNode, "folder", {});
  NodeId file = tree.add_file(folder, "file", {}, text("x"));
};

TEST_F(Streams, ComeByNameHoweverTheyWereAdded) {
  EXPECT_EQ(tree.stream_count(), 0U);
  for (const auto name : {"b", "d", "a", "c", "e"}) tree.add_stream(file, name, text(name));
  tree.add_stream(folder, "z", ContentId{});
  EXPECT_EQ(names(file), (Names{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(names(folder), (Names{"z"}));
  const auto c = tree.find_stream(tree.add_hard_link(kRootNode, "link", file), "c");
  ASSERT_TRUE(c) << "the same under all names";
  EXPECT_EQ(tree.stream_size(c), 1U);
  EXPECT_EQ(tree.stream_path(file, c), "/folder/file:c");
  EXPECT_EQ(tree.stream_owner(c), tree.inode_id(file));
  EXPECT_FALSE(tree.find_stream(file, "z"));
  tree.remove_stream(file, "a");
  tree.remove_stream(file, "d");
  tree.add_stream(file, "aa", text(""));
  EXPECT_EQ(names(file), (Names{"aa", "b", "c", "e"}));
  tree.remove_streams(file);
  EXPECT_EQ(names(file), Names{});
}

TEST_F(Streams, RefuseWhatIsNone) {
  tree.add_stream(file, "a", text("1"));
  const auto refused = [&](NodeId n, std::string_view name) {
    return code_of([&] { tree.add_stream(n, name, ContentId{}); });
  };
  EXPECT_EQ(refused(file, "a"), Errc::duplicate_path);
  EXPECT_EQ(refused(file, ""), Errc::invalid_argument);
  EXPECT_EQ(refused(file, std::string_view("a\0b", 3)), Errc::invalid_argument);
  EXPECT_EQ(refused(file, std::string(65536, 'a')), Errc::invalid_argument);
  EXPECT_EQ(refused(tree.add_symlink(kRootNode, "s", {}, "x"), "b"), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { tree.remove_stream(file, "b"); }), Errc::not_found);
  EXPECT_EQ(names(file), (Names{"a"}));
  EXPECT_EQ(refused(file, "*UDF x/:y"), Errc{}) << "any other name is one";
  EXPECT_EQ(code_of([&] { tree.set_real_time(folder, true); }), Errc::invalid_argument);
}

TEST_F(Streams, OfACopyAreItsOwn) {
  tree.add_stream(file, "a", text("1"));
  const Tree copy = tree;
  tree.remove_streams(file);
  EXPECT_TRUE(copy.find_stream(file, "a"));
}

TEST_F(Streams, FoldersThatMeetHaveThoseOfBoth) {
  for (const auto existing : {Tree::Existing::keep, Tree::Existing::replace}) {
    tree.remove_streams(folder);
    const auto from = tree.make_directory({});
    const auto old = tree.add_stream(folder, "both", text("old"));
    tree.add_stream(from, "both", text("new"));
    tree.add_stream(from, "another", text("new"));
    tree.merge(folder, from, existing);
    EXPECT_EQ(names(folder), (Names{"another", "both"}));
    EXPECT_EQ(tree.find_stream(folder, "both"), old);
  }
  const auto from = tree.make_directory({});
  tree.add_stream(from, "mine", text("new"));
  tree.merge(folder, from, Tree::Existing::mirror);
  EXPECT_EQ(names(folder), (Names{"mine"})) << "of a mirror, those of what it mirrors";
}

TEST_F(Streams, GoWithWhatIsTakenBack) {
  tree.add_stream(file, "a", text("1"));
  const auto before = tree.mark();
  const auto made = tree.make_file({}, ContentId{});
  tree.add_stream(made, "b", text("2"));
  tree.roll_back(before);
  EXPECT_EQ(tree.stream_count(), 1U);
  tree.add_stream(file, "c", text("3"));
  EXPECT_THROW(tree.roll_back(before), std::logic_error);
  tree.remove_stream(file, "c");
  tree.roll_back(before);
  EXPECT_EQ(names(file), (Names{"a"}));
}

}  // namespace
}  // namespace fsimage
