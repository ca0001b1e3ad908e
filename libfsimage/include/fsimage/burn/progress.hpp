// Progress of a burn as a value. The callback runs on the burning thread, at most some ten times a second, and may
// throw: the recorder then stops as if cancelled and rethrows once the device is safe.
#pragma once

#include <fsimage/core/units.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace fsimage {

enum class Phase : std::uint8_t { preparing, formatting, calibrating, writing, closing, verifying, done };
std::string_view to_string(Phase) noexcept;

struct BurnProgress {
  Phase phase{};
  BlockCount done, total;   // of the whole job; `done` never decreases and ends at `total`
  bool cancellable = true;  // false: a stop request is ignored from here on
  // False past the point of no return: a stop leaves the medium as media() then says, no longer as it was.
  bool reversible = true;
  std::chrono::steady_clock::duration elapsed{};  // since the job began
};
using ProgressFn = std::function<void(const BurnProgress&)>;

// How often a callback is called in the midst of a phase. The first and the last word of a phase always come.
inline constexpr std::chrono::milliseconds kProgressInterval{100};

}  // namespace fsimage
