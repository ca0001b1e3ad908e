#include <fsimage/import/manifest_cursor.hpp>

#include "entry_walk.hpp"
#include "host_entry.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_users.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

bool same_attributes(const Attributes& a, const Attributes& b) {
  return a.modified == b.modified && a.uid == b.uid && a.gid == b.gid && a.permissions == b.permissions;
}

bool is_missing(const Error& e) {
  return e.code() == std::errc::no_such_file_or_directory || e.code() == std::errc::not_a_directory;
}

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

class ManifestEntries final : public ManifestCursor {
 private:
  [[noreturn]] void refuse(std::string_view why, Errc code = Errc::invalid_argument) const {
    throw Error(code, {.path = manifest_.place(line_.line)}, line_.path + ": " + std::string(why));
  }
  template <class Work>
  auto guarded(Work work) const {
    try {
      return work();
    } catch (const Error& e) {
      const auto place = manifest_.place(line_.line);
      if (e.where().path == place) throw;
      throw Error(e.code(), {.path = place}, line_.path + ": " + e.message());
    }
  }

 public:
  ManifestEntries(Manifest manifest, ManifestScan scan) : manifest_(std::move(manifest)), scan_(std::move(scan)) {
    scan_.base = slashed_host_path(std::move(scan_.base));
    if (!scan_.base.ends_with('/')) scan_.base += '/';
    if (manifest_.size() != 0 && manifest_.path(0).empty()) {
      line_ = manifest_[next_++];
      guarded([&] {
        if (line_.type.value_or(FileType::directory) != FileType::directory) refuse("the top is a folder");
        if (const auto entry = look(FileType::directory)) top_ = entry->attributes;
      });
    }
  }

  std::optional<Attributes> top() override { return top_; }
  std::optional<Entry> next() override;
  ContentId content(ContentStore& store) override;
  void skip_subtree() override {
    while (next_ < manifest_.size() && lies_in(manifest_.path(next_), folder_)) ++next_;
  }
  std::string origin() const override { return manifest_.place(line_.line); }

 private:
  void enter_folders();
  std::optional<HostStat> find_host(const std::string& path, bool follow);
  std::optional<Entry> look(FileType fallback);
  void check_digest(const ContentStore&, ContentId) const;
  void set_owners(Attributes&);
  std::uint32_t depth() const { return static_cast<std::uint32_t>(folder_ends_.size()); }

  Manifest manifest_;
  ManifestScan scan_;
  std::uint32_t user_ = effective_user();
  std::size_t next_ = 0;
  ManifestEntry line_;  // of the last entry
  std::optional<Attributes> top_;
  std::string folder_;                    // path of what the last entry lies in, or of itself when it is a folder
  std::vector<std::size_t> folder_ends_;  // in that path, of each folder on the way
  std::string last_leaf_;                 // the last entry that is no folder
  std::map<std::string, std::uint32_t> users_, groups_;
  // Where the last host file lies.
  std::string host_folder_, host_name_;
  std::shared_ptr<const HostFolder> handle_;
  std::optional<HostStat> host_;
  std::optional<ContentStore::FolderId> folder_id_;
  const ContentStore* store_ = nullptr;
  std::unordered_map<EntryIdentity, Attributes, EntryIdentityHash> linked_;
};

// Leaves folders until the entry of `line_` lies in the last; when one is missing on the way, `line_` becomes that.
void ManifestEntries::enter_folders() {
  while (!folder_ends_.empty() && !lies_in(line_.path, folder_)) {
    folder_ends_.pop_back();
    folder_.resize(folder_ends_.empty() ? 0 : folder_ends_.back());
  }
  const auto end = line_.path.find('/', folder_.empty() ? 0 : folder_.size() + 1);
  if (end != line_.path.npos)
    line_ = {.path = line_.path.substr(0, end), .line = line_.line, .type = FileType::directory};
}

std::optional<HostStat> ManifestEntries::find_host(const std::string& path, bool follow) {
  const auto full = slashed_host_path(is_absolute_host_path(path) ? path : scan_.base + path);
  const auto slash = full.rfind('/');
  auto folder = full.substr(0, slash + 1);
  host_name_ = full.substr(slash + 1);
  try {
    if (host_name_.empty()) return stat_host(full);
    if (folder != host_folder_ || handle_ == nullptr) {
      folder_id_.reset();
      handle_ = HostFolder::open(folder, HostFolder::Access::reach);
      host_folder_ = std::move(folder);
    }
    auto stat = handle_->stat(host_name_.c_str(), Links::keep);
    if (follow && host_type(stat, full) == FileType::symlink) stat = handle_->stat(host_name_.c_str(), Links::follow);
    return stat;
  } catch (const Error& e) {
    if (is_missing(e)) return std::nullopt;
    throw;
  }
}

void ManifestEntries::set_owners(Attributes& a) {
  if (line_.uid) a.uid = *line_.uid;
  if (line_.gid) a.gid = *line_.gid;
  const auto number = [&](auto& known, const std::string& name, auto look_up) {
    const auto at = known.find(name);
    if (at != known.end()) return at->second;
    const auto id = look_up(name);
    if (!id) refuse("this host knows no '" + name + "'");
    return known[name] = *id;
  };
  if (line_.user) a.uid = number(users_, *line_.user, host_user_id);
  if (line_.group) a.gid = number(groups_, *line_.group, host_group_id);
}

// The entry of `line_`; nullopt when it may be missing, and is. `fallback` is its type when nobody knows one.
std::optional<Entry> ManifestEntries::look(FileType fallback) {
  const bool follow = line_.contents || line_.type == FileType::regular || line_.type == FileType::directory;
  host_ = find_host(line_.contents.value_or(line_.path), follow);
  const auto found = host_ ? std::optional(host_type(*host_, line_.path)) : std::nullopt;
  const auto type = line_.type ? *line_.type : found.value_or(fallback);
  if (found != type) {
    const bool empty_file = type == FileType::regular && !found && line_.size == 0U && !line_.contents;
    if (line_.optional && !found) return std::nullopt;
    if (line_.no_change || line_.contents || (type == FileType::regular && !empty_file))
      refuse(found ? "the host has a " + std::string(to_string(*found)) + " there" : "the host has no such entry",
             Errc::not_found);
    host_.reset();
  }
  const auto name = std::string_view(line_.path).substr(line_.path.rfind('/') + 1);
  Entry e;
  if (host_) {
    e = host_entry(depth(), name, type, *host_);
    if (type == FileType::symlink && !line_.target) e.target = handle_->link_target(host_name_.c_str());
  } else {
    e.depth = depth();
    e.name = name;
    e.type = type;
    e.attributes.permissions = type == FileType::directory ? 0755 : type == FileType::symlink ? 0777 : 0644;
  }
  if (!line_.no_change) {
    set_owners(e.attributes);
    if (line_.permissions) e.attributes.permissions = *line_.permissions;
    if (line_.modified) e.attributes.modified = *line_.modified;
  }
  if (line_.target && type == FileType::symlink) e.target = *line_.target;
  if (type == FileType::symlink && e.target.empty()) refuse("a link without link=");
  const bool device = type == FileType::block_device || type == FileType::char_device;
  if (device && line_.device) e.device = *line_.device;
  if (device && !line_.device && !host_) refuse("a device without device=");
  if (type == FileType::regular && line_.size && *line_.size != e.size)
    refuse("the file has " + std::to_string(e.size) + " bytes, not " + std::to_string(*line_.size),
           Errc::source_changed);
  if (type == FileType::regular && host_ && !surely_readable(*host_, user_) && !handle_->readable(host_name_.c_str()))
    throw os_error(EACCES, {}, "the file cannot be read");
  if (e.links > 1) {
    const auto [known, fresh] = linked_.try_emplace(identity_of(e), e.attributes);
    if (!fresh && !same_attributes(known->second, e.attributes)) e.links = 1;
  }
  return e;
}

std::optional<Entry> ManifestEntries::next() {
  while (next_ < manifest_.size()) {
    line_ = manifest_[next_];
    if (!last_leaf_.empty() && lies_in(line_.path, last_leaf_)) refuse("it lies in what is no folder");
    enter_folders();
    if (line_.path.size() == manifest_.path(next_).size()) ++next_;
    auto entry = guarded([&] { return look(FileType::regular); });
    if (!entry) continue;
    if (entry->type == FileType::directory) {
      folder_ = line_.path;
      folder_ends_.push_back(folder_.size());
    } else {
      last_leaf_ = line_.path;
    }
    return entry;
  }
  return std::nullopt;
}

ContentId ManifestEntries::content(ContentStore& store) {
  if (!host_) return {};
  if (store_ != &store) folder_id_.reset();
  store_ = &store;
  if (!folder_id_) folder_id_ = store.add_folder(host_folder_);
  const auto id = store.add_file(*folder_id_, host_name_, host_->fingerprint);
  if (scan_.check_digests) guarded([&] { check_digest(store, id); });
  return id;
}

void ManifestEntries::check_digest(const ContentStore& store, ContentId id) const {
  if (!line_.sha256) {
    if (line_.other_digest) refuse("only sha256 digests can be checked", Errc::unsupported);
    return;
  }
  const auto digest = sha256_of(
      store.size(id), [&](std::uint64_t offset, std::span<std::byte> out) { store.read_at(id, offset, out); });
  if (to_hex(digest) != *line_.sha256) refuse("its SHA-256 is another", Errc::verification_failed);
}

}  // namespace

std::unique_ptr<ManifestCursor> open_manifest(Manifest manifest, ManifestScan scan) {
  return std::make_unique<ManifestEntries>(std::move(manifest), std::move(scan));
}

}  // namespace fsimage
