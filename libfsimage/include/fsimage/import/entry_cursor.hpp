// The one door into a tree: host folders, manifests and volumes are all cursors over entries, and filters wrap cursors.
// A cursor belongs to one thread.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage {

// In preorder: a directory comes before what is in it. depth 0 is an entry of the cursor's own root.
struct Entry {
  std::uint32_t depth = 0;  // an entry of depth d lies in the last directory of depth d-1
  std::string name;         // is_valid_name, or the cursor throws
  FileType type = FileType::regular;
  Attributes attributes;
  std::uint64_t size = 0;  // content bytes of a regular file
  std::string target;      // symlinks
  DeviceNumber device;
  std::uint32_t links = 1;             // more than 1: may come again under another name, with the same identity
  std::uint64_t identity[2] = {0, 0};  // device and inode, or a volume's unique id
  bool real_time = false;              // a regular file that is to be read without pauses
};

// By the names that Linux gives them: "user.comment", "system.posix_acl_access".
struct ExtendedAttribute {
  std::string name;
  std::string value;       // any bytes; nothing of one that is longer than the reader wanted to hold
  std::uint64_t size = 0;  // of the value
  bool is_held() const { return value.size() == size; }
};

// A named stream of a file or folder; the extended attribute "user.x" of a host file is the stream "x".
struct EntryStream {
  std::string name;
  ContentId content;
};

inline constexpr std::string_view kUserNamespace = "user.";
// Whether the attribute can be had as a stream.
inline bool is_stream(const ExtendedAttribute& x) {
  return x.name.size() > kUserNamespace.size() && x.name.starts_with(kUserNamespace) && x.is_held();
}

class EntryCursor {
 public:
  virtual ~EntryCursor() = default;
  // nullopt at the end. Throws Error with the path of what could not be read.
  virtual std::optional<Entry> next() = 0;
  // Puts the content of the last entry, a regular file, by reference into `store`; nothing is read.
  virtual ContentId content(ContentStore& store) = 0;
  // The last entry, a directory, is not descended.
  virtual void skip_subtree() = 0;
  // Those of the last entry, read now; before the first entry, of the folder that the entries lie in. None of a source that
  // has no such thing. Throws Error without path.
  virtual std::vector<ExtendedAttribute> xattrs() { return {}; }
  // Named streams of the last entry, or before the first one of the folder that the entries lie in, put into `store` as
  // content() does. tells_streams(): that there are none says that the source has none.
  virtual std::vector<EntryStream> streams(ContentStore&) { return {}; }
  virtual bool tells_streams() const { return false; }
  // Where the last entry comes from, for errors: a host path, or a path on a volume.
  virtual std::string origin() const = 0;
};

// A cursor over another: what a filter does not change is passed on.
class EntryFilter : public EntryCursor {
 public:
  explicit EntryFilter(std::unique_ptr<EntryCursor> inner) : inner_(std::move(inner)) {}
  std::optional<Entry> next() override { return inner_->next(); }
  ContentId content(ContentStore& store) override { return inner_->content(store); }
  void skip_subtree() override { inner_->skip_subtree(); }
  std::vector<ExtendedAttribute> xattrs() override { return inner_->xattrs(); }
  std::vector<EntryStream> streams(ContentStore& store) override { return inner_->streams(store); }
  bool tells_streams() const override { return inner_->tells_streams(); }
  std::string origin() const override { return inner_->origin(); }

 private:
  std::unique_ptr<EntryCursor> inner_;
};

}  // namespace fsimage
