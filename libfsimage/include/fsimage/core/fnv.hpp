// FNV-1a of 64 bits, for tables and for numbers in place of names. Nothing against those who look for collisions.
#pragma once

#include <cstdint>
#include <string_view>

namespace fsimage {

inline constexpr std::uint64_t kFnvBasis = 0xCBF29CE484222325;

constexpr std::uint64_t fnv1a(std::uint64_t hash, std::uint16_t unit) { return (hash ^ unit) * 0x100000001B3; }
constexpr std::uint64_t fnv1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = fnv1a(hash, std::uint16_t{static_cast<unsigned char>(c)});
  return hash;
}

}  // namespace fsimage
