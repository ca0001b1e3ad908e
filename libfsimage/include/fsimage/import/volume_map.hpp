// What each block of an image is: structures, folders and contents of every view in it, read from the image itself.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/io/byte_source.hpp>

#include <functional>
#include <memory>
#include <string>

namespace fsimage {

// Labels are those that planning gives: "iso9660/primary volume descriptor", "joliet/directory /docs",
// "udf/file entry /docs/a.txt", "content /docs/a.txt".
struct VolumePart {
  Lba start;
  BlockCount blocks;
  std::string label;
};
using VolumePartFn = std::function<void(const VolumePart&)>;

// Calls `fn` for every part, in address order; parts of a damaged image may lie upon one another. Content that several
// views or names share comes once, under the first name in the most advanced view. Some hundred bytes a file are held.
// With a view, only what that view shows. Throws as open_volume and its cursors do; not_found when the source holds no file system.
void map_volumes(std::shared_ptr<const ByteSource> source, const VolumeOptions& options, const VolumePartFn& fn,
                 const FindingFn& on_finding = {});

}  // namespace fsimage
