// Sound volumes of every kind, to be damaged, and everything that reads one.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/import/volume_limits.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fsimage::fuzz {

struct SoundVolume {
  std::string name;
  std::vector<std::byte> bytes;
  std::uint32_t block_size = 0;
  std::vector<std::uint32_t> blocks;  // those that hold structures: where damage matters

  std::span<std::byte> block(std::uint32_t at) {
    return std::span(bytes).subspan(std::size_t{at} * block_size, block_size);
  }
};

// ISO 9660 alone, with Rock Ridge, with Joliet, with all and UDF beside it, and an image that was grown by a session.
const std::vector<SoundVolume>& iso_volumes();
// UDF on partitions of every kind, in entries of every strategy; two block sizes.
const std::vector<SoundVolume>& udf_volumes();

// Makes the tag of a UDF structure at the front of the block sound again, if one is there: behind a broken one nothing
// would ever be reached.
void reseal(std::span<std::byte> block);

// Every reader on every view: none may end but with entries, findings or an Error, and beyond its budget none goes.
// `block` is looked at by itself, too.
void read_everything(const std::shared_ptr<const ByteSource>& source, Lba block, Strictness);

}  // namespace fsimage::fuzz
