// What a revision of UDF asks of the writer. A value.
#pragma once

#include <fsimage/core/units.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/layout/view_layout.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fsimage {

// References of the partition maps, in their order.
inline constexpr std::uint16_t kUdfPartitionMap = 0, kUdfMetadataMap = 1;
// Allocation and alignment unit of the metadata file, UDF 2.2.10: packets and ECC blocks of all media divide it.
inline constexpr BlockCount kUdfMetadataUnit{32};

struct UdfRules {
  udf::Revision revision = udf::Revision::v1_02;

  static UdfRules of(const Profile& p) { return {static_cast<udf::Revision>(p.udf_revision)}; }

  // ECMA-167's third edition stands behind UDF from 2.00 on.
  bool third_edition() const { return revision >= udf::Revision::v2_00; }
  std::uint16_t tag_version() const { return udf::descriptor_version(revision); }
  std::string_view recognition() const { return third_edition() ? "NSR03" : "NSR02"; }
  std::string_view partition_contents() const { return third_edition() ? udf::kNsr03 : udf::kNsr02; }
  bool extended_entries() const { return third_edition(); }
  // Each further name of a file has an id of its own, UDF 3.2.1.1.
  bool ids_of_names() const { return third_edition(); }

  // UDF 3.3.5, 2.3.5.2.1.
  bool named_streams() const { return third_edition(); }
  bool real_time_files() const { return revision >= udf::Revision::v2_01; }

  // Entries, folders and file set lie in the blocks of a file, UDF 2.2.13.
  bool metadata_partition() const { return revision >= udf::Revision::v2_50; }
  std::uint16_t partition_maps() const { return metadata_partition() ? 2 : 1; }
  std::uint16_t entries_map() const { return metadata_partition() ? kUdfMetadataMap : kUdfPartitionMap; }

  // UDF 2.2.6.4. Nothing in a volume that is only read takes more than a reader of 2.50.
  std::uint16_t min_read_revision() const {
    return static_cast<std::uint16_t>(revision < udf::Revision::v2_60 ? revision : udf::Revision::v2_50);
  }

  std::size_t entry_size() const {
    return extended_entries() ? sizeof(udf::ExtendedFileEntry) : sizeof(udf::FileEntry);
  }
  // Behind the fixed part of a file entry.
  std::size_t entry_room() const { return kBlockSize - entry_size(); }

  // Whether the file's entry holds its content, 4/14.6.8. What an earlier session holds in blocks stays there.
  bool embeds(const PlanInput& in, const Inode& file) const {
    return in.profile.udf_embedded_files && file.type == FileType::regular && file.size != 0 &&
           file.size <= entry_room() && !recorded_at(in, file);
  }
  // Whether a stream's entry holds its content: in no other view has it a place.
  bool embeds_stream(const PlanInput& in, StreamId s) const {
    const auto size = in.tree->stream_size(s);
    return size != 0 && size <= entry_room() && !recorded_at(in, in.tree->stream_content(s));
  }
};

}  // namespace fsimage
