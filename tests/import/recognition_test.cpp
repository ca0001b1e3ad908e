#include "sample_volume.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/import/recognition.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

RecognizedFileSystems identify(const SampleVolume& volume, Lba session = {}) {
  return identify_file_systems(*volume.source(), session);
}

SampleVolume with(FileSystems systems) {
  Profile profile = SampleVolume::special_files();
  profile.file_systems = systems;
  profile.allow_rename = profile.allow_drop = true;
  return SampleVolume(sample_tree(), profile);
}

TEST(Recognition, AllFour) {
  const SampleVolume volume;
  const auto found = identify(volume);
  EXPECT_EQ(found.iso9660, Lba{16});
  EXPECT_EQ(found.joliet, Lba{17});
  EXPECT_EQ(found.joliet_level, 3);
  EXPECT_EQ(found.rockridge, volume.place("iso9660/directory /"));
  ASSERT_TRUE(found.udf_recognition);
  EXPECT_EQ(*found.udf_recognition, volume.place("udf/volume recognition sequence") + BlockCount{1});
  EXPECT_EQ(found.udf, Lba{256});
  EXPECT_EQ(found.udf_revision, 0x0102);
  EXPECT_FALSE(found.enhanced);
  EXPECT_FALSE(found.boot);
  EXPECT_EQ(found.most_advanced(), View::udf);
}

TEST(Recognition, EachAlone) {
  for (const auto& [systems, view] : {std::pair{FileSystems{true, false, false, false}, View::iso9660},
                                      {FileSystems{true, true, false, false}, View::joliet},
                                      {FileSystems{true, false, true, false}, View::rockridge},
                                      {FileSystems{false, false, false, true}, View::udf}}) {
    const auto found = identify(with(systems));
    EXPECT_EQ(found.has(View::iso9660), systems.iso9660);
    EXPECT_EQ(found.has(View::joliet), systems.joliet);
    EXPECT_EQ(found.has(View::rockridge), systems.rockridge);
    EXPECT_EQ(found.has(View::udf), systems.udf);
    EXPECT_EQ(found.most_advanced(), view);
  }
}

TEST(Recognition, Nothing) {
  for (const unsigned blocks : {0U, 1U, 16U, 17U, 300U, 600U}) {
    const ZeroSource source(std::uint64_t{blocks} * kBlockSize);
    EXPECT_EQ(identify_file_systems(source).most_advanced(), View::none) << blocks;
    EXPECT_EQ(identify_file_systems(source, Lba{0xFFFFFFF0 - 16}).most_advanced(), View::none) << blocks;
  }
  EXPECT_FALSE(RecognizedFileSystems{}.has(View::none));
}

TEST(Recognition, UdfNeedsAnAnchorButNoRecognitionSequence) {
  SampleVolume volume;
  std::ranges::fill(volume.block("udf/volume recognition sequence"), std::byte{});
  EXPECT_FALSE(identify(volume).udf_recognition);
  EXPECT_EQ(identify(volume).udf, Lba{256});

  SampleVolume headless;
  for (std::uint32_t i = 256; i < headless.blocks(); ++i)
    if (i == 256 || i >= headless.place("udf/anchor volume descriptor pointers").value)
      std::ranges::fill(headless.block(Lba{i}), std::byte{});
  const auto found = identify(headless);
  EXPECT_TRUE(found.udf_recognition);
  EXPECT_FALSE(found.udf);
  EXPECT_EQ(found.most_advanced(), View::rockridge);
  // Read as what is left, and told.
  std::vector<Finding> findings;
  EXPECT_EQ(open_volume(headless.source(), {}, [&](const Finding& f) { findings.push_back(f); })->view(),
            View::rockridge);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].view, View::udf);
}

TEST(Recognition, ALaterSessionIsRecognisedAtItsStart) {
  // Descriptors as a later session has them: 1000 blocks on.
  SampleVolume volume;
  const std::uint32_t before = volume.blocks();
  ASSERT_LT(before, 1000U);
  volume.append(1000 + 20 - before);
  for (std::uint32_t i = 16; i < 19; ++i) std::ranges::copy(volume.block(Lba{i}), volume.block(Lba{1000 + i}).begin());
  const auto found = identify(volume, Lba{1000});
  EXPECT_EQ(found.session, Lba{1000});
  EXPECT_EQ(found.iso9660, Lba{1016});
  EXPECT_EQ(found.joliet, Lba{1017});
  EXPECT_TRUE(found.rockridge);
  const auto walk = walk_volume(
      volume.source(), {.view = View::rockridge, .order = EntryOrder::recorded, .session = Lba{1000}, .limits = {}});
  EXPECT_EQ(walk.paths, walk_volume(volume, View::rockridge).paths);
}

TEST(Recognition, JolietLevels) {
  SampleVolume volume;
  const auto set_escape = [&](std::string_view escape) {
    volume.edit<iso9660::SupplementaryVolumeDescriptor>(
        volume.block(Lba{17}), [&](auto& d) { std::ranges::copy(escape, d.escape_sequences.begin()); });
  };
  set_escape("%/@");
  EXPECT_EQ(identify(volume).joliet_level, 1);
  set_escape("%/C");
  EXPECT_EQ(identify(volume).joliet_level, 2);
  set_escape("%/X");
  EXPECT_FALSE(identify(volume).joliet);
}

TEST(Recognition, EnhancedDescriptorAndBootRecord) {
  SampleVolume volume;
  auto terminator = volume.place("iso9660/volume descriptor set terminator");
  ASSERT_EQ(terminator, Lba{18});
  // One block on, and the two before it. The recognition sequence of UDF gives way.
  std::ranges::copy(volume.block(Lba{18}), volume.block(Lba{20}).begin());
  auto enhanced = load<iso9660::SupplementaryVolumeDescriptor>(volume.block(Lba{17}));
  enhanced.header.version = 2;
  store(volume.block(Lba{18}), enhanced);
  iso9660::BootRecord boot{};
  boot.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
  std::ranges::copy(std::string_view("EL TORITO SPECIFICATION"), boot.boot_system_identifier.begin());
  store(volume.block(Lba{19}), boot);
  const auto found = identify(volume);
  EXPECT_EQ(found.enhanced, Lba{18});
  EXPECT_EQ(found.boot, Lba{19});
  EXPECT_EQ(found.joliet, Lba{17});
}

TEST(Recognition, AFailingSourceIsNotAnEmptyOne) {
  const CallbackSource failing(10 << 20,
                               [](std::uint64_t, std::span<std::byte>) { throw os_error(5, "disc", "cannot read"); });
  EXPECT_THROW(identify_file_systems(failing), Error);
}

}  // namespace
}  // namespace fsimage::test
