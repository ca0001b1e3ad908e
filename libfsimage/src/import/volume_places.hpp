// Where the contents and folders of a view lie, in small records that two views can be compared by. One thread.
#pragma once

#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/import/volume_info.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fsimage::volume {

class ContentPlaces {
 public:
  explicit ContentPlaces(View view) : view_(view) {}
  View view() const { return view_; }

  void add_folder(Lba at) { folders_.push_back(at); }
  void add_content(std::span<const VolumeCursor::Extent>, std::uint64_t size);
  void sort();  // before anything below

  std::uint64_t bytes() const;  // of contents, each once
  const std::vector<Lba>& folders() const { return folders_; }

  // What tells a content from others: its places and its length. Embedded content lies in a structure of one view alone.
  static std::uint64_t key(std::span<const VolumeCursor::Extent>, std::uint64_t size);
  // Keys of contents that the other does not have, sorted. When it has embedded ones, short contents may be among them and
  // are not counted as missing.
  std::vector<std::uint64_t> missing_in(const ContentPlaces& other) const;

  struct Stretch {
    std::uint64_t offset, length;
  };
  const std::vector<Stretch>& stretches() const { return stretches_; }

 private:
  struct Content {
    std::uint64_t key, size;
    friend auto operator<=>(const Content&, const Content&) = default;
  };
  View view_;
  std::vector<Lba> folders_;
  std::vector<Content> contents_;
  std::vector<Stretch> stretches_;
  std::uint64_t longest_embedded_ = 0;
};

// All that the views' contents cover, in address order, without overlaps.
std::vector<ContentPlaces::Stretch> merged_stretches(const std::vector<ContentPlaces>&);

// Where a descriptor's path tables do not agree with the folders of the tree, or with each other, ECMA-119 6.9.
struct PathTableProblem {
  Lba at;
  std::string clause, text;
};
std::vector<PathTableProblem> path_table_problems(const ByteSource&, const IsoVolumeInfo&, const ContentPlaces& tree);

}  // namespace fsimage::volume
