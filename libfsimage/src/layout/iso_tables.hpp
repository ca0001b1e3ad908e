// What an IsoLayout knows once planned: folders in path table order, entries in record order, and where each block of
// records begins. Immutable after construction, thread-safe; shared by the layout and the sources that it emits.
#pragma once

#include <fsimage/core/string_arena.hpp>
#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/layout/iso_layout.hpp>
#include <fsimage/layout/iso_names.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// In place of a node: the folder RR_MOVED, which no tree has.
inline constexpr NodeId kMovedFolder{std::numeric_limits<std::uint32_t>::max()};
using IdentifierBuffer = std::array<char, 256>;
// ECMA-119 6.8.2.1
inline constexpr std::uint32_t kMaxDepth = 8;

class IsoTables {
 public:
  struct Folder {
    NodeId node{};
    std::uint32_t parent = 0;       // the folder that lists it; the root is its own
    std::uint32_t entry = 0;        // its place among all entries; none for the root
    std::uint32_t first_entry = 0;  // of its own entries
    std::uint32_t first_checkpoint = 0;
    std::uint32_t continuation_bytes = 0;
    BlockCount block{};  // in the region of folders
  };
  // Where a block of records begins. Record 0 is the folder itself, 1 its parent, 2 the first entry.
  struct Checkpoint {
    std::uint32_t record = 0;
    std::uint32_t section = 0;       // of a file that has several
    std::uint32_t continuation = 0;  // bytes of the folder's continuation area that earlier blocks use
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
  };

  IsoTables(PlanInput, View);

  const PlanInput& input() const { return input_; }
  const Tree& tree() const { return *input_.tree; }
  const TreeIndex& index() const { return *input_.index; }
  View tree_view() const { return scheme_.view; }  // whose identifiers these are: iso9660, joliet, enhanced
  bool joliet() const { return tree_view() == View::joliet; }
  bool primary() const { return tree_view() == View::iso9660; }
  bool rockridge() const { return primary() && input_.profile.file_systems.rockridge; }
  const NameScheme& scheme() const { return scheme_; }
  // View of findings that are about what only the best reader of this layout shows.
  View view() const { return rockridge() ? View::rockridge : tree_view(); }

  // Those of the inode's named streams that Rock Ridge records, as extended attributes of users: AAIP 2.0.
  std::vector<StreamId> attributes(const Inode&) const;
  bool has_attributes() const { return has_attributes_; }  // some inode

  // --- folders, by their place in the path table (number - 1)
  std::uint32_t folder_count() const { return static_cast<std::uint32_t>(folders_.size() - 1); }
  const Folder& folder(std::uint32_t f) const { return folders_[f]; }
  std::uint32_t entry_count(std::uint32_t f) const { return folders_[f + 1].first_entry - folders_[f].first_entry; }
  std::uint32_t record_blocks(std::uint32_t f) const {
    return folders_[f + 1].first_checkpoint - folders_[f].first_checkpoint;
  }
  BlockCount continuation_blocks(std::uint32_t f) const { return blocks_for(folders_[f].continuation_bytes); }
  // Folders as they lie in the region: that of a position, and the position that holds a block < folder_blocks().
  std::uint32_t placed_folder(std::uint32_t position) const { return placed_.empty() ? position : placed_[position]; }
  std::uint32_t position_at(BlockCount block) const;
  // Where the folder of that node is, and the one that it belongs in, though it may have been moved.
  std::uint32_t folder_of(NodeId directory) const { return folder_of_[index().directory_number(directory)]; }
  std::uint32_t moved_folder() const { return moved_folder_; }  // RR_MOVED, when there is one
  // By the tree, whatever has been moved.
  std::uint32_t subfolders(NodeId directory) const { return subfolders_[index().directory_number(directory)]; }
  std::string path(std::uint32_t f) const;

  // --- entries, by their place among all
  NodeId entry(std::uint32_t place) const { return {entries_[place]}; }
  // As recorded; `buffer` is for those that follow from their name letter by letter, and are not stored.
  std::string_view identifier(std::uint32_t place, IdentifierBuffer& buffer) const;
  std::size_t identifier_length(std::uint32_t place) const;
  bool changes_name(std::uint32_t place) const { return changes_name_[place]; }  // whether readers show another
  std::string_view folder_identifier(std::uint32_t f) const;                     // as the path table has it
  std::string_view moved_folder_name() const { return moved_folder_name_; }      // what Rock Ridge calls RR_MOVED

  // --- blocks of records: the c-th block of folder f begins at checkpoint(f, c)
  const Checkpoint& checkpoint(std::uint32_t f, std::uint32_t block) const {
    return checkpoints_[folders_[f].first_checkpoint + block];
  }
  Checkpoint block_end(std::uint32_t f, std::uint32_t block) const;

  // Sections of the entry's file: one for everything else.
  std::uint32_t sections(NodeId) const;
  bool keeps_times(NodeId) const;  // whether its fields hold the entry's times
  bool has_form(NodeId) const;     // whether the view can hold an entry of this type, and is to
  bool left_out(NodeId n) const { return !left_out_.empty() && left_out_[n.value]; }
  // The entry's place; nullopt when the view does not have it, and for the root. Linear in the folder.
  std::optional<std::uint32_t> find_entry(NodeId) const;

  BlockCount folder_blocks() const { return folders_.back().block; }
  std::uint32_t path_table_bytes() const { return path_table_bytes_; }
  BlockCount path_table_blocks() const { return blocks_for(path_table_bytes_); }
  // Offset of every kPathTableStride-th record.
  static constexpr std::uint32_t kPathTableStride = 64;
  const std::vector<std::uint32_t>& path_table_offsets() const { return path_table_offsets_; }
  iso9660::PathTableEntry path_table_entry(std::uint32_t f, Lba folders_at) const;

 private:
  void check_profile() const;
  void leave_out();
  void move_deep_folders();
  std::string unused_root_name() const;
  void list_folders();
  void gather(std::uint32_t f, std::vector<NamedEntry>& names, std::vector<NodeId>& nodes) const;
  void check(NodeId, std::uint32_t level = 0) const;
  void check_parents() const;
  void measure_folders();
  void place_folders();
  void measure_folder(std::uint32_t f, class IsoRecords& records);
  void measure_path_table();

  PlanInput input_;
  NameScheme scheme_;
  std::vector<Folder> folders_;            // one more at the end, where the next would begin
  std::vector<std::uint32_t> placed_;      // empty: as in the path table
  std::vector<std::uint32_t> folder_of_;   // by the index' number of the directory
  std::vector<std::uint32_t> subfolders_;  // likewise
  std::vector<bool> left_out_;             // by node; empty when nothing is
  std::vector<std::uint32_t> moved_;       // the index' numbers of directories in RR_MOVED, ascending
  std::uint32_t moved_folder_ = 0;
  bool has_attributes_ = false;
  std::string moved_folder_name_, moved_folder_identifier_;
  std::vector<std::uint32_t> entries_;  // nodes
  std::vector<std::uint32_t> identifier_at_;
  std::vector<std::uint8_t> identifier_length_;  // 0: follows from the name
  std::vector<bool> changes_name_;               // by place, too
  StringArena identifiers_;
  std::vector<Checkpoint> checkpoints_;
  std::vector<std::uint32_t> path_table_offsets_;
  std::uint32_t path_table_bytes_ = 0;
};

}  // namespace fsimage
