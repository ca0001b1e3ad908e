#include "sample_volume.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/io/content_store.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

const std::string kLong = "/" + std::string(240, 'n');
const std::string kUmlaut = "/umlaut \xC3\xA4\xE6\xBC\xA2.txt";

class VolumeCursorViews : public ::testing::Test {
 protected:
  static const SampleVolume& sample() {
    static const SampleVolume volume;
    return volume;
  }
};

TEST_F(VolumeCursorViews, UdfGivesBackTheTree) {
  const auto walk = walk_volume(sample(), View::udf);
  ASSERT_FALSE(walk.error) << describe(walk);
  EXPECT_TRUE(walk.findings.empty()) << describe(walk);
  EXPECT_EQ(walk.entries.size(), 10U) << describe(walk);
  EXPECT_EQ(walk.contents.at("/docs/a.txt"), std::string(3000, 'a'));
  EXPECT_EQ(walk.contents.at("/docs/deep/again.txt"), std::string(3000, 'a'));
  EXPECT_EQ(walk.contents.at("/docs/empty"), "");
  EXPECT_EQ(walk.contents.at(kUmlaut), "wide");
  EXPECT_EQ(walk.entries.at("/docs/deep/link").target, "../../docs/a.txt");
  EXPECT_EQ(walk.entries.at(kLong).attributes.permissions, 04755);
  EXPECT_EQ(walk.entries.at("/docs").attributes.permissions, 0750);
}

TEST_F(VolumeCursorViews, RockRidgeGivesBackTheTree) {
  const auto walk = walk_volume(sample(), View::rockridge);
  ASSERT_FALSE(walk.error) << describe(walk);
  EXPECT_TRUE(walk.findings.empty()) << describe(walk);
  EXPECT_EQ(walk.entries.size(), 10U) << describe(walk);
  EXPECT_EQ(walk.contents.at("/docs/a.txt"), std::string(3000, 'a'));
  EXPECT_EQ(walk.contents.at(kUmlaut), "wide");
  EXPECT_EQ(walk.contents.at(kLong), "long");
  EXPECT_EQ(walk.entries.at("/docs/deep/link").target, "../../docs/a.txt");
}

TEST_F(VolumeCursorViews, BothKeepWhatPosixKnows) {
  for (const View view : {View::udf, View::rockridge}) {
    const auto walk = walk_volume(sample(), view);
    const auto& file = walk.entries.at("/docs/a.txt");
    const auto& again = walk.entries.at("/docs/deep/again.txt");
    EXPECT_EQ(file.links, 2U) << to_string(view);
    EXPECT_TRUE(std::ranges::equal(file.identity, again.identity)) << to_string(view);
    EXPECT_EQ(file.attributes.uid, 1000U) << to_string(view);
    EXPECT_EQ(file.attributes.gid, 100U) << to_string(view);
    EXPECT_EQ(file.attributes.permissions, 0640) << to_string(view);
    EXPECT_EQ(file.attributes.modified, kSampleTime) << to_string(view);
    EXPECT_EQ(walk.entries.at("/tty").type, FileType::char_device) << to_string(view);
    EXPECT_EQ(walk.entries.at("/tty").device.major, 259U) << to_string(view);
    EXPECT_EQ(walk.entries.at("/tty").device.minor, 300U) << to_string(view);
    EXPECT_EQ(walk.entries.at("/pipe").type, FileType::fifo) << to_string(view);
  }
}

TEST_F(VolumeCursorViews, JolietAndIso9660GiveWhatTheyHold) {
  const auto joliet = walk_volume(sample(), View::joliet);
  ASSERT_FALSE(joliet.error) << describe(joliet);
  EXPECT_EQ(joliet.contents.at("/docs/a.txt"), std::string(3000, 'a'));
  EXPECT_EQ(joliet.contents.at(kUmlaut), "wide");
  const auto iso = walk_volume(sample(), View::iso9660);
  ASSERT_FALSE(iso.error) << describe(iso);
  EXPECT_EQ(iso.contents.at("/DOCS/A.TXT"), std::string(3000, 'a'));
  EXPECT_EQ(iso.entries.at("/DOCS").type, FileType::directory);
  EXPECT_EQ(iso.entries.at("/DOCS/A.TXT").attributes.permissions, 0444);
  EXPECT_EQ(iso.contents.at("/DOCS/EMPTY"), "");
}

TEST_F(VolumeCursorViews, AutomaticTakesTheMostAdvanced) {
  EXPECT_EQ(open_volume(sample().source())->view(), View::udf);
  Profile profile;
  profile.file_systems.udf = false;
  EXPECT_EQ(open_volume(SampleVolume(sample_tree(), profile).source())->view(), View::rockridge);
  profile.file_systems.rockridge = false;
  profile.allow_rename = profile.allow_drop = true;  // a long name, links, devices
  EXPECT_EQ(open_volume(SampleVolume(sample_tree(), profile).source())->view(), View::joliet);
}

TEST_F(VolumeCursorViews, WhatIsNotThereIsNotFound) {
  const auto nothing = std::make_shared<ZeroSource>(1 << 20);
  for (const View view : {View::none, View::udf, View::rockridge, View::joliet, View::iso9660})
    EXPECT_EQ(error_of([&] { open_volume(nothing, {.view = view}); }).code(), Errc::not_found) << to_string(view);
  for (const unsigned size : {0U, 1U, 2047U, 32768U, 34815U, 34816U, 524287U})
    EXPECT_EQ(error_of([&] { open_volume(std::make_shared<ZeroSource>(size)); }).code(), Errc::not_found) << size;
}

TEST_F(VolumeCursorViews, ByNameIsTheOrderOfTheBytes) {
  for (const View view : {View::udf, View::rockridge, View::joliet, View::iso9660}) {
    const auto recorded = walk_volume(sample(), view);
    const auto sorted = walk_volume(sample().source(), {.view = view, .order = EntryOrder::by_name});
    ASSERT_FALSE(sorted.error) << describe(sorted);
    EXPECT_TRUE(
        std::is_permutation(sorted.paths.begin(), sorted.paths.end(), recorded.paths.begin(), recorded.paths.end()));
    EXPECT_EQ(sorted.contents, recorded.contents);
    std::map<std::string, std::string> last;  // by folder
    for (const auto& path : sorted.paths) {
      const auto name_at = path.rfind('/') + 1;
      auto& before = last[path.substr(0, name_at)];
      EXPECT_LT(before, path.substr(name_at)) << to_string(view);
      before = path.substr(name_at);
    }
  }
}

TEST_F(VolumeCursorViews, DepthsAndSkippedFolders) {
  const auto cursor = open_volume(sample().source(), {.view = View::rockridge, .order = EntryOrder::by_name});
  std::vector<std::pair<std::string, std::uint32_t>> seen;
  while (const auto entry = cursor->next()) {
    seen.emplace_back(entry->name, entry->depth);
    if (entry->name == "deep") cursor->skip_subtree();
  }
  ASSERT_GE(seen.size(), 4U);
  EXPECT_EQ(seen[0], std::pair(std::string("docs"), 0U));
  EXPECT_EQ(seen[1], std::pair(std::string("a.txt"), 1U));
  EXPECT_EQ(seen[2], std::pair(std::string("deep"), 1U));
  EXPECT_EQ(seen[3], std::pair(std::string("empty"), 1U));
  EXPECT_FALSE(cursor->next());  // and stays at the end
}

TEST_F(VolumeCursorViews, RootAttributes) {
  for (const View view : {View::udf, View::rockridge}) {
    const auto a = open_volume(sample().source(), {.view = view})->root_attributes();
    EXPECT_EQ(a.permissions, 0755);
    EXPECT_EQ(a.uid, 1000U);
    EXPECT_EQ(a.modified, kSampleTime);
  }
}

TEST_F(VolumeCursorViews, ImportedTreePlansToTheSameImage) {
  const auto source = sample().source();
  for (const View view : {View::udf, View::rockridge}) {
    const auto cursor = open_volume(source, {.view = view});
    auto tree = std::make_shared<Tree>(cursor->root_attributes());
    add_entries(*tree, kRootNode, *cursor);
    const auto again = Plan(tree, SampleVolume::special_files()).create_image();
    ASSERT_EQ(again->size(), source->size()) << to_string(view);
    std::vector<std::byte> a(static_cast<std::size_t>(source->size())), b(a.size());
    source->read_at(0, a);
    again->read_at(0, b);
    // Nothing but what identifies the image may differ: contents come from another place.
    std::size_t differing = 0;
    for (std::size_t block = 0; block < a.size(); block += kBlockSize)
      if (std::memcmp(a.data() + block, b.data() + block, kBlockSize) != 0) ++differing;
    EXPECT_LE(differing, 4U) << to_string(view);
  }
}

// A file above 4 GiB is three sections in ISO 9660 and many extents in UDF; nothing of it is held here.
TEST(VolumeCursorLarge, SectionsAndExtents) {
  constexpr std::uint64_t kSize = (std::uint64_t{9} << 30) + 5;
  auto tree = std::make_shared<Tree>();
  tree->add_file(kRootNode, "large", sample_attributes(0644), std::make_shared<ZeroSource>(kSize));
  tree->add_file(kRootNode, "small", sample_attributes(0644), std::make_shared<MemorySource>("after it"));
  const auto source = std::make_shared<ImageSource>(Plan(tree, Profile{}).create_image());
  for (const View view : {View::udf, View::rockridge, View::joliet}) {
    const auto cursor = open_volume(source, {.view = view, .order = EntryOrder::by_name});
    const auto large = cursor->next();
    ASSERT_TRUE(large);
    EXPECT_EQ(large->name, "large");
    EXPECT_EQ(large->size, kSize) << to_string(view);
    ContentStore store;
    const auto content = cursor->content(store);
    EXPECT_EQ(store.size(content), kSize);
    std::array<std::byte, 5> end{};
    store.read_at(content, kSize - end.size(), end);
    const auto small = cursor->next();
    ASSERT_TRUE(small);
    EXPECT_EQ(small->size, 8U);
    EXPECT_FALSE(cursor->next());
  }
}

// RRIP 4.1.5: the folders are moved, the view shows them where they belong.
TEST(VolumeCursorRelocated, FoldersComeBack) {
  auto tree = std::make_shared<Tree>();
  std::string path;
  for (int i = 1; i <= 20; ++i) path += "/level" + std::to_string(i);
  const auto deepest = tree->make_path(path, sample_attributes(0751));
  tree->add_file(deepest, "file", sample_attributes(0644), std::make_shared<MemorySource>("deep"));
  Profile profile;
  profile.deep_folders = DeepFolders::relocate;
  const SampleVolume volume(tree, profile);
  const auto walk = walk_volume(volume, View::rockridge);
  ASSERT_FALSE(walk.error) << describe(walk);
  EXPECT_TRUE(walk.findings.empty()) << describe(walk);
  EXPECT_EQ(walk.paths.size(), 21U) << describe(walk);
  EXPECT_EQ(walk.contents.at(path + "/file"), "deep");
  EXPECT_EQ(walk.entries.at(path).attributes.permissions, 0751);
  EXPECT_GT(walk_volume(volume, View::iso9660).paths.size(), 21U) << "without Rock Ridge the moved folders show";
}

TEST(VolumeCursorMany, AFolderOfManyEntriesIsReadPieceByPiece) {
  auto tree = std::make_shared<Tree>();
  constexpr int kFiles = 5000;
  for (int i = 0; i < kFiles; ++i)
    tree->add_file(kRootNode, "file number " + std::to_string(i), sample_attributes(0644), ContentId{});
  const SampleVolume volume(tree, Profile{});
  class Counting final : public ByteSource {
   public:
    explicit Counting(std::shared_ptr<const ByteSource> of) : of_(std::move(of)) {}
    std::uint64_t size() const override { return of_->size(); }
    void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      ++reads;
      of_->read_at(offset, out);
    }
    mutable int reads = 0;

   private:
    std::shared_ptr<const ByteSource> of_;
  };
  for (const View view : {View::udf, View::rockridge, View::joliet, View::iso9660})
    for (const EntryOrder order : {EntryOrder::recorded, EntryOrder::by_name}) {
      const auto source = std::make_shared<Counting>(volume.source());
      const auto cursor = open_volume(source, {.view = view, .order = order});
      int entries = 0;
      while (cursor->next()) ++entries;
      EXPECT_EQ(entries, kFiles);
      EXPECT_LT(source->reads, kFiles / 40) << to_string(view) << ": reads go through windows";
    }
}

}  // namespace
}  // namespace fsimage::test
