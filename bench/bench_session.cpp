// A further session of a disc of a thousand to a million entries: ten files of it change. From the disc's blocks to the
// finished image, step by step and altogether; contents are not read.
#include "bench_main.hpp"
#include "saved_trees.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/io/file_source.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fsimage::bench {
namespace {

constexpr std::int64_t kChanged = 10, kChangedSize = 10'000;

struct Disc {
  explicit Disc(const std::string& path)
      : media(IsoFileRecorder(path).media()), content(std::make_shared<FileSource>(path)) {}
  Media media;
  std::shared_ptr<const ByteSource> content;
};

// Ten files from everywhere get other contents.
void change(Tree& tree) {
  const auto step = static_cast<std::uint32_t>(static_cast<std::int64_t>(tree.node_count()) / (kChanged + 1));
  std::int64_t changed = 0;
  for (std::uint32_t n = step; n < tree.node_count() && changed < kChanged; ++n) {
    if (tree.inode(NodeId{n}).type != FileType::regular || !tree.attached(NodeId{n})) continue;
    tree.set_content(NodeId{n}, tree.contents().add_source(std::make_shared<ZeroSource>(kChangedSize), "changed"));
    ++changed;
    n += step - 1;
  }
  if (changed != kChanged) throw std::logic_error("too few files");
}

void identify(benchmark::State& state) {
  const Disc disc(saved_tree(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(identify_disc(disc.media, disc.content));
}

void import_disc(benchmark::State& state) {
  const Disc disc(saved_tree(state.range(0)));
  for (auto _ : state) {
    FileSystemImage image;
    image.continue_disc(disc.content, disc.media);
    benchmark::DoNotOptimize(image);
  }
  report(state, 0, static_cast<std::uint64_t>(state.range(0)));
}

void write_counters(benchmark::State& state, const Plan& plan, const ResultImage& image) {
  BlockCount content, replaced;
  image.for_each_part([&](const ExtentPart& part) {
    if (part.label.starts_with(kContentLabel)) content += part.blocks;
  });
  for (const auto& e : image.replaced()) replaced += blocks_for(e.bytes->size());
  if (content != BlockCount{kChanged * blocks_for(kChangedSize).value})
    throw std::logic_error("content that the disc holds is written again");
  state.counters["blocks"] = plan.total_blocks().value + replaced.value;
  state.counters["blocks_of_content"] = content.value;
}

void plan_session(benchmark::State& state) {
  const Disc disc(saved_tree(state.range(0)));
  FileSystemImage image;
  image.profile().allow_rename = true;
  image.continue_disc(disc.content, disc.media);
  change(image.tree());
  for (auto _ : state) {
    const auto plan = image.plan();
    benchmark::DoNotOptimize(plan.create_image());
  }
  report(state, 0, static_cast<std::uint64_t>(state.range(0)));
  const auto plan = image.plan();
  write_counters(state, plan, *plan.create_image());
}

void all(benchmark::State& state) {
  const Disc disc(saved_tree(state.range(0)));
  for (auto _ : state) {
    FileSystemImage image;
    image.profile().allow_rename = true;
    image.continue_disc(disc.content, disc.media);
    change(image.tree());
    benchmark::DoNotOptimize(image.create_result_image());
  }
  report(state, 0, static_cast<std::uint64_t>(state.range(0)));
}

}  // namespace

void register_benchmarks() {
  add_by_nodes("session/identify", identify);
  add_by_nodes("session/import", import_disc);
  add_by_nodes("session/plan", plan_session);
  add_by_nodes("session/import_and_plan", all);
}

}  // namespace fsimage::bench
