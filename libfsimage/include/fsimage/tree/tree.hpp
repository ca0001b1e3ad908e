// What the disc should contain: names, attributes and references to content. No addresses, no mangled names.
// A value: copyable, movable. One thread changes it; the const members are thread-safe while nobody does.
// Nodes and names lie in arenas; a million entries cost some hundred and ten bytes each beside their names and contents.
#pragma once

#include <fsimage/core/chunked_vector.hpp>
#include <fsimage/core/string_arena.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/io/content_store.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// A name in a folder. Dense: 0 is the root.
struct NodeId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(NodeId, NodeId) = default;
};
inline constexpr NodeId kRootNode{0};

// What a name refers to: several names of one inode are hard links. Dense.
struct InodeId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(InodeId, InodeId) = default;
};

// A named stream. Dense, removed ones included.
struct StreamId {
  std::uint32_t value = 0xFFFFFFFF;  // the default means: no stream
  friend constexpr auto operator<=>(StreamId, StreamId) = default;
  constexpr explicit operator bool() const { return value != 0xFFFFFFFF; }
};

enum class FileType : std::uint8_t { regular, directory, symlink, block_device, char_device, fifo, socket };
std::string_view to_string(FileType) noexcept;  // "file", "directory", "symlink", "block device", ...

struct Attributes {
  Timestamp modified = kUnsetTime, accessed = kUnsetTime, changed = kUnsetTime, created = kUnsetTime;
  std::uint32_t uid = 0, gid = 0;
  std::uint16_t permissions = 0644;  // the twelve low bits of st_mode
  bool hidden = false;
};

struct DeviceNumber {
  std::uint32_t major = 0, minor = 0;
  friend constexpr bool operator==(DeviceNumber, DeviceNumber) = default;
};

struct Inode {
  [[no_unique_address]] Attributes attributes;  // the next two lie in its padding
  FileType type = FileType::regular;
  bool real_time = false;   // a regular file that is to be read without pauses, UDF 2.3.5.2.1
  std::uint64_t size = 0;   // bytes of content; length of a symlink's target
  std::uint32_t links = 0;  // names that lie in a folder; a folder itself has one
  ContentId content;        // regular files
  StreamId first_stream;    // of those by name
  std::int32_t weight = 0;  // of its content: the heavier lies nearer the start of the session
};
#ifdef __GNUC__
static_assert(sizeof(Inode) == 72);
#endif

class Tree {
 public:
  explicit Tree(const Attributes& root = {.permissions = 0755});

  // --- making free-standing items; attach() puts them in place. Throws too_large at 2^32-1 nodes.
  NodeId make_directory(const Attributes&);
  NodeId make_file(const Attributes&, ContentId);                   // content of this tree's contents()
  NodeId make_symlink(const Attributes&, std::string_view target);  // 1 to 65,535 bytes, no NUL
  NodeId make_special(FileType, const Attributes&, DeviceNumber = {});
  NodeId make_hard_link(NodeId to);  // not to a directory: invalid_argument
  // The item and all below it become `name` in `parent`. Throws not_a_directory, duplicate_path,
  // invalid_argument (a name that is_valid_name refuses, a parent inside the item, an item already attached).
  void attach(NodeId parent, std::string_view name, NodeId item);

  // --- the same in one step
  NodeId add_directory(NodeId parent, std::string_view name, const Attributes&);
  NodeId add_file(NodeId parent, std::string_view name, const Attributes&, ContentId);
  NodeId add_file(NodeId parent, std::string_view name, const Attributes&, std::shared_ptr<const ByteSource>);
  NodeId add_symlink(NodeId parent, std::string_view name, const Attributes&, std::string_view target);
  NodeId add_special(NodeId parent, std::string_view name, FileType, const Attributes&, DeviceNumber = {});
  NodeId add_hard_link(NodeId parent, std::string_view name, NodeId to);

  // Folders on the way to `path` that are missing, with these attributes; returns the last.
  NodeId make_path(std::string_view path, const Attributes&);

  // Moves every entry of the folder `from` into the folder `into`; folders that meet are merged. Anything else that meets
  // is duplicate_path, thrown before anything has moved; with Existing::keep, files that meet files are passed over. With
  // Existing::replace what meets something makes it go, folders with all below them; with Existing::mirror so does what
  // `from` has nothing to meet, and folders that meet get the attributes and streams of `from`; otherwise they get those
  // of its streams whose names they do not have. `from` ends up empty.
  enum class Existing : std::uint8_t { refuse, keep, replace, mirror };
  void merge(NodeId into, NodeId from, Existing existing = Existing::refuse);

  // An entry and all below it become `name` in `parent`. Throws as attach() does; invalid_argument for the root.
  void move(NodeId item, NodeId parent, std::string_view name);

  void remove(NodeId);       // throws directory_not_empty; invalid_argument for the root
  void remove_tree(NodeId);  // with all below it; the root only loses its entries

  // --- looking
  // `path` may start with '/'; "" and "/" are the root. nullopt when there is no such entry.
  std::optional<NodeId> find(std::string_view path) const;
  std::optional<NodeId> child(NodeId directory, std::string_view name) const;
  std::string_view name(NodeId) const;  // "" for the root and for items not attached
  std::string path(NodeId) const;       // "/docs/a.txt"; "/" for the root
  NodeId parent(NodeId) const;          // the root is its own parent
  bool attached(NodeId) const;
  bool is_directory(NodeId n) const { return inode(n).type == FileType::directory; }
  InodeId inode_id(NodeId n) const { return nodes_[n.value].inode; }
  const Inode& inode(NodeId n) const { return inodes_[nodes_[n.value].inode.value]; }
  const Inode& inode(InodeId i) const { return inodes_[i.value]; }
  std::string_view symlink_target(NodeId) const;
  DeviceNumber device(NodeId) const;  // 0, 0 of what has none
  // Entries of a folder, in the order in which they were attached.
  std::optional<NodeId> first_child(NodeId) const;
  std::optional<NodeId> next_sibling(NodeId) const;
  std::size_t child_count(NodeId) const;  // linear in the folder

  std::size_t node_count() const { return nodes_.size(); }  // ids ever given out, removed ones included
  std::size_t inode_count() const { return inodes_.size(); }
  std::size_t memory_bytes() const;

  void set_attributes(NodeId, const Attributes&);
  // Another content of this tree's contents() for a regular file, under all its names.
  void set_content(NodeId, ContentId);
  void set_weight(NodeId n, std::int32_t weight) { inodes_[inode_id(n).value].weight = weight; }

  // Of a regular file, under all its names; invalid_argument for anything else (IFsiFileItem2::IsRealTime).
  void set_real_time(NodeId, bool);

  // --- named streams, ECMA-167 4/9.2: contents that files and folders have beside their own, the same under all names of a
  // file. Streams have no streams. A name is 1 to 65,535 bytes of UTF-8 by intent, none NUL, and comes once. Throws
  // duplicate_path; invalid_argument for another name, and for what is neither file nor folder.
  StreamId add_stream(NodeId, std::string_view name, ContentId);
  StreamId add_stream(NodeId, std::string_view name, std::shared_ptr<const ByteSource>);
  void remove_stream(NodeId, std::string_view name);  // not_found
  void remove_streams(NodeId);
  StreamId find_stream(NodeId, std::string_view name) const;                 // no stream when there is none
  StreamId next_stream(StreamId s) const { return streams_[s.value].next; }  // by the bytes of their names
  std::string_view stream_name(StreamId) const;
  InodeId stream_owner(StreamId s) const { return streams_[s.value].owner; }
  ContentId stream_content(StreamId s) const { return streams_[s.value].content; }
  std::uint64_t stream_size(StreamId s) const { return contents_.size(streams_[s.value].content); }
  void set_content(StreamId s, ContentId content) { stream_to_change(s).content = content; }
  std::string stream_path(NodeId, StreamId) const;              // "/docs/a.txt:comment"
  std::size_t stream_count() const { return streams_.size(); }  // ids ever given out; 0: no entry has streams

  ContentStore& contents() { return contents_; }
  const ContentStore& contents() const { return contents_; }

  // --- transactions: take the tree back to where it was. Ids given out since then are given out again.
  struct Mark {
    std::size_t nodes{}, inodes{}, names{}, targets{}, devices{}, streams{}, changes{};
    ContentStore::Mark contents;
  };
  Mark mark() const;
  // From here on, changes of what the tree holds now are remembered, some twenty bytes each: roll_back() undoes them. What
  // is made anew costs nothing beyond its place in what was there.
  Mark remember();
  void forget();  // what is remembered: marks taken so far are void
  // std::logic_error when something made since then has been attached to older items, and that is not remembered.
  void roll_back(const Mark&);

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;    // no node; an empty slot of the index
  static constexpr std::uint32_t kErased = 0xFFFFFFFE;  // a slot whose node is gone

  struct Node {
    std::uint32_t name_at = 0;
    std::uint32_t parent = kNone;
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;  // the first entry's is the last: appending is O(1)
    std::uint32_t first_child = kNone;
    InodeId inode;
    std::uint8_t name_length = 0;
    bool linked = false;    // lies in a folder, or is the root
    bool ascending = true;  // a folder's entries have names in ascending order of their bytes
  };
  struct Target {
    InodeId inode;
    std::uint32_t at;
  };
  struct Device {
    InodeId inode;
    DeviceNumber number;
  };
  struct Stream {
    std::uint32_t name_at = 0;
    StreamId next;  // of the same inode, by name
    InodeId owner;
    ContentId content;
    std::uint16_t name_length = 0;
    bool linked = true;
  };
  // How to undo something that was done to an item that is remembered.
  struct Change {
    enum class Kind : std::uint8_t { linked, unlinked, inode, stream };
    // A node; or an inode, which was as the last of replaced_inodes_ is; or likewise a stream.
    std::uint32_t item = 0;
    std::uint32_t parent = kNone, next = kNone, name_at = 0;  // Kind::unlinked: where it was, and how it was called
    std::uint8_t name_length = 0;
    Kind kind{};
  };

  void check_room() const;
  NodeId new_node(InodeId);
  InodeId new_inode(FileType, const Attributes&);
  void link(NodeId parent, NodeId item);
  void link_before(std::uint32_t next, NodeId parent, NodeId item);  // kNone: behind the last
  void unlink(NodeId);
  Inode& inode_to_change(InodeId);
  Stream& stream_to_change(StreamId);
  void undo(const Change&, const Mark&);
  void check_place(NodeId parent, std::string_view name, NodeId item) const;
  bool is_behind_all(std::string_view name, const Node& folder) const;
  void check_merge(NodeId into, NodeId from, Existing) const;
  void make_mirror(NodeId into, NodeId from);
  void take_streams(InodeId into, InodeId from);
  bool link_stream(InodeId, StreamId);
  bool has_stream(InodeId, std::size_t stream) const;

  // Where entries are found by their names: open addressing over (parent, name); a slot holds a node number. New nodes come
  // in when something is looked up, which several threads may do at a time: a tree that is only filled needs no index.
  struct Index {
    std::vector<std::uint32_t> slots;
    std::size_t used = 0;                 // live and erased slots
    std::atomic<std::size_t> covered{0};  // the nodes below are in it, as far as they are linked
    mutable std::mutex mutex{};           // of who brings it up to date

    Index() : slots(16, kNone) {}
    Index(const Index&);
    Index(Index&&) noexcept;
    Index& operator=(Index) noexcept;
    ~Index() = default;
  };
  std::size_t first_slot(std::uint32_t parent, std::string_view name) const;
  void index_insert(std::uint32_t node);
  void index_put(std::uint32_t node, std::size_t slot) const;
  void index_erase(std::uint32_t node);
  void bring_index_up_to_date() const;
  void index_nodes(std::size_t from) const;

  ChunkedVector<Node> nodes_;
  ChunkedVector<Inode> inodes_;
  ChunkedVector<Stream> streams_;
  StreamId last_stream_;  // that was linked: where names come in order, the next goes behind it
  StringArena names_;
  std::vector<Target> targets_;  // by inode, ascending
  std::vector<Device> devices_;  // likewise
  mutable Index index_;
  ContentStore contents_;
  ChunkedVector<Change> changes_;
  ChunkedVector<Inode> replaced_inodes_;
  ChunkedVector<Stream> replaced_streams_;
  // Those below are remembered.
  std::size_t remembered_nodes_ = 0, remembered_inodes_ = 0, remembered_streams_ = 0;
};

}  // namespace fsimage
