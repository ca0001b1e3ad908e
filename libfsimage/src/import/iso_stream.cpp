#include "iso_stream.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/dates.hpp>

#include <algorithm>
#include <array>

namespace fsimage::volume {
namespace {

namespace flags = iso9660::file_flags;
namespace mode = rockridge::mode;

// What a volume without Rock Ridge says of every file: anybody may read it.
constexpr std::uint16_t kFilePermissions = 0444, kDirectoryPermissions = 0555;

// Names that writers give to the folder in the root that relocated folders lie in, RRIP 4.1.5.
bool is_relocation_folder(std::string_view name) {
  return name == "rr_moved" || name == "RR_MOVED" || name == ".rr_moved";
}

std::optional<FileType> type_of(std::uint32_t st_mode) {
  switch (st_mode & mode::kTypeMask) {
    case mode::kRegular: return FileType::regular;
    case mode::kDirectory: return FileType::directory;
    case mode::kSymlink: return FileType::symlink;
    case mode::kBlockDevice: return FileType::block_device;
    case mode::kCharDevice: return FileType::char_device;
    case mode::kFifo: return FileType::fifo;
    case mode::kSocket: return FileType::socket;
    default: return std::nullopt;
  }
}

// The root's own record has nothing before its fields, SUSP 5.3; a field of another record cannot begin with SP.
std::span<const std::byte> any_field_area(const IsoVolume& volume, std::span<const std::byte> use) {
  return rockridge::sharing_protocol(use) ? use : field_area(volume, use);
}

// Positions behind all records of a folder: those of the path table.
constexpr std::uint64_t kTable = std::uint64_t{1} << 63;

}  // namespace

Attributes record_attributes(const iso9660::DirectoryRecord& r) {
  Attributes a;
  a.permissions = (r.flags & flags::kDirectory) != 0 ? kDirectoryPermissions : kFilePermissions;
  a.modified = iso9660::from_short_date(r.recorded).value_or(kUnsetTime);
  a.hidden = (r.flags & flags::kHidden) != 0;
  return a;
}

void apply_attributes(const RockRidgeFields& f, Attributes& a) {
  if (f.posix) {
    a.permissions = static_cast<std::uint16_t>(f.posix->mode & 07777);
    a.uid = f.posix->user;
    a.gid = f.posix->group;
  }
  if (f.modified != kUnsetTime) a.modified = f.modified;
  a.accessed = f.accessed;
  a.changed = f.changed;
  a.created = f.created;
}

IsoStream::IsoStream(Walk& walk, const IsoContext& context, const DirectoryRef& ref, EntryOrder order)
    : walk_(walk),
      context_(context),
      volume_(context.volume),
      root_(ref.at == volume_.root.at),
      folder_at_(ref.at),
      records_(walk, volume_, ref, order == EntryOrder::by_name) {
  if (order == EntryOrder::by_name) sort_by_name();
}

void IsoStream::sort_by_name() {
  NameOrder order;
  VolumeEntry entry;
  for (std::uint64_t position = 0;;) {
    const auto start = position;
    const auto parsed = parse(position, entry);
    if (parsed == Parsed::end) break;
    if (parsed == Parsed::shown) order.add(position >= kTable ? position - 1 : start, entry.entry.name);
  }
  order.sort();
  order_ = std::move(order);
}

bool IsoStream::next(VolumeEntry& out) {
  std::optional<Muted> muted;
  if (order_) muted.emplace(walk_.report);  // sorting has said it all
  for (;;) {
    if (order_) {
      if (next_in_order_ == order_->size()) return false;
      position_ = order_->position(next_in_order_++);
    }
    const auto parsed = parse(position_, out);
    if (parsed != Parsed::hidden) return parsed == Parsed::shown;
  }
}

IsoStream::Parsed IsoStream::parse(std::uint64_t& position, VolumeEntry& out) {
  while (position < kTable) {
    walk_.report.set_entry({});
    try {
      if (const auto parsed = parse_record(position, out)) return *parsed;
      break;
    } catch (const Error& e) {
      const bool bare = e.code() == Errc::corrupt_structure && !e.where().lba;
      const Error located =
          bare ? Error(e.code(), {.path = {}, .lba = records_.lba(), .clause = e.where().clause}, e.message()) : e;
      if (!walk_.report.survives(located)) throw located;
      walk_.report.lost(located);
      records_.mark_damaged();
    }
  }
  walk_.report.set_entry({});
  return parse_table(position, out);
}

// nullopt behind the last record.
std::optional<IsoStream::Parsed> IsoStream::parse_record(std::uint64_t& position, VolumeEntry& out) {
  while (auto record = records_.next(position)) {
    if (record->is_self() || record->is_parent()) continue;
    out.clear();
    const bool shown = fill(*record, out);
    if (context_.tables != nullptr && record->is_directory()) folders_.insert(out.directory.at);
    if (out.entry.type == FileType::regular) add_sections(*record, position, out);
    if (!shown) return Parsed::hidden;
    make_unique(version_, out);
    return Parsed::shown;
  }
  return std::nullopt;
}

// Folders that only the path table still knows, when records are missing.
IsoStream::Parsed IsoStream::parse_table(std::uint64_t& position, VolumeEntry& out) {
  if (context_.tables == nullptr || context_.tables->empty() || !records_.damaged()) return Parsed::end;
  from_table_ = context_.tables->children_of(root_ ? context_.tables->root() : folder_at_);
  if (position < kTable) position = kTable;
  while (position - kTable < from_table_.size()) {
    const auto& folder = from_table_[static_cast<std::size_t>(position++ - kTable)];
    if (!order_ && !folders_.insert(folder.at)) continue;
    out.clear();
    out.record_at = folder.at;
    out.entry.type = FileType::directory;
    out.directory = {.at = folder.at, .bytes = kBlockSize};
    set_name(recorded_name(volume_.view, folder.identifier, true).name, out);
    const auto self = read_self(walk_, volume_, folder.at);
    if (!self) continue;  // what lies there is no folder any more
    out.directory.bytes = self->record.data_length.value();
    out.entry.attributes = record_attributes(self->record);
    apply_attributes(self->fields, out.entry.attributes);
    make_unique({}, out);
    walk_.report.deviation(lba_of(folder.at), "ECMA-119 6.9", "a folder that only the path table knows");
    return Parsed::shown;
  }
  return Parsed::end;
}

void IsoStream::set_name(std::string name, VolumeEntry& out) {
  if (!is_valid_name(name)) {
    std::string valid = name;
    make_valid_name(valid);
    walk_.report.set_entry(valid);
    const auto clause = volume_.view == View::rockridge ? "RRIP 1.12 4.1.4" : "ECMA-119 9.1.11";
    walk_.report.renamed(name, valid, records_.lba(), clause);
    name = std::move(valid);
  }
  walk_.report.set_entry(name);
  out.entry.name = std::move(name);
}

// A tree holds a name once in a folder. The first one keeps it; an older version of a file gets its number back.
void IsoStream::make_unique(std::string_view version, VolumeEntry& out) {
  const auto key = out.record_at;
  if (order_) {
    if (const auto found = renamed_.find(key); found != renamed_.end()) out.entry.name = found->second;
  } else if (!names_.take(out.entry.name)) {
    auto numbered = out.entry.name + std::string(version);
    if (version.empty() || !is_valid_name(numbered) || !names_.take(numbered))
      numbered = names_.take_numbered(out.entry.name);
    walk_.report.collided(out.entry.name, numbered);
    out.entry.name = numbered;
    renamed_.emplace(key, std::move(numbered));
  }
  walk_.report.set_entry(out.entry.name);
}

// Everything but the content. False when the view does not show the entry.
bool IsoStream::fill(Record& record, VolumeEntry& out) {
  auto& r = record.fixed;
  const auto unequal = settle_halves(walk_.blocks, volume_.block_size, r);
  zisofs_.reset();
  out.record_at = records_.at();
  out.entry.type = record.is_directory() ? FileType::directory : FileType::regular;
  out.entry.attributes = record_attributes(r);
  if (record.is_directory()) out.directory = {.at = volume_.extent_of(r), .bytes = r.data_length.value()};
  auto name = recorded_name(volume_.view, record.identifier, record.is_directory());
  version_ = std::move(name.version);
  const bool associated = (r.flags & flags::kAssociated) != 0;
  bool shown = true;
  if (volume_.view == View::rockridge && !associated)
    shown = fill_rock_ridge(record, name, out);
  else
    set_name(name.name, out);
  if (name.odd) walk_.report.deviation(records_.lba(), "ECMA-119 9.1.11", "a Joliet name has an odd number of bytes");
  if (name.padded) walk_.report.deviation(records_.lba(), "ECMA-119 9.1.11", "a name with zeros behind it");
  tell(unequal);
  // A fork of the file after it, ECMA-119 6.5.4.
  if (associated) {
    walk_.report.dropped("an associated file: a fork of the file of that name");
    return false;
  }
  if (shown && record.is_directory() && volume_.lies_elsewhere(r)) {
    walk_.report.dropped("a folder that lies on volume " + std::to_string(r.volume_sequence_number.value()) +
                         " of the set");
    return false;
  }
  return shown;
}

bool IsoStream::fill_rock_ridge(const Record& record, const RecordedName& recorded, VolumeEntry& out) {
  walk_.report.set_entry(recorded.name);  // until the fields tell the name
  auto fields = read_fields(walk_, volume_, field_area(volume_, record.system_use), records_.lba(), &out.structures);
  if (fields.name) version_.clear();
  set_name(fields.name ? *fields.name : recorded.name, out);
  return apply_fields(fields, record, out);
}

void IsoStream::tell(const UnequalHalves& unequal) {
  const auto at = records_.lba();
  if (unequal.extent) walk_.report.deviation(at, "ECMA-119 9.1.3", "the two halves of the extent's location differ");
  if (unequal.length) walk_.report.deviation(at, "ECMA-119 9.1.4", "the two halves of the data length differ");
  if (unequal.sequence)
    walk_.report.deviation(at, "ECMA-119 9.1.9", "the two halves of the volume sequence number differ");
}

bool IsoStream::apply_fields(RockRidgeFields& fields, const Record& record, VolumeEntry& out) {
  const bool relocation_folder = root_ && record.is_directory() && is_relocation_folder(out.entry.name);
  if (relocation_folder && walk_.show_relocation) return true;
  if (fields.relocated && record.is_directory()) {
    if (!is_orphan(out.directory.at)) return false;  // shown where its CL is, or not a part of the tree
    walk_.report.lost(Error(Errc::corrupt_structure, {.path = {}, .lba = records_.lba(), .clause = "RRIP 1.12 4.1.5.1"},
                            "the place of a folder that was moved here"));
  } else if (fields.relocated) {
    walk_.report.deviation(records_.lba(), "RRIP 1.12 4.1.5.3", "a file that says it is a relocated folder");
  }
  if (fields.attribute_list) out.xattrs = DirectoryRef{.at = out.record_at};
  if (fields.child) return follow_child(*fields.child, out);
  tell_xattrs(out);
  apply_attributes(fields, out.entry.attributes);
  if (!apply_posix(fields, record, out)) return false;
  if (relocation_folder) return !hides_relocated(out);
  if (out.entry.type == FileType::regular) zisofs_ = fields.zisofs;
  if (fields.sparse) out.refuse(Errc::unsupported, "sparse content", "RRIP 1.12 4.1.7");
  if (out.entry.type == FileType::symlink) {
    if (!fields.target || fields.target->empty()) {
      walk_.report.dropped(records_.lba(), "RRIP 1.12 4.1.3", "a symbolic link without a target");
      return false;
    }
    out.entry.target = std::move(*fields.target);
  }
  return true;
}

// Type, links and identity.
bool IsoStream::apply_posix(const RockRidgeFields& fields, const Record& record, VolumeEntry& out) {
  if (!fields.posix) return true;
  const auto type = type_of(fields.posix->mode);
  if (!type || (*type == FileType::directory) != record.is_directory()) {
    walk_.report.deviation(records_.lba(), "RRIP 1.12 4.1.1", "st_mode and the record's flags are of different types");
    return true;
  }
  out.entry.type = *type;
  if (*type == FileType::block_device || *type == FileType::char_device) {
    if (!fields.device) walk_.report.deviation(records_.lba(), "RRIP 1.12 4.1.2", "a device without a number");
    out.entry.device = fields.device.value_or(DeviceNumber{});
  }
  if (*type == FileType::directory || fields.posix->links < 2) return true;
  // Before serial numbers, only a place on the disc tells which names are links to one file; an empty file has none.
  const bool has_place = *type == FileType::regular && record.fixed.data_length.value() != 0;
  if (!fields.posix->serial && !has_place) return true;
  out.entry.links = fields.posix->links;
  out.entry.identity[0] = fields.posix->serial ? std::uint64_t{*fields.posix->serial} : UINT64_MAX;
  out.entry.identity[1] = has_place ? record.fixed.extent.value() : UINT64_MAX;
  return true;
}

// The record stands for a folder that lies elsewhere, RRIP 4.1.5.1: what it is says the folder itself.
bool IsoStream::follow_child(Lba child, VolumeEntry& out) {
  const auto at = volume_.offset_of(child.value);
  const auto self = read_self(walk_, volume_, at);
  if (!self || self->record.extent.value() != child.value) {
    walk_.report.deviation(
        records_.lba(), "RRIP 1.12 4.1.5.1",
        "no folder at block " + std::to_string(child.value) + ", where this one was moved to; left out");
    return false;
  }
  out.entry.type = FileType::directory;
  out.entry.attributes = record_attributes(self->record);
  apply_attributes(self->fields, out.entry.attributes);
  out.directory = {.at = at, .bytes = self->record.data_length.value()};
  if (self->fields.attribute_list) out.xattrs = DirectoryRef{.at = at};
  tell_xattrs(out);
  return true;
}

// Who does not ask for extended attributes loses them.
void IsoStream::tell_xattrs(const VolumeEntry& entry) {
  if (!entry.xattrs || walk_.xattrs_wanted) return;
  DroppedNames names("extended attribute");
  for (const auto& x : read_record_xattrs(walk_, volume_, entry.xattrs->at))
    if (!walk_.streams_wanted || !is_stream(x)) names.add(x.name);
  names.tell(walk_.report);
}

// Whether the folder holds relocated folders and nothing else: it is then not part of the tree.
bool IsoStream::hides_relocated(const VolumeEntry& folder) {
  const Muted muted(walk_.report);  // whoever enters the folder will hear it
  IsoRecords records(walk_, volume_, folder.directory, false);
  bool any = false;
  for (std::uint64_t position = 0;;) {
    const auto record = records.next(position);
    if (!record) return any;
    if (record->is_self() || record->is_parent()) continue;
    auto fixed = record->fixed;
    settle_halves(walk_.blocks, volume_.block_size, fixed);
    if (!read_fields(walk_, volume_, field_area(volume_, record->system_use), records.lba(), nullptr).relocated ||
        is_orphan(volume_.extent_of(fixed)))
      return false;
    any = true;
  }
}

void IsoStream::add_sections(const Record& first, std::uint64_t& position, VolumeEntry& out) {
  std::vector<FileSection> sections;
  lost_.clear();
  bool more = add_section(first, sections, out);
  // The bytes of `first` go when the next record is fetched.
  const std::vector<std::byte> identifier(first.identifier.begin(),
                                          more ? first.identifier.end() : first.identifier.begin());
  while (more) {
    auto record = records_.next(position);
    if (!record || !std::ranges::equal(record->identifier, identifier)) {
      walk_.report.deviation(records_.lba(), "ECMA-119 9.1.6", "the last section of a file says that another follows");
      if (record) position -= record->fixed.length;
      break;
    }
    if (out.entry.size % volume_.block_size != 0)
      walk_.report.deviation(records_.lba(), "ECMA-119 6.4.1", "a file section before the last ends inside a block");
    tell(settle_halves(walk_.blocks, volume_.block_size, record->fixed));
    more = add_section(*record, sections, out);
  }
  finish_content(std::move(sections), out);
}

// Returns whether the record says that a further section follows, ECMA-119 9.1.6.
bool IsoStream::add_section(const Record& record, std::vector<FileSection>& sections, VolumeEntry& out) {
  const auto& r = record.fixed;
  FileSection section{.at = volume_.offset_of(r.extent.value()),
                      .skipped = volume_.offset_of(r.extended_attribute_length),
                      .length = r.data_length.value(),
                      .unit = volume_.offset_of(r.file_unit_size),
                      .gap = volume_.offset_of(r.interleave_gap_size)};
  const bool more = (r.flags & flags::kMultiExtent) != 0;
  out.entry.size += section.length;
  if (section.length == 0) return more;
  if (volume_.lies_elsewhere(r)) {
    out.refuse(Errc::unsupported,
               "the content lies on volume " + std::to_string(r.volume_sequence_number.value()) + " of the set",
               "ECMA-119 9.1.9");
    return more;
  }
  if (section.gap != 0 && section.unit == 0)
    walk_.report.deviation(records_.lba(), "ECMA-119 9.1.7", "gaps between file units of no size; taken for none");
  if (section.end() > walk_.blocks.size()) lose_end(section, out);
  if (!out.is_refused()) sections.push_back(section);
  return more;
}

// The section ends beyond the end of the image. In salvage the file keeps what is there, and zeros for the rest.
void IsoStream::lose_end(const FileSection& section, VolumeEntry& out) {
  const auto text = "the content ends beyond the end of the image, at block " +
                    std::to_string((section.end() + volume_.block_size - 1) / volume_.block_size);
  walk_.report.deviation(records_.lba(), "ECMA-119 9.1.3", text);
  if (walk_.report.is_salvage() && !section.interleaved()) {
    const auto there = section.length_within(walk_.blocks.size());
    append_lost(
        lost_, {.offset = out.entry.size - section.length + there,
                .length = section.length - there,
                .why = Error(Errc::corrupt_structure,
                             {.path = {}, .lba = lba_of(section.offset_of(there)), .clause = "ECMA-119 9.1.3"}, text)});
    return;
  }
  out.refuse(Errc::corrupt_structure, "the content lies beyond the end of the image", "ECMA-119 9.1.3");
}

// Tells what of the content is lost. False when that is all of it: who asks for it will hear that.
bool IsoStream::settle_losses(VolumeEntry& out) {
  if (lost_.empty()) return true;
  if (lost_.front().length < out.entry.size) {
    walk_.report.lost(lost_);
    return true;
  }
  out.refuse(Errc::corrupt_structure, "the content lies beyond the end of the image", "ECMA-119 9.1.3");
  return false;
}

// The pieces are what lies on the disc; where they are not the content as it is, a source on top of them gives it.
void IsoStream::finish_content(std::vector<FileSection> sections, VolumeEntry& out) {
  const auto recorded = out.entry.size;
  const bool some_left = out.is_refused() || settle_losses(out);
  if (zisofs_ && recorded != 0) out.entry.size = zisofs_->size;
  if (!some_left || out.is_refused()) {
    out.pieces.clear();
    return;
  }
  const bool interleaved = std::ranges::any_of(sections, &FileSection::interleaved);
  if (interleaved && !lost_.empty())
    return out.refuse(Errc::corrupt_structure, "the content lies beyond the end of the image", "ECMA-119 9.1.3");
  for (const auto& s : sections) {
    const auto start = s.offset_of(0);
    const auto there = lost_.empty() ? s.end() - start : s.length_within(walk_.blocks.size());
    append_piece(out.pieces, {.at = start, .length = there});
    append_piece(out.pieces, {.at = Piece::kHole, .length = s.end() - start - there});
  }
  if (interleaved) out.content = sections_source(walk_.source, std::move(sections));
  if (!zisofs_ || recorded == 0) return;
  if (!zisofs_->is_zlib()) {
    const std::string kind(zisofs_->algorithm.begin(), zisofs_->algorithm.end());
    return out.refuse(Errc::unsupported, "content compressed by \"" + printable(kind) + "\"", "zisofs");
  }
  if (!out.content) out.content = content_source(walk_.source, out.pieces);
  out.content = zisofs_source(std::move(out.content), zisofs_->size, lba_of(out.pieces.front().at), context_.cache);
}

std::optional<IsoSelf> read_self(Walk& walk, const IsoVolume& volume, std::uint64_t at,
                                 std::vector<EntryStructure>* areas) {
  std::array<std::byte, kBlockSize> bytes{};  // the fields may lead away from the window
  if (at >= walk.blocks.size()) return std::nullopt;
  const auto sector =
      std::span(bytes).first(static_cast<std::size_t>(std::min(kBlockSize - at % kBlockSize, walk.blocks.size() - at)));
  walk.blocks.read(at, sector, "ECMA-119 6.8.2.2");
  const auto first = own_record(sector);
  if (!first) return std::nullopt;
  IsoSelf self{.record = first->fixed, .fields = {}};
  settle_halves(walk.blocks, volume.block_size, self.record);
  if (volume.view == View::rockridge)
    self.fields = read_fields(walk, volume, any_field_area(volume, first->system_use), lba_of(at), areas);
  return self;
}

std::vector<ExtendedAttribute> read_record_xattrs(Walk& walk, const IsoVolume& volume, std::uint64_t record_at) {
  std::array<std::byte, 256> bytes{};  // a record's length has one byte
  if (record_at >= walk.blocks.size()) return {};
  const auto room = std::min(kBlockSize - record_at % kBlockSize, walk.blocks.size() - record_at);
  const auto place = std::span(bytes).first(static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
  walk.blocks.read(record_at, place, "ECMA-119 9.1");
  iso9660::DirectoryRecords records(place);
  const auto record = records.next();
  if (!record) return {};
  return read_attribute_list(walk, volume, any_field_area(volume, record->system_use), lba_of(record_at));
}

}  // namespace fsimage::volume
