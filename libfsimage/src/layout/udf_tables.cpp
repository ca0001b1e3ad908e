#include "udf_tables.hpp"

#include "udf_file_entry.hpp"

#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

constexpr std::uint32_t kFileSetBlocks = 2;  // descriptor and terminator

std::uint32_t add(std::uint32_t a, std::uint32_t b) { return (BlockCount{a} + BlockCount{b}).value; }

}  // namespace

// Counts the bytes of a folder's identifiers.
class UdfTables::FolderSizes {
 public:
  explicit FolderSizes(std::vector<Checkpoint>& checkpoints) : checkpoints_(checkpoints) {
    add(0, udf::fid_size(0, 0));  // the parent
  }
  void add(std::uint32_t number, std::size_t size) {
    // The item holds the first byte of a block when that is its own first byte or one behind it.
    const auto block = (bytes_ + kBlockSize - 1) / kBlockSize;
    if (block * kBlockSize < bytes_ + size)
      checkpoints_.push_back({number, static_cast<std::uint32_t>(block * kBlockSize - bytes_)});
    bytes_ += size;
  }
  template <class PathFn>
  std::uint32_t bytes(PathFn path) const {
    if (bytes_ > UINT32_MAX)
      throw Error(Errc::too_large, {.path = path(), .lba = {}, .clause = "ECMA-167 4/14.4"},
                  "identifiers of a folder beyond 4 GiB");
    return static_cast<std::uint32_t>(bytes_);
  }

 private:
  std::vector<Checkpoint>& checkpoints_;
  std::uint64_t bytes_ = 0;
};

UdfTables::UdfTables(PlanInput in) : in_(std::move(in)), rules_(UdfRules::of(in_.profile)), names_(in_) {
  const auto& index = *in_.index;
  find_streams();
  const auto real_folders = index.directory_count();
  const auto folders = real_folders + static_cast<std::uint32_t>(owners_.size());
  for (auto* table : {&folder_at_, &first_checkpoint_, &first_file_}) table->reserve(std::size_t{folders} + 1);
  identifier_bytes_.reserve(folders);
  subfolders_.reserve(folders);
  icb_of_rank_.resize(std::size_t{index.inode_count()} + streams_.size());
  blocks_ = kFileSetBlocks;
  const auto open = [&] {
    folder_at_.push_back(blocks_);
    first_checkpoint_.push_back(static_cast<std::uint32_t>(checkpoints_.size()));
    first_file_.push_back(static_cast<std::uint32_t>(file_ranks_.size()));
  };
  for (std::uint32_t d = 0; d < folders; ++d) {
    open();
    if (is_stream_directory(d)) {
      measure_stream_directory(d);
    } else {
      icb_of_rank_[index.rank(in_.tree->inode_id(index.directory(d)))] = blocks_;
      measure_folder(d);
    }
    blocks_ = add(blocks_, 1 + static_cast<std::uint32_t>(checkpoints_.size()) - first_checkpoint_[d]);
    for (auto f = first_file_[d]; f < file_ranks_.size(); ++f) {
      icb_of_rank_[file_ranks_[f]] = blocks_;
      blocks_ = add(blocks_, 1);
    }
  }
  open();
  for (const auto rank : file_ranks_) place_file(rank);
  count_links();
}

// Sizes of the identifiers, with a checkpoint where each block begins, and which file entries follow.
void UdfTables::measure_folder(std::uint32_t d) {
  const auto& index = *in_.index;
  FolderSizes sizes(checkpoints_);
  std::uint32_t subfolders = 0, number = 0;
  for (const NodeId n : index.entries(d)) {
    ++number;
    const auto& inode = in_.tree->inode(n);
    if (!shows(n)) continue;
    sizes.add(number, udf::fid_size(0, names_.identifier_size(index.first_entry(d) + number - 1, in_.tree->name(n))));
    if (inode.type == FileType::directory) {
      ++subfolders;
      continue;
    }
    ++file_identifiers_;
    const auto rank = index.rank(in_.tree->inode_id(n));
    if (index.first_name(rank) == n)
      file_ranks_.push_back(rank);
    else if (rules_.ids_of_names())
      further_names_.push_back(index.first_entry(d) + number - 1);
    if (inode.links > 1) links_.push_back({rank, 1});
  }
  identifier_bytes_.push_back(sizes.bytes([&] { return in_.tree->path(index.directory(d)); }));
  subfolders_.push_back(subfolders);
}

void UdfTables::find_streams() {
  if (in_.tree->stream_count() == 0 || !rules_.named_streams()) return;
  for (std::uint32_t rank = 0; rank < in_.index->inode_count(); ++rank) {
    const auto before = streams_.size();
    for (auto s = in_.tree->inode(in_.index->inode(rank)).first_stream; s; s = in_.tree->next_stream(s))
      if (has_stream(s)) streams_.push_back(s);
    if (streams_.size() != before) owners_.push_back(rank);
  }
}

void UdfTables::measure_stream_directory(std::uint32_t d) {
  const auto of = in_.index->first_name(owner(d));
  FolderSizes sizes(checkpoints_);
  std::uint32_t number = 0;
  for (auto s = in_.tree->inode(of).first_stream; s; s = in_.tree->next_stream(s)) {
    if (!has_stream(s)) continue;
    const auto before = file_ranks_.size() - first_file_[in_.index->directory_count()];
    file_ranks_.push_back(in_.index->inode_count() + static_cast<std::uint32_t>(before));
    sizes.add(++number, udf::fid_size(0, UdfNames::identifier_size(in_.tree->stream_name(s))));
  }
  identifier_bytes_.push_back(sizes.bytes([&] { return in_.tree->path(of); }));
}

std::optional<std::uint32_t> UdfTables::stream_directory(std::uint32_t rank) const {
  const auto at = std::lower_bound(owners_.begin(), owners_.end(), rank);
  if (at == owners_.end() || *at != rank) return std::nullopt;
  return in_.index->directory_count() + static_cast<std::uint32_t>(at - owners_.begin());
}

// The stream directory is the last that does not begin behind the stream's entry.
std::uint32_t UdfTables::owner_of_stream(std::uint32_t rank) const {
  const auto behind = std::upper_bound(folder_at_.begin(), folder_at_.end(), icb(rank));
  return owner(static_cast<std::uint32_t>(behind - folder_at_.begin()) - 1);
}

// What does not fit a file entry follows behind all of them, so that their places are a matter of counting.
void UdfTables::place_file(std::uint32_t rank) {
  const auto put = [&](std::vector<Continuation>& table, std::uint32_t& next, std::uint32_t blocks) {
    if (blocks == 0) return;
    table.push_back({rank, next, blocks});
    next = add(next, blocks);
  };
  const auto put_extents = [&](std::uint64_t size) {
    put(continuations_, blocks_, UdfExtents(rules_, UdfBody::content, {}, size).continuation_blocks());
  };
  if (is_stream(rank)) return put_extents(in_.tree->stream_size(stream(rank)));
  const auto& inode = in_.tree->inode(in_.index->inode(rank));
  if (inode.type == FileType::regular) {
    put_extents(inode.size);
  } else if (inode.type == FileType::symlink) {
    const auto size = udf::symlink_size(in_.tree->symlink_target(in_.index->first_name(rank)));
    if (size <= rules_.entry_room()) return;
    const bool apart = rules_.metadata_partition();
    put(apart ? targets_ : continuations_, apart ? target_blocks_ : blocks_, blocks_for(size).value);
  }
}

// Joins the entries that measure_folder() left, one a name.
void UdfTables::count_links() {
  std::sort(links_.begin(), links_.end(), [](const Links& a, const Links& b) { return a.rank < b.rank; });
  std::size_t used = 0;
  for (const auto& link : links_) {
    if (used > 0 && links_[used - 1].rank == link.rank)
      ++links_[used - 1].count;
    else
      links_[used++] = link;
  }
  links_.resize(used);
  links_.shrink_to_fit();
}

UdfBlock UdfTables::locate_continuation(const std::vector<Continuation>& table, std::uint32_t block) {
  auto c = std::upper_bound(table.begin(), table.end(), block,
                            [](std::uint32_t b, const Continuation& x) { return b < x.first; });
  if (c == table.begin()) throw std::logic_error("block beyond the UDF metadata");
  --c;
  return {.part = UdfPart::continuation, .rank = c->rank, .first = c->first, .blocks = c->blocks};
}

UdfBlock UdfTables::locate_target(std::uint32_t block) const { return locate_continuation(targets_, block); }

UdfBlock UdfTables::locate(std::uint32_t block, std::uint32_t hint) const {
  if (block == 0) return {.part = UdfPart::file_set};
  if (block < kFileSetBlocks) return {.part = UdfPart::terminator, .first = 1};
  if (block >= folder_at_.back()) return locate_continuation(continuations_, block);
  constexpr std::uint32_t kSteps = 4;
  auto d = hint;
  for (std::uint32_t step = 0; step < kSteps && folder_at_[d + 1] <= block; ++step) ++d;
  if (block < folder_at_[d] || block >= folder_at_[d + 1])
    d = static_cast<std::uint32_t>(std::upper_bound(folder_at_.begin(), folder_at_.end(), block) - folder_at_.begin() -
                                   1);
  const auto at = folder_at_[d];
  if (block == at) return {.part = UdfPart::folder_entry, .folder = d, .first = at};
  const auto identifiers = first_checkpoint_[d + 1] - first_checkpoint_[d];
  if (block <= at + identifiers)
    return {.part = UdfPart::identifiers, .folder = d, .first = at + 1, .blocks = identifiers};
  return {.part = UdfPart::file_entry,
          .folder = d,
          .rank = file_ranks_[first_file_[d] + block - at - 1 - identifiers],
          .first = block};
}

std::uint32_t UdfTables::links(std::uint32_t rank) const {
  if (is_stream(rank)) return 1;
  const auto& inode = in_.tree->inode(in_.index->inode(rank));
  if (inode.type == FileType::directory) {
    const auto folder = in_.index->directory_number(in_.index->first_name(rank));
    return subfolders_[folder] + 1;  // its name, or in the root its own parent; and the folders' parents
  }
  if (inode.links < 2) return 1;
  const auto at =
      std::lower_bound(links_.begin(), links_.end(), rank, [](const Links& l, std::uint32_t r) { return l.rank < r; });
  return at != links_.end() && at->rank == rank ? at->count : 1;
}

const UdfTables::Continuation* UdfTables::find_continuation(std::uint32_t rank) const {
  for (const auto* table : {&continuations_, &targets_}) {
    const auto at = std::lower_bound(table->begin(), table->end(), rank,
                                     [](const Continuation& c, std::uint32_t r) { return c.rank < r; });
    if (at != table->end() && at->rank == rank) return &*at;
  }
  return nullptr;
}

std::uint32_t UdfTables::name_id(std::uint32_t position, std::uint32_t rank) const {
  const auto at = std::lower_bound(further_names_.begin(), further_names_.end(), position);
  if (at == further_names_.end() || *at != position) return static_cast<std::uint32_t>(unique_id(rank));
  return static_cast<std::uint32_t>(first_name_id() + static_cast<std::uint64_t>(at - further_names_.begin()));
}

bool UdfTables::has_continuation(std::uint32_t rank) const { return find_continuation(rank) != nullptr; }

std::uint32_t UdfTables::continuation(std::uint32_t rank) const {
  const auto* c = find_continuation(rank);
  if (c == nullptr) throw std::logic_error("inode without a continuation");
  return c->first;
}

}  // namespace fsimage
