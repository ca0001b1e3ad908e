// The boot information table that some boot programs want at their ninth byte: where they lie on the disc, and a checksum.
// No standard, but a convention that mkisofs set. Values and pure functions, any thread.
#pragma once

#include <fsimage/core/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

namespace fsimage::eltorito {

inline constexpr std::size_t kBootInfoAt = 8, kBootInfoEnd = 64;

struct BootInfoTable {
  le32 primary;   // absolute block of the primary volume descriptor
  le32 image;     // absolute block of the boot image
  le32 length;    // of the boot image, in bytes
  le32 checksum;  // of the boot image behind the table, see BootInfoChecksum
  std::array<std::byte, 40> reserved;
};
static_assert(sizeof(BootInfoTable) == kBootInfoEnd - kBootInfoAt && alignof(BootInfoTable) == 1);

// Whether those bytes of an image at that block are such a table: it knows the block, and leaves the rest zero.
bool is_boot_info_table(const BootInfoTable&, std::uint32_t block) noexcept;

// The sum of all little-endian words of 32 bits from byte 64 on, modulo 2^32; what is missing of the last is zeros.
class BootInfoChecksum {
 public:
  // What follows what was given before; the first piece begins at byte 64.
  void update(std::span<const std::byte> bytes) noexcept;
  std::uint32_t value() const noexcept { return sum_; }

 private:
  std::uint32_t sum_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace fsimage::eltorito

namespace fsimage {

template <>
struct WireTable<eltorito::BootInfoTable> {
  using T = eltorito::BootInfoTable;
  static constexpr std::string_view spec = "mkisofs boot-info-table";
  static constexpr auto fields = std::tuple{Field{"primary volume descriptor", "", &T::primary},
                                            Field{"boot image", "", &T::image}, Field{"length", "", &T::length},
                                            Field{"checksum", "", &T::checksum}, Field{"reserved", "", &T::reserved}};
};
static_assert(tiled_size<eltorito::BootInfoTable>() == sizeof(eltorito::BootInfoTable));

}  // namespace fsimage
