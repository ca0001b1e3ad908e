#include "format/udf_bytes.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <gtest/gtest.h>

namespace fsimage::iso9660 {
namespace {

using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;

const Positions kVolumeDescriptor{0,   7,   8,   40,  72,  80,  88,  120, 124, 128, 132, 140, 144, 148, 152, 156,
                                  190, 318, 446, 574, 702, 739, 776, 813, 830, 847, 864, 881, 882, 883, 1395};

TEST(Iso9660VolumeDescriptor, PositionsOfTheStandard) {
  EXPECT_EQ(positions<VolumeDescriptorHeader>(), (Positions{0, 1, 6}));
  EXPECT_EQ(positions<RootDirectoryRecord>(), (Positions{0, 33}));
  EXPECT_EQ(positions<PrimaryVolumeDescriptor>(), kVolumeDescriptor);
  EXPECT_EQ(positions<SupplementaryVolumeDescriptor>(), kVolumeDescriptor);
  EXPECT_EQ(positions<VolumeDescriptorSetTerminator>(), (Positions{0, 7}));
  EXPECT_EQ(positions<BootRecord>(), (Positions{0, 7, 39, 71}));
}

TEST(Iso9660VolumeDescriptor, NumbersOfBothByteOrders) {
  PrimaryVolumeDescriptor d{};
  d.header = descriptor_header(DescriptorType::primary);
  d.volume_space_size = 0x01020304;
  d.logical_block_size = kBlockSize;
  d.path_table_size = 0xFFFFFFFF;
  d.type_l_path_table = 0x01020304U;
  d.type_m_path_table = 0x01020304U;
  const auto all = bytes_of(d);
  EXPECT_EQ(hex(all.first(8)), "01 43 44 30 30 31 01 00");
  EXPECT_EQ(hex(all.subspan(80, 8)), "04 03 02 01 01 02 03 04");
  EXPECT_EQ(hex(all.subspan(128, 4)), "00 08 08 00");
  EXPECT_EQ(hex(all.subspan(132, 12)), "ff ff ff ff ff ff ff ff 04 03 02 01");
  EXPECT_EQ(hex(all.subspan(148, 4)), "01 02 03 04");
  EXPECT_EQ(load<PrimaryVolumeDescriptor>(all).volume_space_size.value(), 0x01020304U);
}

TEST(Iso9660VolumeDescriptor, EnhancedIsASupplementaryOfVersion2) {
  const auto h = descriptor_header(DescriptorType::supplementary, 2);
  EXPECT_EQ(hex(h), "02 43 44 30 30 31 02");
}

TEST(Iso9660VolumeDescriptor, Terminator) {
  const auto t = volume_descriptor_set_terminator();
  EXPECT_EQ(hex(bytes_of(t).first(8)), "ff 43 44 30 30 31 01 00");
  for (const auto b : t.reserved) EXPECT_EQ(b, std::byte{0});
}

TEST(Iso9660VolumeDescriptor, FoundInASector) {
  const auto t = volume_descriptor_set_terminator();
  const auto header = descriptor_in(bytes_of(t));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind(), DescriptorType::terminator);
  EXPECT_EQ(descriptor_in(bytes_of(t).first(2047)).has_value(), false);
  auto other = t;
  other.header.standard_identifier[4] = '2';
  EXPECT_EQ(descriptor_in(bytes_of(other)).has_value(), false);
}

TEST(Iso9660VolumeDescriptor, TextWithoutPadding) {
  const std::array<char, 8> spaces{'A', ' ', 'B', ' ', ' ', ' ', ' ', ' '}, zeros{'A', '\0', '\0', ' '};
  EXPECT_EQ(trimmed(spaces), "A B");
  EXPECT_EQ(trimmed(zeros), "A");
  EXPECT_EQ(trimmed(std::array<char, 2>{' ', ' '}), "");
}

TEST(Iso9660VolumeDescriptor, DumpCitesClauses) {
  PrimaryVolumeDescriptor d{};
  d.volume_space_size.le = 1U;
  const auto rows = describe_fields(wire_rows<decltype(d)>, bytes_of(d));
  const auto find = [&](std::string_view name) {
    for (const auto& r : rows)
      if (r.name == name) return r;
    return FieldText{};
  };
  EXPECT_EQ(find("volume space size").clause, "ECMA-119 8.4.8");
  EXPECT_EQ(find("volume space size").value, "1 (big-endian half 0)");
  EXPECT_EQ(find("location of extent").offset, 158U);  // of the root's record, inside
  EXPECT_EQ(find("location of extent").clause, "ECMA-119 9.1.3");
}

}  // namespace
}  // namespace fsimage::iso9660
