// Which entries somebody asks for by paths and shell patterns. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// A path ("docs", "/docs/a.txt") names one entry. A pattern as glob_match takes it matches from the top when it holds a
// '/' ("docs/*.txt"), else the name of an entry in whatever folder ("*.txt"). Whatever is asked for comes with all that
// lies below it: that is the caller's part. No patterns ask for everything.
class PathPatterns {
 public:
  PathPatterns() = default;
  explicit PathPatterns(std::vector<std::string> patterns);

  bool everything() const { return patterns_.empty(); }
  // `path` from the top, "/docs/a.txt". Remembers which patterns have matched.
  bool matches(std::string_view path);
  // Whether something below that folder can match.
  bool may_match_below(std::string_view folder) const;
  // Those that have matched nothing, as they were given.
  std::vector<std::string> unmatched() const;

 private:
  struct Pattern {
    std::string given;
    std::string path;  // without '/' at its ends
    bool is_glob = false;
    bool anywhere = false;  // the name of an entry
    bool matched = false;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace fsimage
