// Shell patterns over paths, for leaving entries out: the same everywhere, whatever the locale. Values only, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// Whether all of `path` matches: `*` is any run of characters, `?` any one, `[a-z]`, `[!a-z]`, `[^a-z]` and `[[:digit:]]`
// one of a set, `\` takes the next character as it is. None of them matches a '/'; a leading '.' is nothing special.
// A character is a UTF-8 sequence, or a byte that is part of none; classes know ASCII only. Case counts. A '[' without its
// ']' stands for itself. Cost: at most the product of the lengths.
bool glob_match(std::string_view pattern, std::string_view path);

// Patterns against paths below a source's top ("docs/a.txt"). One with a '/' matches from the top ("build/*", "/build"),
// any other the last component, in whatever folder. One that ends in '/' is for folders only. Those that have neither "*?["
// nor a backslash cost next to nothing each, however many there are.
class ExcludeList {
 public:
  ExcludeList() = default;
  explicit ExcludeList(std::vector<std::string> patterns);  // an empty pattern is an invalid_argument

  // By what holds for entries of every type; excludes_folder() has the patterns that are for folders only.
  bool excludes(std::string_view path) const { return any(everything_, path); }
  bool excludes_folder(std::string_view path) const { return any(folders_, path); }

 private:
  struct Patterns {
    std::vector<std::string> plain, globs;  // the plain ones sorted
    void add(std::string pattern);
    bool any(std::string_view text) const;
    bool empty() const { return plain.empty() && globs.empty(); }
  };
  struct Kind {
    Patterns names, paths;
  };
  static bool any(const Kind&, std::string_view path);
  Kind everything_, folders_;
};

}  // namespace fsimage
