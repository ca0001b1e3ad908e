#include "volume_view.hpp"

#include "iso_view.hpp"
#include "udf_view.hpp"

#include <algorithm>

namespace fsimage::volume {
namespace {

constexpr std::size_t kDirectoryChunk = 64 * 1024;
static_assert(kDirectoryChunk % kBlockSize == 0);

// Whether two pieces share bytes: many of them upon one block would be a folder larger than anything that was recorded.
bool overlap(std::vector<Piece> pieces) {
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.at < b.at; });
  return std::adjacent_find(pieces.begin(), pieces.end(),
                            [](const Piece& a, const Piece& b) { return b.at < a.end(); }) != pieces.end();
}

}  // namespace

void VolumeEntry::clear() {
  entry = Entry{};
  directory = {};
  pieces.clear();
  incomplete = false;
  content.reset();
  structures.clear();
  record_at = 0;
  xattrs.reset();
  refused = Errc{};
  refused_text.clear();
  refused_clause.clear();
}

std::unique_ptr<VolumeView> open_view(Walk& walk, View view, Lba session) {
  if (view == View::udf) return open_udf_view(walk, session);
  return open_iso_view(walk, view, session);
}

DirectoryBytes::DirectoryBytes(Walk& walk, std::vector<Piece> pieces, bool whole, std::string_view clause)
    : walk_(walk), pieces_(std::move(pieces)), size_(total_length(pieces_)), clause_(clause), whole_(whole) {
  for (const Piece& p : pieces_)
    if (p.hole() || !walk_.blocks.contains(p.at, p.length))
      damaged(p.hole() ? Lba{} : lba_of(p.at), clause_,
              "a folder of " + std::to_string(p.length) + " bytes that lie outside the image");
  if (pieces_.size() > 1 && overlap(pieces_))
    damaged(lba_of(pieces_[0].at), clause_, "a folder of extents that lie upon one another");
  walk_.budget.charge_metadata(size_, pieces_.empty() ? Lba{} : lba_of(pieces_[0].at));
  offsets_.reserve(pieces_.size());
  std::uint64_t offset = 0;
  for (const Piece& p : pieces_) {
    offsets_.push_back(offset);
    offset += p.length;
  }
}

std::span<const std::byte> DirectoryBytes::at(std::uint64_t offset, std::size_t length) {
  if (offset >= size_) return {};
  length = static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - offset));
  if (offset < start_ || offset - start_ > bytes_.size() || length > bytes_.size() - (offset - start_)) fill(offset);
  return std::span(bytes_).subspan(static_cast<std::size_t>(offset - start_), length);
}

std::size_t DirectoryBytes::piece_at(std::uint64_t offset) const {
  return static_cast<std::size_t>(std::upper_bound(offsets_.begin(), offsets_.end(), offset) - offsets_.begin()) - 1;
}

void DirectoryBytes::fill(std::uint64_t offset) {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(kDirectoryChunk, size_));
  if (!whole_) {
    start_ = kDirectoryChunk >= size_ ? 0 : offset - offset % kBlockSize;
    bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - start_)));
    return read_pieces(start_, bytes_);
  }
  // Held from the start on, and only as far as records have led: a length may be anything.
  const auto held = bytes_.size();
  bytes_.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(size_, std::max<std::uint64_t>(2 * held, offset + most))));
  try {
    read_pieces(held, std::span(bytes_).subspan(held));
  } catch (...) {
    bytes_.resize(held);
    throw;
  }
}

void DirectoryBytes::read_pieces(std::uint64_t offset, std::span<std::byte> out) {
  if (out.empty()) return;
  auto i = piece_at(offset);
  for (auto skip = offset - offsets_[i]; !out.empty(); ++i, skip = 0) {
    const Piece& p = pieces_[i];
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), p.length - skip));
    read(p.at + skip, out.first(n));
    out = out.subspan(n);
  }
}

void DirectoryBytes::read(std::uint64_t at, std::span<std::byte> out) {
  try {
    return walk_.blocks.read(at, out, clause_);
  } catch (const Error& e) {
    if (!walk_.report.survives(e)) throw;
  }
  // One bad sector must not take its neighbours with it.
  while (!out.empty()) {
    const auto n = std::min(out.size(), static_cast<std::size_t>(kBlockSize - at % kBlockSize));
    try {
      walk_.blocks.read(at, out.first(n), clause_);
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
      walk_.report.lost(Error(e.code(), {.path = {}, .lba = lba_of(at), .clause = e.where().clause}, e.message()));
      std::fill_n(out.begin(), n, std::byte{});
    }
    at += n;
    out = out.subspan(n);
  }
}

std::uint64_t DirectoryBytes::source_offset(std::uint64_t offset) const {
  if (pieces_.empty()) return 0;
  const auto i = piece_at(offset);
  return pieces_[i].at + std::min(offset - offsets_[i], pieces_[i].length);
}

void NameOrder::add(std::uint64_t position, std::string_view name) {
  items_.push_back({position, checked<std::uint32_t>(names_.size(), "names of a folder"),
                    checked<std::uint16_t>(name.size(), "name")});
  names_.insert(names_.end(), name.begin(), name.end());
}

void NameOrder::sort() {
  const auto before = [this](const Item& a, const Item& b) { return name(a) < name(b); };
  if (!std::is_sorted(items_.begin(), items_.end(), before)) std::stable_sort(items_.begin(), items_.end(), before);
  names_ = {};
}

}  // namespace fsimage::volume
