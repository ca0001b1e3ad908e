#include <fsimage/layout/tree_index.hpp>

#include <algorithm>
#include <cstddef>

namespace fsimage {
namespace {

// A name with its first eight bytes at hand: most comparisons end there, without a look into the arena.
struct Named {
  std::uint64_t head;
  NodeId node;
};

std::uint64_t head_of(std::string_view name) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 8; ++i) head = head << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
  return head;
}

}  // namespace

TreeIndex::TreeIndex(const Tree& tree) : tree_(&tree) {
  constexpr std::uint32_t kUnseen = 0xFFFFFFFF;
  rank_of_.assign(tree.inode_count(), kUnseen);
  entries_.reserve(tree.node_count());
  first_names_.reserve(tree.inode_count());
  const auto see = [&](NodeId n) {
    auto& rank = rank_of_[tree.inode_id(n).value];
    if (rank != kUnseen) return;
    rank = static_cast<std::uint32_t>(first_names_.size());
    first_names_.push_back(n);
  };
  struct Open {
    NodeId directory;
    std::uint32_t parent, depth;
  };
  std::vector<Open> open{{kRootNode, 0, 1}};
  std::vector<Named> names;
  see(kRootNode);
  while (!open.empty()) {
    const auto [directory, parent, depth] = open.back();
    open.pop_back();
    const auto number = static_cast<std::uint32_t>(directories_.size());
    numbers_.push_back({directory, number});
    directories_.push_back(directory);
    parents_.push_back(parent);
    depths_.push_back(depth);
    first_entry_.push_back(static_cast<std::uint32_t>(entries_.size()));

    names.clear();
    for (auto n = tree.first_child(directory); n; n = tree.next_sibling(*n))
      names.push_back({head_of(tree.name(*n)), *n});
    std::sort(names.begin(), names.end(), [&](const Named& a, const Named& b) {
      return a.head != b.head ? a.head < b.head : tree.name(a.node) < tree.name(b.node);
    });
    for (const auto& n : names) {
      entries_.push_back(n.node);
      see(n.node);
    }
    for (auto n = names.rbegin(); n != names.rend(); ++n)  // the last pushed is the next visited
      if (tree.is_directory(n->node)) open.push_back({n->node, number, depth + 1});
  }
  first_entry_.push_back(static_cast<std::uint32_t>(entries_.size()));
  std::sort(numbers_.begin(), numbers_.end(),
            [](const Numbered& a, const Numbered& b) { return a.directory < b.directory; });
}

std::uint32_t TreeIndex::directory_number(NodeId directory) const {
  const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), directory,
                                   [](const Numbered& n, NodeId d) { return n.directory < d; });
  return at->number;
}

}  // namespace fsimage
