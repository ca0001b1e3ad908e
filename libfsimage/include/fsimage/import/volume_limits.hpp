// Bounds on what a disc, not the caller, decides while a volume is read. Values only, any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace fsimage {

// What happens when the bytes of a volume are not as the standards want them.
enum class Strictness : std::uint8_t {
  strict,    // any deviation is an error with clause and address
  tolerant,  // what good readers accept is a finding; what breaks a structure is an error
  salvage,   // whatever can be reached is taken; what cannot is a finding (lost)
};

// Going beyond one is Errc::limit_exceeded, with the path at hand.
struct ImportLimits {
  std::uint32_t depth = 1024;  // folders inside one another
  std::uint64_t entries = 100'000'000;
  // Bytes of folders and continuation areas. Whatever is set here, a volume whose folders hold more bytes than the whole
  // source is refused: they lie upon one another.
  std::uint64_t metadata_bytes = std::uint64_t{1} << 40;
  std::uint32_t attribute_bytes = 64 * 1024;  // of one extended attribute that are held; of a longer one, nothing
  std::uint32_t hops = 32;                    // continuation areas of one record (CE), descriptors that point on
  std::chrono::milliseconds time{};           // for one walk; 0: as long as it takes
};

}  // namespace fsimage
