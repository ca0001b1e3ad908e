#include <fsimage/format/iso9660/directory_record.hpp>

#include <algorithm>
#include <string>

namespace fsimage::iso9660 {
namespace {

// ECMA-119 9.1.12: system use begins at an even offset.
constexpr std::size_t system_use_offset(std::size_t identifier_length) {
  const auto end = sizeof(DirectoryRecord) + identifier_length;
  return end + end % 2;
}

}  // namespace

void encode(const DirectoryEntry& e, Sink& out) {
  const auto use = system_use_offset(e.identifier.size());
  const auto length = record_length(e.identifier.size(), e.system_use.size());
  if (length > kMaxRecordLength) throw_too_large(length, "length of directory record (ECMA-119 9.1.1)");
  DirectoryRecord r{};
  r.length = static_cast<std::uint8_t>(length);
  r.extent = e.extent.value;
  r.data_length = e.data_length;
  r.recorded = e.recorded;
  r.flags = e.flags;
  r.volume_sequence_number = e.volume_sequence_number;
  r.identifier_length = static_cast<std::uint8_t>(e.identifier.size());
  out.put(bytes_of(r));
  out.put(e.identifier);
  out.zeros(use - sizeof(DirectoryRecord) - e.identifier.size());
  out.put(e.system_use);
  out.zeros(length - use - e.system_use.size());
}

std::size_t record_length(std::size_t identifier_length, std::size_t system_use) noexcept {
  const auto length = system_use_offset(identifier_length) + system_use;
  return length + length % 2;
}

std::size_t system_use_room(std::size_t identifier_length) noexcept {
  const auto use = system_use_offset(identifier_length);
  return use < kMaxRecordLength ? kMaxRecordLength - use : 0;
}

std::optional<DirectoryRecordView> DirectoryRecords::next() {
  while (at_ < bytes_.size()) {
    const auto sector_end = at_ - at_ % kBlockSize + kBlockSize;
    const auto rest = bytes_.subspan(at_, std::min<std::size_t>(sector_end, bytes_.size()) - at_);
    const auto length = std::to_integer<std::size_t>(rest[0]);
    if (length == 0) {
      at_ = sector_end;
      continue;
    }
    const auto offset = at_;
    at_ = sector_end;  // where a broken record leaves us
    if (length > rest.size())
      throw Error(Errc::corrupt_structure, {.clause = "ECMA-119 6.8.1.1"}, "directory record leaves its sector");
    if (length < sizeof(DirectoryRecord))
      throw Error(Errc::corrupt_structure, {.clause = "ECMA-119 9.1.1"},
                  "directory record of " + std::to_string(length) + " bytes");
    const auto record = rest.first(length);
    DirectoryRecordView view{load<DirectoryRecord>(record), {}, {}, offset};
    const std::size_t identifier = view.fixed.identifier_length;
    if (identifier == 0 || sizeof(DirectoryRecord) + identifier > length)
      throw Error(Errc::corrupt_structure, {.clause = "ECMA-119 9.1.10"},
                  "file identifier leaves its directory record");
    view.identifier = record.subspan(sizeof(DirectoryRecord), identifier);
    if (const auto use = system_use_offset(identifier); use < length) view.system_use = record.subspan(use);
    at_ = offset + length;
    return view;
  }
  return std::nullopt;
}

}  // namespace fsimage::iso9660
