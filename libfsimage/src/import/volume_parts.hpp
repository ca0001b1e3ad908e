// Labelled stretches of an image, held as small records until they are sorted: sixteen bytes a stretch, twelve and the
// name for each path. One thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/import/volume_map.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::volume {

enum class PartLabel : std::uint8_t {
  system_area,
  iso_primary,
  joliet_supplementary,
  iso_enhanced,
  iso_boot_record,
  iso_partition_descriptor,
  iso_terminator,
  boot_catalog,
  boot_image,  // ends where the next part begins, whatever its entry says
  iso_path_table_l,
  iso_path_table_m,
  joliet_path_table_l,
  joliet_path_table_m,
  enhanced_path_table_l,
  enhanced_path_table_m,
  iso_directory,
  joliet_directory,
  enhanced_directory,
  rr_continuation,
  udf_recognition,
  udf_main_sequence,
  udf_reserve_sequence,
  udf_integrity,
  udf_anchor,
  udf_anchors,
  udf_vat,
  udf_sparing_table,
  udf_metadata_file,
  udf_metadata_mirror,
  udf_metadata_bitmap,
  udf_file_set,
  udf_file_set_terminator,
  udf_file_entry,
  udf_directory,
  udf_stream_directory_entry,
  udf_stream_directory,
  udf_allocation_extents,
  udf_link_target,
  content,
};

class Parts {
 public:
  using Path = std::uint32_t;
  static constexpr Path kRoot = 0, kNone = 0xFFFFFFFF;

  Path add_path(Path parent, std::string_view name) { return add_path(parent, name, '/'); }
  Path add_stream(Path owner, std::string_view name) { return add_path(owner, name, ':'); }  // "/docs/a.txt:comment"
  std::string path(Path) const;  // "/docs/a.txt"; "/" for the root

  // Bytes from `at` on, as whole blocks.
  void add(PartLabel, std::uint64_t at, std::uint64_t bytes, Path = kNone);

  // In address order; parts of one address in the order in which they were added.
  void for_each_sorted(const VolumePartFn&);

 private:
  struct Part {
    std::uint32_t start, blocks;
    Path path;
    PartLabel label;
  };
  struct Name {
    Path parent;
    std::uint32_t at;
    std::uint16_t length;
    char before;  // what stands between the two
  };
  Path add_path(Path parent, std::string_view name, char before);
  void put_path(Path, std::string& out) const;
  std::vector<Part> parts_;
  std::vector<Name> names_{{kNone, 0, 0, '/'}};
  std::vector<char> text_;
};

// Byte offsets that were seen, some sixteen bytes each.
class OffsetSet {
 public:
  bool insert(std::uint64_t offset);  // false when it was there
  bool contains(std::uint64_t offset) const { return slots_[slot_of(offset)] == offset; }

 private:
  std::size_t slot_of(std::uint64_t offset) const;
  void grow();
  static constexpr std::uint64_t kEmpty = UINT64_MAX;
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(64, kEmpty);
  std::size_t used_ = 0;
};

}  // namespace fsimage::volume
