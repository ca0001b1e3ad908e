// Cursor to tree: the one place that fills a tree, whatever the source. Transactional: when anything throws, the tree is
// as it was.
#pragma once

#include <fsimage/import/attribute_rules.hpp>
#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/import/recorded_content.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

namespace fsimage {

// Told while adding (DFileSystemImageEvents::Update): the item at hand, and how far. Sectors are of 2048 bytes.
struct AddProgress {
  std::string_view item;                       // path inside the tree below the target
  std::uint64_t items = 0;                     // entries seen so far
  std::uint64_t sectors = 0;                   // blocks that the contents seen so far will take
  std::optional<std::uint64_t> total_sectors;  // when the cursor knows
};
// Called on the adding thread, every few hundred items and once at the end. What it throws ends the adding.
using AddProgressFn = std::function<void(const AddProgress&)>;

struct AddEntries {
  AddProgressFn progress{};
  std::stop_token stop{};
  Tree::Existing existing = Tree::Existing::refuse;
  AttributeRules attributes{};  // for every entry
};

// Adds everything that the cursor gives below the folder `into`. Folders that exist are merged; another entry of the
// same path is duplicate_path, unless it is one and the same hard link, or `existing` says otherwise. Where entries take
// the place of others, contents that have not changed are reused: see reuse_content(), whose counts are returned. Entries
// of one identity become hard links; what earlier calls added is not looked at for that. A stop request is
// Errc::cancelled.
ReusedContent add_entries(Tree& tree, NodeId into, EntryCursor& cursor, const AddEntries& how = {});

}  // namespace fsimage
