// Addresses and sizes as distinct types. Used by every floor; values only, so any thread.
// A sum that makes no physical sense does not compile: Lba + Lba, Lba + Lbn.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace fsimage {

// Logical sector and logical block of everything written here: ECMA-119 6.1.2, 6.2.2; UDF 2.2.4.2 on optical media.
inline constexpr std::uint32_t kBlockSize = 2048;

// Raises Errc::too_large; apart so that the header needs no error types.
[[noreturn]] void throw_too_large(std::uint64_t value, std::string_view field);

// Narrowing with a name: throws Error(Errc::too_large) that names `field` when the value does not fit.
template <class To>
constexpr To checked(std::uint64_t value, std::string_view field) {
  static_assert(std::is_unsigned_v<To>);
  if (value > std::numeric_limits<To>::max()) throw_too_large(value, field);
  return static_cast<To>(value);
}

// A distance or a size, in blocks of kBlockSize bytes.
struct BlockCount {
  std::uint32_t value{};
  friend constexpr auto operator<=>(BlockCount, BlockCount) = default;
  friend constexpr BlockCount operator+(BlockCount a, BlockCount b) {
    return {checked<std::uint32_t>(std::uint64_t{a.value} + b.value, "block count")};
  }
  friend constexpr BlockCount operator-(BlockCount a, BlockCount b) { return {a.value - b.value}; }
  constexpr BlockCount& operator+=(BlockCount b) { return *this = *this + b; }
  constexpr std::uint64_t bytes() const { return std::uint64_t{value} * kBlockSize; }
};

// What media write together at most: a cluster of BD, two ECC blocks of DVD. Sessions are multiples of it.
inline constexpr BlockCount kCluster{32};

// Absolute sector from the start of the medium. 32 bits: 8 TiB.
struct Lba {
  std::uint32_t value{};
  friend constexpr auto operator<=>(Lba, Lba) = default;
  friend constexpr Lba operator+(Lba a, BlockCount n) {
    return {checked<std::uint32_t>(std::uint64_t{a.value} + n.value, "logical block address")};
  }
  friend constexpr BlockCount operator-(Lba a, Lba b) { return {a.value - b.value}; }
  constexpr std::uint64_t byte_offset() const { return std::uint64_t{value} * kBlockSize; }
};

// Block inside a UDF partition, ECMA-167 4/7.1: another address space, another type.
struct Lbn {
  std::uint32_t value{};
  friend constexpr auto operator<=>(Lbn, Lbn) = default;
};

// Blocks that lie next to one another (IBlockRange, which says its last block instead).
struct BlockRange {
  Lba first;
  BlockCount blocks;
  friend constexpr bool operator==(const BlockRange&, const BlockRange&) = default;
};

// Where a partition begins on the medium, ECMA-167 3/10.5.8. The one bridge between the two address spaces.
struct PartitionStart {
  Lba at;
};
constexpr Lba to_lba(PartitionStart p, Lbn n) { return p.at + BlockCount{n.value}; }
constexpr Lbn to_lbn(PartitionStart p, Lba a) { return {(a - p.at).value}; }

// Blocks needed for so many bytes, rounded up; throws too_large above 8 TiB.
constexpr BlockCount blocks_for(std::uint64_t bytes) {
  return {checked<std::uint32_t>(bytes / kBlockSize + (bytes % kBlockSize != 0 ? 1 : 0), "size in blocks")};
}

constexpr Lba round_up(Lba a, BlockCount multiple) {
  const auto over = a.value % multiple.value;
  return over == 0 ? a : a + BlockCount{multiple.value - over};
}

}  // namespace fsimage
