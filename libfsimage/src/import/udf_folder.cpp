#include "udf_folder.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>

#include <algorithm>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::uint64_t kStep = 4;  // ECMA-167 4/14.4.9: descriptors begin at multiples of four
// How far salvage looks for the next descriptor: a length may lead through all of a disc.
constexpr std::uint64_t kMostSearched = 1 << 20;

}  // namespace

UdfFolder::Extents UdfFolder::find(Walk& walk, const UdfVolume& volume, const UdfFile& folder) {
  Extents out;
  try {
    collect_pieces(walk, volume, folder, true, out.pieces, nullptr, &out.logical);
  } catch (const Error& e) {
    if (!walk.report.survives(e)) throw;
    walk.report.lost(e);
  }
  return out;
}

UdfFolder::UdfFolder(Walk& walk, const UdfVolume& volume, const UdfFile& folder, bool whole)
    : UdfFolder(walk, volume, find(walk, volume, folder), whole) {}

UdfFolder::UdfFolder(Walk& walk, const UdfVolume& volume, Extents extents, bool whole)
    : walk_(walk),
      volume_(volume),
      bytes_(walk, std::move(extents.pieces), whole, "ECMA-167 4/8.6"),
      logical_(std::move(extents.logical)) {}

bool UdfFolder::read(std::uint64_t& position, UdfName& out) {
  for (;;) {
    try {
      return read_here(position, out);
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
      walk_.report.lost(e);
      if (!find_next(position)) return false;
    }
  }
}

bool UdfFolder::read_here(std::uint64_t& position, UdfName& out) {
  const auto rest = bytes_.size() - position;
  if (rest == 0) return false;
  out.at = bytes_.source_offset(position);
  if (rest < sizeof out.fid) {
    walk_.report.deviation(lba(position), "ECMA-167 4/14.4",
                           std::to_string(rest) + " bytes behind the last file identifier descriptor");
    position += rest;
    return false;
  }
  out.fid = load<udf::FileIdentifierDescriptor>(bytes_.at(position, sizeof out.fid));
  const auto use = out.fid.implementation_use_length.value();
  const auto size = udf::fid_size(use, out.fid.identifier_length);
  check_size(position, out, size, rest);
  check_tag(position, bytes_.at(position, size));
  const auto bytes = bytes_.at(position, size);
  check_letter(position, bytes, out);
  out.shown = (out.fid.characteristics & (udf::kFidDeleted | udf::kFidParent)) == 0;
  if (out.shown) decode_name(bytes.subspan(sizeof out.fid + use, out.fid.identifier_length), out);
  position += size;
  return true;
}

void UdfFolder::check_size(std::uint64_t position, const UdfName& name, std::size_t size, std::uint64_t rest) const {
  // The tag first: a block of something else has no lengths to complain of.
  const auto tag = name.fid.tag;
  if (const auto sum = udf::tag_checksum(tag); sum != tag.checksum)
    damaged(lba(position), "ECMA-167 3/7.2.3",
            "no file identifier descriptor: tag checksum " + std::to_string(tag.checksum) + ", computed " +
                std::to_string(sum));
  if (size > rest)
    damaged(lba(position), "ECMA-167 4/14.4",
            "a file identifier descriptor of " + std::to_string(size) + " bytes leaves its folder");
  if (size > volume_.block_size)
    damaged(lba(position), "UDF 2.3.4", "a file identifier descriptor longer than a block");
}

void UdfFolder::check_tag(std::uint64_t position, std::span<const std::byte> descriptor) {
  const auto fault = udf::check_tag(descriptor, TagIdentifier::file_identifier_descriptor);
  if (!fault) return;
  // A wrong length would lead past others: with the CRC wrong it is trusted only when the next one is where it says.
  const auto next = position + descriptor.size();
  const bool leads_on = next == bytes_.size() || is_tag(next);
  if (fault->kind != udf::TagFault::Kind::crc)
    damaged(lba(position), fault->clause, "file identifier descriptor: " + fault->text);
  if (!leads_on) {
    const Error e(Errc::corrupt_structure, {.path = {}, .lba = lba(position), .clause = std::string(fault->clause)},
                  "file identifier descriptor: " + fault->text);
    if (walk_.report.survives(e)) throw e;
  }
  walk_.report.deviation(lba(position), fault->clause, "file identifier descriptor: " + fault->text);
}

// What readers do not mind.
void UdfFolder::check_letter(std::uint64_t position, std::span<const std::byte> bytes, const UdfName& name) const {
  const auto& fid = name.fid;
  const auto deviation = [&](std::string_view clause, const std::string& text) {
    walk_.report.deviation(lba(position), clause, "file identifier descriptor: " + text);
  };
  if (!logical_.empty() && fid.tag.location.value() != block_of(position))
    deviation("ECMA-167 3/7.2.8", "tag location " + std::to_string(fid.tag.location.value()) +
                                      ", but it lies in block " + std::to_string(block_of(position)));
  if (fid.version_number.value() != 1)
    deviation("UDF 2.3.4.1", "file version number " + std::to_string(fid.version_number.value()));
  if (position == 0 && (fid.characteristics & udf::kFidParent) == 0)
    deviation("ECMA-167 4/8.6", "the first of the folder is not that of its parent");
  const auto used = sizeof fid + fid.implementation_use_length.value() + fid.identifier_length;
  if (std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end(),
                  [](std::byte b) { return b != std::byte{}; }))
    deviation("ECMA-167 4/14.4.9", "padding that is not zero");
}

bool UdfFolder::is_tag(std::uint64_t position) {
  const auto bytes = bytes_.at(position, sizeof(udf::DescriptorTag));
  if (bytes.size() < sizeof(udf::DescriptorTag)) return false;
  const auto tag = load<udf::DescriptorTag>(bytes);
  return tag.identifier.value() == static_cast<std::uint16_t>(TagIdentifier::file_identifier_descriptor) &&
         (tag.version.value() == 2 || tag.version.value() == 3) && tag.checksum == udf::tag_checksum(tag);
}

bool UdfFolder::find_next(std::uint64_t& position) {
  const auto end = std::min(bytes_.size(), position + kMostSearched);
  for (position += kStep; position + sizeof(udf::FileIdentifierDescriptor) <= end; position += kStep) {
    if (!is_tag(position)) continue;
    const auto fid = load<udf::FileIdentifierDescriptor>(bytes_.at(position, sizeof(udf::FileIdentifierDescriptor)));
    const auto size = udf::fid_size(fid.implementation_use_length.value(), fid.identifier_length);
    if (!logical_.empty() && fid.tag.location.value() != block_of(position)) continue;
    if (size > volume_.block_size || size > bytes_.size() - position) continue;
    if (!udf::check_tag(bytes_.at(position, size), TagIdentifier::file_identifier_descriptor)) return true;
  }
  return false;
}

void UdfFolder::decode_name(std::span<const std::byte> identifier, UdfName& out) const {
  if (const auto text = udf::decode_cs0(identifier)) {
    out.name = to_utf8(*text);
    return;
  }
  walk_.report.deviation(lba_of(out.at), "UDF 2.1.1", "a file identifier that is no compressed unicode");
  std::u16string latin;
  for (const auto b : identifier) latin += static_cast<char16_t>(std::to_integer<unsigned>(b));
  out.name = to_utf8(latin);
}

std::uint32_t UdfFolder::block_of(std::uint64_t position) const {
  const auto after = std::upper_bound(logical_.begin(), logical_.end(), position,
                                      [](std::uint64_t p, const LogicalExtent& e) { return p < e.offset; });
  const auto& extent = *(after - 1);
  return extent.block + static_cast<std::uint32_t>((position - extent.offset) / volume_.block_size);
}

}  // namespace fsimage::volume
