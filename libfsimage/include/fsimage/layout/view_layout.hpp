// What the layouts of all views have in common: what they are made from, and what they answer.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/layout/continuation.hpp>
#include <fsimage/layout/profile.hpp>
#include <fsimage/layout/tree_index.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fsimage {

// Shared by every layout and by the sources that they emit; immutable from here on.
struct PlanInput {
  std::shared_ptr<const Tree> tree;
  std::shared_ptr<const TreeIndex> index;
  Profile profile;                                        // `timestamp` is set
  std::shared_ptr<const Continuation> continuation = {};  // null for a first session
};

// Where the disc that the session goes on with holds the content already, when every view can refer to it there.
std::optional<Lba> recorded_at(const PlanInput&, ContentId);
inline std::optional<Lba> recorded_at(const PlanInput& in, const Inode& inode) {
  return recorded_at(in, inode.content);
}

// An entry's attributes as views record them: a time that no source gave is the image's, and unless the profile asks for
// all times the modification time stands for the others.
inline Attributes recorded_attributes(const PlanInput& in, NodeId n) {
  Attributes a = in.tree->inode(n).attributes;
  if (a.modified == kUnsetTime) a.modified = *in.profile.timestamp;
  for (Timestamp* t : {&a.accessed, &a.changed, &a.created})
    if (!in.profile.all_times || *t == kUnsetTime) *t = a.modified;
  return a;
}

// Where each regular file's content begins on the medium, by InodeId: contiguous, whole blocks, in this session or an
// earlier one. Empty files have no place.
struct ContentPlacement {
  std::vector<Lba> at;
  std::vector<Lba> streams;  // likewise, by StreamId
};

class ViewLayout {
 public:
  virtual ~ViewLayout() = default;
  // Whether the view shows the entry under exactly its own name and as what it is.
  virtual bool keeps(NodeId) const = 0;
  // Whether the view has an entry for it at all, under whatever name.
  virtual bool shows(NodeId) const = 0;
  // Whether the view has all that belongs to the entry beside its content: named streams, and that it is a real-time file.
  virtual bool keeps_extras(const Inode&) const = 0;
  // Whether it shows the entry's times.
  virtual bool keeps_times(NodeId) const = 0;
  // Its identifier there as recorded, in UTF-8: "README.TXT;1" in ISO 9660; nullopt for what has none, the root too. May be
  // linear in the folder.
  virtual std::optional<std::string> identifier_of(NodeId) const = 0;
  // The view's findings that are wanted, in the order of the index. Derived on request: what is not wanted costs nothing.
  virtual void for_each_finding(const FindingFn&, const FindingFilter& wanted) const = 0;
  void for_each_finding(const FindingFn& fn) const { for_each_finding(fn, {}); }
};

}  // namespace fsimage
