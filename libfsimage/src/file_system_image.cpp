#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/layout/item_rules.hpp>

namespace fsimage {
namespace {

std::string_view without_trailing_slashes(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

std::string_view last_component(std::string_view path) {
  path = without_trailing_slashes(path);
  return path.substr(path.rfind('/') + 1);
}

// The one entry of a cursor over a host file, under another name.
class Renamed final : public EntryFilter {
 public:
  Renamed(std::unique_ptr<EntryCursor> inner, std::string name)
      : EntryFilter(std::move(inner)), name_(std::move(name)) {}
  std::optional<Entry> next() override {
    auto entry = EntryFilter::next();
    if (entry && entry->depth == 0) entry->name = name_;
    return entry;
  }

 private:
  std::string name_;
};

// What no image of the profile can hold is said before anything else is looked at.
class Checked final : public EntryFilter {
 public:
  Checked(std::unique_ptr<EntryCursor> inner, const Profile& profile, std::uint32_t level)
      : EntryFilter(std::move(inner)), profile_(profile), level_(level) {}
  std::optional<Entry> next() override {
    auto entry = EntryFilter::next();
    if (!entry) return entry;
    if (const auto error = obstacle(profile_, {entry->name, entry->type, entry->size, level_ + entry->depth}))
      throw error->with_path(origin());
    return entry;
  }

 private:
  const Profile& profile_;
  std::uint32_t level_;  // of entries of depth 0
};

std::uint32_t level_below(const Tree& tree, NodeId folder) {
  std::uint32_t level = 2;
  for (; folder != kRootNode; folder = tree.parent(folder)) ++level;
  return level;
}

// What was wrong with a host source, where it was the system that said no.
Reason trouble_of_source(const Error& e) {
  const auto& category = e.code().category();
  if (category != std::generic_category() && category != std::system_category()) return Reason::none;
  try {
    return is_host_directory(e.where().path) ? Reason::folder_not_listed : Reason::source_not_opened;
  } catch (const std::system_error&) {  // nothing is there any more, or nobody may see it
    return Reason::source_not_opened;
  }
}

constexpr bool kMayStage = true, kStays = false;

}  // namespace

FileSystemImage::FileSystemImage() : tree_(std::make_shared<Tree>()) {}

// Folders made for the target go again when the source fails.
ReusedContent FileSystemImage::add_into(std::string_view folder, std::unique_ptr<EntryCursor> cursor,
                                        const AddOptions& options, Tree::Existing existing) {
  Tree& tree = this->tree();
  std::string first_missing;
  for (auto up = without_trailing_slashes(folder); !up.empty() && !tree.find(up);
       up = without_trailing_slashes(up.substr(0, up.size() - last_component(up).size())))
    first_missing = up;
  const auto into = tree.make_path(folder, {.permissions = 0755});
  cursor = normalize_names(std::move(cursor), options.normalization,
                           [&](const Finding& f) { source_findings_.push_back(f); });
  Checked checked(std::move(cursor), profile_, level_below(tree, into));
  try {
    return add_entries(
        tree, into, checked,
        {.progress = options.progress, .stop = options.stop, .existing = existing, .attributes = options.attributes});
  } catch (...) {
    if (!first_missing.empty()) tree.remove_tree(*tree.find(first_missing));
    throw;
  }
}

ReusedContent FileSystemImage::add(std::unique_ptr<EntryCursor> entries, std::string_view target,
                                   const AddOptions& options) {
  const auto existing = options.existing == Tree::Existing::mirror ? Tree::Existing::replace : options.existing;
  ReusedContent reused;
  change(target, options.stop, kMayStage,
         [&] { reused = add_into(without_trailing_slashes(target), std::move(entries), options, existing); });
  return reused;
}

ReusedContent FileSystemImage::add_host(const std::string& host_path, std::string_view target,
                                        const AddOptions& options) {
  const bool folder = is_host_directory(host_path, options.scan.follow_links);
  const bool into_target = folder || target.empty() || target.back() == '/' ||
                           (tree_->find(target) && tree_->is_directory(*tree_->find(target)));
  const auto trimmed = without_trailing_slashes(target);
  const auto parent = into_target ? trimmed : trimmed.substr(0, trimmed.size() - last_component(trimmed).size());

  Attributes given;
  const bool gives_root = folder && !options.include_base_directory;
  if (gives_root) given = options.attributes.apply(FileType::directory, host_attributes(host_path));
  const bool made = !tree_->find(parent);
  // A file, or a folder beside others, is a mirror of nothing.
  auto existing = options.existing;
  if (existing == Tree::Existing::mirror && !gives_root) existing = Tree::Existing::replace;
  std::unique_ptr<EntryCursor> cursor = folder && options.include_base_directory
                                            ? open_host_with_base(host_path, options.scan)
                                            : open_host(host_path, options.scan);
  if (!into_target) cursor = std::make_unique<Renamed>(std::move(cursor), std::string(last_component(trimmed)));
  const auto reused = add_into(parent, std::move(cursor), options, existing);
  Tree& tree = this->tree();
  const auto into = *tree.find(parent);
  if (gives_root && (made || existing == Tree::Existing::mirror || (into == kRootNode && !root_given_)))
    tree.set_attributes(into, given);
  root_given_ = root_given_ || (gives_root && into == kRootNode);
  return reused;
}

ReusedContent FileSystemImage::add(const std::string& host_path, std::string_view target, const AddOptions& options) {
  ReusedContent reused;
  change(host_path, options.stop, kMayStage, [&] {
    try {
      reused = add_host(host_path, target, options);
    } catch (const Error& e) {
      throw e.with_reason(trouble_of_source(e));
    }
  });
  return reused;
}

ImportedVolume FileSystemImage::import_file_system(const std::shared_ptr<const ByteSource>& source,
                                                   const ImportOptions& options) {
  ImportedVolume imported;
  change(options.label, options.stop, kStays, [&] {
    imported = fsimage::import_file_system(tree(), source, options);
    imported_volume_name_ = imported.name;
    root_given_ = true;
  });
  return imported;
}

ImportedVolume FileSystemImage::continue_disc(const std::shared_ptr<const ByteSource>& disc, const Media& media,
                                              const ImportOptions& options) {
  ImportedVolume imported;
  change(options.label, options.stop, kStays, [&] { imported = go_on_with(disc, media, options); });
  return imported;
}

bool FileSystemImage::is_continuable(const std::shared_ptr<const ByteSource>& disc, const Media& media, View view,
                                     const ImportOptions& options) {
  try {
    return FileSystemImage().continue_disc(disc, media, options).session.found.has(view);
  } catch (const Error& e) {
    for (const auto no : {Errc::session_conflict, Errc::not_found, Errc::no_media, Errc::write_protected})
      if (e.code() == no) return false;
    throw;
  }
}

void FileSystemImage::set_session_start_block(Lba start) {
  if (continuation_ && start != continuation_->start)
    throw Error(Errc::session_conflict, {.path = {}, .lba = start, .clause = {}},
                "the disc says where its next session starts");
  start_ = start;
}

Plan FileSystemImage::make_plan() const {
  if (continuation_ || start_ == Lba{}) return {tree_, profile_, continuation_};
  auto alone = std::make_shared<Continuation>();
  alone->start = start_;
  if (profile_.file_systems.udf) alone->partition = PartitionStart{};
  return {tree_, profile_, std::move(alone)};
}

Plan FileSystemImage::plan() const {
  auto plan = make_plan();
  if (free_media_blocks_ && plan.total_blocks() > *free_media_blocks_)
    throw Error(Errc::no_space, {},
                "the image has " + std::to_string(plan.total_blocks().value) + " blocks, and may have " +
                    std::to_string(free_media_blocks_->value),
                Reason::over_budget);
  return plan;
}

}  // namespace fsimage
