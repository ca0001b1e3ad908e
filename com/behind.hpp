// What is behind a stream of ours, for our own objects. C++ is for the module that made it, so who asks gets nothing from
// another module, which may be linked with the same.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/io/byte_source.hpp>

#include <objidl.h>

#include <exception>
#include <memory>

namespace fsimage::com {

struct IBehind : public IUnknown {
  static constexpr IID kId{0x9E0E7A51, 0x3D5B, 0x4F0C, {0x8C, 0x5E, 0x52, 0x1B, 0x0A, 0x6D, 0xF3, 0x27}};
  virtual const void* module() const noexcept = 0;                         // mark_of_module()
  virtual std::shared_ptr<const ByteSource> source_behind() noexcept = 0;  // what is read now; null for nothing
  virtual std::exception_ptr error_behind() noexcept { return nullptr; }   // of the last read that failed
  virtual bool is_image() const noexcept { return false; }

 protected:
  ~IBehind() = default;
};

const void* mark_of_module() noexcept;
// Null for streams of others.
Ptr<IBehind> ours_behind(IStream& stream);

}  // namespace fsimage::com
