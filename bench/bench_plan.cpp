// Planning: time and memory per node, from a thousand to a million. The files do not exist: planning reads none.
#include "bench_main.hpp"
#include "memory.hpp"
#include "trees.hpp"

#include <fsimage/layout/planner.hpp>
#include <fsimage/tree/tree.hpp>

#include <memory>
#include <string>

namespace fsimage::bench {
namespace {

// What the heap has grown by.
std::uint64_t grown_since(std::uint64_t before) {
  const auto now = heap_bytes();
  return now > before ? now - before : 0;
}

double per_node(std::uint64_t bytes, std::int64_t nodes) {
  return static_cast<double>(bytes) / static_cast<double>(nodes);
}

void make(benchmark::State& state) {
  const auto nodes = state.range(0);
  std::uint64_t held = 0;
  for (auto _ : state) {
    const auto before = heap_bytes();
    const auto tree = make_tree(nodes, Files::on_host);
    held = grown_since(before);
    benchmark::DoNotOptimize(tree.get());
  }
  report(state, 0, static_cast<std::uint64_t>(nodes));
  state.counters["tree_bytes_per_node"] = per_node(held, nodes);
}

// The image is part of planning; reading it is not. `peak` is all that the process grew by for tree, plan and image.
void plan(benchmark::State& state, FileSystems file_systems) {
  const auto nodes = state.range(0);
  const PeakMemory peak;
  const auto tree = make_tree(nodes, Files::on_host);
  Profile profile;
  profile.file_systems = file_systems;
  profile.allow_rename = true;
  std::uint64_t held = 0;
  for (auto _ : state) {
    const auto before = heap_bytes();
    const Plan planned(tree, profile);
    const auto image = planned.create_image();
    held = grown_since(before);
    benchmark::DoNotOptimize(image.get());
  }
  report(state, 0, static_cast<std::uint64_t>(nodes));
  state.counters["plan_bytes_per_node"] = per_node(held, nodes);
  state.counters["peak_bytes_per_node"] = per_node(peak.growth(), nodes);
  state.counters["peak_rss"] = static_cast<double>(peak.bytes());
}

}  // namespace

void register_benchmarks() {
  add_by_nodes("tree", make);
  add_by_nodes("plan/all", [](benchmark::State& s) { plan(s, {}); });
  add_by_nodes("plan/iso9660_joliet_rockridge", [](benchmark::State& s) { plan(s, {.udf = false}); });
  add_by_nodes("plan/iso1999", [](benchmark::State& s) {
    plan(s, {.joliet = false, .rockridge = false, .udf = false, .iso1999 = true});
  });
  add_by_nodes("plan/udf",
               [](benchmark::State& s) { plan(s, {.iso9660 = false, .joliet = false, .rockridge = false}); });
}

}  // namespace fsimage::bench
