// What a further session need not write again: files of a folder that the disc holds already, and times that another view
// of the disc has kept more exactly. One thread.
#pragma once

#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <stop_token>

namespace fsimage {

struct ReusedContent {
  std::uint64_t files = 0;     // whose content is that of their namesake on the disc
  std::uint64_t compared = 0;  // of these, found equal byte by byte: sizes agree, times do not
  std::uint64_t changed = 0;   // namesakes whose content differs
  std::uint64_t added = 0;     // files without a namesake
};

// For each regular file below the folder `fresh` that has a namesake below `recorded`: when the two have the same size and
// modification time (to the second, when the recorded one has no more), or the same bytes, `fresh` gets the content of
// `recorded`, whatever its attributes. Reads both only where sizes agree and times do not, or `trust_times` is false:
// times that somebody set say nothing. Errors of reading come as they are. cancelled for a stop request.
ReusedContent reuse_content(Tree& tree, NodeId fresh, NodeId recorded, std::stop_token stop = {},
                            bool trust_times = true);

// Where a source says nothing of named streams: what lies below `fresh` gets those of its namesake below `recorded`, files
// of files and folders of folders, and `fresh` itself gets those of `recorded`.
void keep_streams(Tree& tree, NodeId fresh, NodeId recorded);

struct FinerTimes {
  std::uint64_t files = 0;
  bool special_files = false;  // the cursor gave symlinks, devices or FIFOs
};

// Entries of the tree whose modification time is whole seconds, and that the cursor gives with the same second, get its
// time; those without a creation time get that which the cursor has beside the modification time. Entries get the named
// streams that the cursor has, also in place of their own of the same names, and are real-time files where it says so. Reads the cursor to its end.
FinerTimes take_finer_times(Tree& tree, VolumeCursor& cursor);

}  // namespace fsimage
