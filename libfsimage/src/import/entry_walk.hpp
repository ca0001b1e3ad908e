// What walks over entries have in common. Values only.
#pragma once

#include <fsimage/import/entry_cursor.hpp>

#include <cstddef>
#include <cstdint>

namespace fsimage {

// Progress is told that often.
inline constexpr std::uint64_t kItemsPerReport = 256;

// What tells the names of one file from those of others, as a key.
struct EntryIdentity {
  std::uint64_t device, inode;
  friend bool operator==(const EntryIdentity&, const EntryIdentity&) = default;
};
inline EntryIdentity identity_of(const Entry& entry) { return {entry.identity[0], entry.identity[1]}; }

struct EntryIdentityHash {
  std::size_t operator()(const EntryIdentity& i) const {
    return static_cast<std::size_t>((i.inode ^ i.device << 32) * 0x9E3779B97F4A7C15ULL >> 8);
  }
};

}  // namespace fsimage
