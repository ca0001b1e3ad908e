#include "iso_region.hpp"

#include <algorithm>
#include <cstring>

namespace fsimage {
namespace {

// Copies what of `piece`, which begins at `piece_at`, falls into the window `out` that begins at `out_at`.
void copy_overlap(std::span<const std::byte> piece, std::uint64_t piece_at, std::span<std::byte> out,
                  std::uint64_t out_at) {
  const auto begin = std::max(piece_at, out_at), end = std::min(piece_at + piece.size(), out_at + out.size());
  if (begin < end) std::memcpy(out.data() + (begin - out_at), piece.data() + (begin - piece_at), end - begin);
}

}  // namespace

void IsoFolderRegion::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (out.empty()) return;
  IsoRecords records(*tables_, &at_);
  std::array<std::byte, kBlockSize> partial;
  auto position = tables_->position_at(BlockCount{static_cast<std::uint32_t>(offset / kBlockSize)});
  auto f = tables_->placed_folder(position);
  while (!out.empty()) {
    const auto block = static_cast<std::uint32_t>(offset / kBlockSize);
    const auto inside = static_cast<std::size_t>(offset % kBlockSize);
    const auto n = std::min<std::size_t>(kBlockSize - inside, out.size());
    while (position + 1 < tables_->folder_count() &&
           tables_->folder(tables_->placed_folder(position + 1)).block.value <= block)
      f = tables_->placed_folder(++position);
    const bool whole = n == kBlockSize;
    const std::span<std::byte, kBlockSize> target =
        whole ? out.first<kBlockSize>() : std::span<std::byte, kBlockSize>(partial);
    std::memset(target.data(), 0, kBlockSize);
    const auto of_folder = block - tables_->folder(f).block.value;
    if (const auto record_blocks = tables_->record_blocks(f); of_folder < record_blocks) {
      make_records(records, f, of_folder, target);
    } else {
      make_continuation(records, f, of_folder - record_blocks, target);
    }
    if (!whole) std::memcpy(out.data(), partial.data() + inside, n);
    out = out.subspan(n);
    offset += n;
  }
}

void IsoFolderRegion::make_records(IsoRecords& records, std::uint32_t f, std::uint32_t block,
                                   std::span<std::byte, kBlockSize> out) const {
  Sink sink{std::span<std::byte>(out)};
  const auto end = tables_->block_end(f, block);
  for (auto place = tables_->checkpoint(f, block); place != end;) {
    records.build(f, place);
    sink.put(records.record());
  }
}

// Only blocks of records that moved on in the continuation area can have something in this block of it.
void IsoFolderRegion::make_continuation(IsoRecords& records, std::uint32_t f, std::uint32_t block,
                                        std::span<std::byte, kBlockSize> out) const {
  const auto from = std::uint64_t{block} * kBlockSize, to = from + kBlockSize;
  const auto block_count = tables_->record_blocks(f);
  // First block of records that ends beyond `at`.
  const auto reaching = [&](std::uint64_t at) {
    std::uint32_t low = 0, high = block_count;
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      if (tables_->block_end(f, middle).continuation > at) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  for (auto b = reaching(from); b < block_count && tables_->checkpoint(f, b).continuation < to;) {
    const auto end = tables_->block_end(f, b);
    for (auto place = tables_->checkpoint(f, b); place != end && place.continuation < to;) {
      records.build(f, place);
      for (const auto& piece : records.pieces()) copy_overlap(piece.bytes, piece.offset, out, from);
    }
    b = reaching(end.continuation);
  }
}

ExtentPart IsoFolderRegion::records_part(Lba at, std::uint32_t f) const {
  return {at + tables_->folder(f).block, BlockCount{tables_->record_blocks(f)},
          std::string(to_string(tables_->tree_view())) + "/directory " + tables_->path(f)};
}

ExtentPart IsoFolderRegion::continuation_part(Lba at, std::uint32_t f) const {
  return {at + tables_->folder(f).block + BlockCount{tables_->record_blocks(f)}, tables_->continuation_blocks(f),
          "rockridge/continuation " + tables_->path(f)};
}

void IsoFolderRegion::for_each_part(Lba at, const PartFn& fn) const {
  for (std::uint32_t position = 0; position < tables_->folder_count(); ++position) {
    const auto f = tables_->placed_folder(position);
    fn(records_part(at, f));
    if (tables_->continuation_blocks(f).value != 0) fn(continuation_part(at, f));
  }
}

std::optional<ExtentPart> IsoFolderRegion::part_at(Lba at, BlockCount offset) const {
  if (offset >= tables_->folder_blocks()) return std::nullopt;
  const auto f = tables_->placed_folder(tables_->position_at(offset));
  const bool in_records = (offset - tables_->folder(f).block).value < tables_->record_blocks(f);
  return in_records ? records_part(at, f) : continuation_part(at, f);
}

// Of the attributes beside Rock Ridge.
void IsoFolderRegion::check_sources(Lba at) const {
  const auto& tree = tables_->tree();
  const auto& index = tables_->index();
  for (std::uint32_t rank = 0; tables_->has_attributes() && rank < index.inode_count(); ++rank)
    for (const auto s : tables_->attributes(tree.inode(index.inode(rank)))) {
      try {
        tree.contents().check(tree.stream_content(s));
      } catch (const Error& e) {
        auto where = e.where();
        where.lba = at;
        throw Error(e.code(), std::move(where), e.message());
      }
    }
}

void IsoPathTable::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (out.empty()) return;
  const auto& offsets = tables_->path_table_offsets();
  const auto stride = std::upper_bound(offsets.begin(), offsets.end(), offset) - offsets.begin() - 1;
  std::uint64_t at = offsets[static_cast<std::size_t>(stride)];
  std::array<std::byte, 512> record;
  for (auto f = static_cast<std::uint32_t>(stride) * IsoTables::kPathTableStride; at < offset + out.size(); ++f) {
    Sink sink{std::span(record)};
    encode(tables_->path_table_entry(f, folders_), type_, sink);
    copy_overlap(std::span(record).first(sink.size()), at, out, offset);
    at += sink.size();
  }
}

}  // namespace fsimage
