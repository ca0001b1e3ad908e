// What clients of IDiscRecorder2Ex send to a drive, and what its answers say. Of any drive, ours or the system's.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>

#include <imapi2.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace fsimage::com {

// READ(10), MMC-6 6.19: whole blocks, at most kBlocksPerRead of them. Throws no_media, and read_failed with the block.
void read_blocks(IDiscRecorder2Ex& drive, Lba first, std::span<std::byte> out);
inline constexpr std::uint32_t kBlocksPerRead = 32;  // what every adapter carries in one command

// A disc from its first block up to `end`, by way of a function as above, which is called by one thread at a time; `bound`:
// rather by this one.
using ReadBlocks = std::function<void(Lba first, std::span<std::byte> out)>;
std::unique_ptr<ByteSource> disc_source(ReadBlocks read, BlockCount end, bool bound = false);

// READ DISC INFORMATION, MMC-6 6.21.
struct DiscFacts {
  enum class Status : std::uint8_t { empty, incomplete, complete, other };
  Status status{};
  unsigned last_track = 0;
  std::optional<std::uint32_t> id;  // of CDs
};
std::optional<DiscFacts> disc_facts(IDiscRecorder2Ex& drive);  // nullopt when it does not say

// READ TRACK INFORMATION, MMC-6 6.27.
struct TrackFacts {
  unsigned session = 0;
  Lba first;
  BlockCount size, free;
  bool blank = false;
  std::optional<Lba> next_writable, last_recorded;
};
inline constexpr ULONG kInvisibleTrack = 0xFF;
std::optional<TrackFacts> track_facts(IDiscRecorder2Ex& drive, ULONG track);

}  // namespace fsimage::com
