#include <fsimage/layout/item_rules.hpp>

#include <algorithm>
#include <limits>
#include <string>

namespace fsimage {

std::optional<Error> obstacle(const Profile& p, const Item& item) {
  const auto restricted = [](char c) { return c >= 0x20 && static_cast<unsigned char>(c) < 0x80; };
  if (p.use_restricted_character_set && !std::all_of(item.name.begin(), item.name.end(), restricted))
    return Error(Errc::not_representable, {},
                 "the name has characters outside of the code points 32 to 127, to which the profile restricts names");
  if (!p.file_systems.iso9660) return std::nullopt;
  constexpr std::uint32_t kMaxLevel = 8;
  constexpr std::uint64_t kOneSection = std::numeric_limits<std::uint32_t>::max();
  const bool refused =
      p.deep_folders == DeepFolders::refuse || (p.strict_file_system_compliance && p.deep_folders == DeepFolders::keep);
  if (item.type == FileType::directory && item.level > kMaxLevel && refused)
    return Error(Errc::not_representable, {.clause = "ECMA-119 6.8.2.1"},
                 "folder below the eighth level of ISO 9660's folders", Reason::too_deep);
  if (item.type == FileType::regular && item.size > kOneSection && p.interchange_level < 3)
    return Error(Errc::not_representable, {.clause = "ECMA-119 10.2"},
                 "a file of 4 GiB needs interchange level 3 of ISO 9660, not " + std::to_string(p.interchange_level),
                 Reason::file_too_large);
  return std::nullopt;
}

void for_each_obstacle(const Profile& p, const Tree& tree, const TreeIndex& index,
                       const std::function<void(const Error&)>& fn) {
  for (std::uint32_t d = 0; d < index.directory_count(); ++d)
    for (const NodeId n : index.entries(d)) {
      const auto& inode = tree.inode(n);
      if (const auto error = obstacle(p, {tree.name(n), inode.type, inode.size, index.depth(d) + 1}))
        fn(error->with_path(tree.path(n)));
    }
}

}  // namespace fsimage
