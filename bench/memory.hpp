// How much memory something takes, as far as the system tells.
#pragma once

#include <cstdint>

namespace fsimage::bench {

// Highest resident size of the process since the last reset(), in bytes. Where it cannot be reset, since the start; 0
// where it is not known.
class PeakMemory {
 public:
  PeakMemory() { reset(); }
  void reset();
  std::uint64_t bytes() const;
  std::uint64_t growth() const;  // above what was resident at reset()

 private:
  std::uint64_t before_ = 0;
};

// Bytes that the program holds on its heap now; 0 where it is not known.
std::uint64_t heap_bytes();

}  // namespace fsimage::bench
