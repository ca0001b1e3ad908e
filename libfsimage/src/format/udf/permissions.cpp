#include <fsimage/format/udf/permissions.hpp>

namespace fsimage::udf {
namespace {

// Five bits each for others, group and owner: execute, write, read, change attributes, delete.
constexpr unsigned kGroup = 5, kOwner = 10;
constexpr std::uint32_t kChangeAttributes = 8, kDelete = 16;

}  // namespace

std::uint32_t to_permissions(std::uint16_t mode) noexcept {
  const std::uint32_t m = mode;
  std::uint32_t p = (m & 7) | (m >> 3 & 7) << kGroup | (m >> 6 & 7) << kOwner;
  if ((m & 0200) != 0) p |= (kChangeAttributes | kDelete) << kOwner;
  return p;
}

std::uint16_t from_permissions(std::uint32_t p) noexcept {
  return static_cast<std::uint16_t>((p & 7) | (p >> kGroup & 7) << 3 | (p >> kOwner & 7) << 6);
}

std::uint16_t to_icb_flags(std::uint16_t mode) noexcept {
  return static_cast<std::uint16_t>((mode & 04000) >> 5 | (mode & 02000) >> 3 | (mode & 01000) >> 1);
}

std::uint16_t from_icb_flags(std::uint16_t flags) noexcept {
  return static_cast<std::uint16_t>((flags & 0x40) << 5 | (flags & 0x80) << 3 | (flags & 0x100) << 1);
}

}  // namespace fsimage::udf
