#include "boot_layout.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/sink.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace fsimage {
namespace {

using eltorito::BootInfoTable;

// One image that lies apart from the files' contents.
class BootImageRegion final : public RegionSource {
 public:
  BootImageRegion(std::shared_ptr<const ByteSource> source, std::shared_ptr<const ByteSource> recorded,
                  std::string path)
      : source_(std::move(source)), recorded_(std::move(recorded)), path_(std::move(path)) {}

  std::uint64_t size() const override { return recorded_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override { recorded_->read_at(offset, out); }
  Run run_at(std::uint64_t offset) const override { return recorded_->run_at(offset); }
  bool is_bound_to_thread() const override { return recorded_->is_bound_to_thread(); }
  void for_each_part(Lba at, const PartFn& fn) const override { fn(part(at)); }
  std::optional<ExtentPart> part_at(Lba at, BlockCount) const override { return part(at); }
  std::string content_path(BlockCount) const override { return path_; }
  void check_sources(Lba) const override {
    if (const auto* content = dynamic_cast<const ContentSource*>(source_.get())) content->check();
  }

 private:
  ExtentPart part(Lba at) const {
    return {at, blocks_for(size()), path_.empty() ? "eltorito/boot image" : std::string(kContentLabel) + path_};
  }
  std::shared_ptr<const ByteSource> source_, recorded_;
  std::string path_;
};

// A boot image with its table. The checksum is found out when the table is read first.
class WithBootInfo final : public ByteSource {
 public:
  WithBootInfo(std::shared_ptr<const ByteSource> image, Lba at, Lba primary) : image_(std::move(image)) {
    table_.primary = primary.value;
    table_.image = at.value;
    table_.length = checked<std::uint32_t>(image_->size(), "length in a boot info table");
  }
  std::uint64_t size() const override { return image_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    image_->read_at(offset, out);
    const auto begin = std::max<std::uint64_t>(offset, eltorito::kBootInfoAt);
    const auto end = std::min<std::uint64_t>(offset + out.size(), eltorito::kBootInfoEnd);
    if (begin >= end) return;
    const auto table = this->table();
    const auto from = static_cast<std::size_t>(begin - eltorito::kBootInfoAt);
    std::memcpy(out.data() + (begin - offset), bytes_of(table).data() + from, static_cast<std::size_t>(end - begin));
  }
  bool is_bound_to_thread() const override { return image_->is_bound_to_thread(); }
  Run run_at(std::uint64_t offset) const override {
    if (offset >= eltorito::kBootInfoEnd) return image_->run_at(offset);
    Run run;
    run.length = eltorito::kBootInfoEnd - offset;
    return run;
  }

 private:
  BootInfoTable table() const {
    const std::lock_guard lock(mutex_);
    if (!summed_) {
      eltorito::BootInfoChecksum sum;
      std::vector<std::byte> buffer(64 * std::size_t{1024});
      for (std::uint64_t at = eltorito::kBootInfoEnd; at < size();) {
        const auto piece =
            std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size() - at)));
        image_->read_at(at, piece);
        sum.update(piece);
        at += piece.size();
      }
      table_.checksum = sum.value();
      summed_ = true;
    }
    return table_;
  }
  std::shared_ptr<const ByteSource> image_;
  mutable std::mutex mutex_;
  mutable BootInfoTable table_{};
  mutable bool summed_ = false;
};

// The type of the partition that a hard disk boots from, El Torito 1.0 2.2: its place in the first sector, as PCs have it.
std::uint8_t partition_type(const BootLayout::Image& disk) {
  constexpr std::size_t kTable = 446, kEntry = 16, kEntries = 4, kType = 4;
  std::array<std::byte, eltorito::kSectorSize> sector{};
  disk.bytes->read_at(0, sector);
  if (sector[510] == std::byte{0x55} && sector[511] == std::byte{0xAA})
    for (std::size_t i = 0; i < kEntries; ++i)
      if (const auto type = sector[kTable + i * kEntry + kType]; type != std::byte{})
        return std::to_integer<std::uint8_t>(type);
  throw Error(Errc::boot_image, {.path = disk.path, .lba = {}, .clause = "El Torito 1.0 2.2"},
              "the image of a hard disk has no partition table");
}

// Entry by entry; those that follow one another with the same platform and identifier share a section.
class BootCatalogSource final : public ByteSource {
 public:
  BootCatalogSource(std::vector<BootLayout::Entry> entries, std::vector<BootLayout::Image> images)
      : entries_(std::move(entries)), images_(std::move(images)) {}
  std::uint64_t size() const override { return kBlockSize; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    if (out.empty()) return;
    const auto block = make();
    std::memcpy(out.data(), block.data() + offset, out.size());
  }

 private:
  bool same_section(std::size_t a, std::size_t b) const {
    return entries_[a].platform == entries_[b].platform && entries_[a].manufacturer == entries_[b].manufacturer;
  }
  std::array<std::byte, kBlockSize> make() const {
    std::array<std::byte, kBlockSize> block{};
    Sink sink{std::span<std::byte>(block)};
    sink.put(bytes_of(eltorito::validation_entry(entries_[0].platform, entries_[0].manufacturer)));
    put(sink, entries_[0]);
    for (std::size_t i = 1; i < entries_.size();) {
      auto end = i + 1;
      while (end < entries_.size() && same_section(i, end)) ++end;
      sink.put(bytes_of(eltorito::section_header(entries_[i].platform, entries_[i].manufacturer,
                                                 static_cast<std::uint16_t>(end - i), end == entries_.size())));
      for (; i < end; ++i) put(sink, entries_[i]);
    }
    return block;
  }
  void put(Sink& sink, const BootLayout::Entry& entry) const {
    auto recorded = entry.recorded;
    const auto& image = images_[entry.image];
    recorded.load_block = image.at.value;
    if (recorded.emulation() == eltorito::BootMedia::hard_disk) recorded.system_type = partition_type(image);
    sink.put(bytes_of(recorded));
  }
  std::vector<BootLayout::Entry> entries_;
  std::vector<BootLayout::Image> images_;
};

}  // namespace

BootLayout::BootLayout(const PlanInput& in) {
  const auto& all = in.profile.boot_image_options;
  if (all.size() > BootOptions::kMost) throw Error(Errc::invalid_argument, {}, "an image has at most 32 boot images");
  for (const auto& options : all) {
    options.check(*in.tree);
    Entry entry;
    entry.image = image_of(in, options);
    entry.platform = static_cast<std::uint8_t>(options.platform_id);
    entry.manufacturer = options.manufacturer;
    auto& recorded = entry.recorded = {};
    recorded.indicator = eltorito::kBootable;
    recorded.media = static_cast<std::uint8_t>(options.emulation);
    recorded.load_segment = options.load_segment;
    recorded.sector_count = options.sectors_to_load(*in.tree);
    entries_.push_back(std::move(entry));
  }
}

// Several options may have one image.
std::size_t BootLayout::image_of(const PlanInput& in, const BootOptions& options) {
  Image image;
  image.bytes = options.boot_image;
  if (!image.bytes) {
    const auto n = *in.tree->find(options.boot_file);
    image.inode = in.tree->inode_id(n);
    image.path = in.tree->path(in.index->first_name(in.index->rank(*image.inode)));
    image.bytes = std::make_shared<const ContentSource>(
        std::shared_ptr<const ContentStore>(in.tree, &in.tree->contents()), in.tree->inode(n).content);
  }
  const auto known = std::ranges::find_if(images_, [&](const Image& other) {
    return image.inode ? other.inode == image.inode : other.bytes == image.bytes;
  });
  const auto i = static_cast<std::size_t>(known - images_.begin());
  if (known == images_.end()) images_.push_back(std::move(image));
  images_[i].has_table = images_[i].has_table || options.boot_info_table;
  return i;
}

bool BootLayout::patches(InodeId inode) const {
  return std::ranges::any_of(images_, [&](const Image& i) { return i.has_table && i.inode == inode; });
}

void BootLayout::place_catalog(Allocator& at) { catalog_ = at.take({1}); }

void BootLayout::place_images(Allocator& at, Lba session, Lba primary, ContentPlacement& content) {
  primary_ = primary;
  for (auto& image : images_) {
    if (!image.apart()) continue;
    image.at = at.take_content(image.bytes->size(), session);
    if (image.inode) content.at[image.inode->value] = image.at;
  }
}

std::array<std::byte, kBlockSize> BootLayout::record() const {
  iso9660::BootRecord record{};
  record.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
  std::ranges::copy(eltorito::kBootSystem, record.boot_system_identifier.begin());
  eltorito::BootSystemUse use{};
  use.catalog = catalog_.value;
  store(std::span(record.boot_system_use), use);
  std::array<std::byte, kBlockSize> block;
  store(std::span(block), record);
  return block;
}

void BootLayout::emit(const ContentPlacement& content, std::vector<ImageExtent>& out) const {
  if (catalog_ == Lba{}) throw std::logic_error("boot layout is not placed");
  auto images = images_;
  for (auto& image : images) {
    if (!image.apart()) {
      image.at = content.at[image.inode->value];
      continue;
    }
    auto recorded = image.bytes;
    if (image.has_table) recorded = std::make_shared<const WithBootInfo>(image.bytes, image.at, primary_);
    out.push_back({image.at, std::make_shared<const BootImageRegion>(image.bytes, std::move(recorded), image.path),
                   "boot image"});
  }
  out.push_back(
      {catalog_, std::make_shared<const BootCatalogSource>(entries_, std::move(images)), "eltorito/boot catalog"});
}

}  // namespace fsimage
