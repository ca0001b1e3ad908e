#include <fsimage/image/progress_items.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <utility>

namespace fsimage {

ProgressItems::ProgressItems(std::shared_ptr<const ResultImage> image) : image_(std::move(image)) {
  std::vector<std::size_t> hashes;
  image_->for_each_part([&](const ExtentPart& part) {
    const std::string_view label = part.label;
    if (!label.starts_with(kContentLabel)) return;
    ranges_.push_back({part.start, part.blocks});
    hashes.push_back(std::hash<std::string_view>()(label.substr(kContentLabel.size())));
  });
  slots_.resize(std::bit_ceil(ranges_.size() * 3 / 2 + 1), kEmpty);
  const auto mask = slots_.size() - 1;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    auto slot = hashes[i] & mask;
    while (slots_[slot] != kEmpty) slot = (slot + 1) & mask;
    slots_[slot] = checked<std::uint32_t>(i, "number of progress items");
  }
}

ProgressItem ProgressItems::operator[](std::size_t index) const {
  const auto& range = ranges_.at(index);
  return {image_->path_at(range.first), range};
}

std::optional<std::size_t> ProgressItems::from_block(Lba block) const {
  const auto next = std::ranges::upper_bound(ranges_, block, {}, &BlockRange::first);
  if (next == ranges_.begin()) return std::nullopt;
  const auto& range = *std::prev(next);
  if (block >= range.first + range.blocks) return std::nullopt;
  return static_cast<std::size_t>(next - ranges_.begin() - 1);
}

std::optional<std::size_t> ProgressItems::from_description(std::string_view path) const {
  const auto mask = slots_.size() - 1;
  for (auto slot = std::hash<std::string_view>()(path) & mask; slots_[slot] != kEmpty; slot = (slot + 1) & mask)
    if (image_->path_at(ranges_[slots_[slot]].first) == path) return slots_[slot];
  return std::nullopt;
}

}  // namespace fsimage
