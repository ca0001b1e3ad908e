#include "checksums.hpp"

#include <fsimage/io/atomic_file.hpp>
#include <fsimage/layout/tree_index.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace fsimage::tools {
namespace {

// A boot image that gets a table of where it lies is not what its source is.
bool is_patched(const Profile& profile, const std::string& path) {
  return std::any_of(profile.boot_image_options.begin(), profile.boot_image_options.end(),
                     [&](const auto& b) { return b.boot_info_table && !b.boot_image && b.boot_file == path; });
}

Sha256Value file_digest(const Tree& tree, const Plan& plan, const ResultImage& image, const ImageDigests& digests,
                        NodeId n) {
  const auto& inode = tree.inode(n);
  if (is_patched(plan.profile(), tree.path(n)))
    if (const auto part = image.find_content(tree.path(n)))
      return sha256_of(inode.size, [&](std::uint64_t offset, std::span<std::byte> out) {
        image.read_at((part->start - image.first_block()).bytes() + offset, out);
      });
  if (const auto known = digests.content(inode.content)) return *known;
  return sha256_of(inode.size, [&](std::uint64_t offset, std::span<std::byte> out) {
    tree.contents().read_at(inode.content, offset, out);
  });
}

// A name with a backslash or an end of line has them escaped, and a backslash before the line says so.
std::string line_of(const Sha256Value& digest, std::string_view path) {
  std::string name;
  for (const char c : path) {
    switch (c) {
      case '\\': name += "\\\\"; break;
      case '\n': name += "\\n"; break;
      case '\r': name += "\\r"; break;
      default: name += c;
    }
  }
  return (name.size() == path.size() ? "" : "\\") + to_hex(digest) + "  " + name + '\n';
}

}  // namespace

void write_checksums(const Tree& tree, const Plan& plan, const ResultImage& image, const ImageDigests& digests,
                     const std::string& path) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;
  AtomicFile file(path);
  std::string lines;
  std::uint64_t at = 0;
  const auto write = [&] {
    file.write_at(at, std::as_bytes(std::span(lines)));
    at += lines.size();
    lines.clear();
  };
  const TreeIndex index(tree);
  for (std::uint32_t d = 0; d < index.directory_count(); ++d)
    for (const NodeId n : index.entries(d)) {
      if (tree.inode(n).type != FileType::regular) continue;
      lines += line_of(file_digest(tree, plan, image, digests, n), std::string_view(tree.path(n)).substr(1));
      if (lines.size() >= kAtOnce) write();
    }
  write();
  file.commit(false);
}

}  // namespace fsimage::tools
