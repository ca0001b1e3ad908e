// The finished image: a sorted list of labelled extents; what no extent covers reads as zeros. Immutable, thread-safe,
// the same bytes every time (IFileSystemImageResult). Knows no on-disk standard.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>
#include <fsimage/io/content_store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// One stretch of an extent with a meaning of its own: a file of the content region, a folder's records.
struct ExtentPart {
  Lba start;
  BlockCount blocks;
  std::string label;  // "content /docs/a.txt", "iso9660/directory /docs"
};
// How the label of a content begins; its path inside the image follows.
inline constexpr std::string_view kContentLabel = "content ";
using PartFn = std::function<void(const ExtentPart&)>;

// Where a content of the tree lies.
struct ContentPiece {
  ContentId content;
  std::uint64_t begin = 0, size = 0;  // all of it, in bytes
};
using ContentFn = std::function<void(const ContentPiece&)>;

// A source that serves many parts from one index, instead of one object a part.
class RegionSource : public ByteSource {
 public:
  // Visits the parts in address order; `at` is where the region lies. Cost: one call a part.
  virtual void for_each_part(Lba at, const PartFn&) const = 0;
  // The part that holds that block of the region, if any.
  virtual std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const = 0;
  // Path of the content that fills that part of the region, for progress; empty when it is metadata.
  virtual std::string content_path(BlockCount offset) const = 0;
  // The contents of which that stretch of the region holds anything, in order; only those whose bytes are the source's own.
  virtual void for_each_content(std::uint64_t offset, std::uint64_t length, const ContentFn&) const {
    static_cast<void>(offset), static_cast<void>(length);
  }
  // Throws source_changed or the system's error when a content is no longer what was planned; with the block where it lies
  // when the region lies `at`.
  virtual void check_sources(Lba at) const { (void)at; }
  // The same once every byte has been read: of sources whose change reading notices by itself nothing is left to do.
  virtual void check_after_reading(Lba at) const { check_sources(at); }
};

struct ImageExtent {
  Lba start;
  std::shared_ptr<const ByteSource> bytes;  // any size; the rest of the last block reads as zeros
  std::string label;                        // "iso9660/primary volume descriptor"
};

class ResultImage {
 public:
  // Sorts; drops empty extents. Throws std::logic_error naming an overlap or an extent beyond `total`.
  // `first` is where on the medium the image belongs: 0, or the session's start. Addresses of extents are absolute;
  // offsets of read_at count from `first`. `replaced` are blocks before `first` that the image replaces on an overwritable
  // medium once everything else is there: whole blocks each, in the order in which they are to be written.
  ResultImage(std::vector<ImageExtent> extents, BlockCount total, std::string image_id, Lba first = {},
              std::vector<ImageExtent> replaced = {});

  Lba first_block() const { return first_; }
  BlockCount total_blocks() const { return total_; }
  std::uint64_t size() const { return total_.bytes(); }
  // Identifies the image by what it was planned from: 64 hexadecimal digits, the same for the same bytes.
  const std::string& image_id() const { return id_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  Run run_at(std::uint64_t offset) const;  // precondition: offset < size()
  bool is_bound_to_thread() const;         // any of its sources
  std::span<const ImageExtent> extents() const { return extents_; }
  std::span<const ImageExtent> replaced() const { return replaced_; }
  // IFileSystemImageResult2::ModifiedBlocks: all that is to be written of an overwritable medium, in the order of writing.
  // Empty when the image does not replace anything, and is written from its first block to its last.
  std::vector<BlockRange> modified_blocks() const;

  // The map: every part, in address order; regions are taken apart.
  void for_each_part(const PartFn&) const;
  std::optional<ExtentPart> part_at(Lba) const;  // nullopt in a gap

  // Contents of which that stretch of the image holds anything, by their offsets in the image, in order.
  void for_each_content(std::uint64_t offset, std::uint64_t length, const ContentFn&) const;

  // IProgressItems: block to path and back. Path is that of the content; empty in metadata and gaps.
  std::string path_at(Lba) const;
  std::optional<ExtentPart> find_content(std::string_view path) const;  // linear; label of the part is the path

  // Re-checks every source's fingerprint before a byte goes to a medium; throws for the first that changed.
  void check_sources() const;
  // What is left of that when every byte has been read: contents without bytes, and files that nobody looks at meanwhile.
  void check_after_reading() const;

 private:
  std::uint64_t offset_of(const ImageExtent&) const;
  std::size_t index_at(std::uint64_t offset) const;
  Run run_within(std::uint64_t offset) const;
  const ImageExtent* extent_at(Lba) const;
  std::vector<ImageExtent> extents_;
  BlockCount total_;
  std::string id_;
  Lba first_;
  std::vector<ImageExtent> replaced_;
};

// "16+1   iso9660/primary volume descriptor", one line a part: the golden form of the layout tests. Without control
// characters, whatever the names.
std::string format_part(const ExtentPart&);

}  // namespace fsimage
