// The parts that every UDF structure is made of. On disk little endian; values only, any thread.
// Clauses are those of ECMA-167, 3rd edition, as part/clause; "UDF" is OSTA UDF, numbered as in 2.60.
#pragma once

#include <fsimage/core/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace fsimage::udf {

using le_s16 = boost::endian::little_int16_buf_t;

// OSTA UDF revisions, as the number that the identifier suffixes hold, UDF 2.1.5.3.
enum class Revision : std::uint16_t {
  v1_02 = 0x0102,
  v1_50 = 0x0150,
  v2_00 = 0x0200,
  v2_01 = 0x0201,
  v2_50 = 0x0250,
  v2_60 = 0x0260
};

constexpr bool is_known_revision(std::uint16_t number) {
  for (const auto r :
       {Revision::v1_02, Revision::v1_50, Revision::v2_00, Revision::v2_01, Revision::v2_50, Revision::v2_60})
    if (static_cast<std::uint16_t>(r) == number) return true;
  return false;
}

// Descriptor Version of tags, 3/7.2.2: 2 in NSR02 volumes, 3 in NSR03 ones.
constexpr std::uint16_t descriptor_version(Revision r) { return r < Revision::v2_00 ? 2 : 3; }

// 3/7.2 and 4/7.2
struct DescriptorTag {
  le16 identifier;        // RBP 0: TagIdentifier
  le16 version;           // RBP 2
  std::uint8_t checksum;  // RBP 4
  std::uint8_t reserved;  // RBP 5
  le16 serial_number;     // RBP 6
  le16 crc;               // RBP 8
  le16 crc_length;        // RBP 10
  le32 location;          // RBP 12: LSN in part 3, LBN in part 4
};
static_assert(sizeof(DescriptorTag) == 16 && offsetof(DescriptorTag, location) == 12);

// 1/7.4 (regid)
struct EntityIdentifier {
  std::uint8_t flags;
  std::array<std::byte, 23> identifier;
  std::array<std::byte, 8> suffix;
};
static_assert(sizeof(EntityIdentifier) == 32);

// 1/7.2.1
struct CharSpec {
  std::uint8_t type;
  std::array<std::byte, 63> information;
};
static_assert(sizeof(CharSpec) == 64);

std::string describe_dstring(std::span<const std::byte>);  // for dumps; what is no d-string as bytes

// 1/7.2.12: N-1 bytes of OSTA compressed unicode, then the number of bytes used. cs0.hpp converts.
template <std::size_t N>
struct DString {
  std::array<std::byte, N> bytes;
  std::string describe() const { return describe_dstring(bytes); }
};

// 1/7.3 (timestamp)
struct WireTimestamp {
  le16 type_and_time_zone;
  le_s16 year;
  std::uint8_t month, day, hour, minute, second;
  std::uint8_t centiseconds, hundreds_of_microseconds, microseconds;
};
static_assert(sizeof(WireTimestamp) == 12);

// 3/7.1 (extent_ad): absolute addresses.
struct ExtentDescriptor {
  le32 length;    // bytes
  le32 location;  // LSN
};
static_assert(sizeof(ExtentDescriptor) == 8);

// 4/7.1 (lb_addr)
struct RecordedAddress {
  le32 block;                // LBN
  le16 partition_reference;  // index of the partition map, not the partition's number
};
static_assert(sizeof(RecordedAddress) == 6);

// What the two high bits of an allocation descriptor's length say, 4/14.14.1.1.
enum class ExtentType : std::uint8_t { recorded = 0, allocated = 1, hole = 2, continuation = 3 };
constexpr ExtentType extent_type(std::uint32_t length_field) { return static_cast<ExtentType>(length_field >> 30); }
constexpr std::uint32_t extent_length(std::uint32_t length_field) { return length_field & 0x3FFFFFFF; }
constexpr std::uint32_t extent_length_field(ExtentType type, std::uint32_t length) {
  return static_cast<std::uint32_t>(type) << 30 | length;
}
// The longest extent that another may follow: whole blocks below 2^30 bytes, 4/12.1, UDF 2.3.10.
inline constexpr std::uint32_t kMaxExtentLength = 0x3FFFF800;

// 4/14.14.1 (short_ad): addresses in the partition map that the ICB lies in.
struct ShortAllocationDescriptor {
  le32 length;    // ExtentType and bytes
  le32 position;  // LBN
};
static_assert(sizeof(ShortAllocationDescriptor) == 8);

// 4/14.14.2 (long_ad) with the implementation use of UDF 2.3.4.3 and 2.3.10.1.
struct LongAllocationDescriptor {
  le32 length;  // ExtentType and bytes
  RecordedAddress location;
  le16 flags;      // bit 0: erased
  le32 unique_id;  // low half of the file's unique id, where the descriptor names an ICB
};
static_assert(sizeof(LongAllocationDescriptor) == 16 && offsetof(LongAllocationDescriptor, unique_id) == 12);

// 4/14.14.3 (ext_ad). UDF does without it, 2.3.5.4.
struct ExtendedAllocationDescriptor {
  le32 length;              // ExtentType and bytes
  le32 recorded_length;     // bytes that were recorded, as they are
  le32 information_length;  // bytes of the file in them: fewer or more when they were recorded in another form
  RecordedAddress location;
  std::array<std::byte, 2> implementation_use;
};
static_assert(sizeof(ExtendedAllocationDescriptor) == 20 && offsetof(ExtendedAllocationDescriptor, location) == 12);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::DescriptorTag> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"tag identifier", "3/7.2.1", &udf::DescriptorTag::identifier},
                                            Field{"descriptor version", "3/7.2.2", &udf::DescriptorTag::version},
                                            Field{"tag checksum", "3/7.2.3", &udf::DescriptorTag::checksum},
                                            Field{"reserved", "3/7.2.4", &udf::DescriptorTag::reserved},
                                            Field{"tag serial number", "3/7.2.5", &udf::DescriptorTag::serial_number},
                                            Field{"descriptor crc", "3/7.2.6", &udf::DescriptorTag::crc},
                                            Field{"descriptor crc length", "3/7.2.7", &udf::DescriptorTag::crc_length},
                                            Field{"tag location", "3/7.2.8", &udf::DescriptorTag::location}};
};
static_assert(tiled_size<udf::DescriptorTag>() == sizeof(udf::DescriptorTag));

template <>
struct WireTable<udf::EntityIdentifier> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"flags", "1/7.4.1", &udf::EntityIdentifier::flags},
                                            Field{"identifier", "1/7.4.2", &udf::EntityIdentifier::identifier},
                                            Field{"identifier suffix", "1/7.4.3", &udf::EntityIdentifier::suffix}};
};
static_assert(tiled_size<udf::EntityIdentifier>() == sizeof(udf::EntityIdentifier));

template <>
struct WireTable<udf::CharSpec> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"character set type", "1/7.2.1.1", &udf::CharSpec::type},
                 Field{"character set information", "1/7.2.1.2", &udf::CharSpec::information}};
};
static_assert(tiled_size<udf::CharSpec>() == sizeof(udf::CharSpec));

template <>
struct WireTable<udf::WireTimestamp> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"type and time zone", "1/7.3.1", &udf::WireTimestamp::type_and_time_zone},
                 Field{"year", "1/7.3.2", &udf::WireTimestamp::year},
                 Field{"month", "1/7.3.3", &udf::WireTimestamp::month},
                 Field{"day", "1/7.3.4", &udf::WireTimestamp::day},
                 Field{"hour", "1/7.3.5", &udf::WireTimestamp::hour},
                 Field{"minute", "1/7.3.6", &udf::WireTimestamp::minute},
                 Field{"second", "1/7.3.7", &udf::WireTimestamp::second},
                 Field{"centiseconds", "1/7.3.8", &udf::WireTimestamp::centiseconds},
                 Field{"hundreds of microseconds", "1/7.3.9", &udf::WireTimestamp::hundreds_of_microseconds},
                 Field{"microseconds", "1/7.3.10", &udf::WireTimestamp::microseconds}};
};
static_assert(tiled_size<udf::WireTimestamp>() == sizeof(udf::WireTimestamp));

template <>
struct WireTable<udf::ExtentDescriptor> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"extent length", "3/7.1.1", &udf::ExtentDescriptor::length},
                                            Field{"extent location", "3/7.1.2", &udf::ExtentDescriptor::location}};
};
static_assert(tiled_size<udf::ExtentDescriptor>() == sizeof(udf::ExtentDescriptor));

template <>
struct WireTable<udf::RecordedAddress> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"logical block number", "4/7.1.1", &udf::RecordedAddress::block},
                 Field{"partition reference number", "4/7.1.2", &udf::RecordedAddress::partition_reference}};
};
static_assert(tiled_size<udf::RecordedAddress>() == sizeof(udf::RecordedAddress));

template <>
struct WireTable<udf::ShortAllocationDescriptor> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"extent length", "4/14.14.1.1", &udf::ShortAllocationDescriptor::length},
                 Field{"extent position", "4/14.14.1.2", &udf::ShortAllocationDescriptor::position}};
};
static_assert(tiled_size<udf::ShortAllocationDescriptor>() == sizeof(udf::ShortAllocationDescriptor));

template <>
struct WireTable<udf::LongAllocationDescriptor> {
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"extent length", "4/14.14.2.1", &udf::LongAllocationDescriptor::length},
                 Field{"extent location", "4/14.14.2.2", &udf::LongAllocationDescriptor::location},
                 Field{"flags", "4/14.14.2.3", &udf::LongAllocationDescriptor::flags},
                 Field{"unique id", "4/14.14.2.3", &udf::LongAllocationDescriptor::unique_id}};
};
static_assert(tiled_size<udf::LongAllocationDescriptor>() == sizeof(udf::LongAllocationDescriptor));

template <>
struct WireTable<udf::ExtendedAllocationDescriptor> {
  using T = udf::ExtendedAllocationDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"extent length", "4/14.14.3.1", &T::length},
                                            Field{"recorded length", "4/14.14.3.2", &T::recorded_length},
                                            Field{"information length", "4/14.14.3.3", &T::information_length},
                                            Field{"extent location", "4/14.14.3.4", &T::location},
                                            Field{"implementation use", "4/14.14.3.5", &T::implementation_use}};
};
static_assert(tiled_size<udf::ExtendedAllocationDescriptor>() == sizeof(udf::ExtendedAllocationDescriptor));

}  // namespace fsimage
