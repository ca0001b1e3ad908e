// Patches upon a sound volume: what the fuzz targets for whole images make of their bytes.
#pragma once

#include "input.hpp"
#include "volumes.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace fsimage::fuzz {

// The first byte chooses the volume, the second how strictly it is read, and whether it is cut short. Then patches: a
// block, a place in it whose highest bits say that the tag is to be made sound again and that several bytes come, bytes.
inline void read_patched(const std::vector<SoundVolume>& volumes, const std::uint8_t* data, std::size_t size) {
  Input in(data, size);
  SoundVolume volume = volumes[in.byte() % volumes.size()];
  const auto how = in.byte();
  const auto cut = (how & 0x80) != 0 ? in.number(3) : 0;
  std::uint32_t last = 0;
  while (!in.empty()) {
    last = volume.blocks[in.number(2) % volume.blocks.size()];
    const auto place = in.number(2);
    const auto block = volume.block(last);
    const auto at = block.subspan((place & 0x3FFF) % block.size());
    if ((place & 0x4000) != 0) {
      const auto text = in.text();
      std::ranges::copy(std::as_bytes(std::span(text)).first(std::min(text.size(), at.size())), at.begin());
    } else {
      at[0] = std::byte{in.byte()};
    }
    if ((place & 0x8000) != 0) reseal(block);
  }
  const auto block = Lba{static_cast<std::uint32_t>(std::uint64_t{last} * volume.block_size / kBlockSize)};
  if (cut != 0) volume.bytes.resize(std::min<std::size_t>(volume.bytes.size(), cut));
  read_everything(std::make_shared<MemorySource>(std::move(volume.bytes)), block, static_cast<Strictness>(how % 3));
}

}  // namespace fsimage::fuzz
