// Seeded damage: the same for the same seed, everywhere.
#pragma once

#include "volumes.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace fsimage::fuzz {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }

  // Some bytes of some blocks; tags of UDF are made sound again half of the time; now and then the end is cut off.
  // Returns the block that was changed last.
  std::uint32_t damage(SoundVolume& volume) {
    std::uint32_t last = 0;
    for (auto n = 1 + below(6); n != 0; --n) {
      last = volume.blocks[below(volume.blocks.size())];
      const auto block = volume.block(last);
      // Fields lie at the front; what is behind them is mostly zeros.
      const auto at = below(below(4) == 0 ? block.size() : 256);
      for (auto width = 1 + below(4); width != 0; --width) {
        auto& b = block[(at + width - 1) % block.size()];
        b = value(b);
      }
      if (below(2) == 0) reseal(block);
    }
    if (below(20) == 0) volume.bytes.resize(below(volume.bytes.size()));
    return last;
  }

 private:
  std::byte value(std::byte before) {
    static constexpr std::array kTelling{std::byte{0},    std::byte{1},    std::byte{0x7F},
                                         std::byte{0x80}, std::byte{0xFE}, std::byte{0xFF}};
    switch (below(3)) {
      case 0: return kTelling[below(kTelling.size())];
      case 1: return before ^ std::byte{static_cast<unsigned char>(1U << below(8))};
      default: return std::byte{static_cast<unsigned char>(random_())};
    }
  }
  std::mt19937_64 random_;
};

}  // namespace fsimage::fuzz
