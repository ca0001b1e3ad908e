#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/identifiers.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::hex;

TEST(UdfIdentifiers, Domain) {
  const auto id = domain_identifier(Revision::v1_02, kSoftWriteProtect);
  EXPECT_EQ(hex(id), "00 2a 4f 53 54 41 20 55 44 46 20 43 6f 6d 70 6c 69 61 6e 74 00 00 00 00 02 01 02 00 00 00 00 00");
  EXPECT_EQ(suffix_revision(id), 0x0102);
  EXPECT_TRUE(is(id, kDomain));
}

TEST(UdfIdentifiers, Udf) {
  EXPECT_EQ(hex(udf_identifier(kLvInfo, Revision::v2_60)),
            "00 2a 55 44 46 20 4c 56 20 49 6e 66 6f 00 00 00 00 00 00 00 00 00 00 00 60 02 04 00 00 00 00 00");
}

TEST(UdfIdentifiers, ImplementationIsTheSameOnEveryMachine) {
  EXPECT_EQ(hex(implementation_identifier()),
            "00 2a 66 73 69 6d 61 67 65 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00");
}

TEST(UdfIdentifiers, TextAndComparison) {
  const auto id = plain_identifier(kNsr02);
  EXPECT_EQ(identifier_text(id), "+NSR02");
  EXPECT_TRUE(is(id, "+NSR02"));
  EXPECT_FALSE(is(id, "+NSR0"));
  EXPECT_FALSE(is(id, "+NSR03"));
  EXPECT_FALSE(is(id, "+NSR02 and more than twenty-three"));
  EXPECT_EQ(identifier_text(EntityIdentifier{}), "");
  EXPECT_TRUE(is(plain_identifier(kMetadataPartition), kMetadataPartition));  // all 23 bytes
}

TEST(UdfIdentifiers, TooLong) {
  EXPECT_NO_THROW(plain_identifier("12345678901234567890123"));
  try {
    plain_identifier("123456789012345678901234");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::too_large);
  }
}

TEST(UdfRevision, DescriptorVersion) {
  EXPECT_EQ(descriptor_version(Revision::v1_02), 2);
  EXPECT_EQ(descriptor_version(Revision::v1_50), 2);
  EXPECT_EQ(descriptor_version(Revision::v2_00), 3);
  EXPECT_EQ(descriptor_version(Revision::v2_60), 3);
}

}  // namespace
}  // namespace fsimage::udf
