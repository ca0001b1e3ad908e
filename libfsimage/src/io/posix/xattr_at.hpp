// Extended attributes of what is open, or of what has a name in an open folder. Private to io/posix.
#pragma once

#include <fsimage/io/host_xattr.hpp>

#include <vector>

namespace fsimage::posix {

// Of the open file or folder itself without `name`; of that entry of the folder with it, a link not followed.
// 0, or what the system says, as errno numbers it.
int set_xattr(int fd, const char* name, const HostXattr&);

// What the caller may read of them, in the order of their names; none where the system refuses. A link is followed on
// demand.
std::vector<HostXattr> read_xattrs(int fd, const char* name, bool follow);

}  // namespace fsimage::posix
