// Seeded damage at random places: whatever it breaks, every reader ends with entries, findings or an Error, within its
// budget and at once. Tags of UDF are made sound again half of the time, or nothing behind them would be reached.
#include "sample_volume.hpp"

#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>

#include <gtest/gtest.h>

#include <random>

namespace fsimage::test {
namespace {

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  void damage(SampleVolume& volume, const std::vector<std::uint32_t>& blocks) {
    for (auto n = 1 + random_() % 6; n != 0; --n) {
      const auto block = volume.block(Lba{blocks[random_() % blocks.size()]});
      // Fields lie at the front; what is behind them is mostly zeros.
      const auto at = random_() % (random_() % 4 == 0 ? kBlockSize : 256U);
      block[at] = value(block[at]);
      if (random_() % 2 == 0) block[(at + 1) % kBlockSize] = value(block[(at + 1) % kBlockSize]);
      if (random_() % 2 == 0) reseal(block);
    }
    if (random_() % 20 == 0) volume.cut(static_cast<std::uint32_t>(random_() % volume.blocks()));
  }

 private:
  std::byte value(std::byte before) {
    static constexpr std::array kTelling{std::byte{0},    std::byte{1},    std::byte{0x7F},
                                         std::byte{0x80}, std::byte{0xFE}, std::byte{0xFF}};
    switch (random_() % 3) {
      case 0: return kTelling[random_() % kTelling.size()];
      case 1: return before ^ std::byte{static_cast<unsigned char>(1U << (random_() % 8))};
      default: return std::byte{static_cast<unsigned char>(random_())};
    }
  }
  static void reseal(std::span<std::byte> block) {
    const auto tag = load<udf::DescriptorTag>(block);
    if ((tag.version.value() == 2 || tag.version.value() == 3) && tag.crc_length.value() != 0)
      SampleVolume::reseal(block);
  }
  std::mt19937 random_;
};

std::vector<std::uint32_t> metadata_blocks(const SampleVolume& volume) {
  std::vector<std::uint32_t> out;
  map_volumes(volume.source(), {}, [&](const VolumePart& p) {
    if (p.label.starts_with("content ") || p.label == "udf/anchor volume descriptor pointers") return;
    for (std::uint32_t i = 0; i < p.blocks.value; ++i) out.push_back(p.start.value + i);
  });
  return out;
}

class VolumeMutations : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(VolumeMutations, EndAtOnce) {
  static const SampleVolume whole;
  static const auto blocks = metadata_blocks(whole);
  constexpr std::uint32_t kEach = 60;
  for (std::uint32_t i = 0; i < kEach; ++i) {
    const auto seed = GetParam() * kEach + i;
    SCOPED_TRACE(seed);
    SampleVolume volume = whole;
    Mutator(seed).damage(volume, blocks);
    const auto source = volume.source();
    for (const View view : {View::none, View::rockridge, View::joliet, View::iso9660})
      walk_volume(source, {.view = view,
                           .order = i % 2 == 0 ? EntryOrder::recorded : EntryOrder::by_name,
                           .session = {},
                           .limits = {}});
    try {
      map_volumes(source, {}, [](const VolumePart&) {});
    } catch (const Error&) {
      // The walks say the same.
    }
    describe_volumes(*source);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, VolumeMutations, ::testing::Range(0U, 8U));

}  // namespace
}  // namespace fsimage::test
