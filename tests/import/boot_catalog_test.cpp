// Boot catalogs as they lie on discs, and as they should not.
#include "sample_volume.hpp"

#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/import/volume_info.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

constexpr Lba kCatalog{40};  // unused between the descriptors and block 64

// A sample with a boot record behind its descriptors.
class BootSample {
 public:
  BootSample() {
    Lba terminator{16};
    while (std::to_integer<int>(volume_.block(terminator)[0]) != 255) terminator = terminator + BlockCount{1};
    std::ranges::copy(volume_.block(terminator), volume_.block(terminator + BlockCount{1}).begin());
    std::ranges::fill(volume_.block(terminator), std::byte{});
    iso9660::BootRecord record{};
    record.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
    constexpr std::string_view kElTorito = "EL TORITO SPECIFICATION";
    std::ranges::copy(kElTorito, record.boot_system_identifier.begin());
    store(std::span(record.boot_system_use), le32{kCatalog.value});
    store(volume_.block(terminator), record);
    std::ranges::fill(volume_.block(kCatalog), std::byte{});
    eltorito::ValidationEntry validation{};
    validation.header_id = 1;
    validation.key = {0x55, 0xAA};
    validation.checksum = static_cast<std::uint16_t>(0 - 1 - 0xAA55);
    put(0, validation);
  }
  template <class T>
  void put(std::size_t entry, const T& value) {
    store(catalog().subspan(entry * eltorito::kEntrySize), value);
  }
  std::span<std::byte> catalog() { return volume_.block(kCatalog); }
  SampleVolume& volume() { return volume_; }
  VolumesInfo info() const { return describe_volumes(*volume_.source()); }

 private:
  SampleVolume volume_;
};

eltorito::BootEntry boot_entry(std::uint32_t block, std::uint8_t media = 0) {
  eltorito::BootEntry entry{};
  entry.indicator = eltorito::kBootable;
  entry.media = media;
  entry.sector_count = std::uint16_t{4};
  entry.load_block = block;
  return entry;
}

bool tells(const VolumesInfo& info, std::string_view text) {
  return std::ranges::any_of(info.findings,
                             [&](const Finding& f) { return located_text(f).find(text) != std::string::npos; });
}

TEST(BootCatalog, DefaultEntryAndSections) {
  BootSample sample;
  sample.put(1, boot_entry(300));
  eltorito::SectionHeader efi{};
  efi.indicator = eltorito::kLastSection;
  efi.platform = 0xEF;
  efi.entry_count = std::uint16_t{2};
  sample.put(2, efi);
  sample.put(3, boot_entry(301, 0x20));
  eltorito::EntryExtension extension{};
  extension.indicator = eltorito::kExtension;
  sample.put(4, extension);
  sample.put(5, boot_entry(302, 4));
  const auto info = sample.info();
  ASSERT_TRUE(info.boot);
  EXPECT_EQ(info.boot->catalog, kCatalog);
  ASSERT_EQ(info.boot->images.size(), 3U);
  EXPECT_EQ(info.boot->images[0].platform, "x86");
  EXPECT_EQ(info.boot->images[1].platform, "EFI");
  EXPECT_EQ(info.boot->images[2].emulation, "hard disk");
  EXPECT_EQ(info.boot->images[2].block, Lba{302});
  EXPECT_EQ(info.boot->images[0].sectors, 4U);
  EXPECT_FALSE(tells(info, "El Torito"));
}

TEST(BootCatalog, WithoutEnd) {
  BootSample sample;
  sample.put(1, boot_entry(300));
  eltorito::SectionHeader header{};
  header.indicator = eltorito::kSection;
  header.entry_count = std::uint16_t{0xFFFF};
  for (std::size_t i = 2; i < 64; ++i) sample.put(i, header);
  const auto info = sample.info();
  EXPECT_LE(info.boot->images.size(), 2048U);
  EXPECT_TRUE(tells(info, "El Torito 1.0 2.")) << info.findings.size();
}

TEST(BootCatalog, ImagesOutsideAndDamage) {
  BootSample sample;
  sample.put(1, boot_entry(0x00FF'FFFF));
  EXPECT_TRUE(tells(sample.info(), "beyond the end of the image"));
  sample.catalog()[28] ^= std::byte{1};
  EXPECT_TRUE(tells(sample.info(), "checksum"));
  sample.catalog()[0] = std::byte{7};
  const auto info = sample.info();
  EXPECT_TRUE(info.boot->images.empty());
  EXPECT_TRUE(tells(info, "header id"));
}

TEST(BootCatalog, ThatLiesNowhere) {
  BootSample sample;
  Lba record{16};
  while (std::to_integer<int>(sample.volume().block(record)[0]) != 0) record = record + BlockCount{1};
  sample.volume().edit<iso9660::BootRecord>(sample.volume().block(record),
                                            [](auto& r) { store(std::span(r.boot_system_use), le32{0xFFFF'FFFF}); });
  EXPECT_TRUE(tells(sample.info(), "a boot catalog beyond the end"));
}

}  // namespace
}  // namespace fsimage::test
