#include <fsimage/burn/recorder.hpp>

#include <fsimage/core/error.hpp>

namespace fsimage {

void Recorder::close(Close, const ProgressFn&, std::stop_token) {
  throw Error(Errc::unsupported, {.path = info().name, .lba = {}, .clause = {}}, "such a medium has nothing to close");
}

}  // namespace fsimage
