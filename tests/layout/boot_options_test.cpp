#include "support/error_of.hpp"

#include <fsimage/image/hresult.hpp>
#include <fsimage/layout/boot_options.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace fsimage {
namespace {

using eltorito::BootMedia;
using eltorito::Platform;

std::shared_ptr<const ByteSource> zeros(std::uint64_t size) { return std::make_shared<ZeroSource>(size); }

BootOptions with_image(std::uint64_t size) {
  BootOptions options;
  options.assign_boot_image(zeros(size));
  return options;
}

std::error_code refusal(const BootOptions& options, const Tree& tree = Tree()) {
  return test::error_of([&] { options.check(tree); }).code();
}

TEST(BootOptions, SizesOfFloppiesSwitchTheEmulation) {
  for (const auto media : {BootMedia::floppy_1200, BootMedia::floppy_1440, BootMedia::floppy_2880}) {
    auto options = with_image(eltorito::floppy_bytes(media));
    EXPECT_EQ(options.emulation, media);
    EXPECT_NO_THROW(options.check(Tree()));
    EXPECT_EQ(options.sectors_to_load(Tree()), 1U);
    options.assign_boot_image(zeros(2048));
    EXPECT_EQ(options.emulation, BootMedia::none);
  }
}

TEST(BootOptions, AnImageOfAnotherSizeThanTheDisk) {
  auto options = with_image(2048);
  options.emulation = BootMedia::floppy_1440;
  EXPECT_EQ(refusal(options), Errc::boot_image_size);
  EXPECT_EQ(com::hresult_name(com::to_hresult(refusal(options))), "IMAPI_E_BOOT_EMULATION_IMAGE_SIZE_MISMATCH");
  options = with_image(1000);
  options.emulation = BootMedia::hard_disk;
  EXPECT_EQ(refusal(options), Errc::boot_image_size);
  options.assign_boot_image(zeros(1024));
  options.emulation = BootMedia::hard_disk;
  EXPECT_NO_THROW(options.check(Tree()));
}

TEST(BootOptions, ImagesThatAreNone) {
  EXPECT_EQ(refusal({}), Errc::boot_image);
  EXPECT_EQ(com::hresult_name(com::to_hresult(refusal({}))), "IMAPI_E_BOOT_IMAGE_DATA");
  EXPECT_EQ(refusal(with_image(0)), Errc::boot_image);
  EXPECT_EQ(refusal(with_image(std::uint64_t{1} << 32)), Errc::boot_image);
  Tree tree;
  tree.add_directory(kRootNode, "folder", {});
  tree.add_file(kRootNode, "empty", {}, ContentId{});
  tree.add_file(kRootNode, "program", {}, zeros(5000));
  for (const auto* path : {"", "/", "/missing", "/folder", "/empty"}) {
    BootOptions options;
    const auto error = test::error_of([&] { options.assign_boot_file(tree, path); });
    EXPECT_EQ(error.code(), Errc::boot_image) << path;
    EXPECT_EQ(error.where().path, path);
    EXPECT_TRUE(options.boot_file.empty());
  }
  BootOptions options;
  options.assign_boot_file(tree, "/program");
  EXPECT_EQ(options.image_size(tree), 5000U);
  EXPECT_EQ(options.sectors_to_load(tree), 10U);
}

TEST(BootOptions, HowMuchIsLoaded) {
  const Tree tree;
  auto options = with_image(1025);
  EXPECT_EQ(options.sectors_to_load(tree), 3U);
  options.boot_info_table = true;
  EXPECT_EQ(options.sectors_to_load(tree), 4U);
  options.load_size = 9;
  EXPECT_EQ(options.sectors_to_load(tree), 9U);

  options = with_image(1216 * 512);  // up to where firmware has its own data
  EXPECT_NO_THROW(options.check(tree));
  options = with_image(1216 * 512 + 1);
  EXPECT_EQ(refusal(options), Errc::boot_image);
  options.load_size = 4;
  EXPECT_NO_THROW(options.check(tree));

  options = with_image(0xFFFF * 512);
  options.platform_id = Platform::efi;
  EXPECT_EQ(options.sectors_to_load(tree), 0xFFFFU);
  options.assign_boot_image(zeros(0xFFFF * 512 + 1));
  EXPECT_NO_THROW(options.check(tree));
  EXPECT_EQ(options.sectors_to_load(tree), 0U) << "as long as the disc";
}

TEST(BootOptions, WhatNeverWorks) {
  auto options = with_image(2048);
  options.manufacturer = std::string(24, 'm');
  EXPECT_NO_THROW(options.check(Tree()));
  options.manufacturer += 'm';
  EXPECT_EQ(refusal(options), Errc::invalid_argument);
  options = with_image(63);
  options.boot_info_table = true;
  EXPECT_EQ(refusal(options), Errc::boot_image);
  options = with_image(1'474'560);
  options.boot_info_table = true;
  EXPECT_EQ(refusal(options), Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
