// What a further session of a disc goes on from. A value; the planner uses it, whoever knows the disc makes it.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>
#include <fsimage/layout/recorded_names.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fsimage {

// Blocks at the front of an overwritable medium that say where the newest session is: ISO 9660's descriptors with UDF's
// recognition sequence, in the first cluster, and UDF's anchor in that from 256 on. Each is rewritten as a whole.
inline constexpr Lba kAnchorCluster{256};

struct Continuation {
  Lba start;  // of the session: the disc's next writable address; on overwritable media a multiple of 32
  // Where the disc's UDF partition starts, which stays so for its life; set when the session is to hold UDF. 0 when the
  // disc has had none.
  std::optional<PartitionStart> partition{};
  // The revision of UDF that the disc has, which stays too; 0 when it has had none.
  std::uint16_t udf_revision = 0;
  // What the tree's files of earlier sessions are slices of (ContentStore::add_volume), with the addresses of the disc.
  // They are not written again but when no view could reach them where they are.
  std::shared_ptr<const ByteSource> disc{};
  // El Torito's boot record as the disc has it, one block: readers look for it in the newest session. Else empty.
  std::vector<std::byte> boot_record{};
  // What the disc calls its entries, for them to keep it. Null when nobody knows.
  std::shared_ptr<const RecordedNames> names{};
  // Overwritable media: blocks 0 to 31 as they are now, and 256 to 287 when the disc has an anchor at 256. The image then
  // replaces what is out of date in them. Empty on sequential media.
  std::vector<std::byte> front{}, anchor_cluster{};
};

}  // namespace fsimage
