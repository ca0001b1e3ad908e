// Progress of a burn as a value. The callback runs on the burning thread, at most some ten times a second by the
// recorder's clock, and may throw: the recorder then stops as if cancelled and rethrows once the device is safe.
#pragma once

#include <fsimage/core/units.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fsimage {

enum class Phase : std::uint8_t { preparing, formatting, calibrating, writing, closing, verifying, done };
std::string_view to_string(Phase) noexcept;

// Between whoever fills a buffer and whoever empties it.
struct BufferFill {
  std::uint64_t size = 0, used = 0;  // bytes
  unsigned percent() const;
  friend bool operator==(const BufferFill&, const BufferFill&) = default;
};

// What IDiscFormat2DataEventArgs tells, and where: `remaining` and `elapsed` make its TotalTime, `host_buffer` is its
// system buffer.
struct BurnProgress {
  Phase phase{};
  BlockCount done, total;   // of the whole job; `done` never decreases and ends at `total`
  bool cancellable = true;  // false: a stop request is ignored from here on
  // False past the point of no return: a stop leaves the medium as media() then says, no longer as it was.
  bool reversible = true;
  std::chrono::steady_clock::duration elapsed{};  // since the job began
  std::uint64_t bytes_per_second = 0;             // in the last seconds of this phase; 0 as long as nobody can tell
  std::optional<BufferFill> drive_buffer{};       // as the drive says; nullopt when it does not
  std::optional<BufferFill> host_buffer{};        // what was read ahead of the drive; nullopt when nothing is
  std::string path{};  // of the file in the block that is written or verified now; empty in metadata and gaps

  // Until `done` is `total`, if it went on as it does; nullopt as long as nobody can tell.
  std::optional<std::chrono::steady_clock::duration> remaining() const;
};
using ProgressFn = std::function<void(const BurnProgress&)>;

// How often a callback is called in the midst of a phase. The first and the last word of a phase always come.
inline constexpr std::chrono::milliseconds kProgressInterval{100};

}  // namespace fsimage
