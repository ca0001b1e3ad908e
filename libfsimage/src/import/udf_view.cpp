#include "udf_view.hpp"

#include "udf_icb.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <optional>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

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

// Entries of one folder from its file identifier descriptors, ECMA-167 4/14.4.
class UdfStream final : public DirectoryStream {
 public:
  UdfStream(Walk& walk, const UdfVolume& volume, std::vector<Piece> pieces, EntryOrder order)
      : walk_(walk), volume_(volume), bytes_(walk, std::move(pieces), order == EntryOrder::by_name, "ECMA-167 4/8.6") {
    if (order == EntryOrder::by_name) sort_by_name();
  }

  bool next(VolumeEntry& out) override {
    walk_.report.set_entry({});
    for (;;) {
      if (order_) {
        if (next_in_order_ == order_->size()) return false;
        position_ = order_->position(next_in_order_++);
      }
      if (!read_again(position_)) return false;
      if (hidden_) continue;
      out.clear();
      set_name(out);
      if (fill(out)) return true;
      walk_.report.set_entry({});
    }
  }

  const std::vector<Piece>& pieces() const override { return bytes_.pieces(); }

 private:
  void sort_by_name() {
    order_.emplace();
    for (std::uint64_t position = 0;;) {
      const auto start = position;
      if (!read_identifier(position)) break;
      if (hidden_) continue;
      make_valid_name(name_);
      order_->add(start, name_);
    }
    order_->sort();
  }

  // Sorting has said what there is to say of the identifiers.
  bool read_again(std::uint64_t& position) {
    std::optional<Muted> muted;
    if (order_) muted.emplace(walk_.report);
    return read_identifier(position);
  }

  Lba lba(std::uint64_t position) const { return lba_of(bytes_.source_offset(position)); }

  // The descriptor at `position`, which moves behind it, into fid_, name_ and hidden_. False at the end.
  bool read_identifier(std::uint64_t& position) {
    const auto rest = bytes_.size() - position;
    if (rest == 0) return false;
    fid_at_ = bytes_.source_offset(position);
    if (rest < sizeof fid_) {
      walk_.report.deviation(lba(position), "ECMA-167 4/14.4",
                             std::to_string(rest) + " bytes behind the last file identifier descriptor");
      return false;
    }
    fid_ = load<udf::FileIdentifierDescriptor>(bytes_.at(position, sizeof fid_));
    const auto use = fid_.implementation_use_length.value();
    const auto size = udf::fid_size(use, fid_.identifier_length);
    check_size(position, size, rest);
    const auto bytes = bytes_.at(position, size);
    if (const auto fault = udf::check_tag(bytes, TagIdentifier::file_identifier_descriptor)) {
      if (fault->kind != udf::TagFault::Kind::crc)
        damaged(lba(position), fault->clause, "file identifier descriptor: " + fault->text);
      walk_.report.deviation(lba(position), fault->clause, "file identifier descriptor: " + fault->text);
    }
    hidden_ = (fid_.characteristics & (udf::kFidDeleted | udf::kFidParent)) != 0;
    if (!hidden_) decode_name(bytes.subspan(sizeof fid_ + use, fid_.identifier_length));
    position += size;
    return true;
  }

  void check_size(std::uint64_t position, std::size_t size, std::uint64_t rest) const {
    // The tag first: a block of something else has no lengths to complain of.
    const auto tag = fid_.tag;
    if (const auto sum = udf::tag_checksum(tag); sum != tag.checksum)
      damaged(lba(position), "ECMA-167 3/7.2.3",
              "no file identifier descriptor: tag checksum " + std::to_string(tag.checksum) + ", computed " +
                  std::to_string(sum));
    if (size > rest)
      damaged(lba(position), "ECMA-167 4/14.4",
              "a file identifier descriptor of " + std::to_string(size) + " bytes leaves its folder");
    if (size > volume_.block_size)
      damaged(lba(position), "UDF 2.3.4", "a file identifier descriptor longer than a block");
  }

  void decode_name(std::span<const std::byte> identifier) {
    if (const auto text = udf::decode_cs0(identifier)) {
      name_ = to_utf8(*text);
      return;
    }
    walk_.report.deviation(lba_of(fid_at_), "UDF 2.1.1", "a file identifier that is no compressed unicode");
    std::u16string latin;
    for (const auto b : identifier) latin += static_cast<char16_t>(std::to_integer<unsigned>(b));
    name_ = to_utf8(latin);
  }

  void set_name(VolumeEntry& out) {
    if (!is_valid_name(name_)) {
      const auto before = name_;
      make_valid_name(name_);
      walk_.report.set_entry(name_);
      walk_.report.renamed(before, name_);
    }
    walk_.report.set_entry(name_);
    out.entry.name = name_;
  }

  bool fill(VolumeEntry& out) {
    const auto& address = fid_.icb.location;
    out.record_at = fid_at_;
    if (udf::extent_length(fid_.icb.length.value()) == 0) {
      walk_.report.dropped("a name without a file entry");
      return false;
    }
    out.directory = {.at = volume_.structure_offset(address.partition_reference.value(), address.block.value()),
                     .bytes = 0,
                     .block = address.block.value(),
                     .partition = address.partition_reference.value()};
    read_file_entry(walk_, volume_, out.directory, file_);
    const auto type = type_of(file_.type);
    if (!type) {
      walk_.report.dropped("a file of type " + std::to_string(static_cast<int>(file_.type)) +
                           ", which is not for users");
      return false;
    }
    if ((*type == FileType::directory) != ((fid_.characteristics & udf::kFidDirectory) != 0))
      walk_.report.deviation(lba_of(fid_at_), "ECMA-167 4/14.4.3",
                             "file identifier and file entry do not agree whether this is a folder");
    out.structures.push_back({EntryStructure::Kind::file_entry, file_.at, volume_.block_size});
    out.entry.type = *type;
    out.entry.attributes = file_.attributes;
    out.entry.attributes.hidden = (fid_.characteristics & udf::kFidHidden) != 0;
    if (*type != FileType::directory) {
      out.entry.links = std::max<std::uint32_t>(file_.links, 1);
      out.entry.identity[0] = file_.at;
    }
    return fill_by_type(out);
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
      walk_.report.dropped("a symbolic link whose content is no path");
      return false;
    }
    out.entry.target = std::move(*target);
    out.pieces = std::move(pieces);
    return true;
  }

  Walk& walk_;
  const UdfVolume& volume_;
  DirectoryBytes bytes_;
  std::optional<NameOrder> order_;
  std::size_t next_in_order_ = 0;
  std::uint64_t position_ = 0;
  // The descriptor at hand.
  udf::FileIdentifierDescriptor fid_{};
  std::uint64_t fid_at_ = 0;
  bool hidden_ = false;
  std::string name_;
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
    return {{EntryStructure::Kind::file_entry, root_.at, volume_.block_size}};
  }

  std::unique_ptr<DirectoryStream> open(const DirectoryRef& ref, EntryOrder order) override {
    UdfFile file;
    read_file_entry(walk_, volume_, ref, file);
    if (file.type != udf::IcbFileType::directory)
      damaged(lba_of(ref.at), "ECMA-167 4/14.6.6",
              "a file of type " + std::to_string(static_cast<int>(file.type)) + " where a folder belongs");
    std::vector<Piece> pieces;
    collect_pieces(walk_, volume_, file, true, pieces, nullptr);
    return std::make_unique<UdfStream>(walk_, volume_, std::move(pieces), order);
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
};

}  // namespace

std::unique_ptr<VolumeView> open_udf_view(Walk& walk, Lba session) {
  const auto anchor = find_anchor(walk.blocks, session);
  if (!anchor)
    throw Error(Errc::not_found, {.path = {}, .lba = session + BlockCount{256}, .clause = "ECMA-167 3/8.4.2.1"},
                "no anchor volume descriptor pointer");
  return std::make_unique<UdfView>(walk, read_udf_volume(walk, *anchor));
}

}  // namespace fsimage::volume
