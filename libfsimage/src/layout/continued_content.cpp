#include "continued_content.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <string_view>

namespace fsimage {
namespace {

std::optional<std::uint64_t> offset_on_disc(const PlanInput& in, ContentId content) {
  if (!in.continuation || !in.continuation->disc || in.tree->contents().size(content) == 0) return {};
  const auto slice = in.tree->contents().slice(content);
  if (!slice || slice->source != in.continuation->disc.get()) return {};
  return slice->offset;
}

}  // namespace

bool is_on_disc(const PlanInput& in, ContentId content) { return offset_on_disc(in, content).has_value(); }

std::optional<Lba> recorded_at(const PlanInput& in, ContentId content) {
  const auto offset = offset_on_disc(in, content);
  if (!offset || *offset % kBlockSize != 0) return std::nullopt;
  const auto& c = *in.continuation;
  const auto at = Lba{checked<std::uint32_t>(*offset / kBlockSize, "address of a content")};
  const auto end = at + blocks_for(in.tree->contents().size(content));
  if (end > c.start) return std::nullopt;
  if (c.partition && at < c.partition->at) return std::nullopt;
  // What is about to be replaced cannot be kept.
  if (!c.front.empty() && at < Lba{} + kCluster && end > Lba{} + iso9660::kFirstDescriptor) return std::nullopt;
  if (!c.anchor_cluster.empty() && at <= kAnchorCluster && end > kAnchorCluster) return std::nullopt;
  return at;
}

void check_continuation(const PlanInput& in) {
  if (!in.continuation) return;
  const auto& c = *in.continuation;
  const auto refuse = [](std::string_view why, Reason reason = Reason::none) {
    throw Error(Errc::invalid_argument, {}, why, reason);
  };
  const bool udf = in.profile.file_systems.udf;
  if (udf != c.partition.has_value())
    refuse("a further session has UDF when the disc has it", Reason::file_systems_fixed);
  if (udf && c.udf_revision != 0 && c.udf_revision != in.profile.udf_revision)
    refuse("a further session has the revision of UDF that the disc has", Reason::udf_revision_fixed);
  if (c.partition && c.partition->at > c.start) refuse("the disc's UDF partition starts behind the session");
  if (!c.boot_record.empty() && c.boot_record.size() != kBlockSize) refuse("a boot record is one block");
  if (!c.front.empty() && c.front.size() != kCluster.bytes()) refuse("the front of a disc is 32 blocks");
  if (!c.front.empty() && c.start.value % kCluster.value != 0)
    refuse("sessions of overwritable media start at a multiple of 32 blocks");
  if (c.anchor_cluster.size() != (udf && !c.front.empty() ? kCluster.bytes() : 0))
    refuse("the cluster of UDF's anchor, blocks 256 to 287, goes with the front of a disc with UDF");
}

}  // namespace fsimage
