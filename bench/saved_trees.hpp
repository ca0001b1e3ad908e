// Images of trees without contents, as files: for benchmarks that begin with reading a disc.
#pragma once

#include "samples.hpp"
#include "trees.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/layout/planner.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace fsimage::bench {

// Saved once for each size; contents are zeros, a block each: 4 GB for a million entries.
inline const std::string& saved_tree(std::int64_t nodes) {
  static const TempFolder folder;
  static std::map<std::int64_t, std::string> saved;
  auto& path = saved[nodes];
  if (path.empty()) {
    path = folder.path() + "/" + std::to_string(nodes) + ".iso";
    Profile profile;
    profile.allow_rename = true;
    save_image(*Plan(make_tree(nodes, Files::zeros), profile).create_image(), path, {.sync = false});
  }
  return path;
}

}  // namespace fsimage::bench
