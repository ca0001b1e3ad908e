#include "udf_view.hpp"

#include "udf_checks.hpp"
#include "udf_folder.hpp"
#include "udf_icb.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>

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

// The named streams of a file or folder, ECMA-167 4/9.2: no tree holds them, so that it is said which there are.
class NamedStreams {
 public:
  NamedStreams(Walk& walk, const UdfVolume& volume) : walk_(walk), volume_(volume) {}

  void report(const UdfFile& file) {
    if (udf::extent_length(file.streams.length.value()) == 0) return;
    try {
      list(file.streams);
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      walk_.report.deviation(e.where().lba.value_or(lba_of(file.at)), e.where().clause,
                             "stream directory: " + e.message());
      walk_.report.dropped("named streams that cannot be read");
    }
  }

 private:
  void list(const udf::LongAllocationDescriptor& icb) {
    const auto& address = icb.location;
    UdfFile directory;
    read_file_entry(walk_, volume_,
                    {.at = volume_.structure_offset(address.partition_reference.value(), address.block.value()),
                     .bytes = 0,
                     .block = address.block.value(),
                     .partition = address.partition_reference.value()},
                    directory);
    if (directory.type != udf::IcbFileType::stream_directory)
      damaged(
          lba_of(directory.at), "ECMA-167 4/9.2",
          "a file of type " + std::to_string(static_cast<int>(directory.type)) + " where a stream directory belongs");
    UdfFolder folder(walk_, volume_, directory, false);
    std::string names;
    std::uint64_t count = 0, position = 0;
    for (UdfName name; folder.read(position, name);) {
      if (!name.shown) continue;
      walk_.budget.charge_entry();
      if (++count <= kMostNames) names += (count == 1 ? ": " : ", ") + printable(name.name);
    }
    if (count == 0) return;
    if (count > kMostNames) names += " and others";
    walk_.report.dropped(std::to_string(count) + (count == 1 ? " named stream" : " named streams") + names);
  }

  static constexpr std::uint64_t kMostNames = 16;
  Walk& walk_;
  const UdfVolume& volume_;
};

void report_losses(Walk& walk, const UdfVolume& volume, const UdfFile& file) {
  for (const auto& name : file.lost_attributes) walk.report.dropped("the extended attribute " + name);
  NamedStreams(walk, volume).report(file);
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
  UdfStream(Walk& walk, const UdfVolume& volume, UniqueIds& ids, const UdfFile& folder, EntryOrder order)
      : walk_(walk), volume_(volume), ids_(ids), folder_(walk, volume, folder, order == EntryOrder::by_name) {
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

  const std::vector<Piece>& pieces() const override { return folder_.pieces(); }

 private:
  void sort_by_name() {
    order_.emplace();
    walk_.report.set_entry({});
    for (std::uint64_t position = 0;;) {
      if (!folder_.read(position, name_)) break;
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
    return folder_.read(position, name_);
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
    for (const auto at : file_.chain)
      out.structures.push_back({EntryStructure::Kind::file_entry, at, volume_.block_size});
    out.structures.push_back({EntryStructure::Kind::file_entry, file_.at, volume_.block_size});
    out.entry.type = *type;
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
      out.incomplete = !collect_pieces(walk_, volume_, file_, false, out.pieces, nullptr);
    } catch (const Error& e) {
      if (e.code() == Errc::unsupported) throw;
      walk_.report.deviation(e.where().lba.value_or(lba_of(file_.at)), e.where().clause, e.message());
      out.refuse(Errc::corrupt_structure, e.message(), e.where().clause);
    }
  }

  bool read_target(VolumeEntry& out) {
    std::vector<Piece> pieces;
    if (file_.size > kMaxSymlinkContent)
      damaged(lba_of(file_.at), "ECMA-167 4/14.16", "a symbolic link of " + std::to_string(file_.size) + " bytes");
    collect_pieces(walk_, volume_, file_, true, pieces, &out.structures);
    walk_.budget.charge_metadata(file_.size, lba_of(file_.at));
    std::vector<std::byte> content(static_cast<std::size_t>(file_.size));
    std::span<std::byte> rest = content;
    for (const Piece& p : pieces) {
      const auto n = static_cast<std::size_t>(p.length);
      if (!p.hole()) walk_.blocks.read(p.at, rest.first(n), "ECMA-167 4/14.16");
      rest = rest.subspan(n);
    }
    auto target = udf::decode_symlink(content);
    if (!target || target->empty()) {
      walk_.report.dropped(lba_of(file_.at), "ECMA-167 4/14.16", "a symbolic link whose content is no path");
      return false;
    }
    out.entry.target = std::move(*target);
    out.pieces = std::move(pieces);
    return true;
  }

  Walk& walk_;
  const UdfVolume& volume_;
  UniqueIds& ids_;
  UdfFolder folder_;
  std::optional<NameOrder> order_;
  std::size_t next_in_order_ = 0;
  std::uint64_t position_ = 0;
  UdfName name_;  // at hand
  UdfFile file_;
};

class UdfView final : public VolumeView {
 public:
  UdfView(Walk& walk, UdfVolume volume)
      : walk_(walk), volume_(std::move(volume)), root_(read_file_set(walk, volume_).root) {}

  View view() const override { return View::udf; }
  std::uint32_t block_size() const override { return volume_.block_size; }
  DirectoryRef root() override { return root_; }

  Attributes root_attributes() override {
    UdfFile file;
    const Muted muted(walk_.report);  // opening it will say it
    read_file_entry(walk_, volume_, root_, file);
    return file.attributes;
  }

  std::vector<EntryStructure> root_structures() override {
    UdfFile file;
    const Muted muted(walk_.report);
    read_file_entry(walk_, volume_, root_, file);
    std::vector<EntryStructure> out;
    for (const auto at : file.chain) out.push_back({EntryStructure::Kind::file_entry, at, volume_.block_size});
    out.push_back({EntryStructure::Kind::file_entry, file.at, volume_.block_size});
    return out;
  }

  std::unique_ptr<DirectoryStream> open(const DirectoryRef& ref, EntryOrder order) override {
    UdfFile file;
    read_file_entry(walk_, volume_, ref, file);
    if (file.type != udf::IcbFileType::directory)
      damaged(lba_of(ref.at), "ECMA-167 4/14.6.6",
              "a file of type " + std::to_string(static_cast<int>(file.type)) + " where a folder belongs");
    if (ref.at == root_.at) {  // of others their entry in a folder says it
      ids_.check(walk_.report, file);
      report_losses(walk_, volume_, file);
    }
    return std::make_unique<UdfStream>(walk_, volume_, ids_, file, order);
  }

  void complete(VolumeEntry& entry) override {
    if (!entry.incomplete || entry.is_refused()) return;
    entry.incomplete = false;
    entry.pieces.clear();
    try {
      UdfFile file;
      const Muted muted(walk_.report);
      read_file_entry(walk_, volume_, entry.directory, file);
      collect_pieces(walk_, volume_, file, true, entry.pieces, &entry.structures);
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure) throw;
      entry.refuse(Errc::corrupt_structure, e.message(), e.where().clause);
    }
  }

 private:
  Walk& walk_;
  UdfVolume volume_;
  DirectoryRef root_;
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
