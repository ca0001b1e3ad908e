#include <fsimage/import/host_cursor.hpp>

#include "folder_ahead.hpp"
#include "host_entry.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/glob.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <stdexcept>

namespace fsimage {
namespace {

std::vector<ExtendedAttribute> extended(std::vector<HostXattr> xattrs) {
  std::vector<ExtendedAttribute> out;
  for (auto& x : xattrs) {
    const auto size = x.value.size();
    out.push_back({std::move(x.name), std::move(x.value), size});
  }
  return out;
}

// Those of users, whose values are kept.
std::vector<EntryStream> streams_from(std::vector<HostXattr> xattrs, const std::string& path, ContentStore& store) {
  std::vector<EntryStream> out;
  for (auto& x : extended(std::move(xattrs))) {
    if (!is_stream(x)) continue;
    auto name = x.name.substr(kUserNamespace.size());
    auto label = path;
    (label += ':') += name;
    out.push_back({std::move(name), store.add_source(std::make_shared<MemorySource>(x.value), label)});
  }
  return out;
}

template <class Work>
auto with_path(const std::string& path, Work work) {
  try {
    return work();
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

bool is_special(FileType type) {
  return type != FileType::regular && type != FileType::directory && type != FileType::symlink;
}

// The last component of the path of something that exists.
std::string name_of(const std::string& path) {
  const auto last = [](std::string_view p) {
    while (!p.empty() && p.back() == '/') p.remove_suffix(1);
    return std::string(p.substr(p.rfind('/') + 1));
  };
  auto name = last(path);
  if (name.empty() || name == "." || name == "..") name = last(resolved_host_path(path));
  if (name.empty()) throw Error(Errc::invalid_argument, {.path = path}, "the folder has no name of its own");
  return name;
}

void check_name(std::string_view name, const std::string& path) {
  if (!is_valid_name(name)) throw Error(Errc::not_representable, {.path = path}, "the name is longer than 255 bytes");
}

// What of a folder is wanted: all, or what some lines of a list name, each with a path below the list's top.
struct Wanted {
  bool everything = true;
  std::size_t first = 0, last = 0;
};

// With fewer handles than this for open folders, none is opened ahead: threads would take them from who needs them now.
constexpr std::size_t kHandlesForThreads = 16;

// A folder on the way from the top to where the cursor is.
struct Level {
  std::shared_ptr<const HostFolder> folder;  // null while it is closed to save handles
  std::shared_ptr<const SortedNames> names;
  std::size_t next = 0;         // the name that comes next
  std::size_t path_length = 0;  // of its own path, with the '/' behind it
  std::uint64_t device = 0, inode = 0;
  std::optional<ContentStore::FolderId> id;  // in the store that content() was called with
  Links links = Links::keep;                 // how its parent leads to it
  Wanted wanted;
  std::vector<std::size_t> lines{};                    // by name, the first of its lines, when not everything is wanted
  std::shared_ptr<LookAtNames> looks{}, more_looks{};  // at the last name, and at those that follow
  struct Ahead {
    std::size_t name;
    std::shared_ptr<ListFolder> list;
  };
  std::deque<Ahead> ahead{};   // folders in it that are read ahead, in their order
  std::size_t ahead_from = 0;  // the first name that may still become one of these

  std::string_view last_name() const { return (*names)[next - 1]; }
};

class HostTree final : public EntryCursor {
 public:
  struct Listed {
    std::shared_ptr<const PathList> paths;
    bool recursive = false;
  };
  HostTree(std::string path, HostScan scan, bool with_base, Listed listed)
      : root_(std::move(path)),
        absolute_root_(absolute_host_path(root_)),
        path_(root_),
        excludes_(std::move(scan.exclude)),
        listed_(std::move(listed)),
        links_(scan.follow_links == FollowLinks::all ? Links::follow : Links::keep),
        one_file_system_(scan.one_file_system),
        skip_special_files_(scan.skip_special_files),
        user_xattrs_(scan.user_xattrs),
        most_open_(std::clamp<std::size_t>(open_handle_limit() / 8, 2, 64)),
        most_ahead_(most_open_ < kHandlesForThreads ? 0 : most_open_ / 2) {
    last_ = stat_host(root_);
    if (with_base) {
      base_ = host_entry(0, name_of(root_), FileType::directory, last_);
      check_name(base_->name, root_);
      base_depth_ = 1;
    }
    if (listed_.paths != nullptr) {
      below_ = {.everything = false, .first = 0, .last = listed_.paths->size()};
      if (below_.last != 0 && (*listed_.paths)[0].empty()) take_line(below_);
    }
    enter(with_path(root_, [&] { return HostFolder::open(absolute_root_, access()); }), nullptr);
  }

  std::optional<Entry> next() override;
  ContentId content(ContentStore& store) override;
  std::vector<ExtendedAttribute> xattrs() override { return extended(host_xattrs()); }
  std::vector<EntryStream> streams(ContentStore& store) override {
    const bool list_top = listed_.paths != nullptr && levels_.size() == 1 && levels_.back().next == 0;
    return user_xattrs_ && !base_ && !list_top ? streams_from(host_xattrs(), origin(), store)
                                               : std::vector<EntryStream>();
  }
  bool tells_streams() const override { return user_xattrs_; }
  void skip_subtree() override {
    if (at_base_) levels_.clear();
    descend_ = false;
  }
  std::string origin() const override { return at_base_ ? root_ : path_; }

 private:
  std::string_view path_below_root() const { return std::string_view(path_).substr(root_length_); }
  HostFolder::Access access() const { return below_.everything ? HostFolder::Access::list : HostFolder::Access::reach; }
  void take_line(Wanted&) const;
  void name_wanted(Level&, SortedNames&) const;
  void enter(std::shared_ptr<const HostFolder>, const ListFolder* read);
  void drop_ahead(Level&, std::size_t before);
  void drop_ahead(Level&);
  std::shared_ptr<ListFolder> read_ahead(Level&);
  bool looks_ahead(const Level&);
  HostStat stat_last(Level&);
  void read_folders_ahead(Level&);
  void descend();
  void leave();
  void reopen(std::size_t level, const HostFolder& below);
  std::shared_ptr<const HostFolder> walk_to(std::size_t level) const;
  bool is_level(const HostFolder&, const Level&) const;
  void refuse_loop() const;
  std::optional<Entry> look();
  bool look_at(Level&, bool named, bool passed_through);
  std::vector<HostXattr> host_xattrs() const;

  std::string root_, absolute_root_;
  std::string path_;             // of the last entry
  std::size_t root_length_ = 0;  // of the part of it that is the root's, with the '/' behind it
  ExcludeList excludes_;
  Listed listed_;
  Links links_;
  bool one_file_system_, skip_special_files_, user_xattrs_;
  std::size_t most_open_, most_ahead_;
  std::uint32_t user_ = effective_user();
  std::vector<Level> levels_;
  HostStat last_;                     // of the last entry
  Links last_links_ = Links::follow;  // how that was looked at
  Wanted below_;                      // of what is in the last entry, or in the root
  std::optional<Entry> base_;         // until it was given out
  std::uint32_t base_depth_ = 0;      // what the base folder adds to every depth
  bool at_base_ = false;              // the last entry was the base folder
  bool descend_ = false;              // the last entry was a folder: go into it
  const ContentStore* store_ = nullptr;
  std::size_t looked_at_ = 0;        // entries, while that decides about threads
  std::size_t ahead_ = 0;            // folders that are read ahead, in all levels
  std::unique_ptr<WorkAhead> crew_;  // once there is enough to look at
};

// The first line names the folder itself: all of it, or nothing more than the other lines.
void HostTree::take_line(Wanted& wanted) const {
  ++wanted.first;
  if (listed_.recursive) wanted = {};
}

// The names that come next on the wanted lines.
void HostTree::name_wanted(Level& level, SortedNames& names) const {
  const auto top = path_below_root().size();
  std::string_view previous;
  for (auto i = level.wanted.first; i < level.wanted.last; ++i) {
    const auto rest = (*listed_.paths)[i].substr(top);
    const auto name = rest.substr(0, rest.find('/'));
    if (name == previous) continue;
    names.add(name);
    level.lines.push_back(i);
    previous = name;
  }
}

// `folder` is the last entry, or the root: the cursor goes into it.
void HostTree::enter(std::shared_ptr<const HostFolder> folder, const ListFolder* read) {
  Level level;
  level.device = last_.fingerprint.device;
  level.inode = last_.fingerprint.inode;
  level.links = last_links_;
  level.wanted = below_;
  if (path_.back() != '/') path_ += '/';
  level.path_length = path_.size();
  if (levels_.empty()) root_length_ = path_.size();
  if (read != nullptr) {
    level.names = read->names;
    level.looks = read->looks;
  } else if (level.wanted.everything) {
    level.names = with_path(path_, [&] { return std::make_shared<const SortedNames>(names_in(*folder)); });
  } else {
    SortedNames names;
    name_wanted(level, names);
    names.sort();
    level.names = std::make_shared<const SortedNames>(std::move(names));
  }
  level.folder = std::move(folder);
  levels_.push_back(std::move(level));
  if (levels_.size() > most_open_) {
    Level& oldest = levels_[levels_.size() - 1 - most_open_];
    if (oldest.folder == nullptr) return;
    // What the folder itself says: for a mount point that is not what its entry said.
    const auto self = with_path(path_, [&] { return oldest.folder->stat().fingerprint; });
    oldest.device = self.device;
    oldest.inode = self.inode;
    oldest.folder.reset();
    oldest.looks.reset();
    drop_ahead(oldest);
  }
}

void HostTree::descend() {
  descend_ = false;
  Level& level = levels_.back();
  if (const auto read = read_ahead(level)) return enter(read->folder, read.get());
  const auto name = level.last_name();
  enter(with_path(path_, [&] { return level.folder->open_folder(name.data(), access(), last_links_); }), nullptr);
}

void HostTree::drop_ahead(Level& level, std::size_t before) {
  for (; !level.ahead.empty() && level.ahead.front().name < before; --ahead_) {
    crew_->drop(*level.ahead.front().list);
    level.ahead.pop_front();
  }
}

// All of it: the level is left, or closed.
void HostTree::drop_ahead(Level& level) {
  drop_ahead(level, level.names->size());
  if (level.more_looks != nullptr) crew_->drop(*level.more_looks);
  level.more_looks.reset();
}

// What was read ahead of the folder that is the last entry, if anything was.
std::shared_ptr<ListFolder> HostTree::read_ahead(Level& level) {
  const auto last = level.next - 1;
  drop_ahead(level, last);
  if (level.ahead.empty() || level.ahead.front().name != last) return nullptr;
  const auto read = level.ahead.front().list;
  crew_->finish(*read);
  drop_ahead(level, level.next);
  return read->folder == nullptr ? nullptr : read;
}

// Back to the parent, which may have been closed meanwhile.
void HostTree::leave() {
  drop_ahead(levels_.back());
  const auto left = std::move(levels_.back());
  levels_.pop_back();
  if (levels_.empty()) return;
  path_.resize(levels_.back().path_length);
  if (levels_.back().folder == nullptr) reopen(levels_.size() - 1, *left.folder);
}

bool HostTree::is_level(const HostFolder& folder, const Level& level) const {
  const auto self = folder.stat().fingerprint;
  return self.device == level.device && self.inode == level.inode;
}

// By ".." in one step; from the top when that leads elsewhere, as it does behind a symlink.
void HostTree::reopen(std::size_t at, const HostFolder& below) {
  Level& level = levels_[at];
  try {
    auto parent = below.open_folder("..", HostFolder::Access::reach, Links::keep);
    if (is_level(*parent, level)) {
      level.folder = std::move(parent);
      return;
    }
  } catch (const Error&) {  // no right to pass through `below`: its parent can still be reached from above
  }
  with_path(path_, [&] {
    level.folder = walk_to(at);
    if (!is_level(*level.folder, level))
      throw Error(Errc::source_changed, {}, "the folder was moved while it was read");
  });
}

std::shared_ptr<const HostFolder> HostTree::walk_to(std::size_t at) const {
  auto folder = HostFolder::open(absolute_root_, HostFolder::Access::reach);
  for (std::size_t i = 0; i < at; ++i)
    folder = folder->open_folder(levels_[i].last_name().data(), HostFolder::Access::reach, levels_[i + 1].links);
  return folder;
}

void HostTree::refuse_loop() const {
  for (const Level& level : levels_)
    if (level.device == last_.fingerprint.device && level.inode == last_.fingerprint.inode)
      throw os_error(ELOOP, path_, "a symbolic link leads back to a folder that it lies in");
}

// A link that is followed leads anywhere, and a list says what is wanted: these are looked at as it comes to them.
bool HostTree::looks_ahead(const Level& level) {
  constexpr std::size_t kWorthThreads = 1'000, kMostWaiting = 3;  // for a disk
  if (links_ == Links::follow || !level.wanted.everything || most_ahead_ == 0) return false;
  if (crew_ == nullptr && ++looked_at_ > kWorthThreads)
    crew_ = std::make_unique<WorkAhead>(
        Workers{.always = default_workers() - 1, .most = std::max(default_workers() - 1, kMostWaiting)});
  return crew_ != nullptr;
}

HostStat HostTree::stat_last(Level& level) {
  const auto last = level.next - 1;
  if (looks_ahead(level)) {
    if (level.looks == nullptr || !level.looks->covers(last)) {
      level.looks = level.more_looks != nullptr && level.more_looks->covers(last)
                        ? std::move(level.more_looks)
                        : std::make_shared<LookAtNames>(level.folder, level.names, last);
      crew_->finish(*level.looks);
    }
    if (level.more_looks == nullptr && level.looks->end() < level.names->size()) {
      level.more_looks = std::make_shared<LookAtNames>(level.folder, level.names, level.looks->end());
      crew_->add(std::vector<std::shared_ptr<WorkAhead::Work>>{level.more_looks}, levels_.size());
    }
    read_folders_ahead(level);
    if (const auto& found = level.looks->at(last)) return *found;
  }
  return level.folder->stat(level.last_name().data(), links_);
}

// Those that come next in the level, as far as they have been looked at.
void HostTree::read_folders_ahead(Level& level) {
  constexpr std::size_t kMostInLevel = 16;  // and half of them before more are asked for, so that threads seldom sleep
  std::vector<std::shared_ptr<WorkAhead::Work>> works;
  drop_ahead(level, level.next - 1);
  if (level.ahead.size() > kMostInLevel / 2) return;
  level.ahead_from = std::max(level.ahead_from, level.next);
  for (; level.ahead_from < level.looks->end() && level.ahead.size() < kMostInLevel && ahead_ < most_ahead_;
       ++level.ahead_from) {
    const auto& found = level.looks->at(level.ahead_from);
    if (!found || !is_folder(*found)) continue;
    if (one_file_system_ && found->fingerprint.device != level.device) continue;
    const auto name = (*level.names)[level.ahead_from];
    const auto below = path_.substr(root_length_, level.path_length - root_length_).append(name);
    if (excludes_.excludes(below) || excludes_.excludes_folder(below)) continue;
    level.ahead.push_back({level.ahead_from, std::make_shared<ListFolder>(level.folder, name)});
    works.push_back(level.ahead.back().list);
    ++ahead_;
  }
  if (!works.empty()) crew_->add(works, levels_.size());
}

// Looks at the last name of the innermost folder: false for what is left out. A list can name what lies behind it.
bool HostTree::look_at(Level& level, bool named, bool passed_through) {
  const auto name = level.last_name();
  last_links_ = links_;
  last_ = stat_last(level);
  auto type = host_type(last_, path_);
  if (passed_through && type == FileType::symlink) {
    if (named) throw Error(Errc::invalid_argument, {}, "a symbolic link is listed, and paths that lead through it");
    last_links_ = Links::follow;
    last_ = level.folder->stat(name.data(), last_links_);
    type = host_type(last_, path_);
  }
  if (type != FileType::directory) {
    if (passed_through) throw os_error(ENOTDIR, {}, "a path leads through it");
    return !(skip_special_files_ && is_special(type));
  }
  if (excludes_.excludes_folder(path_below_root())) return false;
  if (links_ == Links::follow) refuse_loop();
  const bool mounted = one_file_system_ && last_.fingerprint.device != level.device;
  descend_ = below_.everything ? !mounted : passed_through;
  return true;
}

// The entry for the last name of the innermost folder; nullopt when a pattern leaves it out.
std::optional<Entry> HostTree::look() {
  Level& level = levels_.back();
  const auto name = level.last_name();
  path_.resize(level.path_length);
  path_ += name;
  if (excludes_.excludes(path_below_root())) return std::nullopt;
  const auto looked = [&]() -> std::optional<Entry> {
    check_name(name, path_);
    bool named = true, passed_through = false;
    below_ = {};
    if (!level.wanted.everything) {
      const auto n = level.next - 1;
      const auto last = n + 1 < level.lines.size() ? level.lines[n + 1] : level.wanted.last;
      below_ = {.everything = false, .first = level.lines[n], .last = last};
      named = (*listed_.paths)[below_.first].size() == path_below_root().size();
      passed_through = below_.first + (named ? 1 : 0) < below_.last;
      if (named) take_line(below_);
    }
    if (!look_at(level, named, passed_through)) return std::nullopt;
    const auto type = host_type(last_, path_);
    if (type == FileType::regular && !surely_readable(last_, user_) && !level.folder->readable(name.data()))
      throw os_error(EACCES, path_, "the file cannot be read");
    auto entry = host_entry(base_depth_ + static_cast<std::uint32_t>(levels_.size() - 1), name, type, last_);
    if (type == FileType::symlink) entry.target = level.folder->link_target(name.data());
    return entry;
  };
  try {
    return looked();
  } catch (const Error& e) {
    if (level.wanted.everything) throw e.with_path(path_);
    const auto line = listed_.paths->place(level.lines[level.next - 1]);
    throw Error(e.code(), {.path = path_}, e.message() + " (" + line + ')');
  }
}

std::optional<Entry> HostTree::next() {
  if (base_) {
    at_base_ = true;
    auto entry = std::move(base_);
    base_.reset();
    return entry;
  }
  at_base_ = false;
  if (descend_) descend();
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.next == level.names->size()) {
      leave();
      continue;
    }
    ++level.next;
    if (auto entry = look()) return entry;
  }
  return std::nullopt;
}

ContentId HostTree::content(ContentStore& store) {
  if (levels_.empty() || levels_.back().next == 0 || host_type(last_, path_) != FileType::regular)
    throw std::logic_error("content of no file");
  if (store_ != &store)
    for (Level& level : levels_) level.id.reset();
  store_ = &store;
  for (std::size_t i = 0; !levels_.back().id; ++i)
    if (!levels_[i].id)
      levels_[i].id =
          i == 0 ? store.add_folder(absolute_root_) : store.add_folder(*levels_[i - 1].id, levels_[i - 1].last_name());
  return store.add_file(*levels_.back().id, levels_.back().last_name(), last_.fingerprint);
}

std::vector<HostXattr> HostTree::host_xattrs() const {
  if (levels_.empty()) return {};
  const Level& level = levels_.back();
  return level.next == 0 ? level.folder->xattrs() : level.folder->xattrs(level.last_name().data(), last_links_);
}

std::string parent_of(const std::string& path) {
  const auto absolute = absolute_host_path(path);
  return absolute.substr(0, absolute.rfind('/') + 1);
}

// The link itself, when `path` names one; a '/' at the end asks for what it points to.
std::optional<HostStat> stat_link(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  if (name.empty() || name == "." || name == "..") return std::nullopt;
  const auto stat = with_path(path, [&] {
    return HostFolder::open(parent_of(path), HostFolder::Access::reach)->stat(name.c_str(), Links::keep);
  });
  return host_type(stat, path) == FileType::symlink ? std::optional(stat) : std::nullopt;
}

// One host file of any type but a folder.
class HostFile final : public EntryCursor {
 public:
  HostFile(std::string path, const HostStat& stat, const HostScan& scan)
      : path_(std::move(path)), stat_(stat), user_xattrs_(scan.user_xattrs) {
    name_ = name_of(path_);
    check_name(name_, path_);
    type_ = host_type(stat_, path_);
    done_ = scan.skip_special_files && is_special(type_);
    if (type_ == FileType::regular && !surely_readable(stat_, effective_user()) && !parent()->readable(name_.c_str()))
      throw os_error(EACCES, path_, "the file cannot be read");
  }
  std::optional<Entry> next() override {
    if (done_) return std::nullopt;
    done_ = true;
    auto entry = host_entry(0, name_, type_, stat_);
    if (type_ == FileType::symlink)
      entry.target = with_path(path_, [&] { return parent()->link_target(name_.c_str()); });
    return entry;
  }
  ContentId content(ContentStore& store) override {
    if (!done_ || type_ != FileType::regular) throw std::logic_error("content of no file");
    return store.add_file(store.add_folder(parent_of(path_)), name_, stat_.fingerprint);
  }
  std::vector<ExtendedAttribute> xattrs() override { return extended(host_xattrs()); }
  std::vector<EntryStream> streams(ContentStore& store) override {
    return user_xattrs_ ? streams_from(host_xattrs(), path_, store) : std::vector<EntryStream>();
  }
  bool tells_streams() const override { return user_xattrs_; }
  void skip_subtree() override {}
  std::string origin() const override { return path_; }

 private:
  std::vector<HostXattr> host_xattrs() const {
    const auto links = type_ == FileType::symlink ? Links::keep : Links::follow;
    return done_ ? parent()->xattrs(name_.c_str(), links) : std::vector<HostXattr>();
  }
  std::shared_ptr<const HostFolder> parent() const {
    return HostFolder::open(parent_of(path_), HostFolder::Access::reach);
  }

  std::string path_, name_;
  HostStat stat_;
  bool user_xattrs_;
  FileType type_ = FileType::regular;
  bool done_ = false;
};

bool is_directory(const HostStat& stat, const std::string& path) {
  return host_type(stat, path) == FileType::directory;
}

}  // namespace

std::unique_ptr<EntryCursor> open_host(std::string path, HostScan scan) {
  path = slashed_host_path(std::move(path));
  const auto link = scan.follow_links == FollowLinks::none ? stat_link(path) : std::nullopt;
  const auto stat = link ? *link : stat_host(path);
  if (is_directory(stat, path))
    return std::make_unique<HostTree>(std::move(path), std::move(scan), false, HostTree::Listed{});
  return std::make_unique<HostFile>(std::move(path), stat, scan);
}

std::unique_ptr<EntryCursor> open_host_with_base(std::string path, HostScan scan) {
  path = slashed_host_path(std::move(path));
  if (!is_host_directory(path)) throw Error(Errc::not_a_directory, {.path = path}, "only a folder can be its own base");
  return std::make_unique<HostTree>(std::move(path), std::move(scan), true, HostTree::Listed{});
}

std::unique_ptr<EntryCursor> open_host_paths(std::string root, std::shared_ptr<const PathList> paths, bool recursive,
                                             HostScan scan) {
  return std::make_unique<HostTree>(slashed_host_path(std::move(root)), std::move(scan), false,
                                    HostTree::Listed{std::move(paths), recursive});
}

Attributes host_attributes(const std::string& path) { return host_attributes(stat_host(path)); }

bool is_host_directory(const std::string& path, FollowLinks follow) {
  if (follow == FollowLinks::none && stat_link(slashed_host_path(path))) return false;
  return is_directory(stat_host(path), path);
}

}  // namespace fsimage
