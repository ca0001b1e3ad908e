#include "format/udf_bytes.hpp"

#include <fsimage/format/eltorito/boot_info_table.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace fsimage::eltorito {
namespace {

TEST(ElToritoBootInfoTable, PositionsOfTheConvention) {
  EXPECT_EQ(test::positions<BootInfoTable>(), (std::vector<std::size_t>{0, 4, 8, 12, 16}));
  EXPECT_EQ(kBootInfoAt + sizeof(BootInfoTable), kBootInfoEnd);
}

// The same sum whatever the pieces, with zeros for what is missing of the last word.
TEST(ElToritoBootInfoTable, Checksum) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 1027; ++i) bytes.push_back(static_cast<std::byte>(i * 37));
  auto padded = bytes;
  padded.resize(1028);
  std::uint32_t expected = 0;
  for (std::size_t i = 0; i < padded.size(); i += 4) expected += load<le32>(std::span(padded).subspan(i)).value();
  for (const std::size_t piece : {1U, 3U, 64U, 2000U}) {
    BootInfoChecksum sum;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      sum.update(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    EXPECT_EQ(sum.value(), expected) << piece;
  }
  EXPECT_EQ(BootInfoChecksum().value(), 0U);
}

TEST(ElToritoBootInfoTable, KnowsItsPlace) {
  BootInfoTable table{};
  table.primary = 16;
  table.image = 300;
  table.length = 64;
  EXPECT_TRUE(is_boot_info_table(table, 300));
  EXPECT_FALSE(is_boot_info_table(table, 301));
  table.length = 63;
  EXPECT_FALSE(is_boot_info_table(table, 300));
  table.length = 64;
  table.reserved[39] = std::byte{1};
  EXPECT_FALSE(is_boot_info_table(table, 300));
  EXPECT_FALSE(is_boot_info_table({}, 0));
}

}  // namespace
}  // namespace fsimage::eltorito
