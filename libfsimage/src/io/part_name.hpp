// What a file is called until it is complete. Private to io.
#pragma once

#include <cstddef>
#include <string>

namespace fsimage {

inline constexpr std::size_t kNameLimit = 255;  // bytes, when the file system does not say

// ".NAME.fsimage-part"; a longer name than `limit` bytes is cut, and told apart by a hash of the whole.
std::string part_name(const std::string& name, std::size_t limit);

}  // namespace fsimage
