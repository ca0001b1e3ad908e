// What the views of a disc call their entries, as far as their names alone do not say: for a further session to keep it. By
// path; some eight bytes an entry, and some twenty beside the text of each identifier that is kept. One thread fills it;
// after that it is immutable, thread-safe.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/fnv.hpp>
#include <fsimage/core/string_arena.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// A path, as good as alone with its number: two paths of one number could only make an identifier change.
struct PathNumber {
  std::uint64_t value = kFnvBasis;  // of the root
  friend auto operator<=>(PathNumber, PathNumber) = default;
};
PathNumber path_number(PathNumber folder, std::string_view name);
PathNumber path_number(std::string_view path);  // "/docs/a.txt"

class RecordedNames {
 public:
  void add_entry(PathNumber);                                     // the disc has it
  void add(View, PathNumber entry, std::string_view identifier);  // as it is shown, in UTF-8
  void finish();                                                  // what was added can be found from here on

  const std::string& digest() const { return digest_; }  // of all of it
  bool has_entry(PathNumber) const;
  bool has_any(View) const;
  std::string_view identifier(View, PathNumber entry) const;  // "" when its name says all

 private:
  struct Identifier {
    PathNumber entry;
    std::uint32_t at = 0;
    std::uint32_t length = 0;
  };
  static constexpr std::size_t kViews = static_cast<std::size_t>(View::udf) + 1;
  std::vector<PathNumber> entries_;
  std::array<std::vector<Identifier>, kViews> identifiers_;
  StringArena texts_;
  std::string digest_;
};

}  // namespace fsimage
