// Logical volume integrity, ECMA-167 3/10.10 and 4/14.15, UDF 2.2.6. Values only, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

namespace fsimage::udf {

enum class IntegrityType : std::uint32_t { open = 0, close = 1 };  // 3/10.10.3

// 3/10.10, fixed part; the free space table and the size table follow (a le32 per partition map each), then the
// implementation use.
struct LogicalVolumeIntegrityDescriptor {
  DescriptorTag tag;
  WireTimestamp recorded;                     // RBP 16
  le32 integrity_type;                        // RBP 28
  ExtentDescriptor next_extent;               // RBP 32
  le64 unique_id;                             // RBP 40: the next to assign, 4/14.15.1
  std::array<std::byte, 24> header_reserved;  // RBP 48
  le32 partition_count;                       // RBP 72
  le32 implementation_use_length;             // RBP 76
};
static_assert(sizeof(LogicalVolumeIntegrityDescriptor) == 80);
static_assert(offsetof(LogicalVolumeIntegrityDescriptor, implementation_use_length) == 76);

// UDF 2.2.6.4, first 46 bytes; what an implementation adds follows.
struct IntegrityImplementationUse {
  EntityIdentifier implementation;
  le32 file_count;          // RBP 32: identifiers that are not directories
  le32 directory_count;     // RBP 36: the root included
  le16 min_read_revision;   // RBP 40
  le16 min_write_revision;  // RBP 42
  le16 max_write_revision;  // RBP 44
};
static_assert(sizeof(IntegrityImplementationUse) == 46);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::LogicalVolumeIntegrityDescriptor> {
  using T = udf::LogicalVolumeIntegrityDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "3/10.10.1", &T::tag},
                 Field{"recording date and time", "3/10.10.2", &T::recorded},
                 Field{"integrity type", "3/10.10.3", &T::integrity_type},
                 Field{"next integrity extent", "3/10.10.4", &T::next_extent},
                 Field{"unique id", "4/14.15.1", &T::unique_id},
                 Field{"reserved", "4/14.15.2", &T::header_reserved},
                 Field{"number of partitions", "3/10.10.6", &T::partition_count},
                 Field{"length of implementation use", "3/10.10.7", &T::implementation_use_length}};
};
static_assert(tiled_size<udf::LogicalVolumeIntegrityDescriptor>() == sizeof(udf::LogicalVolumeIntegrityDescriptor));

template <>
struct WireTable<udf::IntegrityImplementationUse> {
  using T = udf::IntegrityImplementationUse;
  static constexpr std::string_view spec = "UDF";
  static constexpr auto fields = std::tuple{Field{"implementation id", "2.2.6.4", &T::implementation},
                                            Field{"number of files", "2.2.6.4", &T::file_count},
                                            Field{"number of directories", "2.2.6.4", &T::directory_count},
                                            Field{"minimum UDF read revision", "2.2.6.4", &T::min_read_revision},
                                            Field{"minimum UDF write revision", "2.2.6.4", &T::min_write_revision},
                                            Field{"maximum UDF write revision", "2.2.6.4", &T::max_write_revision}};
};
static_assert(tiled_size<udf::IntegrityImplementationUse>() == sizeof(udf::IntegrityImplementationUse));

}  // namespace fsimage
