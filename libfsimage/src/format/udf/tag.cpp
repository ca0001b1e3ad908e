#include <fsimage/core/digest.hpp>
#include <fsimage/format/udf/tag.hpp>

#include <stdexcept>

namespace fsimage::udf {
namespace {

constexpr std::string_view kClauseTag = "ECMA-167 3/7.2";
constexpr std::string_view kClauseIdentifier = "ECMA-167 3/7.2.1";
constexpr std::string_view kClauseVersion = "ECMA-167 3/7.2.2";
constexpr std::string_view kClauseChecksum = "ECMA-167 3/7.2.3";
constexpr std::string_view kClauseCrc = "ECMA-167 3/7.2.6";
constexpr std::string_view kClauseCrcLength = "ECMA-167 3/7.2.7";
constexpr std::string_view kClauseLocation = "ECMA-167 3/7.2.8";

std::string differs(std::string_view what, std::uint64_t recorded, std::string_view against, std::uint64_t expected) {
  return std::string(what) + ' ' + describe_number(recorded) + ", " + std::string(against) + ' ' +
         describe_number(expected);
}

}  // namespace

std::string_view to_string(TagIdentifier id) noexcept {
  switch (id) {
    case TagIdentifier::sparing_table: return "sparing table";
    case TagIdentifier::primary_volume_descriptor: return "primary volume descriptor";
    case TagIdentifier::anchor_volume_descriptor_pointer: return "anchor volume descriptor pointer";
    case TagIdentifier::volume_descriptor_pointer: return "volume descriptor pointer";
    case TagIdentifier::implementation_use_volume_descriptor: return "implementation use volume descriptor";
    case TagIdentifier::partition_descriptor: return "partition descriptor";
    case TagIdentifier::logical_volume_descriptor: return "logical volume descriptor";
    case TagIdentifier::unallocated_space_descriptor: return "unallocated space descriptor";
    case TagIdentifier::terminating_descriptor: return "terminating descriptor";
    case TagIdentifier::logical_volume_integrity_descriptor: return "logical volume integrity descriptor";
    case TagIdentifier::file_set_descriptor: return "file set descriptor";
    case TagIdentifier::file_identifier_descriptor: return "file identifier descriptor";
    case TagIdentifier::allocation_extent_descriptor: return "allocation extent descriptor";
    case TagIdentifier::indirect_entry: return "indirect entry";
    case TagIdentifier::terminal_entry: return "terminal entry";
    case TagIdentifier::file_entry: return "file entry";
    case TagIdentifier::extended_attribute_header_descriptor: return "extended attribute header descriptor";
    case TagIdentifier::unallocated_space_entry: return "unallocated space entry";
    case TagIdentifier::space_bitmap_descriptor: return "space bitmap descriptor";
    case TagIdentifier::partition_integrity_entry: return "partition integrity entry";
    case TagIdentifier::extended_file_entry: return "extended file entry";
  }
  return "unknown descriptor";
}

std::uint8_t tag_checksum(const DescriptorTag& tag) noexcept {
  const auto bytes = bytes_of(tag);
  unsigned sum = 0;
  for (const auto b : bytes) sum += std::to_integer<unsigned>(b);
  return static_cast<std::uint8_t>(sum - tag.checksum);
}

void seal(std::span<std::byte> descriptor, TagIdentifier identifier, std::uint32_t location, std::uint16_t version) {
  if (descriptor.size() < sizeof(DescriptorTag)) throw std::logic_error("descriptor is shorter than its tag");
  const auto body = descriptor.subspan(sizeof(DescriptorTag));
  DescriptorTag tag{};
  tag.identifier = static_cast<std::uint16_t>(identifier);
  tag.version = version;
  tag.crc_length = checked<std::uint16_t>(body.size(), kClauseCrcLength);
  tag.crc = crc16(body);
  tag.location = location;
  tag.checksum = tag_checksum(tag);
  store(descriptor, tag);
}

void relocate(DescriptorTag& tag, std::uint32_t location) {
  tag.location = location;
  tag.checksum = tag_checksum(tag);
}

std::optional<TagFault> check_tag(std::span<const std::byte> bytes, std::optional<TagIdentifier> identifier,
                                  std::optional<std::uint32_t> location) {
  using Kind = TagFault::Kind;
  if (bytes.size() < sizeof(DescriptorTag))
    return TagFault{Kind::cut_short, kClauseTag, "no room for a descriptor tag"};
  const auto tag = load<DescriptorTag>(bytes);
  if (const auto sum = tag_checksum(tag); sum != tag.checksum)
    return TagFault{Kind::checksum, kClauseChecksum, differs("tag checksum", tag.checksum, "computed", sum)};
  if (identifier && tag.identifier.value() != static_cast<std::uint16_t>(*identifier))
    return TagFault{Kind::identifier, kClauseIdentifier,
                    std::string(to_string(static_cast<TagIdentifier>(tag.identifier.value()))) + " where a " +
                        std::string(to_string(*identifier)) + " belongs"};
  if (const auto version = tag.version.value(); version != 2 && version != 3)
    return TagFault{Kind::version, kClauseVersion, "descriptor version " + describe_number(version)};
  const auto body = bytes.subspan(sizeof(DescriptorTag));
  const auto length = tag.crc_length.value();
  if (length > body.size())
    return TagFault{Kind::crc_length, kClauseCrcLength,
                    differs("descriptor CRC covers", length, "bytes of", body.size())};
  if (const auto crc = crc16(body.first(length)); length != 0 && crc != tag.crc.value())
    return TagFault{Kind::crc, kClauseCrc, differs("descriptor CRC", tag.crc.value(), "computed", crc)};
  if (location && tag.location.value() != *location)
    return TagFault{Kind::location, kClauseLocation,
                    differs("tag location", tag.location.value(), "found at", *location)};
  return std::nullopt;
}

void require_tag(std::span<const std::byte> bytes, TagIdentifier identifier, std::uint32_t location, Where where) {
  const auto fault = check_tag(bytes, identifier, location);
  if (!fault) return;
  where.clause = fault->clause;
  throw Error(Errc::corrupt_structure, std::move(where), fault->text);
}

}  // namespace fsimage::udf
