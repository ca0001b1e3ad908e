// Extended attributes, ECMA-167 4/14.10, UDF 3.3.4. Values only, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

#include <span>

namespace fsimage::udf {

// 4/14.10.1
struct ExtendedAttributeHeaderDescriptor {
  DescriptorTag tag;
  le32 implementation_attributes;  // RBP 16: offset from here; kNoAttributes when there are none
  le32 application_attributes;     // RBP 20: likewise
};
static_assert(sizeof(ExtendedAttributeHeaderDescriptor) == 24);
inline constexpr std::uint32_t kNoAttributes = 0xFFFFFFFF;

enum class AttributeType : std::uint32_t {
  character_set_information = 1,
  alternate_permissions = 3,
  file_times = 5,
  information_times = 6,
  device_specification = 12,
  implementation_use = 2048,
  application_use = 65536,
};

// 4/14.10.2: what every attribute begins with.
struct AttributeHeader {
  le32 type;             // AttributeType
  std::uint8_t subtype;  // 1
  std::array<std::byte, 3> reserved;
  le32 length;  // RBP 8: of the whole attribute
};
static_assert(sizeof(AttributeHeader) == 12);

// 4/14.10.8 and 14.10.9, fixed part; `use_length` bytes follow, in UDF's attributes a header checksum first.
struct UseAttribute {
  AttributeHeader header;
  le32 use_length;              // RBP 12
  EntityIdentifier identifier;  // RBP 16
};
static_assert(sizeof(UseAttribute) == 48);
// UDF 3.3.4.5: sum of the 48 bytes before it.
std::uint16_t attribute_checksum(const UseAttribute&) noexcept;

// 4/14.10.5, fixed part; a timestamp for each bit that is set follows, in the order of the bits.
struct FileTimesAttribute {
  AttributeHeader header;
  le32 data_length;  // RBP 12
  le32 existence;    // RBP 16
};
static_assert(sizeof(FileTimesAttribute) == 20);
inline constexpr std::uint32_t kFileCreation = 1, kFileDeletion = 4, kFileEffective = 8,
                               kFileBackup = 32;  // 4/14.10.5.6

// 4/14.10.7, fixed part; `use_length` bytes follow.
struct DeviceSpecificationAttribute {
  AttributeHeader header;
  le32 use_length;    // RBP 12
  le32 major, minor;  // RBP 16, 20
};
static_assert(sizeof(DeviceSpecificationAttribute) == 24);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::ExtendedAttributeHeaderDescriptor> {
  using T = udf::ExtendedAttributeHeaderDescriptor;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"descriptor tag", "4/14.10.1.1", &T::tag},
                 Field{"implementation attributes location", "4/14.10.1.2", &T::implementation_attributes},
                 Field{"application attributes location", "4/14.10.1.3", &T::application_attributes}};
};
static_assert(tiled_size<udf::ExtendedAttributeHeaderDescriptor>() == sizeof(udf::ExtendedAttributeHeaderDescriptor));

template <>
struct WireTable<udf::AttributeHeader> {
  using T = udf::AttributeHeader;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{
      Field{"attribute type", "4/14.10.2.1", &T::type}, Field{"attribute subtype", "4/14.10.2.2", &T::subtype},
      Field{"reserved", "4/14.10.2.3", &T::reserved}, Field{"attribute length", "4/14.10.2.4", &T::length}};
};
static_assert(tiled_size<udf::AttributeHeader>() == sizeof(udf::AttributeHeader));

template <>
struct WireTable<udf::UseAttribute> {
  using T = udf::UseAttribute;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"attribute", "4/14.10.8.1", &T::header},
                                            Field{"implementation use length", "4/14.10.8.5", &T::use_length},
                                            Field{"implementation identifier", "4/14.10.8.6", &T::identifier}};
};
static_assert(tiled_size<udf::UseAttribute>() == sizeof(udf::UseAttribute));

template <>
struct WireTable<udf::FileTimesAttribute> {
  using T = udf::FileTimesAttribute;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"attribute", "4/14.10.5.1", &T::header}, Field{"data length", "4/14.10.5.5", &T::data_length},
                 Field{"file time existence", "4/14.10.5.6", &T::existence}};
};
static_assert(tiled_size<udf::FileTimesAttribute>() == sizeof(udf::FileTimesAttribute));

template <>
struct WireTable<udf::DeviceSpecificationAttribute> {
  using T = udf::DeviceSpecificationAttribute;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields = std::tuple{Field{"attribute", "4/14.10.7.1", &T::header},
                                            Field{"implementation use length", "4/14.10.7.5", &T::use_length},
                                            Field{"major device identification", "4/14.10.7.6", &T::major},
                                            Field{"minor device identification", "4/14.10.7.7", &T::minor}};
};
static_assert(tiled_size<udf::DeviceSpecificationAttribute>() == sizeof(udf::DeviceSpecificationAttribute));

}  // namespace fsimage
