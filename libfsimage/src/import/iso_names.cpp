#include "iso_names.hpp"

#include "volume_report.hpp"

#include <fsimage/core/fnv.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>

namespace fsimage::volume {
namespace {

constexpr std::size_t kLongestName = 255;

// The same everywhere, as findings must be.
std::uint64_t checksum(std::string_view name) {
  const auto h = fnv1a(kFnvBasis, name);
  return h == UINT64_MAX ? 0 : h;  // which an OffsetSet does not hold
}

// Where a number of so many letters fits behind, between characters.
std::string_view shortened(std::string_view name, std::size_t letters) {
  if (name.size() + letters <= kLongestName) return name;
  auto keep = kLongestName - letters;
  while (keep > 1 && (static_cast<unsigned char>(name[keep]) & 0xC0) == 0x80) --keep;
  return name.substr(0, keep);
}

RecordedName wide_name(std::span<const std::byte> identifier, bool directory) {
  RecordedName out;
  out.odd = identifier.size() % 2 != 0;
  auto units = joliet::from_big_endian(identifier);
  while (units.size() > 1 && units.back() == 0) {
    units.pop_back();
    out.padded = true;
  }
  const auto kept = directory ? std::u16string_view(units) : joliet::without_version(units);
  out.name = to_utf8(kept);
  if (const auto semicolon = units.rfind(u';'); semicolon != units.npos && semicolon >= kept.size())
    out.version = to_utf8(std::u16string_view(units).substr(semicolon));
  return out;
}

}  // namespace

RecordedName recorded_name(View view, std::span<const std::byte> identifier, bool directory) {
  if (view == View::joliet) return wide_name(identifier, directory);
  RecordedName out;
  auto id = text_of(identifier);
  while (id.size() > 1 && id.back() == '\0') {
    id.remove_suffix(1);
    out.padded = true;
  }
  const auto kept = directory || view == View::enhanced ? id : iso9660::without_version(id);
  out.name = kept;
  if (const auto semicolon = id.rfind(';'); semicolon != id.npos && semicolon >= kept.size())
    out.version = id.substr(semicolon);
  return out;
}

bool UniqueNames::take(std::string_view name) { return taken_.insert(checksum(name)); }

std::string UniqueNames::take_numbered(std::string_view name) {
  auto& last = last_.try_emplace(checksum(name), 1).first->second;
  for (;;) {
    const auto number = "~" + std::to_string(++last);
    auto numbered = std::string(shortened(name, number.size())) + number;
    if (take(numbered)) return numbered;
  }
}

}  // namespace fsimage::volume
