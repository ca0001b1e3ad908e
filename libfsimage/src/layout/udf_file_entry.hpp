// File entries, allocation extents and file identifiers as bytes. Pure functions, any thread.
#pragma once

#include "udf_rules.hpp"

#include <fsimage/core/units.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace fsimage {

// Where the blocks lie that a file entry names.
enum class UdfBody : std::uint8_t {
  content,   // in the partition that starts at the disc's partition start
  beside,    // where the entry lies: the identifiers of a folder
  metadata,  // of the metadata file or its mirror: extents of whole allocation units
};

// The allocation descriptors of a body that lies in one piece: extents of the greatest length, and how they are dealt out
// over the file entry and a chain of allocation extents. Descriptors name a partition where it is not that of the entry.
class UdfExtents {
 public:
  UdfExtents(const UdfRules& rules, UdfBody body, Lbn start, std::uint64_t size);
  std::uint32_t count() const;
  std::uint32_t in_entry() const;  // descriptors in the file entry, one that continues aside
  std::uint32_t continuation_blocks() const;
  std::uint32_t entry_slots() const { return static_cast<std::uint32_t>(rules_.entry_room() / width_); }
  // Of an allocation extent.
  std::uint32_t extent_slots() const {
    return static_cast<std::uint32_t>((kBlockSize - sizeof(udf::AllocationExtentDescriptor)) / width_);
  }
  // Descriptors from `first` on, as many as `room` holds; when some are left the last slot names the next allocation
  // extent. Returns the bytes used.
  std::size_t put(std::uint32_t first, std::span<std::byte> room, Lbn next_extent) const;
  udf::AllocationForm form() const {
    return long_form_ ? udf::AllocationForm::long_form : udf::AllocationForm::short_form;
  }

 private:
  UdfRules rules_;
  Lbn start_;
  std::uint64_t size_;
  std::uint32_t longest_;  // bytes of an extent
  bool long_form_;
  std::size_t width_;  // bytes of a descriptor
};

struct UdfEntry {
  udf::IcbFileType type{};
  UdfBody body_kind = UdfBody::content;
  Attributes attributes;  // as they are recorded
  std::uint32_t links = 0;
  std::uint64_t unique_id = 0;
  std::uint64_t size = 0;  // of the body
  Lbn at;                  // of the file entry
  Lbn body;                // where the body begins, when there is one outside
  Lbn continuation;        // the first allocation extent, when there is one
  DeviceNumber device;
  std::string_view target;              // of a symbolic link whose components lie in the entry
  std::span<const std::byte> embedded;  // content that lies in the entry
  bool is_stream = false;
  Lbn streams;  // stream directory, when there is one
  bool has_streams = false;
  std::uint64_t streams_size = 0;  // of all named streams
};

// Each fills all of `block`, which is one block.
void put_file_entry(const UdfRules&, const UdfEntry&, std::span<std::byte> block);
// `number` counts the allocation extents of the file from 0; `at` is its own place, the next follows behind it.
void put_allocation_extent(const UdfRules&, const UdfExtents&, std::uint32_t number, Lbn at,
                           std::span<std::byte> block);

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
std::size_t put_identifier(const UdfRules&, const UdfIdentifier&, std::span<std::byte> out);

}  // namespace fsimage
