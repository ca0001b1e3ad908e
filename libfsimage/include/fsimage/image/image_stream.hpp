// A cursor over a result image, with the rules of IStream: what the COM stream, the Boost.Iostreams device and a program
// that wants to read sequentially all sit on. It shares the image. Who reads on in order for a while is read ahead of, by
// threads of the stream's own (io/read_ahead.hpp) with at most 12 MiB, until the next jump, unless something in the image is
// bound to its thread; before that there is no buffering.
// Not thread-safe: one stream, one thread. clone() gives another thread its own.
#pragma once

#include <fsimage/image/result_image.hpp>
#include <fsimage/io/read_ahead.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace fsimage {

class ImageStream {
 public:
  // At position 0. Throws std::logic_error for a null image.
  explicit ImageStream(std::shared_ptr<const ResultImage> image);
  ImageStream(const ImageStream&);
  ImageStream(ImageStream&&) noexcept;
  ImageStream& operator=(ImageStream) noexcept;
  ~ImageStream();

  // Reads from the position and moves it on by what was read. Short only at the end of the image: the result is less
  // than out.size() exactly when the image ends there, and 0 at or past the end. When a source throws, the position has
  // not moved and the content of `out` is unspecified.
  std::size_t read(std::span<std::byte> out);

  // Any position is legal. Past the end there is nothing to read; coming back is as good as never having left. A jump
  // waits for what is being read ahead, a few MiB.
  void seek(std::uint64_t to) noexcept;
  std::uint64_t position() const noexcept { return position_; }

  // The same image, an own cursor that starts at the same position; what was read ahead stays behind. A copy is a clone too.
  ImageStream clone() const { return *this; }

  // Takes bytes and returns how many of them it kept; fewer than it was given ends the copy.
  using WriteFn = std::function<std::size_t(std::span<const std::byte>)>;
  struct Copied {
    std::uint64_t read = 0;     // the position moved by as much
    std::uint64_t written = 0;  // less than `read` only when the target kept less than it was given
  };
  static constexpr std::uint64_t kToTheEnd = std::numeric_limits<std::uint64_t>::max();
  // Copies up to `count` bytes from the position to `to`, in pieces of at most kCopyPiece; ends early at the end of the
  // image. When reading or `to` throws, the position stands after the last piece that was read.
  Copied copy_to(const WriteFn& to, std::uint64_t count = kToTheEnd);
  static constexpr std::size_t kCopyPiece = 1024 * 1024;

  enum class Type { stream = 2 };  // STGTY_STREAM, so that nobody has to translate it
  struct Stat {
    Type type = Type::stream;
    std::uint64_t size = 0;  // bytes; always a multiple of kBlockSize
    std::string image_id;    // ResultImage::image_id
  };
  Stat stat() const;

  std::uint64_t size() const { return image_->size(); }
  const std::shared_ptr<const ResultImage>& image() const noexcept { return image_; }

  // Bytes read in order from where on it is read ahead.
  static constexpr std::uint64_t kAheadAfter = 8 * 1024 * 1024;

 private:
  // Whether what was read ahead gave all of `out`.
  bool read_ahead(std::span<std::byte> out);

  std::shared_ptr<const ResultImage> image_;
  std::uint64_t position_ = 0;
  std::uint64_t in_order_ = 0;        // bytes since the last jump
  std::unique_ptr<ReadAhead> ahead_;  // stands at the position
  bool may_read_ahead_ = true;        // no more, once that has failed, until the next jump
};

}  // namespace fsimage
