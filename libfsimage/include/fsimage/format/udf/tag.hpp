// Descriptor tags, ECMA-167 3/7.2 and 4/7.2: the one place that seals them and the one that checks them.
// Pure functions, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::udf {

enum class TagIdentifier : std::uint16_t {
  sparing_table = 0,              // UDF 2.2.12
  primary_volume_descriptor = 1,  // 3/7.2.1 from here
  anchor_volume_descriptor_pointer = 2,
  volume_descriptor_pointer = 3,
  implementation_use_volume_descriptor = 4,
  partition_descriptor = 5,
  logical_volume_descriptor = 6,
  unallocated_space_descriptor = 7,
  terminating_descriptor = 8,
  logical_volume_integrity_descriptor = 9,
  file_set_descriptor = 256,  // 4/7.2.1 from here
  file_identifier_descriptor = 257,
  allocation_extent_descriptor = 258,
  indirect_entry = 259,
  terminal_entry = 260,
  file_entry = 261,
  extended_attribute_header_descriptor = 262,
  unallocated_space_entry = 263,
  space_bitmap_descriptor = 264,
  partition_integrity_entry = 265,
  extended_file_entry = 266,
};
std::string_view to_string(TagIdentifier) noexcept;  // "file entry"; "unknown descriptor" for other numbers

// Fills in the tag at the front of `descriptor`: the CRC covers the rest of the span. Throws std::logic_error when the
// span is shorter than a tag, too_large when it is longer than a CRC can cover.
void seal(std::span<std::byte> descriptor, TagIdentifier, std::uint32_t location, std::uint16_t version);

// Moves a sealed tag: the location lies outside the CRC, only the checksum changes.
void relocate(DescriptorTag&, std::uint32_t location);

std::uint8_t tag_checksum(const DescriptorTag&) noexcept;

struct TagFault {
  enum class Kind : std::uint8_t { cut_short, checksum, identifier, version, crc_length, crc, location };
  Kind kind{};
  std::string_view clause;  // "ECMA-167 3/7.2.3"
  std::string text;         // "tag checksum 0x3f, computed 0x41"
};

// What is wrong with the descriptor that `bytes` begin with, if anything; the first fault in the order of Kind.
// `bytes` may reach beyond the descriptor: they bound what the CRC may cover. Not given means not compared. A CRC length
// of zero leaves the CRC unchecked.
std::optional<TagFault> check_tag(std::span<const std::byte> bytes, std::optional<TagIdentifier> identifier = {},
                                  std::optional<std::uint32_t> location = {});

// Throws corrupt_structure for the fault; `where` gains its clause.
void require_tag(std::span<const std::byte> bytes, TagIdentifier identifier, std::uint32_t location, Where where = {});

}  // namespace fsimage::udf
