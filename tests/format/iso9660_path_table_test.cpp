#include "format/udf_bytes.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/iso9660/path_table.hpp>

#include <gtest/gtest.h>

namespace fsimage::iso9660 {
namespace {

using test::error_of;
using test::from_hex;
using test::hex;
using Bytes = std::vector<std::byte>;

Bytes encoded(const PathTableEntry& e, PathTableType type) {
  Bytes out(512);
  Sink sink{std::span(out)};
  encode(e, type, sink);
  out.resize(sink.size());
  return out;
}

TEST(Iso9660PathTable, PositionsOfTheStandard) {
  EXPECT_EQ(test::positions<PathTableRecordL>(), (std::vector<std::size_t>{0, 1, 2, 6}));
  EXPECT_EQ(test::positions<PathTableRecordM>(), (std::vector<std::size_t>{0, 1, 2, 6}));
}

TEST(Iso9660PathTable, BothByteOrders) {
  const auto id = from_hex("41 42 43");
  const PathTableEntry e{Lba{0x01020304}, 0xFEFF, id};
  EXPECT_EQ(hex(encoded(e, PathTableType::l)), "03 00 04 03 02 01 ff fe 41 42 43 00");
  EXPECT_EQ(hex(encoded(e, PathTableType::m)), "03 00 01 02 03 04 fe ff 41 42 43 00");
}

TEST(Iso9660PathTable, ExtendedAttributeRecords) {
  const auto id = from_hex("41 42");
  const auto table = encoded({Lba{9}, 1, id, 3}, PathTableType::l);
  EXPECT_EQ(hex(table), "02 03 09 00 00 00 01 00 41 42");
  EXPECT_EQ(PathTableRecords(table, PathTableType::l).next()->extended_attribute_length, 3);
}

TEST(Iso9660PathTable, RootAndEvenIdentifiers) {
  const auto root = from_hex("00"), even = from_hex("41 42");
  EXPECT_EQ(hex(encoded({Lba{20}, 1, root}, PathTableType::l)), "01 00 14 00 00 00 01 00 00 00");
  EXPECT_EQ(hex(encoded({Lba{20}, 1, even}, PathTableType::l)), "02 00 14 00 00 00 01 00 41 42");
}

TEST(Iso9660PathTable, LongestIdentifier) {
  const Bytes most(255, std::byte{'X'}), more(256, std::byte{'X'});
  EXPECT_EQ(encoded({Lba{1}, 1, most}, PathTableType::l).size(), 264U);
  EXPECT_EQ(error_of([&] { encoded({Lba{1}, 1, more}, PathTableType::l); }).code(), Errc::too_large);
}

TEST(Iso9660PathTable, Walks) {
  for (const auto type : {PathTableType::l, PathTableType::m}) {
    const auto root = from_hex("00"), even = from_hex("41 42");
    auto table = encoded({Lba{20}, 1, root}, type);
    const auto second = encoded({Lba{0xFFFFFFF0}, 65535, even}, type);
    table.insert(table.end(), second.begin(), second.end());
    PathTableRecords records(table, type);
    const auto a = records.next(), b = records.next();
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->extent, Lba{20});
    EXPECT_EQ(a->parent, 1);
    EXPECT_EQ(hex(a->identifier), "00");
    EXPECT_EQ(b->extent, Lba{0xFFFFFFF0});
    EXPECT_EQ(b->parent, 65535);
    EXPECT_EQ(hex(b->identifier), "41 42");
    EXPECT_EQ(records.next().has_value(), false);
  }
}

TEST(Iso9660PathTable, EndsAtABrokenRecord) {
  for (const char* table : {"01 00 14 00 00 00 01", "00 00 14 00 00 00 01 00", "03 00 14 00 00 00 01 00 41 42"}) {
    const auto broken = from_hex(table);
    PathTableRecords records(broken, PathTableType::l);
    EXPECT_EQ(error_of([&] { records.next(); }).code(), Errc::corrupt_structure) << table;
    EXPECT_EQ(records.next().has_value(), false);
  }
  // The padding of the last record is what writers forget.
  const auto unpadded = from_hex("01 00 14 00 00 00 01 00 41");
  PathTableRecords records(unpadded, PathTableType::l);
  EXPECT_TRUE(records.next());
  EXPECT_EQ(records.next().has_value(), false);
}

}  // namespace
}  // namespace fsimage::iso9660
