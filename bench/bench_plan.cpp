// Planning: time and memory per node, from a thousand to a million. The files do not exist: planning reads none.
#include "bench_main.hpp"
#include "memory.hpp"

#include <fsimage/layout/planner.hpp>
#include <fsimage/tree/tree.hpp>

#include <memory>
#include <random>
#include <string>

namespace fsimage::bench {
namespace {

// A hundred files to a folder, ten folders to a folder, names of 8 to 24 letters, sizes up to 64 KiB.
std::shared_ptr<const Tree> make_tree(std::int64_t nodes) {
  const auto tree = std::make_shared<Tree>();
  std::mt19937_64 random(11);
  const Attributes attributes{.modified = Timestamp::from_seconds(1'600'000'000)};
  const auto name = [&](std::int64_t number) {
    std::string text;
    for (auto letters = 2 + random() % 17; letters != 0; --letters) text += static_cast<char>('a' + random() % 26);
    return text + std::to_string(1'000'000 + number).substr(1);
  };
  std::vector<NodeId> folders{kRootNode};
  std::vector<ContentStore::FolderId> host_folders{tree->contents().add_folder("/nowhere")};
  for (std::int64_t i = 1; i < nodes; ++i) {
    if (i % 101 == 1) {
      const auto parent = (folders.size() - 1) / 10;
      const auto text = name(i);
      folders.push_back(tree->add_directory(folders[parent], text, attributes));
      host_folders.push_back(tree->contents().add_folder(host_folders[parent], text));
      continue;
    }
    const auto text = name(i);
    const Fingerprint print{.size = random() % 65536, .inode = static_cast<std::uint64_t>(i)};
    tree->add_file(folders.back(), text, attributes, tree->contents().add_file(host_folders.back(), text, print));
  }
  return tree;
}

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
    const auto tree = make_tree(nodes);
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
  const auto tree = make_tree(nodes);
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

template <class Fn>
void add(const std::string& name, Fn fn) {
  auto* const b = benchmark::RegisterBenchmark(name.c_str(), fn);
  b->ArgName("nodes")->Unit(benchmark::kMillisecond)->UseRealTime();
  b->Arg(1000);
  if (tiny()) return;
  for (const std::int64_t nodes : {10'000, 100'000, 1'000'000}) b->Arg(nodes);
}

}  // namespace

void register_benchmarks() {
  add("tree", make);
  add("plan/all", [](benchmark::State& s) { plan(s, {}); });
  add("plan/iso9660_joliet_rockridge", [](benchmark::State& s) { plan(s, {.udf = false}); });
  add("plan/udf", [](benchmark::State& s) { plan(s, {.iso9660 = false, .joliet = false, .rockridge = false}); });
}

}  // namespace fsimage::bench
