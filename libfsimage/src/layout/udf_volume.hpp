// The volume structure around the partition as bytes: recognition, descriptor sequences, integrity, anchors, file set.
// Pure functions, any thread.
#pragma once

#include "udf_rules.hpp"

#include <fsimage/core/time.hpp>
#include <fsimage/io/byte_source.hpp>
#include <fsimage/layout/udf_layout.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fsimage {

// Blocks of either descriptor sequence and of the integrity sequence, UDF 2.2.3.
inline constexpr BlockCount kUdfSequence{16};

struct UdfVolume {
  UdfRules rules;
  std::u16string name;
  std::string set_identifier;  // 16 characters
  Timestamp recorded;
  std::uint32_t files = 0, folders = 0;  // identifiers, UDF 2.2.6.4
  std::uint64_t next_unique_id = 0;
  UdfPlaces places;

  // Where the file set lies, and all entries behind it, in the partition that rules.entries_map() names.
  Lbn first_entry_block() const {
    return rules.metadata_partition() ? Lbn{} : to_lbn(places.partition, places.metadata);
  }
};

// The volume's name as the profile has it, in UTF-16.
std::u16string udf_volume_name(const Profile&);
// As the primary and the logical volume descriptor can hold it.
std::u16string_view udf_volume_identifier(std::u16string_view name);
std::u16string_view udf_logical_volume_identifier(std::u16string_view name);

std::vector<std::byte> udf_recognition(const UdfRules&);
// The descriptors of a sequence that begins at `at`, and zeros up to kUdfSequence.
std::vector<std::byte> udf_sequence(const UdfVolume&, Lba at);
std::vector<std::byte> udf_integrity(const UdfVolume&, Lba at);
// Anchors in every block of a run, generated when read.
std::shared_ptr<const ByteSource> udf_anchors(const UdfRules&, const UdfPlaces&, Lba at, BlockCount blocks);
// One block: the entry of the metadata file, or of its mirror, UDF 2.2.13.
std::vector<std::byte> udf_metadata_file(const UdfVolume&, bool mirror);

// One block: descriptor of the file set, `root` its root directory; and what ends the set.
void put_file_set(const UdfVolume&, Lbn at, Lbn root, std::span<std::byte> block);
void put_file_set_terminator(const UdfVolume&, Lbn at, std::span<std::byte> block);

}  // namespace fsimage
