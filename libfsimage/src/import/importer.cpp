#include <fsimage/import/importer.hpp>

#include "entry_walk.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

// Builds what the cursor gives below a folder that is not attached to the tree.
class Builder {
 public:
  Builder(Tree& tree, NodeId into, EntryCursor& cursor, const AddEntries& how)
      : tree_(tree), into_(into), cursor_(cursor), how_(how), folders_{{tree.make_directory({}), 0}} {}

  NodeId root() const { return folders_.front().node; }

  // Of the cursor's last entry, or of the root. What is there already stays.
  void add_streams(NodeId node) {
    for (const auto& s : cursor_.streams(tree_.contents())) {
      try {
        tree_.add_stream(node, s.name, s.content);
      } catch (const Error& e) {
        if (e.code() != Errc::duplicate_path) throw;
      }
    }
  }

  void add(const Entry& entry) {
    if (entry.depth >= folders_.size()) throw std::logic_error("an entry without its folder");
    folders_.resize(entry.depth + 1);
    path_.resize(folders_.back().path_length);
    path_ += entry.name;
    try {
      place(entry);
    } catch (const Error& e) {
      if (e.code() == Errc::duplicate_path)
        throw Error(Errc::duplicate_path, {.path = tree_path()}, "two sources for one path");
      throw e.with_path(cursor_.origin());
    }
    if (++told_.items % kItemsPerReport == 0) report();
  }

  void report() {
    if (!how_.progress) return;
    told_.item = path_;
    if (told_.item.ends_with('/')) told_.item.remove_suffix(1);
    how_.progress(told_);
  }

 private:
  struct Folder {
    NodeId node;
    std::size_t path_length;  // in path_, with the '/' behind it
  };

  std::string tree_path() const {
    auto path = tree_.path(into_);
    if (path.back() != '/') path += '/';
    return path += path_;
  }

  void place(const Entry& entry) {
    const auto parent = folders_.back().node;
    const bool folder = entry.type == FileType::directory;
    if (folder) {
      const auto there = tree_.child(parent, entry.name);
      if (there && !tree_.is_directory(*there)) throw Error(Errc::duplicate_path, {}, {});
      const auto node = there ? *there : tree_.add_directory(parent, entry.name, attributes_of(entry));
      add_streams(node);
      path_ += '/';
      folders_.push_back({node, path_.size()});
    } else if (entry.links > 1) {
      place_linked(parent, entry);
    } else {
      tree_.attach(parent, entry.name, make(entry));
    }
  }

  // The first name of an identity makes the item, every further one links to it.
  void place_linked(NodeId parent, const Entry& entry) {
    const auto [known, fresh] = linked_.try_emplace(identity_of(entry), kRootNode);
    if (fresh) {
      known->second = make(entry);
      tree_.attach(parent, entry.name, known->second);
      return;
    }
    const auto there = tree_.child(parent, entry.name);
    if (there && tree_.inode_id(*there) == tree_.inode_id(known->second)) return;  // one and the same, once more
    tree_.add_hard_link(parent, entry.name, known->second);
  }

  Attributes attributes_of(const Entry& entry) const { return how_.attributes.apply(entry.type, entry.attributes); }

  NodeId make(const Entry& entry) {
    switch (entry.type) {
      case FileType::regular: {
        const auto content = cursor_.content(tree_.contents());  // first: it is what says that a size is nonsense
        told_.sectors += blocks_for(entry.size).value;
        const auto node = tree_.make_file(attributes_of(entry), content);
        if (entry.real_time) tree_.set_real_time(node, true);
        add_streams(node);
        return node;
      }
      case FileType::symlink: return tree_.make_symlink(attributes_of(entry), entry.target);
      default: return tree_.make_special(entry.type, attributes_of(entry), entry.device);
    }
  }

  Tree& tree_;
  NodeId into_;
  EntryCursor& cursor_;
  const AddEntries& how_;
  std::vector<Folder> folders_;  // the way to the last entry's folder, or to the last entry when it is one
  std::string path_;             // of the last entry, below the target
  std::unordered_map<EntryIdentity, NodeId, EntryIdentityHash> linked_;
  AddProgress told_;
};

}  // namespace

ReusedContent add_entries(Tree& tree, NodeId into, EntryCursor& cursor, const AddEntries& how) {
  if (!tree.is_directory(into)) throw Error(Errc::not_a_directory, {.path = tree.path(into)}, "entries lie in folders");
  const auto before = tree.mark();
  try {
    Builder builder(tree, into, cursor, how);
    builder.add_streams(builder.root());
    while (auto entry = cursor.next()) {
      if (how.stop.stop_requested()) throw Error(Errc::cancelled, {}, "adding was stopped");
      builder.add(*entry);
    }
    builder.report();
    if (how.stop.stop_requested()) throw Error(Errc::cancelled, {}, "adding was stopped");
    ReusedContent reused;
    if (how.existing == Tree::Existing::replace || how.existing == Tree::Existing::mirror) {
      reused = reuse_content(tree, builder.root(), into, how.stop, how.attributes.keeps_times());
      if (!cursor.tells_streams()) keep_streams(tree, builder.root(), into);
    }
    if (how.existing == Tree::Existing::mirror) tree.set_attributes(builder.root(), tree.inode(into).attributes);
    tree.merge(into, builder.root(), how.existing);  // the only step that changes what was there: all or nothing
    return reused;
  } catch (...) {
    tree.roll_back(before);
    throw;
  }
}

}  // namespace fsimage
