// Whether a medium holds an image: what was read back against what the image says, every block of it, gaps included.
// Alike for all recorders.
#pragma once

#include <fsimage/burn/progress.hpp>
#include <fsimage/burn/recorder.hpp>
#include <fsimage/image/result_image.hpp>

#include <cstddef>
#include <cstdint>
#include <stop_token>

namespace fsimage {

struct VerifyOptions {
  Lba at;                                     // where on the medium the image begins
  std::size_t window = std::size_t{1} << 20;  // bytes that one read asks for; 0 is an invalid_argument
  std::size_t workers = 0;                    // threads that read; 0: readers(0)
  std::chrono::milliseconds progress_interval = kProgressInterval;
};

// Throws verification_failed for the first difference: its block in the image, the path of the content there, or in the
// message what else lies there. A medium may be longer than the image, never shorter. What neither side stores (holes
// that both know to be zeros) is not read. Errors of either side come as they are, source_changed among them.
void verify_image(const ResultImage& image, const ByteSource& medium, const ProgressFn& progress = {},
                  std::stop_token stop = {}, const VerifyOptions& options = {});

// The same with what the recorder reads back; no_media when it cannot.
void verify_image(const ResultImage& image, Recorder& recorder, const ProgressFn& progress = {},
                  std::stop_token stop = {}, const VerifyOptions& options = {});

// A quick look instead: of the image the first block, the last, and others between them at equal distances, `samples`
// altogether or all that there are. Throws as verify_image does.
void verify_samples(const ResultImage& image, const ByteSource& medium, Lba at, std::uint32_t samples = 64);

}  // namespace fsimage
