// A recorder whose medium is a file: saving an image is burning it to one. And the saver for pipes, which are no media.
// One thread at a time uses a recorder; the work is done by several, which live no longer than the call.
#pragma once

#include <fsimage/burn/recorder.hpp>
#include <fsimage/image/image_digests.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace fsimage {

struct IsoFileOptions {
  // `automatic` shares extents where it can, else lets the kernel copy what is long, else reads and writes. `plain` only
  // reads and writes. The file is the same.
  enum class Copy : std::uint8_t { automatic, plain };
  Copy copy = Copy::automatic;
  std::size_t window = std::size_t{1} << 20;  // bytes that one read or write asks for; rounded up to 64 KiB
  std::size_t workers = 0;                    // threads that copy; 0: readers(0)
  // Digests of the image that is saved, when given: of whole ones, not of a session that is added to a file (logic_error).
  // Reads what would only be cloned or copied.
  ImageDigests* digests = nullptr;
  std::chrono::milliseconds progress_interval = kProgressInterval;
};

class IsoFileRecorder final : public Recorder {
 public:
  explicit IsoFileRecorder(std::string path, IsoFileOptions options = {}) : path_(std::move(path)), options_(options) {}

  RecorderInfo info() const override;
  // absent: the folder does not exist; blank: no file, or an empty one; closed: a file or folder that may not be written;
  // else appendable. Throws for a name under which lies no file.
  Media media() override;
  // Replaces the file by one that holds the image and nothing else, or leaves everything as it was: AtomicFile. A source
  // that is not what was planned fails it when it is read. `closing` cannot be cancelled. With `simulate` all is read, the
  // temporary is made, and nothing written. An image that begins behind block 0 is a further session: it is added behind
  // what the file holds, and replaces the front last; what fails before that leaves the file as it was.
  void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, std::stop_token) override;
  std::unique_ptr<ByteSource> read_back() override;
  void erase(EraseKind, const ProgressFn&, std::stop_token) override;  // removes the file, whatever the kind
  void tray(Tray) override;                                            // throws unsupported

 private:
  std::string path_;
  IsoFileOptions options_;
};

void save_image(const ResultImage& image, const std::string& path, const BurnOptions& burn = {},
                const ProgressFn& progress = {}, std::stop_token stop = {}, const IsoFileOptions& options = {});

// Gets the image from the first byte to the last, in order, on the calling thread; may throw.
using ImageSink = std::function<void(std::span<const std::byte>)>;

// Feeds the sink while other threads read ahead. A source that is not what was planned fails it when it is read: a pipe
// cannot take back what it got, but the caller learns it.
void write_image(const ResultImage& image, const ImageSink& sink, const ProgressFn& progress = {},
                 std::stop_token stop = {}, const IsoFileOptions& options = {});

}  // namespace fsimage
