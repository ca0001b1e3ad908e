// System use fields of a directory record, followed through their continuation areas: SUSP 5, RRIP 4.1. One thread.
#pragma once

#include "iso_descriptors.hpp"
#include "volume_view.hpp"

#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/format/rockridge/zisofs.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fsimage::volume {

// A continuation area that goes beyond its block is accepted up to here; SUSP 5.1 keeps it inside.
inline constexpr std::uint32_t kMaxContinuation = 32 * 1024;

// SUSP 5.3: fields of a CD-ROM XA record come behind its fourteen bytes.
inline constexpr std::size_t kXaLength = 14;

struct RockRidgeFields {
  bool any = false;                                // there was at least one field of RRIP
  std::string extension;                           // identifier of ER, when it names Rock Ridge
  std::optional<std::uint8_t> selector;            // how many ER came before that one
  std::optional<std::uint8_t> attribute_selector;  // the same of AAIP
  bool attribute_list = false;                     // AL: extended attributes, read when they are asked for
  std::optional<rockridge::PosixAttributes> posix;
  std::optional<DeviceNumber> device;
  std::optional<std::string> name;
  std::optional<std::string> target;
  std::optional<Lba> child;                         // CL: a logical block
  bool relocated = false;                           // RE
  bool sparse = false;                              // SF: the recorded bytes are not the content
  std::optional<rockridge::CompressedFile> zisofs;  // ZF: likewise
  Timestamp created = kUnsetTime, modified = kUnsetTime, accessed = kUnsetTime, changed = kUnsetTime;
};

// The fields among a record's system use bytes: behind those that SP says to skip, or behind those of CD-ROM XA.
std::span<const std::byte> field_area(const IsoVolume&, std::span<const std::byte> system_use);

// `area` begins behind the skipped bytes and must not lie in one of the walk's windows. `at` is where the record lies.
// Continuation areas are appended to `areas` when given. Throws corrupt_structure or limit_exceeded for a continuation
// that cannot be followed, unless salvage goes on without it; other faults are findings.
RockRidgeFields read_fields(Walk&, const IsoVolume&, std::span<const std::byte> area, Lba at,
                            std::vector<EntryStructure>* areas);

// The extended attributes among the fields; `area` and `at` as above. Throws as above; what of them is no attribute is told.
std::vector<ExtendedAttribute> read_attribute_list(Walk&, const IsoVolume&, std::span<const std::byte> area, Lba at);

// Whether the volume's root says that it has fields, and if so `skipped` and the selectors: SUSP 5.3, 5.6. Without SP, nothing
// is skipped and the root's own record must hold a field of RRIP.
bool find_rock_ridge(Walk&, IsoVolume&);

}  // namespace fsimage::volume
