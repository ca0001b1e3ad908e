#include <fsimage/layout/size_bound.hpp>

namespace fsimage {
namespace {

constexpr std::uint64_t kStreamFolder = 4, kStreamBlocks = 3;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

std::uint64_t blocks_of_bytes(std::uint64_t bytes) { return bytes / kBlockSize + 1; }

// Blocks that begin for the entry, and bytes that share blocks with those of others.
struct Share {
  std::uint64_t blocks = 0, bytes = 0;
};

// ISO 9660 and what shares its structures: a record for each section with what it leaves free at the end of a sector,
// continuation areas, two path tables.
Share iso_share(const Inode& inode, std::uint64_t target) {
  constexpr std::uint64_t kRecord = 512, kContinuation = 2048, kFolderBlocks = 4;
  const bool folder = inode.type == FileType::directory;
  return {.blocks = folder ? kFolderBlocks : 0,
          .bytes = kRecord * (1 + inode.size / (4 * kGiB - kBlockSize)) + kContinuation + 4 * target};
}

// A file entry, its identifier in the folder, what either has in blocks of its own.
Share udf_share(const Inode& inode, std::uint64_t target) {
  constexpr std::uint64_t kIdentifier = 512, kDescriptor = 16;
  return {.blocks = 2 + inode.size / kGiB * kDescriptor / kBlockSize + (inode.size >= 16 * kGiB ? 2 : 0) +
                    (target != 0 ? 1 + 4 * target / kBlockSize : 0),
          .bytes = kIdentifier};
}

}  // namespace

std::uint64_t most_blocks(const Profile& profile, const Tree& tree, NodeId n) {
  const auto& inode = tree.inode(n);
  const auto target = inode.type == FileType::symlink ? inode.size : 0;
  std::uint64_t blocks = 0;
  // Once for a file of several names is enough, but which of them is first is not known.
  if (inode.type == FileType::regular) blocks += blocks_of_bytes(inode.size) + 1;
  if (profile.file_systems.iso9660) {
    constexpr std::uint64_t kViews = 3;
    const auto share = iso_share(inode, target);
    blocks += kViews * (share.blocks + blocks_of_bytes(share.bytes));
  }
  if (profile.file_systems.udf) {
    constexpr std::uint64_t kMirrored = 2;
    const auto share = udf_share(inode, target);
    blocks += kMirrored * (share.blocks + blocks_of_bytes(share.bytes));
    // A stream is a file in a folder of its own.
    if (inode.first_stream) blocks += kMirrored * kStreamFolder;
    for (auto s = inode.first_stream; s; s = tree.next_stream(s))
      blocks += blocks_of_bytes(tree.stream_size(s)) + 1 +
                kMirrored * (kStreamBlocks + blocks_of_bytes(4 * tree.stream_name(s).size()));
  }
  return blocks;
}

}  // namespace fsimage
