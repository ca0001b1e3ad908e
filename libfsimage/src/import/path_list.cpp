#include <fsimage/import/path_list.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>

namespace fsimage {
namespace {

// A '/' sorts before every other byte, so that components decide one after the other.
int rank_of_byte(char c) { return c == '/' ? -1 : static_cast<unsigned char>(c); }

}  // namespace

bool path_before(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  return rank_of_byte(*x) < rank_of_byte(*y);
}

void PathList::add(std::string_view path, std::uint32_t line) {
  const auto refuse = [&](std::string_view why) {
    throw Error(Errc::invalid_argument, {.path = label_ + ':' + std::to_string(line)}, why);
  };
  if (path.empty()) refuse("an empty path");
  std::string clean;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty() || name == ".") continue;
    if (name == "..") refuse("a path that leads upwards by '..'");
    if (!is_valid_name(name)) refuse("a name with a NUL, or of more than 255 bytes");
    if (!clean.empty()) clean += '/';
    clean += name;
  }
  if (clean.size() > StringArena::kLongest) refuse("the path is longer than 65,536 bytes");
  refs_.push_back({text_.add(clean), static_cast<std::uint32_t>(clean.size()), line});
}

void PathList::sort() {
  const auto text = [&](const Ref& r) { return text_.view(r.at, r.length); };
  std::sort(refs_.begin(), refs_.end(), [&](const Ref& a, const Ref& b) {
    const auto x = text(a), y = text(b);
    return path_before(x, y) || (x == y && a.line < b.line);
  });
  refs_.erase(std::unique(refs_.begin(), refs_.end(), [&](const Ref& a, const Ref& b) { return text(a) == text(b); }),
              refs_.end());
}

std::string PathList::place(std::size_t i) const { return label_ + ':' + std::to_string(refs_[i].line); }

}  // namespace fsimage
