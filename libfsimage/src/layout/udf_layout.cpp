#include <fsimage/layout/udf_layout.hpp>

#include "udf_file_entry.hpp"
#include "udf_metadata.hpp"
#include "udf_tables.hpp"
#include "udf_volume.hpp"
#include "windows_names.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/sink.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/symlink.hpp>
#include <fsimage/layout/iso_names.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

constexpr BlockCount kRecognitionOffset{16};  // 2/8.3: behind the system area
constexpr BlockCount kRecognitionBlocks{4};   // three descriptors, and the block of zeros that ends the search
constexpr BlockCount kAnchors{257};           // N - 256 and N both hold one, whatever the drive calls N
constexpr std::size_t kSetDigits = 16;

std::shared_ptr<const ByteSource> memory(std::vector<std::byte> bytes) {
  return std::make_shared<const MemorySource>(std::move(bytes));
}

// Whether the components of the link's target read back as they are in the tree.
bool keeps_target(const Tree& tree, NodeId n) {
  Sink measure;
  return udf::encode_symlink(tree.symlink_target(n), measure);
}

}  // namespace

UdfLayout::UdfLayout(PlanInput in, std::string_view image_id)
    : tables_(std::make_shared<const UdfTables>(std::move(in))), volume_set_(image_id.substr(0, kSetDigits)) {
  volume_set_.resize(kSetDigits, '0');
  const UdfExtents file(tables_->rules(), UdfBody::metadata, {}, tables_->blocks().bytes());
  if (tables_->rules().metadata_partition() && file.continuation_blocks() != 0)
    throw Error(Errc::too_large, {.path = {}, .lba = {}, .clause = "UDF 2.2.13"},
                "more metadata than the entry of a metadata file has extents for");
}

UdfLayout::~UdfLayout() = default;

BlockCount UdfLayout::metadata_blocks() const { return tables_->blocks(); }

void UdfLayout::place_front(Allocator& at, Lba session) {
  places_.session = session;
  at.skip_to(std::max(at.next(), session + kRecognitionOffset), "UDF recognition sequence");
  places_.recognition = at.take(kRecognitionBlocks);
  at.skip_to(session + kMainSequence, "UDF main volume descriptor sequence");
  at.take(kUdfSequence);
  at.skip_to(session + kIntegrity, "UDF integrity sequence");
  at.take(kUdfSequence);
}

void UdfLayout::place_partition(Allocator& at, std::optional<PartitionStart> first) {
  at.skip_to(places_.session + kAnchor, "UDF anchor");
  at.skip_to(places_.session + kPartition, "UDF partition");
  places_.partition = first.value_or(PartitionStart{at.next()});
  if (!tables_->rules().metadata_partition()) {
    places_.metadata = at.take(tables_->blocks());
    return;
  }
  // Allocation units are counted from the partition's start, wherever the session begins.
  places_.metadata_blocks = round_up(Lba{} + tables_->blocks(), kUdfMetadataUnit) - Lba{};
  places_.metadata_file = at.take({1});
  at.align(kUdfMetadataUnit, places_.partition.at);
  places_.metadata = at.take(places_.metadata_blocks);
  places_.targets = at.take(tables_->target_blocks());
}

void UdfLayout::end_partition(Allocator& at) {
  if (tables_->rules().metadata_partition()) {
    places_.mirror = places_.metadata;
    if (tables_->in().profile.redundant_udf_metadata) {
      at.align(kUdfMetadataUnit, places_.partition.at);
      places_.mirror = at.take(places_.metadata_blocks);
    }
    places_.mirror_file = at.take({1});  // far from the other one
  }
  places_.partition_end = at.next();
}

void UdfLayout::place_back(Allocator& at) {
  at.align(kCluster, places_.session);
  places_.reserve = at.take(kUdfSequence);
  at.take(kAnchors);
  at.align(kCluster, places_.session);
  places_.end = at.next();
}

void UdfLayout::emit(std::shared_ptr<const ContentPlacement> content, std::vector<ImageExtent>& out) const {
  const auto& p = places_;
  if (p.end == Lba{}) throw std::logic_error("UDF layout is not placed");
  UdfVolume v;
  v.rules = tables_->rules();
  v.name = udf_volume_name(tables_->in().profile);
  v.set_identifier = volume_set_;
  v.recorded = *tables_->in().profile.timestamp;
  v.files = tables_->file_identifiers();
  v.folders = tables_->in().index->directory_count();
  v.next_unique_id = tables_->next_unique_id();
  v.places = p;
  const auto main = p.session + kMainSequence, integrity = p.session + kIntegrity, anchor = p.session + kAnchor;
  const auto last = p.reserve + kUdfSequence;
  out.push_back({p.recognition, memory(udf_recognition(v.rules)), "udf/volume recognition sequence"});
  out.push_back({main, memory(udf_sequence(v, main)), "udf/main volume descriptor sequence"});
  out.push_back({integrity, memory(udf_integrity(v, integrity)), "udf/logical volume integrity sequence"});
  out.push_back({anchor, udf_anchors(v.rules, p, anchor, {1}), "udf/anchor volume descriptor pointer"});
  out.push_back({p.reserve, memory(udf_sequence(v, p.reserve)), "udf/reserve volume descriptor sequence"});
  out.push_back({last, udf_anchors(v.rules, p, last, p.end - last), "udf/anchor volume descriptor pointers"});
  out.push_back({p.metadata, std::make_shared<const UdfMetadata>(tables_, content, v), "udf/metadata"});
  if (!v.rules.metadata_partition()) return;
  out.push_back({p.metadata_file, memory(udf_metadata_file(v, false)), "udf/file entry of the metadata file"});
  if (tables_->target_blocks() != BlockCount{})
    out.push_back({p.targets, std::make_shared<const UdfTargets>(tables_), "udf/link targets"});
  if (p.mirror != p.metadata)
    out.push_back(
        {p.mirror, std::make_shared<const UdfMetadata>(tables_, std::move(content), v, true), "udf/metadata mirror"});
  out.push_back({p.mirror_file, memory(udf_metadata_file(v, true)), "udf/file entry of the metadata mirror file"});
}

bool UdfLayout::shows(NodeId n) const { return tables_->shows(n); }

bool UdfLayout::keeps(NodeId n) const {
  if (n == kRootNode) return true;
  const auto& tree = *tables_->in().tree;
  return shows(n) && UdfNames::fits(tree.name(n)) && (tree.inode(n).type != FileType::symlink || keeps_target(tree, n));
}

bool UdfLayout::has_stream(StreamId s) const { return tables_->has_stream(s); }

bool UdfLayout::keeps_extras(const Inode& inode) const {
  if (inode.real_time && !tables_->rules().real_time_files()) return false;
  for (auto s = inode.first_stream; s; s = tables_->in().tree->next_stream(s))
    if (!tables_->has_stream(s)) return false;
  return true;
}

std::optional<std::string> UdfLayout::identifier_of(NodeId n) const {
  const auto& in = tables_->in();
  if (n == kRootNode || !in.tree->attached(n) || !shows(n)) return std::nullopt;
  const auto folder = in.index->directory_number(in.tree->parent(n));
  const auto entries = in.index->entries(folder);
  const auto at = std::ranges::find(entries, n) - entries.begin();
  const auto* changed = tables_->names().changed(in.index->first_entry(folder) + static_cast<std::uint32_t>(at));
  return changed != nullptr ? tables_->names().text(*changed) : std::string(in.tree->name(n));
}

void UdfLayout::for_each_finding(const FindingFn& fn, const FindingFilter& wanted) const {
  using Kind = Finding::Kind;
  const auto& in = tables_->in();
  const auto report = [&](Kind kind, std::string path, std::string text, std::string to = {}) {
    if (!wanted || wanted(View::udf, kind)) fn({kind, View::udf, std::move(path), std::move(text), std::move(to)});
  };
  const bool deviations = !wanted || wanted(View::udf, Kind::deviation);
  const auto volume = udf_volume_name(in.profile);
  for (const auto& [fits, what] : {std::pair{udf_volume_identifier(volume), "volume identifier"},
                                   std::pair{udf_logical_volume_identifier(volume), "logical volume identifier"}})
    if (to_utf8(fits) != in.profile.volume_name)
      report(Kind::renamed, {}, std::string("the volume's name does not fit the ") + what, to_utf8(fits));
  const auto check_links = [&](NodeId n) {
    constexpr std::uint32_t kMost = 0xFFFF;  // 4/14.9.6
    if (const auto links = tables_->links(in.index->rank(in.tree->inode_id(n))); links > kMost)
      report(Kind::clamped, in.tree->path(n), std::to_string(links) + " links do not fit the link count",
             std::to_string(kMost));
  };
  const auto check_extras = [&](NodeId n) {
    const auto& inode = in.tree->inode(n);
    if (keeps_extras(inode)) return;
    if (inode.real_time && !tables_->rules().real_time_files())
      report(Kind::stripped, in.tree->path(n), "UDF before 2.01 has no real-time files");
    if (!inode.first_stream) return;
    if (!tables_->rules().named_streams())
      return report(Kind::stripped, in.tree->path(n), "UDF before 2.00 has no named streams");
    for (auto s = inode.first_stream; s; s = in.tree->next_stream(s))
      if (!tables_->has_stream(s))
        report(Kind::stripped, in.tree->stream_path(n, s), "the stream's name is too long, or is not UTF-8");
  };
  check_links(kRootNode);
  CaseTwins twins;
  check_extras(kRootNode);
  for (std::uint32_t d = 0; d < in.index->directory_count(); ++d) {
    auto position = in.index->first_entry(d);
    twins.next_folder();
    for (const NodeId n : in.index->entries(d)) {
      const auto* changed = tables_->names().changed(position++);
      const auto& inode = in.tree->inode(n);
      if (!shows(n)) {
        report(Kind::dropped, in.tree->path(n),
               in.profile.udf_special_files ? "UDF readers cannot examine a link with so long a target"
                                            : "UDF readers refuse volumes that hold anything but files and folders");
        continue;
      }
      if (changed != nullptr) {
        auto to = tables_->names().text(*changed);
        const auto kind = changed->collided ? Kind::collided : kind_of_change(in.tree->name(n), to);
        report(kind, in.tree->path(n),
               changed->collided ? "another entry has that name already" : "the name is too long, or is not UTF-8",
               std::move(to));
      }
      if (deviations) {
        const auto shown = changed != nullptr ? tables_->names().text(*changed) : std::string(in.tree->name(n));
        if (const auto why = windows_cannot_open(shown); !why.empty())
          report(Kind::deviation, in.tree->path(n), std::string(why));
        if (const auto twin = twins.of(shown, n))
          report(Kind::deviation, in.tree->path(n),
                 "differs only in case from " + std::string(in.tree->name(*twin)) + "; Windows shows one of the two");
      }
      if (in.index->first_name(in.index->rank(in.tree->inode_id(n))) != n) continue;
      if (inode.type == FileType::symlink && !keeps_target(*in.tree, n))
        report(Kind::renamed, in.tree->path(n), "the link's target is recorded with other characters");
      check_links(n);
      check_extras(n);
    }
  }
}

}  // namespace fsimage
