// A disc without the disc: what is needed to plan a session for it on another machine, saved as one file. Its format
// is in docs/session-image.md.
#pragma once

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/burn/media.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace fsimage {

// The blocks of a disc that hold structures. Reading any other throws an Error with the block and the code EIO, as a drive
// would for a block that it cannot read. Thread-safe.
class StructureBlocks final : public ByteSource {
 public:
  // Blocks that lie next to one another, as one stream of zlib (RFC 1950); nothing is stored of zeros.
  struct Chunk {
    Lba first;
    BlockCount blocks;
    std::uint64_t offset = 0;  // in the payload
    std::uint32_t bytes = 0;   // there; 0: zeros
    std::string digest;        // SHA-256 of the blocks, in hexadecimal; empty for zeros
  };
  static constexpr BlockCount kLongestChunk{256};  // that is stored

  // `size` in bytes is that of the disc; `label` names it in errors. Throws corrupt_structure for chunks that are not
  // ascending, lie outside, or are longer than allowed.
  StructureBlocks(std::uint64_t size, std::vector<Chunk> chunks, std::shared_ptr<const ByteSource> payload,
                  std::string label);

  std::uint64_t size() const override { return size_; }
  // corrupt_structure when the stored bytes are not what they were.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;

  const std::vector<Chunk>& chunks() const { return chunks_; }
  const ByteSource& payload() const { return *payload_; }

 private:
  using Bytes = std::shared_ptr<const std::vector<std::byte>>;
  std::size_t chunk_at(std::uint64_t block) const;  // throws when there is none
  Bytes inflated(std::size_t chunk) const;
  [[noreturn]] void fail(std::uint64_t block) const;

  std::uint64_t size_;
  std::vector<Chunk> chunks_;
  std::shared_ptr<const ByteSource> payload_;
  std::string label_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<std::size_t, Bytes>> recent_;  // the last used last
};

struct DiscDescription {
  Media media;
  DiscIdentity identity;
  std::shared_ptr<const StructureBlocks> content;  // null for a disc that nothing can be read from
};

// Reads every structure of the newest session, in all of its views, and keeps it in memory, compressed. `label` names the
// disc. Throws as identify_disc does, the system's errors for what cannot be read; what is broken on the disc is left out.
DiscDescription describe_disc(const Media& media, const std::shared_ptr<const ByteSource>& content,
                              const std::string& label, std::stop_token stop = {});

// Atomic: the old file or the complete new one.
void save_description(const DiscDescription& description, const std::string& path);
// Throws the system's error, not_found for a file that is no description, unsupported for one of a later version,
// corrupt_structure for a damaged one.
DiscDescription load_description(const std::string& path);
// The same of bytes that are not in a file; `label` names them.
DiscDescription load_description(const std::shared_ptr<const ByteSource>& file, const std::string& label);
bool is_description(const ByteSource& file);

}  // namespace fsimage
