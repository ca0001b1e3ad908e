// A filter over any cursor: names, and the targets of symbolic links, in one form of Unicode. Two entries of a folder whose
// names then are the same are duplicate_path for whoever adds them.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/unicode.hpp>
#include <fsimage/import/entry_cursor.hpp>

#include <memory>

namespace fsimage {

// `on_finding` is told of each change: `renamed` in View::none, with the origin of the entry as its path. The cursor throws
// too_large for a name that has no room in that form.
std::unique_ptr<EntryCursor> normalize_names(std::unique_ptr<EntryCursor>, Normalization, FindingFn on_finding = {});

}  // namespace fsimage
