#include "iso_records.hpp"

#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/format/rockridge/rrip.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

namespace rr = rockridge;

constexpr std::size_t kContinuationEntry = sizeof(rr::ContinuationArea);

// More than all entries of a record take together but SL and AL, which are measured.
constexpr std::size_t kMostFixedUse = 1024;

std::uint32_t type_bits(FileType type) {
  switch (type) {
    case FileType::regular: return rr::mode::kRegular;
    case FileType::directory: return rr::mode::kDirectory;
    case FileType::symlink: return rr::mode::kSymlink;
    case FileType::block_device: return rr::mode::kBlockDevice;
    case FileType::char_device: return rr::mode::kCharDevice;
    case FileType::fifo: return rr::mode::kFifo;
    case FileType::socket: return rr::mode::kSocket;
  }
  throw std::logic_error("file type");
}

// Length of the longest run of whole entries at the front of `use` that takes at most `room` bytes.
std::size_t whole_entries(std::span<const std::byte> use, std::size_t room) {
  std::size_t end = 0;
  while (end < use.size()) {
    const auto length = std::to_integer<std::size_t>(use[end + offsetof(rr::SystemUseHeader, length)]);
    if (end + length > room) break;
    end += length;
  }
  return end;
}

}  // namespace

struct IsoRecords::Subject {
  enum class Role { self, parent, entry, placeholder };
  Role role;
  NodeId node;           // whose attributes the record has
  std::uint32_t folder;  // whose extent it has, when it is a folder's record
  std::uint32_t lister;  // the folder that the record stands in
  std::string_view identifier;
  Attributes attributes{};
  FileType type = FileType::directory;

  bool is_folder() const { return type == FileType::directory && role != Role::placeholder; }
};

IsoRecords::Subject IsoRecords::subject(std::uint32_t f, const IsoTables::Checkpoint& place) {
  using Role = Subject::Role;
  static constexpr char kSelf[] = {'\0'}, kParent[] = {'\1'};  // ECMA-119 6.8.2.2
  const auto& folder = tables_.folder(f);
  Subject s{};
  s.lister = f;
  if (place.record == 0) {
    s = {Role::self, folder.node, f, f, {kSelf, 1}};
  } else if (place.record == 1) {
    // Attributes of where the folder belongs, extent of where it is listed: RRIP 4.1.5.2.
    const bool moved = folder.parent != f && tables_.folder(folder.parent).node == kMovedFolder;
    s = {Role::parent,
         moved ? tables_.tree().parent(folder.node) : tables_.folder(folder.parent).node,
         folder.parent,
         f,
         {kParent, 1}};
  } else {
    const auto entry = folder.first_entry + place.record - 2;
    s = {Role::entry, tables_.entry(entry), 0, f, tables_.identifier(entry, identifier_)};
    if (s.node == kMovedFolder) {
      s.folder = tables_.moved_folder();
    } else if (tables_.tree().is_directory(s.node)) {
      s.folder = tables_.folder_of(s.node);
      if (tables_.folder(s.folder).parent != f) s.role = Role::placeholder;
    }
  }
  if (s.node == kMovedFolder) {
    const Timestamp t = *tables_.input().profile.timestamp;
    s.attributes = {.modified = t, .accessed = t, .changed = t, .created = t, .permissions = 0755};
  } else {
    s.attributes = recorded_attributes(tables_.input(), s.node);
    s.type = tables_.tree().inode(s.node).type;
  }
  return s;
}

Lba IsoRecords::folder_at(std::uint32_t f) const {
  return at_ == nullptr ? Lba{} : at_->folders + tables_.folder(f).block;
}

void IsoRecords::locate(const Subject& s, std::uint32_t section, iso9660::DirectoryEntry& e) const {
  if (at_ == nullptr) return;
  if (s.is_folder()) {
    e.extent = folder_at(s.folder);
    e.data_length =
        checked<std::uint32_t>(std::uint64_t{tables_.record_blocks(s.folder)} * kBlockSize, "length of a folder");
    return;
  }
  const auto& inode = tables_.tree().inode(s.node);
  if (s.type != FileType::regular || inode.size == 0) {
    e.extent = at_->empty;
    return;
  }
  const auto before = std::uint64_t{section} * iso9660::kMaxSectionBytes;
  const bool last = section + 1 == tables_.sections(s.node);
  e.extent = at_->content->at[tables_.tree().inode_id(s.node).value] + blocks_for(before);
  e.data_length = last ? static_cast<std::uint32_t>(inode.size - before) : iso9660::kMaxSectionBytes;
}

void IsoRecords::build(std::uint32_t f, IsoTables::Checkpoint& place) {
  const Subject s = subject(f, place);
  const auto sections = s.role == Subject::Role::entry && s.type == FileType::regular ? tables_.sections(s.node) : 1;
  iso9660::DirectoryEntry e;
  locate(s, place.section, e);
  e.recorded = short_date(s.attributes.modified);
  e.identifier = std::as_bytes(std::span(s.identifier));
  e.volume_sequence_number = tables_.input().profile.volume_sequence_number;
  if (s.is_folder()) e.flags |= iso9660::file_flags::kDirectory;
  if (s.role == Subject::Role::entry && s.attributes.hidden) e.flags |= iso9660::file_flags::kHidden;
  if (place.section + 1 < sections) e.flags |= iso9660::file_flags::kMultiExtent;
  pieces_.clear();
  if (tables_.rockridge()) {
    put_system_use(s);
    e.system_use = share_out(f, iso9660::system_use_room(s.identifier.size()), place.continuation);
  }
  Sink out{std::span(record_)};
  encode(e, out);
  record_size_ = out.size();
  if (++place.section == sections) {
    place.section = 0;
    ++place.record;
  }
}

std::size_t IsoRecords::length_of_plain(std::uint32_t f, const IsoTables::Checkpoint& place) {
  constexpr std::size_t kOneNameEntry = 200;  // longer names may take two: RRIP 4.1.4
  if (place.record < 2) return 0;
  const auto at = tables_.folder(f).first_entry + place.record - 2;
  const NodeId n = tables_.entry(at);
  if (n == kMovedFolder || tables_.folder(f).node == kMovedFolder) return 0;
  const auto& inode = tables_.tree().inode(n);
  const auto name = tables_.tree().name(n).size();
  if (inode.type != FileType::regular || (inode.first_stream && tables_.has_attributes()) || tables_.sections(n) != 1 ||
      name > kOneNameEntry)
    return 0;
  const auto identifier = tables_.identifier_length(at);
  if (!tables_.rockridge()) return iso9660::record_length(identifier, 0);
  if (plain_use_ == 0) {
    put_system_use(subject(f, place));
    plain_use_ = use_size_ - name;
  }
  return plain_use_ + name <= iso9660::system_use_room(identifier)
             ? iso9660::record_length(identifier, plain_use_ + name)
             : 0;
}

void IsoRecords::put_system_use(const Subject& s) {
  using Role = Subject::Role;
  const auto& tree = tables_.tree();
  const bool target = s.type == FileType::symlink;
  const bool root_self = s.role == Role::self && s.lister == 0;
  const bool attributes = s.node != kMovedFolder && (s.role == Role::entry || root_self) && tables_.has_attributes() &&
                          tree.inode(s.node).first_stream;
  Sink measure;
  if (target) rr::put_symbolic_link(measure, tree.symlink_target(s.node));
  if (attributes) put_attributes(tree.inode(s.node), measure);
  if (const auto most = kMostFixedUse + measure.size(); use_.size() < most) use_.resize(most);
  Sink out{std::span(use_)};

  if (root_self) rr::put_sharing_protocol_indicator(out);
  const bool synthetic = s.node == kMovedFolder;
  rr::PosixAttributes px;
  px.mode = type_bits(s.type) | s.attributes.permissions;
  // Two names that a folder always has, and one in each folder below it.
  px.links =
      s.type != FileType::directory ? tree.inode(s.node).links : 2 + (synthetic ? 0 : tables_.subfolders(s.node));
  px.user = s.attributes.uid;
  px.group = s.attributes.gid;
  const bool v1_10 = tables_.input().profile.rock_ridge_version == kRockRidge110;
  if (!v1_10) px.serial = 1 + (synthetic ? tables_.index().inode_count() : tables_.index().rank(tree.inode_id(s.node)));
  rr::put_posix_attributes(out, px);
  const std::array stamps{short_date(s.attributes.modified), short_date(s.attributes.accessed),
                          short_date(s.attributes.changed)};
  rr::put_time_stamps(out, rr::time_flags::kModify | rr::time_flags::kAccess | rr::time_flags::kAttributes,
                      std::as_bytes(std::span(stamps)));
  // In front of the name, which may have to leave the record: libarchive looks at these before it reads continuation areas.
  if (s.role == Role::placeholder) rr::put_child_link(out, folder_at(s.folder));
  if (s.role == Role::parent && tables_.folder(s.folder).node == kMovedFolder)
    rr::put_parent_link(out, folder_at(tables_.folder_of(s.node)));
  // The folder of the moved ones is nothing that anybody asked for: hidden like its entries.
  if (synthetic ? s.role == Role::entry : tables_.folder(s.lister).node == kMovedFolder && s.role == Role::entry)
    rr::put_relocated(out);
  if (s.role == Role::entry || s.role == Role::placeholder)
    rr::put_alternate_name(out, synthetic ? tables_.moved_folder_name() : tree.name(s.node));
  if (target) rr::put_symbolic_link(out, tree.symlink_target(s.node));
  if (s.type == FileType::block_device || s.type == FileType::char_device) {
    const auto device = tree.device(s.node);
    rr::put_device_number(out, device.major, device.minor);
  }
  if (attributes) put_attributes(tree.inode(s.node), out);
  if (root_self)
    v1_10 ? rr::put_extensions_reference(out, rr::k110Identifier, rr::k110Descriptor, rr::k110Source)
          : rr::put_extensions_reference(out, rr::kExtensionIdentifier, rr::kExtensionDescriptor, rr::kExtensionSource);
  if (root_self && tables_.has_attributes())
    rr::put_extensions_reference(out, rr::kAttributeExtensionIdentifier, rr::kAttributeExtensionDescriptor,
                                 rr::kAttributeExtensionSource);
  use_size_ = out.size();
}

// Their values are read when there is somewhere to put them: to measure them, their sizes are enough.
void IsoRecords::put_attributes(const Inode& inode, Sink& out) const {
  const auto& tree = tables_.tree();
  const auto streams = tables_.attributes(inode);
  if (streams.empty()) return;
  std::vector<std::string> values;
  std::vector<rr::UserAttribute> attributes;
  values.reserve(streams.size());
  for (const auto s : streams) {
    auto& value = values.emplace_back(static_cast<std::size_t>(tree.stream_size(s)), '\0');
    if (at_ != nullptr && !out.counting() && !value.empty())
      tree.contents().read_at(tree.stream_content(s), 0, std::as_writable_bytes(std::span(value)));
    attributes.push_back({tree.stream_name(s), value});
  }
  rr::put_user_attributes(out, attributes);
}

// What fits the record stays there; the rest goes to the continuation area in pieces that each lie in one block.
std::span<const std::byte> IsoRecords::share_out(std::uint32_t f, std::size_t room, std::uint32_t& continuation) {
  auto rest = std::span<const std::byte>(use_).first(use_size_);
  if (rest.size() <= room) return rest;
  const auto take = [&](std::size_t bytes) {
    const auto taken = rest.first(whole_entries(rest, bytes));
    rest = rest.subspan(taken.size());
    return taken;
  };
  const Lba area_at = at_ == nullptr ? Lba{} : folder_at(f) + BlockCount{tables_.record_blocks(f)};
  // Reserves the next piece and returns the size of it, CE of the piece after it included.
  const auto announce = [&](Sink& out) {
    const auto size = rest.size() <= kBlockSize
                          ? rest.size()
                          : whole_entries(rest, kBlockSize - kContinuationEntry) + kContinuationEntry;
    std::uint64_t start = continuation;
    if (start % kBlockSize + size > kBlockSize) start += kBlockSize - start % kBlockSize;
    continuation = checked<std::uint32_t>(start + size, "continuation area of a folder");
    const auto offset = static_cast<std::uint32_t>(start);
    rr::put_continuation_area(out, area_at + BlockCount{offset / kBlockSize}, offset % kBlockSize,
                              static_cast<std::uint32_t>(size));
    pieces_.push_back({offset, {}});
    return size;
  };

  Sink record{std::span(inline_)};
  record.put(take(room - kContinuationEntry));
  auto size = announce(record);
  // Each piece but the last ends in a CE; there are fewer pieces than entries.
  if (const auto most = use_size_ + use_size_ / (kBlockSize - kMostFixedUse) * kContinuationEntry + kBlockSize;
      area_.size() < most)
    area_.resize(most);
  std::size_t used = 0;
  for (;;) {
    Sink piece{std::span(area_).subspan(used, size)};
    auto& current = pieces_.back();
    current.bytes = std::span<const std::byte>(area_).subspan(used, size);
    used += size;
    if (rest.size() <= size) {
      piece.put(rest);
      break;
    }
    piece.put(take(size - kContinuationEntry));
    size = announce(piece);
  }
  return std::span<const std::byte>(inline_).first(record.size());
}

iso9660::ShortDate IsoRecords::short_date(Timestamp t) {
  if (t != last_time_) {
    last_time_ = t;
    last_date_ = iso9660::to_short_date(t);
  }
  return last_date_;
}

}  // namespace fsimage
