// Where a host file's blocks lie on its device, as far as the system tells. Any thread.
#pragma once

#include <fsimage/core/digest.hpp>
#include <fsimage/io/open_file.hpp>

#include <optional>

namespace fsimage {

// A digest of the device and of all extents: files that agree in it and in their size share every block (FICLONE), and so
// have the same bytes. nullopt where the system cannot say, or does not call every extent shared, and when a part of the
// file lies nowhere of its own (inline, compressed, not yet allocated).
std::optional<Sha256Value> physical_extents(const OpenFile&);

}  // namespace fsimage
