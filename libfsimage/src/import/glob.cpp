#include <fsimage/import/glob.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

namespace fsimage {
namespace {

struct Unit {
  char32_t value;
  std::size_t length;
};

// The character at a place. A byte that is part of no UTF-8 sequence gets a value above all of Unicode.
Unit unit_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const auto sequence = text.substr(at, length);
  if (sequence.size() < length || !is_utf8(sequence)) return {0x110000U + lead, 1};
  char32_t value = lead & (0xFFU >> (length + 1));
  for (const char c : sequence.substr(1)) value = value << 6 | (static_cast<std::uint8_t>(c) & 0x3FU);
  return {value, length};
}

bool in_class(std::string_view name, char32_t c) {
  const auto between = [&](char32_t low, char32_t high) { return c >= low && c <= high; };
  const bool lower = between('a', 'z'), upper = between('A', 'Z'), digit = between('0', '9');
  const bool graph = between('!', '~'), alnum = lower || upper || digit;
  if (name == "alnum") return alnum;
  if (name == "alpha") return lower || upper;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7F;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph || c == ' ';
  if (name == "punct") return graph && !alnum;
  if (name == "space") return c == ' ' || between('\t', '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || between('a', 'f') || between('A', 'F');
  return false;
}

// The end of a character of a set: itself, or what a backslash protects.
Unit set_member(std::string_view pattern, std::size_t at) {
  if (pattern[at] != '\\' || at + 1 == pattern.size()) return unit_at(pattern, at);
  const auto escaped = unit_at(pattern, at + 1);
  return {escaped.value, escaped.length + 1};
}

struct SetMatch {
  bool matches;
  std::size_t end;  // behind the ']'
};

// pattern[at] is '['. nullopt when no ']' closes it.
std::optional<SetMatch> match_set(std::string_view pattern, std::size_t at, char32_t c) {
  std::size_t p = at + 1;
  const bool negated = p < pattern.size() && (pattern[p] == '!' || pattern[p] == '^');
  if (negated) ++p;
  bool found = false;
  for (const auto first = p; p < pattern.size() && (pattern[p] != ']' || p == first);) {
    if (pattern.substr(p, 2) == "[:") {
      const auto end = pattern.find(":]", p + 2);
      if (end != pattern.npos) {
        found |= in_class(pattern.substr(p + 2, end - p - 2), c);
        p = end + 2;
        continue;
      }
    }
    const auto low = set_member(pattern, p);
    p += low.length;
    auto high = low;
    if (p + 1 < pattern.size() && pattern[p] == '-' && pattern[p + 1] != ']') {
      high = set_member(pattern, p + 1);
      p += 1 + high.length;
    }
    found |= c >= low.value && c <= high.value;
  }
  if (p >= pattern.size()) return std::nullopt;
  return SetMatch{found != negated && c != '/', p + 1};
}

// How much of the pattern stands for the one character `c`; 0 when it does not match.
std::size_t match_one(std::string_view pattern, std::size_t at, char32_t c) {
  switch (pattern[at]) {
    case '?': return c == '/' ? 0 : 1;
    case '[':
      if (const auto set = match_set(pattern, at, c)) return set->matches ? set->end - at : 0;
      return c == '[' ? 1 : 0;
    default: {
      const auto literal = set_member(pattern, at);
      return literal.value == c ? literal.length : 0;
    }
  }
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view path) {
  std::size_t p = 0, t = 0;
  std::size_t star = pattern.npos, resume = 0;  // behind the last '*', and where what it swallows ends so far
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      resume = t;
      continue;
    }
    const auto unit = unit_at(path, t);
    if (const auto used = p < pattern.size() ? match_one(pattern, p, unit.value) : 0; used != 0) {
      p += used;
      t += unit.length;
      continue;
    }
    // The last '*' swallows one more. An earlier one cannot help: between the two, every '/' has found its own.
    if (star == pattern.npos || path[resume] == '/') return false;
    resume += unit_at(path, resume).length;
    p = star;
    t = resume;
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(), [](char c) { return c == '*'; });
}

ExcludeList::ExcludeList(std::vector<std::string> patterns) {
  for (auto& pattern : patterns) {
    const bool folders_only = pattern.size() > 1 && pattern.back() == '/';
    if (folders_only) pattern.pop_back();
    const bool from_top = pattern.find('/') != pattern.npos;
    if (!pattern.empty() && pattern.front() == '/') pattern.erase(0, 1);
    if (pattern.empty()) throw Error(Errc::invalid_argument, {}, "an exclude pattern is empty");
    Kind& kind = folders_only ? folders_ : everything_;
    (from_top ? kind.paths : kind.names).add(std::move(pattern));
  }
  for (Kind* kind : {&everything_, &folders_})
    for (Patterns* list : {&kind->names, &kind->paths}) std::sort(list->plain.begin(), list->plain.end());
}

void ExcludeList::Patterns::add(std::string pattern) {
  (pattern.find_first_of("*?[\\") == pattern.npos ? plain : globs).push_back(std::move(pattern));
}

bool ExcludeList::Patterns::any(std::string_view text) const {
  return std::binary_search(plain.begin(), plain.end(), text, std::less<>{}) ||
         std::any_of(globs.begin(), globs.end(), [&](const auto& p) { return glob_match(p, text); });
}

bool ExcludeList::any(const Kind& kind, std::string_view path) {
  return (!kind.names.empty() && kind.names.any(path.substr(path.rfind('/') + 1))) || kind.paths.any(path);
}

}  // namespace fsimage
