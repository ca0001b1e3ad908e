// The UDF view of a tree: a read-only volume of revision 1.02 with one partition. The planner asks how many blocks of
// metadata lead the partition, says where everything lies, and gets extents that generate their blocks when read.
// Immutable, thread-safe; what emit() gives may outlive the layout.
#pragma once

#include <fsimage/layout/view_layout.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace fsimage {

// Where the parts of a session's volume lie. The planner fills in all but the last two, close() those.
struct UdfPlaces {
  Lba session;                   // first block of the session
  Lba recognition;               // kRecognition blocks: behind ISO 9660's set terminator, session + 16 without it
  PartitionStart partition;      // the same for the life of the disc; in the first session session + kPartitionOffset
  Lba metadata;                  // metadata_blocks() of the partition
  Lba partition_end;             // behind the last block that files or metadata use
  Lba reserve;                   // reserve volume descriptor sequence
  Lba end;                       // behind the last block of the image
};

class UdfLayout final : public ViewLayout {
 public:
  // Blocks of a session that are spoken for; everything between kIntegrityEnd and kAnchor is free for others.
  static constexpr BlockCount kRecognition{4};           // BEA01, NSR02, TEA01 and a block of zeros
  static constexpr BlockCount kMainOffset{32};           // from here to kIntegrityEnd: main sequence, integrity sequence
  static constexpr BlockCount kIntegrityEnd{80};
  static constexpr BlockCount kAnchor{256};              // ECMA-167 3/8.4.2.1; its cluster can be rewritten alone
  static constexpr BlockCount kPartitionOffset{288};

  // Names, sizes and the order of all metadata. Throws too_large for a folder that UDF cannot hold.
  explicit UdfLayout(PlanInput);
  ~UdfLayout() override;

  // Blocks that lead the partition: file set, then folder by folder its file entry, its identifiers and the file entries
  // of the files that have their first name there.
  BlockCount metadata_blocks() const;

  // Completes `places` when `used` is the end of everything in the session: the reserve sequence, then at least 257
  // anchors, so many that the session is a multiple of 32 blocks.
  static void close(UdfPlaces& places, Lba used);

  // Appends everything of the volume but the files' content. `volume_set_number` makes the volume set identifier unique,
  // UDF 2.2.2.5. Throws std::logic_error for places that contradict each other.
  void emit(std::shared_ptr<const ContentPlacement>, const UdfPlaces&, std::uint64_t volume_set_number,
            std::vector<ImageExtent>&) const;

  bool keeps(NodeId) const override;
  void for_each_finding(const FindingFn&) const override;

 private:
  std::shared_ptr<const class UdfTables> tables_;
};

}  // namespace fsimage
