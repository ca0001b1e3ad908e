// What patterns say of entries that a tree holds already, whatever they come from. One thread.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fsimage {

// Patterns are those of ExcludeList, from the image's top; an empty one is an invalid_argument.
struct ContentWeight {
  std::int32_t weight = 0;
  std::string pattern;
};

// The content of what matches, folders with all below them, gets the weight: the heaviest comes first on the disc, and
// what has none weighs 0. Of several weights that match an entry, or a folder above it, the last given holds; of several
// names of one content the heaviest.
void set_weights(Tree&, std::span<const ContentWeight> weights);

// Marks as hidden what matches; how many entries did.
std::uint64_t hide_entries(Tree&, std::vector<std::string> patterns);

}  // namespace fsimage
