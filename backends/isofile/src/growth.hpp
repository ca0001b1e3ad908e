// A further session behind what an image file holds. Private to the backend.
#pragma once

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/burn/progress_meter.hpp>

#include <stop_token>
#include <string>

namespace fsimage::isofile {

// Writes the image at its first block, the end of the file rounded up to a cluster, then what it replaces in front of it.
// The session's first cluster, which holds its descriptors, is written when all else is on stable storage: until then nobody
// takes it for a session. When anything fails before that the file gets its old length back. Throws medium_state when the file does not end where the image was planned to begin, busy when
// somebody else grows it.
void grow_file(const std::string& path, const ResultImage& image, const BurnOptions& burn,
               const IsoFileOptions& options, ProgressMeter& meter, std::stop_token stop);

}  // namespace fsimage::isofile
