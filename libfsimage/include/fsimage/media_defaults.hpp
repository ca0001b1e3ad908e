// What suits a kind of medium: which file systems, and how much fits (IFileSystemImage::ChooseImageDefaults and
// ChooseImageDefaultsForMediaType). Pure functions, any thread.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/layout/profile.hpp>

#include <optional>

namespace fsimage {

struct MediaDefaults {
  // A CD has ISO 9660 with Joliet and Rock Ridge, anything else UDF as well: its fixed places cost 1.3 MB.
  FileSystems file_systems;
  std::optional<BlockCount> free_media_blocks;  // nullopt: as large as it gets
};

// Of a blank medium as it is usually sold: a CD of 80 minutes, a DVD of 4.7 GB, a BD of 25 GB, formatted without more spare
// areas than it must have. Media that can only be read are taken for those that are made like them; there is no limit for
// disks and files. Throws invalid_argument for MediaType::unknown.
MediaDefaults media_defaults(MediaType);

// Of the medium that a recorder holds: what it says is free. Throws what stands against writing to it at all, as
// require_writable() does.
MediaDefaults media_defaults(const Media&);

}  // namespace fsimage
