#include "disc_names.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>
#include <fsimage/import/recorded_content.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/io/cached_source.hpp>
#include <fsimage/layout/iso_names.hpp>
#include <fsimage/layout/iso_note.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace fsimage {
namespace {

[[noreturn]] void refuse(const std::string& label, std::string_view why, Reason reason, std::optional<Lba> at = {},
                         std::string_view clause = {}) {
  throw Error(Errc::session_conflict, {.path = label, .lba = at, .clause = std::string(clause)}, why, reason);
}

std::vector<std::byte> blocks(const ByteSource& disc, Lba at, BlockCount count) {
  std::vector<std::byte> out(count.bytes());
  disc.read_at(at.byte_offset(), out);
  return out;
}

std::optional<udf::AnchorVolumeDescriptorPointer> anchor_at(const ByteSource& disc, Lba at) {
  if (disc.size() < at.byte_offset() + kBlockSize) return std::nullopt;
  const auto bytes = blocks(disc, at, {1});
  if (udf::check_tag(bytes, udf::TagIdentifier::anchor_volume_descriptor_pointer, at.value)) return std::nullopt;
  return load<udf::AnchorVolumeDescriptorPointer>(bytes);
}

// First block behind everything that the disc's newest volumes say they use. Wider than a block's address while it grows.
class RecordedEnd {
 public:
  void include(std::uint64_t first, std::uint64_t count) { end_ = std::max(end_, first + count); }
  void include(const std::optional<IsoVolumeInfo>& volume) {
    if (volume) include(0, volume->space.value);
  }
  void include(const udf::ExtentDescriptor& e) {
    include(e.location.value(), (e.length.value() + kBlockSize - 1) / kBlockSize);
  }
  std::uint64_t value() const { return end_; }

 private:
  std::uint64_t end_ = 0;
};

// Not the anchors behind a volume: on overwritable media nobody looks for them but at 256.
std::uint64_t recorded_end(const ByteSource& disc, const VolumesInfo& info) {
  RecordedEnd end;
  for (const auto* volume : {&info.iso9660, &info.joliet, &info.enhanced}) end.include(*volume);
  if (!info.udf) return end.value();
  for (const auto& p : info.udf->partitions) end.include(p.start, p.length);
  for (const auto at : info.udf->anchors)
    if (const auto anchor = anchor_at(disc, at)) {
      end.include(anchor->main_sequence);
      end.include(anchor->reserve_sequence);
    }
  return end.value();
}

Lba start_of_session(const ByteSource& disc, const Media& media, const VolumesInfo& info) {
  if (media.media_class == MediaClass::sequential) return *media.next_writable;
  // A file ends where its last session does; the blocks of other media are all there from the beginning.
  const auto end = media.type == MediaType::file ? std::uint64_t{media.used.value} : recorded_end(disc, info);
  // Behind what is replaced; a file without UDF may be shorter than that with its anchor at 256.
  const auto front = info.udf ? kAnchorCluster + kCluster : Lba{} + kCluster;
  const auto at = std::max<std::uint64_t>(end, front.value);
  return round_up(Lba{checked<std::uint32_t>(at, "start of the session")}, kCluster);
}

// What a further session keeps of the disc's UDF volume.
struct ContinuedUdf {
  PartitionStart partition;
  bool redundant_metadata = true;
};

ContinuedUdf continued(const UdfVolumeInfo& udf, const std::string& label) {
  const auto no = [&](std::string_view why) {
    refuse(label, why, Reason::udf_not_continued, udf.anchors.empty() ? std::nullopt : std::optional(udf.anchors[0]));
  };
  if (!udf::is_known_revision(udf.revision)) no("the disc's UDF volume has a revision that is not written here");
  if (udf.block_size != kBlockSize) no("the disc's UDF volume has logical blocks that are not sectors");
  ContinuedUdf out;
  const UdfPartitionInfo* physical = nullptr;
  for (const auto& p : udf.partitions) {
    if (!p.fault.empty()) no("a partition of the disc's UDF volume cannot be read");
    if (p.access_type > 1) no("the disc's UDF volume is written to by packet-writing systems, not in sessions");
    if (p.kind == "metadata" && p.metadata)
      out.redundant_metadata = p.metadata->duplicated;
    else if (p.kind == "physical" && physical == nullptr)
      physical = &p;
    else
      no("the disc's UDF volume does not consist of one plain partition");
  }
  if (physical == nullptr) no("the disc's UDF volume does not consist of one plain partition");
  out.partition = {Lba{physical->start}};
  return out;
}

// Beside UDF alone, an empty volume is there for firmware, which finds boot images through it: planning makes its own.
bool only_boots(const Session& session, const ImportLimits& limits) {
  const auto& found = session.found;
  if (!found.udf || !found.boot || found.joliet || found.rockridge || found.enhanced || !found.iso9660) return false;
  return !open_volume(session.source, {.view = View::iso9660, .session = session.start, .limits = limits})->next();
}

// Whether some file lies in its file entry: as a stretch of the disc it then begins inside a block.
bool has_embedded_files(const Tree& tree) {
  for (std::uint32_t i = 0; i < tree.inode_count(); ++i)
    if (const auto content = tree.inode(InodeId{i}).content; content && tree.contents().size(content) != 0)
      if (const auto slice = tree.contents().slice(content); slice && slice->offset % kBlockSize != 0) return true;
  return false;
}

FileSystems file_systems_of(const RecognizedFileSystems& found) {
  return {.iso9660 = found.iso9660.has_value(),
          .joliet = found.joliet.has_value(),
          .rockridge = found.rockridge.has_value(),
          .udf = found.udf.has_value(),
          .iso1999 = found.enhanced.has_value()};
}

// The file of the root that a descriptor names by its record.
std::string named_file(const Tree& tree, const std::string& identifier) {
  for (auto n = tree.first_child(kRootNode); n && !identifier.empty(); n = tree.next_sibling(*n)) {
    if (tree.inode(*n).type != FileType::regular) continue;
    const NamedEntry file{tree.name(*n), false};
    if (shown_identifier(identifier, {}) == file.name || undisputed_identifier(file, {}) == identifier ||
        undisputed_identifier(file, {.rules = {1}}) == identifier)
      return std::string(file.name);
  }
  return {};
}

// Texts of the descriptors go on, and how names are made. Joliet's have the letters that ISO 9660 has not, but half the room.
void keep_texts(const VolumesInfo& info, const Tree& tree, Profile& profile) {
  if (!info.iso9660) return;
  const auto& iso = *info.iso9660;
  const auto text = [&](std::string IsoVolumeInfo::*of) {
    const bool whole = info.joliet && (*info.joliet.*of).size() >= (iso.*of).size();
    return whole ? *info.joliet.*of : iso.*of;
  };
  apply_iso_note(iso.application_use, profile);
  profile.system_id = text(&IsoVolumeInfo::system);
  profile.volume_set = text(&IsoVolumeInfo::volume_set);
  profile.publisher = text(&IsoVolumeInfo::publisher);
  profile.data_preparer = text(&IsoVolumeInfo::data_preparer);
  profile.application = text(&IsoVolumeInfo::application);
  profile.copyright_file = named_file(tree, iso.copyright_file);
  profile.abstract_file = named_file(tree, iso.abstract_file);
  profile.bibliographic_file = named_file(tree, iso.bibliographic_file);
  if (iso.sequence_number != 0 && iso.sequence_number <= iso.set_size) {
    profile.volume_set_size = iso.set_size;
    profile.volume_sequence_number = iso.sequence_number;
  }
}

// What the views of the session call the entries of the tree, which was filled from one of them.
std::shared_ptr<const RecordedNames> names_on(const Session& session, const Tree& tree, const Profile& profile,
                                              View imported, const ImportLimits& limits) {
  auto names = std::make_shared<RecordedNames>();
  const auto& fs = profile.file_systems;
  for (const auto& [chosen, view] :
       {std::pair{fs.iso9660, View::iso9660}, std::pair{fs.joliet, View::joliet}, std::pair{fs.udf, View::udf}}) {
    const auto scheme = scheme_of(profile, view);
    // Of the imported view the tree has the names, and they are kept.
    if (!chosen || view == imported || names_say_all(tree, view, scheme)) continue;
    try {
      const auto cursor = open_volume(session.source, {.view = view, .session = session.start, .limits = limits});
      read_disc_names(tree, *cursor, scheme, *names);
    } catch (const Error&) {
      continue;  // the view is made anew: what is broken in it has no names that could be kept
    }
  }
  note_entries(tree, *names);
  names->finish();
  return names;
}

}  // namespace

void require_continuable(const Media& media, const std::string& label) {
  if (media.state == MediaState::absent)
    throw Error(Errc::no_media, {.path = label}, "nothing to go on with", Reason::no_further_session);
  if (media.state == MediaState::blank)
    refuse(label, "the disc is blank: a first session needs nothing to go on with", Reason::empty_disc);
  if (media.media_class == MediaClass::read_only)
    refuse(label, "no session can be added to a disc of this kind", Reason::no_sessions);
  if (media.write_protected) throw Error(Errc::write_protected, {.path = label}, "no session can be added");
  if (media.state != MediaState::appendable)
    refuse(label, "the disc is " + std::string(to_string(media.state)) + ": no session can be added",
           Reason::no_further_session);
  if (media.media_class == MediaClass::sequential && !media.next_writable)
    refuse(label, "the recorder does not say where a session would begin", Reason::recorder_contradicts);
}

ImportedVolume FileSystemImage::go_on_with(const std::shared_ptr<const ByteSource>& on_disc, const Media& media,
                                           const ImportOptions& options) {
  if (!on_disc) refuse(options.label, "no disc was given to go on with", Reason::no_disc);
  require_continuable(media, options.label);
  // What leads to the files is looked at more than once.
  const auto disc = media.type == MediaType::file ? on_disc : std::make_shared<CachedSource>(on_disc);
  ImportOptions chosen = options;
  if (chosen.hint.starts.empty()) chosen.hint = session_hint(media);
  chosen.order = ViewOrder::files;
  // The disc's root gives way to nothing that is here already, so a copy takes the import until all is known to be well.
  auto tree = std::make_shared<Tree>(*tree_);
  auto imported = fsimage::import_file_system(*tree, disc, chosen);
  const auto& session = imported.session;
  const auto info = describe_volumes(*session.source, session.start, options.limits);

  auto profile = profile_;
  profile.file_systems = file_systems_of(session.found);
  if (only_boots(session, options.limits)) profile.file_systems.iso9660 = false;
  profile.volume_name = info.udf ? info.udf->logical_volume : info.joliet ? info.joliet->volume : imported.name;
  keep_texts(info, *tree, profile);
  if (info.rockridge && info.rockridge->extension == rockridge::k110Identifier)
    profile.rock_ridge_version = kRockRidge110;
  auto next = std::make_shared<Continuation>();
  next->disc = session.source;
  next->start = start_of_session(*disc, media, info);
  if (profile.file_systems.udf) {
    if (!info.udf) refuse(options.label, "the disc's UDF volume cannot be read", Reason::none, session.found.udf);
    const auto udf = continued(*info.udf, options.label);
    next->partition = udf.partition;
    next->udf_revision = profile.udf_revision = info.udf->revision;
    profile.redundant_udf_metadata = udf.redundant_metadata;
    if (imported.view != View::udf) {
      const auto cursor = open_volume(session.source,
                                      {.view = View::udf,
                                       .session = session.start,
                                       .limits = options.limits,
                                       .streams = true,
                                       .label = options.label},
                                      options.on_finding);
      profile.udf_special_files = take_finer_times(*tree, *cursor).special_files;
    }
  }
  const FileSystems udf_alone{.iso9660 = false, .joliet = false, .rockridge = false, .udf = true};
  if (profile.file_systems == udf_alone && !session.found.boot && has_embedded_files(*tree))
    profile.udf_embedded_files = true;
  next->names = names_on(session, *tree, profile, imported.view, options.limits);
  if (session.found.boot) next->boot_record = blocks(*session.source, *session.found.boot, {1});
  if (media.media_class == MediaClass::overwritable) {
    next->front = blocks(*disc, {}, kCluster);
    if (profile.file_systems.udf) {
      if (!anchor_at(*disc, kAnchorCluster))
        refuse(options.label, "the disc's UDF volume has no anchor at block 256 that could lead to a further session",
               Reason::udf_not_continued, kAnchorCluster, "ECMA-167 3/8.4.2.1");
      next->anchor_cluster = blocks(*disc, kAnchorCluster, kCluster);
    }
  }
  tree_ = std::move(tree);
  profile_ = std::move(profile);
  continuation_ = std::move(next);
  imported_volume_name_ = imported.name;
  root_given_ = true;
  most_blocks_.reset();
  return imported;
}

}  // namespace fsimage
