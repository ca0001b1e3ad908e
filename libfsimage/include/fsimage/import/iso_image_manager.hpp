// Whether a file or a stream is a disc image that can be burnt as it is (IIsoImageManager). One thread.
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <memory>
#include <string>

namespace fsimage {

class IsoImageManager {
 public:
  // What was set last counts. set_path() opens the file and throws the system's error; after set_stream() there is no path.
  void set_path(const std::string& path);
  void set_stream(std::shared_ptr<const ByteSource> stream);

  const std::string& path() const { return path_; }
  const std::shared_ptr<const ByteSource>& stream() const { return stream_; }  // null when nothing was set

  // Throws Error: invalid_argument when nothing was set, corrupt_structure for a size that is no multiple of a sector, as
  // raw sectors and containers have it, and for what holds no volume at all; too_large from 2^31 sectors on.
  void validate() const;

 private:
  std::string path_;
  std::shared_ptr<const ByteSource> stream_;
};

}  // namespace fsimage
