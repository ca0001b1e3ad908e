// Names of entries from the identifiers of their records, ECMA-119 7.5 and 9.1.11. One thread.
#pragma once

#include "volume_parts.hpp"

#include <fsimage/core/finding.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fsimage::volume {

struct RecordedName {
  std::string name;     // UTF-8 from Joliet, else the bytes as they are
  std::string version;  // ";1" of a file, where the name ends before it
  bool padded = false;  // zeros at the end were left out
  bool odd = false;     // Joliet: half a character at the end was left out
};
// ISO 9660:1999 knows no versions: there, a name is what is recorded.
RecordedName recorded_name(View, std::span<const std::byte> identifier, bool directory);

// The names that a folder's entries have so far: a tree holds each only once.
class UniqueNames {
 public:
  bool take(std::string_view name);  // false when there was one
  // "name~2", or with the first number whose name is free; takes it. Not longer than a name may be.
  std::string take_numbered(std::string_view name);

 private:
  OffsetSet taken_;  // checksums: two names that share one would only cost a number
  std::unordered_map<std::uint64_t, std::uint32_t> last_;
};

}  // namespace fsimage::volume
