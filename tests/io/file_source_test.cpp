#include "support/byte_source_contract.hpp"
#include "support/error_of.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/file_source.hpp>

#include <gtest/gtest.h>

#include <filesystem>

namespace fsimage {
namespace {

using test::Bytes;
using test::TempFolder;

TEST(FileSource, IsASourceOfItsBytes) {
  const TempFolder folder;
  for (const std::size_t size : {0U, 1U, 200'000U}) {
    const auto content = test::text_of(test::noise(size, 1));
    test::expect_byte_source(FileSource(folder.write("a", content)), content);
  }
}

#ifndef _WIN32  // a file has holes there only when it was made for them
TEST(FileSource, TellsDataFromHoles) {
  const TempFolder folder;
  const auto path = folder.write("a", std::string(65'536, 'x'));
  std::filesystem::resize_file(path, 1 << 20);
  const FileSource source(path);
  const auto data = source.run_at(100);
  EXPECT_EQ(data.kind, Run::Kind::file);
  EXPECT_EQ(data.length, 65'436U);
  EXPECT_EQ(data.file_offset, 100U);
  const auto hole = source.run_at(65'536);
  EXPECT_EQ(hole.kind, Run::Kind::zeros);
  EXPECT_EQ(hole.length, (1U << 20) - 65'536U);
}
#endif

TEST(FileSource, AFileThatShrinksIsNoticed) {
  const TempFolder folder;
  const auto path = folder.write("a", std::string(5000, 'x'));
  const FileSource source(path);
  std::filesystem::resize_file(path, 100);
  Bytes out(5000);
  const auto e = test::error_of([&] { source.read_at(0, out); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, path);
}

TEST(FileSource, AMissingFileIsNamed) {
  const TempFolder folder;
  const auto e = test::error_of([&] { const FileSource source(folder / "none"); });
  EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(e.where().path, folder / "none");
}

}  // namespace
}  // namespace fsimage
