// The first bytes of the files that this library defines: a line of text, then JSON, then blanks up to where the payload
// begins. Anybody can read it: `head -n 2 FILE`. Private to burn.
//
//   fsimage KIND VERSION LENGTH SHA-256\n      LENGTH bytes of JSON, which the digest is over
//   JSON\n
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fsimage {

// Payloads begin at multiples of this, so that they can share extents with other files.
inline constexpr std::uint64_t kPayloadAlignment = 4096;
inline constexpr std::uint64_t kLongestHeader = std::uint64_t{64} << 20;

struct FramedHeader {
  std::string json;
  std::uint64_t payload = 0;  // where it begins
};

std::string make_framed_header(std::string_view kind, std::uint32_t version, std::string_view json);
bool has_framed_header(const ByteSource& file, std::string_view kind);
// Throws not_found when the file does not begin so, unsupported for another version, corrupt_structure for a header that is
// cut off or not what its digest says, limit_exceeded for one of more than kLongestHeader.
FramedHeader read_framed_header(const ByteSource& file, std::string_view kind, std::uint32_t version);

}  // namespace fsimage
