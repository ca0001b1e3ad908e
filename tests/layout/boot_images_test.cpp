// Bootable images: where everything lies, what its bytes are, and that readers find it.
#include "support/error_of.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/import/volume_verify.hpp>
#include <fsimage/layout/planner.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using eltorito::BootMedia;
using eltorito::Platform;
using Bytes = std::vector<std::byte>;

constexpr FileSystems kUdfOnly{false, false, false, true}, kPlain{true, false, false, false};

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  return bytes;
}

std::shared_ptr<const ByteSource> source_of(Bytes bytes) { return std::make_shared<MemorySource>(std::move(bytes)); }

std::shared_ptr<const ByteSource> source_of(std::shared_ptr<const ResultImage> image) {
  return std::make_shared<ImageSource>(std::move(image));
}

std::shared_ptr<Tree> sample() {
  auto tree = std::make_shared<Tree>();
  const Attributes a{.modified = Timestamp::from_seconds(1'000'000'000)};
  const auto boot = tree->add_directory(kRootNode, "boot", a);
  tree->add_file(kRootNode, "a.txt", a, source_of(pattern(3000)));
  tree->add_file(boot, "loader", a, source_of(pattern(5001)));
  tree->add_file(boot, "plain", a, source_of(pattern(2048)));
  tree->add_file(kRootNode, "empty", a, ContentId{});
  return tree;
}

BootOptions of_file(const Tree& tree, const std::string& path, bool table = false) {
  BootOptions options;
  options.assign_boot_file(tree, path);
  options.boot_info_table = table;
  return options;
}

BootOptions of_bytes(std::size_t size, Platform platform = Platform::x86) {
  BootOptions options;
  options.assign_boot_image(source_of(pattern(size)));
  options.platform_id = platform;
  return options;
}

Bytes all_of(const ResultImage& image) {
  Bytes bytes(static_cast<std::size_t>(image.size()));
  image.read_at(0, bytes);
  return bytes;
}

Bytes part_of(const Bytes& all, Lba at, std::size_t bytes) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at.byte_offset());
  return {begin, begin + static_cast<std::ptrdiff_t>(bytes)};
}

std::string digest_of(const Bytes& bytes) {
  Sha256 digest;
  digest.update(bytes);
  return to_hex(digest.finish());
}

std::string planned_map(const ResultImage& image) {
  std::string text;
  image.for_each_part([&](const ExtentPart& part) { text += format_part(part) + "\n"; });
  return text;
}

std::string read_map(const std::shared_ptr<const ByteSource>& source) {
  std::string text;
  map_volumes(source, {},
              [&](const VolumePart& part) {
                text += format_part({part.start, part.blocks, part.label}) + "\n";
              },
              {});
  return text;
}

// What a loader does with its table, and what the view's file says of it.
void expect_table(const Bytes& image, const Bytes& source, Lba at, Lba primary) {
  auto expected = source;
  eltorito::BootInfoTable table{};
  table.primary = primary.value;
  table.image = at.value;
  table.length = static_cast<std::uint32_t>(source.size());
  eltorito::BootInfoChecksum sum;
  sum.update(std::span(source).subspan(eltorito::kBootInfoEnd));
  table.checksum = sum.value();
  store(std::span(expected).subspan(eltorito::kBootInfoAt), table);
  EXPECT_EQ(part_of(image, at, source.size()), expected);
}

Bytes content_in(const std::shared_ptr<const ByteSource>& source, View view, const std::string& path,
                 Lba session = {}) {
  const auto cursor = open_volume(source, {.view = view, .session = session, .strictness = Strictness::strict});
  ContentStore store;
  while (const auto entry = cursor->next()) {
    if (cursor->origin() != path) continue;
    const auto content = cursor->content(store);
    Bytes bytes(static_cast<std::size_t>(store.size(content)));
    store.read_at(content, 0, bytes);
    return bytes;
  }
  ADD_FAILURE() << "no " << path;
  return {};
}

// The layout of a bridge image with everything, reviewable in a diff.
TEST(BootImages, TheMapOfABridgeImage) {
  const auto tree = sample();
  Profile p;
  p.boot_image_options = {of_file(*tree, "/boot/loader", true), of_bytes(100'000, Platform::efi),
                          of_file(*tree, "/boot/plain")};
  p.system_area = pattern(600);
  const auto image = Plan(tree, p).create_image();
  const auto map = planned_map(*image);
  const std::string front =
      "0+16   system area\n"
      "16+1   iso9660/primary volume descriptor\n"
      "17+1   eltorito/boot record\n"
      "18+1   joliet/supplementary volume descriptor\n"
      "19+1   iso9660/volume descriptor set terminator\n"
      "20+3   udf/volume recognition sequence\n"
      "32+16  udf/main volume descriptor sequence\n"
      "64+16  udf/logical volume integrity sequence\n"
      "80+1   eltorito/boot catalog\n"
      "81+1   iso9660/path table L\n"
      "82+1   iso9660/path table M\n";
  EXPECT_EQ(map.substr(0, front.size()), front);
  const std::string contents =
      "298+3  content /boot/loader\n"
      "302+49 eltorito/boot image\n"
      "351+2  content /a.txt\n"
      "353+1  content /boot/plain\n";
  EXPECT_NE(map.find(contents), std::string::npos) << map;
  EXPECT_EQ(digest_of(all_of(*image)), "5d92791d95a36449910b94fbf9cda5bf41f0857586f13c6b1787818dfc59b220");
}

TEST(BootImages, TheCatalogSaysWhereTheyAre) {
  const auto tree = sample();
  Profile p;
  p.boot_image_options = {of_file(*tree, "/boot/loader", true), of_bytes(1'474'560), of_bytes(100'000, Platform::efi),
                          of_bytes(3000, Platform::efi)};
  p.boot_image_options[0].manufacturer = "maker";
  p.boot_image_options[1].load_segment = 0x1000;
  p.boot_image_options[3].load_size = 2;
  const auto source = source_of(Plan(tree, p).create_image());
  const auto info = describe_volumes(*source, {});
  EXPECT_TRUE(info.findings.empty());
  ASSERT_TRUE(info.boot);
  ASSERT_EQ(info.boot->images.size(), 4U);
  const auto& [loader, floppy, efi, more] =
      std::tie(info.boot->images[0], info.boot->images[1], info.boot->images[2], info.boot->images[3]);
  for (const auto& image : info.boot->images) EXPECT_TRUE(image.bootable);
  EXPECT_EQ(loader.platform, "x86");
  EXPECT_EQ(loader.identifier, "maker");
  EXPECT_EQ(loader.sectors, 4U);
  EXPECT_EQ(floppy.emulation, "1.44 MB floppy");
  EXPECT_EQ(floppy.load_segment, 0x1000U);
  EXPECT_EQ(floppy.sectors, 1U);
  EXPECT_EQ(efi.platform, "EFI");
  EXPECT_EQ(efi.sectors, 196U);
  EXPECT_EQ(more.platform, "EFI");
  EXPECT_EQ(more.sectors, 2U);
  Bytes all(static_cast<std::size_t>(source->size()));
  source->read_at(0, all);
  EXPECT_EQ(part_of(all, efi.block, 100'000), pattern(100'000));
  EXPECT_EQ(part_of(all, floppy.block, 1'474'560), pattern(1'474'560));
  expect_table(all, pattern(5001), loader.block, Lba{16});
  // Both of UEFI share a section.
  const auto catalog = part_of(all, info.boot->catalog, kBlockSize);
  EXPECT_EQ(load<eltorito::SectionHeader>(std::span(catalog).subspan(4 * 32)).entry_count.value(), 2U);
}

TEST(BootImages, EveryViewShowsThePatchedFileAndTheSourceStays) {
  for (const auto fs : {FileSystems{}, kPlain, kUdfOnly, FileSystems{true, true, true, false}}) {
    const auto tree = sample();
    Profile p;
    p.file_systems = fs;
    p.allow_rename = true;
    p.boot_image_options = {of_file(*tree, "/boot/loader", true)};
    const auto image = Plan(tree, p).create_image();
    const auto source = source_of(image);
    const auto at = describe_volumes(*source, {}).boot->images.at(0).block;
    const auto all = all_of(*image);
    expect_table(all, pattern(5001), at, Lba{16});
    for (const auto& [there, view, path] :
         {std::tuple{fs.iso9660, View::iso9660, "/BOOT/LOADER"}, std::tuple{fs.joliet, View::joliet, "/boot/loader"},
          std::tuple{fs.rockridge, View::rockridge, "/boot/loader"}, std::tuple{fs.udf, View::udf, "/boot/loader"}})
      if (there) {
        EXPECT_EQ(content_in(source, view, path), part_of(all, at, 5001)) << to_string(view);
      }
    Bytes kept(5001);
    tree->contents().read_at(tree->inode(*tree->find("/boot/loader")).content, 0, kept);
    EXPECT_EQ(kept, pattern(5001));
  }
}

// Whatever the window, the bytes are those of the whole; what the runs say is true.
TEST(BootImages, ReadInPieces) {
  const auto tree = sample();
  Profile p;
  p.boot_image_options = {of_file(*tree, "/boot/loader", true)};
  const auto image = Plan(tree, p).create_image();
  const auto all = all_of(*image);
  const auto at = image->find_content("/boot/loader")->start.byte_offset();
  for (std::size_t from : {0U, 5U, 8U, 30U, 63U, 64U})
    for (std::size_t bytes : {1U, 3U, 40U, 70U}) {
      Bytes window(bytes);
      image->read_at(at + from, window);
      EXPECT_TRUE(std::ranges::equal(window, std::span(all).subspan(at + from, bytes))) << from << ' ' << bytes;
    }
  const auto run = image->run_at(at);
  EXPECT_EQ(run.kind, Run::Kind::bytes);
  EXPECT_EQ(run.length, eltorito::kBootInfoEnd);
  EXPECT_EQ(image->path_at(Lba{static_cast<std::uint32_t>(at / kBlockSize)}), "/boot/loader");
}

TEST(BootImages, AnImageOfUdfAloneLeadsFirmwareThroughAnEmptyVolume) {
  const auto tree = sample();
  Profile p;
  p.file_systems = kUdfOnly;
  p.boot_image_options = {of_bytes(2048)};
  const Plan plan(tree, p);
  EXPECT_TRUE(plan.count_findings().empty());
  const auto image = plan.create_image();
  const auto source = source_of(image);
  const auto info = describe_volumes(*source, {});
  EXPECT_EQ(info.boot->record, Lba{17});
  EXPECT_EQ(part_of(all_of(*image), info.boot->images.at(0).block, 2048), pattern(2048));
  const auto cursor = open_volume(source, {.view = View::iso9660, .strictness = Strictness::strict});
  EXPECT_FALSE(cursor->next());
  EXPECT_EQ(content_in(source, View::udf, "/a.txt"), pattern(3000));
}

TEST(BootImages, TheMapIsReadAsItWasPlanned) {
  for (const auto fs : {FileSystems{}, kUdfOnly, FileSystems{true, true, true, false}}) {
    const auto tree = sample();
    Profile p;
    p.file_systems = fs;
    p.boot_image_options = {of_file(*tree, "/boot/loader", true), of_bytes(1'228'800), of_bytes(3000, Platform::efi)};
    p.system_area = pattern(32 * 1024);
    const auto image = Plan(tree, p).create_image();
    EXPECT_EQ(read_map(source_of(image)), planned_map(*image));
    std::string told;
    const auto verified =
        verify_volumes(source_of(image), {.read_content = true}, [&](const Finding& f) { told += f.text + "\n"; });
    EXPECT_EQ(verified.deviations + verified.lost + verified.disagreements, 0U) << told;
  }
}

TEST(BootImages, OneImageForSeveralEntriesIsThereOnce) {
  const auto tree = sample();
  auto bios = of_bytes(4096), efi = bios, file = of_file(*tree, "/boot/plain"), table = file;
  efi.platform_id = Platform::efi;
  table.boot_info_table = true;
  Profile p;
  p.boot_image_options = {bios, efi, file, table};
  const auto image = Plan(tree, p).create_image();
  const auto info = describe_volumes(*source_of(image), {});
  EXPECT_EQ(info.boot->images[0].block, info.boot->images[1].block);
  EXPECT_EQ(info.boot->images[2].block, info.boot->images[3].block);
  expect_table(all_of(*image), pattern(2048), info.boot->images[2].block, Lba{16});
}

TEST(BootImages, AsManyAsTheCatalogHolds) {
  const auto tree = sample();
  Profile p;
  for (std::size_t i = 0; i < BootOptions::kMost; ++i) {
    p.boot_image_options.push_back(of_bytes(512));
    p.boot_image_options.back().manufacturer = "maker " + std::to_string(i);
  }
  const auto info = describe_volumes(*source_of(Plan(tree, p).create_image()), {});
  EXPECT_TRUE(info.findings.empty());
  ASSERT_EQ(info.boot->images.size(), BootOptions::kMost);
  EXPECT_EQ(info.boot->images.back().identifier, "maker 31");
  p.boot_image_options.push_back(of_bytes(512));
  EXPECT_EQ(test::error_of([&] { Plan(tree, p); }).code(), Errc::invalid_argument);
}

TEST(BootImages, HardDisksHaveTheTypeOfTheirPartition) {
  const auto tree = sample();
  Bytes disk(4096);
  disk[510] = std::byte{0x55};
  disk[511] = std::byte{0xAA};
  Profile p;
  const auto planned = [&] {
    BootOptions options;
    options.assign_boot_image(source_of(disk));
    options.emulation = BootMedia::hard_disk;
    p.boot_image_options = {options};
    return all_of(*Plan(tree, p).create_image());
  };
  EXPECT_EQ(test::error_of(planned).code(), Errc::boot_image) << "no partition";
  disk[446 + 16 + 4] = std::byte{0x0C};
  const auto all = planned();
  const auto catalog = part_of(all, Lba{80}, kBlockSize);
  EXPECT_EQ(load<eltorito::BootEntry>(std::span(catalog).subspan(32)).system_type, 0x0C);
  disk[511] = std::byte{};
  EXPECT_EQ(test::error_of(planned).code(), Errc::boot_image) << "no signature";
}

TEST(BootImages, WhatCannotBoot) {
  const auto tree = sample();
  Profile p;
  p.boot_image_options = {of_file(*tree, "/boot/loader")};
  tree->remove(*tree->find("/boot/loader"));
  const auto error = test::error_of([&] { Plan(tree, p); });
  EXPECT_EQ(error.code(), Errc::boot_image);
  EXPECT_EQ(error.where().path, "/boot/loader");
  p.boot_image_options = {};
  p.system_area = Bytes(32 * 1024 + 1);
  EXPECT_EQ(test::error_of([&] { Plan(tree, p); }).code(), Errc::invalid_argument);
}

TEST(BootImages, AreApartOfTheIdentity) {
  const auto tree = sample();
  const auto id = [&](const Profile& p) { return Plan(tree, p).image_id(); };
  Profile p;
  std::vector<std::string> ids{id(p)};
  p.system_area = pattern(10);
  ids.push_back(id(p));
  p.boot_image_options = {of_file(*tree, "/boot/loader")};
  ids.push_back(id(p));
  auto& boot = p.boot_image_options[0];
  boot.boot_info_table = true;
  ids.push_back(id(p));
  boot.load_size = 0;
  ids.push_back(id(p));
  boot.manufacturer = "m";
  ids.push_back(id(p));
  boot.platform_id = Platform::mac;
  ids.push_back(id(p));
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

}  // namespace
}  // namespace fsimage
