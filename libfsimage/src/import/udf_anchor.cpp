#include "udf_anchor.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::size_t kDescriptorSize = 512;        // ECMA-167 3/7.2: every descriptor fits a sector
constexpr std::uint32_t kRecognitionStart = 32768;  // ECMA-167 2/8.3, bytes from the start of the session
constexpr std::uint32_t kSequenceLook = 64;         // blocks of a sequence that are searched for its date

// Block sizes by how likely they are; larger ones than UDF allows are made by some programs all the same.
constexpr std::array<std::uint32_t, 7> kBlockSizes{2048, 512, 1024, 4096, 8192, 16384, 32768};

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.empty() ||
         (bytes[0] == std::byte{} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

// What lies in a place where nothing has to be. The run-out blocks of a CD belong to its last track, and no drive reads
// them.
std::optional<std::span<const std::byte>> peek(Blocks& blocks, std::uint64_t at, std::size_t length) {
  try {
    return blocks.view(at, length, "ECMA-167 3/8.4.2");
  } catch (const Error& e) {
    if (e.code() != std::errc::io_error) throw;
    return std::nullopt;
  }
}

std::optional<UdfAnchor> anchor_at(Blocks& blocks, std::uint64_t location, std::uint32_t block_size) {
  const auto at = location * block_size;
  if (location > UINT32_MAX || !blocks.contains(at, kDescriptorSize)) return std::nullopt;
  const auto found = peek(blocks, at, kDescriptorSize);
  if (!found) return std::nullopt;
  const auto bytes = *found;
  if (udf::check_tag(bytes, TagIdentifier::anchor_volume_descriptor_pointer, static_cast<std::uint32_t>(location)))
    return std::nullopt;
  return UdfAnchor{at, block_size, load<udf::AnchorVolumeDescriptorPointer>(bytes)};
}

// What decides between anchors that disagree, ECMA-167 3/10.1.17.
struct Age {
  bool volume = false;  // a logical volume of that block size is there
  Timestamp recorded = kUnsetTime;
  std::uint32_t sequence = 0;  // where the main sequence lies
  bool operator<(const Age& o) const {
    return std::tuple(volume, recorded, sequence) < std::tuple(o.volume, o.recorded, o.sequence);
  }
};

void look_at_sequence(Blocks& blocks, const udf::ExtentDescriptor& extent, std::uint32_t block_size, Age& age) {
  const auto count = std::min(extent.length.value() / block_size, kSequenceLook);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto location = std::uint64_t{extent.location.value()} + i;
    if (location > UINT32_MAX || !blocks.contains(location * block_size, block_size)) return;
    const auto bytes = blocks.view(location * block_size, block_size, "ECMA-167 3/8.4.2");
    if (is_zero(bytes.first(sizeof(udf::DescriptorTag)))) return;
    if (udf::check_tag(bytes, std::nullopt, static_cast<std::uint32_t>(location))) continue;
    switch (static_cast<TagIdentifier>(load<udf::DescriptorTag>(bytes).identifier.value())) {
      case TagIdentifier::terminating_descriptor: return;
      case TagIdentifier::primary_volume_descriptor: {
        const auto recorded = udf::from_wire(load<udf::PrimaryVolumeDescriptor>(bytes).recorded);
        if (recorded) age.recorded = std::max(age.recorded, *recorded);
        break;
      }
      case TagIdentifier::logical_volume_descriptor:
        age.volume |= load<udf::LogicalVolumeDescriptor>(bytes).logical_block_size.value() == block_size;
        break;
      default: break;
    }
  }
}

Age age_of(Blocks& blocks, const UdfAnchor& anchor) {
  Age age;
  age.sequence = anchor.pointer.main_sequence.location.value();
  look_at_sequence(blocks, anchor.pointer.main_sequence, anchor.block_size, age);
  if (!age.volume) look_at_sequence(blocks, anchor.pointer.reserve_sequence, anchor.block_size, age);
  return age;
}

bool same_sequences(const UdfAnchor& a, const UdfAnchor& b) {
  return a.pointer.main_sequence.location.value() == b.pointer.main_sequence.location.value() &&
         a.pointer.reserve_sequence.location.value() == b.pointer.reserve_sequence.location.value();
}

struct Choice {
  std::optional<UdfAnchor> anchor;
  Age age;
};

// The best of those places, of which the first counts among equals.
Choice choose(Blocks& blocks, const std::vector<std::uint64_t>& places, std::uint32_t block_size) {
  Choice best;
  for (const auto place : places) {
    const auto anchor = anchor_at(blocks, place, block_size);
    if (!anchor || (best.anchor && same_sequences(*anchor, *best.anchor))) continue;
    const Age age = age_of(blocks, *anchor);
    if (!best.anchor || best.age < age) best = {anchor, age};
  }
  return best;
}

// The end of a medium, and where it shows when a drive's run-out blocks or a copying program moved it.
void add_end(std::vector<std::uint64_t>& places, std::uint64_t count) {
  constexpr std::uint64_t kRunOut[] = {0, 1, 2, 150, 152};
  for (const auto back : kRunOut)
    if (count > back) places.push_back(count - 1 - back);
  for (const auto back : kRunOut)
    if (count > back + kAnchor) places.push_back(count - 1 - back - kAnchor);
  places.push_back(count);  // the source may end before the last block does
}

}  // namespace

std::uint64_t recorded_end(Blocks& blocks, std::uint32_t block_size, std::uint64_t most_zeros) {
  const auto whole = blocks.size() / block_size * block_size;
  constexpr std::uint64_t kStep = kMaxView / 2;
  Blocks::Tail& tail = blocks.tail(whole);
  while (!tail.complete && tail.zeros != whole && tail.zeros <= most_zeros) {
    const auto end = whole - tail.zeros;
    const auto length = static_cast<std::size_t>(std::min(end, kStep));
    const auto found = peek(blocks, end - length, length);
    if (!found) return whole;
    const auto bytes = *found;
    if (is_zero(bytes)) {
      tail.zeros += length;
      continue;
    }
    auto last = length;
    for (std::size_t step = 4096; step != 0; step /= 16)
      while (last >= step && is_zero(bytes.subspan(last - step, step))) last -= step;
    tail.zeros += length - last;
    tail.complete = true;
  }
  if (!tail.complete || tail.zeros / kStep * kStep > most_zeros) return whole;
  return (whole - tail.zeros + block_size - 1) / block_size * block_size;
}

std::optional<UdfAnchor> find_anchor(Blocks& blocks, Lba session) {
  std::optional<UdfAnchor> fallback;  // one that leads to no volume is better than none
  auto end = blocks.size();
  for (const bool trimmed : {false, true}) {
    if (trimmed) end = recorded_end(blocks, 1);
    if (trimmed && end == blocks.size()) break;
    for (const auto block_size : kBlockSizes) {
      const auto count = (end + (trimmed ? block_size - 1 : 0)) / block_size;
      const auto start = session.byte_offset() / block_size;
      if (count == 0) continue;
      if (const auto own = choose(blocks, {start + kAnchor}, block_size); own.age.volume) return own.anchor;
      std::vector<std::uint64_t> places{start + kAnchor};
      add_end(places, count);
      places.push_back(start + kLateAnchor);
      const auto found = choose(blocks, places, block_size);
      if (found.age.volume) return found.anchor;
      if (!fallback) fallback = found.anchor;
    }
    if (fallback) break;
  }
  return fallback;
}

std::vector<std::uint64_t> all_anchors(Blocks& blocks, Lba session, const UdfAnchor& anchor) {
  std::vector<std::uint64_t> out{anchor.at};
  const auto first = session.byte_offset() / anchor.block_size;
  std::vector<std::uint64_t> places{first + kAnchor, first + kLateAnchor};
  const auto whole = blocks.size() / anchor.block_size;
  const auto recorded = recorded_end(blocks, anchor.block_size) / anchor.block_size;
  add_end(places, whole);
  if (recorded != whole) add_end(places, recorded);
  for (std::uint64_t i = 1; i <= std::min<std::uint64_t>(recorded, kMaxAnchors); ++i)
    if (anchor_at(blocks, recorded - i, anchor.block_size))
      out.push_back((recorded - i) * anchor.block_size);
    else if (i > 1)
      break;  // the last block alone may be something else
  for (const auto place : places)
    if (anchor_at(blocks, place, anchor.block_size)) out.push_back(place * anchor.block_size);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string_view recognition_name(std::span<const std::byte> sector) {
  static constexpr std::array<std::string_view, 6> kKnown{"BEA01", "BOOT2", "NSR02", "NSR03", "TEA01", "CDW02"};
  const auto id = text_of(sector).substr(1, 5);
  return std::find(kKnown.begin(), kKnown.end(), id) == kKnown.end() ? std::string_view() : id;
}

std::optional<UdfRecognition> read_recognition(Blocks& blocks, Lba session) {
  std::optional<UdfRecognition> out;
  bool known_before = true;
  for (std::uint32_t i = 0; i < kMaxRecognition; ++i) {
    const auto at = session.byte_offset() + kRecognitionStart + std::uint64_t{i} * kBlockSize;
    if (!blocks.contains(at, kBlockSize)) break;
    const auto bytes = blocks.view(at, 7, "ECMA-167 2/9.1");
    const auto id = text_of(bytes).substr(1, 5);
    if (recognition_name(bytes).empty() && id != "CD001") {
      // In sectors of 4096 bytes each structure leaves one half of its sector, ECMA-167 2/8.4.
      if (!known_before || !is_zero(bytes)) break;
      known_before = false;
      if (out) out->identifiers.emplace_back();
      continue;
    }
    known_before = true;
    if (id == "BEA01" && !out) out = UdfRecognition{lba_of(at), {}};
    if (out) out->identifiers.emplace_back(id);
    if (id == "TEA01") break;
  }
  while (out && out->identifiers.back().empty()) out->identifiers.pop_back();
  return out;
}

}  // namespace fsimage::volume
