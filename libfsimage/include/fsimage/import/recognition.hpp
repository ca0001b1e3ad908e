// Which file systems a source holds, by their recognition structures alone. Nothing is walked. Any thread.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <optional>

namespace fsimage {

// What one session shows. Addresses are absolute; each names the structure by which the file system was recognised.
struct RecognizedFileSystems {
  Lba session;
  std::optional<Lba> iso9660;          // primary volume descriptor, ECMA-119 8.4
  std::optional<Lba> joliet;           // supplementary volume descriptor, ECMA-119 8.5
  std::uint8_t joliet_level = 0;       // 1 to 3, by the escape sequence
  std::optional<Lba> enhanced;         // enhanced volume descriptor, ISO 9660:1999
  std::optional<Lba> rockridge;        // root directory whose records carry RRIP fields
  std::optional<Lba> boot;             // El Torito boot record
  std::optional<Lba> udf_recognition;  // NSR descriptor, ECMA-167 3/9.1
  std::optional<Lba> udf;              // anchor volume descriptor pointer, ECMA-167 3/10.2
  std::uint16_t udf_revision = 0;      // binary-coded decimal, 0x0102; 0 when the descriptors do not say

  bool has(View) const;
  // The view that keeps most: UDF, Rock Ridge, Joliet, ISO 9660:1999, ISO 9660; View::none when there is nothing.
  View most_advanced() const;
};

// Looks at the session that starts at `session`. Never throws for what the bytes say, only for what cannot be read; an
// anchor without a recognition sequence counts, a recognition sequence without an anchor does not.
RecognizedFileSystems identify_file_systems(const ByteSource& source, Lba session = {});

}  // namespace fsimage
