#include <fsimage/import/path_patterns.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/import/glob.hpp>

#include <algorithm>

namespace fsimage {
namespace {

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The first `count` components of the pattern; all of it when it has no more. A '/' in a set is one all the same, for
// no set matches it.
std::string_view first_components(std::string_view pattern, std::ptrdiff_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    at = pattern.find('/', at);
    if (at == pattern.npos) return pattern;
    ++at;
  }
  return pattern.substr(0, at == 0 ? 0 : at - 1);
}

}  // namespace

PathPatterns::PathPatterns(std::vector<std::string> patterns) {
  for (auto& given : patterns) {
    Pattern p;
    p.path = without_slashes(given);
    if (p.path.empty()) {  // "/" is everything
      if (given.empty()) throw Error(Errc::invalid_argument, {}, "an empty pattern");
      patterns_.clear();
      return;
    }
    p.is_glob = given.find_first_of("*?[\\") != given.npos;
    p.anywhere = p.is_glob && given.find('/') == given.npos;
    p.given = std::move(given);
    patterns_.push_back(std::move(p));
  }
}

bool PathPatterns::matches(std::string_view path) {
  if (everything()) return true;
  path = without_slashes(path);
  bool any = false;
  for (Pattern& p : patterns_) {
    // A name that looks like a pattern can be asked for as it is.
    if (p.path != path && !(p.is_glob && glob_match(p.path, p.anywhere ? last_component(path) : path))) continue;
    p.matched = true;
    any = true;
  }
  return any;
}

bool PathPatterns::may_match_below(std::string_view folder) const {
  if (everything()) return true;
  folder = without_slashes(folder);
  const auto depth = std::count(folder.begin(), folder.end(), '/') + 1;
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& p) {
    if (p.anywhere) return true;
    if (std::count(p.path.begin(), p.path.end(), '/') < depth) return false;
    const auto above = first_components(p.path, depth);
    return above == folder || (p.is_glob && glob_match(above, folder));
  });
}

std::vector<std::string> PathPatterns::unmatched() const {
  std::vector<std::string> out;
  for (const Pattern& p : patterns_)
    if (!p.matched) out.push_back(p.given);
  return out;
}

}  // namespace fsimage
