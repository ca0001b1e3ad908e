#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace fsimage::udf {
namespace {

using test::from_hex;
using test::hex;
using Kind = TagFault::Kind;

// An anchor of a disc that Windows wrote: main sequence at 32, reserve at 374.
std::vector<std::byte> anchor() {
  auto bytes = from_hex("00000000000000000000000000000000 00800000 20000000 00800000 76010000");
  bytes.resize(512);
  return bytes;
}

TEST(UdfTag, SealsAsRealDiscsAreSealed) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 2);
  EXPECT_EQ(hex(std::span(bytes).first(16)), "02 00 02 00 df 00 00 00 c8 21 f0 01 00 01 00 00");
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 639, 2);
  EXPECT_EQ(hex(std::span(bytes).first(16)), "02 00 02 00 5f 00 00 00 c8 21 f0 01 7f 02 00 00");
  EXPECT_FALSE(check_tag(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 639));
}

TEST(UdfTag, RelocateIsSealElsewhere) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 0, 2);
  auto tag = load<DescriptorTag>(bytes);
  relocate(tag, 639);
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 639, 2);
  EXPECT_EQ(hex(tag), hex(std::span(bytes).first(16)));
}

struct Identifiers {
  const char* name;
  const char* bytes;
};
class UdfTagOfIdentifier : public ::testing::TestWithParam<Identifiers> {};

// File identifiers of the same disc, from byte 0: the whole descriptor.
TEST_P(UdfTagOfIdentifier, SealedAgain) {
  const auto real = from_hex(GetParam().bytes);
  auto again = real;
  std::fill_n(again.begin(), 16, std::byte{0});
  seal(again, TagIdentifier::file_identifier_descriptor, 3, 2);
  EXPECT_EQ(hex(again), hex(real));
  EXPECT_FALSE(check_tag(real, TagIdentifier::file_identifier_descriptor, 3));
}

INSTANTIATE_TEST_SUITE_P(
    Ecma167_4_14_4, UdfTagOfIdentifier,
    ::testing::Values(Identifiers{"parent",
                                  "01 01 02 00 c8 00 00 00 47 62 18 00 03 00 00 00 | 01 00 0a 00 | "
                                  "00 08 00 00 02 00 00 00 00 00 00 00 00 00 00 00 | 00 00 | 00 00"},
                      Identifiers{
                          "scripts",
                          "01 01 02 00 fb 00 00 00 92 3a 28 00 03 00 00 00 01 00 02 0f 00 08 00 00 04 00 00 00 00 00 "
                          "00 00 10 00 00 00 00 00 10 00 73 00 63 00 72 00 69 00 70 00 74 00 73 00 00 00"}),
    [](const auto& i) { return i.param.name; });

struct Damage {
  const char* name;
  std::size_t at;  // byte that is changed
  Kind kind;
  const char* clause;
  bool new_checksum;  // the tag's checksum is made right again
};
class UdfTagDamage : public ::testing::TestWithParam<Damage> {};

TEST_P(UdfTagDamage, IsNamed) {
  const auto& p = GetParam();
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 2);
  bytes[p.at] ^= std::byte{0x10};
  if (p.new_checksum) {
    auto tag = load<DescriptorTag>(bytes);
    tag.checksum = tag_checksum(tag);
    store(bytes, tag);
  }
  const auto fault = check_tag(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, p.kind);
  EXPECT_EQ(fault->clause, p.clause);
  EXPECT_NE(fault->text, "");
}

INSTANTIATE_TEST_SUITE_P(Ecma167_3_7_2, UdfTagDamage,
                         ::testing::Values(Damage{"checksum_itself", 4, Kind::checksum, "ECMA-167 3/7.2.3", false},
                                           Damage{"reserved_byte", 5, Kind::checksum, "ECMA-167 3/7.2.3", false},
                                           Damage{"identifier", 0, Kind::identifier, "ECMA-167 3/7.2.1", true},
                                           Damage{"version", 2, Kind::version, "ECMA-167 3/7.2.2", true},
                                           Damage{"crc_length", 11, Kind::crc_length, "ECMA-167 3/7.2.7", true},
                                           Damage{"crc", 8, Kind::crc, "ECMA-167 3/7.2.6", true},
                                           Damage{"first_byte_behind_the_tag", 16, Kind::crc, "ECMA-167 3/7.2.6",
                                                  false},
                                           Damage{"last_byte", 511, Kind::crc, "ECMA-167 3/7.2.6", false},
                                           Damage{"location", 12, Kind::location, "ECMA-167 3/7.2.8", true}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfTag, EveryOneBitOfATagIsNoticed) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 2);
  for (std::size_t bit = 0; bit < 16 * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_TRUE(check_tag(damaged)) << bit;
  }
}

TEST(UdfTag, WhatIsNotGivenIsNotCompared) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 3);
  EXPECT_FALSE(check_tag(bytes));
  EXPECT_FALSE(check_tag(bytes, {}, 256));
  EXPECT_TRUE(check_tag(bytes, {}, 257));
  EXPECT_TRUE(check_tag(bytes, TagIdentifier::file_entry));
}

TEST(UdfTag, CutShort) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 2);
  EXPECT_EQ(check_tag(std::span(bytes).first(15))->kind, Kind::cut_short);
  EXPECT_EQ(check_tag(std::span(bytes).first(511))->kind, Kind::crc_length);
  EXPECT_FALSE(check_tag(std::span(bytes).first(512)));
}

TEST(UdfTag, WithoutACrcNothingIsCovered) {
  auto bytes = anchor();
  seal(std::span(bytes).first(16), TagIdentifier::space_bitmap_descriptor, 7, 2);
  bytes[100] = std::byte{1};
  EXPECT_FALSE(check_tag(bytes, TagIdentifier::space_bitmap_descriptor, 7));
}

TEST(UdfTag, RequireThrowsWithWhereAndClause) {
  auto bytes = anchor();
  seal(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256, 2);
  EXPECT_NO_THROW(require_tag(bytes, TagIdentifier::anchor_volume_descriptor_pointer, 256));
  try {
    require_tag(bytes, TagIdentifier::file_entry, 256, {.path = "/a", .lba = Lba{256}, .clause = {}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::corrupt_structure);
    EXPECT_EQ(e.where().path, "/a");
    EXPECT_EQ(e.where().lba, Lba{256});
    EXPECT_EQ(e.where().clause, "ECMA-167 3/7.2.1");
    EXPECT_EQ(e.message(), "anchor volume descriptor pointer where a file entry belongs");
  }
}

TEST(UdfTag, LimitsOfSealing) {
  std::vector<std::byte> bytes(16 + 0xFFFF);
  EXPECT_NO_THROW(seal(bytes, TagIdentifier::space_bitmap_descriptor, 0, 2));
  EXPECT_FALSE(check_tag(bytes));
  bytes.push_back({});
  EXPECT_THROW(seal(bytes, TagIdentifier::space_bitmap_descriptor, 0, 2), Error);
  EXPECT_THROW(seal(std::span(bytes).first(15), TagIdentifier::space_bitmap_descriptor, 0, 2), std::logic_error);
}

TEST(UdfTag, NamesOfDescriptors) {
  EXPECT_EQ(to_string(TagIdentifier::extended_file_entry), "extended file entry");
  EXPECT_EQ(to_string(static_cast<TagIdentifier>(10)), "unknown descriptor");
}

}  // namespace
}  // namespace fsimage::udf
