#include "disc_names.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

// Beyond so many comparisons the identifiers of a folder are given up: they are as good as any others.
constexpr std::size_t kMostComparisons = 4'000'000;

// What an entry of the tree and one of the view have in common, whatever they are called.
struct Likeness {
  FileType type{};
  std::uint64_t size = 0, offset = 0;  // of a file's content; 0 when it has none
  friend bool operator==(const Likeness&, const Likeness&) = default;
};

class DiscNames {
 public:
  DiscNames(const Tree& tree, VolumeCursor& cursor, NameScheme scheme, RecordedNames& out)
      : tree_(tree), cursor_(cursor), scheme_(scheme), out_(out) {}

  void read() {
    open(kRootNode, {});
    while (const auto entry = cursor_.next()) {
      while (folders_.size() > entry->depth + 1) close();
      const auto node = take(*entry);
      if (entry->type != FileType::directory) continue;
      if (node)
        open(*node, path_number(folders_.back().number, tree_.name(*node)));
      else
        cursor_.skip_subtree();
    }
    while (!folders_.empty()) close();
  }

 private:
  struct Wanted {
    std::string identifier;  // that the entry has when it is alone
    NodeId node;
    bool taken = false;
  };
  struct Left {
    std::string identifier;
    Likeness likeness;
  };
  struct Folder {
    PathNumber number;
    std::vector<Wanted> wanted;  // by identifier, then by name
    std::vector<Left> left;      // identifiers that nobody, or more than one, would have alone
  };

  std::string alone(NodeId n) const {
    if (cursor_.view() == View::udf) return std::string(tree_.name(n));
    return shown_identifier(undisputed_identifier({tree_.name(n), tree_.is_directory(n)}, scheme_), scheme_);
  }

  void open(NodeId folder, PathNumber number) {
    folders_.push_back({.number = number, .wanted = {}, .left = {}});
    auto& wanted = folders_.back().wanted;
    for (auto n = tree_.first_child(folder); n; n = tree_.next_sibling(*n)) wanted.push_back({alone(*n), *n});
    std::sort(wanted.begin(), wanted.end(), [&](const Wanted& a, const Wanted& b) {
      return std::forward_as_tuple(a.identifier, tree_.name(a.node)) <
             std::forward_as_tuple(b.identifier, tree_.name(b.node));
    });
  }

  Likeness likeness(NodeId n) const {
    const auto& inode = tree_.inode(n);
    Likeness out{inode.type == FileType::directory ? FileType::directory : FileType::regular};
    if (inode.type != FileType::regular || inode.size == 0) return out;
    out.size = inode.size;
    if (const auto slice = tree_.contents().slice(inode.content)) out.offset = slice->offset;
    return out;
  }

  Likeness likeness(const Entry& entry) {
    Likeness out{entry.type == FileType::directory ? FileType::directory : FileType::regular};
    if (entry.type != FileType::regular || entry.size == 0) return out;
    out.size = entry.size;
    if (const auto extents = cursor_.extents(); !extents.empty()) out.offset = extents.front().offset;
    return out;
  }

  std::optional<NodeId> take(const Entry& entry) {
    auto& folder = folders_.back();
    const auto range = std::equal_range(folder.wanted.begin(), folder.wanted.end(), entry.name, ByIdentifier{});
    if (range.second - range.first == 1 && !range.first->taken) {
      range.first->taken = true;
      return range.first->node;
    }
    folder.left.push_back({entry.name, likeness(entry)});
    if (entry.type != FileType::directory) return std::nullopt;
    const auto node = match(folder, folder.left.back());
    folder.left.pop_back();
    return node;
  }

  struct ByIdentifier {
    bool operator()(const Wanted& w, const std::string& name) const { return w.identifier < name; }
    bool operator()(const std::string& name, const Wanted& w) const { return name < w.identifier; }
  };

  std::optional<NodeId> match(Folder& folder, const Left& left) {
    for (auto& w : folder.wanted) {
      if (w.taken || likeness(w.node) != left.likeness || !is_form_of(left.identifier, w.identifier)) continue;
      w.taken = true;
      out_.add(cursor_.view(), path_number(folder.number, tree_.name(w.node)), left.identifier);
      return w.node;
    }
    return std::nullopt;
  }

  // The same, or with a number in place of a part.
  bool is_form_of(const std::string& identifier, const std::string& alone) const {
    if (cursor_.view() == View::udf) return true;  // whatever UDF has no room for
    const auto begin = std::mismatch(identifier.begin(), identifier.end(), alone.begin(), alone.end()).first;
    const auto rest = std::min(static_cast<std::size_t>(identifier.end() - begin), alone.size());
    const auto end = std::mismatch(identifier.rbegin(), identifier.rbegin() + static_cast<std::ptrdiff_t>(rest),
                                   alone.rbegin(), alone.rend())
                         .first.base();
    return std::all_of(begin, std::max(begin, end), [](char c) { return c >= '0' && c <= '9'; });
  }

  void close() {
    auto& folder = folders_.back();
    if (folder.left.size() * folder.wanted.size() <= kMostComparisons)
      for (const auto& left : folder.left) match(folder, left);
    folders_.pop_back();
  }

  const Tree& tree_;
  VolumeCursor& cursor_;
  NameScheme scheme_;
  RecordedNames& out_;
  std::vector<Folder> folders_;
};

}  // namespace

void read_disc_names(const Tree& tree, VolumeCursor& cursor, NameScheme scheme, RecordedNames& out) {
  DiscNames(tree, cursor, scheme, out).read();
}

bool names_say_all(const Tree& tree, View view, NameScheme scheme) {
  constexpr std::size_t kFitsUdf = 127;  // bytes of UTF-8, whatever the characters
  if (view != View::joliet && view != View::udf) return false;
  for (std::uint32_t i = 1; i < tree.node_count(); ++i) {
    const NodeId n{i};
    const auto name = tree.name(n);
    if (!tree.attached(n)) continue;
    const bool kept =
        view == View::udf ? name.size() <= kFitsUdf && is_utf8(name) : keeps_name({name, tree.is_directory(n)}, scheme);
    if (!kept) return false;
  }
  return true;
}

void note_entries(const Tree& tree, RecordedNames& out) {
  std::vector<std::pair<NodeId, PathNumber>> folders{{kRootNode, {}}};
  while (!folders.empty()) {
    const auto [folder, number] = folders.back();
    folders.pop_back();
    for (auto n = tree.first_child(folder); n; n = tree.next_sibling(*n)) {
      const auto entry = path_number(number, tree.name(*n));
      out.add_entry(entry);
      if (tree.is_directory(*n)) folders.emplace_back(*n, entry);
    }
  }
}

}  // namespace fsimage
