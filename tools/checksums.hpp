// The list that sha256sum writes and checks, of the files in an image.
#pragma once

#include <fsimage/image/image_digests.hpp>
#include <fsimage/layout/planner.hpp>
#include <fsimage/tree/tree.hpp>

#include <string>

namespace fsimage::tools {

// Of every regular file, under its path from the root without the first '/': as a reader of the image gets it. `digests` are of
// the saved image; what they do not have (what lies in a file entry, or on the disc already) is read. Replaces `path` when all of
// it is there.
void write_checksums(const Tree&, const Plan&, const ResultImage&, const ImageDigests& digests,
                     const std::string& path);

}  // namespace fsimage::tools
