// What symbolic links and junctions point to. Private to io/windows.
#pragma once

#include "system.hpp"

#include <string>

namespace fsimage::windows {

// Of the link that is open itself, with '/' in the place of '\'. Throws the system's error, unsupported for a link of
// another kind.
std::string read_link(HANDLE link);

// Makes a link of the new, empty file or folder; 0, or the system's error. Links to folders have to be folders.
DWORD write_link(HANDLE entry, const std::wstring& target);

}  // namespace fsimage::windows
