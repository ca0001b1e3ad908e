#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/primitives.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfPrimitives, PositionsOfTheStandard) {
  EXPECT_EQ(positions<DescriptorTag>(), (Positions{0, 2, 4, 5, 6, 8, 10, 12}));
  EXPECT_EQ(positions<EntityIdentifier>(), (Positions{0, 1, 24}));
  EXPECT_EQ(positions<CharSpec>(), (Positions{0, 1}));
  EXPECT_EQ(positions<WireTimestamp>(), (Positions{0, 2, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(positions<ExtentDescriptor>(), (Positions{0, 4}));
  EXPECT_EQ(positions<RecordedAddress>(), (Positions{0, 4}));
  EXPECT_EQ(positions<ShortAllocationDescriptor>(), (Positions{0, 4}));
  EXPECT_EQ(positions<LongAllocationDescriptor>(), (Positions{0, 4, 10, 12}));
  EXPECT_EQ(positions<ExtendedAllocationDescriptor>(), (Positions{0, 4, 8, 12, 18}));
}

TEST(UdfPrimitives, LongAllocationDescriptorBothWays) {
  constexpr auto kBytes = "00 08 00 40 04 03 02 01 06 05 01 00 0d 0c 0b 0a";
  const auto d = from_hex_as<LongAllocationDescriptor>(kBytes);
  EXPECT_EQ(extent_type(d.length.value()), ExtentType::allocated);
  EXPECT_EQ(extent_length(d.length.value()), 2048U);
  EXPECT_EQ(d.location.block.value(), 0x01020304U);
  EXPECT_EQ(d.location.partition_reference.value(), 0x0506U);
  EXPECT_EQ(d.flags.value(), 1U);
  EXPECT_EQ(d.unique_id.value(), 0x0a0b0c0dU);
  EXPECT_EQ(hex(d), kBytes);
}

TEST(UdfPrimitives, ExtentLengthAndType) {
  for (const auto type : {ExtentType::recorded, ExtentType::allocated, ExtentType::hole, ExtentType::continuation}) {
    const auto field = extent_length_field(type, kMaxExtentLength);
    EXPECT_EQ(extent_type(field), type);
    EXPECT_EQ(extent_length(field), kMaxExtentLength);
  }
  EXPECT_EQ(kMaxExtentLength % 2048, 0U);
  EXPECT_EQ(extent_length(kMaxExtentLength + 2048), 0U);  // one block more runs into the type
}

TEST(UdfPrimitives, DumpOfADString) {
  DString<8> s{};
  EXPECT_EQ(s.describe(), "\"\"");
  s.bytes = {std::byte{8}, std::byte{'h'}, std::byte{'\n'}, {}, {}, {}, {}, std::byte{3}};
  EXPECT_EQ(s.describe(), "\"h\\x0a\"");
  s.bytes[0] = std::byte{7};
  EXPECT_EQ(s.describe(), "07680a0000000003");
}

}  // namespace
}  // namespace fsimage::udf
