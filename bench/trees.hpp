// Trees of any size whose files exist nowhere, the same every time: a hundred files to a folder, ten folders to a folder,
// names of 8 to 24 letters.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <memory>

namespace fsimage::bench {

enum class Files : std::uint8_t {
  on_host,  // up to 64 KiB; planned, never read
  zeros,    // up to 2 KiB; can be read
};
std::shared_ptr<const Tree> make_tree(std::int64_t nodes, Files);

}  // namespace fsimage::bench
