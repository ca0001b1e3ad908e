#include "support/byte_source_contract.hpp"
#include "support/child_process.hpp"
#include "support/deep_folders.hpp"
#include "support/error_of.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/io/open_file.hpp>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#endif

#include <filesystem>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;

std::string text_at(const OpenFile& file, std::uint64_t offset, std::size_t length) {
  std::string out(length, '?');
  file.read_at(offset, std::as_writable_bytes(std::span(out)));
  return out;
}

// Data in the 64 KiB pieces whose letters are not '.', holes elsewhere.
std::string write_sparse(const TempFolder& folder, std::string_view map) {
  constexpr std::size_t kPiece = 65536;
  const auto path = folder.write("sparse", "");
  std::filesystem::resize_file(path, map.size() * kPiece);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (map[i] == '.') continue;
    file.seekp(static_cast<std::streamoff>(i * kPiece));
    file << std::string(kPiece, map[i]);
  }
  return path;
}

TEST(OpenFile, ReadsAtAnyOffset) {
  const TempFolder folder;
  const auto path = folder.write("a", "0123456789");
  const auto file = OpenFile::open(path);
  EXPECT_EQ(file->path(), path);
  EXPECT_EQ(text_at(*file, 0, 10), "0123456789");
  EXPECT_EQ(text_at(*file, 7, 3), "789");
  EXPECT_EQ(text_at(*file, 10, 0), "");
}

TEST(OpenFile, EarlyEndIsAChangedSource) {
  const TempFolder folder;
  const auto path = folder.write("a", "0123456789");
  const auto file = OpenFile::open(path);
  const auto e = error_of([&] { text_at(*file, 8, 3); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, path);
}

TEST(OpenFile, SaysWhyItCannotOpen) {
  const TempFolder folder;
  const auto missing = error_of([&] { OpenFile::open(folder / "missing"); });
  EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(missing.where().path, folder / "missing");
  EXPECT_EQ(error_of([&] { OpenFile::open(folder.path().string()); }).code(), std::errc::is_a_directory);
#ifndef _WIN32
  EXPECT_EQ(error_of([&] { OpenFile::open("/dev/null"); }).code(), Errc::unsupported);
#endif
}

#ifndef _WIN32  // pipes and leases
TEST(OpenFile, DoesNotWaitForAWriterOfAFifo) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { OpenFile::open(folder / "fifo"); }).code(), Errc::unsupported);
}

// A file server holds a lease on a file that its client has open; the kernel asks it to let go. The signal ends this one.
TEST(OpenFile, WaitsForALease) {
  const TempFolder folder;
  const auto path = folder.write("a", "leased");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t server = ::fork();
  if (server == 0) {
    const int fd = ::open(path.c_str(), O_RDWR);
    const char granted = ::fcntl(fd, F_SETLEASE, F_WRLCK) == 0 ? 'y' : 'n';
    if (::write(ready[1], &granted, 1) == 1)
      for (;;) ::pause();
    ::_exit(0);
  }
  char granted = 'n';
  ASSERT_EQ(::read(ready[0], &granted, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  if (granted == 'y') {
    EXPECT_EQ(text_at(*OpenFile::open(path), 0, 6), "leased");
  } else {
    ::kill(server, SIGKILL);
  }
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  if (granted != 'y') GTEST_SKIP() << "no leases on this file system";
}
#endif

TEST(OpenFile, FingerprintFollowsTheFile) {
  const TempFolder folder;
  const auto path = folder.write("a", "12345");
  const auto file = OpenFile::open(path);
  const auto before = file->fingerprint();
  EXPECT_EQ(before.size, 5U);
  EXPECT_NE(before.inode, 0U);
  EXPECT_EQ(OpenFile::open(path)->fingerprint(), before);

  folder.write("a", "123456");
  EXPECT_EQ(file->fingerprint().size, 6U);
#ifndef _WIN32
  const struct timespec times[2] = {{1000000001, 5}, {1000000002, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_EQ(file->fingerprint().modified_ns, 1000000002123456789);
#endif
  EXPECT_NE(OpenFile::open(folder.write("b", "12345"))->fingerprint().inode, before.inode);
}

#ifndef _WIN32  // the system has no way to ask for it
TEST(OpenFile, LeavesTheAccessTimeAlone) {
  const TempFolder folder;
  const auto path = folder.write("a", "12345");
  const struct timespec times[2] = {{1000000000, 0}, {1100000000, 0}};  // older than the change: relatime would move it
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  text_at(*OpenFile::open(path), 0, 5);
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_atim.tv_sec, 1000000000);
}

TEST(OpenFile, ReadsFilesOfOthersWhereTheAccessTimeIsTheirs) {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const auto path = folder.write("a", "12345");
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  EXPECT_TRUE(test::passes_in_child([&] {
    test::give_up_root();
    EXPECT_EQ(text_at(*OpenFile::open(path), 0, 5), "12345");
  }));
}
#endif

#ifndef _WIN32  // a file has holes there only when it was made for them
TEST(OpenFile, TellsHolesFromData) {
  const TempFolder folder;
  constexpr std::uint64_t kPiece = 65536;
  const auto file = OpenFile::open(write_sparse(folder, "..aa.b.."));
  const auto stretch = [&](std::uint64_t offset) { return file->stretch_at(offset, 8 * kPiece); };
  EXPECT_TRUE(stretch(0).hole);
  EXPECT_EQ(stretch(0).length, 2 * kPiece);
  EXPECT_TRUE(stretch(kPiece + 1).hole);
  EXPECT_EQ(stretch(kPiece + 1).length, kPiece - 1);
  EXPECT_FALSE(stretch(2 * kPiece).hole);
  EXPECT_EQ(stretch(2 * kPiece).length, 2 * kPiece);
  EXPECT_EQ(stretch(3 * kPiece).length, kPiece);
  EXPECT_TRUE(stretch(4 * kPiece).hole);
  EXPECT_TRUE(stretch(6 * kPiece).hole);
  EXPECT_EQ(stretch(6 * kPiece).length, 2 * kPiece);
  EXPECT_EQ(stretch(8 * kPiece - 1).length, 1U);
  EXPECT_EQ(file->stretch_at(3 * kPiece, 3 * kPiece + 5).length, 5U) << "no further than the caller looks";
}
#endif

#ifndef _WIN32  // Wine tells nothing of holes
TEST(OpenFile, AHoleIsNotWhatWasCutOff) {
  const TempFolder folder;
  const auto path = folder.write("a", std::string(200000, 'x'));
  const auto file = OpenFile::open(path);
  std::filesystem::resize_file(path, 100000);
  EXPECT_EQ(error_of([&] { file->stretch_at(150000, 200000); }).code(), Errc::source_changed);
  EXPECT_FALSE(file->stretch_at(0, 200000).hole);
}
#endif

TEST(OpenFile, SparseFileKeepsTheSourceContract) {
  const TempFolder folder;
  const FileSource source(write_sparse(folder, ".a..bc.."));
  const auto z = std::string(65536, '\0');
  test::expect_byte_source(
      source, z + std::string(65536, 'a') + z + z + std::string(65536, 'b') + std::string(65536, 'c') + z + z);
}

TEST(OpenFile, HundredGibibytesOfHole) {
  const TempFolder folder;
  constexpr std::uint64_t kSize = std::uint64_t{100} << 30;
  const auto path = folder.write("a", "");
  test::lengthen(path, kSize);
  test::expect_byte_source(FileSource(path), ZeroSource(kSize));
}

#ifndef _WIN32  // see tests/wine
TEST(OpenFile, OpensPathsThatNoSystemCallTakes) {
  const TempFolder folder;
  const std::string name(255, 'd');
  std::string path = folder.path().string();
  test::make_deep_folders(path, name, 40, [&](int at, int level) {
    if (level == 40) test::write_at(at, "deep.txt", "deep");
  });
  for (int i = 0; i < 40; ++i) path += "/" + name;
  EXPECT_EQ(text_at(*OpenFile::open(path + "/deep.txt"), 0, 4), "deep");
  const auto e = error_of([&] { OpenFile::open(path + "/missing"); });
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, path + "/missing");
  EXPECT_EQ(error_of([&] { OpenFile::open("/" + std::string(10000, 'x') + "/y"); }).code(),
            std::errc::filename_too_long);
  test::remove_deep_folders(folder.path().string());
}
#endif

}  // namespace
}  // namespace fsimage
