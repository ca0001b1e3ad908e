// Bounds on what a disc, not the caller, decides while a volume is read. Values only, any thread.
#pragma once

#include <cstdint>

namespace fsimage {

// Going beyond one is Errc::limit_exceeded, with the path at hand.
struct ImportLimits {
  std::uint32_t depth = 1024;  // folders inside one another
  std::uint64_t entries = 100'000'000;
  // Bytes of folders and continuation areas. Whatever is set here, a volume whose folders hold more bytes than the whole
  // source is refused: they lie upon one another.
  std::uint64_t metadata_bytes = std::uint64_t{1} << 40;
  std::uint32_t hops = 32;  // continuation areas of one record (CE), descriptors that point on
};

}  // namespace fsimage
