#include "support/child_process.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/update_file.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using Missing = UpdateFile::Missing;
using test::error_of;
using test::TempFolder;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_at(const UpdateFile& file, std::uint64_t offset, std::size_t length) {
  std::string text(length, '?');
  file.read_at(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

TEST(UpdateFile, KeepsWhatIsWrittenInPlace) {
  const TempFolder folder;
  {
    UpdateFile file(folder / "a", Missing::create);
    EXPECT_TRUE(file.is_new() && file.writable());
    EXPECT_EQ(file.size(), 0U);
    file.write_at(std::uint64_t{25} << 30, bytes("far"));
    file.write_at(3, bytes("near"));
  }
  UpdateFile file(folder / "a", Missing::create);
  EXPECT_FALSE(file.is_new());
  EXPECT_EQ(file.size(), (std::uint64_t{25} << 30) + 3);
  EXPECT_EQ(text_at(file, 2, 6), std::string("\0near\0", 6));
  EXPECT_EQ(text_at(file, std::uint64_t{25} << 30, 5), std::string("far\0\0", 5)) << "zeros past the end";
  EXPECT_LT(test::allocated_bytes(folder / "a"), 1U << 20);
  file.sync();
  file.set_size(4);
  file.set_size(10);
  EXPECT_EQ(text_at(file, 0, 10), std::string("\0\0\0n\0\0\0\0\0\0", 10));
}

TEST(UpdateFile, ZerosTakeNoSpace) {
  const TempFolder folder;
  UpdateFile file(folder / "a", Missing::create);
  file.write_at(0, bytes(std::string(1 << 20, 'x')));
  file.write_zeros(4096, (1 << 20) - 8192);
  EXPECT_TRUE(test::allocated_bytes(folder / "a") < 1U << 17 || !test::knows_holes());
  EXPECT_EQ(text_at(file, 4095, 3), std::string("x\0\0", 3));
  EXPECT_EQ(text_at(file, (1 << 20) - 4097, 3), std::string("\0xx", 3));
  file.write_zeros(10, 5);  // within a page
  EXPECT_EQ(text_at(file, 9, 7), std::string("x\0\0\0\0\0x", 7));
  file.write_zeros((1 << 20) - 1, 1 << 20);
  EXPECT_EQ(file.size(), 1U << 20);
  file.write_zeros(1 << 22, 5);
  EXPECT_EQ(file.size(), 1U << 20);
  EXPECT_EQ(text_at(file, (1 << 20) - 2, 2), std::string("x\0", 2));
}

TEST(UpdateFile, HasOneOwner) {
  const TempFolder folder;
  const UpdateFile file(folder / "a", Missing::create);
  const auto e = error_of([&] { UpdateFile(folder / "a", Missing::create); });
  EXPECT_EQ(e.code(), Errc::busy);
  EXPECT_EQ(e.where().path, folder / "a");
}

TEST(UpdateFile, RefusesWhatIsNoFile) {
  const TempFolder folder;
  EXPECT_EQ(error_of([&] { UpdateFile(folder / "none", Missing::refuse); }).code(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { UpdateFile(folder / "none/a", Missing::create); }).code(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(error_of([&] { UpdateFile(folder.path().string(), Missing::create); }).code(), std::errc::is_a_directory);
#ifndef _WIN32
  EXPECT_EQ(error_of([&] { UpdateFile("/dev/null", Missing::create); }).code(), Errc::invalid_argument);
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { UpdateFile(folder / "fifo", Missing::create); }).code(), Errc::invalid_argument);
#endif
}

#ifndef _WIN32  // rights of another user
TEST(UpdateFile, ReadsWhatItMayNotWrite) {
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  const auto path = folder.write("a", "text");
  fs::permissions(path, fs::perms{0444});
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    UpdateFile file(path, Missing::create);
    EXPECT_FALSE(file.writable());
    EXPECT_EQ(text_at(file, 0, 4), "text");
    EXPECT_THROW(file.write_at(0, bytes("x")), Error);
  }));
}
#endif

}  // namespace
}  // namespace fsimage
