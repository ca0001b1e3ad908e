// How large an image may get, and what suits the medium that it is for.
#pragma once

#include "command.hpp"

#include <fsimage/file_system_image.hpp>

namespace fsimage::tools {

// --media, --max-size.
void add_room_options(Options&);
// Before anything is added; --fs is stronger than what suits the medium.
void set_room(const Options&, FileSystemImage&);

}  // namespace fsimage::tools
