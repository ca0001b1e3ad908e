// Entries of a host folder, or of one host file. See entry_cursor.hpp for the protocol.
#pragma once

#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/import/path_list.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fsimage {

// Symlinks that become what they point to: those that are a source themselves, or those in the tree too, where a loop is an
// error.
enum class FollowLinks : std::uint8_t { none, operands, all };

struct HostScan {
  // Shell patterns against the path below the source (glob.hpp): "*.o" matches a name in any folder, a pattern with a
  // '/' matches from the source's top ("build/*"), one that ends in '/' only folders. What matches is left out, folders
  // with all below; it is not looked at, so that it may be unreadable.
  std::vector<std::string> exclude{};
  FollowLinks follow_links = FollowLinks::operands;
  bool one_file_system = false;     // folders on another file system than their parent's stay empty
  bool skip_special_files = false;  // devices, FIFOs and sockets are left out
  bool user_xattrs = false;  // extended attributes of the namespace "user" become named streams, read into memory now
};

// `path` names a folder: its entries come at depth 0, sorted by name; the folder itself does not.
// `path` names anything else: one entry. A symlink given as `path` is followed, unless the scan follows none. Throws the system's error for a missing
// or unreadable source; sockets, and anything else that has no content to keep, come as entries of their type.
// A folder or file that cannot be read, and an entry that vanishes while its folder is read, end the cursor with an
// error that names the path. No path is too long, no folder too deep; a few dozen handles are open at most.
// content() wants the same store for the life of the cursor, one that has not been rolled back meanwhile.
std::unique_ptr<EntryCursor> open_host(std::string path, HostScan scan = {});

// As open_host on a folder, with the folder itself as the one entry of depth 0 (IFsiDirectoryItem::AddTree with
// includeBaseDirectory).
std::unique_ptr<EntryCursor> open_host_with_base(std::string path, HostScan scan = {});

// What `paths` names below the folder `root`, with the folders on the way, each as it is on the host; symlinks on the way
// are passed through, and become folders. With `recursive`, a folder that is named comes with all that is in it. What is
// missing is the system's error, with its line.
std::unique_ptr<EntryCursor> open_host_paths(std::string root, std::shared_ptr<const PathList> paths, bool recursive,
                                             HostScan scan = {});

// Attributes of a host path itself, for the root of a tree made from it. Follows links.
Attributes host_attributes(const std::string& path);
// Throws when there is nothing. Follows links, unless told to follow none.
bool is_host_directory(const std::string& path, FollowLinks follow = FollowLinks::operands);

}  // namespace fsimage
