#include <fsimage/import/extract.hpp>

#include "entry_walk.hpp"
#include "extract_files.hpp"
#include "volume_report.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

constexpr std::size_t kFilesAtATime = 512;
constexpr std::uint16_t kSetIds = 06000;
constexpr std::uint16_t kWhileFilled = 0700;  // a folder that will get the volume's permissions at its end

// The types in st_mode, as every system numbers them.
std::uint32_t mode_type(FileType type) {
  switch (type) {
    case FileType::block_device: return 0060000U;
    case FileType::char_device: return 0020000U;
    case FileType::fifo: return 0010000U;
    case FileType::socket: return 0140000U;
    default: return 0;
  }
}

// The first name of an entry with several.
struct FirstName {
  std::string path;  // on the volume
  HostIdentity identity;
  bool waiting = false;  // its content is still to be written
};

// A folder on the way to the entry at hand.
struct TargetFolder {
  enum class State : std::uint8_t { asked_for, there, failed };
  State state = State::asked_for;                // at first: nothing has needed it yet
  std::shared_ptr<const WritableFolder> folder;  // null while it is closed to save handles
  HostIdentity identity;
  Attributes attributes;
  std::vector<HostXattr> xattrs;
  bool ours = false;            // made here, or to be changed as if it were
  std::size_t path_length = 0;  // of its path
  bool selected = false;        // all below it is restored
};

class Extractor {
 public:
  Extractor(VolumeCursor& volume, ExtractOptions options, const ExtractEvents& events, std::stop_token stop)
      : volume_(volume),
        options_(std::move(options)),
        events_(events),
        stop_(std::move(stop)),
        keeps_modes_(volume.view() == View::rockridge || volume.view() == View::udf),
        most_open_(std::clamp<std::size_t>(open_handle_limit() / 8, 2, 64)),
        workers_(options_.workers == 0 ? default_workers() : options_.workers),
        mark_(store_.mark()) {}

  ExtractCounts run(const std::string& target);

 private:
  struct Finish {  // a folder whose entries are all there once the waiting files are
    std::shared_ptr<const WritableFolder> folder;
    HostMetadata metadata;
    std::string path;
  };

  void open_target(const std::string& target);
  void walk();
  void visit(Entry& entry);
  void visit_folder(const Entry& entry, bool selected);
  void restore(const Entry& entry);
  void restore_file(const Entry& entry);
  bool restore_link(const Entry& entry);
  void restore_special(const Entry& entry);
  void remember(const Entry& entry);

  const WritableFolder& folder() { return *folder_handle(); }
  std::shared_ptr<const WritableFolder> folder_handle();
  void make(std::size_t level);
  void leave();
  void reopen(TargetFolder& level, const WritableFolder* below);
  std::shared_ptr<const WritableFolder> walk_to(std::string_view folder_path) const;
  std::string level_name(std::size_t level) const;

  void flush();
  void settle(FileToWrite& file);
  HostMetadata metadata_of(const Attributes& a, std::vector<HostXattr> xattrs);
  HostMetadata metadata_of(const Entry& e) { return metadata_of(e.attributes, xattrs()); }
  std::vector<HostXattr> xattrs();
  Existing existing() const { return options_.overwrite ? Existing::replace : Existing::refuse; }
  void fail(const Error& e, const std::string& path);
  void note_missing(const MissingMetadata& missing, const std::string& path) {
    if (missing.error) fail(*missing.error, path);
    for (const auto& [name, why] : missing.xattrs) leave_off(path, name, why.message());
  }
  void leave_off(const std::string& path, std::string_view name, std::string_view why);
  void dropped(const std::string& path, std::string text);
  void report();
  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "extraction was stopped");
  }

  VolumeCursor& volume_;
  ExtractOptions options_;
  const ExtractEvents& events_;
  std::stop_token stop_;
  bool keeps_modes_;  // the view has permissions and owners
  std::size_t most_open_, workers_;
  ContentStore store_;
  ContentStore::Mark mark_;
  std::vector<TargetFolder> levels_;
  std::string path_;  // of the entry at hand, "/a/b"
  std::vector<FileToWrite> waiting_;
  std::vector<Finish> finishes_;
  std::size_t folders_waiting_ = 0;  // whose handles waiting_ keeps open, counted too high at most
  std::unordered_map<EntryIdentity, FirstName, EntryIdentityHash> links_;
  std::vector<std::pair<EntryIdentity, std::size_t>> waiting_links_;  // and their places in waiting_
  ExtractCounts counts_;
  std::atomic<std::uint64_t> bytes_{0};
  std::uint64_t items_ = 0;
  std::uint64_t others_ = 0;  // entries with extended attributes that are left out
};

// ------------------------------------------------------------------------------------------------------------ the walk

ExtractCounts Extractor::run(const std::string& target) {
  open_target(target);
  try {
    walk();
  } catch (const Error& e) {  // the volume does not go on: what came before is completed
    if (e.code() == Errc::cancelled) throw;
    fail(e, volume_.origin());
  }
  while (!levels_.empty()) leave();
  flush();
  if (others_ != 0)
    dropped({}, "extended attributes other than \"user.\" of " + std::to_string(others_) +
                    (others_ == 1 ? " entry" : " entries") + ", which were not asked for");
  for (const auto& pattern : options_.patterns.unmatched())
    fail(Error(Errc::not_found, {.path = pattern}, "the image holds no such entry"), pattern);
  report();
  counts_.bytes = bytes_;
  return counts_;
}

void Extractor::open_target(const std::string& target) {
  TargetFolder top;
  top.folder = WritableFolder::open_or_make(target, top.ours);
  top.identity = top.folder->identity();
  top.state = TargetFolder::State::there;
  top.selected = options_.patterns.everything();
  top.ours = top.selected && (top.ours || options_.overwrite);
  top.attributes = volume_.root_attributes();
  if (top.ours) top.xattrs = xattrs();
  levels_.push_back(std::move(top));
}

void Extractor::walk() {
  while (auto entry = volume_.next()) {
    throw_if_stopped();
    while (levels_.size() > std::size_t{entry->depth} + 1) leave();
    if (levels_.size() <= entry->depth) throw std::logic_error("an entry without its folder");
    visit(*entry);
    if (waiting_.size() >= kFilesAtATime || folders_waiting_ >= most_open_) flush();
    if (++items_ % kItemsPerReport == 0) report();
  }
}

void Extractor::visit(Entry& entry) {
  path_.resize(levels_.back().path_length);
  (path_ += '/') += entry.name;
  const bool matched = options_.patterns.matches(path_);  // also below a selected folder: each pattern wants its match
  const bool selected = matched || levels_.back().selected;
  try {
    if (!is_valid_name(entry.name)) {  // no cursor gives such a name; none may reach the system
      if (entry.type == FileType::directory) volume_.skip_subtree();
      throw Error(Errc::not_representable, {}, "not a name that an entry can have");
    }
    if (entry.type == FileType::directory)
      visit_folder(entry, selected);
    else if (selected)
      restore(entry);
  } catch (const Error& e) {
    if (e.code() == Errc::cancelled) throw;
    fail(e, path_);
  }
}

void Extractor::visit_folder(const Entry& entry, bool selected) {
  if (!selected && !options_.patterns.may_match_below(path_)) {
    volume_.skip_subtree();
    return;
  }
  TargetFolder level;
  level.attributes = entry.attributes;
  level.xattrs = xattrs();
  level.path_length = path_.size();
  level.selected = selected;
  levels_.push_back(std::move(level));
  if (!selected) return;
  try {
    folder();
  } catch (const Error& e) {
    volume_.skip_subtree();
    if (e.code() == Errc::cancelled) throw;
    throw Error(e.code(), e.where(), e.message() + "; nothing below it is restored", e.reason());
  }
}

void Extractor::restore(const Entry& entry) {
  if (entry.links > 1 && restore_link(entry)) return;
  switch (entry.type) {
    case FileType::regular: return restore_file(entry);
    case FileType::symlink:
      note_missing(folder().make_symlink(entry.name, entry.target, metadata_of(entry), existing()), path_);
      ++counts_.symlinks;
      break;
    default: restore_special(entry);
  }
  if (entry.links > 1) remember(entry);
}

void Extractor::restore_special(const Entry& entry) {
  const auto metadata = metadata_of(entry);
  note_missing(folder().make_node(entry.name,
                                  {.mode = mode_type(entry.type) | metadata.permissions.value_or(0644),
                                   .major = entry.device.major,
                                   .minor = entry.device.minor},
                                  metadata, existing()),
               path_);
  ++counts_.special;
}

void Extractor::restore_file(const Entry& entry) {
  FileToWrite file;
  file.content = volume_.content(store_);  // first: a file that cannot be read needs no folder
  file.place = place_of(store_, file.content);
  file.folder = folder_handle();
  file.name = entry.name;
  file.path = path_;
  file.metadata = metadata_of(entry);
  if (!file.metadata.permissions) file.permissions = 0666;
  file.existing = existing();
  file.linked = entry.links > 1;
  file.salvage = options_.salvage;
  if (file.salvage) file.extents = volume_.extents();
  if (waiting_.empty() || waiting_.back().folder != file.folder) ++folders_waiting_;
  if (file.linked) {
    const auto key = identity_of(entry);
    links_[key] = {.path = path_, .identity = {}, .waiting = true};
    waiting_links_.emplace_back(key, waiting_.size());
  }
  waiting_.push_back(std::move(file));
}

// Whether the entry has become a further name of one that is there.
bool Extractor::restore_link(const Entry& entry) {
  const auto key = identity_of(entry);
  auto first = links_.find(key);
  if (first == links_.end()) return false;
  if (first->second.waiting) {
    flush();
    first = links_.find(key);
    if (first == links_.end()) return false;  // it could not be written: this one will say so, too
  }
  const auto& to = first->second;
  const auto slash = to.path.rfind('/');
  const auto above = std::string_view(to.path).substr(0, slash);
  const bool here = above == std::string_view(path_).substr(0, levels_.back().path_length);
  const auto from = here ? folder_handle() : walk_to(above);
  folder().make_link(entry.name, *from, to.path.substr(slash + 1), to.identity, existing());
  ++counts_.hard_links;
  return true;
}

void Extractor::remember(const Entry& entry) {
  links_[identity_of(entry)] = {.path = path_, .identity = folder().identity(entry.name), .waiting = false};
}

// ------------------------------------------------------------------------------------------------------- the folders

// The folder of the entry at hand, made with those above it when nothing has needed it before.
std::shared_ptr<const WritableFolder> Extractor::folder_handle() {
  std::size_t first = levels_.size() - 1;
  while (levels_[first].state == TargetFolder::State::asked_for) --first;
  for (std::size_t i = first + 1; i < levels_.size(); ++i) make(i);
  if (levels_.back().state == TargetFolder::State::failed)
    throw Error(Errc::not_a_directory, {}, "its folder could not be made");
  return levels_.back().folder;
}

void Extractor::make(std::size_t at) {
  TargetFolder& level = levels_[at];
  const TargetFolder& above = levels_[at - 1];
  if (above.state == TargetFolder::State::failed) {
    level.state = TargetFolder::State::failed;
    return;
  }
  level.state = TargetFolder::State::failed;  // until it is there
  try {
    const auto name = level_name(at);
    level.folder = above.folder->make_folder(name, keeps_modes_ ? kWhileFilled : 0777);
    level.ours = level.folder != nullptr || options_.overwrite;
    if (level.folder == nullptr) level.folder = above.folder->open_folder(name);
    level.identity = level.folder->identity();
  } catch (const Error& e) {
    throw e.with_path(path_.substr(0, level.path_length));
  }
  level.state = TargetFolder::State::there;
  ++counts_.folders;
  // Never the top: everything can be reached from there.
  if (at > most_open_) levels_[at - most_open_].folder.reset();
}

std::string Extractor::level_name(std::size_t at) const {
  const auto from = levels_[at - 1].path_length + 1;
  return path_.substr(from, levels_[at].path_length - from);
}

// Back to the folder above.
void Extractor::leave() {
  TargetFolder left = std::move(levels_.back());
  levels_.pop_back();
  path_.resize(left.path_length);
  if (!levels_.empty() && levels_.back().state == TargetFolder::State::there && levels_.back().folder == nullptr)
    reopen(levels_.back(), left.folder.get());
  if (left.state != TargetFolder::State::there || !left.ours) return;
  finishes_.push_back({std::move(left.folder), metadata_of(left.attributes, std::move(left.xattrs)), path_});
  ++folders_waiting_;
  if (folders_waiting_ >= most_open_) flush();
}

// By ".." in one step, when that leads where we came from; else from the top.
void Extractor::reopen(TargetFolder& level, const WritableFolder* below) {
  try {
    const auto path = std::string_view(path_).substr(0, level.path_length);
    auto folder = below != nullptr ? below->open_parent() : walk_to(path);
    if (below != nullptr && folder->identity() != level.identity) folder = walk_to(path);
    if (folder->identity() != level.identity)
      throw Error(Errc::source_changed, {}, "the folder was moved while it was filled");
    level.folder = std::move(folder);
  } catch (const Error& e) {
    level.state = TargetFolder::State::failed;
    fail(e, path_.substr(0, level.path_length));
  }
}

std::shared_ptr<const WritableFolder> Extractor::walk_to(std::string_view folder_path) const {
  auto folder = levels_.front().folder;
  while (!folder_path.empty()) {
    folder_path.remove_prefix(1);
    const auto end = std::min(folder_path.find('/'), folder_path.size());
    folder = folder->open_folder(std::string(folder_path.substr(0, end)));
    folder_path.remove_prefix(end);
  }
  return folder;
}

// --------------------------------------------------------------------------------------------------------- the files

// Writes what is waiting, and completes the folders that have waited for it.
void Extractor::flush() {
  if (!waiting_.empty())
    write_files(
        waiting_, store_, workers_, bytes_, [this] { report(); }, stop_);
  for (FileToWrite& file : waiting_) settle(file);
  for (const auto& [key, at] : waiting_links_) {
    const FileToWrite& file = waiting_[at];
    if (file.written)
      links_[key] = {.path = file.path, .identity = file.identity, .waiting = false};
    else
      links_.erase(key);
  }
  waiting_links_.clear();
  waiting_.clear();
  store_.roll_back(mark_);
  for (const Finish& f : finishes_) note_missing(f.folder->set_metadata(f.metadata), f.path);
  finishes_.clear();
  folders_waiting_ = 0;
}

void Extractor::settle(FileToWrite& file) {
  if (file.written) ++counts_.files;
  volume::for_each_told(file.lost, [&](const volume::LostRange& lost, const std::string& text) {
    const Error e(lost.why.code(), lost.why.where(), text);
    if (events_.finding) events_.finding(volume::lost_finding(volume_.view(), file.path, e));
  });
  for (const auto& [name, why] : file.refused) leave_off(file.path, name, why.message());
  if (!file.failed) return;
  const Error& e = *file.failed;
  // Whatever it was that could not be read, the image itself perhaps: this is the file that is missing.
  fail(Error(e.code(), {.path = file.path, .lba = e.where().lba, .clause = e.where().clause}, e.message()), file.path);
}

// Of the entry at hand, those that are to be restored.
std::vector<HostXattr> Extractor::xattrs() {
  std::vector<HostXattr> out;
  if (options_.xattrs == RestoredXattrs::none) return out;
  bool others = false;
  try {
    for (auto& x : volume_.xattrs()) {
      if (options_.xattrs != RestoredXattrs::all && !x.name.starts_with("user."))
        others = true;
      else if (!x.is_held())
        leave_off(path_, x.name, "its " + std::to_string(x.size) + " bytes are more than one can have");
      else
        out.push_back({std::move(x.name), std::move(x.value)});
    }
  } catch (const Error& e) {
    if (e.code() == Errc::cancelled) throw;
    fail(Error(e.code(), e.where(), "extended attributes: " + e.message()), path_);
  }
  others_ += others ? 1 : 0;
  return out;
}

void Extractor::leave_off(const std::string& path, std::string_view name, std::string_view why) {
  dropped(path, "the extended attribute \"" + printable(name) + "\": " + std::string(why));
}

void Extractor::dropped(const std::string& path, std::string text) {
  if (events_.finding)
    events_.finding({.kind = Finding::Kind::dropped,
                     .view = volume_.view(),
                     .path = path.empty() ? "/" : path,
                     .text = std::move(text)});
}

HostMetadata Extractor::metadata_of(const Attributes& a, std::vector<HostXattr> xattrs) {
  HostMetadata m;
  m.xattrs = std::move(xattrs);
  m.hidden = a.hidden;
  m.modified = a.modified;
  m.accessed = a.accessed;
  if (!keeps_modes_) return m;
  m.permissions = a.permissions;
  if (options_.owner) {
    m.owner = {.uid = a.uid, .gid = a.gid};
  } else if ((a.permissions & kSetIds) != 0) {
    // They would give the rights of whoever extracts.
    *m.permissions &= static_cast<std::uint16_t>(~unsigned{kSetIds});
    dropped(path_, "set-ID bits, because the owner is not restored");
  }
  return m;
}

void Extractor::fail(const Error& e, const std::string& path) {
  ++counts_.failed;
  if (events_.error) events_.error(e.where().path.empty() ? e.with_path(path.empty() ? "/" : path) : e);
}

void Extractor::report() {
  if (!events_.progress) return;
  counts_.bytes = bytes_;
  events_.progress(counts_, path_);
}

}  // namespace

ExtractCounts extract(VolumeCursor& volume, const std::string& target, ExtractOptions options,
                      const ExtractEvents& events, std::stop_token stop) {
  return Extractor(volume, std::move(options), events, std::move(stop)).run(target);
}

}  // namespace fsimage
