#include "samples.hpp"

#include "bench_main.hpp"

#include <fsimage/image/content_region.hpp>
#include <fsimage/io/content_store.hpp>
#include <fsimage/io/open_file.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <vector>

namespace fsimage::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = 1024 * 1024;

std::vector<std::byte> noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

void write_file(const std::string& path, const std::vector<std::byte>& pool, std::uint64_t size) {
  std::ofstream out(path, std::ios::binary);
  out.exceptions(std::ios::failbit | std::ios::badbit);
  while (size != 0) {
    const auto part = std::min<std::uint64_t>(size, pool.size());
    out.write(reinterpret_cast<const char*>(pool.data()), static_cast<std::streamsize>(part));
    size -= part;
  }
}

const TempFolder& folder() {
  static const TempFolder folder;
  return folder;
}

Sample memory_sample() {
  const auto size = static_cast<std::size_t>(sized(64 * kMiB, kMiB));
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{0}, std::make_shared<MemorySource>(noise(size, 1)), "memory"});
  return {"memory", std::make_shared<const ResultImage>(std::move(extents), blocks_for(size), std::string(64, '1')), 1};
}

// The files of a host folder, one after another, as a plan places them.
Sample folder_sample(std::string name, const std::string& path) {
  auto store = std::make_shared<ContentStore>();
  const auto in = store->add_folder(path);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::vector<ContentRegion::Placed> placed;
  BlockCount at;
  for (const auto& file : names) {
    const auto print = OpenFile::open(path + "/" + file)->fingerprint();
    if (print.size == 0) continue;
    placed.push_back({at, store->add_file(in, file, print), static_cast<std::uint32_t>(placed.size())});
    at += blocks_for(print.size);
  }
  const auto entries = placed.size();
  auto region = std::make_shared<ContentRegion>(std::move(store), std::move(placed), at,
                                                [](std::uint32_t owner) { return std::to_string(owner); });
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{0}, std::move(region), "content"});
  return {std::move(name), std::make_shared<const ResultImage>(std::move(extents), at, std::string(64, '2')), entries};
}

Sample file_sample() {
  const std::string path = folder().path() + "/large";
  fs::create_directory(path);
  write_file(path + "/file.bin", noise(4 * kMiB, 2), static_cast<std::uint64_t>(sized(256 * kMiB, kMiB)));
  return folder_sample("file", path);
}

}  // namespace

TempFolder::TempFolder() {
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto path = fs::temp_directory_path() / ("fsimage-bench-" + std::to_string(random()));
    if (fs::create_directory(path)) {
      path_ = path.string();
      return;
    }
  }
  throw std::runtime_error("no temporary folder can be made");
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

// Sizes are log-normal with a median of 4 KiB, as in home folders and source trees.
const std::string& small_files_folder() {
  static const std::string path = [] {
    std::string made = folder().path() + "/small";
    fs::create_directory(made);
    const auto pool = noise(2 * kMiB, 3);
    std::mt19937_64 random(4);
    std::normal_distribution<double> spread(0.0, 1.4);
    const auto count = sized(20'000, 100);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto size = std::min(4096.0 * std::exp(spread(random)), 2e6);
      write_file(made + "/file" + std::to_string(i) + ".dat", pool, static_cast<std::uint64_t>(size) + 1);
    }
    return made;
  }();
  return path;
}

const Sample& sample(Content content) {
  switch (content) {
    case Content::memory: {
      static const Sample made = memory_sample();
      return made;
    }
    case Content::file: {
      static const Sample made = file_sample();
      return made;
    }
    case Content::small_files: {
      static const Sample made = folder_sample("small_files", small_files_folder());
      return made;
    }
  }
  throw std::logic_error("no such content");
}

}  // namespace fsimage::bench
