#include <fsimage/import/iso_image_manager.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/io/file_source.hpp>

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace fsimage {

void IsoImageManager::set_path(const std::string& path) {
  stream_ = std::make_shared<FileSource>(path);
  path_ = path;
}

void IsoImageManager::set_stream(std::shared_ptr<const ByteSource> stream) {
  stream_ = std::move(stream);
  path_.clear();
}

void IsoImageManager::validate() const {
  const auto refuse = [&](Errc code, std::string_view why, Reason reason, std::string clause = {}) {
    throw Error(code, {.path = path_, .lba = {}, .clause = std::move(clause)}, why, reason);
  };
  if (!stream_) refuse(Errc::invalid_argument, "no image was given", Reason::no_image);
  if (stream_->size() % kBlockSize != 0)
    refuse(Errc::corrupt_structure, "the size of the image is no multiple of a sector", Reason::image_not_aligned,
           "ECMA-119 6.1.2");
  if (stream_->size() / kBlockSize > std::numeric_limits<std::int32_t>::max())
    refuse(Errc::too_large, "the image has 2^31 sectors or more", Reason::image_too_long);
  const auto found = identify_file_systems(*stream_);
  if (!found.iso9660 && !found.udf_recognition && !found.udf)
    refuse(Errc::corrupt_structure, "the image holds no volume", Reason::image_without_volume, "ECMA-167 2/8.3");
}

}  // namespace fsimage
