// A session into a tree: which view, what stays, what is told, what is read.
#include "sample_volume.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/import/import_volume.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace fsimage::test {
namespace {

std::map<std::string, std::string> contents(const Tree& tree) {
  std::map<std::string, std::string> out;
  std::vector<NodeId> open{kRootNode};
  while (!open.empty()) {
    const auto folder = open.back();
    open.pop_back();
    for (auto item = tree.first_child(folder); item; item = tree.next_sibling(*item)) {
      const auto& inode = tree.inode(*item);
      std::string text(inode.type == FileType::regular ? static_cast<std::size_t>(inode.size) : 0, '\0');
      if (!text.empty()) tree.contents().read_at(inode.content, 0, std::as_writable_bytes(std::span(text)));
      out.emplace(tree.path(*item), std::move(text));
      if (inode.type == FileType::directory) open.push_back(*item);
    }
  }
  return out;
}

TEST(ImportVolume, ATreeComesBackWhole) {
  const auto original = sample_tree();
  Tree tree;
  const auto imported = import_file_system(tree, SampleVolume(original).source());
  EXPECT_EQ(imported.view, View::udf);
  EXPECT_EQ(imported.udf_revision, 0x0102);
  EXPECT_EQ(imported.session.number, 1U);
  EXPECT_EQ(contents(tree), contents(*original));
  EXPECT_EQ(tree.inode(kRootNode).attributes.permissions, 0755U);
  EXPECT_EQ(tree.inode_id(*tree.find("/docs/a.txt")), tree.inode_id(*tree.find("/docs/deep/again.txt")));
  EXPECT_EQ(tree.inode(*tree.find("/docs/a.txt")).attributes.modified, kSampleTime);
  EXPECT_EQ(tree.symlink_target(*tree.find("/docs/deep/link")), "../../docs/a.txt");
}

TEST(ImportVolume, TheOrderOfImapiKnowsNoRockRidge) {
  Profile profile;
  profile.file_systems.udf = false;
  const auto source = SampleVolume(sample_tree(), profile).source();
  EXPECT_EQ(probe_file_system(source).view, View::rockridge);
  EXPECT_EQ(probe_file_system(source, {.order = ViewOrder::imapi}).view, View::joliet);
  EXPECT_EQ(probe_file_system(source, {.view = View::iso9660}).view, View::iso9660);
  EXPECT_EQ(error_of([&] { probe_file_system(source, {.view = View::udf}); }).code(), Errc::not_found);
  EXPECT_EQ(error_of([&] { probe_file_system(source, {.session = 2}); }).code(), Errc::not_found);
  EXPECT_EQ(default_view({}, ViewOrder::imapi), View::none);
}

TEST(ImportVolume, ItemsOfTheTreeWin) {
  Tree tree(sample_attributes(0700));
  const auto docs = tree.add_directory(kRootNode, "docs", sample_attributes(0711));
  tree.add_file(docs, "a.txt", sample_attributes(0600), std::make_shared<MemorySource>("mine"));
  import_file_system(tree, SampleVolume().source());
  const auto all = contents(tree);
  EXPECT_EQ(all.at("/docs/a.txt"), "mine");
  EXPECT_EQ(all.at("/docs/deep/again.txt"), std::string(3000, 'a'));
  EXPECT_EQ(tree.inode(docs).attributes.permissions, 0711U);
  EXPECT_EQ(tree.inode(kRootNode).attributes.permissions, 0700U);
  EXPECT_EQ(tree.inode(*tree.find("/docs/deep/again.txt")).links, 1U) << "its other name is another file now";
}

TEST(ImportVolume, AFolderAgainstAFileIsRefusedWhole) {
  Tree tree;
  tree.add_file(kRootNode, "docs", {}, ContentId{});
  EXPECT_EQ(error_of([&] { import_file_system(tree, SampleVolume().source()); }).code(), Errc::duplicate_path);
  EXPECT_EQ(contents(tree).size(), 1U);
}

TEST(ImportVolume, TellsOfEveryFolderAndFile) {
  std::set<std::string> told;
  ImportProgress last{};
  Tree tree;
  import_file_system(tree, SampleVolume().source(), {.progress = [&](const ImportProgress& p) {
                       EXPECT_TRUE(told.insert(std::string(p.item)).second) << p.item;
                       last = p;
                     }});
  EXPECT_TRUE(told.contains("/docs/deep/"));
  EXPECT_TRUE(told.contains("/docs/a.txt"));
  EXPECT_EQ(told.size(), contents(tree).size());
  EXPECT_EQ(last.folders, 2U);
  EXPECT_EQ(last.folders + last.files, told.size());
  EXPECT_EQ(last.total_folders, 3U) << "the root counts";
  EXPECT_TRUE(last.total_files);
  last = {};
  Tree joliet;
  import_file_system(joliet, SampleVolume().source(),
                     {.view = View::joliet, .progress = [&](const ImportProgress& p) { last = p; }});
  EXPECT_EQ(last.total_folders, 3U);
  EXPECT_FALSE(last.total_files);
}

TEST(ImportVolume, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  Tree tree;
  EXPECT_EQ(error_of([&] { import_file_system(tree, SampleVolume().source(), {.stop = stop.get_token()}); }).code(),
            Errc::cancelled);
  EXPECT_EQ(tree.node_count(), 1U);
}

TEST(ImportVolume, ReadsNoContent) {
  auto tree = std::make_shared<Tree>();
  tree->add_file(kRootNode, "large", {}, std::make_shared<ZeroSource>(64 << 20));
  const SampleVolume volume(tree, Profile{});
  const auto bytes = volume.source();
  std::atomic<std::uint64_t> read = 0;
  const auto counted = std::make_shared<CallbackSource>(bytes->size(), [&](std::uint64_t at, std::span<std::byte> out) {
    read += out.size();
    bytes->read_at(at, out);
  });
  Tree imported;
  import_file_system(imported, counted);
  EXPECT_LT(read.load(), 8U << 20);
}

// A file whose entry points outside the image: an error, or in salvage a loss that is named.
TEST(ImportVolume, SalvageTakesWhatCanBeReached) {
  SampleVolume volume;
  volume.edit<iso9660::DirectoryRecord>(volume.record("iso9660/directory /docs", "A.TXT;1"),
                                        [](auto& r) { r.extent = 0x00FF'FFFFU; });
  Tree tree;
  ImportOptions options{.view = View::rockridge};
  EXPECT_EQ(error_of([&] { import_file_system(tree, volume.source(), options); }).code(), Errc::corrupt_structure);
  EXPECT_EQ(tree.node_count(), 1U);
  std::vector<Finding> lost;
  options.strictness = Strictness::salvage;
  options.on_finding = [&](const Finding& f) {
    if (f.kind == Finding::Kind::lost) lost.push_back(f);
  };
  import_file_system(tree, volume.source(), options);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].path, "/docs/a.txt");
  EXPECT_FALSE(tree.find("/docs/a.txt"));
  EXPECT_TRUE(tree.find("/docs/deep/again.txt"));
}

TEST(FileSystemImage, ImportsAnEarlierImage) {
  FileSystemImage image;
  image.import_file_system(SampleVolume().source());
  const auto again = image.create_result_image();
  Tree tree;
  import_file_system(tree, std::make_shared<ImageSource>(again), {.view = View::rockridge});
  EXPECT_EQ(contents(tree), contents(*sample_tree()));
}

}  // namespace
}  // namespace fsimage::test
