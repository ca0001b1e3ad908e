#include "sample_volume.hpp"

#include <fsimage/import/volume_map.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fsimage::test {
namespace {

std::vector<std::string> map_of(std::shared_ptr<const ByteSource> source, std::vector<Finding>* findings = nullptr) {
  std::vector<std::string> lines;
  map_volumes(
      std::move(source), {},
      [&](const VolumePart& p) {
        lines.push_back(format_part({p.start, p.blocks, p.label}));
      },
      [&](const Finding& f) {
        if (findings != nullptr) findings->push_back(f);
      });
  return lines;
}

std::vector<std::string> map_of(const ResultImage& image) {
  std::vector<std::string> lines;
  image.for_each_part([&](const ExtentPart& p) { lines.push_back(format_part(p)); });
  return lines;
}

// The map read from the bytes is the map that planning had in mind.
TEST(VolumeMap, IsThatOfThePlan) {
  for (const FileSystems systems :
       {FileSystems{}, FileSystems{true, true, true, false}, FileSystems{true, false, true, true},
        FileSystems{false, false, false, true}, FileSystems{true, true, true, true, true},
        FileSystems{true, false, true, false, true}}) {
    Profile profile = SampleVolume::special_files();
    profile.file_systems = systems;
    profile.joliet_name_units = 103;
    profile.allow_rename = profile.allow_drop = true;
    auto tree = sample_tree();
    tree->remove(*tree->find(std::string(240, 'n')));  // Joliet has it under another name
    const std::shared_ptr<const ResultImage> image = Plan(tree, profile).create_image();
    std::vector<Finding> findings;
    EXPECT_EQ(map_of(std::make_shared<ImageSource>(image), &findings), map_of(*image));
    EXPECT_TRUE(findings.empty());
  }
}

TEST(VolumeMap, RelocatedFoldersAreWhereTheyLie) {
  auto tree = std::make_shared<Tree>();
  std::string path;
  for (int i = 1; i <= 12; ++i) path += "/level" + std::to_string(i);
  tree->add_file(tree->make_path(path, sample_attributes(0755)), "file", sample_attributes(0644),
                 std::make_shared<MemorySource>("deep"));
  Profile profile;
  profile.deep_folders = DeepFolders::relocate;
  profile.file_systems = {true, false, true, false};
  const std::shared_ptr<const ResultImage> image = Plan(tree, profile).create_image();
  EXPECT_EQ(map_of(std::make_shared<ImageSource>(image)), map_of(*image));
}

TEST(VolumeMap, ManyPartsStaySorted) {
  auto tree = std::make_shared<Tree>();
  for (int i = 0; i < 3000; ++i) {
    const auto folder = tree->make_path("/folder " + std::to_string(i % 70), sample_attributes(0755));
    tree->add_file(folder, "file " + std::to_string(i), sample_attributes(0644),
                   std::make_shared<MemorySource>("content " + std::to_string(i)));
  }
  const std::shared_ptr<const ResultImage> image = Plan(tree, Profile{}).create_image();
  EXPECT_EQ(map_of(std::make_shared<ImageSource>(image)), map_of(*image));
}

TEST(VolumeMap, SharedContentComesOnceUnderTheNameOfTheMostAdvancedView) {
  const SampleVolume volume;
  std::size_t contents = 0;
  std::set<std::uint32_t> starts;
  map_volumes(volume.source(), {}, [&](const VolumePart& p) {
    if (!p.label.starts_with("content ")) return;
    ++contents;
    EXPECT_TRUE(starts.insert(p.start.value).second) << p.label;
    EXPECT_TRUE(walk_volume(volume, View::udf).entries.contains(p.label.substr(8))) << p.label;
  });
  EXPECT_EQ(contents, 3U);
}

TEST(VolumeMap, ALoopIsToldAndEnds) {
  SampleVolume volume;
  volume.edit<iso9660::DirectoryRecord>(volume.record("iso9660/directory /docs", "DEEP"),
                                        [&](auto& r) { r.extent = volume.place("iso9660/directory /").value; });
  std::vector<Finding> findings;
  const auto lines = map_of(volume.source(), &findings);
  EXPECT_FALSE(lines.empty());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].path, "/docs/deep");
}

TEST(VolumeMap, DamageNamesThePath) {
  SampleVolume volume;
  volume.edit<iso9660::DirectoryRecord>(volume.record("iso9660/directory /docs", "DEEP"),
                                        [&](auto& r) { r.extent = 0x00FFFFFF; });
  const auto error = error_of([&] { map_of(volume.source()); });
  EXPECT_EQ(error.code(), Errc::corrupt_structure);
  EXPECT_EQ(error.where().path, "/docs/deep");
  EXPECT_EQ(error_of([] { map_of(std::make_shared<ZeroSource>(1 << 20)); }).code(), Errc::not_found);
}

}  // namespace
}  // namespace fsimage::test
