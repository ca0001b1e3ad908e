#include "volume_parts.hpp"

#include <algorithm>
#include <array>

namespace fsimage::volume {
namespace {

// In the order of PartLabel; those that end in a space have a path behind them. The words are those of the layouts.
constexpr std::array<std::string_view, 39> kLabels{
    "system area",
    "iso9660/primary volume descriptor",
    "joliet/supplementary volume descriptor",
    "iso9660/enhanced volume descriptor",
    "eltorito/boot record",
    "iso9660/volume partition descriptor",
    "iso9660/volume descriptor set terminator",
    "eltorito/boot catalog",
    "eltorito/boot image",
    "iso9660/path table L",
    "iso9660/path table M",
    "joliet/path table L",
    "joliet/path table M",
    "enhanced/path table L",
    "enhanced/path table M",
    "iso9660/directory ",
    "joliet/directory ",
    "enhanced/directory ",
    "rockridge/continuation ",
    "udf/volume recognition sequence",
    "udf/main volume descriptor sequence",
    "udf/reserve volume descriptor sequence",
    "udf/logical volume integrity sequence",
    "udf/anchor volume descriptor pointer",
    "udf/anchor volume descriptor pointers",
    "udf/virtual allocation table ICB",
    "udf/sparing table",
    "udf/metadata file",
    "udf/metadata mirror file",
    "udf/metadata bitmap file",
    "udf/file set descriptor",
    "udf/file set terminator",
    "udf/file entry ",
    "udf/directory ",
    "udf/stream directory entry ",
    "udf/stream directory ",
    "udf/allocation extents ",
    "udf/link target ",
    "content ",
};
static_assert(kLabels.size() == static_cast<std::size_t>(PartLabel::content) + 1);

}  // namespace

Parts::Path Parts::add_path(Path parent, std::string_view name, char before) {
  names_.push_back({parent, checked<std::uint32_t>(text_.size(), "names of a map"),
                    checked<std::uint16_t>(name.size(), "name"), before});
  text_.insert(text_.end(), name.begin(), name.end());
  return checked<std::uint32_t>(names_.size() - 1, "paths of a map");
}

std::string Parts::path(Path p) const {
  std::string out;
  put_path(p, out);
  return out;
}

void Parts::put_path(Path p, std::string& out) const {
  if (p == kRoot) {
    out += '/';
    return;
  }
  std::size_t length = 0;
  if (names_[p].before == ':' && names_[p].parent == kRoot) out += '/';
  for (Path i = p; i != kRoot; i = names_[i].parent) length += names_[i].length + std::size_t{1};
  auto end = out.size() + length;
  out.resize(end);
  for (Path i = p; i != kRoot; i = names_[i].parent) {
    const Name& n = names_[i];
    end -= n.length;
    std::copy_n(text_.data() + n.at, n.length, out.data() + end);
    out[--end] = n.before;
  }
}

void Parts::add(PartLabel label, std::uint64_t at, std::uint64_t bytes, Path path) {
  const auto first = at / kBlockSize;
  const auto blocks = (at % kBlockSize + bytes + kBlockSize - 1) / kBlockSize;
  if (blocks == 0) return;
  parts_.push_back({checked<std::uint32_t>(first, "address of a part"),
                    checked<std::uint32_t>(blocks, "length of a part"), path, label});
}

void Parts::for_each_sorted(const VolumePartFn& fn) {
  std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.start < b.start; });
  VolumePart out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& p = parts_[i];
    out.start = Lba{p.start};
    out.blocks = BlockCount{p.blocks};
    if (p.label == PartLabel::boot_image && i + 1 < parts_.size() && parts_[i + 1].start > p.start)
      out.blocks = std::min(out.blocks, BlockCount{parts_[i + 1].start - p.start});
    out.label = kLabels[static_cast<std::size_t>(p.label)];
    if (p.path != kNone) put_path(p.path, out.label);
    fn(out);
  }
}

std::size_t OffsetSet::slot_of(std::uint64_t offset) const {
  const auto mask = slots_.size() - 1;
  auto slot = static_cast<std::size_t>((offset * 0x9E3779B97F4A7C15) >> 32) & mask;
  while (slots_[slot] != kEmpty && slots_[slot] != offset) slot = (slot + 1) & mask;
  return slot;
}

void OffsetSet::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2, kEmpty);
  old.swap(slots_);
  for (const auto offset : old)
    if (offset != kEmpty) slots_[slot_of(offset)] = offset;
}

bool OffsetSet::insert(std::uint64_t offset) {
  const auto slot = slot_of(offset);
  if (slots_[slot] == offset) return false;
  slots_[slot] = offset;
  if (++used_ * 4 > slots_.size() * 3) grow();
  return true;
}

}  // namespace fsimage::volume
