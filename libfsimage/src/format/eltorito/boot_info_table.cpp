#include <fsimage/format/eltorito/boot_info_table.hpp>

#include <algorithm>

namespace fsimage::eltorito {

bool is_boot_info_table(const BootInfoTable& table, std::uint32_t block) noexcept {
  return block != 0 && table.image.value() == block && table.length.value() >= kBootInfoEnd &&
         std::ranges::all_of(table.reserved, [](std::byte b) { return b == std::byte{}; });
}

void BootInfoChecksum::update(std::span<const std::byte> bytes) noexcept {
  for (const auto b : bytes) sum_ += std::to_integer<std::uint32_t>(b) << (8 * (at_++ % 4));
}

}  // namespace fsimage::eltorito
