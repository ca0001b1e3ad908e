// Entity identifiers and their suffixes, ECMA-167 1/7.4, UDF 2.1.5. Pure functions, any thread.
#pragma once

#include <fsimage/format/udf/primitives.hpp>

#include <string>
#include <string_view>

namespace fsimage::udf {

inline constexpr std::string_view kDomain = "*OSTA UDF Compliant";  // UDF 2.1.5.2
inline constexpr std::string_view kLvInfo = "*UDF LV Info";
inline constexpr std::string_view kVirtualPartition = "*UDF Virtual Partition";
inline constexpr std::string_view kSparablePartition = "*UDF Sparable Partition";
inline constexpr std::string_view kMetadataPartition = "*UDF Metadata Partition";
inline constexpr std::string_view kSparingTable = "*UDF Sparing Table";
inline constexpr std::string_view kVirtualAllocationTable = "*UDF Virtual Alloc Tbl";
inline constexpr std::string_view kVatExtension = "*UDF VAT LVExtension";
inline constexpr std::string_view kNsr02 = "+NSR02", kNsr03 = "+NSR03";  // 3/10.5.5
inline constexpr std::string_view kImplementation = "*fsimage";

// Bits of the domain suffix, UDF 2.1.5.3.
inline constexpr std::uint8_t kHardWriteProtect = 1, kSoftWriteProtect = 2;

// Throws too_large beyond 23 bytes.
EntityIdentifier plain_identifier(std::string_view identifier);  // suffix zero
EntityIdentifier domain_identifier(Revision, std::uint8_t flags);
EntityIdentifier udf_identifier(std::string_view identifier, Revision);
// What wrote the structure. The operating system is said to be UNIX everywhere, UDF 6.3: the bytes must not depend on
// the machine.
EntityIdentifier implementation_identifier();

// The identifier without the zeros behind it.
std::string identifier_text(const EntityIdentifier&);
bool is(const EntityIdentifier&, std::string_view identifier) noexcept;
// UDF revision in a domain or UDF suffix, as recorded.
std::uint16_t suffix_revision(const EntityIdentifier&) noexcept;

}  // namespace fsimage::udf
