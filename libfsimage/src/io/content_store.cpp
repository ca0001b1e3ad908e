#include <fsimage/io/content_store.hpp>

#include <fsimage/core/chunked_vector.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/string_arena.hpp>
#include <fsimage/io/host_folder.hpp>

#include "handle_cache.hpp"

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::uint32_t kSlice = 0xFFFFFFFE;

// Below this size asking the system for holes and extents costs more than reading.
constexpr std::uint64_t kSmallestRun = 65536;

struct Content {
  static constexpr unsigned kSizeBits = 48;  // no image holds more than 2^43 bytes
  std::uint64_t size_and_device = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;       // of a file; of a slice, where it begins in its source
  std::uint32_t name_at = 0;     // of a file; else which of the caller's sources, or of a slice which of the volumes
  std::uint32_t folder = kNone;  // kNone: one of the caller's sources; kSlice: a stretch of one

  bool is_file() const { return folder < kSlice; }

  // Throws too_large for a size, or a number of devices, beyond its bits.
  static std::uint64_t pack(std::uint64_t size, std::uint16_t device_at) {
    if (size >> kSizeBits != 0) throw_too_large(size, "content size");
    return size | std::uint64_t{device_at} << kSizeBits;
  }
  std::uint64_t size() const { return size_and_device & ((std::uint64_t{1} << kSizeBits) - 1); }
  std::size_t device_at() const { return size_and_device >> kSizeBits; }
};

// Contents as they are kept: stretches of a volume, of which an imported image has a million, take half of what files do.
class Contents {
 public:
  Contents() = default;
  Contents(const Contents& other) {
    for (std::size_t i = 0; i < other.size(); ++i) push_back(other[i]);
  }
  Contents& operator=(const Contents&) = delete;
  ~Contents() = default;

  std::size_t size() const { return records_.size(); }
  std::uint64_t size_of(std::size_t i) const { return Content{.size_and_device = records_[i].size_and_device}.size(); }
  // Of slices `name_at` has to be below 2^16. Of files `folder` has to be below 2^31.
  void push_back(const Content& c) {
    if (c.folder == kSlice) {
      if (c.inode >> 62 != 0) throw_too_large(c.inode, "offset in a volume");
      records_.push_back({Content::pack(c.size(), static_cast<std::uint16_t>(c.name_at)), c.inode | kIsSlice});
      return;
    }
    if (c.is_file()) seen(records_.size()) = {c.modified_ns, c.inode};
    records_.push_back({c.size_and_device, std::uint64_t{c.folder} << 32 | c.name_at});
  }
  Content operator[](std::size_t i) const {
    const auto [size_and_device, place] = records_[i];
    Content c{.size_and_device = size_and_device};
    if (place >> 62 == kIsSlice >> 62) {
      c.name_at = static_cast<std::uint32_t>(c.device_at());
      c.size_and_device = c.size();
      c.inode = place ^ kIsSlice;
      c.folder = kSlice;
      return c;
    }
    c.name_at = static_cast<std::uint32_t>(place);
    c.folder = static_cast<std::uint32_t>(place >> 32);
    if (!c.is_file()) return c;
    const auto& seen = seen_[i / kChunk][i % kChunk];
    c.modified_ns = seen.modified_ns;
    c.inode = seen.inode;
    return c;
  }
  void truncate(std::size_t n) {
    records_.truncate(n);
    if (const auto chunks = (n + kChunk - 1) / kChunk; chunks < seen_.size()) seen_.resize(chunks);
  }
  std::size_t memory_bytes() const {
    std::size_t bytes = records_.memory_bytes() + seen_.capacity() * sizeof(seen_[0]);
    for (const auto& chunk : seen_)
      if (chunk) bytes += kChunk * sizeof(Seen);
    return bytes;
  }

 private:
  static constexpr std::size_t kChunk = 4096;
  static constexpr std::uint64_t kIsSlice = std::uint64_t{2} << 62;
  struct Record {
    std::uint64_t size_and_device = 0, place = 0;
  };
  struct Seen {
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
  };

  // By chunks of which those without a file are not there.
  Seen& seen(std::size_t i) {
    if (i / kChunk >= seen_.size()) seen_.resize(i / kChunk + 1);
    auto& chunk = seen_[i / kChunk];
    if (!chunk) chunk = std::make_unique<Seen[]>(kChunk);
    return chunk[i % kChunk];
  }

  ChunkedVector<Record> records_;
  std::vector<std::unique_ptr<Seen[]>> seen_;
};

struct Folder {
  std::uint32_t name_at = 0;  // an absolute path when there is no parent
  std::uint32_t parent = kNone;
};

struct Source {
  std::shared_ptr<const ByteSource> bytes;
  std::string label;
};

// Open folders and files share the process's handles with everything else in it.
std::size_t folder_handles() { return std::clamp<std::size_t>(open_handle_limit() / 16, 2, 64); }
std::size_t file_handles() { return std::clamp<std::size_t>(open_handle_limit() / 32, 1, 32); }

// What is wrong with a source, when it is not what it contains: a Reason of its own where the error has none.
Reason trouble_with_source(const Error& e) {
  const auto& category = e.code().category();
  if (category != std::generic_category() && category != std::system_category()) return e.reason();
  return e.code() == std::errc::io_error ? Reason::source_unreadable : Reason::source_not_opened;
}

bool out_of_handles(const Error& e) {
  return e.code() == std::errc::too_many_files_open || e.code() == std::errc::too_many_files_open_in_system;
}

void require_unchanged(const Fingerprint& planned, const Fingerprint& now) {
  if (planned == now) return;
  if (planned.size != now.size)
    throw Error(
        Errc::source_changed, {},
        "size differs: " + std::to_string(planned.size) + " bytes were planned, now " + std::to_string(now.size));
  if (planned.modified_ns != now.modified_ns) throw Error(Errc::source_changed, {}, "time of modification differs");
  throw Error(Errc::source_changed, {}, "another file is in its place");
}

}  // namespace

struct ContentStore::State {
  Contents contents;
  ChunkedVector<Folder> folders;
  StringArena names;  // each ends with a NUL
  std::vector<Source> sources;
  std::vector<std::uint32_t> volumes;  // those among the sources that were added as volumes
  std::vector<std::uint64_t> devices;
  HandleCache<HostFolder> open_folders{folder_handles()};
  HandleCache<OpenFile> open_files{file_handles()};

  State() = default;
  State(const State& other)
      : contents(other.contents),
        folders(other.folders),
        names(other.names),
        sources(other.sources),
        volumes(other.volumes),
        devices(other.devices) {}
  State& operator=(const State&) = delete;
  ~State() = default;

  std::uint32_t add_name(std::string_view name) {
    if (name.find('\0') != name.npos)
      throw Error(Errc::invalid_argument, {.path = std::string(name)}, "a NUL in a host name");
    return names.add(std::string(name) + '\0');
  }
  const char* name(std::uint32_t at) const { return names.view(at, 1).data(); }

  // Few in a process, and mostly the same again.
  std::uint16_t add_device(std::uint64_t device) {
    const auto at = std::find(devices.rbegin(), devices.rend(), device);
    if (at != devices.rend()) return static_cast<std::uint16_t>(devices.rend() - at - 1);
    const auto place = checked<std::uint16_t>(devices.size(), "number of devices");
    devices.push_back(device);
    return place;
  }

  FolderId add_folder(std::string_view name, std::uint32_t parent) {
    if (folders.size() >> 31 != 0) throw_too_large(folders.size(), "number of folders");
    folders.push_back({.name_at = add_name(name), .parent = parent});
    return {static_cast<std::uint32_t>(folders.size() - 1)};
  }

  std::uint32_t add_source(std::shared_ptr<const ByteSource> bytes, std::string label) {
    sources.push_back({std::move(bytes), std::move(label)});
    return checked<std::uint32_t>(sources.size() - 1, "number of sources");
  }

  ContentId add(const Content& content) {
    if (contents.size() >= kNone) throw Error(Errc::too_large, {}, "at most 2^32-1 contents");
    contents.push_back(content);
    return {static_cast<std::uint32_t>(contents.size() - 1)};
  }
  std::size_t place(ContentId id) const {
    if (id.value >= contents.size()) throw std::logic_error("no such content");
    return id.value;
  }
  Content content(ContentId id) const { return contents[place(id)]; }
  Fingerprint planned(const Content& c) const {
    return {.size = c.size(), .modified_ns = c.modified_ns, .inode = c.inode, .device = devices[c.device_at()]};
  }
  const Source& source(const Content& c) const { return sources[c.folder == kSlice ? volumes[c.name_at] : c.name_at]; }

  std::string path(const Content& c) const {
    if (!c.is_file()) return source(c).label;
    std::vector<std::string_view> parts{name(c.name_at)};
    for (auto at = c.folder; at != kNone; at = folders[at].parent) parts.emplace_back(name(folders[at].name_at));
    std::string out(parts.back());
    for (auto part = parts.rbegin() + 1; part != parts.rend(); ++part) {
      if (out.empty() || out.back() != '/') out += '/';
      out += *part;
    }
    return out;
  }

  // Opens what is missing between the nearest open folder and this one; a loop, since folders may be thousands deep.
  std::shared_ptr<const HostFolder> folder(std::uint32_t at) {
    auto open = open_folders.find(at);
    if (open != nullptr) return open;
    std::vector<std::uint32_t> missing;
    for (; at != kNone && open == nullptr; at = folders[at].parent) {
      open = open_folders.find(at);
      if (open == nullptr) missing.push_back(at);
    }
    for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
      const char* const name = this->name(folders[*next].name_at);
      constexpr auto kReach = HostFolder::Access::reach;
      open = open_folders.insert(
          *next, open == nullptr ? HostFolder::open(name, kReach) : open->open_folder(name, kReach, Links::follow));
    }
    return open;
  }

  // A file that stays open for the next piece; what it was when it was opened is what was planned.
  std::shared_ptr<const OpenFile> file(ContentId id, const Content& c) {
    auto open = open_files.find(id.value);
    if (open != nullptr) return open;
    open = folder(c.folder)->open_file(name(c.name_at), path(c));
    require_unchanged(planned(c), open->opened_as());
    return open_files.insert(id.value, std::move(open));
  }

  // Does `work` and gives its errors the content's path; when the process is out of handles, once more without ours.
  template <class Work>
  auto guarded(const Content& c, Work work) {
    for (bool again = true;; again = false) {
      try {
        return work();
      } catch (const Error& e) {
        if (!again || !out_of_handles(e)) {
          if (!c.is_file()) throw e.with_path(source(c).label).with_reason(trouble_with_source(e));
          throw Error(e.code(), {.path = path(c)}, e.message(),
                      trouble_with_source(e));  // also when a folder on the way is to blame
        }
      }
      open_files.clear();
      open_folders.clear();
    }
  }

  void read_whole(const Content& c, std::span<std::byte> out) {
    const auto read = folder(c.folder)->read_file(name(c.name_at), out);
    require_unchanged(planned(c), read.now);
    if (read.length < out.size()) throw Error(Errc::source_changed, {}, "the file ends before its size");
  }

  void read_piece(ContentId id, const Content& c, std::uint64_t offset, std::span<std::byte> out) {
    const auto open = file(id, c);
    open->read_at(offset, out);
    // Each piece: of those that several threads read, none is from another file.
    require_unchanged(planned(c), open->fingerprint());
  }
};

ContentStore::ContentStore() : state_(std::make_unique<State>()) {}
ContentStore::~ContentStore() = default;
ContentStore::ContentStore(const ContentStore& other) : state_(std::make_unique<State>(*other.state_)) {}
ContentStore::ContentStore(ContentStore&&) noexcept = default;
ContentStore& ContentStore::operator=(const ContentStore& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
ContentStore& ContentStore::operator=(ContentStore&&) noexcept = default;

ContentStore::FolderId ContentStore::add_folder(std::string_view path) {
  return state_->add_folder(absolute_host_path(std::string(path)), kNone);
}

ContentStore::FolderId ContentStore::add_folder(FolderId parent, std::string_view name) {
  if (parent.value >= state_->folders.size()) throw std::logic_error("no such folder");
  return state_->add_folder(name, parent.value);
}

ContentId ContentStore::add_file(FolderId folder, std::string_view name, const Fingerprint& seen) {
  if (folder.value >= state_->folders.size()) throw std::logic_error("no such folder");
  return state_->add({.size_and_device = Content::pack(seen.size, state_->add_device(seen.device)),
                      .modified_ns = seen.modified_ns,
                      .inode = seen.inode,
                      .name_at = state_->add_name(name),
                      .folder = folder.value});
}

ContentId ContentStore::add_source(std::shared_ptr<const ByteSource> source, std::string label) {
  if (source == nullptr) throw std::logic_error("no source");
  const auto size = Content::pack(source->size(), 0);
  return state_->add({.size_and_device = size, .name_at = state_->add_source(std::move(source), std::move(label))});
}

ContentStore::VolumeId ContentStore::add_volume(std::shared_ptr<const ByteSource> source, std::string label) {
  if (source == nullptr) throw std::logic_error("no source");
  for (std::uint32_t i = 0; i < state_->volumes.size(); ++i)
    if (state_->sources[state_->volumes[i]].bytes == source) return {i};
  const VolumeId volume{checked<std::uint16_t>(state_->volumes.size(), "number of volumes")};
  state_->volumes.push_back(state_->add_source(std::move(source), std::move(label)));
  return volume;
}

ContentId ContentStore::add_slice(VolumeId volume, std::uint64_t offset, std::uint64_t size) {
  const auto& source = state_->sources[state_->volumes.at(volume.value)];
  if (offset > source.bytes->size() || size > source.bytes->size() - offset)
    throw std::logic_error("slice outside its volume");
  return state_->add(
      {.size_and_device = Content::pack(size, 0), .inode = offset, .name_at = volume.value, .folder = kSlice});
}

std::optional<ContentStore::Slice> ContentStore::slice(ContentId id) const {
  if (!id) return std::nullopt;
  const Content c = state_->content(id);
  if (c.folder != kSlice) return std::nullopt;
  return Slice{state_->source(c).bytes.get(), c.inode};
}

std::optional<Fingerprint> ContentStore::file(ContentId id) const {
  if (!id || !state_->content(id).is_file()) return std::nullopt;
  return state_->planned(state_->content(id));
}

std::uint64_t ContentStore::size(ContentId id) const { return id ? state_->contents.size_of(state_->place(id)) : 0; }

std::string ContentStore::path(ContentId id) const { return state_->path(state_->content(id)); }

void ContentStore::read_at(ContentId id, std::uint64_t offset, std::span<std::byte> out) const {
  const auto end = size(id);
  if (out.size() > end || offset > end - out.size()) throw std::logic_error("read beyond the end of a content");
  if (out.empty()) return;
  const Content c = state_->content(id);
  state_->guarded(c, [&] {
    if (!c.is_file()) {
      state_->source(c).bytes->read_at(c.inode + offset, out);
    } else if (out.size() == end) {
      state_->read_whole(c, out);
    } else {
      state_->read_piece(id, c, offset, out);
    }
  });
}

Run ContentStore::run_at(ContentId id, std::uint64_t offset) const {
  const auto end = size(id);
  if (offset >= end) throw std::logic_error("no run beyond the end of a content");
  const Content c = state_->content(id);
  return state_->guarded(c, [&]() -> Run {
    if (!c.is_file()) {
      Run run = state_->source(c).bytes->run_at(c.inode + offset);
      run.length = std::min(run.length, end - offset);
      return run;
    }
    Run run{.kind = Run::Kind::bytes, .length = end - offset, .file = nullptr, .file_offset = 0};
    if (end < kSmallestRun) return run;
    const auto open = state_->file(id, c);
    const auto stretch = open->stretch_at(offset, end);
    run.length = stretch.length;
    run.kind = stretch.hole ? Run::Kind::zeros : Run::Kind::file;
    if (stretch.hole) return run;
    run.file = open;
    run.file_offset = offset;
    return run;
  });
}

void ContentStore::check(ContentId id) const {
  if (!id) return;
  const Content c = state_->content(id);
  if (!c.is_file()) return;
  state_->guarded(c, [&] {
    require_unchanged(state_->planned(c),
                      state_->folder(c.folder)->stat(state_->name(c.name_at), Links::follow).fingerprint);
  });
}

bool ContentStore::is_bound_to_thread() const {
  return std::ranges::any_of(state_->sources, [](const Source& s) { return s.bytes->is_bound_to_thread(); });
}

std::size_t ContentStore::count() const { return state_->contents.size(); }

std::size_t ContentStore::memory_bytes() const {
  std::size_t labels = 0;
  for (const auto& source : state_->sources) labels += source.label.capacity();
  return sizeof(State) + state_->contents.memory_bytes() + state_->folders.memory_bytes() +
         state_->names.memory_bytes() + state_->sources.capacity() * sizeof(Source) + labels +
         state_->devices.capacity() * sizeof(std::uint64_t) + state_->open_folders.memory_bytes() +
         state_->open_files.memory_bytes();
}

ContentStore::Mark ContentStore::mark() const {
  return {.contents = state_->contents.size(),
          .sources = state_->sources.size(),
          .folders = state_->folders.size(),
          .names = state_->names.size(),
          .devices = state_->devices.size()};
}

void ContentStore::roll_back(const Mark& mark) {
  state_->contents.truncate(mark.contents);
  state_->sources.resize(mark.sources);
  std::erase_if(state_->volumes, [&](std::uint32_t v) { return v >= mark.sources; });
  state_->folders.truncate(mark.folders);
  state_->names.truncate(mark.names);
  state_->devices.resize(mark.devices);
  state_->open_files.clear();  // numbers will be given out again
  state_->open_folders.clear();
}

ContentSource::ContentSource(const std::string& path) {
  const auto host_path = slashed_host_path(path);
  const auto file = OpenFile::open(host_path);
  auto store = std::make_shared<ContentStore>();
  const auto slash = host_path.rfind('/');
  const auto folder = slash == host_path.npos ? "." : slash == 0 ? "/" : host_path.substr(0, slash);
  content_ = store->add_file(store->add_folder(folder), host_path.substr(slash + 1), file->fingerprint());
  store_ = std::move(store);
}

void ContentSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (!out.empty()) store_->read_at(content_, offset, out);
}

}  // namespace fsimage
