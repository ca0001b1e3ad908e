#include "udf_metadata.hpp"

#include "udf_file_entry.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/sink.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace fsimage {
namespace {

udf::IcbFileType icb_type(FileType type) {
  switch (type) {
    case FileType::regular: return udf::IcbFileType::bytes;
    case FileType::directory: return udf::IcbFileType::directory;
    case FileType::symlink: return udf::IcbFileType::symbolic_link;
    case FileType::block_device: return udf::IcbFileType::block_device;
    case FileType::char_device: return udf::IcbFileType::character_device;
    case FileType::fifo: return udf::IcbFileType::fifo;
    case FileType::socket: return udf::IcbFileType::socket;
  }
  throw std::logic_error("unknown file type");
}

// One block of a target's components.
void put_target_block(const PlanInput& in, const UdfBlock& what, std::uint32_t block, std::span<std::byte> out) {
  std::vector<std::byte> components(BlockCount{what.blocks}.bytes());
  Sink sink(components);
  udf::encode_symlink(in.tree->symlink_target(in.index->first_name(what.rank)), sink);
  const auto part = std::span(components).subspan(std::size_t{block - what.first} * kBlockSize, kBlockSize);
  std::memcpy(out.data(), part.data(), part.size());
}

// Blocks that are made one at a time: `make(block, out)` fills one.
template <class Make>
void read_blocks(std::uint64_t offset, std::span<std::byte> out, const Make& make) {
  while (!out.empty()) {
    const auto block = static_cast<std::uint32_t>(offset / kBlockSize);
    const auto inside = static_cast<std::size_t>(offset % kBlockSize);
    const auto n = std::min(out.size(), kBlockSize - inside);
    if (n == kBlockSize) {
      make(block, out.first(n));
    } else {
      std::array<std::byte, kBlockSize> whole;
      make(block, std::span<std::byte>(whole));
      std::memcpy(out.data(), whole.data() + inside, n);
    }
    out = out.subspan(n);
    offset += n;
  }
}

}  // namespace

UdfMetadata::UdfMetadata(std::shared_ptr<const UdfTables> tables, std::shared_ptr<const ContentPlacement> content,
                         UdfVolume volume, bool mirror)
    : tables_(std::move(tables)),
      content_(std::move(content)),
      volume_(std::move(volume)),
      mirror_(mirror),
      first_(volume_.first_entry_block()) {}

Lbn UdfMetadata::lbn(std::uint32_t block) const { return {first_.value + block}; }

void UdfMetadata::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  std::uint32_t hint = 0;
  read_blocks(offset, out, [&](std::uint32_t block, std::span<std::byte> to) {
    const auto what = tables_->locate(block, hint);
    hint = what.folder;
    put_block(block, what, to);
  });
}

void UdfMetadata::put_block(std::uint32_t block, const UdfBlock& what, std::span<std::byte> out) const {
  switch (what.part) {
    case UdfPart::file_set: return put_file_set(volume_, lbn(block), lbn(tables_->icb(0)), out);
    case UdfPart::terminator: return put_file_set_terminator(volume_, lbn(block), out);
    case UdfPart::folder_entry: return put_folder_entry(what, out);
    case UdfPart::identifiers: return put_identifiers(block, what, out);
    case UdfPart::file_entry: return put_entry(what, out);
    case UdfPart::continuation: return put_continuation(block, what, out);
  }
}

void UdfMetadata::put_folder_entry(const UdfBlock& what, std::span<std::byte> out) const {
  const auto& in = tables_->in();
  const auto node = owner_of(what);
  const auto rank = in.index->rank(in.tree->inode_id(node));
  const bool streams = tables_->is_stream_directory(what.folder);
  UdfEntry e;
  e.type = streams ? udf::IcbFileType::stream_directory : udf::IcbFileType::directory;
  e.body_kind = UdfBody::beside;
  e.attributes = recorded_attributes(in, node);
  e.links = streams ? 0 : tables_->links(rank);  // no identifier names a stream directory
  e.unique_id = UdfTables::unique_id(rank);
  if (!streams) put_streams(rank, e);
  e.size = tables_->identifier_bytes(what.folder);
  e.at = lbn(what.first);
  e.body = lbn(what.first + 1);
  put_file_entry(tables_->rules(), e, out);
}

// Of a stream directory and of streams, what they belong to.
NodeId UdfMetadata::owner_of(const UdfBlock& what) const {
  const auto& index = *tables_->in().index;
  const bool in_folder = what.part == UdfPart::folder_entry || what.part == UdfPart::identifiers;
  if (in_folder && !tables_->is_stream_directory(what.folder)) return index.directory(what.folder);
  if (in_folder) return index.first_name(tables_->owner(what.folder));
  return index.first_name(tables_->is_stream(what.rank) ? tables_->owner_of_stream(what.rank) : what.rank);
}

// What the entry says of the streams of its own.
void UdfMetadata::put_streams(std::uint32_t rank, UdfEntry& e) const {
  const auto folder = tables_->stream_directory(rank);
  if (!folder) return;
  e.has_streams = true;
  e.streams = lbn(tables_->folder_icb(*folder));
  for (const auto stream : tables_->streams_in(*folder)) e.streams_size += size_of(stream);
}

std::uint64_t UdfMetadata::size_of(std::uint32_t rank) const {
  const auto& in = tables_->in();
  return tables_->is_stream(rank) ? in.tree->stream_size(tables_->stream(rank))
                                  : in.tree->inode(in.index->inode(rank)).size;
}

// Where the content of a regular file or stream begins; anywhere for an empty one.
Lbn UdfMetadata::body_of(std::uint32_t rank) const {
  const auto at = tables_->is_stream(rank) ? content_->streams[tables_->stream(rank).value]
                                           : content_->at[tables_->in().index->inode(rank).value];
  if (at < volume_.places.partition.at) throw std::logic_error("content before the UDF partition");
  return to_lbn(volume_.places.partition, at);
}

// Of a file or stream, in the entry or where it lies; `room` is a block for the former.
void UdfMetadata::put_content(std::uint32_t rank, ContentId content, bool embedded, std::span<std::byte> room,
                              UdfEntry& e) const {
  const auto size = size_of(rank);
  if (embedded) {
    const auto bytes = room.first(static_cast<std::size_t>(size));
    tables_->in().tree->contents().read_at(content, 0, bytes);
    e.embedded = bytes;
    return;
  }
  e.size = size;
  if (size != 0) e.body = body_of(rank);
  if (tables_->has_continuation(rank)) e.continuation = lbn(tables_->continuation(rank));
}

// UDF 3.3.5.1: the owner's attributes and its unique id.
void UdfMetadata::put_stream(const UdfBlock& what, std::span<std::byte> out) const {
  const auto& in = tables_->in();
  const auto owner = tables_->owner_of_stream(what.rank);
  const auto s = tables_->stream(what.rank);
  UdfEntry e;
  e.type = udf::IcbFileType::bytes;
  e.is_stream = true;
  e.attributes = recorded_attributes(in, in.index->first_name(owner));
  e.links = 1;
  e.unique_id = UdfTables::unique_id(owner);
  e.at = lbn(what.first);
  std::array<std::byte, kBlockSize> room;
  put_content(what.rank, in.tree->stream_content(s), tables_->rules().embeds_stream(in, s), room, e);
  put_file_entry(tables_->rules(), e, out);
}

void UdfMetadata::put_entry(const UdfBlock& what, std::span<std::byte> out) const {
  if (tables_->is_stream(what.rank)) return put_stream(what, out);
  const auto& in = tables_->in();
  const auto node = in.index->first_name(what.rank);
  const auto& inode = in.tree->inode(node);
  UdfEntry e;
  e.type = inode.real_time && tables_->rules().real_time_files() ? udf::IcbFileType::real_time : icb_type(inode.type);
  put_streams(what.rank, e);
  e.attributes = recorded_attributes(in, node);
  e.links = tables_->links(what.rank);
  e.unique_id = UdfTables::unique_id(what.rank);
  e.at = lbn(what.first);
  e.device = in.tree->device(node);
  std::array<std::byte, kBlockSize> room;
  if (inode.type == FileType::regular) {
    put_content(what.rank, inode.content, tables_->rules().embeds(in, inode), room, e);
  } else if (inode.type == FileType::symlink) {
    const auto target = in.tree->symlink_target(node);
    if (tables_->has_continuation(what.rank)) {
      e.size = udf::symlink_size(target);
      const auto at = tables_->continuation(what.rank);
      e.body = tables_->has_target_run(what.rank)
                   ? to_lbn(volume_.places.partition, volume_.places.targets + BlockCount{at})
                   : lbn(at);
    } else {
      e.target = target;
    }
  }
  put_file_entry(tables_->rules(), e, out);
}

void UdfMetadata::put_continuation(std::uint32_t block, const UdfBlock& what, std::span<std::byte> out) const {
  const auto& in = tables_->in();
  if (!tables_->is_stream(what.rank) && in.tree->inode(in.index->inode(what.rank)).type != FileType::regular)
    return put_target_block(in, what, block, out);
  const auto& rules = tables_->rules();
  put_allocation_extent(rules, UdfExtents(rules, UdfBody::content, body_of(what.rank), size_of(what.rank)),
                        block - what.first, lbn(block), out);
}

// One block of a folder's identifiers, which cross the borders of blocks. The tag location is the block in which an
// identifier begins.
void UdfMetadata::put_identifiers(std::uint32_t block, const UdfBlock& what, std::span<std::byte> out) const {
  const auto& in = tables_->in();
  const bool streams = tables_->is_stream_directory(what.folder);
  const auto entries = streams ? std::span<const NodeId>() : in.index->entries(what.folder);
  const auto items = 1 + (streams ? tables_->streams_in(what.folder).size() : entries.size());
  auto [item, behind] = tables_->checkpoint(what.folder, block - what.first);
  std::array<std::byte, kMaxFidSize> buffer;
  std::size_t used = 0;
  for (; used < out.size() && item < items; ++item) {
    if (item != 0 && !streams && !tables_->shows(entries[item - 1])) continue;
    if (behind == 0 && out.size() - used >= kMaxFidSize) {
      used += put_item(what.folder, item, lbn(block), out.subspan(used));
      continue;
    }
    const auto size = put_item(what.folder, item, lbn(behind == 0 ? block : block - 1), buffer);
    const auto n = std::min(size - behind, out.size() - used);
    std::memcpy(out.data() + used, buffer.data() + behind, n);
    used += n;
    behind = 0;
  }
  std::memset(out.data() + used, 0, out.size() - used);
}

std::size_t UdfMetadata::put_item(std::uint32_t folder, std::uint32_t item, Lbn at, std::span<std::byte> out) const {
  if (tables_->is_stream_directory(folder)) return put_stream_item(folder, item, at, out);
  const auto& in = tables_->in();
  const bool parent = item == 0;
  const auto node = parent ? in.index->directory(in.index->parent_number(folder)) : in.index->entries(folder)[item - 1];
  const auto& inode = in.tree->inode(node);
  const auto rank = in.index->rank(in.tree->inode_id(node));
  UdfIdentifier id;
  if (inode.type == FileType::directory) id.characteristics |= udf::kFidDirectory;
  if (parent) {
    id.characteristics |= udf::kFidParent;
    id.unique_id = static_cast<std::uint32_t>(UdfTables::unique_id(rank));
  } else {
    const auto position = in.index->first_entry(folder) + item - 1;
    if (inode.attributes.hidden) id.characteristics |= udf::kFidHidden;
    id.length = tables_->names().identifier(position, in.tree->name(node), out.subspan(kIdentifierAt));
    id.unique_id = tables_->name_id(position, rank);
  }
  id.icb = lbn(tables_->icb(rank));
  id.at = at;
  return put_identifier(tables_->rules(), id, out);
}

std::size_t UdfMetadata::put_stream_item(std::uint32_t folder, std::uint32_t item, Lbn at,
                                         std::span<std::byte> out) const {
  UdfIdentifier id;
  const auto owner = tables_->owner(folder);
  if (item == 0) {
    id.characteristics = udf::kFidDirectory | udf::kFidParent;  // whatever it is the stream directory of
    id.icb = lbn(tables_->icb(owner));
  } else {
    const auto rank = tables_->streams_in(folder)[item - 1];
    const auto name = tables_->in().tree->stream_name(tables_->stream(rank));
    if (name.starts_with(udf::kUdfStreamPrefix)) id.characteristics = udf::kFidMetadata;
    id.length = UdfNames::identifier(name, out.subspan(kIdentifierAt));
    id.icb = lbn(tables_->icb(rank));
  }
  id.unique_id = static_cast<std::uint32_t>(UdfTables::unique_id(owner));
  id.at = at;
  return put_identifier(tables_->rules(), id, out);
}

std::string UdfMetadata::path_of(const UdfBlock& what) const {
  const auto& tree = *tables_->in().tree;
  const bool in_folder = what.part == UdfPart::folder_entry || what.part == UdfPart::identifiers;
  if (in_folder || !tables_->is_stream(what.rank)) return tree.path(owner_of(what));
  return tree.stream_path(owner_of(what), tables_->stream(what.rank));
}

// Of a file or stream whose entry is all there is of it.
std::string UdfMetadata::content_path(BlockCount offset) const {
  const auto& in = tables_->in();
  if (offset >= tables_->blocks()) return {};
  const auto what = tables_->locate(offset.value);
  if (what.part != UdfPart::file_entry) return {};
  const auto& rules = tables_->rules();
  const bool embedded = tables_->is_stream(what.rank) ? rules.embeds_stream(in, tables_->stream(what.rank))
                                                      : rules.embeds(in, in.tree->inode(in.index->inode(what.rank)));
  return embedded ? path_of(what) : std::string{};
}

void UdfMetadata::check_sources(Lba at) const {
  const auto& in = tables_->in();
  if (mirror_) return;
  const auto check = [&](std::uint32_t rank, ContentId content) {
    try {
      in.tree->contents().check(content);
    } catch (const Error& e) {
      auto where = e.where();
      where.lba = at + BlockCount{tables_->icb(rank)};
      throw Error(e.code(), std::move(where), e.message(), e.reason());
    }
  };
  for (std::uint32_t rank = 0; in.profile.udf_embedded_files && rank < in.index->inode_count(); ++rank)
    if (const auto& inode = in.tree->inode(in.index->inode(rank)); tables_->rules().embeds(in, inode))
      check(rank, inode.content);
  for (auto rank = in.index->inode_count(); rank < tables_->rank_count(); ++rank)
    if (const auto s = tables_->stream(rank); tables_->rules().embeds_stream(in, s))
      check(rank, in.tree->stream_content(s));
}

std::string UdfMetadata::label(const UdfBlock& what) const {
  const auto& in = tables_->in();
  const auto name = [&]() -> std::string {
    switch (what.part) {
      case UdfPart::file_set: return "file set descriptor";
      case UdfPart::terminator: return "file set terminator";
      case UdfPart::folder_entry:
        return (tables_->is_stream_directory(what.folder) ? "stream directory entry " : "file entry ") + path_of(what);
      case UdfPart::identifiers:
        return (tables_->is_stream_directory(what.folder) ? "stream directory " : "directory ") + path_of(what);
      case UdfPart::file_entry: return "file entry " + path_of(what);
      case UdfPart::continuation:
        return (!tables_->is_stream(what.rank) && in.tree->inode(in.index->inode(what.rank)).type == FileType::symlink
                    ? "link target "
                    : "allocation extents ") +
               path_of(what);
    }
    throw std::logic_error("unknown part of the UDF metadata");
  };
  return (mirror_ ? "udf/mirror of " : "udf/") + name();
}

void UdfMetadata::for_each_part(Lba at, const PartFn& fn) const {
  std::uint32_t hint = 0;
  for (std::uint32_t block = 0; block < tables_->blocks().value;) {
    const auto what = tables_->locate(block, hint);
    hint = what.folder;
    fn({at + BlockCount{what.first}, {what.blocks}, label(what)});
    block += what.blocks;
  }
}

std::optional<ExtentPart> UdfMetadata::part_at(Lba at, BlockCount offset) const {
  if (offset >= tables_->blocks()) return std::nullopt;
  const auto what = tables_->locate(offset.value);
  return ExtentPart{at + BlockCount{what.first}, {what.blocks}, label(what)};
}

void UdfTargets::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  read_blocks(offset, out, [&](std::uint32_t block, std::span<std::byte> to) {
    put_target_block(tables_->in(), tables_->locate_target(block), block, to);
  });
}

void UdfTargets::for_each_part(Lba at, const PartFn& fn) const {
  for (BlockCount block; block < tables_->target_blocks();) {
    const auto part = part_at(at, block);
    fn(*part);
    block += part->blocks;
  }
}

std::optional<ExtentPart> UdfTargets::part_at(Lba at, BlockCount offset) const {
  if (offset >= tables_->target_blocks()) return std::nullopt;
  const auto what = tables_->locate_target(offset.value);
  const auto& in = tables_->in();
  return ExtentPart{
      at + BlockCount{what.first}, {what.blocks}, "udf/link target " + in.tree->path(in.index->first_name(what.rank))};
}

}  // namespace fsimage
