#include "udf_view.hpp"

#include "udf_checks.hpp"
#include "udf_folder.hpp"
#include "udf_icb.hpp"
#include "udf_search.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace fsimage::volume {
namespace {

// A tree's symbolic links are no longer, and no system follows longer ones.
constexpr std::uint64_t kMaxSymlinkContent = 64 * 1024;

std::optional<FileType> type_of(udf::IcbFileType type) {
  switch (type) {
    case udf::IcbFileType::directory: return FileType::directory;
    case udf::IcbFileType::unspecified:
    case udf::IcbFileType::bytes:
    case udf::IcbFileType::real_time: return FileType::regular;
    case udf::IcbFileType::block_device: return FileType::block_device;
    case udf::IcbFileType::character_device: return FileType::char_device;
    case udf::IcbFileType::fifo: return FileType::fifo;
    case udf::IcbFileType::socket: return FileType::socket;
    case udf::IcbFileType::symbolic_link: return FileType::symlink;
    default: return std::nullopt;  // parts of the volume's own book-keeping
  }
}

// The named streams of a file or folder, ECMA-167 4/9.2. Who does not ask for them is told which there are.
class StreamReader {
 public:
  StreamReader(Walk& walk, const UdfVolume& volume) : walk_(walk), volume_(volume) {}

  static bool has_any(const UdfFile& file) { return udf::extent_length(file.streams.length.value()) != 0; }

  void report(const UdfFile& file) {
    guarded(file, [&] {
      DroppedNames names("named stream");
      visit(file, nullptr, [&](const UdfName& name) { names.add(name.name); });
      names.tell(walk_.report);
    });
  }

  // Where they lie.
  NamedStreams find(const UdfFile& file) {
    NamedStreams out;
    std::unordered_set<std::string> seen;
    guarded(file, [&] {
      visit(file, &out, [&](const UdfName& name) {
        if (name.name.empty() || name.name.find('\0') != std::string::npos || !seen.insert(name.name).second)
          return walk_.report.dropped(lba_of(name.at), "UDF 2.3.4.6",
                                      "a named stream without a name of its own: " + printable(name.name));
        NamedStreams::Stream stream{name.name, {}, {}};
        try {
          UdfFile entry;
          read_stream_entry(place_of(name.fid.icb), entry, stream.structures);
          collect_pieces(walk_, volume_, entry, true, stream.pieces, &stream.structures);
        } catch (const Error& e) {
          if (walk_.report.survives(e)) return walk_.report.lost(e);
          if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
          return walk_.report.dropped(e.where().lba.value_or(lba_of(name.at)), e.where().clause,
                                      "the named stream " + printable(name.name) + ": " + e.message());
        }
        out.streams.push_back(std::move(stream));
      });
    });
    return out;
  }

  std::vector<ExtendedAttribute> read(const UdfFile& file) {
    constexpr std::size_t kMost = 1024, kMostBytes = std::size_t{1} << 20;  // more than any file system keeps
    std::vector<ExtendedAttribute> out;
    std::size_t held = 0;
    visit(file, nullptr, [&](const UdfName& name) {
      if (out.size() == kMost) damaged(lba_of(name.at), "ECMA-167 4/9.2", "more named streams than can be read");
      try {
        out.push_back(read_one(name, kMostBytes - held));
        held += out.back().value.size();
      } catch (const Error& e) {
        if (!walk_.report.survives(e)) throw;
        walk_.report.lost(e);
      }
    });
    return out;
  }

 private:
  DirectoryRef place_of(const udf::LongAllocationDescriptor& icb) const {
    const auto& address = icb.location;
    return {.at = volume_.structure_offset(address.partition_reference.value(), address.block.value()),
            .bytes = 0,
            .block = address.block.value(),
            .partition = address.partition_reference.value()};
  }

  // A stream directory that is damaged is told.
  template <class Work>
  void guarded(const UdfFile& file, Work work) {
    try {
      work();
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      walk_.report.deviation(e.where().lba.value_or(lba_of(file.at)), e.where().clause,
                             "stream directory: " + e.message());
      walk_.report.dropped("named streams that cannot be read");
    }
  }

  void read_stream_entry(const DirectoryRef& icb, UdfFile& out, std::vector<EntryStructure>& structures) {
    read_file_entry(walk_, volume_, icb, out);
    for (const auto at : out.chain) structures.push_back({EntryStructure::Kind::file_entry, at, volume_.block_size});
    structures.push_back({EntryStructure::Kind::file_entry, out.at, volume_.block_size});
  }

  template <class Fn>
  void visit(const UdfFile& file, NamedStreams* out, Fn fn) {
    if (!has_any(file)) return;
    UdfFile directory;
    std::vector<EntryStructure> structures;
    read_stream_entry(place_of(file.streams), directory, structures);
    if (directory.type != udf::IcbFileType::stream_directory)
      damaged(
          lba_of(directory.at), "ECMA-167 4/9.2",
          "a file of type " + std::to_string(static_cast<int>(directory.type)) + " where a stream directory belongs");
    UdfFolder folder(walk_, volume_, directory, false);
    if (out != nullptr) {
      out->structures = std::move(structures);
      out->pieces = folder.pieces();
    }
    std::uint64_t position = 0;
    for (UdfName name; folder.read(position, name);) {
      if (!name.shown) continue;
      walk_.budget.charge_entry();
      fn(name);
    }
  }

  ExtendedAttribute read_one(const UdfName& name, std::size_t room) {
    UdfFile stream;
    read_file_entry(walk_, volume_, place_of(name.fid.icb), stream);
    ExtendedAttribute out{"user." + name.name, {}, stream.size};
    if (stream.size > std::min<std::size_t>(walk_.budget.limits().attribute_bytes, room)) return out;
    out.value = fsimage::text_of(read_content(walk_, volume_, stream, "ECMA-167 4/9.2", nullptr));
    return out;
  }

  Walk& walk_;
  const UdfVolume& volume_;
};

void report_losses(Walk& walk, const UdfVolume& volume, const UdfFile& file) {
  for (const auto& name : file.lost_attributes) walk.report.dropped("the extended attribute " + name);
  if (!walk.streams_wanted) StreamReader(walk, volume).report(file);
}

std::vector<LostRange>* losses_of(const Walk& walk, std::vector<LostRange>& losses) {
  return walk.report.is_salvage() ? &losses : nullptr;
}

// Tells what of the content is lost. When that is all of it, who asks for it will hear that.
void settle_losses(Walk& walk, const std::vector<LostRange>& losses, VolumeEntry& out) {
  if (losses.empty()) return;
  if (losses.front().length < total_length(out.pieces)) return walk.report.lost(losses);
  const Error& e = losses.front().why;
  walk.report.deviation(e.where().lba.value_or(Lba{}), e.where().clause, e.message());
  out.refuse(Errc::corrupt_structure, e.message(), e.where().clause);
}

// Whether files share a unique id, UDF 3.2.1.1. Looked for only where that is an error.
class UniqueIds {
 public:
  void check(const Report& report, const UdfFile& file) {
    if (!report.is_strict()) return;
    const auto [place, fresh] = seen_.try_emplace(file.unique_id, file.at);
    if (!fresh && place->second != file.at)
      report.deviation(lba_of(file.at), "UDF 3.2.1.1",
                       "unique id " + std::to_string(file.unique_id) + ", which the file entry at block " +
                           std::to_string(lba_of(place->second).value) + " has");
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> seen_;
};

// Entries of one folder. In salvage those that cannot be read are told and passed over.
class UdfStream final : public DirectoryStream {
 public:
  UdfStream(Walk& walk, const UdfVolume& volume, UniqueIds& ids, std::unique_ptr<UdfNames> names, EntryOrder order)
      : walk_(walk), volume_(volume), ids_(ids), names_(std::move(names)) {
    if (order == EntryOrder::by_name) sort_by_name();
  }

  bool next(VolumeEntry& out) override {
    for (;;) {
      walk_.report.set_entry({});
      if (order_) {
        if (next_in_order_ == order_->size()) return false;
        position_ = order_->position(next_in_order_++);
      }
      if (!read_again(position_)) return false;
      if (!name_.shown) continue;
      out.clear();
      set_name(out);
      try {
        if (fill(out)) return true;
      } catch (const Error& e) {
        if (!walk_.report.survives(e)) throw;
        walk_.report.lost(e);
      }
    }
  }

  const std::vector<Piece>& pieces() const override { return names_->pieces(); }

 private:
  void sort_by_name() {
    order_.emplace();
    walk_.report.set_entry({});
    for (std::uint64_t position = 0;;) {
      if (!names_->read(position, name_)) break;
      if (!name_.shown) continue;
      make_valid_name(name_.name);
      order_->add(position - udf::fid_size(name_.fid.implementation_use_length.value(), name_.fid.identifier_length),
                  name_.name);
    }
    order_->sort();
  }

  // Sorting has said what there is to say of the identifiers.
  bool read_again(std::uint64_t& position) {
    std::optional<Muted> muted;
    if (order_) muted.emplace(walk_.report);
    return names_->read(position, name_);
  }

  void set_name(VolumeEntry& out) {
    auto& name = name_.name;
    if (!is_valid_name(name)) {
      const auto before = name;
      make_valid_name(name);
      walk_.report.set_entry(name);
      walk_.report.renamed(before, name, lba_of(name_.at), "UDF 4.2.2.1");
    }
    walk_.report.set_entry(name);
    out.entry.name = name;
  }

  bool fill(VolumeEntry& out) {
    const auto& address = name_.fid.icb.location;
    out.record_at = name_.at;
    if (udf::extent_length(name_.fid.icb.length.value()) == 0) {
      walk_.report.dropped(lba_of(name_.at), "ECMA-167 4/14.4.5", "a name without a file entry");
      return false;
    }
    out.directory = {.at = volume_.structure_offset(address.partition_reference.value(), address.block.value()),
                     .bytes = udf::extent_length(name_.fid.icb.length.value()),
                     .block = address.block.value(),
                     .partition = address.partition_reference.value()};
    read_file_entry(walk_, volume_, out.directory, file_);
    const auto type = type_of(file_.type);
    if (!type) {
      walk_.report.dropped(
          lba_of(file_.at), "ECMA-167 4/14.6.6",
          "a file of type " + std::to_string(static_cast<int>(file_.type)) + ", which is not for users");
      return false;
    }
    if ((*type == FileType::directory) != ((name_.fid.characteristics & udf::kFidDirectory) != 0))
      walk_.report.deviation(lba_of(name_.at), "ECMA-167 4/14.4.3",
                             "file identifier and file entry do not agree whether this is a folder");
    check_unique_id();
    read_attribute_file(walk_, volume_, file_);
    report_losses(walk_, volume_, file_);
    if (StreamReader::has_any(file_)) out.xattrs = out.directory;
    for (const auto at : file_.chain)
      out.structures.push_back({EntryStructure::Kind::file_entry, at, volume_.block_size});
    out.structures.push_back({EntryStructure::Kind::file_entry, file_.at, volume_.block_size});
    out.entry.type = *type;
    out.entry.real_time = file_.type == udf::IcbFileType::real_time;
    out.entry.attributes = file_.attributes;
    out.entry.attributes.hidden = (name_.fid.characteristics & udf::kFidHidden) != 0;
    if (*type != FileType::directory) {
      out.entry.links = std::max<std::uint32_t>(file_.links, 1);
      out.entry.identity[0] = file_.at;
    }
    return fill_by_type(out);
  }

  // UDF 2.3.4.3, from revision 2.00 on. Further names of a file have ids of their own.
  void check_unique_id() {
    const auto low = static_cast<std::uint32_t>(file_.unique_id);
    const bool one_name = file_.links <= 1 || file_.type == udf::IcbFileType::directory;
    if (one_name && volume_.revision >= static_cast<std::uint16_t>(udf::Revision::v2_00) &&
        name_.fid.icb.unique_id.value() != low)
      walk_.report.deviation(lba_of(name_.at), "UDF 2.3.4.3",
                             "file identifier and file entry have different unique ids, " +
                                 std::to_string(name_.fid.icb.unique_id.value()) + " and " + std::to_string(low));
    ids_.check(walk_.report, file_);
  }

  bool fill_by_type(VolumeEntry& out) {
    switch (out.entry.type) {
      case FileType::regular:
        out.entry.size = file_.size;
        find_content(out);
        return true;
      case FileType::symlink: return read_target(out);
      case FileType::block_device:
      case FileType::char_device:
        if (!file_.device) walk_.report.deviation(lba_of(file_.at), "UDF 3.3.4.4", "a device without a number");
        out.entry.device = file_.device.value_or(DeviceNumber{});
        return true;
      default: return true;
    }
  }

  void find_content(VolumeEntry& out) {
    try {
      std::vector<LostRange> losses;
      out.incomplete =
          !collect_pieces(walk_, volume_, file_, false, out.pieces, nullptr, nullptr, losses_of(walk_, losses));
      if (!out.incomplete) settle_losses(walk_, losses, out);
    } catch (const Error& e) {
      if (e.code() == Errc::unsupported) throw;
      walk_.report.deviation(e.where().lba.value_or(lba_of(file_.at)), e.where().clause, e.message());
      out.refuse(Errc::corrupt_structure, e.message(), e.where().clause);
    }
  }

  bool read_target(VolumeEntry& out) {
    if (file_.size > kMaxSymlinkContent)
      damaged(lba_of(file_.at), "ECMA-167 4/14.16", "a symbolic link of " + std::to_string(file_.size) + " bytes");
    auto target =
        udf::decode_symlink(read_content(walk_, volume_, file_, "ECMA-167 4/14.16", &out.structures, &out.pieces));
    if (!target || target->empty()) {
      walk_.report.dropped(lba_of(file_.at), "ECMA-167 4/14.16", "a symbolic link whose content is no path");
      return false;
    }
    out.entry.target = std::move(*target);
    return true;
  }

  Walk& walk_;
  const UdfVolume& volume_;
  UniqueIds& ids_;
  std::unique_ptr<UdfNames> names_;
  std::optional<NameOrder> order_;
  std::size_t next_in_order_ = 0;
  std::uint64_t position_ = 0;
  UdfName name_;  // at hand
  UdfFile file_;
};

class UdfView final : public VolumeView {
 public:
  UdfView(Walk& walk, UdfVolume volume) : walk_(walk), volume_(std::move(volume)) { find_root(); }

  View view() const override { return View::udf; }
  std::uint32_t block_size() const override { return volume_.block_size; }
  DirectoryRef root() override { return root_; }

  Attributes root_attributes() override {
    UdfFile file;
    if (orphans_) return {.permissions = 0755};
    const Muted muted(walk_.report);  // opening it will say it
    read_file_entry(walk_, volume_, root_, file);
    return file.attributes;
  }

  std::optional<DirectoryRef> root_xattrs() override {
    return orphans_ ? std::nullopt : std::optional<DirectoryRef>(root_);
  }
  std::vector<ExtendedAttribute> xattrs(const DirectoryRef& icb) override {
    return StreamReader(walk_, volume_).read(entry_at(icb));
  }
  NamedStreams streams(const DirectoryRef& icb) override { return StreamReader(walk_, volume_).find(entry_at(icb)); }

  std::vector<EntryStructure> root_structures() override {
    if (orphans_) return {};
    UdfFile file;
    const Muted muted(walk_.report);
    read_file_entry(walk_, volume_, root_, file);
    std::vector<EntryStructure> out;
    for (const auto at : file.chain) out.push_back({EntryStructure::Kind::file_entry, at, volume_.block_size});
    out.push_back({EntryStructure::Kind::file_entry, file.at, volume_.block_size});
    return out;
  }

  std::unique_ptr<DirectoryStream> open(const DirectoryRef& ref, EntryOrder order) override {
    if (ref.at == kNowhere)
      return std::make_unique<UdfStream>(walk_, volume_, ids_, std::make_unique<UdfFound>(*orphans_), order);
    UdfFile file;
    read_folder_entry(ref, file);
    if (ref.at == root_.at) {  // of others their entry in a folder says it
      ids_.check(walk_.report, file);
      report_losses(walk_, volume_, file);
    }
    auto names = std::make_unique<UdfFolder>(walk_, volume_, file, order == EntryOrder::by_name);
    return std::make_unique<UdfStream>(walk_, volume_, ids_, std::move(names), order);
  }

  void complete(VolumeEntry& entry) override {
    if (!entry.incomplete || entry.is_refused()) return;
    entry.incomplete = false;
    entry.pieces.clear();
    try {
      std::vector<LostRange> losses;
      {
        const Muted muted(walk_.report);
        UdfFile file;
        read_file_entry(walk_, volume_, entry.directory, file);
        collect_pieces(walk_, volume_, file, true, entry.pieces, &entry.structures, nullptr, losses_of(walk_, losses));
      }
      settle_losses(walk_, losses, entry);
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure) throw;
      entry.refuse(Errc::corrupt_structure, e.message(), e.where().clause);
    }
  }

 private:
  static constexpr std::uint64_t kNowhere = UINT64_MAX - 1;  // a root that no block holds

  // What there is to say of the file entry, the walk has said.
  UdfFile entry_at(const DirectoryRef& icb) {
    const Muted muted(walk_.report);
    UdfFile file;
    read_file_entry(walk_, volume_, icb, file);
    return file;
  }

  void read_folder_entry(const DirectoryRef& ref, UdfFile& file) {
    read_file_entry(walk_, volume_, ref, file);
    if (file.type != udf::IcbFileType::directory)
      damaged(lba_of(ref.at), "ECMA-167 4/14.6.6",
              "a file of type " + std::to_string(static_cast<int>(file.type)) + " where a folder belongs");
  }

  // In salvage, a search takes the place of a file set or a root that is no more.
  void find_root() {
    bool known = false;
    try {
      root_ = read_file_set(walk_, volume_).root;
      if (!walk_.report.is_salvage()) return;
      known = true;
      const Muted muted(walk_.report);
      UdfFile file;
      read_folder_entry(root_, file);
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
      walk_.report.lost(e);
      auto found = search_file_entries(walk_, volume_);
      if (found.root && !known) {
        root_ = *found.root;
        return;
      }
      root_ = {.at = kNowhere};  // another root that is found is one that once was
      orphans_ = std::move(found.orphans);
    }
  }

  Walk& walk_;
  UdfVolume volume_;
  DirectoryRef root_;
  std::optional<std::vector<UdfName>> orphans_;  // in the root's place
  UniqueIds ids_;
};

}  // namespace

std::unique_ptr<VolumeView> open_udf_view(Walk& walk, Lba session) {
  const auto anchor = find_anchor(walk.blocks, session);
  if (!anchor)
    throw Error(Errc::not_found, {.path = {}, .lba = session + BlockCount{256}, .clause = "ECMA-167 3/8.4.2.1"},
                "no anchor volume descriptor pointer");
  auto volume = read_udf_volume(walk, *anchor);
  check_volume(walk, volume, session);
  return std::make_unique<UdfView>(walk, std::move(volume));
}

}  // namespace fsimage::volume
