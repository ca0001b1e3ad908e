#include <fsimage/image/content_region.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

// From this size on a content is asked for its runs, which opens the file. Below it and for gaps that are as small,
// reading is cheaper than knowing.
constexpr std::uint64_t kRunsFrom = 64 * 1024;
// How far small contents are joined into one run: several windows of whoever reads.
constexpr std::uint64_t kJoinedBytes = std::uint64_t{16} << 20;
constexpr std::size_t kCheckedAtOnce = 1'000;  // contents, by one thread

void check_by_several(std::size_t count, const std::function<void(std::size_t first, std::size_t last)>& check) {
  std::size_t next = 0;
  run_jobs(readers(count <= kCheckedAtOnce ? 1 : 0), [&] {
    const auto first = next;
    next = std::min(count, first + kCheckedAtOnce);
    return first == next ? Job{} : Job{[&check, first, last = next](std::size_t) { check(first, last); }};
  });
}

Run plain_run(Run::Kind kind, std::uint64_t length) {
  Run run;
  run.kind = kind;
  run.length = length;
  return run;
}

}  // namespace

ContentRegion::ContentRegion(std::shared_ptr<const ContentStore> store, std::vector<Placed> placed, BlockCount size,
                             PathFn path_of, std::vector<ContentId> empty)
    : store_(std::move(store)),
      placed_(std::move(placed)),
      size_(size),
      path_of_(std::move(path_of)),
      empty_(std::move(empty)) {
  std::uint64_t free_from = 0;
  for (const auto& p : placed_) {
    const auto bytes = store_->size(p.content);
    if (bytes == 0) throw std::logic_error("content without bytes in the content region: " + path_of_(p.owner));
    if (p.offset.value < free_from) throw std::logic_error("contents overlap at " + path_of_(p.owner));
    free_from = std::uint64_t{p.offset.value} + blocks_for(bytes).value;
    if (free_from > size_.value)
      throw std::logic_error("content reaches beyond the content region: " + path_of_(p.owner));
  }
}

// The first content that ends behind `offset`: it holds the offset, or a gap lies before it.
std::size_t ContentRegion::index_at(std::uint64_t offset) const {
  const auto next = std::ranges::upper_bound(placed_, offset, {}, [](const Placed& p) { return p.offset.bytes(); });
  const auto i = static_cast<std::size_t>(next - placed_.begin());
  return i > 0 && offset - placed_[i - 1].offset.bytes() < store_->size(placed_[i - 1].content) ? i - 1 : i;
}

std::uint64_t ContentRegion::start_of(std::size_t i) const {
  return i < placed_.size() ? placed_[i].offset.bytes() : size();
}

void ContentRegion::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  for (auto i = index_at(offset); !out.empty();) {
    const auto start = start_of(i);
    std::size_t n = 0;
    if (offset < start) {
      n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), start - offset));
      std::memset(out.data(), 0, n);
    } else {
      const auto content = placed_[i].content;
      const auto left = store_->size(content) - (offset - start);
      n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left));
      store_->read_at(content, offset - start, out.first(n));
      if (n == left) ++i;
    }
    offset += n;
    out = out.subspan(n);
  }
}

Run ContentRegion::run_at(std::uint64_t offset) const {
  if (offset >= size()) throw std::logic_error("run behind the end of the content region");
  const auto i = index_at(offset);
  const auto start = start_of(i);
  if (offset < start) return plain_run(Run::Kind::zeros, start - offset);
  const auto content = placed_[i].content;
  const auto bytes = store_->size(content);
  if (bytes < kRunsFrom) return small_contents(i, offset);
  Run run = store_->run_at(content, offset - start);
  run.length = std::min(run.length, bytes - (offset - start));
  return run;
}

// Bytes up to the next large content or large gap.
Run ContentRegion::small_contents(std::size_t i, std::uint64_t offset) const {
  auto end = offset;
  for (; i < placed_.size() && end - offset < kJoinedBytes; ++i) {
    const auto bytes = store_->size(placed_[i].content);
    const auto start = start_of(i);
    if (bytes >= kRunsFrom || (start > end && start - end >= kRunsFrom)) break;
    end = start + bytes;
  }
  return plain_run(Run::Kind::bytes, end - offset);
}

ExtentPart ContentRegion::part(Lba at, const Placed& p) const {
  return {at + p.offset, blocks_for(store_->size(p.content)), std::string(kContentLabel) + path_of_(p.owner)};
}

void ContentRegion::for_each_part(Lba at, const PartFn& fn) const {
  for (const auto& p : placed_) fn(part(at, p));
}

void ContentRegion::for_each_content(std::uint64_t offset, std::uint64_t length, const ContentFn& fn) const {
  for (auto i = index_at(offset); i < placed_.size() && start_of(i) < offset + length; ++i)
    fn({placed_[i].content, start_of(i), store_->size(placed_[i].content)});
}

const ContentRegion::Placed* ContentRegion::placed_at(BlockCount offset) const {
  const auto next = std::ranges::upper_bound(placed_, offset, {}, &Placed::offset);
  if (next == placed_.begin()) return nullptr;
  const auto& p = *std::prev(next);
  return offset < p.offset + blocks_for(store_->size(p.content)) ? &p : nullptr;
}

std::optional<ExtentPart> ContentRegion::part_at(Lba at, BlockCount offset) const {
  const auto* p = placed_at(offset);
  if (p == nullptr) return std::nullopt;
  return part(at, *p);
}

std::string ContentRegion::content_path(BlockCount offset) const {
  const auto* p = placed_at(offset);
  return p == nullptr ? std::string{} : path_of_(p->owner);
}

void ContentRegion::check_placed(Lba at, std::size_t first, std::size_t last) const {
  for (auto i = first; i < last; ++i) {
    try {
      store_->check(placed_[i].content);
    } catch (const Error& e) {
      auto where = e.where();
      where.lba = at + placed_[i].offset;
      throw Error(e.code(), std::move(where), e.message(), e.reason());
    }
  }
}

void ContentRegion::check_sources(Lba at) const {
  check_by_several(placed_.size(), [&](std::size_t first, std::size_t last) { check_placed(at, first, last); });
  check_after_reading(at);
}

// Only contents without bytes are never read.
void ContentRegion::check_after_reading(Lba) const {
  check_by_several(empty_.size(), [&](std::size_t first, std::size_t last) {
    for (auto i = first; i < last; ++i) store_->check(empty_[i]);
  });
}

}  // namespace fsimage
