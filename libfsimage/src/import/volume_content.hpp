// Content of files on a volume: stretches of the source and holes. Immutable, thread-safe.
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <memory>
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

// One source over the pieces, which lie inside `image` (std::logic_error otherwise).
std::shared_ptr<const ByteSource> content_source(std::shared_ptr<const ByteSource> image, const std::vector<Piece>&);

}  // namespace fsimage::volume
