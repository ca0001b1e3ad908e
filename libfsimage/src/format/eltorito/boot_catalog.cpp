#include <fsimage/format/eltorito/boot_catalog.hpp>

namespace fsimage::eltorito {

std::string_view to_string(Platform p) noexcept {
  switch (p) {
    case Platform::x86: return "x86";
    case Platform::power_pc: return "PowerPC";
    case Platform::mac: return "Mac";
    case Platform::efi: return "EFI";
  }
  return "unknown";
}

std::string_view to_string(BootMedia m) noexcept {
  switch (m) {
    case BootMedia::none: return "no emulation";
    case BootMedia::floppy_1200: return "1.2 MB floppy";
    case BootMedia::floppy_1440: return "1.44 MB floppy";
    case BootMedia::floppy_2880: return "2.88 MB floppy";
    case BootMedia::hard_disk: return "hard disk";
  }
  return "unknown";
}

std::optional<std::string_view> validation_fault(const ValidationEntry& entry) noexcept {
  if (entry.header_id != 1) return "header id is not 1";
  if (entry.key[0] != 0x55 || entry.key[1] != 0xAA) return "key is not 55 AA";
  std::uint16_t sum = 0;
  const auto bytes = bytes_of(entry);
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum = static_cast<std::uint16_t>(sum + std::to_integer<unsigned>(bytes[i]) +
                                     std::to_integer<unsigned>(bytes[i + 1]) * 256);
  if (sum != 0) return "checksum does not add up to 0";
  return std::nullopt;
}

}  // namespace fsimage::eltorito
