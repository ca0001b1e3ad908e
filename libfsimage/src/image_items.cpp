// Entries one by one, and what every change goes through: change points, staging, the budget.
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/layout/item_rules.hpp>
#include <fsimage/layout/size_bound.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

bool same_state(const Tree::Mark& a, const Tree::Mark& b) {
  return a.nodes == b.nodes && a.inodes == b.inodes && a.changes == b.changes;
}

// An item and all below it; a loop, since folders may be thousands deep.
template <class Fn>
void for_each_below(const Tree& tree, NodeId top, Fn fn) {
  for (NodeId at = top;;) {
    fn(at);
    auto next = tree.first_child(at);
    for (; !next && at != top; at = tree.parent(at)) next = tree.next_sibling(at);
    if (!next) return;
    at = *next;
  }
}

void check_path(std::string_view path) {
  bool valid = path.starts_with('/');
  for (auto rest = path; valid && !rest.empty();) {
    rest.remove_prefix(1);
    const auto name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(name.size());
    valid = is_valid_name(name) || (name.empty() && rest.empty());
  }
  if (!valid)
    throw Error(Errc::invalid_argument, {.path = std::string(path)}, "not a path in the image, which begins with '/'",
                Reason::invalid_path);
}

void check_volume_name(std::string_view name) {
  constexpr std::size_t kNarrow = 126, kWide = 63;  // UDF 2.1.3 in a logical volume identifier, ECMA-167 3/10.6.4
  const auto text = to_utf16(name);
  const bool narrow = text && std::ranges::all_of(*text, [](char16_t c) { return c < 0x100; });
  if (!text || std::ranges::any_of(*text, [](char16_t c) { return c < 0x20 || c == 0x7F; }) ||
      text->size() > (narrow ? kNarrow : kWide))
    throw Error(Errc::invalid_argument, {}, "no volume can be called '" + printable(name) + "'",
                Reason::invalid_volume_name);
}

void check_times(const Attributes& a, std::string_view path) {
  const auto before = [&](Timestamp time) { return time != kUnsetTime && a.created != kUnsetTime && time < a.created; };
  if (before(a.modified) || before(a.accessed))
    throw Error(
        Errc::invalid_argument, {.path = std::string(path)},
        std::string("an entry cannot be ") + (before(a.modified) ? "changed" : "read") + " before it was created",
        Reason::invalid_time);
}

}  // namespace

// --- what the image is to be

Profile& FileSystemImage::profile() {
  most_blocks_.reset();
  return profile_;
}

Tree& FileSystemImage::own_tree() {
  if (tree_.use_count() > 1) tree_ = std::make_shared<Tree>(*tree_);
  return *tree_;
}

Tree& FileSystemImage::tree() {
  if (changing_) return own_tree();
  note_change();
  open_ = own_tree().remember();
  most_blocks_.reset();
  return *tree_;
}

void FileSystemImage::set_profile(Profile profile) {
  std::swap(profile_, profile);
  try {
    static_cast<void>(plan());
  } catch (...) {
    profile_ = std::move(profile);
    throw;
  }
  most_blocks_.reset();
}

void FileSystemImage::set_volume_name(std::string name) {
  check_volume_name(name);
  profile_.volume_name = std::move(name);
}

// --- changes

bool FileSystemImage::has_open_change() const { return open_ && !same_state(*open_, tree_->mark()); }

// What was done through tree() ends here.
void FileSystemImage::note_change() {
  if (has_open_change()) states_.push_back(*open_);
  open_.reset();
}

void FileSystemImage::change(std::string_view item, const std::stop_token& stop, bool may_stage,
                             const std::function<void()>& work) {
  note_change();
  const auto before = own_tree().remember();
  const auto profile = profile_;
  const auto continuation = continuation_;
  const auto volume_name = imported_volume_name_;
  const auto root_given = root_given_;
  const auto findings = source_findings_.size();
  changing_ = true;
  try {
    work();
    if (may_stage && stage_files_)
      for (auto n = static_cast<std::uint32_t>(before.nodes); n < tree_->node_count(); ++n)
        stage(NodeId{n}, before, stop);
    keep_to_budget(before, item);
  } catch (...) {
    changing_ = false;
    own_tree().roll_back(before);
    profile_ = profile;
    continuation_ = continuation;
    imported_volume_name_ = volume_name;
    root_given_ = root_given;
    source_findings_.resize(findings);
    throw;
  }
  changing_ = false;
  if (!same_state(before, tree_->mark())) states_.push_back(before);
}

std::uint32_t FileSystemImage::change_point() const {
  return locked_ + static_cast<std::uint32_t>(states_.size()) + (has_open_change() ? 1 : 0);
}

void FileSystemImage::roll_back_to(std::uint32_t change_point) {
  note_change();
  if (change_point < locked_ || change_point > this->change_point())
    throw Error(Errc::invalid_argument, {}, "no change " + std::to_string(change_point) + " can be gone back to");
  const auto at = change_point - locked_;
  if (at == states_.size()) return;
  own_tree().roll_back(states_[at]);
  states_.resize(at);
  most_blocks_.reset();
}

void FileSystemImage::lock_in() {
  locked_ = change_point();
  states_.clear();
  open_.reset();
  own_tree().forget();
}

// --- staging

void FileSystemImage::set_working_directory(std::string path) {
  if (stash_)
    stash_->move_to(path);
  else
    stash_ = std::make_shared<Stash>(path);
  working_directory_ = std::move(path);
}

// Copies the contents of an item that were made since, once for all its names.
void FileSystemImage::stage(NodeId n, const Tree::Mark& since, const std::stop_token& stop) {
  const auto& inode = tree_->inode(n);
  const auto is_new = [&](ContentId content) { return content && content.value >= since.contents.contents; };
  if (inode.type == FileType::regular && is_new(inode.content))
    if (const auto copy = copy_of(inode.content, stop)) tree_->set_content(n, *copy);
  for (auto s = inode.first_stream; s; s = tree_->next_stream(s))
    if (is_new(tree_->stream_content(s)))
      if (const auto copy = copy_of(tree_->stream_content(s), stop)) tree_->set_content(s, *copy);
}

// Nothing of what has no bytes, or is a copy.
std::optional<ContentId> FileSystemImage::copy_of(ContentId content, const std::stop_token& stop) {
  auto& contents = tree_->contents();
  const auto size = contents.size(content);
  const auto slice = contents.slice(content);
  if (size == 0 || (slice && slice->source == stash_.get())) return std::nullopt;
  if (!stash_) stash_ = std::make_shared<Stash>(working_directory_);
  const auto at = stash_->add(size, [&](std::uint64_t offset, std::span<std::byte> out) {
    if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "adding was stopped");
    contents.read_at(content, offset, out);
  });
  return contents.add_slice(contents.add_volume(stash_, "copy in " + working_directory_), at, size);
}

// --- room

// A plan is made only when a bound on what was added says that it may be too much; each plan brings the bound back to what
// it is, so that they get fewer the less is left.
void FileSystemImage::keep_to_budget(const Tree::Mark& since, std::string_view item) {
  if (most_blocks_) {
    std::uint64_t added = 0;
    for (auto n = static_cast<std::uint32_t>(since.nodes); n < tree_->node_count(); ++n)
      added += most_blocks(profile_, *tree_, NodeId{n});
    if (added != 0) *most_blocks_ += added + (std::exchange(slack_counted_, true) ? 0 : kSizeSlack);
  }
  if (!free_media_blocks_ || (most_blocks_ && *most_blocks_ <= free_media_blocks_->value)) return;
  const auto blocks = measure();
  if (blocks > *free_media_blocks_)
    throw Error(Errc::no_space, {.path = std::string(item)},
                "with this the image has " + std::to_string(blocks.value) + " blocks, and may have " +
                    std::to_string(free_media_blocks_->value),
                Reason::over_budget);
}

BlockCount FileSystemImage::measure() const {
  const auto blocks = make_plan().total_blocks();
  most_blocks_ = blocks.value;
  slack_counted_ = false;
  return blocks;
}

BlockCount FileSystemImage::used_blocks() const {
  return most_blocks_ ? BlockCount{checked<std::uint32_t>(*most_blocks_, "blocks of the image")} : measure();
}

void FileSystemImage::set_free_media_blocks(std::optional<BlockCount> blocks) {
  if (blocks && used_blocks() > *blocks && measure() > *blocks)
    throw Error(Errc::no_space, {},
                "the image has " + std::to_string(measure().value) + " blocks already, more than " +
                    std::to_string(blocks->value),
                Reason::budget_too_low);
  free_media_blocks_ = blocks;
}

void FileSystemImage::choose(const MediaDefaults& defaults) {
  const auto before = profile_.file_systems;
  profile().file_systems = defaults.file_systems;
  try {
    set_free_media_blocks(defaults.free_media_blocks);
  } catch (...) {
    profile().file_systems = before;
    throw;
  }
}

void FileSystemImage::choose_image_defaults(MediaType type) { choose(media_defaults(type)); }
void FileSystemImage::choose_image_defaults(const Media& media) { choose(media_defaults(media)); }

void FileSystemImage::set_max_media_blocks_from_device(const Media& media) {
  set_free_media_blocks(media_defaults(media).free_media_blocks);
}

// --- entries

NodeId FileSystemImage::entry(std::string_view path, Reason missing) const {
  check_path(path);
  const auto n = tree_->find(path);
  if (!n) throw Error(Errc::not_found, {.path = std::string(path)}, "the image has no such entry", missing);
  return *n;
}

// What no image of the profile can hold is said before it is there.
void FileSystemImage::check_item(std::string_view path, FileType type, std::uint64_t size) const {
  auto name = path;
  Item item{.name = {}, .type = type, .size = size};
  for (auto folder = folder_of(name); folder != kRootNode; folder = tree_->parent(folder)) ++item.level;
  item.name = name;
  if (const auto error = obstacle(profile_, item)) throw error->with_path(path);
}

// The folder that the entry `path` lies in, or will lie in; `path` is left with its name.
NodeId FileSystemImage::folder_of(std::string_view& path) const {
  check_path(path);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  const auto folder = entry(slash == 0 ? "/" : path.substr(0, slash), Reason::no_such_folder);
  path.remove_prefix(slash + 1);
  return folder;
}

NodeId FileSystemImage::add_directory(std::string_view path, const Attributes& attributes) {
  check_item(path, FileType::directory, 0);
  NodeId added;
  change(path, {}, true, [&] {
    auto name = path;
    const auto folder = folder_of(name);
    added = tree_->add_directory(folder, name, attributes);
  });
  return added;
}

NodeId FileSystemImage::add_file(std::string_view path, std::shared_ptr<const ByteSource> data,
                                 const Attributes& attributes) {
  if (!data) throw Error(Errc::invalid_argument, {.path = std::string(path)}, "a file without data");
  check_item(path, FileType::regular, data->size());
  NodeId added;
  change(path, {}, true, [&] {
    auto name = path;
    const auto folder = folder_of(name);
    added = tree_->add_file(folder, name, attributes, std::move(data));
  });
  return added;
}

void FileSystemImage::attach(NodeId folder, std::string_view name, NodeId item) {
  if (folder.value >= tree_->node_count() || item.value >= tree_->node_count())
    throw Error(Errc::invalid_argument, {.path = std::string(name)}, "no such item");
  if (!tree_->attached(folder))
    throw Error(Errc::invalid_argument, {.path = std::string(name)}, "the folder itself has no place in the image",
                Reason::not_in_image);
  change(name, {}, false, [&] {
    tree_->attach(folder, name, item);
    if (stage_files_) for_each_below(*tree_, item, [&](NodeId n) { stage(n, {}, {}); });
    most_blocks_.reset();  // nothing was made
  });
}

void FileSystemImage::remove(std::string_view path) {
  const auto n = entry(path, Reason::none);
  change(path, {}, false, [&] { tree_->remove(n); });
}

void FileSystemImage::remove_tree(std::string_view path) {
  const auto n = entry(path, Reason::no_such_folder);
  if (!tree_->is_directory(n))
    throw Error(Errc::not_a_directory, {.path = std::string(path)}, "only a folder goes with all below it");
  change(path, {}, false, [&] { tree_->remove_tree(n); });
}

void FileSystemImage::set_attributes(std::string_view path, const Attributes& attributes) {
  const auto n = entry(path, Reason::none);
  check_times(attributes, path);
  change(path, {}, false, [&] { tree_->set_attributes(n, attributes); });
}

std::optional<FileType> FileSystemImage::exists(std::string_view path) const {
  check_path(path);
  const auto n = tree_->find(path);
  return n ? std::optional(tree_->inode(*n).type) : std::nullopt;
}

std::shared_ptr<const ByteSource> FileSystemImage::data(std::string_view path) const {
  const auto& inode = tree_->inode(entry(path, Reason::no_such_file));
  if (inode.type != FileType::regular)
    throw Error(Errc::invalid_argument, {.path = std::string(path)}, "not a file", Reason::not_a_file);
  if (!inode.content) return std::make_shared<ZeroSource>(0);
  return std::make_shared<ContentSource>(std::shared_ptr<const ContentStore>(tree_, &tree_->contents()), inode.content);
}

FileSystemImage::Counts FileSystemImage::counts() const {
  Counts counts;
  for_each_below(*tree_, kRootNode, [&](NodeId n) { ++(tree_->is_directory(n) ? counts.directories : counts.files); });
  return counts;
}

}  // namespace fsimage
