#include "checksums.hpp"

#include <fsimage/io/atomic_file.hpp>
#include <fsimage/layout/tree_index.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace fsimage::tools {
namespace {

// A boot image that gets a table of where it lies is not what its source is.
bool is_patched(const Profile& profile, std::string_view path) {
  return std::any_of(profile.boot_image_options.begin(), profile.boot_image_options.end(),
                     [&](const auto& b) { return b.boot_info_table && !b.boot_image && b.boot_file == path; });
}

Sha256Value file_digest(const Tree& tree, const Plan& plan, const ResultImage& image, const ImageDigests& digests,
                        NodeId n, std::string_view path) {
  const auto& inode = tree.inode(n);
  if (is_patched(plan.profile(), path))
    if (const auto part = image.find_content(path))
      return sha256_of(inode.size, [&](std::uint64_t offset, std::span<std::byte> out) {
        image.read_at((part->start - image.first_block()).bytes() + offset, out);
      });
  if (const auto known = digests.content(inode.content)) return *known;
  return sha256_of(inode.size, [&](std::uint64_t offset, std::span<std::byte> out) {
    tree.contents().read_at(inode.content, offset, out);
  });
}

// A name with a backslash or an end of line has them escaped, and a backslash before the line says so.
void add_line(std::string& lines, const Sha256Value& digest, std::string_view path) {
  if (path.find_first_of("\\\n\r") != path.npos) lines += '\\';
  (lines += to_hex(digest)) += "  ";
  for (const char c : path) {
    switch (c) {
      case '\\': lines += "\\\\"; break;
      case '\n': lines += "\\n"; break;
      case '\r': lines += "\\r"; break;
      default: lines += c;
    }
  }
  lines += '\n';
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
  for (std::uint32_t d = 0; d < index.directory_count(); ++d) {
    auto file_path = tree.path(index.directory(d));
    if (d != 0) file_path += '/';
    const auto in_folder = file_path.size();
    for (const NodeId n : index.entries(d)) {
      if (tree.inode(n).type != FileType::regular) continue;
      file_path.resize(in_folder);
      file_path += tree.name(n);
      add_line(lines, file_digest(tree, plan, image, digests, n, file_path), std::string_view(file_path).substr(1));
      if (lines.size() >= kAtOnce) write();
    }
  }
  write();
  file.commit(false);
}

}  // namespace fsimage::tools
