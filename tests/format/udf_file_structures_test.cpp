#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/file_structures.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfFileStructures, PositionsOfTheStandard) {
  EXPECT_EQ(positions<FileSetDescriptor>(),
            (Positions{0, 16, 28, 30, 32, 36, 40, 44, 48, 112, 240, 304, 336, 368, 400, 416, 448, 464, 480}));
  EXPECT_EQ(positions<IcbTag>(), (Positions{0, 4, 6, 8, 10, 11, 12, 18}));
  EXPECT_EQ(positions<FileEntry>(),
            (Positions{0, 16, 36, 40, 44, 48, 50, 51, 52, 56, 64, 72, 84, 96, 108, 112, 128, 160, 168, 172}));
  EXPECT_EQ(positions<ExtendedFileEntry>(), (Positions{0,  16, 36,  40,  44,  48,  50,  51,  52,  56,  64,  72,
                                                       80, 92, 104, 116, 128, 132, 136, 152, 168, 200, 208, 212}));
  EXPECT_EQ(positions<FileIdentifierDescriptor>(), (Positions{0, 16, 18, 19, 20, 36}));
  EXPECT_EQ(positions<AllocationExtentDescriptor>(), (Positions{0, 16, 20}));
  EXPECT_EQ(positions<IndirectEntry>(), (Positions{0, 16, 36}));
  EXPECT_EQ(positions<TerminalEntry>(), (Positions{0, 16}));
  EXPECT_EQ(positions<UnallocatedSpaceEntry>(), (Positions{0, 16, 36}));
  EXPECT_EQ(positions<SpaceBitmapDescriptor>(), (Positions{0, 16, 20}));
}

TEST(UdfFileStructures, IcbTagBothWays) {
  constexpr auto kBytes = "00 00 00 00 04 00 00 00 01 00 00 04 00 00 00 00 00 00 43 00";
  const auto icb = from_hex_as<IcbTag>(kBytes);
  EXPECT_EQ(icb.strategy_type.value(), 4U);
  EXPECT_EQ(icb.max_entries.value(), 1U);
  EXPECT_EQ(static_cast<IcbFileType>(icb.file_type), IcbFileType::directory);
  EXPECT_EQ(allocation_form(icb.flags.value()), AllocationForm::embedded);
  EXPECT_EQ(hex(icb), kBytes);
}

TEST(UdfFileStructures, IdentifierOfADiscThatWindowsWrote) {
  const auto d = from_hex_as<FileIdentifierDescriptor>(
      "01 01 02 00 fb 00 00 00 92 3a 28 00 03 00 00 00 01 00 02 0f 00 08 00 00 04 00 00 00 00 00 00 00 10 00 00 00 00 "
      "00");
  EXPECT_EQ(d.version_number.value(), 1U);
  EXPECT_EQ(d.characteristics, kFidDirectory);
  EXPECT_EQ(d.identifier_length, 15);
  EXPECT_EQ(d.icb.length.value(), 2048U);
  EXPECT_EQ(d.icb.location.block.value(), 4U);
  EXPECT_EQ(d.icb.unique_id.value(), 16U);
  EXPECT_EQ(fid_size(d.implementation_use_length.value(), d.identifier_length), 56U);
}

TEST(UdfFileStructures, SizeOfAnIdentifierIsAMultipleOfFour) {
  EXPECT_EQ(fid_size(0, 0), 40U);
  EXPECT_EQ(fid_size(0, 2), 40U);
  EXPECT_EQ(fid_size(0, 3), 44U);
  EXPECT_EQ(fid_size(32, 255), 328U);
}

}  // namespace
}  // namespace fsimage::udf
