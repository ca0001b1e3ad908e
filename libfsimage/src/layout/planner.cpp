#include "boot_layout.hpp"
#include "continued_content.hpp"
#include "planner_identity.hpp"
#include "udf_rules.hpp"
#include "udf_volume.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/image/content_region.hpp>
#include <fsimage/io/run_jobs.hpp>
#include <fsimage/layout/allocator.hpp>
#include <fsimage/layout/iso_layout.hpp>
#include <fsimage/layout/iso_names.hpp>
#include <fsimage/layout/planner.hpp>
#include <fsimage/layout/udf_layout.hpp>

#include <algorithm>
#include <map>
#include <numeric>

namespace fsimage {
namespace {

// Between the descriptors of UDF at the session's start and its anchor there is room for small ISO 9660 trees.
constexpr BlockCount kSmallTrees{80};
// An image without UDF's trailing anchors ends in so many zero blocks: a CD's last blocks cannot be read ahead of.
constexpr BlockCount kPadding{150};
constexpr std::uint64_t kWorthThreads = 5'000;  // entries that take longer to lay out than a thread to start

std::shared_ptr<const ByteSource> memory(std::span<const std::byte> bytes) {
  return std::make_shared<MemorySource>(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

// Path of a node, or of the stream whose number follows those of all nodes.
std::string content_path(const Tree& tree, const TreeIndex& index, std::uint32_t owner) {
  const auto nodes = static_cast<std::uint32_t>(tree.node_count());
  if (owner < nodes) return tree.path(NodeId{owner});
  const StreamId s{owner - nodes};
  return tree.stream_path(index.first_name(index.rank(tree.stream_owner(s))), s);
}

// An empty volume of the same name: what leads firmware to the boot images of an image without ISO 9660.
PlanInput empty_volume(const PlanInput& in) {
  PlanInput out;
  auto tree = std::make_shared<Tree>(recorded_attributes(in, kRootNode));
  out.index = std::make_shared<const TreeIndex>(*tree);
  out.tree = std::move(tree);
  out.profile = in.profile;
  out.profile.file_systems = {.iso9660 = true, .joliet = false, .rockridge = false, .udf = false};
  out.profile.left_out.clear();
  out.profile.deep_folders = DeepFolders::keep;
  return out;
}

bool is_allowed(const Profile& p, Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::renamed:
    case Finding::Kind::cut:
    case Finding::Kind::collided: return p.allow_rename;
    case Finding::Kind::dropped: return p.allow_drop;
    case Finding::Kind::stripped: return p.allow_strip;
    case Finding::Kind::clamped: return p.allow_clamp;
    case Finding::Kind::deviation:
    case Finding::Kind::lost: break;
  }
  return true;
}

std::string_view way_out(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::dropped: return " (--allow drop leaves it out)";
    case Finding::Kind::stripped: return " (--allow strip leaves them out)";
    case Finding::Kind::clamped: return " (--allow clamp records the nearest)";
    default: return " (--allow rename changes it)";
  }
}

// Ranks of inodes in the order of their contents: the heaviest first, else as the index has them.
std::vector<std::uint32_t> content_order(const PlanInput& in) {
  std::vector<std::uint32_t> order(in.index->inode_count());
  std::iota(order.begin(), order.end(), 0U);
  const auto weight = [&](std::uint32_t rank) { return in.tree->inode(in.index->inode(rank)).weight; };
  if (std::any_of(order.begin(), order.end(), [&](auto rank) { return weight(rank) != 0; }))
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return weight(a) > weight(b); });
  return order;
}

}  // namespace

struct Plan::State {
  PlanInput input;
  std::string id;
  std::unique_ptr<IsoLayout> primary, joliet, enhanced;
  std::unique_ptr<IsoLayout> stub;  // no view: it takes the place of the primary for firmware
  std::unique_ptr<UdfLayout> udf;
  std::unique_ptr<BootLayout> boot;
  std::shared_ptr<const ContentPlacement> content;
  std::shared_ptr<const ContentRegion> region;
  Lba start, first_descriptor, terminator, content_start;
  BlockCount total;
  Kept kept;

  std::vector<const ViewLayout*> views() const {
    std::vector<const ViewLayout*> all;
    for (const ViewLayout* view :
         {static_cast<const ViewLayout*>(primary.get()), static_cast<const ViewLayout*>(joliet.get()),
          static_cast<const ViewLayout*>(enhanced.get()), static_cast<const ViewLayout*>(udf.get())})
      if (view != nullptr) all.push_back(view);
    return all;
  }
  const ViewLayout* view(View v) const {
    if (v == View::iso9660) return primary.get();
    if (v == View::joliet) return joliet.get();
    return v == View::udf ? udf.get() : nullptr;
  }
  bool has_boot_record() const { return boot || (input.continuation && !input.continuation->boot_record.empty()); }
  // In the order of their descriptors: Windows looks no further than an enhanced one.
  std::vector<IsoLayout*> iso_trees() const {
    std::vector<IsoLayout*> all;
    for (auto* tree : {primary.get(), stub.get(), joliet.get(), enhanced.get()})
      if (tree != nullptr) all.push_back(tree);
    return all;
  }
  void lay_out();
  void for_each_refused(const Profile& allowing, const FindingFn&) const;
  void place();
  void place_content(Allocator&);
  BlockCount descriptors() const;
  std::vector<ImageExtent> replaced(std::span<const ImageExtent>) const;
};

// The views know nothing of one another, so that each is laid out by a thread of its own when that is worth one.
void Plan::State::lay_out() {
  const auto& fs = input.profile.file_systems;
  std::vector<Job> jobs;
  const auto tree = [&](std::unique_ptr<IsoLayout>& layout, View view) {
    jobs.emplace_back([this, &layout, view](std::size_t) { layout = std::make_unique<IsoLayout>(input, view); });
  };
  if (fs.iso9660) tree(primary, View::iso9660);
  if (fs.joliet) tree(joliet, View::joliet);
  if (fs.iso1999) tree(enhanced, View::enhanced);
  jobs.emplace_back([&](std::size_t) {
    id = image_identity(input);
    if (fs.udf) udf = std::make_unique<UdfLayout>(input, id);
  });
  auto next = jobs.begin();
  run_jobs(input.index->entry_count() < kWorthThreads ? 1 : std::min(jobs.size(), default_workers()),
           [&] { return next == jobs.end() ? Job{} : std::move(*next++); });
}

void Plan::State::for_each_refused(const Profile& allowing, const FindingFn& fn) const {
  const auto all = views();
  const bool rockridge = input.profile.file_systems.rockridge;
  const auto tell = [&](Finding f) {
    f.text += way_out(f.kind);
    fn(f);
  };
  if (allowing.exact) {
    for (const auto* view : all)
      view->for_each_finding(tell, [&](View told, Finding::Kind kind) {
        return is_loss(kind) && !is_allowed(allowing, kind) && !(rockridge && told == View::iso9660);
      });
    return;
  }
  for (std::uint32_t rank = 0; !allowing.allow_strip && rank < input.index->inode_count(); ++rank) {
    const auto& inode = input.tree->inode(input.index->inode(rank));
    if (!inode.first_stream && !inode.real_time) continue;
    if (std::any_of(all.begin(), all.end(), [&](const ViewLayout* v) { return v->keeps_extras(inode); })) continue;
    tell({.kind = Finding::Kind::stripped,
          .view = View::none,
          .path = input.tree->path(input.index->first_name(rank)),
          .text = "no chosen file system keeps all of the entry's named streams, or that it is a real-time file: UDF "
                  "does from 2.00 or 2.01 on, and Rock Ridge keeps small streams"});
  }
  // Rock Ridge keeps whatever a tree holds of names and types, unless it is to be left out.
  const auto& left_out = input.profile.left_out;
  const bool all_kept = rockridge && std::none_of(left_out.begin(), left_out.end(),
                                                  [](const LeftOut& l) { return l.view == View::iso9660; });
  const bool names = !all_kept && !(allowing.allow_rename && allowing.allow_drop), times = !allowing.allow_clamp;
  if (!names && !times) return;
  using Kind = Finding::Kind;
  for (std::uint32_t d = 0; d < input.index->directory_count(); ++d)
    for (const NodeId n : input.index->entries(d)) {
      const auto some = [&](bool (ViewLayout::*holds)(NodeId) const) {
        return std::any_of(all.begin(), all.end(), [&](const ViewLayout* v) { return (v->*holds)(n); });
      };
      const auto refuse = [&](Kind kind, std::string_view text) {
        if (!is_allowed(allowing, kind))
          tell({.kind = kind, .view = View::none, .path = input.tree->path(n), .text = std::string(text)});
      };
      if (names && !some(&ViewLayout::keeps)) {
        if (some(&ViewLayout::shows))
          refuse(Kind::renamed, "no chosen file system can hold this name");
        else
          refuse(Kind::dropped, "no chosen file system can hold an entry of this type");
      }
      if (times && !some(&ViewLayout::keeps_times) && some(&ViewLayout::shows))
        refuse(Kind::clamped, "no chosen file system can hold this time");
    }
}

// Primary, boot record, supplementary: El Torito's lies in the second block, El Torito 2.0.
BlockCount Plan::State::descriptors() const {
  return {static_cast<std::uint32_t>(iso_trees().size()) + (has_boot_record() ? 1U : 0U)};
}

void Plan::State::place_content(Allocator& at) {
  auto places = std::make_shared<ContentPlacement>();
  places->at.resize(input.tree->inode_count());
  const auto rules = UdfRules::of(input.profile);
  const bool streams = udf && rules.named_streams();
  if (streams) places->streams.resize(input.tree->stream_count());
  const auto nodes = static_cast<std::uint32_t>(input.tree->node_count());
  std::vector<ContentRegion::Placed> placed;
  std::vector<ContentId> empty;
  if (boot) boot->place_images(at, start, first_descriptor, *places);
  content_start = at.next();
  std::vector<Lba> shared(input.tree->contents().count());  // by content: where it lies; 0 while it has no place
  // On the disc already, or from here on. `owner` names it: a node, or behind those a stream.
  const auto put = [&](ContentId what, std::uint32_t owner) {
    const auto size = input.tree->contents().size(what);
    if (const auto recorded = recorded_at(input, what)) {
      ++kept.files;
      kept.blocks += blocks_for(size);
      return *recorded;
    }
    Lba& begin = shared[what.value];
    if (begin != Lba{}) return begin;
    if (is_on_disc(input, what)) ++kept.again;
    begin = at.take_content(size, start);
    placed.push_back({begin - content_start, what, owner});
    return begin;
  };
  const auto put_stream = [&](StreamId s) {
    const auto what = input.tree->stream_content(s);
    if (!what || !udf->has_stream(s) || rules.embeds_stream(input, s)) return;
    if (input.tree->stream_size(s) == 0)
      empty.push_back(what);
    else
      places->streams[s.value] = put(what, nodes + s.value);
  };
  for (const auto rank : content_order(input)) {
    const auto file = input.index->inode(rank);
    const auto& inode = input.tree->inode(file);
    if (streams)
      for (auto stream = inode.first_stream; stream; stream = input.tree->next_stream(stream)) put_stream(stream);
    if (inode.type != FileType::regular || !inode.content) continue;
    if (inode.size == 0) {
      empty.push_back(inode.content);
    } else if (rules.embeds(input, inode)) {
      if (is_on_disc(input, inode.content)) ++kept.again;
    } else if (!boot || !boot->patches(file)) {
      places->at[file.value] = put(inode.content, input.index->first_name(rank).value);
    }
  }
  content = std::move(places);
  placed.shrink_to_fit();
  empty.shrink_to_fit();
  region = std::make_shared<ContentRegion>(
      std::shared_ptr<const ContentStore>(input.tree, &input.tree->contents()), std::move(placed),
      at.next() - content_start,
      [tree = input.tree, index = input.index](std::uint32_t owner) { return content_path(*tree, *index, owner); },
      std::move(empty));
}

// Descriptors, UDF's volume structures at their fixed places in the session, the trees, the content.
void Plan::State::place() {
  if (input.continuation) start = input.continuation->start;
  Allocator at(start);
  auto trees = iso_trees();
  if (!trees.empty()) {
    at.skip_to(start + iso9660::kFirstDescriptor, "volume descriptors");
    first_descriptor = at.take(descriptors());
    terminator = at.take({1});
  }
  if (!udf) {
    if (boot) boot->place_catalog(at);
    for (auto* tree : trees) tree->place(at);
    place_content(at);
    at.take(kPadding);
    at.align(kCluster, start);
    total = at.next() - start;
    return;
  }
  udf->place_front(at, start);  // recognition sequence, main descriptors, integrity, up to the small trees
  at.skip_to(start + kSmallTrees, "small trees");
  if (boot) boot->place_catalog(at);
  // In their order: libarchive takes Joliet's names when its root comes before that of Rock Ridge.
  while (!trees.empty() && trees.front()->blocks() <= start + UdfLayout::kAnchor - at.next()) {
    trees.front()->place(at);
    trees.erase(trees.begin());
  }
  const auto partition = input.continuation ? input.continuation->partition : std::nullopt;
  udf->place_partition(at, partition);  // anchor, partition start, the partition's metadata
  // Before the content, though inside the partition: libarchive does not go back for continuation areas.
  for (auto* tree : trees) tree->place(at);
  place_content(at);
  udf->end_partition(at);
  udf->place_back(at);  // reserve descriptors and anchors up to the last block
  total = at.next() - start;
}

// What makes the front of an overwritable medium lead to this session. It holds the same descriptors as the blocks 16 and on
// of the session, whose addresses are those of the disc anyway, and the anchor; whatever else lies there stays. Without UDF's
// fixed places the trees follow the descriptors at once, and do not belong there.
std::vector<ImageExtent> Plan::State::replaced(std::span<const ImageExtent> extents) const {
  std::vector<ImageExtent> out;
  const auto* c = input.continuation.get();
  if (c == nullptr || c->front.empty()) return out;
  auto front = c->front;
  const Lba behind = udf ? start + kCluster : terminator + BlockCount{1};
  for (const auto& e : extents) {
    if (!(e.start < behind)) continue;
    const auto at = static_cast<std::size_t>((e.start - start).bytes());
    e.bytes->read_at(0, std::span(front).subspan(at, static_cast<std::size_t>(e.bytes->size())));
  }
  out.push_back({Lba{}, memory(front), "descriptors at the front"});
  if (udf) {
    auto cluster = c->anchor_cluster;
    udf_anchors(UdfRules::of(input.profile), udf->places(), kAnchorCluster, {1})
        ->read_at(0, std::span(cluster).first(kBlockSize));
    out.push_back({kAnchorCluster, memory(cluster), "anchor at the front"});
  }
  return out;
}

Plan::Plan(std::shared_ptr<const Tree> tree, Profile profile, std::shared_ptr<const Continuation> continuation)
    : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.input.index = std::make_shared<const TreeIndex>(*tree);
  s.input.profile = settle_profile(*tree, *s.input.index, std::move(profile));
  s.input.tree = std::move(tree);
  s.input.continuation = std::move(continuation);
  check_continuation(s.input);
  s.lay_out();
  if (!s.input.profile.boot_image_options.empty()) s.boot = std::make_unique<BootLayout>(s.input);
  if (!s.primary && s.has_boot_record()) s.stub = std::make_unique<IsoLayout>(empty_volume(s.input), View::iso9660);
  s.for_each_refused(s.input.profile, [](const Finding& f) {
    const std::string where = f.view == View::none ? "" : std::string(to_string(f.view)) + ": ";
    throw Error(Errc::not_representable, {.path = f.path}, where + f.text);
  });
  s.place();
}

Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
const Profile& Plan::profile() const { return state_->input.profile; }
Lba Plan::first_block() const { return state_->start; }
Plan::Kept Plan::kept() const { return state_->kept; }
BlockCount Plan::total_blocks() const { return state_->total; }
const std::string& Plan::image_id() const { return state_->id; }
std::uint64_t Plan::entries() const { return state_->input.index->entry_count(); }

std::optional<std::string> Plan::name_in(View view, NodeId n) const {
  const auto& s = *state_;
  if (view == View::rockridge) {
    if (!s.input.profile.file_systems.rockridge || !s.input.tree->attached(n)) return std::nullopt;
    return std::string(s.input.tree->name(n));
  }
  const auto* layout = s.view(view);
  if (layout == nullptr) return std::nullopt;
  if (n == kRootNode) return std::string();
  auto name = layout->identifier_of(n);
  return name && view == View::iso9660 ? shown_identifier(*name, {}) : name;
}

std::optional<std::string> Plan::path_in(View view, NodeId n) const {
  std::vector<std::string> names;
  for (const auto& tree = *state_->input.tree;; n = tree.parent(n)) {
    auto name = name_in(view, n);
    if (!name) return std::nullopt;
    if (n == kRootNode) break;
    names.push_back(std::move(*name));
  }
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) (path += '/') += *name;
  return path.empty() ? "/" : path;
}

void Plan::for_each_finding(const FindingFn& fn, const FindingFilter& wanted) const {
  for (const auto* view : state_->views()) view->for_each_finding(fn, wanted);
}

void Plan::for_each_refused(const Profile& allowing, const FindingFn& fn) const {
  state_->for_each_refused(allowing, fn);
}

std::vector<FindingCount> Plan::count_findings(const FindingFilter& wanted) const {
  std::map<std::pair<View, Finding::Kind>, FindingCount> counts;
  for_each_finding(
      [&](const Finding& f) {
        auto& count = counts[{f.view, f.kind}];
        if (count.count++ == 0) {
          count.view = f.view;
          count.kind = f.kind;
          count.first = f;
        }
      },
      wanted);
  std::vector<FindingCount> out;
  out.reserve(counts.size());
  for (auto& [key, count] : counts) out.push_back(std::move(count));
  return out;
}

std::shared_ptr<const ResultImage> Plan::create_image() const {
  const auto& s = *state_;
  std::vector<ImageExtent> extents;
  if (auto area = s.input.profile.system_area; !area.empty()) {
    // All of it, or a further session would leave the rest of another there.
    area.resize(iso9660::kFirstDescriptor.bytes());
    extents.push_back({s.start, memory(area), "system area"});
  }
  const auto trees = s.iso_trees();
  if (!trees.empty()) {
    // In a later session everything before it counts to the volume, too.
    const BlockCount space = s.start + s.total - Lba{};
    auto at = s.first_descriptor;
    const auto add = [&](std::span<const std::byte> bytes, std::string label) {
      extents.push_back({at, memory(bytes), std::move(label)});
      at = at + BlockCount{1};
    };
    add(trees.front()->descriptor(space), "iso9660/primary volume descriptor");
    if (s.boot) {
      add(s.boot->record(), "eltorito/boot record");
    } else if (s.has_boot_record()) {
      add(s.input.continuation->boot_record, "eltorito/boot record");
    }
    if (s.joliet) add(s.joliet->descriptor(space), "joliet/supplementary volume descriptor");
    if (s.enhanced) add(s.enhanced->descriptor(space), "iso9660/enhanced volume descriptor");
    add(bytes_of(iso9660::volume_descriptor_set_terminator()), "iso9660/volume descriptor set terminator");
    // Empty files begin behind the trees, too: libarchive takes a continuation area behind its file for damage.
    for (const auto* tree : trees) tree->emit(s.content, s.content_start, extents);
  }
  if (s.boot) s.boot->emit(*s.content, extents);
  if (s.udf) s.udf->emit(s.content, extents);
  extents.push_back({s.content_start, s.region, "content"});
  auto replaced = s.replaced(extents);
  return std::make_shared<const ResultImage>(std::move(extents), s.total, s.id, s.start, std::move(replaced));
}

}  // namespace fsimage
