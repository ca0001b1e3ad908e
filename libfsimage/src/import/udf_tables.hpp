// The tables that partitions stand on: virtual allocation table, sparing tables, metadata files. UDF 2.2.8 to 2.2.13.
// One thread.
#pragma once

#include "udf_volume.hpp"

namespace fsimage::volume {

// Blocks before the last recorded one that are searched for the ICB of a virtual allocation table. It lies in the last or,
// by what drives add, up to three before; on an open disc whatever was written after it lies behind it.
inline constexpr std::uint32_t kVatSearch = 320;

// Gives every partition its mapping, or says in its fault why it has none. Tables lie in physical and sparable partitions
// only. Damage that has a way around is told.
void load_mappings(Walk&, UdfVolume&);

}  // namespace fsimage::volume
