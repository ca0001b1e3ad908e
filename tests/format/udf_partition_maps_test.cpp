#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/partition_maps.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex_as;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

TEST(UdfPartitionMaps, PositionsOfTheStandard) {
  EXPECT_EQ(positions<PartitionMapHeader>(), (Positions{0, 1}));
  EXPECT_EQ(positions<Type1PartitionMap>(), (Positions{0, 2, 4}));
  EXPECT_EQ(positions<Type2PartitionMap>(), (Positions{0, 2, 4, 36, 38, 40}));
  EXPECT_EQ(positions<SparableMapFields>(), (Positions{0, 2, 3, 4, 8}));
  EXPECT_EQ(positions<MetadataMapFields>(), (Positions{0, 4, 8, 12, 16, 18, 19}));
  EXPECT_EQ(positions<SparingTable>(), (Positions{0, 16, 48, 50, 52}));
  EXPECT_EQ(positions<SparingEntry>(), (Positions{0, 4}));
  EXPECT_EQ(positions<VatTrailer>(), (Positions{0, 32}));
  EXPECT_EQ(positions<VatHeader>(), (Positions{0, 2, 4, 132, 136, 140, 144, 146, 148, 150}));
  EXPECT_EQ(positions<VatExtension>(), (Positions{0, 2, 10, 14, 18}));
}

TEST(UdfPartitionMaps, Type1BothWays) {
  const auto m = from_hex_as<Type1PartitionMap>("01 06 01 00 00 20");
  EXPECT_EQ(m.header.type, 1);
  EXPECT_EQ(m.header.length, 6);
  EXPECT_EQ(m.volume_sequence_number.value(), 1U);
  EXPECT_EQ(m.partition_number.value(), 8192U);
  EXPECT_EQ(hex(m), "01 06 01 00 00 20");
}

TEST(UdfPartitionMaps, FieldsThatDependOnTheType) {
  Type2PartitionMap map{};
  map.header = {2, sizeof map};
  map.type_identifier = udf_identifier(kMetadataPartition, Revision::v2_50);
  const auto fields =
      from_hex_as<MetadataMapFields>("01 00 00 00 02 00 00 00 ff ff ff ff 20 00 00 00 10 00 01 00 00 00 00 00");
  store(std::span(map.specific), fields);
  EXPECT_EQ(hex(bytes_of(map).first(2)), "02 40");
  EXPECT_TRUE(is(map.type_identifier, kMetadataPartition));
  const auto again = load<MetadataMapFields>(map.specific);
  EXPECT_EQ(again.metadata_file.value(), 1U);
  EXPECT_EQ(again.mirror_file.value(), 2U);
  EXPECT_EQ(again.bitmap_file.value(), 0xFFFFFFFFU);
  EXPECT_EQ(again.allocation_unit_size.value(), 32U);
  EXPECT_EQ(again.alignment_unit_size.value(), 16U);
  EXPECT_EQ(again.flags, 1);
}

}  // namespace
}  // namespace fsimage::udf
