// What the revisions of UDF change, and that nothing else does.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/format/udf/symlink.hpp>
#include <fsimage/format/udf/timestamp.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_verify.hpp>
#include <fsimage/layout/planner.hpp>

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::make_udf_image;
using test::text_source;
using test::u16;
using test::u32;
using test::u64;
using test::u8;
using test::UdfImage;
using test::UdfWalk;

constexpr Timestamp kChanged{1'650'000'000'987'654'000}, kBorn{1'640'000'000'123'456'000};

// One more name of a file in a folder that is read later and earlier, a folder of several blocks, a link that no entry
// holds, a device.
Tree sample() {
  const auto attributes = [](std::uint16_t permissions) {
    return Attributes{.modified = kChanged, .created = kBorn, .uid = 1000, .gid = 100, .permissions = permissions};
  };
  Tree t(attributes(0755));
  const auto docs = t.add_directory(kRootNode, "docs", attributes(0750));
  const auto deep = t.add_directory(docs, "deep", attributes(0700));
  const auto shared = t.add_file(deep, "shared", attributes(0644), text_source(std::string(5000, 's')));
  t.add_hard_link(kRootNode, "also shared", shared);
  t.add_hard_link(docs, "shared too", shared);
  t.add_file(kRootNode, "empty", attributes(0600), ContentId{});
  std::string target(254, 'a');
  for (int i = 0; i < 7; ++i) target.append("/").append(254, static_cast<char>('b' + i));
  t.add_symlink(docs, "far", attributes(0777), target.substr(0, 1900));
  t.add_symlink(docs, "near", attributes(0777), "deep/shared");
  t.add_special(docs, "null", FileType::char_device, attributes(0666), {1, 3});
  const auto many = t.add_directory(kRootNode, "many", attributes(0755));
  for (int i = 0; i < 120; ++i)
    t.add_file(many, "file " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), 'z'), attributes(0644),
               text_source(std::to_string(i)));
  return t;
}

Profile profile_of(std::uint16_t revision, bool redundant = true) {
  Profile p;
  p.udf_revision = revision;
  p.redundant_udf_metadata = redundant;
  p.udf_special_files = true;
  p.all_times = true;
  return p;
}

Timestamp time_of(const test::Block& b) { return *udf::from_wire(load<udf::WireTimestamp>(b)); }

class UdfRevision : public ::testing::TestWithParam<std::uint16_t> {
 protected:
  bool third_edition() const { return GetParam() >= 0x200; }
  bool metadata() const { return GetParam() >= 0x250; }
};

TEST_P(UdfRevision, EveryEntryReadsBack) {
  const auto u = make_udf_image(sample(), profile_of(GetParam()));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.revision(), GetParam());
  EXPECT_EQ(walk.has_metadata(), metadata());
  std::size_t seen = 1;
  for (std::uint32_t d = 0; d < u.index->directory_count(); ++d)
    for (const NodeId n : u.index->entries(d)) {
      ++seen;
      const auto path = u.tree->path(n);
      const auto& e = walk.at(path);
      const auto& inode = u.tree->inode(n);
      EXPECT_EQ(e.links, walk.names_of(e.icb)) << path;
      EXPECT_EQ(time_of(e.modified), kChanged);
      if (third_edition()) {
        EXPECT_EQ(time_of(e.created), kBorn);
      }
      if (inode.type != FileType::regular) continue;
      std::string text(inode.size, '\0');
      u.tree->contents().read_at(inode.content, 0, std::as_writable_bytes(std::span(text)));
      EXPECT_EQ(walk.content(path), text) << path;
    }
  EXPECT_EQ(walk.entries().size(), seen);
  const auto far = walk.content("/docs/far");
  EXPECT_EQ(udf::decode_symlink(std::as_bytes(std::span(far))), u.tree->symlink_target(*u.tree->find("/docs/far")));
  EXPECT_EQ(walk.at("/docs/null").attributes.size(), 80U);
  EXPECT_TRUE(u.findings.empty());
}

TEST_P(UdfRevision, VolumeSaysWhatItIs) {
  const auto u = make_udf_image(sample(), profile_of(GetParam()));
  const UdfWalk walk(*u.image);
  const std::string nsr = third_edition() ? "NSR03" : "NSR02";
  const auto text = [](const test::Block& b, std::size_t at) {
    std::string out;
    for (std::size_t i = at; i < at + 5; ++i) out += static_cast<char>(b[i]);
    return out;
  };
  EXPECT_EQ(text(u.block(Lba{17}), 1), nsr);
  EXPECT_EQ(text(u.block(Lba{35}), 26), nsr);
  EXPECT_EQ(u16(u.block(Lba{33}), 44), GetParam());   // suffix of the logical volume information
  EXPECT_EQ(u16(u.block(Lba{34}), 240), GetParam());  // domain
  const auto set = u.block(u.places().metadata);
  EXPECT_EQ(u16(set, 440), GetParam());
  const auto lvid = walk.checked(walk.integrity(), 9, walk.integrity());
  const std::uint32_t maps = metadata() ? 2 : 1;
  EXPECT_EQ(u32(lvid, 72), maps);
  for (std::uint32_t i = 0; i < maps; ++i) EXPECT_EQ(u32(lvid, 80 + 4 * i), 0U);
  EXPECT_EQ(u32(lvid, 80 + 4 * maps), walk.partition_length());
  if (metadata()) {
    EXPECT_EQ(u32(lvid, 92), u.places().metadata_blocks.value);
  }
  const auto use = 80 + 8 * maps;
  EXPECT_EQ(u16(lvid, use + 40), GetParam() == 0x260 ? 0x250U : GetParam());
  EXPECT_EQ(u16(lvid, use + 42), GetParam());
  EXPECT_EQ(u16(lvid, use + 44), GetParam());
  EXPECT_EQ(u32(lvid, use + 32), walk.files);
  EXPECT_EQ(u32(lvid, use + 36), walk.folders);
  // Two further names, which have ids from 2.00 on.
  EXPECT_EQ(u64(lvid, 40), 15U + u.index->inode_count() + (third_edition() ? 2U : 0U));
}

TEST_P(UdfRevision, ReadersFindNothing) {
  const auto tree = std::make_shared<const Tree>(sample());
  for (const bool bridge : {false, true}) {
    auto profile = profile_of(GetParam());
    profile.file_systems = {bridge, bridge, bridge, true};
    const auto image = std::make_shared<const ImageSource>(Plan(tree, profile).create_image());
    const auto info = describe_volumes(*image);
    ASSERT_TRUE(info.udf);
    EXPECT_EQ(info.udf->revision, GetParam());
    EXPECT_TRUE(info.findings.empty());
    std::vector<std::string> findings;
    verify_volumes(image, {}, [&](const Finding& f) { findings.push_back(f.path + ": " + f.text); });
    EXPECT_THAT(findings, ::testing::IsEmpty());
  }
}

TEST_P(UdfRevision, SameBytesEachTimeAndOthersThanOfAnyOther) {
  const auto tree = std::make_shared<const Tree>(sample());
  const Plan once(tree, profile_of(GetParam())), again(tree, profile_of(GetParam()));
  EXPECT_EQ(once.image_id(), again.image_id());
  for (const int number : {0x0102, 0x0150, 0x0200, 0x0201, 0x0250, 0x0260})
    if (const auto other = static_cast<std::uint16_t>(number); other != GetParam()) {
      EXPECT_NE(Plan(tree, profile_of(other)).image_id(), once.image_id());
    }
}

TEST_P(UdfRevision, LaterSessionKeepsThePartition) {
  for (const std::uint32_t session : {640U, 11'401U}) {
    const auto u = make_udf_image(sample(), profile_of(GetParam()), Lba{session}, PartitionStart{Lba{288}});
    const UdfWalk walk(*u.image);
    EXPECT_EQ(walk.partition_start(), 288U);
    EXPECT_EQ(walk.content("/many/file 7zzzzzzz"), "7");
    EXPECT_EQ(walk.partition_start() + walk.partition_length(), u.places().partition_end.value);
    if (!metadata()) continue;
    // All of it lies in the new session.
    EXPECT_GE(u.places().metadata_file.value, session + 288);
    EXPECT_GE(walk.metadata_file(false).extents[0].first + 288, session + 288);
    EXPECT_GE(walk.metadata_file(true).extents[0].first + 288, session + 288);
  }
}

INSTANTIATE_TEST_SUITE_P(Udf, UdfRevision, ::testing::Values(0x0102, 0x0150, 0x0200, 0x0201, 0x0250, 0x0260),
                         [](const auto& i) {
                           return "V" + std::to_string(i.param >> 8) + "_" + std::to_string(i.param >> 4 & 15) +
                                  std::to_string(i.param & 15);
                         });

TEST(UdfMetadataFile, MirrorHasTheSameBytesFarAway) {
  const auto u = make_udf_image(sample(), profile_of(0x250));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.metadata_flags(), 1U);
  const auto& p = u.places();
  EXPECT_EQ(p.metadata, Lba{320});
  EXPECT_EQ(p.metadata_file, Lba{288});
  EXPECT_EQ(p.mirror_file + BlockCount{1}, p.partition_end);
  EXPECT_GE(p.mirror, p.metadata + p.metadata_blocks);
  EXPECT_EQ(u.blocks(p.metadata, p.metadata_blocks), u.blocks(p.mirror, p.metadata_blocks));
  EXPECT_EQ(walk.metadata_file(false).size, p.metadata_blocks.bytes());
  EXPECT_EQ(walk.metadata_file(true).extents[0].first, p.mirror.value - 288);
}

TEST(UdfMetadataFile, MirrorMayShareTheBlocks) {
  const auto u = make_udf_image(sample(), profile_of(0x250, false));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.metadata_flags(), 0U);
  EXPECT_EQ(walk.metadata_file(false).extents, walk.metadata_file(true).extents);
  EXPECT_EQ(u.places().mirror_file + BlockCount{1}, u.places().partition_end);
  EXPECT_LT(u.image->total_blocks(), make_udf_image(sample(), profile_of(0x250)).image->total_blocks());
}

TEST(UdfMetadataFile, MapOfASmallTree) {
  Tree t;
  t.add_file(t.add_directory(kRootNode, "docs", {}), "a.txt", {}, text_source("a"));
  const auto u = make_udf_image(std::move(t), profile_of(0x260));
  EXPECT_EQ(u.map(),
            "16+3   udf/volume recognition sequence\n"
            "32+16  udf/main volume descriptor sequence\n"
            "64+16  udf/logical volume integrity sequence\n"
            "256+1  udf/anchor volume descriptor pointer\n"
            "288+1  udf/file entry of the metadata file\n"
            "320+1  udf/file set descriptor\n"
            "321+1  udf/file set terminator\n"
            "322+1  udf/file entry /\n"
            "323+1  udf/directory /\n"
            "324+1  udf/file entry /docs\n"
            "325+1  udf/directory /docs\n"
            "326+1  udf/file entry /docs/a.txt\n"
            "352+1  content /docs/a.txt\n"
            "384+1  udf/mirror of file set descriptor\n"
            "385+1  udf/mirror of file set terminator\n"
            "386+1  udf/mirror of file entry /\n"
            "387+1  udf/mirror of directory /\n"
            "388+1  udf/mirror of file entry /docs\n"
            "389+1  udf/mirror of directory /docs\n"
            "390+1  udf/mirror of file entry /docs/a.txt\n"
            "416+1  udf/file entry of the metadata mirror file\n"
            "448+16 udf/reserve volume descriptor sequence\n"
            "464+272 udf/anchor volume descriptor pointers\n");
}

struct Huge {
  const char* name;
  std::uint16_t revision;
  std::uint64_t extents;
  std::size_t allocation_extents;
};
class UdfHugeFileOfRevision : public ::testing::TestWithParam<Huge> {};

// Slots of 8 bytes beside an extended file entry, and of 16 when they name a partition: (2048 - 216) / 8, / 16, and in
// an allocation extent (2048 - 24) / 8, / 16.
TEST_P(UdfHugeFileOfRevision, ExtentsFollowOneAnother) {
  const auto& p = GetParam();
  Tree t;
  t.add_file(kRootNode, "huge", {}, std::make_shared<const ZeroSource>(p.extents * 0x3FFFF800));
  const auto u = make_udf_image(std::move(t), profile_of(p.revision));
  const UdfWalk walk(*u.image);
  const auto& e = walk.at("/huge");
  ASSERT_EQ(e.extents.size(), p.extents);
  EXPECT_EQ(e.allocation_extents, p.allocation_extents);
  auto next = u.content->at[u.tree->inode_id(*u.tree->find("/huge")).value].value - walk.partition_start();
  for (const auto& [lbn, bytes] : e.extents) {
    EXPECT_EQ(lbn, next);
    next += bytes / 2048;
  }
}

INSTANTIATE_TEST_SUITE_P(Slots, UdfHugeFileOfRevision,
                         ::testing::Values(Huge{"extended_full", 0x201, 229, 0}, Huge{"extended_over", 0x201, 230, 1},
                                           Huge{"named_full", 0x250, 114, 0}, Huge{"named_over", 0x250, 115, 1},
                                           Huge{"named_one_extent_more", 0x250, 113 + 126, 1},
                                           Huge{"named_two_extents_more", 0x250, 113 + 126 + 1, 2}),
                         [](const auto& i) { return i.param.name; });

// Room for 1872 bytes behind a file entry, for 1832 behind an extended one.
TEST_P(UdfRevision, SmallFilesLieInTheirEntriesWhenAsked) {
  const std::size_t room = third_edition() ? 1832 : 1872;
  Tree t;
  const std::map<std::string, std::string> files{
      {"/one", "1"}, {"/fits", std::string(room, 'f')}, {"/not", std::string(room + 1, 'n')}, {"/empty", ""}};
  for (const auto& [path, text] : files) t.add_file(kRootNode, path.substr(1), {}, text_source(text));
  t.add_hard_link(t.add_directory(kRootNode, "d", {}), "same", *t.find("/fits"));
  auto profile = profile_of(GetParam());
  profile.file_systems = {false, false, false, true};
  profile.udf_embedded_files = true;
  const auto tree = std::make_shared<const Tree>(std::move(t));
  const Plan plan(tree, profile);
  const auto image = plan.create_image();
  const UdfWalk walk(*image);
  for (const auto& [path, text] : files) {
    const auto& e = walk.at(path);
    EXPECT_EQ(e.embedded.size(), text.size() <= room ? text.size() : 0) << path;
    EXPECT_TRUE(e.embedded.empty() || std::ranges::equal(e.embedded, std::as_bytes(std::span(text)))) << path;
    EXPECT_EQ(e.blocks, text.size() > room ? 1U : 0U) << path;
  }
  EXPECT_EQ(walk.at("/d/same").icb, walk.at("/fits").icb);
  EXPECT_EQ(walk.content("/not"), files.at("/not"));
  std::set<std::string> with_content;
  image->for_each_part([&](const ExtentPart& p) { with_content.insert(image->path_at(p.start)); });
  EXPECT_EQ(with_content, (std::set<std::string>{"", "/fits", "/not", "/one"}));

  std::vector<std::string> findings;
  const auto source = std::make_shared<const ImageSource>(image);
  verify_volumes(source, {.read_content = true}, [&](const Finding& f) { findings.push_back(f.path + ": " + f.text); });
  EXPECT_THAT(findings, ::testing::IsEmpty());
  profile.udf_embedded_files = false;
  EXPECT_NE(Plan(tree, profile).image_id(), plan.image_id());
  profile.udf_embedded_files = true;
  profile.file_systems.iso9660 = true;
  EXPECT_EQ(test::error_of([&] { Plan(tree, profile); }).code(), Errc::invalid_argument);
}

TEST(UdfEmbedded, ASourceThatChangedIsNoticed) {
  const test::TempFolder folder;
  folder.write("file", "as it was");
  FileSystemImage image;
  image.profile().file_systems = {false, false, false, true};
  image.profile().udf_embedded_files = true;
  image.add(folder / "file", "/file");
  const auto result = image.create_result_image();
  result->check_sources();
  folder.write("file", "longer than it was");
  const auto error = test::error_of([&] { result->check_sources(); });
  EXPECT_EQ(error.code(), Errc::source_changed);
  EXPECT_EQ(error.where().lba, Lba{292});  // of the entry
  std::vector<std::byte> bytes(result->size());
  EXPECT_EQ(test::error_of([&] { result->read_at(0, bytes); }).code(), Errc::source_changed);
}

TEST(UdfRevisions, OthersAreRefused) {
  for (const int revision : {0x0000, 0x0101, 0x0103, 0x0251, 0x0300})
    EXPECT_EQ(test::error_of([&] {
                Plan(std::make_shared<const Tree>(), profile_of(static_cast<std::uint16_t>(revision)));
              }).code(),
              Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
