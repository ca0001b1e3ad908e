#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/volume_descriptors.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfVolumeDescriptors, PositionsOfTheStandard) {
  EXPECT_EQ(positions<VolumeStructureDescriptor>(), (Positions{0, 1, 6, 7}));
  EXPECT_EQ(positions<AnchorVolumeDescriptorPointer>(), (Positions{0, 16, 24, 32}));
  EXPECT_EQ(positions<PrimaryVolumeDescriptor>(), (Positions{0,   16,  20,  24,  56,  58,  60,  62,  64,  68,  72,
                                                             200, 264, 328, 336, 344, 376, 388, 420, 484, 488, 490}));
  EXPECT_EQ(positions<VolumeDescriptorPointer>(), (Positions{0, 16, 20, 28}));
  EXPECT_EQ(positions<ImplementationUseVolumeDescriptor>(), (Positions{0, 16, 20, 52, 116, 244, 280, 316, 352, 384}));
  EXPECT_EQ(positions<PartitionHeaderDescriptor>(), (Positions{0, 8, 16, 24, 32, 40}));
  EXPECT_EQ(positions<PartitionDescriptor>(), (Positions{0, 16, 20, 22, 24, 56, 184, 188, 192, 196, 228, 356}));
  EXPECT_EQ(positions<LogicalVolumeDescriptor>(), (Positions{0, 16, 20, 84, 212, 216, 248, 264, 268, 272, 304, 432}));
  EXPECT_EQ(positions<UnallocatedSpaceDescriptor>(), (Positions{0, 16, 20}));
  EXPECT_EQ(positions<TerminatingDescriptor>(), (Positions{0, 16}));
}

TEST(UdfVolumeDescriptors, AnchorOfADiscThatWindowsWrote) {
  const auto a = from_hex_as<AnchorVolumeDescriptorPointer>(
      "02 00 02 00 df 00 00 00 c8 21 f0 01 00 01 00 00 00 80 00 00 20 00 00 00 00 80 00 00 76 01 00 00");
  EXPECT_EQ(a.tag.location.value(), 256U);
  EXPECT_EQ(a.main_sequence.length.value(), 32768U);
  EXPECT_EQ(a.main_sequence.location.value(), 32U);
  EXPECT_EQ(a.reserve_sequence.length.value(), 32768U);
  EXPECT_EQ(a.reserve_sequence.location.value(), 374U);
}

TEST(UdfVolumeDescriptors, PartitionBothWays) {
  PartitionDescriptor d{};
  d.access_type = static_cast<std::uint32_t>(AccessType::read_only);
  d.starting_location = 288U;
  d.length = 86U;
  EXPECT_EQ(hex(bytes_of(d).subspan(184, 12)), "01 00 00 00 20 01 00 00 56 00 00 00");
}

TEST(UdfVolumeDescriptors, DumpDescendsAndCites) {
  LogicalVolumeDescriptor d{};
  d.integrity_sequence.location = 64U;
  const auto rows = describe_fields(wire_rows<decltype(d)>, bytes_of(d));
  EXPECT_EQ(rows.back().name, "extent location");
  EXPECT_EQ(rows.back().clause, "ECMA-167 3/7.1.2");
  EXPECT_EQ(rows.back().offset, 436U);
  EXPECT_EQ(rows.back().value, "64 (0x40)");
}

}  // namespace
}  // namespace fsimage::udf
