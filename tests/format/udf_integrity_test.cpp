#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/integrity.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfIntegrity, PositionsOfTheStandard) {
  EXPECT_EQ(positions<LogicalVolumeIntegrityDescriptor>(), (Positions{0, 16, 28, 32, 40, 48, 72, 76}));
  EXPECT_EQ(positions<IntegrityImplementationUse>(), (Positions{0, 32, 36, 40, 42, 44}));
}

TEST(UdfIntegrity, HeadOfADiscThatWindowsWrote) {
  const auto d = from_hex_as<LogicalVolumeIntegrityDescriptor>("09 00 02 00 da 00 00 00 12 07 76 00 40 00 00 00");
  EXPECT_EQ(d.tag.location.value(), 64U);
  // One partition: two table entries, and the implementation use behind them.
  EXPECT_EQ(d.tag.crc_length.value(),
            sizeof d + 2 * sizeof(le32) + sizeof(IntegrityImplementationUse) - sizeof(DescriptorTag));
}

TEST(UdfIntegrity, ImplementationUseBothWays) {
  IntegrityImplementationUse u{};
  u.file_count = 26U;
  u.directory_count = 2U;
  u.min_read_revision = std::uint16_t{0x0102};
  u.min_write_revision = std::uint16_t{0x0150};
  u.max_write_revision = std::uint16_t{0x0201};
  EXPECT_EQ(hex(bytes_of(u).subspan(32)), "1a 00 00 00 02 00 00 00 02 01 50 01 01 02");
}

}  // namespace
}  // namespace fsimage::udf
