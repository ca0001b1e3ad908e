#include <fsimage/format/iso9660/path_table.hpp>

#include <algorithm>

namespace fsimage::iso9660 {
namespace {

template <class Record>
void put(const PathTableEntry& e, Sink& out) {
  Record r{};
  r.identifier_length = checked<std::uint8_t>(e.identifier.size(), "length of directory identifier (ECMA-119 9.4.1)");
  r.extended_attribute_length = e.extended_attribute_length;
  r.extent = e.extent.value;
  r.parent = e.parent;
  out.put(bytes_of(r));
  out.put(e.identifier);
  out.zeros(e.identifier.size() % 2);  // ECMA-119 9.4.6
}

template <class Record>
PathTableEntry take(std::span<const std::byte>& bytes) {
  const auto refuse = [&](const char* clause, const char* what) {
    bytes = {};
    throw Error(Errc::corrupt_structure, {.clause = clause}, what);
  };
  if (bytes.size() < sizeof(Record)) refuse("ECMA-119 9.4", "path table record is cut short");
  const auto r = load<Record>(bytes);
  const std::size_t length = r.identifier_length;
  if (length == 0) refuse("ECMA-119 9.4.1", "path table record without identifier");
  if (sizeof r + length > bytes.size()) refuse("ECMA-119 9.4.5", "path table record leaves its table");
  const PathTableEntry e{Lba{r.extent.value()}, r.parent.value(), bytes.subspan(sizeof r, length),
                         r.extended_attribute_length};
  bytes = bytes.subspan(std::min(sizeof r + length + length % 2, bytes.size()));
  return e;
}

}  // namespace

void encode(const PathTableEntry& e, PathTableType type, Sink& out) {
  type == PathTableType::l ? put<PathTableRecordL>(e, out) : put<PathTableRecordM>(e, out);
}

std::optional<PathTableEntry> PathTableRecords::next() {
  if (bytes_.empty()) return std::nullopt;
  return type_ == PathTableType::l ? take<PathTableRecordL>(bytes_) : take<PathTableRecordM>(bytes_);
}

}  // namespace fsimage::iso9660
