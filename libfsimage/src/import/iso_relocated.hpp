// Folders of Rock Ridge that lie where they do not belong (RE), and whether the record that shows them in their place (CL)
// is still there: RRIP 4.1.5. For salvage. One thread.
#pragma once

#include "iso_descriptors.hpp"
#include "volume_parts.hpp"
#include "volume_view.hpp"

#include <cstdint>
#include <vector>

namespace fsimage::volume {

class IsoRelocated {
 public:
  IsoRelocated(Walk& walk, const IsoVolume& volume) : walk_(walk), volume_(volume) {}

  // Whether nothing leads to the relocated folder whose records lie at `at`. The first question reads all folders.
  bool is_orphan(std::uint64_t at);

 private:
  void search(DirectoryRef from);
  void read_folder(const DirectoryRef&);
  bool only_holds_relocated(const DirectoryRef&);

  Walk& walk_;
  const IsoVolume& volume_;
  bool searched_ = false;
  OffsetSet visited_, linked_, orphans_;
  std::vector<DirectoryRef> relocated_;  // in the order in which they were met
  std::vector<DirectoryRef> stack_;
};

}  // namespace fsimage::volume
