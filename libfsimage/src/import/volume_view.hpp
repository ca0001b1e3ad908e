// What the readers of ISO 9660, Joliet, Rock Ridge and UDF give to the cursor and to the map: folders as streams of
// entries. One thread.
#pragma once

#include "volume_blocks.hpp"
#include "volume_content.hpp"
#include "volume_report.hpp"

#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::volume {

// Enough to open a folder and to tell it from all others.
struct DirectoryRef {
  std::uint64_t at = 0;         // byte offset: of the extent (ISO 9660), of the ICB (UDF)
  std::uint64_t bytes = 0;      // ISO 9660: length of the extent
  std::uint32_t block = 0;      // UDF: where the ICB is in its partition
  std::uint16_t partition = 0;  // UDF: index of the partition map
};

// A structure that belongs to an entry, beside the folder's records, for the map.
struct EntryStructure {
  enum class Kind : std::uint8_t { continuation_area, file_entry, allocation_extent };
  Kind kind{};
  std::uint64_t at = 0;  // byte offset in the source
  std::uint64_t length = 0;
};

// One entry as a view knows it. Streams fill it anew at each call; what lies on the heap is used again.
struct VolumeEntry {
  Entry entry;
  DirectoryRef directory;     // of a folder
  std::vector<Piece> pieces;  // content of a regular file, unless refused
  bool incomplete = false;    // VolumeView::complete() finds more pieces
  // The content, where what the pieces hold is not it: interleaved, compressed.
  std::shared_ptr<const ByteSource> content;
  std::vector<EntryStructure> structures;
  std::uint64_t record_at = 0;         // byte offset of what names it
  std::optional<DirectoryRef> xattrs;  // what VolumeView::xattrs() reads them by; nothing when there are none
  // Why the content cannot be given: listing goes on, reading does not.
  Errc refused{};
  std::string refused_text, refused_clause;

  void clear();
  void refuse(Errc why, std::string_view text, std::string_view clause) {
    refused = why;
    refused_text = text;
    refused_clause = clause;
  }
  bool is_refused() const { return refused != Errc{}; }
};

// The stream directory of a file or folder, and what it names.
struct NamedStreams {
  struct Stream {
    std::string name;
    std::vector<Piece> pieces;
    std::vector<EntryStructure> structures;
  };
  std::vector<EntryStructure> structures;  // of the stream directory itself
  std::vector<Piece> pieces;               // where the names lie
  std::vector<Stream> streams;
};

class DirectoryStream {
 public:
  virtual ~DirectoryStream() = default;
  // False at the end. Sets the report's entry.
  virtual bool next(VolumeEntry& out) = 0;
  // Where the folder's records lie.
  virtual const std::vector<Piece>& pieces() const = 0;
};

class VolumeView {
 public:
  virtual ~VolumeView() = default;
  virtual View view() const = 0;
  virtual std::uint32_t block_size() const { return kBlockSize; }
  virtual DirectoryRef root() = 0;
  virtual Attributes root_attributes() = 0;
  virtual std::vector<EntryStructure> root_structures() = 0;
  virtual std::unique_ptr<DirectoryStream> open(const DirectoryRef&, EntryOrder) = 0;
  // Extended attributes by an entry's reference, or those of the root.
  virtual std::optional<DirectoryRef> root_xattrs() { return std::nullopt; }
  virtual std::vector<ExtendedAttribute> xattrs(const DirectoryRef&) { return {}; }
  // By the same reference. What cannot be read is told and left out.
  virtual NamedStreams streams(const DirectoryRef&) { return {}; }
  // Reads what the entry's own structure did not hold; after that the pieces are complete, or refused.
  virtual void complete(VolumeEntry&) {}
};

// What all views of one walk share.
struct Walk {
  std::shared_ptr<const ByteSource> source;
  Blocks blocks;
  Budget budget;
  Report report;
  // Who walks asks for them: they are not told as dropped.
  bool xattrs_wanted = false, streams_wanted = false;
  bool show_relocation = false;  // Rock Ridge: the folder for relocated folders is an entry like others

  Walk(std::shared_ptr<const ByteSource> from, const ImportLimits& limits, View view, FindingFn fn,
       Strictness strictness = Strictness::tolerant)
      : source(std::move(from)),
        blocks(*source),
        budget(limits, source->size()),
        report(view, std::move(fn), strictness) {}
};

// The reader for `view`, which is not View::none. Throws as open_volume does.
std::unique_ptr<VolumeView> open_view(Walk&, View view, Lba session);

// A folder's records as one stretch: piece by piece, or held whole for random access.
class DirectoryBytes {
 public:
  // Charges the budget and checks that the pieces lie in the source.
  DirectoryBytes(Walk&, std::vector<Piece>, bool whole, std::string_view clause);

  std::uint64_t size() const { return size_; }
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Up to `length` bytes, fewer at the end. Valid until the next call. In salvage, a sector that cannot be read is one of
  // zeros, and told.
  std::span<const std::byte> at(std::uint64_t offset, std::size_t length);
  // Where in the source that byte lies.
  std::uint64_t source_offset(std::uint64_t offset) const;

 private:
  void fill(std::uint64_t offset);
  void read_pieces(std::uint64_t offset, std::span<std::byte> out);
  void read(std::uint64_t at, std::span<std::byte> out);
  std::size_t piece_at(std::uint64_t offset) const;
  Walk& walk_;
  std::vector<Piece> pieces_;
  std::vector<std::uint64_t> offsets_;  // of the pieces, in the folder
  std::uint64_t size_;
  std::string_view clause_;
  bool whole_;
  std::vector<std::byte> bytes_;
  std::uint64_t start_ = 0;  // of bytes_, in the folder
};

// Positions of a folder's records in the order of the entries' names.
class NameOrder {
 public:
  void add(std::uint64_t position, std::string_view name);
  void sort();  // stable; nothing to do when the records came in that order
  std::size_t size() const { return items_.size(); }
  std::uint64_t position(std::size_t i) const { return items_[i].position; }

 private:
  struct Item {
    std::uint64_t position;
    std::uint32_t name_at;
    std::uint16_t name_length;
  };
  std::string_view name(const Item& i) const { return {names_.data() + i.name_at, i.name_length}; }
  std::vector<Item> items_;
  std::vector<char> names_;
};

}  // namespace fsimage::volume
