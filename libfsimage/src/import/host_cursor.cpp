#include <fsimage/import/host_cursor.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/glob.hpp>
#include <fsimage/io/host_folder.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace fsimage {
namespace {

// The types in st_mode, which POSIX names but does not number; every system numbers them so.
FileType type_of(const HostStat& stat, const std::string& path) {
  switch (stat.mode & 0170000U) {
    case 0100000U: return FileType::regular;
    case 0040000U: return FileType::directory;
    case 0120000U: return FileType::symlink;
    case 0060000U: return FileType::block_device;
    case 0020000U: return FileType::char_device;
    case 0010000U: return FileType::fifo;
    case 0140000U: return FileType::socket;
    default: throw Error(Errc::unsupported, {.path = path}, "an entry of unknown type");
  }
}

Attributes attributes_of(const HostStat& stat) {
  Attributes a;
  a.permissions = static_cast<std::uint16_t>(stat.mode & 07777U);
  a.uid = stat.uid;
  a.gid = stat.gid;
  a.modified = stat.modified;
  a.accessed = stat.accessed;
  a.changed = stat.changed;
  a.created = stat.created;
  return a;
}

// All of an entry that the stat tells: a symlink's target is not in it.
Entry entry_of(std::uint32_t depth, std::string_view name, FileType type, const HostStat& stat) {
  Entry entry;
  entry.depth = depth;
  entry.name = name;
  entry.type = type;
  entry.attributes = attributes_of(stat);
  if (type == FileType::regular) entry.size = stat.fingerprint.size;
  if (type == FileType::block_device || type == FileType::char_device)
    entry.device = {.major = stat.device_major, .minor = stat.device_minor};
  if (type != FileType::directory && stat.links > 1) {
    entry.links = static_cast<std::uint32_t>(std::min<std::uint64_t>(stat.links, 0xFFFFFFFFU));
    entry.identity[0] = stat.fingerprint.device;
    entry.identity[1] = stat.fingerprint.inode;
  }
  return entry;
}

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

// The names in a folder, sorted by their bytes. The first eight bytes as a number settle most comparisons.
class SortedNames {
 public:
  void add(std::string_view name) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < sizeof prefix; ++i)
      prefix = prefix << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
    refs_.push_back({prefix, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(name.size())});
    bytes_.insert(bytes_.end(), name.begin(), name.end());
    bytes_.push_back('\0');
    if (bytes_.size() > 0xFFFF0000U) throw Error(Errc::limit_exceeded, {}, "more than 4 GiB of names in one folder");
  }
  void sort() {
    std::sort(refs_.begin(), refs_.end(), [&](const Ref& a, const Ref& b) {
      return a.prefix != b.prefix ? a.prefix < b.prefix : view(a) < view(b);
    });
  }
  std::size_t size() const { return refs_.size(); }
  std::string_view operator[](std::size_t i) const { return view(refs_[i]); }  // a NUL follows

 private:
  struct Ref {
    std::uint64_t prefix;
    std::uint32_t at, length;
  };
  std::string_view view(const Ref& r) const { return {bytes_.data() + r.at, r.length}; }
  std::vector<Ref> refs_;
  std::vector<char> bytes_;
};

// A folder on the way from the top to where the cursor is.
struct Level {
  std::shared_ptr<const HostFolder> folder;  // null while it is closed to save handles
  SortedNames names;
  std::size_t next = 0;         // the name that comes next
  std::size_t path_length = 0;  // of its own path, with the '/' behind it
  std::uint64_t device = 0, inode = 0;
  std::optional<ContentStore::FolderId> id;  // in the store that content() was called with

  std::string_view last_name() const { return names[next - 1]; }
};

class HostTree final : public EntryCursor {
 public:
  HostTree(std::string path, HostScan scan, bool with_base)
      : root_(std::move(path)),
        absolute_root_(absolute_host_path(root_)),
        path_(root_),
        excludes_(std::move(scan.exclude)),
        links_(scan.follow_links ? Links::follow : Links::keep),
        user_xattrs_(scan.user_xattrs),
        most_open_(std::clamp<std::size_t>(open_handle_limit() / 8, 2, 64)) {
    last_ = stat_host(root_);
    if (with_base) {
      base_ = entry_of(0, name_of(root_), FileType::directory, last_);
      check_name(base_->name, root_);
      base_depth_ = 1;
    }
    enter(with_path(root_, [&] { return HostFolder::open(absolute_root_, HostFolder::Access::list); }));
  }

  std::optional<Entry> next() override;
  ContentId content(ContentStore& store) override;
  std::vector<ExtendedAttribute> xattrs() override { return extended(host_xattrs()); }
  std::vector<EntryStream> streams(ContentStore& store) override {
    return user_xattrs_ && !base_ ? streams_from(host_xattrs(), origin(), store) : std::vector<EntryStream>();
  }
  bool tells_streams() const override { return user_xattrs_; }
  void skip_subtree() override {
    if (at_base_) levels_.clear();
    descend_ = false;
  }
  std::string origin() const override { return at_base_ ? root_ : path_; }

 private:
  std::string_view path_below_root() const { return std::string_view(path_).substr(levels_.front().path_length); }
  void enter(std::shared_ptr<const HostFolder>);
  void descend();
  void leave();
  void reopen(std::size_t level, const HostFolder& below);
  std::shared_ptr<const HostFolder> walk_to(std::size_t level) const;
  bool is_level(const HostFolder&, const Level&) const;
  void refuse_loop() const;
  std::optional<Entry> look();
  std::vector<HostXattr> host_xattrs() const;

  std::string root_, absolute_root_;
  std::string path_;  // of the last entry
  ExcludeList excludes_;
  Links links_;
  bool user_xattrs_;
  std::size_t most_open_;
  std::uint32_t user_ = effective_user();
  std::vector<Level> levels_;
  HostStat last_;                 // of the last entry
  std::optional<Entry> base_;     // until it was given out
  std::uint32_t base_depth_ = 0;  // what the base folder adds to every depth
  bool at_base_ = false;          // the last entry was the base folder
  bool descend_ = false;          // the last entry was a folder: go into it
  const ContentStore* store_ = nullptr;
};

// `folder` is the last entry, or the root: the cursor goes into it.
void HostTree::enter(std::shared_ptr<const HostFolder> folder) {
  Level level;
  level.device = last_.fingerprint.device;
  level.inode = last_.fingerprint.inode;
  with_path(path_, [&] { folder->list([&](std::string_view name) { level.names.add(name); }); });
  level.names.sort();
  if (path_.back() != '/') path_ += '/';
  level.path_length = path_.size();
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
  }
}

void HostTree::descend() {
  descend_ = false;
  const auto name = levels_.back().last_name();
  enter(with_path(path_,
                  [&] { return levels_.back().folder->open_folder(name.data(), HostFolder::Access::list, links_); }));
}

// Back to the parent, which may have been closed meanwhile.
void HostTree::leave() {
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
    folder = folder->open_folder(levels_[i].last_name().data(), HostFolder::Access::reach, links_);
  return folder;
}

void HostTree::refuse_loop() const {
  for (const Level& level : levels_)
    if (level.device == last_.fingerprint.device && level.inode == last_.fingerprint.inode)
      throw os_error(ELOOP, path_, "a symbolic link leads back to a folder that it lies in");
}

// The entry for the last name of the innermost folder; nullopt when a pattern leaves it out.
std::optional<Entry> HostTree::look() {
  const Level& level = levels_.back();
  const auto name = level.last_name();
  path_.resize(level.path_length);
  path_ += name;
  if (excludes_.excludes(path_below_root())) return std::nullopt;
  return with_path(path_, [&]() -> std::optional<Entry> {
    check_name(name, path_);
    last_ = level.folder->stat(name.data(), links_);
    const auto type = type_of(last_, path_);
    if (type == FileType::directory) {
      if (excludes_.excludes_folder(path_below_root())) return std::nullopt;
      if (links_ == Links::follow) refuse_loop();
      descend_ = true;
    }
    if (type == FileType::regular && !surely_readable(last_, user_) && !level.folder->readable(name.data()))
      throw os_error(EACCES, path_, "the file cannot be read");
    auto entry = entry_of(base_depth_ + static_cast<std::uint32_t>(levels_.size() - 1), name, type, last_);
    if (type == FileType::symlink) entry.target = level.folder->link_target(name.data());
    return entry;
  });
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
    if (level.next == level.names.size()) {
      leave();
      continue;
    }
    ++level.next;
    if (auto entry = look()) return entry;
  }
  return std::nullopt;
}

ContentId HostTree::content(ContentStore& store) {
  if (levels_.empty() || levels_.back().next == 0 || type_of(last_, path_) != FileType::regular)
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
  return level.next == 0 ? level.folder->xattrs() : level.folder->xattrs(level.last_name().data(), links_);
}

// One host file of any type but a folder.
class HostFile final : public EntryCursor {
 public:
  HostFile(std::string path, const HostStat& stat, bool user_xattrs)
      : path_(std::move(path)), stat_(stat), user_xattrs_(user_xattrs) {
    name_ = name_of(path_);
    check_name(name_, path_);
    type_ = type_of(stat_, path_);
    if (type_ == FileType::regular && !surely_readable(stat_, effective_user()) && !parent()->readable(name_.c_str()))
      throw os_error(EACCES, path_, "the file cannot be read");
  }
  std::optional<Entry> next() override {
    if (done_) return std::nullopt;
    done_ = true;
    return entry_of(0, name_, type_, stat_);
  }
  ContentId content(ContentStore& store) override {
    if (!done_ || type_ != FileType::regular) throw std::logic_error("content of no file");
    return store.add_file(store.add_folder(parent_path()), name_, stat_.fingerprint);
  }
  std::vector<ExtendedAttribute> xattrs() override { return extended(host_xattrs()); }
  std::vector<EntryStream> streams(ContentStore& store) override {
    return user_xattrs_ ? streams_from(host_xattrs(), path_, store) : std::vector<EntryStream>();
  }
  bool tells_streams() const override { return user_xattrs_; }
  void skip_subtree() override {}
  std::string origin() const override { return path_; }

 private:
  std::string parent_path() const {
    const auto absolute = absolute_host_path(path_);
    return absolute.substr(0, absolute.rfind('/') + 1);
  }
  std::vector<HostXattr> host_xattrs() const {
    return done_ ? parent()->xattrs(name_.c_str(), Links::follow) : std::vector<HostXattr>();
  }
  std::shared_ptr<const HostFolder> parent() const {
    return HostFolder::open(parent_path(), HostFolder::Access::reach);
  }

  std::string path_, name_;
  HostStat stat_;
  bool user_xattrs_;
  FileType type_ = FileType::regular;
  bool done_ = false;
};

bool is_directory(const HostStat& stat, const std::string& path) { return type_of(stat, path) == FileType::directory; }

}  // namespace

std::unique_ptr<EntryCursor> open_host(std::string path, HostScan scan) {
  const auto stat = stat_host(path);
  if (is_directory(stat, path)) return std::make_unique<HostTree>(std::move(path), std::move(scan), false);
  return std::make_unique<HostFile>(std::move(path), stat, scan.user_xattrs);
}

std::unique_ptr<EntryCursor> open_host_with_base(std::string path, HostScan scan) {
  if (!is_host_directory(path)) throw Error(Errc::not_a_directory, {.path = path}, "only a folder can be its own base");
  return std::make_unique<HostTree>(std::move(path), std::move(scan), true);
}

Attributes host_attributes(const std::string& path) { return attributes_of(stat_host(path)); }

bool is_host_directory(const std::string& path) { return is_directory(stat_host(path), path); }

}  // namespace fsimage
