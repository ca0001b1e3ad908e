// File entries of UDF, plain and extended, and where their content lies: ECMA-167 4/14.9, 4/14.17, 4/12. One thread.
#pragma once

#include "udf_volume.hpp"

#include <fsimage/format/udf/file_structures.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::uint64_t unique_id = 0;
  std::optional<DeviceNumber> device;
  udf::LongAllocationDescriptor streams{};        // ICB of the stream directory; of no length when there is none
  udf::LongAllocationDescriptor attribute_icb{};  // extended attributes in a file of their own; likewise
  std::vector<std::string> lost_attributes;       // identifiers of extended attributes that no tree keeps
  std::uint64_t allocation_at = 0;                // byte offset of what follows, which is the content when embedded
  std::uint32_t block = 0;                        // of the entry, in its partition
  std::vector<std::byte> allocation;              // allocation descriptors
  std::vector<std::uint64_t> chain;               // byte offsets of the entries before this one, ICB strategy 4096
};

// Follows an ICB of strategy 4096 to its newest entry. Throws corrupt_structure for what is no sound file entry or an ICB
// that leads on and on, unsupported for other strategies. A wrong CRC is a finding.
void read_file_entry(Walk&, const UdfVolume&, const DirectoryRef& icb, UdfFile& out);

// Reads the extended attributes that lie in a file of their own, ECMA-167 4/9.1, into the entry. What is damaged there is
// told; the file itself is not.
void read_attribute_file(Walk&, const UdfVolume&, UdfFile&);

// Where the bytes of a file have their logical blocks: from `offset` on, so that the block of any byte is known.
struct LogicalExtent {
  std::uint64_t offset = 0;
  std::uint32_t block = 0;
};

// Appends where the content lies, up to the information length. Further allocation extents are read when `follow`, and
// appended to `structures` when that is given; without `follow` the result is false when there are any.
// Throws corrupt_structure when extents leave the image, when they are fewer than the length, or lead in a circle; `out`
// holds what lies before that; in salvage, with `losses`, damage becomes holes there. Where only the end of their last block is missing, that is a deviation.
bool collect_pieces(Walk&, const UdfVolume&, const UdfFile&, bool follow, std::vector<Piece>& out,
                    std::vector<EntryStructure>* structures, std::vector<LogicalExtent>* logical = nullptr,
                    std::vector<LostRange>* losses = nullptr);

// The content of a file that is a structure, whole: of a size that the caller has found bearable. `structures` as above;
// `where` it lies. Throws as above.
std::vector<std::byte> read_content(Walk&, const UdfVolume&, const UdfFile&, std::string_view clause,
                                    std::vector<EntryStructure>* structures, std::vector<Piece>* where = nullptr);

}  // namespace fsimage::volume
