// Reading volumes: listing and importing images of a thousand to a million entries from a file. With FSIMAGE_BENCH_IMAGE
// set, that image instead, once: what bench/compare --read times beside other programs.
#include "bench_main.hpp"
#include "memory.hpp"
#include "saved_trees.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/layout/planner.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace fsimage::bench {
namespace {

void list(benchmark::State& state, const std::string& image, View view) {
  std::uint64_t entries = 0;
  for (auto _ : state) {
    entries = 0;
    const auto cursor = open_volume(std::make_shared<FileSource>(image), {.view = view});
    while (cursor->next()) ++entries;
  }
  report(state, 0, entries);
}

void import_image(benchmark::State& state, const std::string& image, View view) {
  std::uint64_t nodes = 0, held = 0;
  const PeakMemory peak;
  for (auto _ : state) {
    const auto before = heap_bytes();
    Tree tree;
    import_file_system(tree, std::make_shared<FileSource>(image), {.view = view});
    nodes = tree.node_count() - 1;
    held = heap_bytes() - before;
  }
  report(state, 0, nodes);
  state.counters["bytes_per_node"] = static_cast<double>(held) / static_cast<double>(nodes);
  state.counters["peak_bytes_per_node"] = static_cast<double>(peak.growth()) / static_cast<double>(nodes);
}

using Body = void (*)(benchmark::State&, const std::string&, View);

void add(const std::string& name, Body body, View view) {
  const char* const given = std::getenv("FSIMAGE_BENCH_IMAGE");  // NOLINT(concurrency-mt-unsafe): one thread
  auto* const b = benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    body(state, given != nullptr ? std::string(given) : saved_tree(state.range(0)), view);
  });
  b->ArgName("nodes")->Unit(benchmark::kMillisecond)->UseRealTime();
  if (given != nullptr) {
    b->Arg(0)->Iterations(1);
    return;
  }
  for (const auto nodes : node_counts()) b->Arg(nodes);
}

}  // namespace

void register_benchmarks() {
  for (const View view : {View::rockridge, View::joliet, View::udf}) {
    add("list/" + std::string(to_string(view)), list, view);
    add("import/" + std::string(to_string(view)), import_image, view);
  }
}

}  // namespace fsimage::bench
