// Folders as a volume's path tables tell of them, ECMA-119 6.9: the second way to a folder when the records that lead to it
// are gone. One thread.
#pragma once

#include "iso_descriptors.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fsimage::volume {

// A longer table is read this far.
inline constexpr std::uint32_t kMaxPathTable = 16 * 1024 * 1024;

struct TableFolder {
  std::uint64_t at = 0;  // byte offset of its records
  std::uint32_t parent = 0;
  std::vector<std::byte> identifier;
};

class IsoPathTables {
 public:
  // Of the L, M and optional tables that the descriptor names, the one with most sound records. Never throws for what the
  // bytes say.
  IsoPathTables(Walk&, const IsoVolume&, Lba descriptor);

  bool empty() const { return folders_.empty(); }
  std::uint64_t root() const { return folders_.front().at; }  // not when empty
  // Those whose parent's records lie at `at`, in the order of the table.
  std::span<const TableFolder> children_of(std::uint64_t at) const;

 private:
  std::vector<TableFolder> folders_;                              // sorted by parent; the root first
  std::vector<std::pair<std::uint64_t, std::uint32_t>> numbers_;  // place and number, sorted
};

}  // namespace fsimage::volume
