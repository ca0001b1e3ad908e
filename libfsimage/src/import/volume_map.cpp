#include "boot_catalog.hpp"
#include "iso_descriptors.hpp"
#include "udf_volume.hpp"
#include "volume_parts.hpp"
#include "volume_view.hpp"

#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_map.hpp>

#include <algorithm>

namespace fsimage {
namespace {

using namespace volume;

class Mapper {
 public:
  Mapper(std::shared_ptr<const ByteSource> source, const VolumeOptions& options, const FindingFn& on_finding)
      : source_(std::move(source)),
        options_(options),
        on_finding_(on_finding),
        found_(identify_file_systems(*source_, options.session)) {
    if (found_.most_advanced() == View::none) throw Error(Errc::not_found, {}, "no file system that is known here");
  }

  Parts& run() {
    map_system_area();
    if (found_.iso9660 && options_.view != View::udf) map_descriptors();
    if (shows(View::udf)) map_udf_structures();
    // The most advanced first: content is called by the name there.
    for (const View view : {View::udf, View::rockridge, View::joliet, View::enhanced})
      if (shows(view)) map_view(view);
    if (shows(View::iso9660) && !shows(View::rockridge)) map_view(View::iso9660);
    for (const auto& image : boot_images_) map_boot_image(image);
    return parts_;
  }

 private:
  bool shows(View view) const { return found_.has(view) && (options_.view == View::none || options_.view == view); }

  // --- structures with fixed places

  // A partition table or a boot program before the descriptors.
  void map_system_area() {
    const auto at = found_.session.byte_offset();
    std::vector<std::byte> area(std::size_t{iso9660::kFirstDescriptor.value} * kBlockSize);
    if (at + area.size() > source_->size()) return;
    source_->read_at(at, area);
    if (std::ranges::any_of(area, [](std::byte b) { return b != std::byte{}; }))
      parts_.add(PartLabel::system_area, at, area.size());
  }

  void map_descriptors() {
    Walk walk(source_, options_.limits, View::iso9660, {});
    const auto set = read_descriptor_set(walk.blocks, found_.session);
    for (const auto& item : set.items) parts_.add(descriptor_label(set, item), item.at.byte_offset(), kBlockSize);
    if (set.primary) map_path_tables(walk, *set.primary, PartLabel::iso_path_table_l, PartLabel::iso_path_table_m);
    if (set.joliet) map_path_tables(walk, *set.joliet, PartLabel::joliet_path_table_l, PartLabel::joliet_path_table_m);
    // Of most writers both descriptors lead to the same tree, which is that of the primary one then.
    if (set.enhanced && set.primary) {
      const auto primary = load_descriptor(walk.blocks, *set.primary),
                 enhanced = load_descriptor(walk.blocks, *set.enhanced);
      own_enhanced_ = primary.root.record.extent.value() != enhanced.root.record.extent.value();
    }
    if (own_enhanced_)
      map_path_tables(walk, *set.enhanced, PartLabel::enhanced_path_table_l, PartLabel::enhanced_path_table_m);
    if (set.boot) map_boot_catalog(walk, *set.boot);
  }

  static PartLabel descriptor_label(const DescriptorSet& set, const DescriptorSet::Item& item) {
    using enum iso9660::DescriptorType;
    switch (item.header.kind()) {
      case boot_record: return PartLabel::iso_boot_record;
      case primary: return PartLabel::iso_primary;
      case terminator: return PartLabel::iso_terminator;
      case supplementary: return item.at == set.joliet ? PartLabel::joliet_supplementary : PartLabel::iso_enhanced;
      default: return PartLabel::iso_partition_descriptor;
    }
  }

  void map_path_tables(Walk& walk, Lba at, PartLabel l, PartLabel m) {
    const auto vd = load_descriptor(walk.blocks, at);
    const auto volume = read_volume(walk.blocks, at, View::iso9660, walk.report);
    const auto bytes = vd.path_table_size.value();
    for (const auto& [block, label] : {std::pair{vd.type_l_path_table.value(), l},
                                       {vd.optional_type_l_path_table.value(), l},
                                       {vd.type_m_path_table.value(), m},
                                       {vd.optional_type_m_path_table.value(), m}})
      if (block != 0 && walk.blocks.contains(volume.offset_of(block), bytes))
        parts_.add(label, volume.offset_of(block), bytes);
  }

  void map_boot_catalog(Walk& walk, Lba at) {
    auto catalog = read_boot_catalog(walk, at);
    if (catalog.entries != 0)
      parts_.add(PartLabel::boot_catalog, catalog.at.byte_offset(), std::uint64_t{catalog.entries} * 32);
    boot_images_ = std::move(catalog.images);
  }

  // Images that no view shows; the others have a label already.
  void map_boot_image(const BootImageInfo& image) {
    const auto at = image.block.byte_offset();
    if (at >= source_->size() || !contents_.insert(at)) return;
    parts_.add(PartLabel::boot_image, at, std::clamp<std::uint64_t>(image.bytes, 1, source_->size() - at));
  }

  void add_clipped(Walk& walk, PartLabel label, std::uint64_t at, std::uint64_t bytes) {
    if (at < walk.blocks.size()) parts_.add(label, at, std::min(bytes, walk.blocks.size() - at));
  }

  void map_udf_structures() {
    Walk walk(source_, options_.limits, View::udf, {});
    if (const auto recognition = read_recognition(walk.blocks, found_.session))
      parts_.add(PartLabel::udf_recognition, recognition->first.byte_offset(),
                 recognition->identifiers.size() * kBlockSize);
    const auto anchor = find_anchor(walk.blocks, found_.session);
    map_anchors(all_anchors(walk.blocks, found_.session, *anchor), anchor->block_size);
    const auto volume = read_udf_volume(walk, *anchor);
    add_clipped(walk, PartLabel::udf_main_sequence, volume.main.at, volume.main.bytes);
    add_clipped(walk, PartLabel::udf_reserve_sequence, volume.reserve.at, volume.reserve.bytes);
    if (volume.integrity_at)
      add_clipped(walk, PartLabel::udf_integrity, volume.integrity_extent_at, volume.integrity_extent_bytes);
    for (const auto& p : volume.partitions) map_partition_tables(walk, volume, p);
    try {
      map_file_set(read_file_set(walk, volume), volume);
    } catch (const Error& e) {
      if (options_.strictness != Strictness::salvage || e.code() != Errc::corrupt_structure)
        throw;  // the view will tell
    }
  }

  void map_file_set(const UdfFileSet& file_set, const UdfVolume& volume) {
    parts_.add(PartLabel::udf_file_set, file_set.at, volume.block_size);
    if (file_set.terminator_at)
      parts_.add(PartLabel::udf_file_set_terminator, *file_set.terminator_at, volume.block_size);
  }

  // What virtual, sparable and metadata partitions stand on.
  void map_partition_tables(Walk& walk, const UdfVolume& volume, const UdfPartition& p) {
    if (p.vat) add_clipped(walk, PartLabel::udf_vat, p.vat->icb_at, volume.block_size);
    if (p.sparing)
      for (const auto& t : p.sparing->tables) add_clipped(walk, PartLabel::udf_sparing_table, t.at, volume.block_size);
    if (!p.metadata) return;
    for (const auto& [at, label] : {std::pair{p.metadata->main_at, PartLabel::udf_metadata_file},
                                    {p.metadata->mirror_at, PartLabel::udf_metadata_mirror},
                                    {p.metadata->bitmap_at, PartLabel::udf_metadata_bitmap}})
      if (at) add_clipped(walk, label, *at, volume.block_size);
  }

  // Runs of anchors are one part.
  void map_anchors(const std::vector<std::uint64_t>& anchors, std::uint32_t block_size) {
    for (std::size_t i = 0; i < anchors.size();) {
      auto last = i;
      while (last + 1 < anchors.size() && anchors[last + 1] == anchors[last] + block_size) ++last;
      const auto label = last == i ? PartLabel::udf_anchor : PartLabel::udf_anchors;
      parts_.add(label, anchors[i], anchors[last] - anchors[i] + block_size);
      i = last + 1;
    }
  }

  // --- folders and contents

  struct Folder {
    DirectoryRef ref;
    Parts::Path path;
    std::uint32_t depth;
  };

  // Folder by folder, all entries of one before those of the next: the order in which planning gives content its name.
  void map_view(View view) {
    Walk walk(source_, options_.limits, view, on_finding_, options_.strictness);
    walk.show_relocation = true;
    walk.xattrs_wanted = walk.streams_wanted = true;  // a map is not about what is lost
    try {
      const auto reader = open_view(walk, view, found_.session);
      OffsetSet visited;
      std::vector<Folder> stack{{reader->root(), Parts::kRoot, 1}};
      visited.insert(stack.back().ref.at);
      add_structures(reader->root_structures(), Parts::kRoot, FileType::directory);
      add_streams(*reader, reader->root_xattrs(), Parts::kRoot);
      while (!stack.empty()) {
        const Folder folder = stack.back();
        stack.pop_back();
        map_folder(walk, *reader, folder, visited, stack);
      }
    } catch (const Error& e) {
      throw e.where().path.empty() ? e.with_path(walk.report.path()) : e;
    }
  }

  void map_folder(Walk& walk, VolumeView& reader, const Folder& folder, OffsetSet& visited,
                  std::vector<Folder>& stack) {
    walk.report.set_directory(folder.path == Parts::kRoot ? std::string() : parts_.path(folder.path));
    if (folder.depth > options_.limits.depth)
      throw Error(Errc::limit_exceeded, {},
                  "folders inside one another, more than " + std::to_string(options_.limits.depth));
    const auto first = stack.size();
    try {
      map_entries(walk, reader, folder, visited, stack);
    } catch (const Error& e) {
      if (!walk.report.survives(e)) throw;
      walk.report.lost(e);
    }
    std::reverse(stack.begin() + static_cast<std::ptrdiff_t>(first), stack.end());
    flush_continuations(folder.path);
  }

  void map_entries(Walk& walk, VolumeView& reader, const Folder& folder, OffsetSet& visited,
                   std::vector<Folder>& stack) {
    const auto stream = reader.open(folder.ref, EntryOrder::by_name);
    const bool enhanced = reader.view() == View::enhanced && own_enhanced_;
    const auto label = reader.view() == View::udf      ? PartLabel::udf_directory
                       : reader.view() == View::joliet ? PartLabel::joliet_directory
                       : enhanced                      ? PartLabel::enhanced_directory
                                                       : PartLabel::iso_directory;
    for (const Piece& p : stream->pieces())
      if ((reader.view() != View::udf || p.at < folder.ref.at || p.at >= folder.ref.at + reader.block_size()) &&
          directories_.insert(p.at))
        parts_.add(label, p.at, p.length, folder.path);
    while (stream->next(entry_)) {
      walk.budget.charge_entry();
      map_entry(walk, reader, folder, visited, stack);
    }
  }

  void map_entry(Walk& walk, VolumeView& reader, const Folder& folder, OffsetSet& visited, std::vector<Folder>& stack) {
    auto path = Parts::kNone;
    const auto named = [&] {
      if (path == Parts::kNone) path = parts_.add_path(folder.path, entry_.entry.name);
      return path;
    };
    if (entry_.entry.type == FileType::directory) {
      if (!visited.insert(entry_.directory.at)) {
        walk.report.deviation(lba_of(entry_.directory.at), "ECMA-119 6.8.2, ECMA-167 4/8.5",
                              "a folder that was visited before; not entered again");
        return;
      }
      stack.push_back({entry_.directory, named(), folder.depth + 1});
      add_structures(entry_.structures, path, FileType::directory);
      add_streams(reader, entry_.xattrs, path);
      return;
    }
    reader.complete(entry_);
    for (const auto& s : entry_.structures)
      if (s.kind == EntryStructure::Kind::continuation_area)
        continuations_.push_back(lba_of(s.at).value);
      else if (structures_.insert(s.at))
        add_structure(s, named(), entry_.entry.type);
    if (reader.view() == View::udf && entry_.xattrs) add_streams(reader, entry_.xattrs, named());
    for (const Piece& p : entry_.pieces) {
      if (p.hole() || is_embedded(p, entry_.structures) || !contents_.insert(p.at)) continue;
      parts_.add(entry_.entry.type == FileType::symlink ? PartLabel::udf_link_target : PartLabel::content, p.at,
                 p.length, named());
    }
  }

  // Content inside the file's own entry has no block of its own.
  static bool is_embedded(const Piece& p, const std::vector<EntryStructure>& structures) {
    return std::any_of(structures.begin(), structures.end(), [&](const EntryStructure& s) {
      return s.kind == EntryStructure::Kind::file_entry && p.at >= s.at && p.at < s.at + s.length;
    });
  }

  void add_streams(VolumeView& reader, const std::optional<DirectoryRef>& ref, Parts::Path owner) {
    if (!ref || reader.view() != View::udf) return;
    const auto found = reader.streams(*ref);
    for (const auto& s : found.structures)
      if (structures_.insert(s.at)) parts_.add(PartLabel::udf_stream_directory_entry, s.at, s.length, owner);
    for (const Piece& p : found.pieces)
      if (!is_embedded(p, found.structures) && directories_.insert(p.at))
        parts_.add(PartLabel::udf_stream_directory, p.at, p.length, owner);
    for (const auto& stream : found.streams) {
      const auto path = parts_.add_stream(owner, stream.name);
      add_structures(stream.structures, path, FileType::regular);
      for (const Piece& p : stream.pieces)
        if (!p.hole() && !is_embedded(p, stream.structures) && contents_.insert(p.at))
          parts_.add(PartLabel::content, p.at, p.length, path);
    }
  }

  void add_structures(const std::vector<EntryStructure>& structures, Parts::Path path, FileType type) {
    for (const auto& s : structures)
      if (s.kind == EntryStructure::Kind::continuation_area)
        continuations_.push_back(lba_of(s.at).value);
      else if (structures_.insert(s.at))
        add_structure(s, path, type);
  }

  void add_structure(const EntryStructure& s, Parts::Path path, FileType type) {
    if (s.kind == EntryStructure::Kind::file_entry) return parts_.add(PartLabel::udf_file_entry, s.at, s.length, path);
    parts_.add(type == FileType::symlink ? PartLabel::udf_link_target : PartLabel::udf_allocation_extents, s.at,
               s.length, path);
  }

  // The areas of a folder's records usually share blocks and lie in a row.
  void flush_continuations(Parts::Path path) {
    auto& c = continuations_;
    std::sort(c.begin(), c.end());
    c.erase(std::unique(c.begin(), c.end()), c.end());
    for (std::size_t i = 0; i < c.size();) {
      auto last = i;
      while (last + 1 < c.size() && c[last + 1] == c[last] + 1) ++last;
      parts_.add(PartLabel::rr_continuation, Lba{c[i]}.byte_offset(), (std::uint64_t{c[last]} - c[i] + 1) * kBlockSize,
                 path);
      i = last + 1;
    }
    c.clear();
  }

  std::shared_ptr<const ByteSource> source_;
  VolumeOptions options_;
  const FindingFn& on_finding_;
  RecognizedFileSystems found_;
  Parts parts_;
  OffsetSet contents_, structures_, directories_;  // ISO 9660:1999 may share folders with the primary tree
  std::vector<BootImageInfo> boot_images_;
  bool own_enhanced_ = false;                 // an enhanced descriptor has a tree of its own
  std::vector<std::uint32_t> continuations_;  // blocks, of the folder at hand
  VolumeEntry entry_;
};

}  // namespace

void map_volumes(std::shared_ptr<const ByteSource> source, const VolumeOptions& options, const VolumePartFn& fn,
                 const FindingFn& on_finding) {
  Mapper(std::move(source), options, on_finding).run().for_each_sorted(fn);
}

}  // namespace fsimage
