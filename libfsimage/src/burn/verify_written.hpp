// What a burn job compares after writing. Private to burn.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/io/byte_source.hpp>

namespace fsimage {

// Throws verification_failed unless the medium tells of a session that holds the image, and is closed if it was to be.
void check_told_session(const ResultImage& image, const Media& before, const Media& after, bool close_disc);

// Descriptors, anchor, last block and a few from everywhere; verification_failed for the first that differs.
void check_sample_blocks(const ResultImage& image, const ByteSource& medium);

// All that the image replaces in front of itself.
void check_replaced_blocks(const ResultImage& image, const ByteSource& medium);

}  // namespace fsimage
