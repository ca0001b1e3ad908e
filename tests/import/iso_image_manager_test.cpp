#include "import/sample_volume.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/import/iso_image_manager.hpp>

#include <gtest/gtest.h>

#include <system_error>

namespace fsimage {
namespace {

std::shared_ptr<const ByteSource> sample_bytes(std::size_t more = 0) {
  test::SampleVolume volume;
  std::vector<std::byte> bytes(volume.bytes().begin(), volume.bytes().end());
  bytes.resize(bytes.size() + more);
  return std::make_shared<MemorySource>(std::move(bytes));
}

Reason reason_of(const IsoImageManager& manager) {
  return test::error_of([&] { manager.validate(); }).reason();
}

TEST(IsoImageManager, WhatWasSetLastCounts) {
  test::TempFolder in;
  const auto path = in.write("a.iso", "too short");
  IsoImageManager manager;
  EXPECT_EQ(manager.stream(), nullptr);
  manager.set_path(path);
  EXPECT_EQ(manager.path(), path);
  EXPECT_EQ(manager.stream()->size(), 9U);
  manager.set_stream(sample_bytes());
  EXPECT_EQ(manager.path(), "");
  EXPECT_NO_THROW(manager.validate());
  EXPECT_THROW(manager.set_path(in / "none"), std::system_error);
  EXPECT_NO_THROW(manager.validate()) << "what was there stays";
}

TEST(IsoImageManager, WhatIsNoImage) {
  IsoImageManager manager;
  EXPECT_EQ(reason_of(manager), Reason::no_image);
  manager.set_stream(sample_bytes(1));
  EXPECT_EQ(reason_of(manager), Reason::image_not_aligned);
  manager.set_stream(std::make_shared<ZeroSource>(1 << 20));
  EXPECT_EQ(reason_of(manager), Reason::image_without_volume);
  manager.set_stream(std::make_shared<ZeroSource>(0));
  EXPECT_EQ(reason_of(manager), Reason::image_without_volume);
  constexpr auto kMost = std::uint64_t{0x7FFF'FFFF} * kBlockSize;
  manager.set_stream(std::make_shared<ZeroSource>(kMost));
  EXPECT_EQ(reason_of(manager), Reason::image_without_volume);
  manager.set_stream(std::make_shared<ZeroSource>(kMost + kBlockSize));
  EXPECT_EQ(reason_of(manager), Reason::image_too_long);
}

}  // namespace
}  // namespace fsimage
