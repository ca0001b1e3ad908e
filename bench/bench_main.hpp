// What the benchmark programs share: their main(), which adds --tiny, and the counters that they report.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fsimage::bench {

// Each program defines it; called once, when tiny() is known.
void register_benchmarks();

// --tiny: the smallest sizes that still go through everything, for the test suite.
bool tiny();
inline std::int64_t sized(std::int64_t full, std::int64_t when_tiny) { return tiny() ? when_tiny : full; }

// Bytes and entries per second over all iterations, each of which does the same.
void report(benchmark::State& state, std::uint64_t bytes_each, std::uint64_t entries_each);

// How many nodes the trees have that something is measured over: powers of ten from a thousand to a million, or to
// FSIMAGE_BENCH_LARGEST.
std::vector<std::int64_t> node_counts();

// A benchmark over trees of node_counts(), which range(0) is.
template <class Fn>
void add_by_nodes(const std::string& name, Fn fn) {
  auto* const b = benchmark::RegisterBenchmark(name.c_str(), fn);
  b->ArgName("nodes")->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const auto nodes : node_counts()) b->Arg(nodes);
}

}  // namespace fsimage::bench
