#include <fsimage/burn/disc_description.hpp>

#include "framed_header.hpp"
#include "identify.hpp"
#include "json_forms.hpp"
#include "noting_source.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/io/atomic_file.hpp>
#include <fsimage/io/cached_source.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/tree/tree.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace fsimage {
namespace {

constexpr std::string_view kDescriptionKind = "disc";
constexpr std::uint32_t kDescriptionVersion = 1;
constexpr std::size_t kChunksKept = 16;  // inflated: as many as a reader of volumes has windows, and some
constexpr std::uint64_t kHoleWorthIt = 32 * kBlockSize;
constexpr std::size_t kCopyPiece = std::size_t{1} << 20;

// What the front of an overwritable medium says of its newest session, and is rewritten with the next one.
constexpr std::array<BlockRange, 2> kFront{{{Lba{0}, BlockCount{32}}, {Lba{256}, BlockCount{32}}}};

std::vector<std::byte> deflate(std::span<const std::byte> bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<std::byte> out(size);
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), Z_DEFAULT_COMPRESSION) != Z_OK)
    throw std::bad_alloc();  // the one thing that can happen
  out.resize(size);
  return out;
}

// Blocks that are wanted, as chunks and their payload.
class ChunkWriter {
 public:
  ChunkWriter(const ByteSource& source, std::stop_token stop) : source_(source), stop_(std::move(stop)) {}

  void add(const BlockRange& range) {
    const auto end = range.first + range.blocks;
    for (Lba at = range.first; at < end;) {
      if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request");
      const Run run = source_.run_at(at.byte_offset());
      if (run.kind == Run::Kind::zeros && run.length >= kHoleWorthIt) {
        const auto blocks = std::min<std::uint64_t>(run.length / kBlockSize, (end - at).value);
        chunks_.push_back({at, {static_cast<std::uint32_t>(blocks)}, 0, 0, {}});
      } else {
        store(at, std::min(end - at, StructureBlocks::kLongestChunk));
      }
      at = at + chunks_.back().blocks;
    }
  }
  std::vector<StructureBlocks::Chunk> take_chunks() { return std::move(chunks_); }
  std::vector<std::byte> take_payload() { return std::move(payload_); }

 private:
  void store(Lba at, BlockCount blocks) {
    const auto length = std::min<std::uint64_t>(blocks.bytes(), source_.size() - at.byte_offset());
    std::vector<std::byte> bytes(static_cast<std::size_t>(blocks.bytes()));
    source_.read_at(at.byte_offset(), std::span(bytes).first(static_cast<std::size_t>(length)));
    const auto packed = deflate(bytes);
    chunks_.push_back(
        {at, blocks, payload_.size(), static_cast<std::uint32_t>(packed.size()), to_hex(sha256_of(bytes))});
    payload_.insert(payload_.end(), packed.begin(), packed.end());
  }

  const ByteSource& source_;
  std::stop_token stop_;
  std::vector<StructureBlocks::Chunk> chunks_;
  std::vector<std::byte> payload_;
};

// Reads all that an import reads. What is broken, or cannot be read, ends the import of that view here as it would later.
// Gives where the newest session ends.
Lba read_structures(const std::shared_ptr<const NotingSource>& source, const Media& media,
                    const std::stop_token& stop) {
  const auto hint = session_hint(media);
  const auto sessions = find_sessions(source, hint);
  if (sessions.empty()) return {};
  for (const View view : {View::udf, View::rockridge, View::joliet, View::enhanced, View::iso9660}) {
    if (!sessions.back().found.has(view)) continue;
    try {
      Tree tree;
      ImportOptions options;
      options.view = view;
      options.hint = hint;
      options.stop = stop;
      import_file_system(tree, source, options);
    } catch (const Error& e) {
      if (e.code() == Errc::cancelled || e.code() == Errc::no_media || e.code() == Errc::busy) throw;
    }
  }
  return sessions.back().end;
}

// Who looks for the end of all that is recorded follows the anchors behind a session, to the first block that is none.
void read_anchors(const ByteSource& source, Lba at) {
  constexpr std::uint32_t kMostAnchors = 1024 + 64;
  constexpr std::byte kAnchorTag{2};  // ECMA-167 3/7.2.1, low byte
  std::array<std::byte, kBlockSize> block;
  for (std::uint32_t i = 0; i < kMostAnchors && at.byte_offset() + kBlockSize <= source.size(); ++i) {
    try {
      source.read_at(at.byte_offset(), block);
    } catch (const Error& e) {
      if (e.code() != std::errc::io_error) throw;
      return;
    }
    if (block[0] != kAnchorTag) return;
    at = at + BlockCount{1};
  }
}

}  // namespace

// --- the blocks

StructureBlocks::StructureBlocks(std::uint64_t size, std::vector<Chunk> chunks,
                                 std::shared_ptr<const ByteSource> payload, std::string label)
    : size_(size), chunks_(std::move(chunks)), payload_(std::move(payload)), label_(std::move(label)) {
  const auto bad = [](Lba at, std::string_view what) {
    throw Error(Errc::corrupt_structure, {.path = {}, .lba = at, .clause = {}}, what);
  };
  const std::uint64_t blocks = size_ / kBlockSize + (size_ % kBlockSize != 0 ? 1 : 0);
  std::uint64_t end = 0;
  for (const auto& c : chunks_) {
    if (c.blocks.value == 0 || c.first.value < end) bad(c.first, "stored blocks that are not ascending");
    end = std::uint64_t{c.first.value} + c.blocks.value;
    if (end > blocks) bad(c.first, "stored blocks behind the end of the disc");
    if (c.bytes == 0) continue;
    if (c.blocks > kLongestChunk || c.bytes > 2 * kLongestChunk.bytes()) bad(c.first, "too many blocks in one piece");
    if (c.offset > payload_->size() || c.bytes > payload_->size() - c.offset) bad(c.first, "stored blocks are cut off");
  }
}

void StructureBlocks::fail(std::uint64_t block) const {
  throw Error(std::make_error_code(std::errc::io_error),
              {.path = label_, .lba = Lba{checked<std::uint32_t>(block, "logical block address")}, .clause = {}},
              "the description of the disc holds its structures, and this block is content: give the disc itself");
}

std::size_t StructureBlocks::chunk_at(std::uint64_t block) const {
  const auto next =
      std::ranges::upper_bound(chunks_, block, {}, [](const Chunk& c) { return std::uint64_t{c.first.value}; });
  if (next == chunks_.begin()) fail(block);
  const auto& c = *std::prev(next);
  if (block - c.first.value >= c.blocks.value) fail(block);
  return static_cast<std::size_t>(std::prev(next) - chunks_.begin());
}

StructureBlocks::Bytes StructureBlocks::inflated(std::size_t chunk) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(recent_, chunk, [](const auto& kept) { return kept.first; });
    if (found != recent_.end()) {
      std::rotate(found, found + 1, recent_.end());
      return recent_.back().second;
    }
  }
  const auto& c = chunks_[chunk];
  std::vector<std::byte> packed(c.bytes), bytes(static_cast<std::size_t>(c.blocks.bytes()));
  payload_->read_at(c.offset, packed);
  auto size = static_cast<uLongf>(bytes.size());
  const auto status = uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                                 reinterpret_cast<const Bytef*>(packed.data()), static_cast<uLong>(packed.size()));
  if (status != Z_OK || size != bytes.size() || to_hex(sha256_of(bytes)) != c.digest)
    throw Error(Errc::corrupt_structure, {.path = label_, .lba = c.first, .clause = {}},
                "the description of the disc is damaged");
  auto out = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const std::lock_guard lock(mutex_);
  if (recent_.size() == kChunksKept) recent_.erase(recent_.begin());
  recent_.emplace_back(chunk, out);
  return out;
}

void StructureBlocks::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  while (!out.empty()) {
    const auto index = chunk_at(offset / kBlockSize);
    const auto& c = chunks_[index];
    const auto within = static_cast<std::size_t>(offset - c.first.byte_offset());
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), c.blocks.bytes() - within));
    if (c.bytes == 0) {
      std::ranges::fill(out.first(n), std::byte{});
    } else {
      const auto bytes = inflated(index);
      std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(within), n, out.begin());
    }
    offset += n;
    out = out.subspan(n);
  }
}

Run StructureBlocks::run_at(std::uint64_t offset) const {
  check_range(offset, 1);
  const auto block = offset / kBlockSize;
  const auto next =
      std::ranges::upper_bound(chunks_, block, {}, [](const Chunk& c) { return std::uint64_t{c.first.value}; });
  Run run;
  run.length = std::min(size_ - offset, kBlockSize - offset % kBlockSize);
  if (next == chunks_.begin()) return run;
  const auto& c = *std::prev(next);
  const auto end = c.first.byte_offset() + c.blocks.bytes();
  if (offset >= end) return run;
  run.kind = c.bytes == 0 ? Run::Kind::zeros : Run::Kind::bytes;
  run.length = std::min(end, size_) - offset;
  return run;
}

// --- descriptions

DiscDescription describe_disc(const Media& media, const std::shared_ptr<const ByteSource>& disc,
                              const std::string& label, std::stop_token stop) {
  DiscDescription out;
  out.media = media;
  if (!disc || media.state == MediaState::blank || disc->size() < kBlockSize) {
    out.identity = identify_disc(media, disc, nullptr, stop);
    return out;
  }
  const auto content = std::make_shared<CachedSource>(disc);
  const auto noting = std::make_shared<NotingSource>(content);
  out.identity = identify_as_read(media, noting, nullptr, stop);
  const auto newest_end = read_structures(noting, media, stop);
  if (media.media_class == MediaClass::overwritable) read_anchors(*noting, newest_end);
  auto wanted = noting->noted();
  for (const auto& r : kFront) {
    const std::uint64_t end = (r.first + r.blocks).byte_offset();
    if (media.media_class == MediaClass::overwritable && end <= content->size())
      wanted.add(r.first.value, end / kBlockSize);
  }
  ChunkWriter writer(*content, stop);
  for (const auto& range : wanted.ranges()) writer.add(range);
  auto payload = std::make_shared<MemorySource>(writer.take_payload());
  out.content = std::make_shared<StructureBlocks>(content->size(), writer.take_chunks(), std::move(payload), label);
  return out;
}

void save_description(const DiscDescription& description, const std::string& path) {
  json_forms::DescriptionHeader header{description.media, description.identity, 0, {}};
  std::uint64_t payload = 0;
  if (description.content) {
    header.bytes = description.content->size();
    header.chunks = description.content->chunks();
    payload = description.content->payload().size();
  }
  const auto front = make_framed_header(kDescriptionKind, kDescriptionVersion, json_forms::to_json(header));
  AtomicFile out(path);
  out.reserve(front.size() + payload, front.size() + payload);
  out.write_at(0, std::as_bytes(std::span(front)));
  std::vector<std::byte> piece;
  for (std::uint64_t at = 0; at < payload; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kCopyPiece, payload - at)));
    description.content->payload().read_at(at, piece);
    out.write_at(front.size() + at, piece);
  }
  out.commit(true);
}

DiscDescription load_description(const std::string& path) {
  return load_description(std::make_shared<FileSource>(path), path);
}

DiscDescription load_description(const std::shared_ptr<const ByteSource>& file, const std::string& label) {
  try {
    const auto front = read_framed_header(*file, kDescriptionKind, kDescriptionVersion);
    auto header = json_forms::parse_description(front.json);
    DiscDescription out{std::move(header.media), std::move(header.identity), nullptr};
    if (header.bytes == 0) return out;
    const auto start = std::min(front.payload, file->size());
    auto payload = std::make_shared<SliceSource>(file, start, file->size() - start);
    out.content = std::make_shared<StructureBlocks>(header.bytes, std::move(header.chunks), std::move(payload), label);
    return out;
  } catch (const Error& e) {
    throw e.with_path(label);
  }
}

bool is_description(const ByteSource& file) { return has_framed_header(file, kDescriptionKind); }

}  // namespace fsimage
