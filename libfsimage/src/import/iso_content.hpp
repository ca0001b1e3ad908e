// Content of files of ISO 9660 that is not simply a row of stretches: interleaved file sections. Immutable, thread-safe.
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace fsimage::volume {

// A file section, ECMA-119 6.4: `length` bytes from `skipped` on, in file units of `unit` bytes with a gap after each
// (6.4.3); one that is not interleaved is a single unit. The extended attribute record fills the skipped bytes.
struct FileSection {
  std::uint64_t at = 0;  // byte offset of the extent in the source
  std::uint64_t skipped = 0;
  std::uint64_t length = 0;
  std::uint64_t unit = 0, gap = 0;  // unit 0: not interleaved

  bool interleaved() const { return unit != 0 && gap != 0; }
  // Where in the source a byte of the section lies, and how many lie behind it in a row.
  std::uint64_t offset_of(std::uint64_t byte) const;
  std::uint64_t run_of(std::uint64_t byte) const;
  // How many of its bytes lie before that place in the source; of one that is not interleaved.
  std::uint64_t length_within(std::uint64_t source_end) const {
    const auto start = offset_of(0);
    return start >= source_end ? 0 : std::min(length, source_end - start);
  }
  // Behind its last byte.
  std::uint64_t end() const { return length == 0 ? at : offset_of(length - 1) + 1; }
};

// The sections as one source; they lie inside `image`. Places are computed: a unit costs nothing, however many there are.
std::shared_ptr<const ByteSource> sections_source(std::shared_ptr<const ByteSource> image,
                                                  std::vector<FileSection> sections);

}  // namespace fsimage::volume
