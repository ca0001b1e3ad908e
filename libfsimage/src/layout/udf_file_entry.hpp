// File entries, allocation extents and file identifiers as bytes. Pure functions, any thread.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace fsimage {

inline constexpr udf::Revision kUdfRevision = udf::Revision::v1_02;

// Room behind the fixed part of a file entry.
inline constexpr std::size_t kEntryRoom = kBlockSize - sizeof(udf::FileEntry);

// The allocation descriptors of a body that lies in one piece: extents of the greatest length, and how they are dealt out
// over the file entry and a chain of allocation extents.
class UdfExtents {
 public:
  UdfExtents(Lbn start, std::uint64_t size) : start_(start), size_(size) {}
  std::uint32_t count() const;
  std::uint32_t in_entry() const;  // descriptors in the file entry, one that continues aside
  std::uint32_t continuation_blocks() const;
  // Descriptors from `first` on, as many as `room` holds; when some are left the last slot names the next allocation
  // extent. Returns the bytes used.
  std::size_t put(std::uint32_t first, std::span<std::byte> room, Lbn next_extent) const;

  static constexpr std::uint32_t kEntrySlots = kEntryRoom / sizeof(udf::ShortAllocationDescriptor);
  static constexpr std::uint32_t kExtentSlots =
      (kBlockSize - sizeof(udf::AllocationExtentDescriptor)) / sizeof(udf::ShortAllocationDescriptor);

 private:
  Lbn start_;
  std::uint64_t size_;
};

struct UdfEntry {
  udf::IcbFileType type{};
  Attributes attributes;  // as they are recorded
  std::uint32_t links = 0;
  std::uint64_t unique_id = 0;
  std::uint64_t size = 0;  // of the body
  Lbn at;                  // of the file entry
  Lbn body;                // where the body begins, when there is one outside
  Lbn continuation;        // the first allocation extent, when there is one
  DeviceNumber device;
  std::string_view target;  // of a symbolic link whose components lie in the entry
};

// Each fills all of `block`, which is one block.
void put_file_entry(const UdfEntry&, std::span<std::byte> block);
// `number` counts the allocation extents of the file from 0; `at` is its own place, the next follows behind it.
void put_allocation_extent(const UdfExtents&, std::uint32_t number, Lbn at, std::span<std::byte> block);

struct UdfIdentifier {
  std::uint8_t characteristics = 0;
  Lbn icb;
  std::uint32_t unique_id = 0;  // low half
  Lbn at;                       // block in which the descriptor begins
  std::size_t length = 0;       // of the identifier, which lies where put_identifier() wants it
};
inline constexpr std::size_t kIdentifierAt = sizeof(udf::FileIdentifierDescriptor);
inline constexpr std::size_t kMaxFidSize = udf::fid_size(0, 255);

// The caller has put the identifier at kIdentifierAt of `out`. Returns the size of the descriptor.
std::size_t put_identifier(const UdfIdentifier&, std::span<std::byte> out);

}  // namespace fsimage
