#include "udf_search.hpp"

#include "volume_parts.hpp"

#include <fsimage/format/udf/tag.hpp>

#include <algorithm>
#include <string>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

// Positions of names are multiples of this, as if each were a descriptor without a name.
constexpr std::size_t kNameStep = udf::fid_size(0, 0);

bool is_for_users(udf::IcbFileType type) {
  switch (type) {
    case udf::IcbFileType::directory:
    case udf::IcbFileType::bytes:
    case udf::IcbFileType::real_time:
    case udf::IcbFileType::block_device:
    case udf::IcbFileType::character_device:
    case udf::IcbFileType::fifo:
    case udf::IcbFileType::socket:
    case udf::IcbFileType::symbolic_link: return true;
    default: return false;
  }
}

class Searcher {
 public:
  Searcher(Walk& walk, const UdfVolume& volume) : walk_(walk), volume_(volume) {}

  UdfSearch run() {
    const Muted muted(walk_.report);  // what is wrong with a folder is told when it is opened
    // Partitions upon others come last in the table, ECMA-167 3/10.6.13: theirs is the true address of an entry.
    for (auto i = volume_.partitions.size(); i-- > 0;)
      if (volume_.partitions[i].mapping) scan(static_cast<std::uint16_t>(i));
    for (const auto& entry : found_)
      if (entry.directory) follow(entry);
    UdfSearch out;
    out.root = root_;
    for (const auto& entry : found_)
      if (!linked_.contains(entry.icb.at)) out.orphans.push_back(name_of(entry));
    return out;
  }

 private:
  struct Found {
    DirectoryRef icb;
    std::uint32_t unique_id = 0;
    bool directory = false;
  };

  void scan(std::uint16_t partition) {
    // However many a descriptor claims, no more can be told apart than the source has.
    const auto blocks = std::min<std::uint64_t>(
        {volume_.partitions[partition].mapping->blocks(), UINT32_MAX, walk_.source->size() / volume_.block_size});
    for (std::uint64_t block = 0; block < blocks; ++block) {
      try {
        look(partition, static_cast<std::uint32_t>(block));
      } catch (const Error& e) {
        if (!walk_.report.survives(e)) throw;
      }
    }
  }

  void look(std::uint16_t partition, std::uint32_t block) {
    const auto at = volume_.structure_offset(partition, block);
    if (!walk_.blocks.contains(at, volume_.block_size)) return;
    walk_.budget.charge_metadata(volume_.block_size, lba_of(at));
    const auto bytes = walk_.blocks.view(at, volume_.block_size, "ECMA-167 4/14.9");
    const auto kind = static_cast<TagIdentifier>(load<udf::DescriptorTag>(bytes).identifier.value());
    const DirectoryRef icb{.at = at, .bytes = volume_.block_size, .block = block, .partition = partition};
    if (kind == TagIdentifier::file_entry)
      note<udf::FileEntry>(bytes, kind, icb);
    else if (kind == TagIdentifier::extended_file_entry)
      note<udf::ExtendedFileEntry>(bytes, kind, icb);
  }

  template <class Fe>
  void note(std::span<const std::byte> bytes, TagIdentifier kind, const DirectoryRef& icb) {
    if (udf::check_tag(bytes, kind, icb.block)) return;
    const auto fe = load<Fe>(bytes);
    const auto type = static_cast<udf::IcbFileType>(fe.icb.file_type);
    if (!is_for_users(type) || (fe.icb.flags.value() & udf::kIcbStream) != 0 || fe.link_count.value() == 0) return;
    if (!seen_.insert(icb.at)) return;
    walk_.budget.charge_entry();
    found_.push_back({icb, static_cast<std::uint32_t>(fe.unique_id.value()), type == udf::IcbFileType::directory});
  }

  // What the folder leads to; its parent may tell that it is the root.
  void follow(const Found& of) {
    try {
      UdfFile file;
      read_file_entry(walk_, volume_, of.icb, file);
      UdfFolder folder(walk_, volume_, file, false);
      std::uint64_t position = 0;
      for (UdfName name; folder.read(position, name);) {
        const auto& address = name.fid.icb.location;
        const auto target = volume_.structure_offset(address.partition_reference.value(), address.block.value());
        if (name.shown)
          linked_.insert(target);
        else if ((name.fid.characteristics & udf::kFidParent) != 0 && target == of.icb.at)
          take_root(of.icb, file.attributes.modified);
      }
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
    }
  }

  void take_root(const DirectoryRef& icb, Timestamp modified) {
    if (root_ && modified < root_modified_) return;
    root_ = icb;
    root_modified_ = modified;
  }

  UdfName name_of(const Found& entry) const {
    UdfName out;
    out.at = entry.icb.at;
    out.shown = true;
    out.name = (entry.directory ? "folder-" : "file-") + std::to_string(entry.icb.block);
    // Blocks are counted in each partition.
    if (entry.icb.partition != volume_.partitions.size() - 1) out.name += "-" + std::to_string(entry.icb.partition);
    out.fid.characteristics = entry.directory ? udf::kFidDirectory : std::uint8_t{0};
    out.fid.icb.length = volume_.block_size;
    out.fid.icb.location.block = entry.icb.block;
    out.fid.icb.location.partition_reference = entry.icb.partition;
    out.fid.icb.unique_id = entry.unique_id;
    return out;
  }

  Walk& walk_;
  const UdfVolume& volume_;
  OffsetSet seen_, linked_;
  std::vector<Found> found_;
  std::optional<DirectoryRef> root_;
  Timestamp root_modified_ = kUnsetTime;
};

}  // namespace

bool UdfFound::read(std::uint64_t& position, UdfName& out) {
  const auto i = static_cast<std::size_t>(position / kNameStep);
  if (i >= names_.size()) return false;
  out = names_[i];
  position += kNameStep;
  return true;
}

UdfSearch search_file_entries(Walk& walk, const UdfVolume& volume) { return Searcher(walk, volume).run(); }

}  // namespace fsimage::volume
