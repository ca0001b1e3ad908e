// Which file lies in which blocks of an image, both ways (IProgressItems): what a burner says is being written, and where a
// file begins. Items are contents; metadata and gaps belong to none, and a file with several names is known by its first.
// Immutable, thread-safe; some sixteen bytes an item, paths are asked of the image.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/image/result_image.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct ProgressItem {
  std::string description;  // path inside the image, "/docs/a.txt"
  BlockRange blocks;        // addresses of the medium
  Lba first_block() const { return blocks.first; }
  Lba last_block() const { return blocks.first + BlockCount{blocks.blocks.value - 1}; }
};

class ProgressItems {
 public:
  // Visits every part of the image once.
  explicit ProgressItems(std::shared_ptr<const ResultImage> image);

  std::size_t size() const { return ranges_.size(); }
  ProgressItem operator[](std::size_t index) const;  // in the order of their blocks; index < size()

  // Positions, logarithmic and constant; nullopt when there is no such item.
  std::optional<std::size_t> from_block(Lba) const;
  std::optional<std::size_t> from_description(std::string_view path) const;

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
  std::shared_ptr<const ResultImage> image_;
  std::vector<BlockRange> ranges_;
  std::vector<std::uint32_t> slots_;  // open addressing over paths; a slot holds a position
};

}  // namespace fsimage
