// Content of a file that zisofs compressed, read through its block pointers. Thread-safe.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace fsimage::volume {

// Blocks that were decompressed last, for all files of a volume together: a reader in small steps decompresses each only
// once, and a million files hold no more of them than one does.
class ZisofsCache {
 public:
  using Block = std::shared_ptr<const std::vector<std::byte>>;
  Block find(const void* file, std::uint64_t block);
  void put(const void* file, std::uint64_t block, Block);
  void forget(const void* file);
  static constexpr std::size_t kBlocks = 8;

 private:
  struct Item {
    const void* file;
    std::uint64_t block;
    Block bytes;
  };
  std::mutex mutex_;
  std::list<Item> items_;  // the last one used first
};

// `compressed` is the file as it is recorded, `size` the length of the content as its system use entry gives it. Nothing is
// read before the first read_at, which throws corrupt_structure, with `at` as its address, where header, pointers or
// compressed bytes cannot be, and unsupported for another compression than zlib's.
std::shared_ptr<const ByteSource> zisofs_source(std::shared_ptr<const ByteSource> compressed, std::uint64_t size,
                                                Lba at, std::shared_ptr<ZisofsCache>);

}  // namespace fsimage::volume
