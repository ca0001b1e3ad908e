// What lies in one block, field by field with clauses: for `fsimage dump`, and for whoever has to see what a disc says.
#pragma once

#include <fsimage/import/volume_info.hpp>
#include <fsimage/io/byte_source.hpp>

#include <vector>

namespace fsimage {

struct BlockDump {
  std::vector<DescribedStructure> structures;  // in the order in which they lie; empty when nothing is recognised
  std::vector<Finding> findings;               // what is wrong with them: checksums, addresses, lengths
};

// Decodes the 2048-byte block at `at` by what it says of itself: descriptors of ECMA-119 and ECMA-167, directory records
// with their system use fields, file identifier descriptors, file entries with their allocation descriptors, continuation
// areas, boot catalogs. Path tables say nothing of themselves: those that the descriptors of the session name are known.
// Never throws for what the bytes say; std::out_of_range beyond the end. Any thread.
BlockDump dump_block(const ByteSource& source, Lba at, Lba session = {});

}  // namespace fsimage
