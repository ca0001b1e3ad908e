// What is left of a first session whose descriptors were overwritten by copies of a later session's. One thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/io/byte_source.hpp>

#include <memory>

namespace fsimage::volume {

// Whether the block holds the first records of a root: its own record and its parent's both point at it, ECMA-119 6.8.2.2.
bool is_root_directory(std::span<const std::byte> sector, Lba at);

// `source` up to `end` with descriptors laid over it that lead to the root directories and the anchor found before `end`.
// nullptr when neither is left.
std::shared_ptr<const ByteSource> rebuild_first_session(std::shared_ptr<const ByteSource> source, Lba end);

}  // namespace fsimage::volume
