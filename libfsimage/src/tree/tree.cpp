#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/tree/tree.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

// Next component of `path`, which is shortened by it; empty at the end.
std::string_view take_component(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const auto component = path.substr(0, path.find('/'));
  path.remove_prefix(component.size());
  return component;
}

// What belongs to that inode, or null; in ascending order of inodes.
template <class T>
const T* find_of(const std::vector<T>& all, InodeId inode) {
  const auto at = std::lower_bound(all.begin(), all.end(), inode, [](const T& t, InodeId i) { return t.inode < i; });
  return at == all.end() || at->inode != inode ? nullptr : &*at;
}

std::string join(std::string_view directory, std::string_view name) {
  std::string out(directory == "/" ? "" : directory);
  return (out += '/') += name;
}

}  // namespace

std::string_view to_string(FileType type) noexcept {
  switch (type) {
    case FileType::regular: return "file";
    case FileType::directory: return "directory";
    case FileType::symlink: return "symlink";
    case FileType::block_device: return "block device";
    case FileType::char_device: return "character device";
    case FileType::fifo: return "fifo";
    case FileType::socket: return "socket";
  }
  return "unknown";
}

Tree::Tree(const Attributes& root) {
  const auto node = new_node(new_inode(FileType::directory, root));
  nodes_[node.value].parent = node.value;
  nodes_[node.value].linked = true;
  inodes_[0].links = 1;
}

void Tree::check_room() const {
  if (nodes_.size() + streams_.size() >= kErased)
    throw Error(Errc::too_large, {}, "a tree holds at most 2^32-2 entries and streams");
}

NodeId Tree::new_node(InodeId inode) {
  check_room();
  Node node;
  node.inode = inode;
  nodes_.push_back(node);
  return {static_cast<std::uint32_t>(nodes_.size() - 1)};
}

InodeId Tree::new_inode(FileType type, const Attributes& attributes) {
  Inode inode;
  inode.type = type;
  inode.attributes = attributes;
  inodes_.push_back(inode);
  return {checked<std::uint32_t>(inodes_.size() - 1, "inode number")};
}

NodeId Tree::make_directory(const Attributes& attributes) {
  return new_node(new_inode(FileType::directory, attributes));
}

NodeId Tree::make_file(const Attributes& attributes, ContentId content) {
  const auto size = contents_.size(content);
  const auto node = new_node(new_inode(FileType::regular, attributes));
  inodes_.back().content = content;
  inodes_.back().size = size;
  return node;
}

NodeId Tree::make_symlink(const Attributes& attributes, std::string_view target) {
  if (target.empty() || target.size() > 65535 || target.find('\0') != target.npos)
    throw Error(Errc::invalid_argument, {}, "a symlink's target has 1 to 65535 bytes, none of them NUL");
  const auto at = names_.add(target);
  const auto node = new_node(new_inode(FileType::symlink, attributes));
  inodes_.back().size = target.size();
  targets_.push_back({inode_id(node), at});
  return node;
}

NodeId Tree::make_special(FileType type, const Attributes& attributes, DeviceNumber device) {
  if (type == FileType::regular || type == FileType::directory || type == FileType::symlink)
    throw Error(Errc::invalid_argument, {}, "not a special file type");
  const auto node = new_node(new_inode(type, attributes));
  if (device != DeviceNumber{}) devices_.push_back({inode_id(node), device});
  return node;
}

NodeId Tree::make_hard_link(NodeId to) {
  if (is_directory(to)) throw Error(Errc::invalid_argument, {.path = path(to)}, "a folder has one name");
  return new_node(inode_id(to));
}

void Tree::check_place(NodeId parent, std::string_view name, NodeId item) const {
  const auto refuse = [&](Errc code, std::string_view why) {
    throw Error(code, {.path = join(path(parent), name)}, why);
  };
  if (!is_valid_name(name)) refuse(Errc::invalid_argument, "not a name for an entry");
  if (!is_directory(parent)) refuse(Errc::not_a_directory, "entries lie in folders");
  for (NodeId up = parent;; up = this->parent(up)) {
    if (up == item) refuse(Errc::invalid_argument, "a folder cannot lie in itself");
    if (up == this->parent(up)) break;
  }
  if (child(parent, name)) refuse(Errc::duplicate_path, "there is an entry of that name already");
}

// Then nothing in the folder is called so. Who adds names in their order is spared the search, which waits for memory.
bool Tree::is_behind_all(std::string_view name, const Node& folder) const {
  if (folder.first_child == kNone) return true;
  return folder.ascending && this->name({nodes_[folder.first_child].previous}) < name;
}

void Tree::attach(NodeId parent, std::string_view name, NodeId item) {
  if (nodes_[item.value].linked)
    throw Error(Errc::invalid_argument, {.path = path(item)}, "the item has a place already");
  check_place(parent, name, item);
  nodes_[item.value].name_at = names_.add(name);
  nodes_[item.value].name_length = static_cast<std::uint8_t>(name.size());
  link(parent, item);
}

void Tree::move(NodeId item, NodeId parent, std::string_view name) {
  if (item == kRootNode || !attached(item))
    throw Error(Errc::invalid_argument, {.path = path(item)}, "only an entry of a folder can be moved");
  if (child(parent, name) == item) return;
  check_place(parent, name, item);
  const auto at = names_.add(name);
  unlink(item);
  nodes_[item.value].name_at = at;
  nodes_[item.value].name_length = static_cast<std::uint8_t>(name.size());
  link(parent, item);
}

// The item has its name; nothing in `parent` has the same.
void Tree::link(NodeId parent, NodeId item) {
  if (std::min(parent.value, item.value) < remembered_nodes_)
    changes_.push_back({.item = item.value, .kind = Change::Kind::linked});
  link_before(kNone, parent, item);
}

void Tree::link_before(std::uint32_t next, NodeId parent, NodeId item) {
  Node& node = nodes_[item.value];
  Node& folder = nodes_[parent.value];
  node.parent = parent.value;
  node.next = next;
  folder.ascending = next == kNone && is_behind_all(name(item), folder);
  if (folder.first_child == kNone) {
    folder.first_child = item.value;
    node.previous = item.value;
  } else {
    Node& follower = nodes_[next == kNone ? folder.first_child : next];
    node.previous = follower.previous;
    follower.previous = item.value;
    if (folder.first_child == next)
      folder.first_child = item.value;
    else
      nodes_[node.previous].next = item.value;
  }
  node.linked = true;
  ++inodes_[node.inode.value].links;
  index_insert(item.value);
}

void Tree::unlink(NodeId item) {
  index_erase(item.value);
  Node& node = nodes_[item.value];
  if (std::min(node.parent, item.value) < remembered_nodes_)
    changes_.push_back({.item = item.value,
                        .parent = node.parent,
                        .next = node.next,
                        .name_at = node.name_at,
                        .name_length = node.name_length,
                        .kind = Change::Kind::unlinked});
  Node& folder = nodes_[node.parent];
  if (folder.first_child == item.value) {
    folder.first_child = node.next;
  } else {
    nodes_[node.previous].next = node.next;
  }
  if (node.next != kNone) {
    nodes_[node.next].previous = node.previous;
  } else if (folder.first_child != kNone) {
    nodes_[folder.first_child].previous = node.previous;
  }
  node.linked = false;
  node.parent = node.next = node.previous = kNone;
  --inodes_[node.inode.value].links;
}

NodeId Tree::add_directory(NodeId parent, std::string_view name, const Attributes& attributes) {
  const auto item = make_directory(attributes);
  attach(parent, name, item);
  return item;
}

NodeId Tree::add_file(NodeId parent, std::string_view name, const Attributes& attributes, ContentId content) {
  const auto item = make_file(attributes, content);
  attach(parent, name, item);
  return item;
}

NodeId Tree::add_file(NodeId parent, std::string_view name, const Attributes& attributes,
                      std::shared_ptr<const ByteSource> source) {
  return add_file(parent, name, attributes, contents_.add_source(std::move(source), join(path(parent), name)));
}

NodeId Tree::add_symlink(NodeId parent, std::string_view name, const Attributes& attributes, std::string_view target) {
  const auto item = make_symlink(attributes, target);
  attach(parent, name, item);
  return item;
}

NodeId Tree::add_special(NodeId parent, std::string_view name, FileType type, const Attributes& attributes,
                         DeviceNumber device) {
  const auto item = make_special(type, attributes, device);
  attach(parent, name, item);
  return item;
}

NodeId Tree::add_hard_link(NodeId parent, std::string_view name, NodeId to) {
  const auto item = make_hard_link(to);
  attach(parent, name, item);
  return item;
}

NodeId Tree::make_path(std::string_view path, const Attributes& attributes) {
  NodeId at = kRootNode;
  for (auto name = take_component(path); !name.empty(); name = take_component(path)) {
    const auto next = child(at, name);
    if (next && !is_directory(*next))
      throw Error(Errc::not_a_directory, {.path = this->path(*next)}, "entries lie in folders");
    at = next ? *next : add_directory(at, name, attributes);
  }
  return at;
}

// Depth comes from the source, so that a list of pairs stands for recursion.
void Tree::check_merge(NodeId into, NodeId from, Existing existing) const {
  std::vector<std::pair<NodeId, NodeId>> open{{into, from}};
  while (!open.empty()) {
    const auto [target, source] = open.back();
    open.pop_back();
    for (auto item = first_child(source); item; item = next_sibling(*item)) {
      const auto there = child(target, name(*item));
      if (!there) continue;
      if (is_directory(*there) && is_directory(*item)) {
        open.emplace_back(*there, *item);
      } else if (existing == Existing::refuse || is_directory(*there) || is_directory(*item)) {
        throw Error(Errc::duplicate_path, {.path = path(*there)}, "two sources for one path",
                    existing != Existing::keep ? Reason::none
                    : is_directory(*item)      ? Reason::folder_meets_file
                                               : Reason::file_meets_folder);
      }
    }
  }
}

void Tree::make_mirror(NodeId into, NodeId from) {
  set_attributes(into, inode(from).attributes);
  remove_streams(into);
  for (auto item = first_child(into); item;) {
    const auto next = next_sibling(*item);
    if (!child(from, name(*item))) remove_tree(*item);
    item = next;
  }
}

void Tree::merge(NodeId into, NodeId from, Existing existing) {
  for (const auto folder : {into, from})
    if (!is_directory(folder)) throw Error(Errc::not_a_directory, {.path = path(folder)}, "only folders merge");
  for (NodeId up = into;; up = parent(up)) {
    if (up == from) throw Error(Errc::invalid_argument, {.path = path(into)}, "a folder cannot lie in itself");
    if (up == parent(up)) break;
  }
  const bool gives_way = existing == Existing::replace || existing == Existing::mirror;
  if (!gives_way) check_merge(into, from, existing);
  std::vector<std::pair<NodeId, NodeId>> open{{into, from}};
  while (!open.empty()) {
    const auto [target, source] = open.back();
    open.pop_back();
    if (existing == Existing::mirror) make_mirror(target, source);
    take_streams(inode_id(target), inode_id(source));
    for (auto item = first_child(source); item;) {
      const auto next = next_sibling(*item);
      auto there = child(target, name(*item));
      if (there && gives_way && !(is_directory(*there) && is_directory(*item))) {
        remove_tree(*there);
        there.reset();
      }
      if (there) {
        if (is_directory(*item)) open.emplace_back(*there, *item);
      } else {
        unlink(*item);
        link(target, *item);
      }
      item = next;
    }
  }
  remove_tree(from);
}

void Tree::remove(NodeId item) {
  if (item == kRootNode) throw Error(Errc::invalid_argument, {.path = "/"}, "the root stays");
  if (first_child(item)) throw Error(Errc::directory_not_empty, {.path = path(item)}, "the folder holds entries");
  if (nodes_[item.value].linked) unlink(item);
}

void Tree::remove_tree(NodeId item) {
  std::vector<NodeId> open{item};
  while (!open.empty()) {  // a folder goes when it has become empty
    const auto at = open.back();
    if (const auto below = first_child(at)) {
      open.push_back(*below);
      continue;
    }
    open.pop_back();
    if (at != kRootNode && nodes_[at.value].linked) unlink(at);
  }
}

std::optional<NodeId> Tree::find(std::string_view path) const {
  NodeId at = kRootNode;
  for (auto name = take_component(path); !name.empty(); name = take_component(path)) {
    const auto next = child(at, name);
    if (!next) return std::nullopt;
    at = *next;
  }
  return at;
}

std::string_view Tree::name(NodeId n) const {
  return names_.view(nodes_[n.value].name_at, nodes_[n.value].name_length);
}

std::string Tree::path(NodeId n) const {
  std::vector<std::string_view> parts;
  for (NodeId at = n; nodes_[at.value].linked && at != kRootNode; at = NodeId{nodes_[at.value].parent})
    parts.push_back(name(at));
  std::string out;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) (out += '/') += *part;
  return out.empty() ? "/" : out;
}

NodeId Tree::parent(NodeId n) const {
  const auto up = nodes_[n.value].parent;
  return up == kNone ? n : NodeId{up};
}

bool Tree::attached(NodeId n) const {
  while (n != kRootNode) {
    if (!nodes_[n.value].linked) return false;
    n = NodeId{nodes_[n.value].parent};
  }
  return true;
}

std::string_view Tree::symlink_target(NodeId n) const {
  const auto id = inode_id(n);
  const auto* const target = find_of(targets_, id);
  if (target == nullptr) throw std::logic_error("not a symlink");
  return names_.view(target->at, static_cast<std::size_t>(inodes_[id.value].size));
}

DeviceNumber Tree::device(NodeId n) const {
  const auto* const device = find_of(devices_, inode_id(n));
  return device == nullptr ? DeviceNumber{} : device->number;
}

std::optional<NodeId> Tree::first_child(NodeId n) const {
  const auto first = nodes_[n.value].first_child;
  return first == kNone ? std::nullopt : std::optional(NodeId{first});
}

std::optional<NodeId> Tree::next_sibling(NodeId n) const {
  const auto next = nodes_[n.value].next;
  return next == kNone ? std::nullopt : std::optional(NodeId{next});
}

std::size_t Tree::child_count(NodeId n) const {
  std::size_t count = 0;
  for (auto item = first_child(n); item; item = next_sibling(*item)) ++count;
  return count;
}

std::size_t Tree::memory_bytes() const {
  return nodes_.memory_bytes() + inodes_.memory_bytes() + names_.memory_bytes() + streams_.memory_bytes() +
         targets_.capacity() * sizeof(Target) + devices_.capacity() * sizeof(Device) +
         index_.slots.capacity() * sizeof(index_.slots[0]) + contents_.memory_bytes() + changes_.memory_bytes() +
         replaced_inodes_.memory_bytes() + replaced_streams_.memory_bytes();
}

void Tree::set_attributes(NodeId n, const Attributes& attributes) {
  inode_to_change(inode_id(n)).attributes = attributes;
}

void Tree::set_content(NodeId n, ContentId content) {
  if (inode(n).type != FileType::regular)
    throw Error(Errc::invalid_argument, {.path = path(n)}, "only a regular file has content");
  const auto size = contents_.size(content);
  auto& inode = inode_to_change(inode_id(n));
  inode.size = size;
  inode.content = content;
}

void Tree::set_real_time(NodeId n, bool real_time) {
  if (inode(n).type != FileType::regular)
    throw Error(Errc::invalid_argument, {.path = path(n)}, "only a regular file is a real-time file");
  inode_to_change(inode_id(n)).real_time = real_time;
}

// --- streams

// False when the inode has one of that name.
bool Tree::link_stream(InodeId id, StreamId stream) {
  const auto name = stream_name(stream);
  StreamId before, at = inodes_[id.value].first_stream;
  if (last_stream_ && streams_[last_stream_.value].owner == id && stream_name(last_stream_) < name) {
    before = last_stream_;
    at = next_stream(before);
  }
  for (; at && stream_name(at) < name; at = next_stream(at)) before = at;
  if (at && stream_name(at) == name) return false;
  auto& linked = stream_to_change(stream);
  linked.owner = id;
  linked.next = at;
  (before ? stream_to_change(before).next : inode_to_change(id).first_stream) = stream;
  last_stream_ = stream;
  return true;
}

StreamId Tree::add_stream(NodeId n, std::string_view name, ContentId content) {
  const auto type = inode(n).type;
  if (type != FileType::regular && type != FileType::directory)
    throw Error(Errc::invalid_argument, {.path = path(n)}, "only files and folders have named streams");
  if (name.empty() || name.size() > 0xFFFF || name.find('\0') != name.npos)
    throw Error(Errc::invalid_argument, {.path = path(n)}, "a stream's name has 1 to 65535 bytes, none of them NUL");
  check_room();
  contents_.size(content);  // there is such a content, or this says so
  Stream s;
  s.name_at = names_.add(name);
  s.name_length = static_cast<std::uint16_t>(name.size());
  s.content = content;
  streams_.push_back(s);
  const StreamId id{static_cast<std::uint32_t>(streams_.size() - 1)};
  if (!link_stream(inode_id(n), id)) {
    streams_.truncate(id.value);
    throw Error(Errc::duplicate_path, {.path = (path(n) += ':') += name}, "there is a stream of that name already");
  }
  return id;
}

StreamId Tree::add_stream(NodeId n, std::string_view name, std::shared_ptr<const ByteSource> source) {
  return add_stream(n, name, contents_.add_source(std::move(source), (path(n) += ':') += name));
}

void Tree::remove_stream(NodeId n, std::string_view name) {
  StreamId before, at = inode(n).first_stream;
  for (; at && stream_name(at) != name; at = next_stream(at)) before = at;
  if (!at) throw Error(Errc::not_found, {.path = (path(n) += ':') += name}, "there is no stream of that name");
  stream_to_change(at).linked = false;
  (before ? stream_to_change(before).next : inode_to_change(inode_id(n)).first_stream) = next_stream(at);
  last_stream_ = {};
}

void Tree::remove_streams(NodeId n) {
  auto& first = inode_to_change(inode_id(n)).first_stream;
  for (; first; first = next_stream(first)) stream_to_change(first).linked = false;
  last_stream_ = {};
}

// What both have stays as it is in `into`.
void Tree::take_streams(InodeId into, InodeId from) {
  last_stream_ = {};
  for (auto s = std::exchange(inode_to_change(from).first_stream, {}); s;) {
    const auto next = next_stream(s);
    stream_to_change(s).linked = link_stream(into, s);
    s = next;
  }
}

StreamId Tree::find_stream(NodeId n, std::string_view name) const {
  auto s = inode(n).first_stream;
  while (s && stream_name(s) != name) s = next_stream(s);
  return s;
}

std::string_view Tree::stream_name(StreamId s) const {
  return names_.view(streams_[s.value].name_at, streams_[s.value].name_length);
}

std::string Tree::stream_path(NodeId n, StreamId s) const { return (path(n) += ':') += stream_name(s); }

Tree::Mark Tree::mark() const {
  return {nodes_.size(),   inodes_.size(),  names_.size(),   targets_.size(),
          devices_.size(), streams_.size(), changes_.size(), contents_.mark()};
}

Tree::Mark Tree::remember() {
  remembered_nodes_ = nodes_.size();
  remembered_inodes_ = inodes_.size();
  remembered_streams_ = streams_.size();
  return mark();
}

void Tree::forget() {
  remembered_nodes_ = remembered_inodes_ = remembered_streams_ = 0;
  changes_.truncate(0);
  replaced_inodes_.truncate(0);
  replaced_streams_.truncate(0);
}

Inode& Tree::inode_to_change(InodeId i) {
  if (i.value < remembered_inodes_) {
    changes_.push_back({.item = i.value, .kind = Change::Kind::inode});
    replaced_inodes_.push_back(inodes_[i.value]);
  }
  return inodes_[i.value];
}

Tree::Stream& Tree::stream_to_change(StreamId s) {
  if (s.value < remembered_streams_) {
    changes_.push_back({.item = s.value, .kind = Change::Kind::stream});
    replaced_streams_.push_back(streams_[s.value]);
  }
  return streams_[s.value];
}

// Changes are undone from the last to the first, so that each finds its folder as it left it; but not those of folders that
// go themselves, where not all was remembered.
void Tree::undo(const Change& change, const Mark& mark) {
  if (change.kind == Change::Kind::inode) {
    auto& inode = inodes_[change.item];
    const auto links = inode.links;  // those of names that go are taken off with them
    inode = replaced_inodes_.back();
    inode.links = links;
    replaced_inodes_.truncate(replaced_inodes_.size() - 1);
  } else if (change.kind == Change::Kind::stream) {
    streams_[change.item] = replaced_streams_.back();
    replaced_streams_.truncate(replaced_streams_.size() - 1);
  } else if (change.kind == Change::Kind::linked) {
    if (nodes_[change.item].linked) unlink({change.item});
  } else if (change.parent < mark.nodes) {
    nodes_[change.item].name_at = change.name_at;
    nodes_[change.item].name_length = change.name_length;
    link_before(change.next, {change.parent}, {change.item});
  }
}

bool Tree::has_stream(InodeId id, std::size_t stream) const {
  auto s = inodes_[id.value].first_stream;
  while (s && s.value != stream) s = next_stream(s);
  return static_cast<bool>(s);
}

void Tree::roll_back(const Mark& mark) {
  const auto nodes = std::exchange(remembered_nodes_, 0);  // nothing of this is remembered itself
  for (; changes_.size() > mark.changes; changes_.truncate(changes_.size() - 1)) undo(changes_.back(), mark);
  remembered_nodes_ = std::min(nodes, mark.nodes);
  remembered_inodes_ = std::min(remembered_inodes_, mark.inodes);
  remembered_streams_ = std::min(remembered_streams_, mark.streams);
  for (std::size_t n = mark.nodes; n < nodes_.size(); ++n)
    if (nodes_[n].linked && nodes_[n].parent < mark.nodes)
      throw std::logic_error("roll back of an entry that is attached");
  for (std::size_t s = mark.streams; s < streams_.size(); ++s)
    if (has_stream(streams_[s].owner, s) && streams_[s].owner.value < mark.inodes)
      throw std::logic_error("roll back of a stream that an older entry has");
  for (std::size_t n = mark.nodes; n < nodes_.size(); ++n) {
    if (!nodes_[n].linked) continue;
    index_erase(static_cast<std::uint32_t>(n));
    --inodes_[nodes_[n].inode.value].links;
  }
  index_.covered = std::min(index_.covered.load(), mark.nodes);
  nodes_.truncate(mark.nodes);
  inodes_.truncate(mark.inodes);
  names_.truncate(mark.names);
  targets_.resize(mark.targets);
  devices_.resize(mark.devices);
  streams_.truncate(mark.streams);
  last_stream_ = {};
  contents_.roll_back(mark.contents);
}

}  // namespace fsimage
