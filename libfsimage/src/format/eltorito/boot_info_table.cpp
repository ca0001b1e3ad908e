#include <fsimage/format/eltorito/boot_info_table.hpp>

namespace fsimage::eltorito {

void BootInfoChecksum::update(std::span<const std::byte> bytes) noexcept {
  for (const auto b : bytes) sum_ += std::to_integer<std::uint32_t>(b) << (8 * (at_++ % 4));
}

}  // namespace fsimage::eltorito
