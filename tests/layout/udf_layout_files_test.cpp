// Entries beyond the ordinary: files of hundreds of gigabytes, links and devices, numbers beyond their fields.
#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

#include <fsimage/format/udf/symlink.hpp>

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::make_udf_image;
using test::repeat;
using test::text_source;
using test::u32;
using test::UdfWalk;
using Kind = Finding::Kind;

constexpr std::uint64_t kExtent = 0x3FFFF800;  // ECMA-167 4/12.1

struct Huge {
  const char* name;
  std::uint64_t size;
  std::size_t extents, allocation_extents;
};
class UdfHugeFile : public ::testing::TestWithParam<Huge> {};

TEST_P(UdfHugeFile, ExtentsFollowOneAnother) {
  const auto& p = GetParam();
  Tree t;
  t.add_file(kRootNode, "before", {}, text_source("before"));
  t.add_file(kRootNode, "huge", {}, std::make_shared<const ZeroSource>(p.size));
  t.add_file(kRootNode, "later", {}, text_source("later"));
  const auto u = make_udf_image(std::move(t));
  const UdfWalk walk(*u.image);
  const auto& e = walk.at("/huge");
  EXPECT_EQ(e.size, p.size);
  ASSERT_EQ(e.extents.size(), p.extents);
  EXPECT_EQ(e.allocation_extents, p.allocation_extents);
  auto next = u.content->at[u.tree->inode_id(*u.tree->find("/huge")).value].value - walk.partition_start();
  for (std::size_t i = 0; i < e.extents.size(); ++i) {
    EXPECT_EQ(e.extents[i].first, next);
    EXPECT_EQ(e.extents[i].second, i + 1 < e.extents.size() ? kExtent : p.size - kExtent * (p.extents - 1));
    next += e.extents[i].second / 2048;
  }
  EXPECT_EQ(walk.content("/later"), "later");
  EXPECT_EQ(u.layout->metadata_blocks().value, 2U + 2 + 3 + p.allocation_extents);
}

INSTANTIATE_TEST_SUITE_P(Ecma167_4_12_1, UdfHugeFile,
                         ::testing::Values(Huge{"one_extent", kExtent, 1, 0}, Huge{"one_byte_more", kExtent + 1, 2, 0},
                                           Huge{"fills_the_file_entry", kExtent * 234, 234, 0},
                                           Huge{"first_allocation_extent", kExtent * 234 + 1, 235, 1},
                                           Huge{"three_hundred_gibibytes", std::uint64_t{300} << 30, 301, 1},
                                           Huge{"fills_the_allocation_extent", kExtent*(233 + 253), 486, 1},
                                           Huge{"second_allocation_extent", kExtent*(233 + 253) + 1, 487, 2},
                                           Huge{"fills_the_second", kExtent*(233 + 252 + 253), 738, 2},
                                           Huge{"third", kExtent*(233 + 252 + 253) + 5, 739, 3},
                                           Huge{"seven_tebibytes", std::uint64_t{7} << 40, 7169, 28}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfHugeFiles, PartsOfTwoChains) {
  Tree t;
  const auto d = t.add_directory(kRootNode, "d", {});
  t.add_file(kRootNode, "one", {}, std::make_shared<const ZeroSource>(std::uint64_t{500} << 30));
  t.add_file(d, "two", {}, std::make_shared<const ZeroSource>(std::uint64_t{300} << 30));
  const auto u = make_udf_image(std::move(t));
  EXPECT_EQ(UdfWalk(*u.image).entries().size(), 4U);
  std::vector<std::string> labels;
  u.image->for_each_part([&](const ExtentPart& p) {
    if (p.label.find("allocation") != std::string::npos) labels.push_back(format_part(p));
  });
  EXPECT_THAT(labels,
              ::testing::ElementsAre("296+2  udf/allocation extents /one", "298+1  udf/allocation extents /d/two"));
}

TEST(UdfHugeFiles, BeyondTheMedium) {
  Tree t;
  t.add_file(kRootNode, "huge", {}, std::make_shared<const ZeroSource>((std::uint64_t{8} << 40) - 2048));
  try {
    make_udf_image(std::move(t));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::too_large);
  }
}

std::string long_target() {
  std::string target;
  for (int i = 0; i < 140; ++i) target += "component/";  // 14 bytes each
  return target + "end";
}

Tree special_files() {
  Tree t;
  t.add_file(kRootNode, "file", {}, text_source("file"));
  const auto link = t.add_symlink(kRootNode, "link", {.permissions = 0777}, "../a/./b");
  t.add_hard_link(kRootNode, "same link", link);
  t.add_symlink(kRootNode, "long", {}, long_target());
  t.add_symlink(kRootNode, "changed", {}, "a//b\xff");
  t.add_special(kRootNode, "block", FileType::block_device, {}, {8, 1});
  t.add_special(kRootNode, "char", FileType::char_device, {}, {259, 300});
  t.add_special(kRootNode, "fifo", FileType::fifo, {});
  t.add_special(kRootNode, "socket", FileType::socket, {});
  return t;
}

TEST(UdfSpecialFiles, AreLeftOutUnlessAsked) {
  const auto u = make_udf_image(special_files());
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.entries().size(), 2U);
  EXPECT_EQ(u32(walk.block(walk.integrity()), 120), 1U);
  EXPECT_EQ(u.findings.size(), 8U);
  for (const auto& f : u.findings) {
    EXPECT_EQ(f.kind, Kind::dropped) << f.path;
    EXPECT_EQ(f.to, "");
    EXPECT_FALSE(u.layout->shows(*u.tree->find(f.path)));
    EXPECT_FALSE(u.layout->keeps(*u.tree->find(f.path)));
  }
  EXPECT_TRUE(u.layout->keeps(*u.tree->find("/file")));
  EXPECT_TRUE(u.layout->keeps(kRootNode));
}

TEST(UdfSpecialFiles, OnRequest) {
  Profile p;
  p.udf_special_files = true;
  const auto u = make_udf_image(special_files(), p);
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.entries().size(), 10U);
  const std::vector<std::pair<std::string, std::uint32_t>> types{
      {"/block", 6}, {"/char", 7}, {"/fifo", 9}, {"/socket", 10}, {"/link", 12}, {"/long", 12}, {"/file", 5}};
  for (const auto& [path, type] : types) EXPECT_EQ(walk.at(path).file_type, type) << path;
  EXPECT_EQ(udf::decode_symlink(walk.at("/link").embedded), "../a/./b");
  EXPECT_EQ(walk.at("/link").links, 2U);
  EXPECT_EQ(walk.at("/link").blocks, 0U);
  const auto components = walk.content("/long");  // more than a file entry holds
  EXPECT_EQ(udf::decode_symlink(std::as_bytes(std::span(components))), long_target());
  EXPECT_EQ(walk.at("/long").extents.size(), 1U);
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].kind, Kind::renamed);
  EXPECT_EQ(u.findings[0].path, "/changed");
  EXPECT_FALSE(u.layout->keeps(*u.tree->find("/changed")));
  EXPECT_TRUE(u.layout->keeps(*u.tree->find("/link")));
}

TEST(UdfSpecialFiles, TargetsAreOneBlockAtMost) {
  Profile p;
  p.udf_special_files = true;
  Tree t;
  t.add_symlink(kRootNode, "fits", {},
                std::string(254, 'a') + repeat("/" + std::string(254, 'b'), 6) + "/" + std::string(230, 'c'));
  t.add_symlink(kRootNode, "not", {},
                std::string(254, 'a') + repeat("/" + std::string(254, 'b'), 6) + "/" + std::string(231, 'c'));
  const auto u = make_udf_image(std::move(t), p);
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.at("/fits").size, 2048U);
  EXPECT_EQ(walk.entries().count("/not"), 0U);
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].kind, Kind::dropped);
  EXPECT_EQ(u.findings[0].path, "/not");
}

TEST(UdfSpecialFiles, DeviceNumbersAreAnExtendedAttribute) {
  Profile p;
  p.udf_special_files = true;
  const auto u = make_udf_image(special_files(), p);
  const UdfWalk walk(*u.image);
  const auto& e = walk.at("/char");
  ASSERT_EQ(e.attributes.size(), 24U + 24 + 32);
  EXPECT_FALSE(udf::check_tag(std::span(e.attributes).first(24),
                              udf::TagIdentifier::extended_attribute_header_descriptor, e.icb));
  EXPECT_EQ(u32(e.attributes, 16), 0xFFFFFFFFU);
  EXPECT_EQ(u32(e.attributes, 20), 0xFFFFFFFFU);
  EXPECT_EQ(u32(e.attributes, 24), 12U);
  EXPECT_EQ(u32(e.attributes, 32), 56U);
  EXPECT_EQ(u32(e.attributes, 36), 32U);
  EXPECT_EQ(u32(e.attributes, 40), 259U);
  EXPECT_EQ(u32(e.attributes, 44), 300U);
  EXPECT_TRUE(walk.at("/fifo").attributes.empty());
}

TEST(UdfLimits, LinkCountStopsAtItsEnd) {
  constexpr std::uint32_t kNames = 65'536;
  Tree t;
  const auto file = t.add_file(kRootNode, "0", {}, text_source("x"));
  for (std::uint32_t i = 1; i < kNames; ++i) t.add_hard_link(kRootNode, std::to_string(i), file);
  const auto u = make_udf_image(std::move(t));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.at("/0").links, 0xFFFFU);
  EXPECT_EQ(walk.files, kNames);
  EXPECT_EQ(u32(walk.block(walk.integrity()), 120), kNames);
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].kind, Kind::clamped);
  EXPECT_EQ(u.findings[0].path, "/0");
}

TEST(UdfLimits, FoldersBeyondTheLinkCount) {
  constexpr std::uint32_t kFolders = 65'535;
  Tree t;
  for (std::uint32_t i = 0; i < kFolders; ++i) t.add_directory(kRootNode, std::to_string(i), {});
  const auto u = make_udf_image(std::move(t));
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.at("/").links, 0xFFFFU);
  EXPECT_EQ(walk.folders, kFolders + 1);
  ASSERT_EQ(u.findings.size(), 1U);
  EXPECT_EQ(u.findings[0].path, "/");
}

}  // namespace
}  // namespace fsimage
