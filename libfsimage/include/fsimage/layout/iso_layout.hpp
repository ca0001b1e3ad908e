// A tree as ISO 9660 has it: path tables and folders, with Rock Ridge when the profile asks for it; or the same as Joliet
// or ISO 9660:1999 has it. The planner asks for the size, gives it a place, and gets extents that generate their blocks when read.
// place() by one thread, once; otherwise immutable and thread-safe. What emit() gives may outlive the layout.
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

class IsoLayout final : public ViewLayout {
 public:
  // For View::iso9660, joliet or enhanced. Names, order and sizes; costs the view some twelve bytes an entry beside the identifiers. Throws not_representable
  // naming a path: a file that needs sections below interchange level 3, a folder too deep when the profile refuses
  // those, more folders than path tables can number as parents. Throws invalid_argument for a profile out of range.
  IsoLayout(PlanInput, View);
  ~IsoLayout() override;

  // Both path tables and all folders with their continuation areas: one stretch.
  BlockCount blocks() const;
  // Takes blocks() from the allocator. Twice is a std::logic_error, as is what follows without it.
  void place(Allocator&);

  // Primary or supplementary volume descriptor. `volume_space` is the end of the image as an address on the medium: in a
  // later session everything before it counts, or Linux takes Rock Ridge's continuation areas for damage.
  std::array<std::byte, kBlockSize> descriptor(BlockCount volume_space) const;

  // Appends path tables and folders. Entries without content begin at `empty_file_at`, a block that exists and lies behind
  // the folders: libarchive takes a continuation area behind its file for damage.
  void emit(std::shared_ptr<const ContentPlacement>, Lba empty_file_at, std::vector<ImageExtent>&) const;

  bool keeps(NodeId) const override;
  bool shows(NodeId) const override;
  bool keeps_extras(const Inode&) const override;
  bool keeps_times(NodeId) const override;
  std::optional<std::string> identifier_of(NodeId) const override;
  using ViewLayout::for_each_finding;
  void for_each_finding(const FindingFn&, const FindingFilter& wanted) const override;

 private:
  std::shared_ptr<const class IsoTables> tables_;
  std::optional<Lba> at_;
};

}  // namespace fsimage
