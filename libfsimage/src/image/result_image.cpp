#include <fsimage/image/result_image.hpp>

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <stdexcept>

namespace fsimage {
namespace {

// How many further runs one run_at joins: enough for a hole with its surroundings, bounded for a map of tiny holes.
constexpr int kRunsJoined = 64;

const RegionSource* region_of(const ImageExtent& e) { return dynamic_cast<const RegionSource*>(e.bytes.get()); }
BlockCount blocks_of(const ImageExtent& e) { return blocks_for(e.bytes->size()); }
ExtentPart part_of(const ImageExtent& e) { return {e.start, blocks_of(e), e.label}; }

// An extent of its own may hold a content, too: its label says so, as the parts of a region do.
std::string_view path_in(std::string_view label) {
  return label.starts_with(kContentLabel) ? label.substr(kContentLabel.size()) : std::string_view{};
}

}  // namespace

ResultImage::ResultImage(std::vector<ImageExtent> extents, BlockCount total, std::string image_id, Lba first,
                         std::vector<ImageExtent> replaced)
    : extents_(std::move(extents)),
      total_(total),
      id_(std::move(image_id)),
      first_(first),
      replaced_(std::move(replaced)) {
  for (const auto& e : replaced_)
    if (!e.bytes || e.bytes->size() % kBlockSize != 0 || e.start + blocks_of(e) > first_)
      throw std::logic_error("what is replaced lies before the image in whole blocks: " + e.label);
  std::erase_if(extents_, [](const ImageExtent& e) {
    if (!e.bytes) throw std::logic_error("extent without bytes: " + e.label);
    return e.bytes->size() == 0;
  });
  std::ranges::stable_sort(extents_, {}, &ImageExtent::start);
  const Lba end = first_ + total_;
  for (std::size_t i = 0; i < extents_.size(); ++i) {
    const auto& e = extents_[i];
    const auto stop = std::uint64_t{e.start.value} + blocks_of(e).value;
    if (e.start < first_ || stop > end.value)
      throw std::logic_error("extent lies outside the image: " + format_part(part_of(e)));
    if (i + 1 < extents_.size() && stop > extents_[i + 1].start.value)
      throw std::logic_error("extents overlap: " + format_part(part_of(e)) + " and " +
                             format_part(part_of(extents_[i + 1])));
  }
}

std::uint64_t ResultImage::offset_of(const ImageExtent& e) const { return (e.start - first_).bytes(); }

// The first extent that ends behind `offset`: it holds the offset, or a gap lies before it.
std::size_t ResultImage::index_at(std::uint64_t offset) const {
  const auto next =
      std::ranges::upper_bound(extents_, offset, {}, [this](const ImageExtent& e) { return offset_of(e); });
  const auto i = static_cast<std::size_t>(next - extents_.begin());
  return i > 0 && offset - offset_of(extents_[i - 1]) < extents_[i - 1].bytes->size() ? i - 1 : i;
}

void ResultImage::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size() || out.size() > size() - offset) throw std::logic_error("read beyond the end of the image");
  for (auto i = index_at(offset); !out.empty();) {
    const auto start = i < extents_.size() ? offset_of(extents_[i]) : size();
    std::size_t n = 0;
    if (offset < start) {
      n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), start - offset));
      std::memset(out.data(), 0, n);
    } else {
      const auto& bytes = *extents_[i].bytes;
      const auto left = bytes.size() - (offset - start);
      n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left));
      bytes.read_at(offset - start, out.first(n));
      if (n == left) ++i;
    }
    offset += n;
    out = out.subspan(n);
  }
}

// Up to the next border of extent and gap.
Run ResultImage::run_within(std::uint64_t offset) const {
  const auto i = index_at(offset);
  const auto start = i < extents_.size() ? offset_of(extents_[i]) : size();
  if (offset >= start) return extents_[i].bytes->run_at(offset - start);
  Run gap;
  gap.kind = Run::Kind::zeros;
  gap.length = start - offset;
  return gap;
}

Run ResultImage::run_at(std::uint64_t offset) const {
  if (offset >= size()) throw std::logic_error("run behind the end of the image");
  Run run = run_within(offset);
  if (run.kind != Run::Kind::zeros) return run;
  for (int joined = 0; joined < kRunsJoined && offset + run.length < size(); ++joined) {
    const Run next = run_within(offset + run.length);
    if (next.kind != Run::Kind::zeros) break;
    run.length += next.length;
  }
  return run;
}

void ResultImage::for_each_part(const PartFn& fn) const {
  for (const auto& e : extents_) {
    if (const auto* region = region_of(e)) {
      region->for_each_part(e.start, fn);
    } else {
      fn(part_of(e));
    }
  }
}

const ImageExtent* ResultImage::extent_at(Lba at) const {
  const auto next = std::ranges::upper_bound(extents_, at, {}, &ImageExtent::start);
  if (next == extents_.begin()) return nullptr;
  const auto& e = *std::prev(next);
  return at < e.start + blocks_of(e) ? &e : nullptr;
}

std::optional<ExtentPart> ResultImage::part_at(Lba at) const {
  const auto* e = extent_at(at);
  if (e == nullptr) return std::nullopt;
  if (const auto* region = region_of(*e)) return region->part_at(e->start, at - e->start);
  return part_of(*e);
}

std::string ResultImage::path_at(Lba at) const {
  const auto* e = extent_at(at);
  if (e == nullptr) return {};
  if (const auto* region = region_of(*e)) return region->content_path(at - e->start);
  return std::string(path_in(e->label));
}

std::optional<ExtentPart> ResultImage::find_content(std::string_view path) const {
  std::optional<ExtentPart> found;
  for_each_part([&](const ExtentPart& part) {
    if (!found && !path.empty() && path_in(part.label) == path) found = {part.start, part.blocks, std::string(path)};
  });
  return found;
}

std::vector<BlockRange> ResultImage::modified_blocks() const {
  std::vector<BlockRange> ranges;
  if (replaced_.empty()) return ranges;
  ranges.push_back({first_, total_});
  for (const auto& e : replaced_) ranges.push_back({e.start, blocks_of(e)});
  return ranges;
}

bool ResultImage::is_bound_to_thread() const {
  return std::ranges::any_of(extents_, [](const ImageExtent& e) { return e.bytes->is_bound_to_thread(); });
}

void ResultImage::check_sources() const {
  for (const auto& e : extents_)
    if (const auto* region = region_of(e)) region->check_sources(e.start);
}

void ResultImage::for_each_content(std::uint64_t offset, std::uint64_t length, const ContentFn& fn) const {
  for (auto i = index_at(offset); i < extents_.size() && offset_of(extents_[i]) < offset + length; ++i) {
    const auto* region = region_of(extents_[i]);
    if (region == nullptr) continue;
    const auto start = offset_of(extents_[i]);
    const auto begin = std::max(offset, start), end = std::min(offset + length, start + region->size());
    if (begin >= end) continue;
    region->for_each_content(begin - start, end - begin, [&](const ContentPiece& c) {
      fn({c.content, start + c.begin, c.size});
    });
  }
}

void ResultImage::check_after_reading() const {
  for (const auto& e : extents_)
    if (const auto* region = region_of(e)) region->check_after_reading(e.start);
}

std::string format_part(const ExtentPart& part) {
  constexpr std::size_t kColumn = 6;
  auto line = std::to_string(part.start.value) + "+" + std::to_string(part.blocks.value);
  if (line.size() < kColumn) line.resize(kColumn, ' ');
  return line + " " + printable(part.label);
}

}  // namespace fsimage
