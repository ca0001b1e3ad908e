// What the benchmark programs share: their main(), which adds --tiny, and the counters that they report.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace fsimage::bench {

// Each program defines it; called once, when tiny() is known.
void register_benchmarks();

// --tiny: the smallest sizes that still go through everything, for the test suite.
bool tiny();
inline std::int64_t sized(std::int64_t full, std::int64_t when_tiny) { return tiny() ? when_tiny : full; }

// Bytes and entries per second over all iterations, each of which does the same.
void report(benchmark::State& state, std::uint64_t bytes_each, std::uint64_t entries_each);

}  // namespace fsimage::bench
