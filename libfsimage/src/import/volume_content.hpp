// Content of files on a volume: stretches of the source and holes. Immutable, thread-safe.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fsimage::volume {

// Bytes of the source, or zeros that no block holds.
struct Piece {
  static constexpr std::uint64_t kHole = UINT64_MAX;
  std::uint64_t at = 0;  // byte offset in the source
  std::uint64_t length = 0;
  bool hole() const { return at == kHole; }
  std::uint64_t end() const { return at + length; }
};

// Appends, as part of the piece before when it continues that one.
void append_piece(std::vector<Piece>&, Piece);
std::uint64_t total_length(const std::vector<Piece>&);

// Bytes of a file that no block holds any more, and why.
struct LostRange {
  std::uint64_t offset = 0, length = 0;  // in the content
  Error why;
};
// Appends, as part of the range before when it continues that one.
void append_lost(std::vector<LostRange>&, LostRange);
// "bytes 4096 to 8191: ..."
std::string lost_text(const LostRange&);

// One source over the pieces, which lie inside `image` (std::logic_error otherwise).
std::shared_ptr<const ByteSource> content_source(std::shared_ptr<const ByteSource> image, const std::vector<Piece>&);

}  // namespace fsimage::volume
