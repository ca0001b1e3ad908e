#include "boot_catalog.hpp"

#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <optional>
#include <string>

namespace fsimage::volume {
namespace {

constexpr std::uint32_t kMostEntries = 65536 / eltorito::kEntrySize;

class CatalogReader {
 public:
  CatalogReader(Walk& walk, Lba boot_record) : walk_(walk) {
    const auto boot =
        load<iso9660::BootRecord>(walk.blocks.view(boot_record.byte_offset(), kBlockSize, "El Torito 1.0 2.0"));
    out_.at = Lba{load<eltorito::BootSystemUse>(boot.boot_system_use).catalog.value()};
  }

  BootCatalog run() {
    const auto first = next();
    if (!first) return std::move(out_);
    const auto validation = load<eltorito::ValidationEntry>(*first);
    if (const auto fault = eltorito::validation_fault(validation)) {
      deviation("2.1", "validation entry: " + std::string(*fault));
      if (validation.header_id != 1) return std::move(out_);
    }
    platform_ = validation.platform;
    identifier_ = std::string(iso9660::trimmed(validation.identifier));
    if (const auto entry = next()) image(load<eltorito::BootEntry>(*entry));
    while (section()) {}
    return std::move(out_);
  }

 private:
  // The next 32 bytes; nullopt at the end of what may be read.
  std::optional<std::array<std::byte, eltorito::kEntrySize>> next() {
    const auto at = out_.at.byte_offset() + std::uint64_t{out_.entries} * eltorito::kEntrySize;
    if (out_.entries == kMostEntries) {
      deviation("2.0", "a boot catalog that does not end");
      return std::nullopt;
    }
    if (!walk_.blocks.contains(at, eltorito::kEntrySize)) {
      deviation("2.0", "a boot catalog beyond the end of the image");
      return std::nullopt;
    }
    std::array<std::byte, eltorito::kEntrySize> entry;
    walk_.blocks.read(at, entry, "El Torito 1.0 2.0");
    ++out_.entries;
    return entry;
  }

  bool section() {
    const auto bytes = next();
    if (!bytes) return false;
    const auto header = load<eltorito::SectionHeader>(*bytes);
    if (header.indicator != eltorito::kSection && header.indicator != eltorito::kLastSection) {
      --out_.entries;  // unused room behind the last entry
      if (header.indicator != 0) deviation("2.3", "neither a section nor the end of the boot catalog");
      return false;
    }
    platform_ = header.platform;
    identifier_ = std::string(iso9660::trimmed(header.identifier));
    for (std::uint32_t i = 0; i < header.entry_count.value(); ++i) {
      const auto entry = next();
      if (!entry) return false;
      const auto boot = load<eltorito::BootEntry>(*entry);
      image(boot);
      for (bool more = boot.extended(); more;) {
        const auto extension = next();
        if (!extension) return false;
        const auto value = load<eltorito::EntryExtension>(*extension);
        if (value.indicator != eltorito::kExtension) {
          deviation("2.5", "a boot entry's extension is missing");
          --out_.entries;
          break;
        }
        more = (value.flags & 0x20) != 0;
      }
    }
    return header.indicator == eltorito::kSection;
  }

  void image(const eltorito::BootEntry& entry) {
    if (entry.indicator != eltorito::kBootable && entry.indicator != eltorito::kNotBootable)
      deviation("2.2", "boot indicator " + std::to_string(entry.indicator));
    const Lba block{entry.load_block.value()};
    if (!walk_.blocks.contains(block.byte_offset(), 1))
      deviation("2.2", "a boot image at block " + std::to_string(block.value) + ", beyond the end of the image");
    const auto floppy = eltorito::floppy_bytes(entry.emulation());
    const auto table = floppy != 0 ? std::nullopt : table_of(block);
    std::uint64_t bytes = floppy != 0 ? floppy : entry.sector_count.value() * eltorito::kSectorSize;
    if (table) bytes = table->length.value();
    out_.images.push_back({.platform = std::string(to_string(static_cast<eltorito::Platform>(platform_))),
                           .emulation = std::string(to_string(entry.emulation())),
                           .identifier = identifier_,
                           .bootable = entry.indicator == eltorito::kBootable,
                           .load_segment = entry.load_segment.value(),
                           .sectors = entry.sector_count.value(),
                           .block = block,
                           .bytes = bytes,
                           .table_checksum = table ? std::optional(table->checksum.value()) : std::nullopt});
  }

  // A boot info table knows where it lies.
  std::optional<eltorito::BootInfoTable> table_of(Lba block) {
    const auto at = block.byte_offset();
    if (!walk_.blocks.contains(at, eltorito::kBootInfoEnd)) return std::nullopt;
    const auto table = load<eltorito::BootInfoTable>(
        walk_.blocks.view(at + eltorito::kBootInfoAt, sizeof(eltorito::BootInfoTable), "El Torito 1.0 2.2"));
    if (!eltorito::is_boot_info_table(table, block.value) || !walk_.blocks.contains(at, table.length.value()))
      return std::nullopt;
    return table;
  }

  void deviation(const char* clause, const std::string& text) {
    walk_.report.deviation(lba_of(out_.at.byte_offset() + std::uint64_t{out_.entries} * eltorito::kEntrySize),
                           std::string("El Torito 1.0 ") + clause, text);
  }

  Walk& walk_;
  BootCatalog out_;
  std::uint8_t platform_ = 0;
  std::string identifier_;
};

}  // namespace

BootCatalog read_boot_catalog(Walk& walk, Lba boot_record) { return CatalogReader(walk, boot_record).run(); }

}  // namespace fsimage::volume
