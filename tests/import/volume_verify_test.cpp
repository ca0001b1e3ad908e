// Sound images are called sound; each kind of damage and disagreement is told once, where it is.
#include "sample_volume.hpp"

#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/import/volume_verify.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

#include <system_error>

namespace fsimage::test {
namespace {

struct Verified {
  VerifiedVolumes volumes;
  std::vector<Finding> findings;

  const VerifiedView& view(View v) const {
    return *std::ranges::find_if(volumes.views, [&](const VerifiedView& seen) { return seen.view == v; });
  }
  bool tells(Finding::Kind kind, View view, std::string_view path, std::string_view text) const {
    return std::ranges::any_of(findings, [&](const Finding& f) {
      return f.kind == kind && f.view == view && f.path == path && located_text(f).find(text) != std::string::npos;
    });
  }
};

Verified verify(std::shared_ptr<const ByteSource> source, const VerifyVolumesOptions& options = {}) {
  Verified out;
  out.volumes = verify_volumes(std::move(source), options, [&](const Finding& f) { out.findings.push_back(f); });
  return out;
}

::testing::Message describe(const Verified& v) {
  ::testing::Message out;
  for (const auto& f : v.findings)
    out << to_string(f.kind) << ' ' << to_string(f.view) << ' ' << f.path << ' ' << located_text(f) << '\n';
  return out;
}

TEST(VolumeVerify, ASoundImage) {
  const auto found = verify(SampleVolume().source(), {.read_content = true});
  EXPECT_TRUE(found.volumes.sound());
  EXPECT_TRUE(found.findings.empty()) << describe(found);
  ASSERT_EQ(found.volumes.views.size(), 4U);
  for (const auto& v : found.volumes.views) {
    EXPECT_EQ(v.folders, 2U) << to_string(v.view);
    EXPECT_EQ(v.bytes, 3008U) << to_string(v.view);
    EXPECT_EQ(v.lost, 0U);
  }
  EXPECT_EQ(found.view(View::rockridge).files, 5U);
  EXPECT_EQ(found.view(View::rockridge).others, 3U);
}

TEST(VolumeVerify, WithoutAFileSystem) {
  EXPECT_EQ(error_of([] { verify(std::make_shared<ZeroSource>(1 << 20)); }).code(), Errc::not_found);
}

TEST(VolumeVerify, AFileBeyondTheEnd) {
  SampleVolume volume;
  volume.edit<iso9660::DirectoryRecord>(volume.record("iso9660/directory /docs", "A.TXT;1"),
                                        [](auto& r) { r.extent = 0x00FF'FFFFU; });
  const auto found = verify(volume.source());
  EXPECT_FALSE(found.volumes.sound());
  EXPECT_TRUE(found.tells(Finding::Kind::lost, View::rockridge, "/docs/a.txt", "ECMA-119")) << describe(found);
  EXPECT_TRUE(found.tells(Finding::Kind::lost, View::iso9660, "/DOCS/A.TXT", "ECMA-119")) << describe(found);
  EXPECT_EQ(found.view(View::udf).lost, 0U);
  EXPECT_EQ(found.view(View::rockridge).lost, 1U);
}

TEST(VolumeVerify, AFolderThatIsGoneHidesNothingElse) {
  SampleVolume volume;
  std::ranges::fill(volume.block("udf/file entry /docs/deep"), std::byte{});
  const auto found = verify(volume.source());
  EXPECT_FALSE(found.volumes.sound());
  EXPECT_EQ(found.view(View::udf).files, 4U) << describe(found);
  EXPECT_EQ(found.view(View::rockridge).files, 5U);
}

TEST(VolumeVerify, ATruncatedImageNamesWhatIsLost) {
  SampleVolume volume;
  volume.cut(volume.place("content /docs/a.txt").value + 1);
  const auto found = verify(volume.source());
  EXPECT_TRUE(found.tells(Finding::Kind::lost, View::rockridge, "/docs/a.txt", "")) << describe(found);
  EXPECT_TRUE(std::ranges::any_of(found.findings, [](const Finding& f) {
    return f.text.find("the image ends") != std::string::npos;
  })) << describe(found);
}

TEST(VolumeVerify, PathTablesAgainstFolders) {
  SampleVolume volume;
  const auto table = volume.block("iso9660/path table L");
  const auto second = sizeof(iso9660::PathTableRecordL) + 2;  // behind the root's
  volume.edit<iso9660::PathTableRecordL>(table.subspan(second), [](auto& r) {
    r.extent = 300U;
    r.parent = std::uint16_t{9};
  });
  const auto found = verify(volume.source());
  EXPECT_TRUE(found.volumes.sound()) << describe(found);
  EXPECT_TRUE(found.tells(Finding::Kind::deviation, View::iso9660, "", "does not name")) << describe(found);
  EXPECT_TRUE(found.tells(Finding::Kind::deviation, View::iso9660, "", "[LBA 300]")) << describe(found);
  EXPECT_TRUE(found.tells(Finding::Kind::deviation, View::iso9660, "", "has parent 9")) << describe(found);
  EXPECT_TRUE(found.tells(Finding::Kind::deviation, View::iso9660, "", "L and the M")) << describe(found);
}

TEST(VolumeVerify, ViewsThatShowDifferentContents) {
  SampleVolume volume;
  const auto other = volume.place("content /docs/a.txt").value + 1;
  const std::string name("\0a\0.\0t\0x\0t", 10);
  volume.edit<iso9660::DirectoryRecord>(volume.record("joliet/directory /docs", name),
                                        [&](auto& r) { r.extent = other; });
  const auto found = verify(volume.source());
  EXPECT_TRUE(found.volumes.sound());
  // Its other name in Joliet still leads there: only the wrong place is strange to the first view.
  EXPECT_TRUE(found.tells(Finding::Kind::dropped, View::udf, "/docs/a.txt", "joliet")) << describe(found);
  EXPECT_EQ(found.volumes.disagreements, 1U) << describe(found);
}

TEST(VolumeVerify, OneViewAlone) {
  SampleVolume volume;
  volume.edit<iso9660::DirectoryRecord>(volume.record("iso9660/directory /docs", "A.TXT;1"),
                                        [](auto& r) { r.extent = 0x00FF'FFFFU; });
  VerifyVolumesOptions options;
  options.volume.view = View::joliet;
  const auto found = verify(volume.source(), options);
  EXPECT_EQ(found.volumes.views.size(), 1U);
  EXPECT_TRUE(found.volumes.sound()) << describe(found);
}

TEST(VolumeVerify, BlocksThatCannotBeRead) {
  const SampleVolume volume;
  const auto bytes = volume.source();
  const auto bad = volume.place("content /docs/a.txt").byte_offset() + kBlockSize;
  const auto scratched =
      std::make_shared<CallbackSource>(bytes->size(), [&](std::uint64_t at, std::span<std::byte> out) {
        if (at <= bad && bad < at + out.size())
          throw Error(std::make_error_code(std::errc::io_error), {}, "cannot read");
        bytes->read_at(at, out);
      });
  const auto found = verify(scratched, {.read_content = true});
  ASSERT_EQ(found.findings.size(), 1U) << describe(found);
  EXPECT_EQ(found.findings[0].lba, volume.place("content /docs/a.txt") + BlockCount{1});
  EXPECT_TRUE(verify(scratched).volumes.sound()) << "nobody asked for the contents";
}

TEST(VolumeVerify, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_of([&] { verify(SampleVolume().source(), {.stop = stop.get_token()}); }).code(), Errc::cancelled);
}

}  // namespace
}  // namespace fsimage::test
