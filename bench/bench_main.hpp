// What the benchmark programs share: their main(), which adds --tiny, and the counters that they report.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace fsimage::bench {

// Each program defines it; called once, when tiny() is known.
void register_benchmarks();

// --tiny: the smallest sizes that still go through everything, for the test suite.
bool tiny();
inline std::int64_t sized(std::int64_t full, std::int64_t when_tiny) { return tiny() ? when_tiny : full; }

// Bytes and entries per second over all iterations, each of which does the same.
void report(benchmark::State& state, std::uint64_t bytes_each, std::uint64_t entries_each);

// A benchmark over trees of a thousand to a million nodes, which range(0) is.
template <class Fn>
void add_by_nodes(const std::string& name, Fn fn) {
  auto* const b = benchmark::RegisterBenchmark(name.c_str(), fn);
  b->ArgName("nodes")->Unit(benchmark::kMillisecond)->UseRealTime();
  b->Arg(1000);
  if (tiny()) return;
  for (const std::int64_t nodes : {10'000, 100'000, 1'000'000}) b->Arg(nodes);
}

}  // namespace fsimage::bench
