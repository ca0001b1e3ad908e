// The UDF view of a tree: a read-only volume with one partition; from revision 2.50 on its entries and folders lie in a
// metadata file and its mirror, UDF 2.2.13. The planner says where it may lie and gets extents that generate their blocks
// when read.
// Placing is for one thread, once, in the order of the functions; everything const is thread-safe after it. What emit()
// gives shares the tables and may outlive the layout.
#pragma once

#include <fsimage/layout/allocator.hpp>
#include <fsimage/layout/view_layout.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// Where the parts of a session's volume lie.
struct UdfPlaces {
  Lba session;               // first block of the session: 0, or where a later one starts
  Lba recognition;           // BEA01, NSR02 or NSR03, TEA01
  PartitionStart partition;  // the same for the life of the disc
  Lba metadata;              // metadata_blocks() of the partition
  // From 2.50 on: what the metadata file holds, its entry, the mirror's entry at the end of the partition, and what that
  // holds, which lies before it or, not duplicated, is the metadata itself.
  BlockCount metadata_blocks;
  Lba metadata_file, mirror, mirror_file;
  Lba targets;        // of symbolic links, when the metadata file may not hold them
  Lba partition_end;  // behind the last block that files or metadata use
  Lba reserve;        // reserve volume descriptor sequence
  Lba end;            // behind the last block of the session
};

class UdfLayout final : public ViewLayout {
 public:
  // From the session's start; the cluster that holds the anchor can be rewritten alone.
  static constexpr BlockCount kMainSequence{32}, kIntegrity{64}, kAnchor{256}, kPartition{288};

  // Names, sizes and the order of all metadata. `image_id` makes the volume set identifier unique, UDF 2.2.2.5: its first
  // 16 hexadecimal digits are recorded. Throws too_large for folders or metadata that UDF cannot hold.
  UdfLayout(PlanInput, std::string_view image_id);
  ~UdfLayout() override;

  // Blocks that lead the partition: file set, then folder by folder its file entry, its identifiers and the file entries
  // of the files that have their first name there.
  BlockCount metadata_blocks() const;

  // From block 16 of the session, or where the allocator stands behind that: recognition sequence, a block of zeros, main
  // volume descriptor sequence, integrity sequence. What follows up to block 256 of the session is free for others.
  void place_front(Allocator&, Lba session = {});
  // Anchor at block 256, the start of the partition, and metadata. Later sessions pass the start that the first one has.
  void place_partition(Allocator&, std::optional<PartitionStart> first = {});
  // All content is placed: what is left of the partition, which ends then.
  void end_partition(Allocator&);
  // Reserve sequence in a cluster of its own, then at least 257 anchors, so many that the session is a multiple of 32
  // blocks.
  void place_back(Allocator&);
  const UdfPlaces& places() const { return places_; }

  // Appends everything of the volume but the files' content. std::logic_error when it is not placed.
  void emit(std::shared_ptr<const ContentPlacement>, std::vector<ImageExtent>&) const;

  bool keeps(NodeId) const override;
  bool shows(NodeId) const override;
  bool keeps_extras(const Inode&) const override;
  bool has_stream(StreamId) const;                                // whether the stream is recorded
  bool keeps_times(NodeId n) const override { return shows(n); }  // years 1 to 9999, ECMA-167 1/7.3
  std::optional<std::string> identifier_of(NodeId) const override;
  using ViewLayout::for_each_finding;
  void for_each_finding(const FindingFn&, const FindingFilter& wanted) const override;

 private:
  std::shared_ptr<const class UdfTables> tables_;
  std::string volume_set_;
  UdfPlaces places_;
};

}  // namespace fsimage
