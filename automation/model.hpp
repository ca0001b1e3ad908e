// What an image in the making and all its items share: they stay good whichever of them a client lets go first.
//
// Thread rule: the objects may be called from any thread; each call has the model for itself. The lock is recursive, as
// a listener to events may well call back.
#pragma once

#include <fsimage/file_system_image.hpp>

#include "com/events.hpp"
#include "numbers.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace fsimage::com::automation {

struct Model {
  FileSystemImage image;
  std::recursive_mutex mutex;
  // Of the image object, as long as it is there.
  IDispatch* object = nullptr;
  const ConnectionPoint* add_events = nullptr;
  const ConnectionPoint* import_events = nullptr;
  // Held by a result: as long as it lives, nothing is changed (IMAPI_E_READONLY).
  std::weak_ptr<void> result;
  std::uint32_t rollbacks = 0;  // identifiers of items from before one mean nothing behind it

  void check_writable() const {
    if (!result.expired()) throw Failure(kReadOnly, "a result image is there: until it is released, nothing changes");
  }
};

// A method of an object over a model: with its lock, behind the barrier.
template <class Body>
HRESULT with(Model& model, const IID& of, Body&& body) noexcept {
  return guard(of, [&] {
    const std::lock_guard lock(model.mutex);
    return body();
  });
}
// The same of what changes the image.
template <class Body>
HRESULT changing(Model& model, const IID& of, Body&& body) noexcept {
  return with(model, of, [&] {
    model.check_writable();
    return body();
  });
}

}  // namespace fsimage::com::automation
