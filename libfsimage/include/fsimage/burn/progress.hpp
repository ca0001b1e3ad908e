// Progress of a burn as a value. The callback runs on the burning thread, at most some ten times a second, and may
// throw: the recorder then stops as if cancelled and rethrows once the device is safe.
#pragma once

#include <fsimage/core/units.hpp>

#include <chrono>
#include <functional>

namespace fsimage {

enum class Phase { preparing, formatting, calibrating, writing, closing, verifying, done };

struct BurnProgress {
  Phase phase{};
  BlockCount done, total;                // of the phase; `done` never decreases and ends at `total`
  bool cancellable = true;               // false past the point of no return: a stop request is then ignored
  std::chrono::steady_clock::duration elapsed{};
};
using ProgressFn = std::function<void(const BurnProgress&)>;

}  // namespace fsimage
