// An image with nothing but a UDF volume, put together without the planner, and what its blocks hold.
#pragma once

#include <fsimage/image/content_region.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/layout/udf_layout.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::test {

inline std::string repeat(std::string_view text, std::size_t n) {
  std::string out;
  while (n-- > 0) out += text;
  return out;
}

struct UdfImage {
  std::shared_ptr<const Tree> tree;
  std::shared_ptr<const TreeIndex> index;
  std::unique_ptr<UdfLayout> layout;
  std::shared_ptr<const ContentPlacement> content;
  std::vector<ImageExtent> extents;
  std::shared_ptr<const ResultImage> image;
  std::vector<Finding> findings;

  std::shared_ptr<const ByteSource> extent(std::string_view label) const {
    for (const auto& e : extents)
      if (e.label == label) return e.bytes;
    throw std::logic_error("no extent " + std::string(label));
  }
  const UdfPlaces& places() const { return layout->places(); }
  std::string map() const {
    std::string out;
    image->for_each_part([&](const ExtentPart& p) { out += format_part(p) + "\n"; });
    return out;
  }
  std::vector<std::byte> block(Lba at) const {
    std::vector<std::byte> out(kBlockSize);
    image->read_at((at - image->first_block()).bytes(), out);
    return out;
  }
  std::vector<std::byte> blocks(Lba at, BlockCount n) const {
    std::vector<std::byte> out(n.bytes());
    image->read_at((at - image->first_block()).bytes(), out);
    return out;
  }
};

inline constexpr Timestamp kImageTime{1'700'000'000'123'456'789};
inline const std::string kImageId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// `session` and `first`: as a later session of a disc whose partition begins at `first`.
inline UdfImage make_udf_image(Tree from, Profile profile = {}, Lba session = {},
                               std::optional<PartitionStart> first = {}) {
  UdfImage u;
  u.tree = std::make_shared<const Tree>(std::move(from));
  u.index = std::make_shared<const TreeIndex>(*u.tree);
  if (!profile.timestamp) profile.timestamp = kImageTime;
  u.layout = std::make_unique<UdfLayout>(PlanInput{u.tree, u.index, profile}, kImageId);
  Allocator at(session);
  u.layout->place_front(at, session);
  u.layout->place_partition(at, first);
  const auto content_start = at.next();
  ContentPlacement content;
  content.at.resize(u.tree->inode_count());
  std::vector<ContentRegion::Placed> placed;
  for (std::uint32_t rank = 0; rank < u.index->inode_count(); ++rank) {
    const auto id = u.index->inode(rank);
    const auto& inode = u.tree->inode(id);
    if (inode.type != FileType::regular || inode.size == 0) continue;
    content.at[id.value] = at.take(blocks_for(inode.size));
    placed.push_back({content.at[id.value] - content_start, inode.content, u.index->first_name(rank).value});
  }
  const auto content_blocks = at.next() - content_start;
  u.layout->end_partition(at);
  u.layout->place_back(at);
  u.content = std::make_shared<const ContentPlacement>(std::move(content));
  u.layout->emit(u.content, u.extents);
  auto extents = u.extents;
  if (!placed.empty()) {
    const auto tree = u.tree;
    extents.push_back(
        {content_start,
         std::make_shared<ContentRegion>(std::shared_ptr<const ContentStore>(tree, &tree->contents()), placed,
                                         content_blocks, [tree](std::uint32_t n) { return tree->path(NodeId{n}); }),
         "content"});
  }
  u.image = std::make_shared<const ResultImage>(std::move(extents), at.next() - session, kImageId, session);
  u.layout->for_each_finding([&](const Finding& f) { u.findings.push_back(f); });
  return u;
}

inline std::shared_ptr<const ByteSource> text_source(std::string_view text) {
  return std::make_shared<const MemorySource>(text);
}

}  // namespace fsimage::test
