#include <fsimage/core/fnv.hpp>
#include <fsimage/tree/tree.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace fsimage {

Tree::Index::Index(const Index& other) : Index() {
  const std::lock_guard lock(other.mutex);
  slots = other.slots;
  used = other.used;
  covered = other.covered.load();
}

Tree::Index::Index(Index&& other) noexcept
    : slots(std::move(other.slots)), used(std::exchange(other.used, 0)), covered(other.covered.exchange(0)) {}

Tree::Index& Tree::Index::operator=(Index other) noexcept {
  slots = std::move(other.slots);
  used = other.used;
  covered = other.covered.load();
  return *this;
}

std::size_t Tree::first_slot(std::uint32_t parent, std::string_view name) const {
  auto h = fnv1a(kFnvBasis ^ parent, name);
  h ^= h >> 32;
  return static_cast<std::size_t>(h * 0x9E3779B97F4A7C15ULL >> 20) & (index_.slots.size() - 1);
}

std::optional<NodeId> Tree::child(NodeId directory, std::string_view name) const {
  if (is_behind_all(name, nodes_[directory.value])) return std::nullopt;
  const auto covered = index_.covered.load(std::memory_order_acquire);
  constexpr std::size_t kFew = 16;  // which are sooner seen through than put into the index with many others
  if (nodes_.size() - covered > kFew) {
    auto n = nodes_[directory.value].first_child;
    for (std::size_t seen = 0; seen < kFew && n != kNone; ++seen, n = nodes_[n].next)
      if (this->name({n}) == name) return NodeId{n};
    if (n == kNone) return std::nullopt;
  }
  if (covered != nodes_.size()) bring_index_up_to_date();
  const auto& slots = index_.slots;
  for (auto slot = first_slot(directory.value, name); slots[slot] != kNone; slot = (slot + 1) & (slots.size() - 1)) {
    const auto n = slots[slot];
    if (n != kErased && nodes_[n].parent == directory.value && this->name({n}) == name) return NodeId{n};
  }
  return std::nullopt;
}

void Tree::index_insert(std::uint32_t node) {
  if (node >= index_.covered) return;
  index_put(node, first_slot(nodes_[node].parent, name({node})));
  // A search ends at an empty slot: the next makes an index that has enough of them.
  if (index_.used * 3 > index_.slots.size() * 2) index_.covered = 0;
}

void Tree::index_put(std::uint32_t node, std::size_t slot) const {
  auto& slots = index_.slots;
  while (slots[slot] != kNone) slot = (slot + 1) & (slots.size() - 1);
  slots[slot] = node;
  ++index_.used;
}

void Tree::index_erase(std::uint32_t node) {
  if (node >= index_.covered) return;
  auto& slots = index_.slots;
  auto slot = first_slot(nodes_[node].parent, name({node}));
  while (slots[slot] != node) slot = (slot + 1) & (slots.size() - 1);
  slots[slot] = kErased;
}

// When it becomes too full it is made anew, without what was erased, so that a tree that is edited for ever does not grow
// for ever.
void Tree::bring_index_up_to_date() const {
  const std::lock_guard lock(index_.mutex);
  const auto covered = index_.covered.load();
  if (covered == nodes_.size()) return;
  const auto more = nodes_.size() - covered;
  if (covered == 0 || (index_.used + more) * 3 > index_.slots.size() * 2) {
    std::size_t live = 0;
    for (std::size_t n = 0; n < nodes_.size(); ++n) live += std::size_t{nodes_[n].linked};
    auto size = std::max<std::size_t>(16, index_.slots.size());
    while (live * 2 > size) size *= 2;
    index_.slots.assign(size, kNone);
    index_.used = 0;
    index_nodes(0);
  } else {
    index_nodes(covered);
  }
  index_.covered.store(nodes_.size(), std::memory_order_release);
}

// Nodes are taken by number, as they and their names lie in memory, and some at a time, so that the processor waits for many
// of their slots at once, which lie anywhere.
void Tree::index_nodes(std::size_t from) const {
  struct Slot {
    std::uint32_t node;
    std::size_t first;
  };
  std::array<Slot, 32> batch;
  for (std::size_t n = from, filled = 0; n < nodes_.size(); ++n) {
    if (nodes_[n].linked && n != kRootNode.value) {
      const auto node = static_cast<std::uint32_t>(n);
      batch[filled++] = {node, first_slot(nodes_[n].parent, name({node}))};
    }
    if (filled != batch.size() && n + 1 != nodes_.size()) continue;
    for (const auto& slot : std::span(batch).first(filled)) index_put(slot.node, slot.first);
    filled = 0;
  }
}

}  // namespace fsimage
