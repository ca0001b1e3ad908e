#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace fsimage {
namespace {

TEST(Error, SaysWhatWhereAndByWhichRule) {
  const Error e(Errc::corrupt_structure, {.path = "/docs/a.txt", .lba = Lba{291}, .clause = "ECMA-167 3/7.2.3"},
                "tag checksum 0x3f, computed 0x41");
  EXPECT_STREQ(e.what(),
               "tag checksum 0x3f, computed 0x41 [path /docs/a.txt] [LBA 291] [ECMA-167 3/7.2.3]: "
               "on-disk structure is corrupt");
  EXPECT_EQ(e.code(), Errc::corrupt_structure);
  EXPECT_EQ(e.message(), "tag checksum 0x3f, computed 0x41");
}

TEST(Error, AHostileNameCannotForgeOutput) {
  const Error e(Errc::not_found, {.path = "/a\n\x1b[31mred"}, "no such entry");
  EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
  EXPECT_NE(std::string(e.what()).find("/a\\x0a\\x1b[31mred"), std::string::npos);
  EXPECT_EQ(e.where().path, "/a\n\x1b[31mred");
}

TEST(Error, OperatingSystemErrorsKeepTheirCode) {
  const Error e = os_error(ENOENT, "/missing", "cannot open");
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, "/missing");
}

TEST(Error, WhatADriveCannotReadIsAnInputOutputError) {
  EXPECT_TRUE(make_error_code(Errc::read_failed) == std::errc::io_error);
  EXPECT_FALSE(make_error_code(Errc::write_failed) == std::errc::io_error);
  EXPECT_FALSE(make_error_code(Errc::no_media) == std::errc::io_error);
}

TEST(Error, WithPathKeepsAPathThatIsThere) {
  const Error bare(Errc::too_large, {}, "x");
  EXPECT_EQ(bare.with_path("/a").where().path, "/a");
  EXPECT_EQ(bare.with_path("/a").with_path("/b").where().path, "/a");
  EXPECT_EQ(bare.with_path("/a").message(), "x");
}

TEST(Error, EveryCodeHasItsOwnText) {
  std::vector<std::string> seen;
  for (int code = 1; code <= static_cast<int>(Errc::verification_failed); ++code) {
    const auto text = error_category().message(code);
    EXPECT_EQ(text.find("unknown"), std::string::npos) << code;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), text), 0) << text;
    seen.push_back(text);
  }
}

}  // namespace
}  // namespace fsimage
