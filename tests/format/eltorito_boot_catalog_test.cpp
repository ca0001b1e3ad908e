#include "format/udf_bytes.hpp"

#include <fsimage/format/eltorito/boot_catalog.hpp>

#include <gtest/gtest.h>

namespace fsimage::eltorito {
namespace {

using test::from_hex;

TEST(ElToritoBootCatalog, PositionsOfTheSpecification) {
  EXPECT_EQ(test::positions<ValidationEntry>(), (std::vector<std::size_t>{0, 1, 2, 4, 28, 30}));
  EXPECT_EQ(test::positions<BootEntry>(), (std::vector<std::size_t>{0, 1, 2, 4, 5, 6, 8, 12, 13}));
  EXPECT_EQ(test::positions<SectionHeader>(), (std::vector<std::size_t>{0, 1, 2, 4}));
  EXPECT_EQ(test::positions<EntryExtension>(), (std::vector<std::size_t>{0, 1, 2}));
}

// As genisoimage writes it.
TEST(ElToritoBootCatalog, ValidationEntry) {
  auto bytes =
      from_hex("01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 aa 55 55 aa");
  EXPECT_EQ(validation_fault(load<ValidationEntry>(bytes)), std::nullopt);
  for (const std::size_t at : {0U, 1U, 28U, 30U, 31U}) {
    auto damaged = bytes;
    damaged[at] ^= std::byte{4};
    EXPECT_NE(validation_fault(load<ValidationEntry>(damaged)), std::nullopt) << at;
  }
  EXPECT_NE(validation_fault(ValidationEntry{}), std::nullopt);
}

TEST(ElToritoBootCatalog, DefaultEntry) {
  const auto entry = load<BootEntry>(
      from_hex("88 24 00 00 00 00 04 00 3a 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
  EXPECT_EQ(entry.indicator, kBootable);
  EXPECT_EQ(entry.emulation(), BootMedia::hard_disk);
  EXPECT_TRUE(entry.extended());
  EXPECT_EQ(entry.sector_count.value(), 4U);
  EXPECT_EQ(entry.load_block.value(), 0x3AU);
  EXPECT_EQ(to_string(entry.emulation()), "hard disk");
  EXPECT_EQ(to_string(static_cast<BootMedia>(9)), "unknown");
  EXPECT_EQ(to_string(Platform::efi), "EFI");
  EXPECT_EQ(to_string(static_cast<Platform>(77)), "unknown");
}

}  // namespace
}  // namespace fsimage::eltorito
