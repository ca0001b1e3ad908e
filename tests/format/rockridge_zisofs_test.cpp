#include <fsimage/format/rockridge/zisofs.hpp>

#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fsimage::rockridge {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

SystemUseEntry entry(const std::vector<std::byte>& of) { return {load<SystemUseHeader>(of), of}; }

TEST(Zisofs, EntryOfTheFirstVersion) {
  const auto zf = bytes({'Z', 'F', 16, 1, 'p', 'z', 4, 15, 0x87, 0xD6, 0x12, 0, 0, 0x12, 0xD6, 0x87});
  const auto file = compressed_file(entry(zf));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size, 1'234'567U);
  EXPECT_TRUE(file->is_zlib());
}

TEST(Zisofs, EntryOfTheSecondVersionHas64Bits) {
  const auto zf = bytes({'Z', 'F', 16, 2, 'P', 'Z', 6, 17, 0x00, 0x80, 0xCA, 0x39, 0x61, 0x24, 0, 0});
  const auto file = compressed_file(entry(zf));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size, 0x246139CA8000U);
  EXPECT_TRUE(file->is_zlib());
  const auto other = bytes({'Z', '2', 16, 2, 'X', 'Z', 6, 17, 1, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_FALSE(compressed_file(entry(other))->is_zlib());
}

TEST(Zisofs, EntryThatIsTooShort) {
  const auto zf = bytes({'Z', 'F', 15, 1, 'p', 'z', 4, 15, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_FALSE(compressed_file(entry(zf)));
}

TEST(Zisofs, HeaderOfTheFirstVersion) {
  const auto form = zisofs_form(bytes({0x37, 0xE4, 0x53, 0x96, 0xC9, 0xDB, 0xD6, 0x07, 0x00, 0x80, 0, 0, 4, 15, 0, 0}));
  EXPECT_EQ(form.size, 32768U);
  EXPECT_EQ(form.header_bytes, 16U);
  EXPECT_EQ(form.block_size, 32768U);
  EXPECT_EQ(form.pointer_bytes, 4U);
}

TEST(Zisofs, HeaderOfTheSecondVersion) {
  const auto form = zisofs_form(
      bytes({0xEF, 0x22, 0x55, 0xA1, 0xBC, 0x1B, 0x95, 0xA0, 0, 6, 1, 20, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(form.size, 0x1'0000'0001U);
  EXPECT_EQ(form.header_bytes, 24U);
  EXPECT_EQ(form.block_size, 1U << 20);
  EXPECT_EQ(form.pointer_bytes, 8U);
  EXPECT_EQ(form.algorithm, kZisofs2Zlib);
}

TEST(Zisofs, HeadersThatCannotBeAreRefused) {
  const auto refused = [](std::initializer_list<int> head) {
    try {
      zisofs_form(bytes(head));
    } catch (const Error& e) {
      return e.code() == Errc::corrupt_structure && e.where().clause == "zisofs";
    }
    return false;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({'n', 'o', 't', ' ', 'a', 't', ' ', 'a', 'l', 'l', 0, 0, 4, 15, 0, 0}));
  EXPECT_TRUE(refused({0x37, 0xE4, 0x53, 0x96, 0xC9, 0xDB, 0xD6, 0x07, 0, 0x80, 0, 0, 4, 15, 0})) << "cut short";
  EXPECT_TRUE(refused({0x37, 0xE4, 0x53, 0x96, 0xC9, 0xDB, 0xD6, 0x07, 0, 0x80, 0, 0, 3, 15, 0, 0})) << "header of 12";
  for (const int exponent : {0, 14, 18, 32, 64, 255})
    EXPECT_TRUE(refused({0x37, 0xE4, 0x53, 0x96, 0xC9, 0xDB, 0xD6, 0x07, 0, 0x80, 0, 0, 4, exponent, 0, 0}))
        << exponent;
  for (const int exponent : {14, 21, 255})
    EXPECT_TRUE(refused(
        {0xEF, 0x22, 0x55, 0xA1, 0xBC, 0x1B, 0x95, 0xA0, 0, 6, 1, exponent, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}))
        << exponent;
}

}  // namespace
}  // namespace fsimage::rockridge
