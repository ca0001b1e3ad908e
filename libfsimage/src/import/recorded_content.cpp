#include <fsimage/import/recorded_content.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

bool whole_seconds(Timestamp t) { return t.nanoseconds() == 0; }

// To the precision of what is on the disc: seconds in ISO 9660, microseconds in UDF.
bool same_time(Timestamp fresh, Timestamp recorded) {
  return fresh.seconds() == recorded.seconds() &&
         (whole_seconds(recorded) || fresh.nanoseconds() / 1000 == recorded.nanoseconds() / 1000);
}

class Reuse {
 public:
  Reuse(Tree& tree, std::stop_token stop, bool trust_times)
      : tree_(tree), stop_(std::move(stop)), trust_times_(trust_times) {}

  ReusedContent run(NodeId fresh, NodeId recorded) {
    std::vector<std::pair<NodeId, NodeId>> folders{{fresh, recorded}};
    while (!folders.empty()) {
      const auto [a, b] = folders.back();
      folders.pop_back();
      for (auto n = tree_.first_child(a); n; n = tree_.next_sibling(*n)) {
        const auto other = tree_.child(b, tree_.name(*n));
        if (tree_.is_directory(*n)) {
          if (other && tree_.is_directory(*other)) {
            folders.emplace_back(*n, *other);
          } else {
            count_added(*n);
          }
        } else if (tree_.inode(*n).type == FileType::regular) {
          if (other && tree_.inode(*other).type == FileType::regular) {
            file(*n, *other);
          } else {
            ++out_.added;
          }
        }
      }
    }
    return out_;
  }

 private:
  void count_added(NodeId folder) {
    std::vector<NodeId> folders{folder};
    while (!folders.empty()) {
      const auto at = folders.back();
      folders.pop_back();
      for (auto n = tree_.first_child(at); n; n = tree_.next_sibling(*n))
        if (tree_.is_directory(*n))
          folders.push_back(*n);
        else if (tree_.inode(*n).type == FileType::regular)
          ++out_.added;
    }
  }

  void file(NodeId fresh, NodeId recorded) {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped while comparing with the disc");
    const Inode &a = tree_.inode(fresh), &b = tree_.inode(recorded);
    if (a.content == b.content) return;  // another name of a file that was looked at
    if (a.size != b.size) {
      ++out_.changed;
    } else if (trust_times_ && same_time(a.attributes.modified, b.attributes.modified)) {
      ++out_.files;
      tree_.set_content(fresh, b.content);
    } else if (same_bytes(a, b)) {
      ++out_.files;
      ++out_.compared;
      tree_.set_content(fresh, b.content);
    } else {
      ++out_.changed;
    }
  }

  bool same_bytes(const Inode& a, const Inode& b) {
    const auto& store = tree_.contents();
    for (std::uint64_t at = 0; at < a.size;) {
      if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped while comparing with the disc");
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, a.size - at));
      a_.resize(n);
      b_.resize(n);
      store.read_at(a.content, at, a_);
      store.read_at(b.content, at, b_);
      if (a_ != b_) return false;
      at += n;
    }
    return true;
  }

  Tree& tree_;
  std::stop_token stop_;
  bool trust_times_;
  ReusedContent out_;
  std::vector<std::byte> a_, b_;
};

}  // namespace

ReusedContent reuse_content(Tree& tree, NodeId fresh, NodeId recorded, std::stop_token stop, bool trust_times) {
  return Reuse(tree, std::move(stop), trust_times).run(fresh, recorded);
}

void keep_streams(Tree& tree, NodeId fresh, NodeId recorded) {
  if (tree.stream_count() == 0) return;
  std::vector<std::pair<NodeId, NodeId>> pairs{{fresh, recorded}};
  while (!pairs.empty()) {
    const auto [to, from] = pairs.back();
    pairs.pop_back();
    if (!tree.inode(to).first_stream)
      for (auto s = tree.inode(from).first_stream; s; s = tree.next_stream(s))
        tree.add_stream(to, std::string(tree.stream_name(s)), tree.stream_content(s));
    for (auto n = tree.first_child(to); n; n = tree.next_sibling(*n))
      if (const auto other = tree.child(from, tree.name(*n)); other && tree.inode(*n).type == tree.inode(*other).type)
        pairs.emplace_back(*n, *other);
  }
}

FinerTimes take_finer_times(Tree& tree, VolumeCursor& cursor) {
  FinerTimes out;
  const auto take_streams = [&](NodeId n) {
    for (const auto& s : cursor.streams(tree.contents())) {
      if (tree.find_stream(n, s.name)) tree.remove_stream(n, s.name);
      tree.add_stream(n, s.name, s.content);
    }
  };
  take_streams(kRootNode);
  while (const auto entry = cursor.next()) {
    if (entry->type != FileType::regular && entry->type != FileType::directory) out.special_files = true;
    const auto n = tree.find(cursor.origin());
    if (!n) continue;
    if (entry->type == tree.inode(*n).type) take_streams(*n);
    if (entry->real_time && tree.inode(*n).type == FileType::regular) tree.set_real_time(*n, true);
    auto attributes = tree.inode(*n).attributes;
    const auto fine = entry->attributes.modified, created = entry->attributes.created;
    const bool finer =
        whole_seconds(attributes.modified) && !whole_seconds(fine) && attributes.modified.seconds() == fine.seconds();
    const bool older = attributes.created == kUnsetTime && created != kUnsetTime && created != fine;
    if (finer) attributes.modified = fine;
    if (older) attributes.created = created;
    if (finer || older) tree.set_attributes(*n, attributes);
    if (finer) ++out.files;
  }
  return out;
}

}  // namespace fsimage
