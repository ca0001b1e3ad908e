#include "sample_volume.hpp"

#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/import/compare.hpp>
#include <fsimage/import/host_cursor.hpp>
#include <fsimage/io/file_source.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Entries of a tree as a cursor gives them, with the type's time resolution chosen by the test.
class Listed final : public EntryCursor {
 public:
  struct Item {
    Entry entry;
    std::shared_ptr<const ByteSource> content{};
  };
  explicit Listed(std::vector<Item> items) : items_(std::move(items)) {}
  std::optional<Entry> next() override {
    if (at_ == items_.size()) return std::nullopt;
    return items_[at_++].entry;
  }
  ContentId content(ContentStore& store) override {
    ++contents_asked;
    return store.add_source(items_[at_ - 1].content, "label");
  }
  void skip_subtree() override { FAIL() << "everything is compared"; }
  std::string origin() const override { return items_[at_ - 1].entry.name; }

  int contents_asked = 0;

 private:
  std::vector<Item> items_;
  std::size_t at_ = 0;
};

Listed::Item entry(std::uint32_t depth, std::string name, FileType type = FileType::directory) {
  Listed::Item item;
  item.entry.depth = depth;
  item.entry.name = std::move(name);
  item.entry.type = type;
  item.entry.attributes = test::sample_attributes(0644, 0, 0);
  return item;
}
Listed::Item file(std::uint32_t depth, std::string name, std::shared_ptr<const ByteSource> content) {
  auto item = entry(depth, std::move(name), FileType::regular);
  item.entry.size = content->size();
  item.content = std::move(content);
  return item;
}
Listed::Item file(std::uint32_t depth, std::string name, std::string_view content) {
  return file(depth, std::move(name), std::make_shared<MemorySource>(content));
}

// "+ /a", "~ /b size:3>4 content"
std::vector<std::string> compare(EntryCursor& a, EntryCursor& b, View view_a = View::none, View view_b = View::none,
                                 CompareCounts* counts = nullptr, const CompareOptions& options = {}) {
  std::vector<std::string> out;
  CompareEvents events;
  events.difference = [&](const Difference& d) {
    std::string line = d.kind == Difference::Kind::added ? "+ " : d.kind == Difference::Kind::removed ? "- " : "~ ";
    line += d.path;
    for (const auto& f : d.fields) {
      line += ' ' + std::string(f.field);
      if (!f.before.empty() || !f.after.empty()) line += ':' + f.before + '>' + f.after;
    }
    out.push_back(line);
  };
  const auto result = compare_entries({a, view_a}, {b, view_b}, options, events);
  EXPECT_EQ(result.equal(), out.empty());
  if (counts != nullptr) *counts = result;
  return out;
}
std::vector<std::string> compare(std::vector<Listed::Item> a, std::vector<Listed::Item> b, View view_a = View::none,
                                 View view_b = View::none) {
  Listed left(std::move(a)), right(std::move(b));
  return compare(left, right, view_a, view_b);
}

TEST(Compare, EqualTreesHaveNoDifferences) {
  const std::vector<Listed::Item> items{entry(0, "a"), file(1, "x", "1"), entry(0, "b"), file(0, "c", "2")};
  EXPECT_THAT(compare(items, items), IsEmpty());
  EXPECT_THAT(compare({}, {}), IsEmpty());
}

TEST(Compare, EntriesThatOneSideHasCountWithAllBelow) {
  EXPECT_THAT(
      compare({entry(0, "a"), file(1, "x", ""), entry(0, "b")}, {entry(0, "b"), file(1, "y", ""), file(0, "c", "")}),
      ElementsAre("- /a", "- /a/x", "+ /b/y", "+ /c"));
}

// "a" < "a b" < "a!" as names, though '/' (0x2F) comes after ' ' and '!'.
TEST(Compare, WhatIsInAFolderComesBeforeItsSiblings) {
  const std::vector<Listed::Item> full{entry(0, "a"),     file(1, "x", ""),  file(0, "a b", ""),
                                       file(0, "a!", ""), file(0, "ab", ""), file(0, "\xC3\xA4", "")};
  auto fewer = full;
  fewer.erase(fewer.begin() + 1);
  EXPECT_THAT(compare(full, full), IsEmpty());
  EXPECT_THAT(compare(full, fewer), ElementsAre("- /a/x"));
  EXPECT_THAT(compare(fewer, full), ElementsAre("+ /a/x"));
}

TEST(Compare, AnotherTypeIsOneDifferenceAndItsContentAnother) {
  EXPECT_THAT(compare({entry(0, "a"), file(1, "x", "")}, {file(0, "a", "new")}),
              ElementsAre("~ /a type:directory>file", "- /a/x"));
}

TEST(Compare, EveryFieldIsTold) {
  auto a = file(0, "a", "123"), b = file(0, "a", "1234");
  b.entry.attributes.permissions = 04755;
  b.entry.attributes.gid = 7;
  b.entry.attributes.modified = {a.entry.attributes.modified.ns + 1'500'000'000};
  EXPECT_THAT(compare({a}, {b}), ElementsAre("~ /a size:3>4 mode:0644>4755 owner:0:0>0:7 "
                                             "time:2023-11-14T22:13:20Z>2023-11-14T22:13:21.5Z"));
  auto l = entry(0, "l", FileType::symlink), m = l;
  l.entry.target = "x";
  m.entry.target = "y";
  m.entry.attributes.permissions = 0777;
  EXPECT_THAT(compare({l}, {m}), ElementsAre("~ /l target:x>y")) << "a link has no mode";
  auto d = entry(0, "d", FileType::char_device), e = d;
  d.entry.device = {1, 3};
  e.entry.device = {1, 5};
  EXPECT_THAT(compare({d}, {e}), ElementsAre("~ /d device:1:3>1:5"));
}

TEST(Compare, FieldsCountAsFarAsBothSidesHoldThem) {
  struct Case {
    View view;
    std::int64_t unit;
    bool modes;
  };
  for (const auto& c :
       {Case{View::none, 1, true}, Case{View::udf, 1'000, true}, Case{View::rockridge, 1'000'000'000, true},
        Case{View::joliet, 1'000'000'000, false}, Case{View::iso9660, 1'000'000'000, false}}) {
    SCOPED_TRACE(to_string(c.view));
    const auto a = file(0, "a", "");
    for (const std::int64_t sign : {-1, 1}) {
      auto near = a, far = a;
      near.entry.attributes.modified.ns += sign * (c.unit - 1);
      far.entry.attributes.modified.ns += sign * c.unit;
      EXPECT_THAT(compare({a}, {near}, View::none, c.view), IsEmpty());
      EXPECT_EQ(compare({far}, {a}, c.view, View::none).size(), 1U);
    }
    auto b = a;
    b.entry.attributes.permissions = 0600;
    b.entry.attributes.uid = 5;
    EXPECT_EQ(compare({a}, {b}, View::none, c.view).size(), c.modes ? 1U : 0U);
    auto unknown = a;
    unknown.entry.attributes.modified = kUnsetTime;
    unknown.entry.attributes.uid = unknown.entry.attributes.gid = 0xFFFFFFFF;
    EXPECT_THAT(compare({a}, {unknown}, View::none, c.view), IsEmpty());
  }
  auto first = file(0, "a", ""), last = first;
  first.entry.attributes.modified = {INT64_MIN + 1};
  last.entry.attributes.modified = {INT64_MAX};
  EXPECT_EQ(compare({first}, {last}, View::rockridge, View::none).size(), 1U);
}

TEST(Compare, BytesAreComparedWhereSizesAgree) {
  for (const std::size_t size : {1U, 70'000U, 3'000'000U}) {
    std::string text(size, 'x');
    auto other = text;
    EXPECT_THAT(compare({file(0, "a", text)}, {file(0, "a", other)}), IsEmpty());
    other.back() = 'y';
    EXPECT_THAT(compare({file(0, "a", text)}, {file(0, "a", other)}), ElementsAre("~ /a content"));
    Listed a({file(0, "a", text)}), b({file(0, "a", other)});
    EXPECT_THAT(compare(a, b, View::none, View::none, nullptr, {.content = false}), IsEmpty());
    EXPECT_EQ(a.contents_asked, 0);
  }
  Listed a({file(0, "a", "12")}), b({file(0, "a", "123")});
  compare(a, b);
  EXPECT_EQ(a.contents_asked + b.contents_asked, 0) << "sizes tell";
}

TEST(Compare, HolesAndTheSameStretchOfOneFileAreNotRead) {
  TempFolder folder;
  const auto path = folder.write("image", std::string(1 << 20, 'i'));
  const auto one = std::make_shared<FileSource>(path), two = std::make_shared<FileSource>(path);
  const auto slice = [](const auto& of, std::uint64_t at) { return std::make_shared<SliceSource>(of, at, 100'000); };
  CompareCounts counts;
  Listed a({file(0, "a", slice(one, 5000)), file(0, "b", std::make_shared<ZeroSource>(std::uint64_t{1} << 40))});
  Listed b({file(0, "a", slice(two, 5000)), file(0, "b", std::make_shared<ZeroSource>(std::uint64_t{1} << 40))});
  EXPECT_THAT(compare(a, b, View::udf, View::udf, &counts), IsEmpty());
  EXPECT_EQ(counts.bytes, 0U);
  EXPECT_EQ(counts.entries, 2U);
  Listed c({file(0, "a", slice(one, 5000))}), d({file(0, "a", slice(two, 5001))});
  EXPECT_THAT(compare(c, d, View::udf, View::udf, &counts), IsEmpty());
  EXPECT_EQ(counts.bytes, 100'000U);
}

TEST(Compare, ContentThatCannotBeReadIsADifferenceAndTheRestFollows) {
  const auto broken = std::make_shared<CallbackSource>(
      3, [](std::uint64_t, std::span<std::byte>) { throw Error(Errc::corrupt_structure, {}, "gone"); });
  const auto found = compare({file(0, "a", broken), file(0, "b", "1")}, {file(0, "a", "123"), file(0, "b", "2")});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], ::testing::HasSubstr("content:cannot be read: gone"));
  EXPECT_EQ(found[1], "~ /b content");
}

TEST(Compare, AStopEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  Listed a({file(0, "a", "")}), b({});
  EXPECT_EQ(error_of([&] { compare_entries({a}, {b}, {}, {}, stop.get_token()); }).code(), Errc::cancelled);
}

TEST(Compare, TellsProgress) {
  std::vector<Listed::Item> items;
  for (int i = 1000; i < 2000; ++i) items.push_back(file(0, std::to_string(i), "12345"));
  Listed a(items), b(items);
  std::uint64_t calls = 0;
  CompareEvents events;
  events.progress = [&](const CompareCounts& c, std::string_view) { calls += c.entries > 0 ? 1 : 0; };
  const auto counts = compare_entries({a}, {b}, {}, events);
  EXPECT_GE(calls, 3U);
  EXPECT_EQ(counts.entries, 1000U);
  EXPECT_EQ(counts.bytes, 5000U);
}

// The volume's views against one another, and a folder against the image that was made from it.
TEST(Compare, ViewsOfOneVolumeAgree) {
  test::SampleVolume sample;
  const auto open = [&](View view) {
    return open_volume(sample.source(), {.view = view, .order = EntryOrder::by_name});
  };
  const auto rockridge = open(View::rockridge), udf = open(View::udf);
  EXPECT_THAT(compare(*rockridge, *udf, View::rockridge, View::udf), IsEmpty());
}

TEST(Compare, AFolderAgainstItsImage) {
  TempFolder in;
  for (const auto* name : {"d/x", "d b", "d!", "e/deep/y", "a", "sparse"}) in.write(std::string("src/") + name, name);
  fs::resize_file(in / "src/sparse", 5 << 20);
#ifndef _WIN32
  fs::create_symlink("a", in.path() / "src/link");
#endif
  const auto source = (in.path() / "src").string();
  FileSystemImage image;
  image.add(source, "/");
  const auto bytes = std::make_shared<ImageSource>(image.create_result_image());
  const auto volume = [&] { return open_volume(bytes, {.view = View::rockridge, .order = EntryOrder::by_name}); };
  EXPECT_THAT(compare(*volume(), *open_host(source), View::rockridge, View::none), IsEmpty());
  EXPECT_THAT(compare(*open_host(source), *open_host(source)), IsEmpty());
  // The image reads its files when it is asked for them.
  std::vector<std::byte> whole(static_cast<std::size_t>(bytes->size()));
  bytes->read_at(0, whole);
  const auto frozen = std::make_shared<MemorySource>(std::move(whole));
  fs::remove(in / "src/d!");
  in.write("src/d/new", "");
  const auto before = open_volume(frozen, {.view = View::rockridge, .order = EntryOrder::by_name});
  auto found = compare(*before, *open_host(source), View::rockridge, View::none);
  std::erase_if(found, [](const std::string& line) { return line.starts_with("~ /d time"); });
  EXPECT_THAT(found, ElementsAre("+ /d/new", "- /d!"));
}

}  // namespace
}  // namespace fsimage
