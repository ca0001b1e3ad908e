// Where a save goes: the folder, the name in it, and what is there. Private to io/windows.
#pragma once

#include "entry.hpp"

#include <optional>
#include <string>

namespace fsimage::windows {

struct TargetPath {
  std::string folder;  // ends with what separates names, or is empty: the current one
  std::string name;
  std::string full() const { return folder + name; }
};

// Follows the link that the last component may be, so that the file behind it is the target. Throws for a folder, a
// device or a link that leads nowhere; a missing folder is not noticed here.
TargetPath resolve_target(const std::string& path);

// The file under the name, if any; throws when it is something else.
std::optional<EntryInfo> file_at(HANDLE folder, const TargetPath& target);

}  // namespace fsimage::windows
