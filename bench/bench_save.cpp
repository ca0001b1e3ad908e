// Saving: to a file with everything the kernel offers, to a file by reading and writing, to a sink; and the whole way
// from a host folder to a file.
#include "bench_main.hpp"
#include "memory.hpp"
#include "samples.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/file_system_image.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace fsimage::bench {
namespace {

constexpr BurnOptions kNoSync{.simulate = false, .sync = false};  // the disk's own speed is no part of this

void to_file(benchmark::State& state, Content content, IsoFileOptions::Copy copy) {
  const Sample& s = sample(content);
  const TempFolder folder;
  const std::string target = folder.path() + "/out.iso";
  const PeakMemory peak;
  for (auto _ : state) {
    IsoFileOptions options;
    options.copy = copy;
    save_image(*s.image, target, kNoSync, {}, {}, options);
  }
  if (std::filesystem::file_size(target) != s.image->size()) throw std::runtime_error("saved file has another size");
  report(state, s.image->size(), s.entries > 1 ? s.entries : 0);
  state.counters["peak_rss"] = static_cast<double>(peak.bytes());
}

void to_sink(benchmark::State& state, Content content) {
  const Sample& s = sample(content);
  const PeakMemory peak;
  for (auto _ : state) {
    std::uint64_t total = 0;
    write_image(*s.image, [&](std::span<const std::byte> bytes) {
      benchmark::DoNotOptimize(bytes.data());
      total += bytes.size();
    });
    if (total != s.image->size()) throw std::runtime_error("sink got another size");
  }
  report(state, s.image->size(), s.entries > 1 ? s.entries : 0);
  state.counters["peak_rss"] = static_cast<double>(peak.bytes());
}

// Scan, plan and save, all four file systems.
void create(benchmark::State& state) {
  const auto& source = small_files_folder();
  const auto entries = sample(Content::small_files).entries;
  const TempFolder folder;
  const std::string target = folder.path() + "/out.iso";
  const PeakMemory peak;
  for (auto _ : state) {
    FileSystemImage image;
    image.add(source);
    save_image(*image.create_result_image(), target, kNoSync);
  }
  report(state, std::filesystem::file_size(target), entries);
  state.counters["peak_rss"] = static_cast<double>(peak.bytes());
}

template <class Fn>
void add(const std::string& name, Fn fn) {
  benchmark::RegisterBenchmark(name.c_str(), fn)->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace

void register_benchmarks() {
  const std::pair<const char*, Content> contents[] = {
      {"memory", Content::memory}, {"file", Content::file}, {"small_files", Content::small_files}};
  for (const auto& [name, content] : contents) {
    using Copy = IsoFileOptions::Copy;
    add(std::string("save/automatic/") + name, [c = content](benchmark::State& s) { to_file(s, c, Copy::automatic); });
    add(std::string("save/plain/") + name, [c = content](benchmark::State& s) { to_file(s, c, Copy::plain); });
    add(std::string("save/sink/") + name, [c = content](benchmark::State& s) { to_sink(s, c); });
  }
  add("create/small_files", create);
}

}  // namespace fsimage::bench
