#include <fsimage/import/volume_verify.hpp>

#include "volume_blocks.hpp"
#include "volume_places.hpp"
#include "volume_report.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

using volume::ContentPlaces;

constexpr std::size_t kReadAtOnce = 1 << 20;
constexpr std::uint64_t kEntriesPerReport = 256;
// Boot programs whose checksum is worth reading them: as many and as large as there are on discs, and some.
constexpr std::size_t kMostBootPrograms = 64;
constexpr std::uint64_t kLargestBootProgram = 4 * 1024 * 1024;

class Verifier {
 public:
  Verifier(std::shared_ptr<const ByteSource> source, const VerifyVolumesOptions& options, const FindingFn& fn)
      : source_(std::move(source)),
        options_(options),
        fn_(fn),
        found_(identify_file_systems(*source_, options.volume.session)) {}

  VerifiedVolumes run() {
    if (found_.most_advanced() == View::none) throw Error(Errc::not_found, {}, "no file system that is known here");
    check_descriptors();
    std::vector<ContentPlaces> places;
    for (const View view : {View::udf, View::rockridge, View::joliet, View::enhanced, View::iso9660}) {
      if (!found_.has(view) || (options_.volume.view != View::none && options_.volume.view != view)) continue;
      places.push_back(walk(view));
    }
    for (const auto& p : places) check_path_tables(p);
    if (!places.empty()) compare_views(places);
    if (out_.sound()) check_overlaps();  // a map needs sound structures
    if (options_.read_content) read_contents(places);
    return std::move(out_);
  }

 private:
  // Everything that is said goes through here.
  void tell(const Finding& f) {
    using enum Finding::Kind;
    if (f.kind == lost)
      ++out_.lost;
    else if (f.kind == dropped && comparing_)
      ++out_.disagreements;
    else
      ++out_.deviations;
    if (fn_) fn_(f);
  }
  void lost(View view, const std::string& path, const Error& e) { tell(volume::lost_finding(view, path, e)); }
  void deviation(View view, std::string path, Lba at, std::string clause, std::string text) {
    tell({.kind = Finding::Kind::deviation,
          .view = view,
          .path = std::move(path),
          .text = std::move(text),
          .to = {},
          .lba = at,
          .clause = std::move(clause)});
  }

  void check_stop() const {
    if (options_.stop.stop_requested()) throw Error(Errc::cancelled, {}, "checking was stopped");
  }

  void check_descriptors() {
    info_ = describe_volumes(*source_, options_.volume.session, options_.volume.limits);
    for (const auto& f : info_.findings) tell(f);
    if (!info_.boot) return;
    std::vector<Lba> checked;
    for (const auto& image : info_.boot->images)
      if (checked.size() < kMostBootPrograms && std::ranges::find(checked, image.block) == checked.end()) {
        check_boot_info_table(image);
        checked.push_back(image.block);
      }
  }

  // A boot program whose table is wrong does not start.
  void check_boot_info_table(const BootImageInfo& image) {
    if (!image.table_checksum || image.bytes > kLargestBootProgram) return;
    std::vector<std::byte> bytes(static_cast<std::size_t>(image.bytes));
    const auto lost_before = out_.lost;
    read(image.block.byte_offset(), bytes);
    eltorito::BootInfoChecksum sum;
    sum.update(std::span(bytes).subspan(eltorito::kBootInfoEnd));
    if (out_.lost == lost_before && sum.value() != *image.table_checksum)
      deviation(View::none, {}, image.block, "mkisofs boot-info-table",
                "the checksum in a boot image's table is not that of the image");
  }

  VolumeOptions walk_options(View view) const {
    VolumeOptions options = options_.volume;
    options.view = view;
    options.order = EntryOrder::recorded;
    options.xattrs = true;
    options.strictness = Strictness::salvage;
    return options;
  }

  // One view to its end. Its findings are told, and where its contents and folders lie is noted.
  ContentPlaces walk(View view) {
    VerifiedView seen{.view = view};
    ContentPlaces places(view);
    const auto lost_before = out_.lost;
    try {
      const auto cursor = open_volume(source_, walk_options(view), [this](const Finding& f) { tell(f); });
      check_xattrs(*cursor);
      while (const auto entry = cursor->next()) {
        check_stop();
        if (++entries_ % kEntriesPerReport == 0) report(view, cursor->origin());
        check_xattrs(*cursor);
        if (entry->type == FileType::directory) {
          ++seen.folders;
          places.add_folder(cursor->location());
        } else if (entry->type == FileType::regular) {
          ++seen.files;
          note_content(*cursor, *entry, places);
        } else {
          ++seen.others;
        }
      }
    } catch (const Error& e) {
      if (e.code() == Errc::cancelled || e.code() == Errc::limit_exceeded || e.code().category() != error_category())
        throw;
      lost(view, e.where().path.empty() ? "/" : e.where().path, e);
    }
    places.sort();
    seen.bytes = places.bytes();
    seen.lost = out_.lost - lost_before;
    out_.views.push_back(seen);
    return places;
  }

  void check_xattrs(VolumeCursor& cursor) {
    try {
      if (cursor.view() == View::udf)
        read_streams(cursor);
      else
        cursor.xattrs();
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      lost(cursor.view(), cursor.origin(), e);
    }
  }

  void read_streams(VolumeCursor& cursor) {
    ContentStore store;
    for (const auto& stream : cursor.streams(store))
      for (std::uint64_t at = 0; options_.read_content && at < store.size(stream.content);) {
        check_stop();
        stream_piece_.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(kReadAtOnce, store.size(stream.content) - at)));
        try {
          store.read_at(stream.content, at, stream_piece_);
        } catch (const Error& e) {
          lost(cursor.view(), cursor.origin() + ':' + stream.name, e);
        }
        at += stream_piece_.size();
      }
  }

  void note_content(VolumeCursor& cursor, const Entry& entry, ContentPlaces& places) {
    try {
      places.add_content(cursor.extents(), entry.size);
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      lost(cursor.view(), cursor.origin(), e);
    }
  }

  void report(View view, const std::string& path) {
    if (options_.progress) options_.progress({.view = view, .item = path, .entries = entries_});
  }

  // --- tables beside the folders

  const IsoVolumeInfo* info_of(View view) const {
    const auto some = [](const std::optional<IsoVolumeInfo>& i) { return i ? &*i : nullptr; };
    switch (view) {
      case View::iso9660: return some(info_.iso9660);
      case View::enhanced: return some(info_.enhanced);
      case View::joliet: return some(info_.joliet);
      default: return nullptr;
    }
  }

  // Path tables name every folder of their tree, ECMA-119 6.9.1; Rock Ridge has its own ideas of where folders are.
  void check_path_tables(const ContentPlaces& places) {
    const auto* info = info_of(places.view());
    if (info == nullptr) return;
    for (const auto& problem : volume::path_table_problems(*source_, *info, places))
      deviation(places.view(), {}, problem.at, problem.clause, problem.text);
  }

  // A catalog is often given a name, and is then content as well.
  static bool may_share(const VolumePart& a, const VolumePart& b) {
    constexpr std::string_view kCatalog = "eltorito/boot catalog", kContent = "content ";
    return (a.label == kCatalog && b.label.starts_with(kContent)) ||
           (b.label == kCatalog && a.label.starts_with(kContent));
  }

  // A map counts in blocks of 2048 bytes: smaller ones share them.
  bool has_small_blocks() const {
    return (info_.udf && info_.udf->block_size < kBlockSize) ||
           (info_.iso9660 && info_.iso9660->block_size < kBlockSize);
  }

  // Structures and contents that lie upon one another.
  void check_overlaps() {
    if (has_small_blocks()) return;
    VolumePart before{};
    std::uint64_t end = 0;
    auto options = options_.volume;
    options.strictness = Strictness::tolerant;
    try {
      map_volumes(source_, options, [&](const VolumePart& part) {
        check_stop();
        if (part.start.value < end && !may_share(before, part))
          deviation(View::none, {}, part.start, {}, part.label + " lies upon " + before.label);
        const auto part_end = std::uint64_t{part.start.value} + part.blocks.value;
        if (part_end >= end) {
          end = part_end;
          before = part;
        }
      });
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
    }
  }

  // --- views against one another

  void compare_views(const std::vector<ContentPlaces>& places) {
    comparing_ = true;
    const auto& reference = places.front();
    for (std::size_t i = 1; i < places.size(); ++i) {
      const auto& other = places[i];
      if (only_boots(out_.views[i])) continue;
      tell_difference(reference, other);
      tell_difference(other, reference);
      compare_folders(out_.views.front(), out_.views[i]);
    }
    comparing_ = false;
  }

  // Beside UDF, an empty volume may be there for firmware alone, which finds boot images through it.
  bool only_boots(const VerifiedView& v) const {
    return v.view == View::iso9660 && info_.boot && found_.udf && !found_.rockridge && v.lost == 0 &&
           v.folders + v.files + v.others == 0;
  }

  // What `has` shows and `lacks` does not. Only when there is something is the view walked again, for the paths.
  void tell_difference(const ContentPlaces& has, const ContentPlaces& lacks) {
    const auto missing = has.missing_in(lacks);
    if (missing.empty()) return;
    auto options = walk_options(has.view());
    const auto cursor = open_volume(source_, options, {});
    while (const auto entry = cursor->next()) {
      if (entry->type != FileType::regular || entry->size == 0) continue;
      try {
        const auto extents = cursor->extents();
        if (!std::binary_search(missing.begin(), missing.end(), ContentPlaces::key(extents, entry->size))) continue;
        tell({.kind = Finding::Kind::dropped,
              .view = lacks.view(),
              .path = cursor->origin(),
              .text = "content that " + std::string(to_string(has.view())) + " shows",
              .to = {},
              .lba = Lba{static_cast<std::uint32_t>(extents.front().offset / kBlockSize)},
              .clause = {}});
      } catch (const Error& e) {
        if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      }
    }
  }

  // Beside Rock Ridge, plain ISO 9660 has one more for the folders that were moved.
  void compare_folders(const VerifiedView& a, const VerifiedView& b) {
    if (a.folders == b.folders || a.lost != 0 || b.lost != 0) return;
    if (b.view == View::iso9660 && found_.has(View::rockridge)) return;
    tell({.kind = Finding::Kind::dropped,
          .view = a.folders < b.folders ? a.view : b.view,
          .path = "/",
          .text = std::to_string(a.folders) + " folders in " + std::string(to_string(a.view)) + ", " +
                  std::to_string(b.folders) + " in " + std::string(to_string(b.view))});
  }

  // --- contents

  void read_contents(const std::vector<ContentPlaces>& places) {
    const auto stretches = volume::merged_stretches(places);
    VerifyProgress told{.view = View::none, .item = {}, .entries = entries_};
    for (const auto& s : stretches) told.bytes_to_read += s.length;
    std::vector<std::byte> buffer(kReadAtOnce);
    for (const auto& s : stretches)
      for (std::uint64_t done = 0; done < s.length;) {
        check_stop();
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), s.length - done));
        read(s.offset + done, std::span(buffer).first(n));
        done += n;
        told.bytes_read += n;
        if (options_.progress) options_.progress(told);
      }
  }

  // A stretch that fails is read block by block: the good ones between the bad are told apart.
  void read(std::uint64_t offset, std::span<std::byte> out) {
    try {
      source_->read_at(offset, out);
    } catch (const Error& e) {
      if (out.size() > kBlockSize) {
        for (std::size_t at = 0; at < out.size(); at += kBlockSize)
          read(offset + at, out.subspan(at, std::min<std::size_t>(kBlockSize, out.size() - at)));
        return;
      }
      tell({.kind = Finding::Kind::lost,
            .view = View::none,
            .path = {},
            .text = "content cannot be read: " + (e.message().empty() ? e.code().message() : e.message()),
            .to = {},
            .lba = volume::lba_of(offset),
            .clause = {}});
    }
  }

  std::shared_ptr<const ByteSource> source_;
  const VerifyVolumesOptions& options_;
  const FindingFn& fn_;
  RecognizedFileSystems found_;
  VolumesInfo info_;
  VerifiedVolumes out_;
  std::vector<std::byte> stream_piece_;
  bool comparing_ = false;
  std::uint64_t entries_ = 0;
};

}  // namespace

VerifiedVolumes verify_volumes(const std::shared_ptr<const ByteSource>& source, const VerifyVolumesOptions& options,
                               const FindingFn& on_finding) {
  return Verifier(source, options, on_finding).run();
}

}  // namespace fsimage
