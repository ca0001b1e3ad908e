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

TEST(ElToritoBootCatalog, WhatIsWrittenIsSound) {
  const auto entry = validation_entry(0xEF, "fsimage");
  EXPECT_EQ(validation_fault(entry), std::nullopt);
  EXPECT_EQ(entry.platform, 0xEF);
  EXPECT_EQ(std::string_view(entry.identifier.data()), "fsimage");
  const auto bare = validation_entry(0, {});
  EXPECT_EQ(test::hex(bare),
            "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 aa 55 55 aa");
  const auto cut = validation_entry(0, std::string(40, 'x'));
  EXPECT_EQ(cut.identifier.back(), 'x');
  EXPECT_EQ(validation_fault(cut), std::nullopt);
  const auto header = section_header(0, std::string(40, 'y'), 3, true);
  EXPECT_EQ(header.indicator, kLastSection);
  EXPECT_EQ(header.entry_count.value(), 3U);
  EXPECT_EQ(header.identifier.back(), 'y');
  EXPECT_EQ(section_header(0, {}, 1, false).indicator, kSection);
}

TEST(ElToritoBootCatalog, Floppies) {
  EXPECT_EQ(floppy_bytes(BootMedia::floppy_1200), 1'228'800U);
  EXPECT_EQ(floppy_bytes(BootMedia::floppy_1440), 1'474'560U);
  EXPECT_EQ(floppy_bytes(BootMedia::floppy_2880), 2'949'120U);
  for (const auto media : {BootMedia::none, BootMedia::floppy_1200, BootMedia::floppy_1440, BootMedia::floppy_2880,
                           BootMedia::hard_disk}) {
    const auto bytes = floppy_bytes(media);
    EXPECT_EQ(floppy_of(bytes), media == BootMedia::hard_disk ? BootMedia::none : media);
    EXPECT_EQ(floppy_of(bytes + 1), BootMedia::none);
  }
}

}  // namespace
}  // namespace fsimage::eltorito
