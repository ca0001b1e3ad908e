// What Windows makes of names that UDF and Joliet hold well enough. Pure functions and a value, any thread.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace fsimage {

// Why no program of Windows can open an entry that a disc shows under that name; empty when one can.
std::string_view windows_cannot_open(std::string_view utf8);

// Finds the entries of a folder that differ only in case: Windows, and macOS on most disks, takes them for one. By a number
// of the name without case, so that a million names cost no texts.
class CaseTwins {
 public:
  // The entry that had the same name before, in other letters; else the name is this one's from here on.
  std::optional<NodeId> of(std::string_view utf8, NodeId);
  void next_folder() { seen_.clear(); }

 private:
  std::unordered_map<std::uint64_t, NodeId> seen_;
};

}  // namespace fsimage
