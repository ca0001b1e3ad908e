#include "iso_stream.hpp"

#include "iso_descriptors.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>

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

std::optional<iso9660::DirectoryRecordView> first_record(std::span<const std::byte> sector) {
  try {
    return iso9660::DirectoryRecords(sector).next();
  } catch (const Error&) {
    return std::nullopt;
  }
}

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

IsoStream::IsoStream(Walk& walk, const DirectoryRef& ref, EntryOrder order, IsoNaming naming)
    : walk_(walk),
      naming_(naming),
      bytes_(walk, {{ref.at, ref.bytes}}, order == EntryOrder::by_name, "ECMA-119 6.8.1"),
      root_(ref.at == naming.root_at),
      record_lba_(lba_of(ref.at)) {
  if (ref.bytes == 0)
    walk_.report.deviation(record_lba_, "ECMA-119 6.8.2.2", "a folder without records, not even its own");
  if (ref.bytes % kBlockSize != 0)
    walk_.report.deviation(record_lba_, "ECMA-119 6.8.1.3", "a folder's length is no multiple of the block size");
  if (order == EntryOrder::by_name) sort_by_name();
}

void IsoStream::sort_by_name() {
  order_.emplace();
  VolumeEntry entry;
  for (std::uint64_t position = 0;;) {
    const auto start = position;
    if (parse(position, entry) == Parsed::end) break;
    order_->add(start, entry.entry.name);
  }
  order_->sort();
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

std::optional<IsoStream::Record> IsoStream::record_at(std::uint64_t& position) {
  while (position < bytes_.size()) {
    const auto in_sector = static_cast<std::size_t>(position % kBlockSize);
    const auto rest = bytes_.at(position, kBlockSize - in_sector);
    record_at_ = bytes_.source_offset(position);
    record_lba_ = lba_of(record_at_);
    iso9660::DirectoryRecords records(rest);
    auto record = records.next();
    if (record) {
      position += record->fixed.length;
      if (record->fixed.length % 2 != 0)
        walk_.report.deviation(record_lba_, "ECMA-119 9.1.12", "a directory record of an odd length");
      return record;
    }
    if (std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{}; }))
      walk_.report.deviation(record_lba_, "ECMA-119 6.8.1.1", "bytes behind the last directory record of a sector");
    position += kBlockSize - in_sector;
  }
  return std::nullopt;
}

IsoStream::Parsed IsoStream::parse(std::uint64_t& position, VolumeEntry& out) {
  walk_.report.set_entry({});
  try {
    while (const auto record = record_at(position)) {
      if (record->is_self() || record->is_parent()) continue;
      out.clear();
      const bool shown = fill(*record, out);
      if (out.entry.type == FileType::regular) add_sections(*record, position, out);
      return shown ? Parsed::shown : Parsed::hidden;
    }
  } catch (const Error& e) {
    if (e.where().lba || e.code() != Errc::corrupt_structure) throw;
    throw Error(e.code(), {.path = {}, .lba = record_lba_, .clause = e.where().clause}, e.message());
  }
  return Parsed::end;
}

std::string IsoStream::name_of(const Record& record) {
  if (naming_.view != View::joliet) {
    const std::string_view id(reinterpret_cast<const char*>(record.identifier.data()), record.identifier.size());
    return std::string(record.is_directory() ? id : iso9660::without_version(id));
  }
  if (record.identifier.size() % 2 != 0)
    walk_.report.deviation(record_lba_, "ECMA-119 9.1.11", "a Joliet name has an odd number of bytes");
  const auto units = joliet::from_big_endian(record.identifier);
  return to_utf8(record.is_directory() ? std::u16string_view(units) : joliet::without_version(units));
}

void IsoStream::set_name(std::string name, VolumeEntry& out) {
  if (!is_valid_name(name)) {
    std::string valid = name;
    make_valid_name(valid);
    walk_.report.set_entry(valid);
    walk_.report.renamed(name, valid);
    name = std::move(valid);
  }
  walk_.report.set_entry(name);
  out.entry.name = std::move(name);
}

std::span<const std::byte> IsoStream::fields_of(std::span<const std::byte> system_use) const {
  return system_use.subspan(std::min<std::size_t>(naming_.skipped, system_use.size()));
}

// Everything but the content. False when the view does not show the entry.
bool IsoStream::fill(const Record& record, VolumeEntry& out) {
  const auto& r = record.fixed;
  out.record_at = record_at_;
  out.entry.type = record.is_directory() ? FileType::directory : FileType::regular;
  out.entry.attributes = record_attributes(r);
  if (record.is_directory()) out.directory = {.at = extent_offset(r), .bytes = r.data_length.value()};
  // An associated file is a fork of the file after it, ECMA-119 6.5.4.
  if ((r.flags & flags::kAssociated) != 0) return false;
  if (naming_.view != View::rockridge) {
    set_name(name_of(record), out);
    check_halves(record);
    return true;
  }
  const std::string_view identifier(reinterpret_cast<const char*>(record.identifier.data()), record.identifier.size());
  walk_.report.set_entry(identifier);  // until the fields tell the name
  auto fields = read_fields(walk_, fields_of(record.system_use), record_lba_, &out.structures);
  set_name(fields.name ? std::move(*fields.name) : name_of(record), out);
  check_halves(record);
  return apply_fields(fields, record, out);
}

void IsoStream::check_halves(const Record& record) {
  if (!record.fixed.extent.halves_agree())
    walk_.report.deviation(record_lba_, "ECMA-119 9.1.3", "the two halves of the extent's location differ");
  if (!record.fixed.data_length.halves_agree())
    walk_.report.deviation(record_lba_, "ECMA-119 9.1.4", "the two halves of the data length differ");
}

bool IsoStream::apply_fields(RockRidgeFields& fields, const Record& record, VolumeEntry& out) {
  const bool relocation_folder = root_ && record.is_directory() && is_relocation_folder(out.entry.name);
  if (relocation_folder && walk_.show_relocation) return true;
  if (fields.relocated) return false;  // shown where its CL is, or not a part of the tree
  if (fields.child) return follow_child(*fields.child, out);
  apply_attributes(fields, out.entry.attributes);
  if (!apply_posix(fields, record, out)) return false;
  if (relocation_folder) return !hides_relocated(out);
  if (fields.compressed) out.refuse(Errc::unsupported, "compressed content (zisofs)", "ZF");
  if (fields.sparse) out.refuse(Errc::unsupported, "sparse content", "RRIP 1.12 4.1.7");
  if (out.entry.type == FileType::symlink) {
    if (!fields.target || fields.target->empty()) {
      walk_.report.dropped("a symbolic link without a target");
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
    walk_.report.deviation(record_lba_, "RRIP 1.12 4.1.1", "st_mode and the record's flags are of different types");
    return true;
  }
  out.entry.type = *type;
  if (*type == FileType::block_device || *type == FileType::char_device) {
    if (!fields.device) walk_.report.deviation(record_lba_, "RRIP 1.12 4.1.2", "a device without a number");
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
  const auto self = read_self(walk_, child.byte_offset(), naming_);
  if (!self || self->record.extent.value() != child.value) {
    walk_.report.deviation(
        record_lba_, "RRIP 1.12 4.1.5.1",
        "no folder at block " + std::to_string(child.value) + ", where this one was moved to; left out");
    return false;
  }
  out.entry.type = FileType::directory;
  out.entry.attributes = record_attributes(self->record);
  apply_attributes(self->fields, out.entry.attributes);
  out.directory = {.at = child.byte_offset(), .bytes = self->record.data_length.value()};
  return true;
}

// Whether the folder holds relocated folders and nothing else: it is then not part of the tree.
bool IsoStream::hides_relocated(const VolumeEntry& folder) {
  DirectoryBytes bytes(walk_, {{folder.directory.at, folder.directory.bytes}}, false, "ECMA-119 6.8.1");
  bool any = false;
  for (std::uint64_t at = 0; at < bytes.size(); at += kBlockSize) {
    const auto sector = bytes.at(at, kBlockSize);
    iso9660::DirectoryRecords records(sector);
    while (const auto record = records.next()) {
      if (record->is_self() || record->is_parent()) continue;
      if (!read_fields(walk_, fields_of(record->system_use), lba_of(bytes.source_offset(at)), nullptr).relocated)
        return false;
      any = true;
    }
  }
  return any;
}

void IsoStream::add_sections(const Record& first, std::uint64_t& position, VolumeEntry& out) {
  bool more = add_section(first, out);
  if (!more) return;
  // The bytes of `first` go when the next record is fetched.
  const std::vector<std::byte> identifier(first.identifier.begin(), first.identifier.end());
  while (more) {
    const auto before = position;
    const auto record = record_at(position);
    if (!record || !std::ranges::equal(record->identifier, identifier)) {
      walk_.report.deviation(record_lba_, "ECMA-119 9.1.6", "the last section of a file says that another follows");
      if (record) position = before;
      return;
    }
    if (out.entry.size % kBlockSize != 0)
      walk_.report.deviation(record_lba_, "ECMA-119 6.4.1", "a file section before the last ends inside a block");
    more = add_section(*record, out);
  }
}

// Returns whether the record says that a further section follows, ECMA-119 9.1.6.
bool IsoStream::add_section(const Record& record, VolumeEntry& out) {
  const auto& r = record.fixed;
  const Piece piece{.at = extent_offset(r), .length = r.data_length.value()};
  const bool more = (r.flags & flags::kMultiExtent) != 0;
  out.entry.size += piece.length;
  if (piece.length == 0) return more;
  if (r.file_unit_size != 0 || r.interleave_gap_size != 0)
    out.refuse(Errc::unsupported, "an interleaved file", "ECMA-119 6.4.3");
  if (!walk_.blocks.contains(piece.at, piece.length)) {
    walk_.report.deviation(record_lba_, "ECMA-119 9.1.3",
                           "the content ends beyond the end of the image, at block " +
                               std::to_string((piece.end() + kBlockSize - 1) / kBlockSize));
    out.refuse(Errc::corrupt_structure, "the content lies beyond the end of the image", "ECMA-119 9.1.3");
  }
  if (!out.is_refused()) append_piece(out.pieces, piece);
  return more;
}

std::optional<IsoSelf> read_self(Walk& walk, std::uint64_t at, IsoNaming naming, std::vector<EntryStructure>* areas) {
  if (!walk.blocks.contains(at, kBlockSize)) return std::nullopt;
  std::array<std::byte, kBlockSize> sector{};  // the fields may lead away from the window
  walk.blocks.read(at, sector, "ECMA-119 6.8.2.2");
  const auto first = first_record(sector);
  if (!first || !first->is_self()) return std::nullopt;
  IsoSelf self{.record = first->fixed, .fields = {}};
  if (naming.view == View::rockridge) {
    // The root's own record has nothing before its fields, SUSP 5.3; a field of another record cannot begin with SP.
    auto area = std::span<const std::byte>(first->system_use);
    if (!rockridge::sharing_protocol(area)) area = area.subspan(std::min<std::size_t>(naming.skipped, area.size()));
    self.fields = read_fields(walk, area, lba_of(at), areas);
  }
  return self;
}

}  // namespace fsimage::volume
