// Reads what the views of a disc call the entries that a tree was filled with from it.
#pragma once

#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/layout/iso_names.hpp>
#include <fsimage/layout/recorded_names.hpp>
#include <fsimage/tree/tree.hpp>

namespace fsimage {

// Goes on from what the names of the tree say. An identifier belongs to the entry that would be called so if it were
// alone; where that is more than one, or nobody, to one of its folder's others of that type and content. Reads the cursor to
// its end. `scheme` is that of a view of ISO 9660; UDF has its names as they are.
void read_disc_names(const Tree&, VolumeCursor&, NameScheme scheme, RecordedNames&);

// Whether every entry of the tree has just its own name in Joliet or UDF, so that there is nothing to read.
bool names_say_all(const Tree&, View, NameScheme);

// All that the tree holds: the disc has it.
void note_entries(const Tree&, RecordedNames&);

}  // namespace fsimage
