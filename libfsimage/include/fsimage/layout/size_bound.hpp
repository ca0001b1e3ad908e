// How much longer an image can get by an item, without planning it: for whoever adds items one after another and may not
// get beyond a size. Pure functions, any thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/layout/profile.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstdint>

namespace fsimage {

// Blocks that a tree's entries take together in any image of the profile: at most, and with some to spare, since nothing is
// known of their neighbours. Of a plan's size, with these entries added one by one, a plan with all of them stays below the
// sum of both and kSizeSlack.
std::uint64_t most_blocks(const Profile&, const Tree&, NodeId);

// What rounding and the moving of whole structures can cost once: a folder tree that no longer fits before UDF's anchor,
// clusters at the end of metadata and session.
inline constexpr std::uint64_t kSizeSlack = 1024;

}  // namespace fsimage
