// A tree's entries in the one order that all views share: folders depth first, entries by the bytes of their names.
// Nothing here depends on the order in which the tree was made. Immutable, thread-safe; some twelve bytes an entry.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fsimage {

class TreeIndex {
 public:
  explicit TreeIndex(const Tree&);  // the tree stays as it is and outlives the index

  // Folders in preorder; the position is the folder's number, 0 the root.
  std::uint32_t directory_count() const { return static_cast<std::uint32_t>(directories_.size()); }
  NodeId directory(std::uint32_t number) const { return directories_[number]; }
  std::uint32_t directory_number(NodeId directory) const;                               // logarithmic
  std::uint32_t parent_number(std::uint32_t number) const { return parents_[number]; }  // the root is its own
  std::uint32_t depth(std::uint32_t number) const { return depths_[number]; }           // the root: 1 (ECMA-119 6.8.2)
  // All entries of the folder, sorted by the bytes of their names.
  std::span<const NodeId> entries(std::uint32_t number) const {
    return std::span(entries_).subspan(first_entry_[number], first_entry_[number + 1] - first_entry_[number]);
  }
  // Position in `entries` over all folders where this folder's entries begin.
  std::uint32_t first_entry(std::uint32_t number) const { return first_entry_[number]; }
  std::uint32_t entry_count() const { return static_cast<std::uint32_t>(entries_.size()); }

  // Inodes in the order in which their first name appears: folder by folder, by name. The root comes first.
  // `rank` is what serial numbers and unique ids are made from.
  std::uint32_t inode_count() const { return static_cast<std::uint32_t>(first_names_.size()); }
  InodeId inode(std::uint32_t rank) const { return tree_->inode_id(first_names_[rank]); }
  NodeId first_name(std::uint32_t rank) const { return first_names_[rank]; }
  std::uint32_t rank(InodeId i) const { return rank_of_[i.value]; }

 private:
  struct Numbered {
    NodeId directory;
    std::uint32_t number;
  };
  const Tree* tree_;
  std::vector<NodeId> directories_, entries_, first_names_;
  std::vector<Numbered> numbers_;  // by node
  std::vector<std::uint32_t> parents_, depths_, first_entry_, rank_of_;
};

}  // namespace fsimage
