#include "udf_checks.hpp"

#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>

#include <algorithm>
#include <array>

namespace fsimage::volume {
namespace {

constexpr std::array<std::uint16_t, 8> kRevisions{0x0100, 0x0101, 0x0102, 0x0150, 0x0200, 0x0201, 0x0250, 0x0260};

class Checker {
 public:
  Checker(Walk& walk, const UdfVolume& volume, Lba session) : walk_(walk), volume_(volume), session_(session) {}

  void run() {
    revision();
    recognition();
    anchors();
    reserve();
    partitions();
    integrity();
  }

 private:
  template <class T>
  T at(std::uint64_t offset) {
    return load<T>(walk_.blocks.view(offset, sizeof(T), "ECMA-167 3/8.4.2"));
  }
  void deviation(std::uint64_t at, std::string_view clause, std::string_view text) {
    walk_.report.deviation(lba_of(at), clause, text);
  }
  bool is_sequential() const {
    return std::any_of(volume_.partitions.begin(), volume_.partitions.end(),
                       [](const UdfPartition& p) { return p.kind == UdfPartition::Kind::virtual_table; });
  }
  // The interchange standard that the revision stands on: ECMA-167 second or third edition.
  std::string_view nsr() const {
    return volume_.revision < static_cast<std::uint16_t>(udf::Revision::v2_00) ? "NSR02" : "NSR03";
  }

  void revision() {
    if (std::find(kRevisions.begin(), kRevisions.end(), volume_.revision) == kRevisions.end())
      deviation(volume_.logical_volume_at, "UDF 2.1.5.3", "a revision of UDF that is not known");
  }

  void recognition() {
    const auto start = session_.byte_offset() + 16 * kBlockSize;
    const auto found = read_recognition(walk_.blocks, session_);
    if (!found) return deviation(start, "ECMA-167 2/8.3", "no volume recognition sequence");
    const auto has = [&](std::string_view id) {
      return std::find(found->identifiers.begin(), found->identifiers.end(), id) != found->identifiers.end();
    };
    if (!has("TEA01"))
      deviation(found->first.byte_offset(), "ECMA-167 2/8.3.1", "a volume recognition sequence without an end");
    if (!has(nsr()))
      deviation(
          found->first.byte_offset(), "ECMA-167 3/9.1",
          "the volume recognition sequence does not say " + std::string(nsr()) + ", which the revision stands on");
  }

  // Two of three places, UDF 2.2.3; one is enough while a medium that is written once is open, 6.11.2.
  void anchors() {
    if (is_sequential()) return;
    const auto all = all_anchors(walk_.blocks, session_, volume_.anchor);
    const auto has = [&](std::uint64_t block) {
      return std::binary_search(all.begin(), all.end(), block * volume_.block_size);
    };
    int found = 0;
    // A gap before the next session is not part of this one.
    for (const auto end : {walk_.blocks.size(), recorded_end(walk_.blocks, volume_.block_size)}) {
      const auto count = end / volume_.block_size;
      found = std::max(found, int{has(session_.byte_offset() / volume_.block_size + 256)} + int{has(count - 1)} +
                                  int{count > 256 && has(count - 257)});
    }
    if (found < 2)
      deviation(volume_.anchor.at, "UDF 2.2.3",
                "anchors at fewer than two of block 256, the last block and 256 before it");
  }

  void reserve() {
    if (volume_.from_reserve) return;  // was said
    const auto& items = volume_.reserve.descriptors;
    if (std::none_of(items.begin(), items.end(), [](const UdfDescriptor& d) {
          return d.identifier == udf::TagIdentifier::logical_volume_descriptor;
        }))
      deviation(volume_.anchor.at, "UDF 2.2.3.2", "no reserve volume descriptor sequence");
  }

  void partitions() {
    for (const auto offset : volume_.partitions_at) {
      const auto pd = at<udf::PartitionDescriptor>(offset);
      if (!udf::is(pd.contents, "+" + std::string(nsr())))
        deviation(offset, "ECMA-167 3/10.5.5",
                  "partition contents " + udf::identifier_text(pd.contents) + ", but the revision stands on " +
                      std::string(nsr()));
    }
  }

  void integrity() {
    if (!volume_.integrity_at)
      return deviation(volume_.integrity_extent_at, "ECMA-167 3/8.8.2", "no logical volume integrity descriptor");
    const auto lvid = at<udf::LogicalVolumeIntegrityDescriptor>(*volume_.integrity_at);
    // On a medium that is written once the virtual allocation table stands for it, UDF 2.2.6.2.
    if (lvid.integrity_type.value() != static_cast<std::uint32_t>(udf::IntegrityType::close) && !is_sequential())
      deviation(*volume_.integrity_at, "ECMA-167 3/10.10.3", "the volume was not closed");
  }

  Walk& walk_;
  const UdfVolume& volume_;
  Lba session_;
};

}  // namespace

void check_volume(Walk& walk, const UdfVolume& volume, Lba session) { Checker(walk, volume, session).run(); }

}  // namespace fsimage::volume
