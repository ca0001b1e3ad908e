#include <fsimage/format/eltorito/boot_catalog.hpp>

#include <algorithm>

namespace fsimage::eltorito {
namespace {

constexpr std::array kFloppies{BootMedia::floppy_1200, BootMedia::floppy_1440, BootMedia::floppy_2880};

// Of the words of an entry, modulo 2^16.
std::uint16_t sum_of_words(const ValidationEntry& entry) noexcept {
  std::uint16_t sum = 0;
  const auto bytes = bytes_of(entry);
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    sum = static_cast<std::uint16_t>(sum + std::to_integer<unsigned>(bytes[i]) +
                                     std::to_integer<unsigned>(bytes[i + 1]) * 256);
  return sum;
}

void put_identifier(std::span<char> field, std::string_view text) noexcept {
  std::copy_n(text.begin(), std::min(text.size(), field.size()), field.begin());
}

}  // namespace

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
  if (entry.header_id != kValidation) return "header id is not 1";
  if (entry.key[0] != 0x55 || entry.key[1] != 0xAA) return "key is not 55 AA";
  if (sum_of_words(entry) != 0) return "checksum does not add up to 0";
  return std::nullopt;
}

std::uint64_t floppy_bytes(BootMedia m) noexcept {
  constexpr std::uint64_t kKiB = 1024;
  switch (m) {
    case BootMedia::floppy_1200: return 1200 * kKiB;
    case BootMedia::floppy_1440: return 1440 * kKiB;
    case BootMedia::floppy_2880: return 2880 * kKiB;
    case BootMedia::none:
    case BootMedia::hard_disk: break;
  }
  return 0;
}

BootMedia floppy_of(std::uint64_t bytes) noexcept {
  const auto* const floppy = std::ranges::find(kFloppies, bytes, floppy_bytes);
  return floppy == kFloppies.end() ? BootMedia::none : *floppy;
}

ValidationEntry validation_entry(std::uint8_t platform, std::string_view identifier) noexcept {
  ValidationEntry entry{};
  entry.header_id = kValidation;
  entry.platform = platform;
  put_identifier(entry.identifier, identifier);
  entry.key = {0x55, 0xAA};
  entry.checksum = static_cast<std::uint16_t>(0x10000U - sum_of_words(entry));
  return entry;
}

SectionHeader section_header(std::uint8_t platform, std::string_view identifier, std::uint16_t entries,
                             bool last) noexcept {
  SectionHeader header{};
  header.indicator = last ? kLastSection : kSection;
  header.platform = platform;
  header.entry_count = entries;
  put_identifier(header.identifier, identifier);
  return header;
}

}  // namespace fsimage::eltorito
