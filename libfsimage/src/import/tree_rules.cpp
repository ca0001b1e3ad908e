#include <fsimage/import/tree_rules.hpp>

#include <fsimage/import/glob.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace fsimage {
namespace {

bool matches(const ExcludeList& list, std::string_view path, bool folder) {
  return list.excludes(path) || (folder && list.excludes_folder(path));
}

// Calls visit(node, path, what) for every entry, `what` being what the visit of its folder returned; `top` for the root's.
template <class What, class Visit>
void visit_below(const Tree& tree, What top, Visit visit) {
  struct Open {
    NodeId node;
    std::size_t path_length;
    What what;
  };
  std::vector<Open> open;
  std::string path;
  const auto enter = [&](NodeId folder, const What& what) {
    for (auto n = tree.first_child(folder); n; n = tree.next_sibling(*n)) open.push_back({*n, path.size(), what});
  };
  enter(kRootNode, top);
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    path.resize(at.path_length);
    if (!path.empty()) path += '/';
    path += tree.name(at.node);
    const auto what = visit(at.node, path, at.what);
    if (tree.is_directory(at.node)) enter(at.node, what);
  }
}

}  // namespace

void set_weights(Tree& tree, std::span<const ContentWeight> weights) {
  std::vector<ExcludeList> lists;
  for (const auto& w : weights) lists.emplace_back(std::vector<std::string>{w.pattern});
  std::vector<bool> seen(tree.inode_count());
  // The number of the last weight that matched, from 1.
  visit_below(tree, std::size_t{0}, [&](NodeId n, std::string_view path, std::size_t above) {
    const bool folder = tree.is_directory(n);
    auto last = lists.size();
    while (last > above && !matches(lists[last - 1], path, folder)) --last;
    const auto inode = tree.inode_id(n);
    const auto weight = last == 0 ? 0 : weights[last - 1].weight;
    if (!seen[inode.value] || tree.inode(inode).weight < weight) tree.set_weight(n, weight);
    seen[inode.value] = true;
    return last;
  });
}

std::uint64_t hide_entries(Tree& tree, std::vector<std::string> patterns) {
  const ExcludeList list(std::move(patterns));
  std::uint64_t count = 0;
  visit_below(tree, 0, [&](NodeId n, std::string_view path, int) {
    if (matches(list, path, tree.is_directory(n))) {
      auto attributes = tree.inode(n).attributes;
      attributes.hidden = true;
      tree.set_attributes(n, attributes);
      ++count;
    }
    return 0;
  });
  return count;
}

}  // namespace fsimage
