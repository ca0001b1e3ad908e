// File entries of UDF, plain and extended, and where their content lies: ECMA-167 4/14.9, 4/14.17, 4/12. One thread.
#pragma once

#include "udf_volume.hpp"

#include <fsimage/format/udf/file_structures.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::volume {

// A file entry as read. Filled anew for each file; its buffers are used again.
struct UdfFile {
  std::uint64_t at = 0;         // byte offset of the entry
  std::uint16_t partition = 0;  // that it lies in, by reference
  udf::IcbFileType type{};
  udf::AllocationForm form{};
  std::uint64_t size = 0;  // information length
  std::uint32_t links = 0;
  Attributes attributes;
  std::optional<DeviceNumber> device;
  std::uint64_t allocation_at = 0;    // byte offset of what follows, which is the content when embedded
  std::vector<std::byte> allocation;  // allocation descriptors
};

// Throws corrupt_structure for what is no sound file entry, unsupported for ICB strategies other than 4. A wrong CRC is
// a finding.
void read_file_entry(Walk&, const UdfVolume&, const DirectoryRef& icb, UdfFile& out);

// Appends where the content lies, up to the information length. Further allocation extents are read when `follow`, and
// appended to `structures` when that is given; without `follow` the result is false when there are any.
// Throws corrupt_structure when extents leave the image, when they are fewer than the length, or lead in a circle.
bool collect_pieces(Walk&, const UdfVolume&, const UdfFile&, bool follow, std::vector<Piece>& out,
                    std::vector<EntryStructure>* structures);

}  // namespace fsimage::volume
