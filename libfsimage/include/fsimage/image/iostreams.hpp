// A Boost.Iostreams device over an image, in the target fsimage::iostreams:
//
//   boost::iostreams::stream<fsimage::ImageDevice> in(image);          // std::istream with seekg and tellg
//   boost::iostreams::copy(fsimage::ImageDevice(image), std::ofstream("a.iso", std::ios::binary));
//
// The rules are ImageStream's: short reads only at the end, and any position from 0 on is legal. A seek before the start
// throws Error(invalid_argument). Whatever a source throws goes through copy() as it is; a std::istream turns it into
// badbit, and rethrows it when exceptions(std::ios::badbit) is set. One device, one thread; a copy has its own cursor.
#pragma once

#include <fsimage/image/image_stream.hpp>

#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/positioning.hpp>

#include <ios>

namespace fsimage {

class ImageDevice {
 public:
  using char_type = char;
  struct category : boost::iostreams::input_seekable,
                    boost::iostreams::device_tag,
                    boost::iostreams::optimally_buffered_tag {};

  explicit ImageDevice(std::shared_ptr<const ResultImage> image) : stream_(std::move(image)) {}
  explicit ImageDevice(ImageStream stream) : stream_(std::move(stream)) {}  // starts where `stream` stands

  // -1 at the end, and when nothing is asked for, as Boost's own devices do.
  std::streamsize read(char* to, std::streamsize count);
  std::streampos seek(boost::iostreams::stream_offset by, std::ios_base::seekdir from);
  // Large, because a read of an image costs about the same however little it takes.
  std::streamsize optimal_buffer_size() const { return 128 * 1024; }

 private:
  ImageStream stream_;
};

}  // namespace fsimage
