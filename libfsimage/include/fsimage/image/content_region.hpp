// The content of all files as one region: a compact index over a ContentStore instead of a million small objects.
// Immutable, thread-safe.
#pragma once

#include <fsimage/image/result_image.hpp>
#include <fsimage/io/content_store.hpp>

#include <functional>
#include <vector>

namespace fsimage {

class ContentRegion final : public RegionSource {
 public:
  struct Placed {
    BlockCount offset;  // from the start of the region
    ContentId content;
    std::uint32_t owner{};  // the caller's number for the file (a node), for `path_of`
  };
  using PathFn = std::function<std::string(std::uint32_t owner)>;  // path inside the image

  // `placed` is sorted by offset and does not overlap (std::logic_error otherwise); every content is at least one byte.
  // `empty` are contents that have none, and so no place: they are checked with the others, for they may have grown.
  ContentRegion(std::shared_ptr<const ContentStore>, std::vector<Placed> placed, BlockCount size, PathFn path_of,
                std::vector<ContentId> empty = {});

  std::uint64_t size() const override { return size_.bytes(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override;
  bool is_bound_to_thread() const override { return store_->is_bound_to_thread(); }
  void for_each_part(Lba at, const PartFn&) const override;
  std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const override;
  std::string content_path(BlockCount offset) const override;
  void for_each_content(std::uint64_t offset, std::uint64_t length, const ContentFn&) const override;
  void check_sources(Lba at) const override;
  void check_after_reading(Lba at) const override;

 private:
  std::size_t index_at(std::uint64_t offset) const;
  std::uint64_t start_of(std::size_t index) const;  // size() behind the last
  void check_placed(Lba at, std::size_t first, std::size_t last) const;
  Run small_contents(std::size_t index, std::uint64_t offset) const;
  const Placed* placed_at(BlockCount offset) const;
  ExtentPart part(Lba at, const Placed&) const;

  std::shared_ptr<const ContentStore> store_;
  std::vector<Placed> placed_;
  BlockCount size_;
  PathFn path_of_;
  std::vector<ContentId> empty_;
};

}  // namespace fsimage
