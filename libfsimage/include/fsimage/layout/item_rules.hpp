// What a chosen file system can hold in no form, whatever may be lost. It is known of an item alone, so that it is said when
// the item is added and not when everything is there. Pure functions, any thread.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/layout/profile.hpp>
#include <fsimage/layout/tree_index.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace fsimage {

struct Item {
  std::string_view name;
  FileType type{};
  std::uint64_t size = 0;   // of a file's content
  std::uint32_t level = 2;  // of the folder hierarchy, the root's being 1 (ECMA-119 6.8.2)
};

// The error, without path, that an image of the profile would fail with; nullopt when it can hold the item. What it says
// names the file system.
std::optional<Error> obstacle(const Profile&, const Item&);

// Every item of the tree that meets one, with its path, in the order of the index.
void for_each_obstacle(const Profile&, const Tree&, const TreeIndex&, const std::function<void(const Error&)>&);

}  // namespace fsimage
