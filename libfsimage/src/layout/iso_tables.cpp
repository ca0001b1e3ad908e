#include "iso_tables.hpp"

#include "iso_records.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/layout/item_rules.hpp>

#include <algorithm>

namespace fsimage {
namespace {

// Length of what letter_by_letter() gives for a name of that kind.
std::size_t letters_of(std::string_view name, View view) {
  return view == View::enhanced ? name.size() : view == View::joliet ? name.size() * 2 : name.size() + 2;
}

constexpr unsigned kFewestJolietUnits = 16;
constexpr std::uint32_t kMovedDepth = 3;  // below the root and RR_MOVED

// What most files' identifiers are, and so need not be kept a million times: in Joliet the name in units of two bytes, in
// ISO 9660 its letters in capitals, '_' for what is no d-character, and a version; in ISO 9660:1999 the name. Empty when the
// name is not of that kind.
std::string_view letter_by_letter(std::string_view name, View view, IdentifierBuffer& buffer) {
  if (view == View::enhanced) return name;
  const bool joliet = view == View::joliet;
  const auto length = letters_of(name, view);
  if (length > buffer.size() || !is_ascii(name)) return {};
  if (joliet) {
    for (std::size_t i = 0; i < name.size(); ++i) {
      buffer[2 * i] = '\0';
      buffer[2 * i + 1] = name[i];
    }
    return {buffer.data(), length};
  }
  for (std::size_t i = 0; i < name.size(); ++i) buffer[i] = iso9660::d_character(name[i]);
  if (const auto dot = name.rfind('.'); dot != name.npos) buffer[dot] = '.';
  buffer[name.size()] = ';';
  buffer[name.size() + 1] = '1';
  return {buffer.data(), length};
}

}  // namespace

IsoTables::IsoTables(PlanInput input, View view) : input_(std::move(input)), scheme_(scheme_of(input_.profile, view)) {
  check_profile();
  leave_out();
  move_deep_folders();
  list_folders();
  check_parents();
  for (std::uint32_t rank = 0; rank < index().inode_count() && tree().stream_count() != 0 && !has_attributes_; ++rank)
    has_attributes_ = !attributes(tree().inode(index().inode(rank))).empty();
  measure_folders();
  measure_path_table();
}

void IsoTables::check_profile() const {
  const auto refuse = [](std::string_view what) { throw Error(Errc::invalid_argument, {}, what); };
  const auto& p = input_.profile;
  if (!p.timestamp) throw std::logic_error("profile without a timestamp");
  if (p.interchange_level < 1 || p.interchange_level > 3) refuse("interchange level is 1, 2 or 3");
  if (p.joliet_name_units < kFewestJolietUnits || p.joliet_name_units > joliet::kMaxUnits)
    refuse("Joliet names have 16 to 103 characters");
  if (p.deep_folders == DeepFolders::relocate && !p.file_systems.rockridge)
    refuse("folders are moved for Rock Ridge only");
}

void IsoTables::leave_out() {
  const auto mark = [&](NodeId n) {
    left_out_.resize(tree().node_count());
    left_out_[n.value] = true;
  };
  for (const auto& each : input_.profile.left_out) {
    if (each.view != tree_view()) continue;
    const auto n = tree().find(each.path);
    if (!n || *n == kRootNode) throw Error(Errc::not_found, {.path = each.path}, "no entry that could be left out");
    mark(*n);
  }
  for (std::uint32_t d = 1; d < index().directory_count(); ++d)
    if (left_out(index().directory(d)))
      for (const NodeId n : index().entries(d)) mark(n);
}

// ECMA-119 6.8.2.1. A folder below the eighth level moves up with all that it holds, which may move again.
void IsoTables::move_deep_folders() {
  const auto treatment = input_.profile.deep_folders;
  if (!primary() || (treatment == DeepFolders::keep && !input_.profile.strict_file_system_compliance)) return;
  std::vector<std::uint32_t> depths(index().directory_count(), 1);
  for (std::uint32_t d = 1; d < index().directory_count(); ++d) {
    depths[d] = depths[index().parent_number(d)] + 1;
    if (depths[d] <= kMaxDepth || left_out(index().directory(d))) continue;
    check(index().directory(d), depths[d]);
    depths[d] = kMovedDepth;
    moved_.push_back(d);
  }
  if (moved_.empty()) return;
  moved_folder_name_ = unused_root_name();
  // Not relaxed, and its own whatever else is there: some readers know the folder by RR_MOVED.
  moved_folder_identifier_ =
      iso9660::map_name(input_.profile.moved_folder, true, {input_.profile.interchange_level}).identifier;
}

// The number only keeps two entries apart.
std::string IsoTables::unused_root_name() const {
  const auto& wanted = input_.profile.moved_folder;
  std::string name = wanted;
  for (unsigned n = 1; tree().child(kRootNode, name); ++n) name = wanted + "_" + std::to_string(n);
  return name;
}

// Linux gives up an entry with more than 32 continuation areas, each of which holds some 1,700 bytes of attributes.
std::vector<StreamId> IsoTables::attributes(const Inode& inode) const {
  constexpr std::uint64_t kMostBytes = 40 * 1024, kPerRecord = 2 * sizeof(rockridge::ComponentRecord) + 1;
  std::vector<StreamId> out;
  std::uint64_t bytes = 0;
  for (auto s = inode.first_stream; s && rockridge(); s = tree().next_stream(s)) {
    const auto name = tree().stream_name(s).size();
    const auto more = name + kPerRecord + tree().stream_size(s);
    if (name > rockridge::UserAttribute::kMaxName || bytes + more > kMostBytes) continue;
    if (out.size() == rockridge::AttributeCollector::kMaxCount) break;
    bytes += more;
    out.push_back(s);
  }
  return out;
}

bool IsoTables::has_form(NodeId n) const {
  const auto type = tree().inode(n).type;
  if (left_out(n)) return false;
  return rockridge() || type == FileType::regular || type == FileType::directory;
}

bool IsoTables::keeps_times(NodeId n) const {
  const auto a = recorded_attributes(input_, n);
  const auto fits = [](Timestamp t) { return iso9660::fits_short_date(t); };
  return fits(a.modified) && (!rockridge() || (fits(a.accessed) && fits(a.changed)));
}

void IsoTables::gather(std::uint32_t f, std::vector<NamedEntry>& names, std::vector<NodeId>& nodes) const {
  names.clear();
  nodes.clear();
  const auto add = [&](NodeId n, std::string_view name, bool directory) {
    nodes.push_back(n);
    names.push_back({name, directory});
  };
  if (folders_[f].node == kMovedFolder) {
    // Same order as anywhere: by name, then by where they come from.
    auto moved = moved_;
    std::stable_sort(moved.begin(), moved.end(), [&](std::uint32_t a, std::uint32_t b) {
      return tree().name(index().directory(a)) < tree().name(index().directory(b));
    });
    for (const auto d : moved) add(index().directory(d), tree().name(index().directory(d)), true);
    return;
  }
  if (f == 0 && !moved_.empty()) add(kMovedFolder, moved_folder_identifier_, true);
  for (const NodeId n : index().entries(index().directory_number(folders_[f].node))) {
    if (!has_form(n)) continue;
    const bool directory = tree().is_directory(n);
    const bool placeholder = directory && std::binary_search(moved_.begin(), moved_.end(), index().directory_number(n));
    if (!directory) check(n);
    add(n, tree().name(n), directory && !placeholder);
  }
}

// Breadth first, each folder's entries in record order: that is the order of path tables, ECMA-119 6.9.1.
void IsoTables::list_folders() {
  folder_of_.resize(index().directory_count());
  subfolders_.resize(index().directory_count());
  for (std::uint32_t d = 1; d < index().directory_count(); ++d)
    if (!left_out(index().directory(d))) ++subfolders_[index().parent_number(d)];
  entries_.reserve(index().entry_count());
  identifier_at_.reserve(index().entry_count());
  identifier_length_.reserve(index().entry_count());
  changes_name_.reserve(index().entry_count());

  FolderNames planned(scheme_);
  const auto* disc = input_.continuation ? input_.continuation->names.get() : nullptr;
  std::vector<NamedEntry> names;
  std::vector<NodeId> nodes;
  IdentifierBuffer buffer;
  folders_.push_back({.node = kRootNode});
  for (std::uint32_t f = 0; f < folders_.size(); ++f) {
    if (folders_[f].node == kMovedFolder) {
      moved_folder_ = f;
    } else {
      folder_of_[index().directory_number(folders_[f].node)] = f;
    }
    folders_[f].first_entry = static_cast<std::uint32_t>(entries_.size());
    gather(f, names, nodes);
    const bool of_tree = disc != nullptr && folders_[f].node != kMovedFolder;
    planned.plan(names, of_tree ? disc : nullptr, of_tree ? path_number(tree().path(folders_[f].node)) : PathNumber{});
    for (std::size_t place = 0; place < nodes.size(); ++place) {
      const auto number = planned.order()[place];
      const auto identifier = planned.identifier(place);
      const auto entry = checked<std::uint32_t>(entries_.size(), "number of entries");
      entries_.push_back(nodes[number].value);
      changes_name_.push_back(!planned.keeps_name(place));
      const bool follows = !names[number].directory && nodes[number] != kMovedFolder &&
                           letter_by_letter(names[number].name, tree_view(), buffer) == identifier;
      identifier_at_.push_back(follows ? 0 : identifiers_.add(identifier));
      identifier_length_.push_back(follows ? std::uint8_t{0} : static_cast<std::uint8_t>(identifier.size()));
      if (names[number].directory) folders_.push_back({.node = nodes[number], .parent = f, .entry = entry});
    }
  }
  folders_.push_back({.node = kRootNode, .first_entry = static_cast<std::uint32_t>(entries_.size())});
}

// Whatever the name: that is restricted, if at all, when the entry is added.
void IsoTables::check(NodeId n, std::uint32_t level) const {
  const auto& inode = tree().inode(n);
  if (const auto error = obstacle(input_.profile, {{}, inode.type, inode.size, level}))
    throw error->with_path(tree().path(n));
}

std::uint32_t IsoTables::sections(NodeId n) const {
  const auto& inode = tree().inode(n);
  if (inode.type != FileType::regular || inode.size <= iso9660::kMaxSectionBytes) return 1;
  // Below level 3 one section may have its last byte anywhere.
  if (input_.profile.interchange_level < 3 && inode.size <= std::numeric_limits<std::uint32_t>::max()) return 1;
  return checked<std::uint32_t>((inode.size + iso9660::kMaxSectionBytes - 1) / iso9660::kMaxSectionBytes,
                                "number of file sections");
}

void IsoTables::check_parents() const {
  // Parents never descend in path table order.
  const auto end = folders_.end() - 1;
  const auto first =
      std::partition_point(folders_.begin(), end, [](const Folder& f) { return f.parent < iso9660::kMaxParentNumber; });
  if (first == end) return;
  throw Error(Errc::not_representable,
              {.path = path(static_cast<std::uint32_t>(first - folders_.begin())), .clause = "ECMA-119 9.4.4"},
              std::to_string(end - first) + " of " + std::to_string(folder_count()) +
                  " folders lie in a folder with a number beyond 65535, which a path table cannot say; an image with "
                  "--fs udf can hold them",
              Reason::too_many_folders);
}

void IsoTables::measure_folders() {
  IsoRecords records(*this, nullptr);
  for (std::uint32_t f = 0; f < folder_count(); ++f) {
    folders_[f].first_checkpoint = checked<std::uint32_t>(checkpoints_.size(), "blocks of folders");
    measure_folder(f, records);
    const auto blocks = static_cast<std::uint32_t>(checkpoints_.size() - folders_[f].first_checkpoint);
    static_cast<void>(checked<std::uint32_t>(std::uint64_t{blocks} * kBlockSize, "length of a folder"));
  }
  folders_.back().first_checkpoint = checked<std::uint32_t>(checkpoints_.size(), "blocks of folders");
  checkpoints_.shrink_to_fit();
  place_folders();
}

// In the order of the path table. What was moved comes first, each folder behind those above it in the tree: libarchive
// reads in the order of addresses, and gives up on a link inside of moved folders behind the link that leads to these.
void IsoTables::place_folders() {
  if (!moved_.empty()) {
    std::vector<bool> below(index().directory_count());
    std::vector<bool> placed(folder_count());
    const auto place = [&](std::uint32_t f) {
      placed_.push_back(f);
      placed[f] = true;
    };
    place(0);
    place(moved_folder_);
    for (std::uint32_t d = 1; d < index().directory_count(); ++d) {
      below[d] = below[index().parent_number(d)] || std::binary_search(moved_.begin(), moved_.end(), d);
      if (below[d] && !left_out(index().directory(d))) place(folder_of_[d]);
    }
    for (std::uint32_t f = 0; f < folder_count(); ++f)
      if (!placed[f]) place(f);
  }
  BlockCount block;
  for (std::uint32_t position = 0; position < folder_count(); ++position) {
    const auto f = placed_folder(position);
    folders_[f].block = block;
    block += BlockCount{record_blocks(f)} + continuation_blocks(f);
  }
  folders_.back().block = block;
}

void IsoTables::measure_folder(std::uint32_t f, IsoRecords& records) {
  const auto end = entry_count(f) + 2;
  std::size_t used = kBlockSize;
  for (Checkpoint place; place.record < end;) {
    const auto before = place;
    auto size = records.length_of_plain(f, place);
    if (size != 0) {
      ++place.record;
    } else {
      records.build(f, place);
      size = records.record().size();
    }
    if (used + size > kBlockSize) {  // ECMA-119 6.8.1.1: no record leaves its sector
      checkpoints_.push_back(before);
      used = 0;
    }
    used += size;
    folders_[f].continuation_bytes = place.continuation;
  }
}

IsoTables::Checkpoint IsoTables::block_end(std::uint32_t f, std::uint32_t block) const {
  if (block + 1 < record_blocks(f)) return checkpoint(f, block + 1);
  return {.record = entry_count(f) + 2, .section = 0, .continuation = folders_[f].continuation_bytes};
}

std::uint32_t IsoTables::position_at(BlockCount block) const {
  std::uint32_t first = 0, end = folder_count();  // the last that does not begin behind the block
  while (end - first > 1) {
    const auto middle = first + (end - first) / 2;
    (folders_[placed_folder(middle)].block <= block ? first : end) = middle;
  }
  return first;
}

std::optional<std::uint32_t> IsoTables::find_entry(NodeId n) const {
  if (n == kRootNode || !tree().attached(n) || !has_form(n)) return std::nullopt;
  const auto f = folder_of(tree().parent(n));
  for (std::uint32_t i = 0; i < entry_count(f); ++i)
    if (entry(folder(f).first_entry + i) == n) return folder(f).first_entry + i;
  return std::nullopt;
}

std::string IsoTables::path(std::uint32_t f) const {
  return folders_[f].node == kMovedFolder ? std::string("/").append(moved_folder_name_) : tree().path(folders_[f].node);
}

std::size_t IsoTables::identifier_length(std::uint32_t place) const {
  return identifier_length_[place] == 0 ? letters_of(tree().name(entry(place)), tree_view())
                                        : identifier_length_[place];
}

std::string_view IsoTables::identifier(std::uint32_t place, IdentifierBuffer& buffer) const {
  if (identifier_length_[place] == 0) return letter_by_letter(tree().name(entry(place)), tree_view(), buffer);
  return identifiers_.view(identifier_at_[place], identifier_length_[place]);
}

// Those of folders are always stored.
std::string_view IsoTables::folder_identifier(std::uint32_t f) const {
  static constexpr char kRoot[] = {'\0'};  // ECMA-119 9.4.5
  if (f == 0) return {kRoot, 1};
  const auto place = folders_[f].entry;
  return identifiers_.view(identifier_at_[place], identifier_length_[place]);
}

iso9660::PathTableEntry IsoTables::path_table_entry(std::uint32_t f, Lba folders_at) const {
  return {folders_at + folders_[f].block, static_cast<std::uint16_t>(folders_[f].parent + 1),
          std::as_bytes(std::span(folder_identifier(f)))};
}

void IsoTables::measure_path_table() {
  Sink table;
  for (std::uint32_t f = 0; f < folder_count(); ++f) {
    if (f % kPathTableStride == 0)
      path_table_offsets_.push_back(checked<std::uint32_t>(table.size(), "path table size"));
    encode(path_table_entry(f, Lba{}), iso9660::PathTableType::l, table);
  }
  path_table_bytes_ = checked<std::uint32_t>(table.size(), "path table size");
}

}  // namespace fsimage
