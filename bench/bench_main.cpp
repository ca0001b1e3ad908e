#include "bench_main.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::bench {
namespace {
bool g_tiny = false;
}

bool tiny() { return g_tiny; }

std::vector<std::int64_t> node_counts() {
  if (tiny()) return {1000};
  const char* const given = std::getenv("FSIMAGE_BENCH_LARGEST");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::int64_t largest = given != nullptr ? std::stoll(given) : 1'000'000;
  std::vector<std::int64_t> counts;
  for (std::int64_t nodes = 1000; nodes <= largest; nodes *= 10) counts.push_back(nodes);
  return counts;
}

void report(benchmark::State& state, std::uint64_t bytes_each, std::uint64_t entries_each) {
  if (bytes_each != 0) state.SetBytesProcessed(static_cast<std::int64_t>(bytes_each) * state.iterations());
  if (entries_each != 0)
    state.counters["entries_per_second"] =
        benchmark::Counter(static_cast<double>(entries_each), benchmark::Counter::kIsIterationInvariantRate);
}

// A benchmark that fails throws: the program has then failed, where the library would only print a line.
int run(int argc, char** argv) {
  std::vector<char*> arguments;
  for (int i = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--tiny")
      g_tiny = true;
    else
      arguments.push_back(argv[i]);
  }
  char once[] = "--benchmark_min_time=0.001";
  if (g_tiny) arguments.insert(arguments.begin() + 1, once);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  register_benchmarks();
  const auto ran = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return ran == 0 ? 1 : 0;
}

}  // namespace fsimage::bench

int main(int argc, char** argv) {
  try {
    return fsimage::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
    return 1;
  }
}
