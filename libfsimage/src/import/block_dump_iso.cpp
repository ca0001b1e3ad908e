#include "block_dump.hpp"
#include "iso_fields.hpp"
#include "volume_blocks.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/format/rockridge/susp.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <algorithm>
#include <array>

namespace fsimage::volume {
namespace {

std::string quoted(std::span<const std::byte> bytes) { return '"' + printable(text_of(bytes)) + '"'; }

// As text where it is one, two-byte characters included.
std::string identifier_text(std::span<const std::byte> bytes) {
  if (bytes.size() == 1 && bytes[0] <= iso9660::kParentIdentifier)
    return bytes[0] == std::byte{} ? "the folder itself" : "its parent";
  if (bytes.size() % 2 == 0 && bytes[0] == std::byte{})
    return '"' + printable(to_utf8(joliet::from_big_endian(bytes))) + '"';
  return quoted(bytes);
}

}  // namespace

bool Dumper::iso_descriptor() {
  using enum iso9660::DescriptorType;
  const auto header = iso9660::descriptor_in(block_);
  if (!header) return false;
  switch (header->kind()) {
    case boot_record:
      add<iso9660::BootRecord>(0, "eltorito/boot record");
      if (iso9660::trimmed(load<iso9660::BootRecord>(block_).boot_system_identifier) == eltorito::kBootSystem)
        add<eltorito::BootSystemUse>(offsetof(iso9660::BootRecord, boot_system_use), "eltorito/boot system use");
      break;
    case primary: add<iso9660::PrimaryVolumeDescriptor>(0, "iso9660/primary volume descriptor"); break;
    case supplementary:
      add<iso9660::SupplementaryVolumeDescriptor>(
          0, header->version == 2 ? "iso9660/enhanced volume descriptor" : "joliet/supplementary volume descriptor");
      break;
    case terminator: add<iso9660::VolumeDescriptorSetTerminator>(0, "iso9660/volume descriptor set terminator"); break;
    default: add<iso9660::VolumeDescriptorHeader>(0, "iso9660/volume descriptor"); break;
  }
  return true;
}

// A sector of a folder: a first record that is one beyond doubt.
bool Dumper::directory() {
  const auto first = load<iso9660::DirectoryRecord>(block_);
  if (first.length < sizeof first + 1 || first.identifier_length == 0 ||
      first.length < sizeof first + first.identifier_length || !first.extent.halves_agree() ||
      !first.data_length.halves_agree() ||
      first.volume_sequence_number.value() != first.volume_sequence_number.big.value())
    return false;
  iso9660::DirectoryRecords records(block_);
  try {
    while (const auto record = records.next())
      directory_record(record->offset, record->identifier.size(), record->system_use.size());
  } catch (const Error& e) {
    wrong(e.where().clause, e.message());
  }
  return true;
}

void Dumper::directory_record(std::size_t offset, std::size_t identifier, std::size_t use) {
  auto& s = add<iso9660::DirectoryRecord>(offset, "iso9660/directory record");
  const auto name_at = offset + sizeof(iso9660::DirectoryRecord);
  const auto name = block_.subspan(name_at, identifier);
  add_field(s, "identifier", "ECMA-119 9.1.11", sizeof(iso9660::DirectoryRecord), name, identifier_text(name));
  auto at = offset + std::to_integer<std::size_t>(block_[offset]) - use;
  const auto area = block_.subspan(at, use);
  if (area.size() >= kXaLength && area[6] == std::byte{'X'} && area[7] == std::byte{'A'}) {
    add_field(s, "XA attributes", "CD-ROM XA", at - offset, area.first(kXaLength));
    at += kXaLength;
    use -= kXaLength;
  }
  system_use(at, use);
}

void Dumper::system_use(std::size_t at, std::size_t length) {
  const auto area = block_.subspan(at, length);
  rockridge::SystemUseEntries entries(area);
  while (const auto entry = entries.next())
    system_use_entry(at + static_cast<std::size_t>(entry->bytes.data() - area.data()),
                     std::string_view(entry->header.signature.data(), 2));
  if (entries.malformed()) wrong("SUSP 1.12 4.1", "a system use entry whose length is below four or leaves its area");
}

void Dumper::system_use_entry(std::size_t offset, std::string_view signature) {
  const auto header = load<rockridge::SystemUseHeader>(block_.subspan(offset));
  const auto bytes = block_.subspan(offset, header.length);
  const std::string name = "rockridge/" + printable(signature);
  const auto whole = [&]<class T>(std::type_identity<T>) {
    auto& s = bytes.size() >= sizeof(T) ? add<T>(offset, name) : add<rockridge::SystemUseHeader>(offset, name);
    const auto fixed = bytes.size() >= sizeof(T) ? sizeof(T) : sizeof(rockridge::SystemUseHeader);
    add_field(s, "rest", std::string(WireTable<T>::spec), fixed, bytes.subspan(fixed));
  };
  using namespace rockridge;
  if (signature == "CE") return whole(std::type_identity<ContinuationArea>{});
  if (signature == "SP") return whole(std::type_identity<SharingProtocolIndicator>{});
  if (signature == "ST") return whole(std::type_identity<SharingProtocolTerminator>{});
  if (signature == "ER") return whole(std::type_identity<ExtensionsReference>{});
  if (signature == "ES") return whole(std::type_identity<ExtensionSelector>{});
  if (signature == "PN") return whole(std::type_identity<PosixDeviceNumber>{});
  if (signature == "SL") return whole(std::type_identity<SymbolicLink>{});
  if (signature == "AL") return whole(std::type_identity<AttributeList>{});
  if (signature == "NM") return whole(std::type_identity<AlternateName>{});
  if (signature == "CL") return whole(std::type_identity<ChildLink>{});
  if (signature == "PL") return whole(std::type_identity<ParentLink>{});
  if (signature == "RE") return whole(std::type_identity<RelocatedDirectory>{});
  if (signature == "TF") return whole(std::type_identity<TimeStamps>{});
  if (signature == "SF") return whole(std::type_identity<SparseFile>{});
  if (signature == "PX") return whole(std::type_identity<PosixFileAttributes>{});
  whole(std::type_identity<SystemUseHeader>{});
}

bool Dumper::continuation_area() {
  const auto header = load<rockridge::SystemUseHeader>(block_);
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!capital(header.signature[0]) || !capital(header.signature[1]) || header.length < sizeof header ||
      header.version != 1)
    return false;
  rockridge::SystemUseEntries entries(block_);
  while (const auto entry = entries.next())
    system_use_entry(static_cast<std::size_t>(entry->bytes.data() - block_.data()),
                     std::string_view(entry->header.signature.data(), 2));
  return true;
}

bool Dumper::boot_catalog() {
  if (eltorito::validation_fault(load<eltorito::ValidationEntry>(block_))) return false;
  add<eltorito::ValidationEntry>(0, "eltorito/validation entry");
  add<eltorito::BootEntry>(eltorito::kEntrySize, "eltorito/default entry");
  for (std::size_t at = 2 * eltorito::kEntrySize; at < block_.size(); at += eltorito::kEntrySize) {
    switch (std::to_integer<std::uint8_t>(block_[at])) {
      case eltorito::kSection:
      case eltorito::kLastSection: add<eltorito::SectionHeader>(at, "eltorito/section header"); break;
      case eltorito::kBootable: add<eltorito::BootEntry>(at, "eltorito/section entry"); break;
      case eltorito::kExtension: add<eltorito::EntryExtension>(at, "eltorito/section entry extension"); break;
      default: return true;
    }
  }
  return true;
}

bool Dumper::boot_info_table() {
  if (!eltorito::is_boot_info_table(load<eltorito::BootInfoTable>(block_.subspan(eltorito::kBootInfoAt)), at_.value))
    return false;
  add<eltorito::BootInfoTable>(eltorito::kBootInfoAt, "eltorito/boot info table");
  return true;
}

// The block is the table up to and with the block that is wanted.
void Dumper::path_table(std::uint64_t table_at, std::size_t from, bool big_endian, bool to_its_end) {
  const auto type = big_endian ? iso9660::PathTableType::m : iso9660::PathTableType::l;
  iso9660::PathTableRecords records(block_, type);
  std::uint32_t number = 0;
  std::size_t at = 0;
  try {
    while (const auto record = records.next()) {
      const auto length = sizeof(iso9660::PathTableRecordL) + record->identifier.size();
      ++number;
      if (at + length > from) {
        const std::string name =
            std::string("iso9660/path table ") + (big_endian ? "M" : "L") + " record " + std::to_string(number);
        auto& s = big_endian ? add<iso9660::PathTableRecordM>(at, name) : add<iso9660::PathTableRecordL>(at, name);
        add_field(s, "identifier", "ECMA-119 9.4.5", sizeof(iso9660::PathTableRecordL), record->identifier,
                  identifier_text(record->identifier));
        s.at = lba_of(table_at + at);
        s.offset = static_cast<std::uint32_t>((table_at + at) % kBlockSize);
      }
      at += length + length % 2;
    }
  } catch (const Error& e) {
    if (to_its_end || at + kBlockSize < block_.size()) wrong(e.where().clause, e.message());
  }
}

}  // namespace fsimage::volume
