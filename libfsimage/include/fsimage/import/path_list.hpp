// Paths below one folder that somebody has listed, a line each. A million cost some thirty bytes each beside their text.
// One thread adds; const access from many.
#pragma once

#include <fsimage/core/string_arena.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

class PathList {
 public:
  // `label` names the list in errors.
  explicit PathList(std::string label) : label_(std::move(label)) {}

  // "docs/a.txt", "./docs//a.txt" and "/docs/a.txt/" are the same. Throws invalid_argument, with LABEL:LINE as its path,
  // for "", "..", a NUL, or a component that is_valid_name refuses.
  void add(std::string_view path, std::uint32_t line);
  // To be called once all are added: in the order of the names in each folder, a folder before what is in it, each once.
  void sort();

  std::size_t size() const { return refs_.size(); }
  std::string_view operator[](std::size_t i) const { return text_.view(refs_[i].at, refs_[i].length); }
  std::string place(std::size_t i) const;  // "LABEL:LINE"

 private:
  struct Ref {
    std::uint32_t at, length, line;
  };
  std::string label_;
  StringArena text_;
  std::vector<Ref> refs_;
};

// Orders paths by their components: what is below "a" comes right behind "a", before "a-b".
bool path_before(std::string_view a, std::string_view b);

}  // namespace fsimage
