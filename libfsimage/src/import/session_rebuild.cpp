#include "session_rebuild.hpp"

#include "iso_descriptors.hpp"
#include "udf_anchor.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace fsimage::volume {
namespace {

constexpr std::uint32_t kSearchedForRoots = 65536;  // blocks; writers put the trees before the content
constexpr std::uint32_t kSearchedForAnchor = 4096;  // blocks before the next session

using Block = std::vector<std::byte>;

// A source with some blocks exchanged.
class PatchedSource final : public ByteSource {
 public:
  PatchedSource(std::shared_ptr<const ByteSource> of, std::map<std::uint64_t, Block> blocks)
      : of_(std::move(of)), blocks_(std::move(blocks)) {}
  std::uint64_t size() const override { return of_->size(); }
  bool is_bound_to_thread() const override { return of_->is_bound_to_thread(); }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    of_->read_at(offset, out);
    for (auto it = blocks_.lower_bound(offset / kBlockSize); it != blocks_.end(); ++it) {
      const auto at = it->first * kBlockSize;
      if (at >= offset + out.size()) break;
      const auto from = std::max(at, offset);
      const auto to = std::min(at + kBlockSize, offset + out.size());
      std::copy_n(it->second.begin() + static_cast<std::ptrdiff_t>(from - at), to - from,
                  out.begin() + static_cast<std::ptrdiff_t>(from - offset));
    }
  }

  Run run_at(std::uint64_t offset) const override {
    const auto block = offset / kBlockSize;
    const auto next = blocks_.lower_bound(block);
    if (next != blocks_.end() && next->first == block) return {.length = (block + 1) * kBlockSize - offset, .file = {}};
    Run run = of_->run_at(offset);
    if (next != blocks_.end()) run.length = std::min(run.length, next->first * kBlockSize - offset);
    return run;
  }

 private:
  std::shared_ptr<const ByteSource> of_;
  std::map<std::uint64_t, Block> blocks_;
};

struct Root {
  Lba at;
  std::uint32_t bytes = 0;
};

// Whether the first name behind the folder's own two records is one of two-byte characters. None of a folder without names.
bool names_are_wide(std::span<const std::byte> sector) {
  iso9660::DirectoryRecords records(sector);
  try {
    while (const auto record = records.next()) {
      if (record->is_self() || record->is_parent()) continue;
      return record->identifier.size() % 2 == 0 && record->identifier.front() == std::byte{};
    }
  } catch (const Error&) {}
  return false;
}

class Rebuilder {
 public:
  Rebuilder(std::shared_ptr<const ByteSource> source, Lba end)
      : source_(std::make_shared<SliceSource>(std::move(source), 0, end.byte_offset())), end_(end) {}

  std::shared_ptr<const ByteSource> run() {
    Blocks blocks(*source_);
    const auto head = read_descriptor_set(blocks, Lba{});
    if (head.primary) find_roots(head);
    put_descriptors(blocks, head);
    put_anchor();
    if (!found_) return nullptr;
    return std::make_shared<PatchedSource>(source_, std::move(patches_));
  }

 private:
  Block read(Lba at) const {
    Block block(kBlockSize);
    source_->read_at(at.byte_offset(), block);
    return block;
  }

  // The primary tree comes before that of an enhanced descriptor.
  void find_roots(const DescriptorSet& head) {
    const auto last = std::min(end_.value, kSearchedForRoots);
    const auto all = [&] { return primary_ && (joliet_ || !head.joliet) && (enhanced_ || !head.enhanced); };
    for (std::uint32_t at = iso9660::kFirstDescriptor.value + 1; at < last && !all(); ++at) {
      const auto sector = read(Lba{at});
      if (!is_root_directory(sector, Lba{at})) continue;
      const auto self = load<iso9660::DirectoryRecord>(sector);
      auto& place = names_are_wide(sector) ? joliet_ : primary_ ? enhanced_ : primary_;
      if (!place) place = Root{Lba{at}, self.data_length.value()};
    }
  }

  // Those of the newest session, pointed at this one's roots. A kind whose root is gone is left out.
  void put_descriptors(Blocks& blocks, const DescriptorSet& head) {
    if (!head.primary) return;
    auto at = Lba{} + iso9660::kFirstDescriptor;
    std::uint32_t left = 0;
    for (const auto& [place, root] :
         {std::pair{head.primary, primary_}, {head.joliet, joliet_}, {head.enhanced, enhanced_}}) {
      if (!place || !root) continue;
      auto descriptor = load_descriptor(blocks, *place);
      descriptor.root.record.extent = root->at.value;
      descriptor.root.record.data_length = root->bytes;
      descriptor.volume_space_size = end_.value;
      descriptor.path_table_size = 0U;
      Block block(kBlockSize);
      store(std::span(block), descriptor);
      patches_.insert_or_assign(at.value, std::move(block));
      at = at + BlockCount{1};
      ++left;
    }
    found_ = left != 0;
    // What is behind them belongs to the newest session up to its terminator.
    for (const auto& item : head.items)
      if (item.at.value >= at.value) put_terminator(item.at);
    if (head.items.empty() || head.items.back().at.value < at.value) put_terminator(at);
  }

  void put_terminator(Lba at) {
    Block block(kBlockSize);
    store(std::span(block), iso9660::descriptor_header(iso9660::DescriptorType::terminator));
    patches_.insert_or_assign(at.value, std::move(block));
  }

  // UDF keeps further anchors at the end of a session, ECMA-167 3/8.4.2.1; those of the first point to its own sequences.
  void put_anchor() {
    const auto first = end_.value > kSearchedForAnchor ? end_.value - kSearchedForAnchor : 0;
    for (auto at = end_.value; at-- > std::max(first, kAnchor + 1);) {
      auto block = read(Lba{at});
      if (udf::check_tag(block, udf::TagIdentifier::anchor_volume_descriptor_pointer, at)) continue;
      auto anchor = load<udf::AnchorVolumeDescriptorPointer>(block);
      udf::relocate(anchor.tag, kAnchor);
      store(std::span(block), anchor);
      patches_.insert_or_assign(kAnchor, std::move(block));
      found_ = true;
      return;
    }
  }

  std::shared_ptr<const ByteSource> source_;
  Lba end_;
  std::optional<Root> primary_, joliet_, enhanced_;
  std::map<std::uint64_t, Block> patches_;
  bool found_ = false;
};

}  // namespace

bool is_root_directory(std::span<const std::byte> sector, Lba at) {
  iso9660::DirectoryRecords records(sector);
  try {
    const auto self = records.next();
    if (!self || !self->is_self() || !self->is_directory() || self->fixed.extent.value() != at.value) return false;
    const auto parent = records.next();
    return parent && parent->is_parent() && parent->fixed.extent.value() == at.value;
  } catch (const Error&) {
    return false;
  }
}

std::shared_ptr<const ByteSource> rebuild_first_session(std::shared_ptr<const ByteSource> source, Lba end) {
  return Rebuilder(std::move(source), end).run();
}

}  // namespace fsimage::volume
