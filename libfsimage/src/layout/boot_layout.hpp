// What El Torito adds to a session: boot record, catalog, images that no view shows, and boot info tables in those that
// want one. The planner places it, by one thread; otherwise immutable. What emit() gives may outlive the layout.
#pragma once

#include <fsimage/layout/allocator.hpp>
#include <fsimage/layout/view_layout.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fsimage {

class BootLayout {
 public:
  // Throws what BootOptions::check does, and invalid_argument for more than BootOptions::kMost.
  explicit BootLayout(const PlanInput&);

  // Whether the file is recorded with a boot info table: it then lies apart from the contents that are as their sources.
  bool patches(InodeId) const;

  void place_catalog(Allocator&);
  // Images that no view shows, and files with a boot info table, whose places go into the placement. `primary` is where the
  // primary volume descriptor lies.
  void place_images(Allocator&, Lba session, Lba primary, ContentPlacement&);

  std::array<std::byte, kBlockSize> record() const;
  // The catalog, and the images that place_images() placed.
  void emit(const ContentPlacement&, std::vector<ImageExtent>&) const;

  struct Image {
    std::shared_ptr<const ByteSource> bytes;  // as the source has them
    std::string path;                         // of a file of the tree
    std::optional<InodeId> inode;
    bool has_table = false;
    Lba at;  // when it is placed here
    bool apart() const { return !inode || has_table; }
  };
  struct Entry {
    std::size_t image = 0;
    std::uint8_t platform = 0;
    std::string manufacturer;
    eltorito::BootEntry recorded;  // without what the image's place and bytes tell
  };

 private:
  std::size_t image_of(const PlanInput&, const BootOptions&);

  std::vector<Image> images_;
  std::vector<Entry> entries_;
  Lba catalog_, primary_;
};

}  // namespace fsimage
