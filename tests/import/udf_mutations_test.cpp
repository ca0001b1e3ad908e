// Seeded damage to every form of UDF: whatever it breaks, every reader ends with entries, findings or an Error, within its
// budget and at once. Tags are made sound again half of the time, or nothing behind them would be reached.
#include "sample_volume.hpp"
#include "udf_forms.hpp"

#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>

#include <gtest/gtest.h>

#include <random>

namespace fsimage::test {
namespace {

struct Base {
  std::string name;
  UdfBuilder built;
  std::vector<std::uint32_t> blocks;  // those that hold anything but content
};

const std::vector<Base>& bases() {
  static const std::vector<Base> all = [] {
    std::vector<Base> out;
    for (const auto& form : all_forms()) {
      UdfBuilder built(form.revision == udf::Revision::v2_01 ? 512 : 2048, form.revision);
      form.make(built);
      std::vector<std::uint32_t> blocks;
      for (std::uint32_t i = 0; i < UdfBuilder::kBlocks; ++i) {
        const auto block = built.block(i);
        const bool used = std::any_of(block.begin(), block.end(), [](std::byte b) { return b != std::byte{}; });
        if (used && block[0] != std::byte{'A'} && block[0] != std::byte{'B'}) blocks.push_back(i);
      }
      out.push_back({form.name, std::move(built), std::move(blocks)});
    }
    return out;
  }();
  return all;
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }

  void damage(UdfBuilder& built, const std::vector<std::uint32_t>& blocks) {
    for (auto n = 1 + below(6); n != 0; --n) {
      const auto block = built.block(blocks[below(blocks.size())]);
      // Fields lie at the front; what is behind them is mostly zeros.
      const auto at = below(below(4) == 0 ? block.size() : 256U);
      for (auto width = 1 + below(4); width != 0; --width) block[(at + width - 1) % block.size()] = value(block[at]);
      if (below(2) == 0) reseal(block);
    }
    if (below(20) == 0) built.bytes().resize(below(built.bytes().size()));
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
  static void reseal(std::span<std::byte> block) {
    const auto tag = load<udf::DescriptorTag>(block);
    if (tag.version.value() != 2 && tag.version.value() != 3) return;
    const auto length = std::min<std::size_t>(sizeof tag + tag.crc_length.value(), block.size());
    udf::seal(block.first(length), static_cast<udf::TagIdentifier>(tag.identifier.value()), tag.location.value(),
              tag.version.value());
  }
  std::mt19937 random_;
};

class UdfMutations : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(UdfMutations, EndAtOnce) {
  constexpr std::uint32_t kEach = 40;
  for (std::uint32_t i = 0; i < kEach; ++i) {
    const auto seed = GetParam() * kEach + i;
    for (const auto& base : bases()) {
      SCOPED_TRACE(base.name + " " + std::to_string(seed));
      auto built = base.built;
      Mutator(seed).damage(built, base.blocks);
      const auto source = built.source();
      for (const auto strictness : {Strictness::strict, Strictness::tolerant, Strictness::salvage})
        walk_volume(source, {.view = View::udf,
                             .order = i % 2 == 0 ? EntryOrder::recorded : EntryOrder::by_name,
                             .session = {},
                             .limits = {},
                             .strictness = strictness});
      try {
        map_volumes(source, {}, [](const VolumePart&) {});
      } catch (const Error&) {
        // The walks say the same.
      }
      describe_volumes(*source);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, UdfMutations, ::testing::Range(0U, 8U));

}  // namespace
}  // namespace fsimage::test
