// What a piece of code takes from the heap at most, for tests that promise bounds. Link heap_meter.cpp, which counts what
// goes through operator new in the whole program.
#pragma once

#include <cstddef>

namespace fsimage::test {

// Counts from its construction on. One at a time.
class HeapMeter {
 public:
  HeapMeter();
  // The most bytes that were held at once, beyond what was held at the beginning.
  std::size_t peak() const;

 private:
  std::size_t before_;
};

}  // namespace fsimage::test
