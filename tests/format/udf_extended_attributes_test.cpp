#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/extended_attributes.hpp>
#include <fsimage/format/udf/identifiers.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfExtendedAttributes, PositionsOfTheStandard) {
  EXPECT_EQ(positions<ExtendedAttributeHeaderDescriptor>(), (Positions{0, 16, 20}));
  EXPECT_EQ(positions<AttributeHeader>(), (Positions{0, 4, 5, 8}));
  EXPECT_EQ(positions<UseAttribute>(), (Positions{0, 12, 16}));
  EXPECT_EQ(positions<FileTimesAttribute>(), (Positions{0, 12, 16}));
  EXPECT_EQ(positions<DeviceSpecificationAttribute>(), (Positions{0, 12, 16, 20}));
}

TEST(UdfExtendedAttributes, DeviceBothWays) {
  constexpr auto kBytes = "0c 00 00 00 01 00 00 00 38 00 00 00 20 00 00 00 03 01 00 00 2c 01 00 00";
  const auto a = from_hex_as<DeviceSpecificationAttribute>(kBytes);
  EXPECT_EQ(static_cast<AttributeType>(a.header.type.value()), AttributeType::device_specification);
  EXPECT_EQ(a.header.length.value(), 56U);
  EXPECT_EQ(a.use_length.value(), 32U);
  EXPECT_EQ(a.major.value(), 259U);
  EXPECT_EQ(a.minor.value(), 300U);
  EXPECT_EQ(hex(a), kBytes);
}

TEST(UdfExtendedAttributes, ChecksumIsTheSumOfTheBytesBefore) {
  UseAttribute a{};
  EXPECT_EQ(attribute_checksum(a), 0);
  a.header.type = static_cast<std::uint32_t>(AttributeType::implementation_use);  // 00 08
  a.header.subtype = 1;
  a.header.length = 0x0304U;
  a.identifier.identifier[0] = std::byte{0xFF};
  EXPECT_EQ(attribute_checksum(a), 8 + 1 + 3 + 4 + 0xFF);
}

}  // namespace
}  // namespace fsimage::udf
