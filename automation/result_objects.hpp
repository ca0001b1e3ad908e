// The finished image as COM objects (IFileSystemImageResult2, IProgressItems).
#pragma once

#include "com/object.hpp"

#include <fsimage/image/result_image.hpp>
#include <fsimage/io/byte_source.hpp>

#include <imapi2fs.h>

#include <memory>
#include <string>

namespace fsimage::com::automation {

struct Result {
  std::shared_ptr<const ResultImage> image;
  std::shared_ptr<const ByteSource> disc;  // that it continues, when that is overwritable
  std::string disc_identifier;
  std::shared_ptr<void> freeze;  // the image in the making stays as it is for as long
};
Ptr<IFileSystemImageResult> make_result(Result result);

}  // namespace fsimage::com::automation
