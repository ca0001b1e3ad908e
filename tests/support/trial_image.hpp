// An image with one of everything that readers and savers treat apart, and its bytes made without the library.
#pragma once

#include "support/temp_folder.hpp"

#include <fsimage/image/content_region.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/io/content_store.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {

using Bytes = std::vector<std::byte>;

// Never a zero byte, so that nothing can pass for a gap.
inline Bytes noise(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  std::uint32_t x = seed * 2654435761U + 1;
  for (auto& b : bytes) {
    x = x * 1664525U + 1013904223U;
    b = static_cast<std::byte>((x >> 24) | 1U);
  }
  return bytes;
}

inline std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline Bytes read_bytes(const std::string& path) {
  Bytes bytes(std::filesystem::file_size(path));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

class TrialImage {
 public:
  static constexpr std::uint32_t kRegionStart = 20;
  static constexpr std::uint32_t kTotal = 2000;

  explicit TrialImage(std::uint32_t seed = 1) : bytes_(std::size_t{kTotal} * kBlockSize), seed_(seed) {
    put(16, noise(kBlockSize, seed));
    put(18, noise(3000, seed + 1));
    add_host_file(20, "a.txt", noise(1, seed + 2));
    add_host_file(21, "b.bin", noise(2048, seed + 3));
    add_memory(22, "/in memory", noise(5000, seed + 4));
    add_host_file(26, "docs/large.bin", noise(300'001, seed + 5));
    add_host_file(174, "docs/c.txt", noise(2047, seed + 6));
    add_memory(175, "/large in memory", noise(200'000, seed + 7));
    add_host_file(400, "docs/aligned.bin", noise(1 << 20, seed + 8));
    add_sparse_file(920, "sparse.bin");
    add_host_file(1500, "last.txt", noise(17, seed + 9));
    put(1990, noise(2 * kBlockSize, seed + 10));
  }

  const std::shared_ptr<const ResultImage>& image() {
    if (!image_) image_ = make_image();
    return image_;
  }
  const Bytes& bytes() const { return bytes_; }
  const TempFolder& sources() const { return sources_; }

 private:
  void put(std::uint32_t block, const Bytes& part) {
    extents_.push_back({Lba{block}, std::make_shared<MemorySource>(part), "metadata " + std::to_string(block)});
    copy(block, part);
  }

  void copy(std::uint32_t block, const Bytes& part) {
    std::ranges::copy(part, bytes_.begin() + static_cast<std::ptrdiff_t>(block) * kBlockSize);
  }

  void place(std::uint32_t block, ContentId id, std::string path, const Bytes& part) {
    placed_.push_back({BlockCount{block - kRegionStart}, id, static_cast<std::uint32_t>(paths_.size())});
    paths_.push_back(std::move(path));
    copy(block, part);
  }

  void add_memory(std::uint32_t block, const std::string& path, const Bytes& part) {
    place(block, store_.add_source(std::make_shared<MemorySource>(part), "label of " + path), path, part);
  }

  void add_host_file(std::uint32_t block, const std::string& name, const Bytes& part) {
    const auto file = sources_.write(name, text_of(part));
    const std::filesystem::path path(file);
    const auto folder = store_.add_folder(path.parent_path().string());
    place(block, store_.add_file(folder, path.filename().string(), OpenFile::open(file)->fingerprint()), "/" + name,
          part);
  }

  // 1 MiB, of which the first and the last 64 KiB are data.
  void add_sparse_file(std::uint32_t block, const std::string& name) {
    constexpr std::size_t kData = 65536;
    const auto data = noise(kData, seed_ + 20);
    Bytes all(std::size_t{1} << 20);
    std::ranges::copy(data, all.begin());
    std::ranges::copy(data, all.end() - kData);
    const auto file = sources_.write(name, text_of(data));
    std::filesystem::resize_file(file, all.size());
    {
      std::fstream tail(file, std::ios::in | std::ios::out | std::ios::binary);
      tail.seekp(static_cast<std::streamoff>(all.size() - kData));
      tail << text_of(data);
    }
    const auto folder = store_.add_folder(sources_.path().string());
    place(block, store_.add_file(folder, name, OpenFile::open(file)->fingerprint()), "/" + name, all);
  }

  std::shared_ptr<const ResultImage> make_image() {
    auto region = std::make_shared<ContentRegion>(std::make_shared<ContentStore>(store_), placed_, BlockCount{1481},
                                                  [paths = paths_](std::uint32_t owner) { return paths.at(owner); });
    auto extents = extents_;
    extents.push_back({Lba{kRegionStart}, std::move(region), "content"});
    return std::make_shared<const ResultImage>(std::move(extents), BlockCount{kTotal}, std::string(64, 'd'));
  }

  TempFolder sources_;
  Bytes bytes_;
  std::uint32_t seed_;
  std::vector<ImageExtent> extents_;
  ContentStore store_;
  std::vector<ContentRegion::Placed> placed_;
  std::vector<std::string> paths_;
  std::shared_ptr<const ResultImage> image_;
};

}  // namespace fsimage::test
