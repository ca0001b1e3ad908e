// Where each structure of the UDF metadata lies, counted from the first block of it. Immutable, thread-safe; eight bytes
// a file, sixteen a folder and eight for 2 KiB of identifiers.
//
// Stream directories are folders too: their numbers follow those of the index, in the order of the ranks of what they
// belong to. The ranks of the streams follow those of the inodes.
#pragma once

#include "udf_names.hpp"
#include "udf_rules.hpp"

#include <fsimage/layout/view_layout.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace fsimage {

enum class UdfPart : std::uint8_t {
  file_set,
  terminator,
  folder_entry,
  identifiers,
  file_entry,
  continuation,  // allocation extents of a file, or the target of a symbolic link
};

// What a block of the metadata belongs to.
struct UdfBlock {
  UdfPart part{};
  std::uint32_t folder = 0;  // its number: folder_entry and identifiers
  std::uint32_t rank = 0;    // of the inode or stream: file_entry and continuation
  std::uint32_t first = 0;   // block in which the structure begins
  std::uint32_t blocks = 1;  // of the whole structure
};

class UdfTables {
 public:
  explicit UdfTables(PlanInput);

  const PlanInput& in() const { return in_; }
  const UdfRules& rules() const { return rules_; }
  const UdfNames& names() const { return names_; }
  BlockCount blocks() const { return {blocks_}; }
  // Targets of symbolic links that no file entry holds, where a metadata partition must not hold them either: content by
  // UDF 2.2.13, though the writer makes it. Counted from the first block of their own run.
  BlockCount target_blocks() const { return {target_blocks_}; }
  // Which target, by the inode's rank, a block of that run belongs to.
  UdfBlock locate_target(std::uint32_t block) const;
  // Identifiers that are neither directories nor parents, UDF 2.2.6.4.
  std::uint32_t file_identifiers() const { return file_identifiers_; }

  bool shows(NodeId n) const { return UdfNames::shows(in_, n); }
  // Whether the stream is recorded: the revision has streams, and its name fits.
  bool has_stream(StreamId s) const { return rules_.named_streams() && UdfNames::fits(in_.tree->stream_name(s)); }

  std::uint32_t rank_count() const { return in_.index->inode_count() + static_cast<std::uint32_t>(streams_.size()); }
  bool is_stream(std::uint32_t rank) const { return rank >= in_.index->inode_count(); }
  StreamId stream(std::uint32_t rank) const { return streams_[rank - in_.index->inode_count()]; }
  bool is_stream_directory(std::uint32_t folder) const { return folder >= in_.index->directory_count(); }
  std::optional<std::uint32_t> stream_directory(std::uint32_t rank) const;  // of the inode: the folder's number
  // Rank of what the stream directory belongs to, or in which the stream is.
  std::uint32_t owner(std::uint32_t folder) const { return owners_[folder - in_.index->directory_count()]; }
  std::uint32_t owner_of_stream(std::uint32_t rank) const;
  // Ranks of the streams in a stream directory, by name.
  std::span<const std::uint32_t> streams_in(std::uint32_t folder) const {
    return std::span(file_ranks_).subspan(first_file_[folder], first_file_[folder + 1] - first_file_[folder]);
  }
  // Root 0, the others from 16 on, UDF 3.2.1.1.
  static std::uint64_t unique_id(std::uint32_t rank) {
    return rank == 0 ? 0 : std::uint64_t{kFirstUniqueId} - 1 + rank;
  }
  std::uint64_t next_unique_id() const { return first_name_id() + further_names_.size(); }
  // Of the name of the entry at `position` in the index, UDF 2.3.4.3: the low half of its file's id, or of one of its own.
  std::uint32_t name_id(std::uint32_t position, std::uint32_t rank) const;

  // `hint` is the folder of an earlier answer, or 0: blocks that follow one another are found without a search.
  UdfBlock locate(std::uint32_t block, std::uint32_t hint = 0) const;

  std::uint32_t icb(std::uint32_t rank) const { return icb_of_rank_[rank]; }
  std::uint32_t folder_icb(std::uint32_t folder) const { return folder_at_[folder]; }
  std::uint32_t identifier_bytes(std::uint32_t folder) const { return identifier_bytes_[folder]; }
  // Number of identifiers that refer to the inode, parents included. Wider than the field for it, 4/14.9.6.
  std::uint32_t links(std::uint32_t rank) const;
  // First block of the continuation that the inode has, or that of its target in the run of targets: it has one.
  std::uint32_t continuation(std::uint32_t rank) const;
  bool has_continuation(std::uint32_t rank) const;
  // Of a symbolic link's rank.
  bool has_target_run(std::uint32_t rank) const { return rules_.metadata_partition() && has_continuation(rank); }

  // Item 0 of a folder is its parent, item i+1 the i-th entry of the index.
  struct Checkpoint {
    std::uint32_t item;    // whose identifier holds the first byte of the block
    std::uint32_t behind;  // bytes of it that lie in the block before
  };
  Checkpoint checkpoint(std::uint32_t folder, std::uint32_t block) const {
    return checkpoints_[first_checkpoint_[folder] + block];
  }

 private:
  static constexpr std::uint32_t kFirstUniqueId = 16;
  struct Continuation {
    std::uint32_t rank, first, blocks;
  };
  struct Links {
    std::uint32_t rank, count;
  };
  class FolderSizes;
  void measure_folder(std::uint32_t folder);
  void find_streams();
  void measure_stream_directory(std::uint32_t folder);
  void place_file(std::uint32_t rank);
  std::uint64_t first_name_id() const { return std::uint64_t{kFirstUniqueId} - 1 + in_.index->inode_count(); }
  void count_links();
  const Continuation* find_continuation(std::uint32_t rank) const;

  static UdfBlock locate_continuation(const std::vector<Continuation>&, std::uint32_t block);

  PlanInput in_;
  UdfRules rules_;
  UdfNames names_;
  std::uint32_t blocks_ = 0, target_blocks_ = 0, file_identifiers_ = 0;
  std::vector<std::uint32_t> folder_at_;         // block of each folder's entry, and the end of them all
  std::vector<std::uint32_t> first_checkpoint_;  // likewise
  std::vector<std::uint32_t> first_file_;        // likewise, in file_ranks_
  std::vector<std::uint32_t> identifier_bytes_;
  std::vector<std::uint32_t> subfolders_;
  std::vector<Checkpoint> checkpoints_;    // one a block of identifiers
  std::vector<std::uint32_t> file_ranks_;  // in the order of the file entries
  std::vector<std::uint32_t> icb_of_rank_;
  std::vector<Continuation> continuations_;   // by rank, and so by block
  std::vector<Continuation> targets_;         // likewise, when they have a run of their own
  std::vector<Links> links_;                  // of files with several names, by rank
  std::vector<std::uint32_t> further_names_;  // positions of names that have ids of their own
  std::vector<std::uint32_t> owners_;         // ranks of what has streams, ascending
  std::vector<StreamId> streams_;             // that are recorded, by owner and name
};

}  // namespace fsimage
