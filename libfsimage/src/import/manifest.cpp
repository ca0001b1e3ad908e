#include <fsimage/import/manifest.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/path_list.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <unordered_map>

namespace fsimage {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} << 10;
constexpr std::size_t kLongestPath = std::size_t{64} << 10;
constexpr std::size_t kDeepestPath = 1000;                     // names in it
constexpr std::size_t kMostPathBytes = std::size_t{16} << 20;  // and as many times the text
constexpr std::size_t kMostPathsPerText = 16;

[[noreturn]] void refuse_word(std::string_view word, const char* why) {
  throw Error(Errc::invalid_argument, {}, "'" + printable(word) + "' " + why);
}

// A name as vis(3) writes it: "\040", "\s", "\\".
std::string from_vis(std::string_view word) {
  constexpr std::string_view kLetters = "abfnrstv\\#", kBytes = "\a\b\f\n\r \t\v\\#";
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '\\') {
      out += word[i];
      continue;
    }
    const auto digits = word.substr(i + 1, 3);
    if (digits.size() == 3 && digits[0] <= '3' && digits.find_first_not_of("01234567") == digits.npos) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
      continue;
    }
    const auto letter = digits.empty() ? kLetters.npos : kLetters.find(digits[0]);
    if (letter == kLetters.npos) refuse_word(word, "has a backslash that begins nothing known");
    out += kBytes[letter];
    ++i;
  }
  return out;
}

std::string text_in(std::string_view word, std::string_view text) {
  auto out = from_vis(text);
  if (out.find('\0') != out.npos) refuse_word(word, "holds a NUL");
  return out;
}

template <class Number>
Number number_in(std::string_view word, std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) refuse_word(word, "is not a number in its range");
  return value;
}

FileType type_named(std::string_view word, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, FileType>, 7> kTypes{{{"file", FileType::regular},
                                                                         {"dir", FileType::directory},
                                                                         {"link", FileType::symlink},
                                                                         {"block", FileType::block_device},
                                                                         {"char", FileType::char_device},
                                                                         {"fifo", FileType::fifo},
                                                                         {"socket", FileType::socket}}};
  for (const auto& [known, type] : kTypes)
    if (name == known) return type;
  refuse_word(word, "is no type of entry");
}

// SECONDS.NANOSECONDS, two whole numbers.
Timestamp time_in(std::string_view word, std::string_view text) {
  const auto dot = text.find('.');
  const auto seconds = number_in<std::int64_t>(word, text.substr(0, dot));
  const auto rest =
      dot == text.npos || dot + 1 == text.size() ? 0U : number_in<std::uint32_t>(word, text.substr(dot + 1));
  if (rest >= 1'000'000'000) refuse_word(word, "has a second of nanoseconds, or more");
  return clamp_timestamp(seconds, rest);
}

// FORMAT,MAJOR,MINOR, or one number as Linux puts the two together.
DeviceNumber device_in(std::string_view word, std::string_view text) {
  const auto part = [&](std::string_view digits) {
    const bool hexadecimal = digits.starts_with("0x");
    return number_in<std::uint64_t>(word, hexadecimal ? digits.substr(2) : digits, hexadecimal ? 16 : 10);
  };
  const auto narrow = [&](std::uint64_t value) {
    if (value > 0xFFFFFFFFU) refuse_word(word, "is not a number in its range");
    return static_cast<std::uint32_t>(value);
  };
  const auto first = text.find(',');
  if (first == text.npos) {
    const auto both = part(text);
    return {.major = narrow((both >> 8 & 0xFFFU) | (both >> 32 & ~std::uint64_t{0xFFF})),
            .minor = narrow((both & 0xFFU) | (both >> 12 & 0xFFFFFF00U))};
  }
  const auto second = text.find(',', first + 1);
  if (second == text.npos || text.find(',', second + 1) != text.npos) refuse_word(word, "is not FORMAT,MAJOR,MINOR");
  return {.major = narrow(part(text.substr(first + 1, second - first - 1))),
          .minor = narrow(part(text.substr(second + 1)))};
}

std::string sha256_in(std::string_view word, std::string_view text) {
  std::string digest(text);
  for (char& c : digest)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != digest.npos)
    refuse_word(word, "is no SHA-256 digest");
  return digest;
}

// A text line by line, continued ones as one.
class LogicalLines {
 public:
  LogicalLines(std::string_view text, std::size_t at) : text_(text), at_(at) {}
  bool next() {
    if (at_ >= text_.size()) return false;
    line_.clear();
    begin_ = at_;
    for (bool more = true; more && at_ < text_.size();) {
      const auto end = std::min(text_.find('\n', at_), text_.size());
      auto part = text_.substr(at_, end - at_);
      at_ = end + 1;
      ++count_;
      if (part.ends_with('\r')) part.remove_suffix(1);
      const auto last = part.find_last_not_of('\\');
      more = (part.size() - (last == part.npos ? 0 : last + 1)) % 2 == 1;  // else each stands for itself
      if (more) part.remove_suffix(1);
      if (line_.size() + part.size() > kLongestLine)
        throw Error(Errc::limit_exceeded, {}, "a line is longer than 64 KiB");
      line_ += part;
    }
    return true;
  }
  const std::string& line() const { return line_; }
  std::size_t begin() const { return begin_; }
  std::uint32_t count() const { return count_; }  // of lines up to this one's end

 private:
  std::string_view text_;
  std::size_t at_, begin_ = 0;
  std::uint32_t count_ = 0;
  std::string line_;
};

class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  std::string_view next() {
    const auto begin = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    const auto end = std::min(rest_.find_first_of(" \t", begin), rest_.size());
    const auto word = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    return word;
  }

 private:
  std::string_view rest_;
};

bool one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool says_nothing(std::string_view key) {
  return one_of(key, {"cksum", "flags", "ignore", "inode", "nlink", "resdevice", "tags"});
}

bool is_digest(std::string_view key) {
  if (key.ends_with("digest")) key.remove_suffix(6);
  return one_of(key, {"md5", "rmd160", "ripemd160", "sha1", "sha384", "sha512"});
}

// One keyword of a line. A line that names an owner without a number puts away the number that /set gave, and the other
// way round.
void take_word(ManifestEntry& e, std::string_view word) {
  const auto sign = word.find('=');
  const auto key = word.substr(0, sign);
  const auto value = sign == word.npos ? std::string_view() : word.substr(sign + 1);
  if (one_of(key, {"optional", "nochange"})) {
    (key == "optional" ? e.optional : e.no_change) = true;
    return;
  }
  if (says_nothing(key)) return;
  const bool known = is_digest(key) || one_of(key, {"type", "uid", "gid", "uname", "gname", "mode", "size", "time",
                                                    "device", "link", "contents", "content", "sha256", "sha256digest"});
  if (!known) refuse_word(word, "is no keyword of mtree");
  if (value.empty()) refuse_word(word, "has no value");
  if (key == "type") {
    e.type = type_named(word, value);
  } else if (key == "uid") {
    e.uid = number_in<std::uint32_t>(word, value);
    e.user.reset();
  } else if (key == "gid") {
    e.gid = number_in<std::uint32_t>(word, value);
    e.group.reset();
  } else if (key == "uname") {
    e.user = text_in(word, value);
  } else if (key == "gname") {
    e.group = text_in(word, value);
  } else if (key == "mode") {
    e.permissions = number_in<std::uint16_t>(word, value, 8);
    if (*e.permissions > 07777) refuse_word(word, "is not a mode");
  } else if (key == "size") {
    e.size = number_in<std::uint64_t>(word, value);
  } else if (key == "time") {
    e.modified = time_in(word, value);
  } else if (key == "device") {
    e.device = device_in(word, value);
  } else if (key == "link") {
    e.target = text_in(word, value);
  } else if (key == "contents" || key == "content") {
    e.contents = text_in(word, value);
  } else if (is_digest(key)) {
    e.other_digest = true;
  } else {
    e.sha256 = sha256_in(word, value);
  }
}

// The rest of a line over what /set gave. A name counts when the line has no number.
void take_words(ManifestEntry& e, Words words) {
  const auto uid = e.uid, gid = e.gid;
  const auto user = e.user, group = e.group;
  e.uid = e.gid = std::nullopt;
  e.user = e.group = std::nullopt;
  for (auto word = words.next(); !word.empty(); word = words.next()) take_word(e, word);
  if (e.uid) e.user.reset();
  if (e.gid) e.group.reset();
  if (!e.uid && !e.user) {
    e.uid = uid;
    e.user = user;
  }
  if (!e.gid && !e.group) {
    e.gid = gid;
    e.group = group;
  }
}

}  // namespace

// The one pass over the text.
class Manifest::Parser {
 public:
  explicit Parser(Manifest& manifest) : m_(manifest) {}

  void run() {
    LogicalLines lines(m_.text_, 0);
    std::uint32_t number = 1;
    try {
      for (; lines.next(); number = lines.count() + 1) {
        Words words(lines.line());
        const auto first = words.next();
        if (first.empty() || first[0] == '#') continue;
        if (first == "/set") {
          set(words);
        } else if (first == "/unset") {
          unset(words);
        } else if (first == "..") {
          if (folder_ends_.empty()) throw Error(Errc::invalid_argument, {}, "'..' leads above the top");
          folder_.resize(folder_ends_.back());
          folder_ends_.pop_back();
        } else {
          entry(lines, first, words, number);
        }
        if (lines.count() == std::numeric_limits<std::uint32_t>::max())
          throw Error(Errc::limit_exceeded, {}, "too many lines");
      }
    } catch (const Error& e) {
      throw e.with_path(m_.place(number));
    }
    sort();
  }

 private:
  void set(Words words) {
    ManifestEntry given;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
      const auto key = word.substr(0, word.find('='));
      if (!says_nothing(key) && !one_of(key, {"type", "uid", "gid", "uname", "gname", "mode", "optional", "nochange"}))
        refuse_word(word, "is nothing that /set can give to all");
      take_word(given, word);
    }
    Settings s = m_.settings_.back();
    if (given.type) s.type = given.type;
    if (given.permissions) s.permissions = given.permissions;
    if (given.uid || given.user) {
      s.uid = given.uid;
      s.user = given.uid || !given.user ? std::nullopt : std::optional(name_at(*given.user));
    }
    if (given.gid || given.group) {
      s.gid = given.gid;
      s.group = given.gid || !given.group ? std::nullopt : std::optional(name_at(*given.group));
    }
    s.optional = s.optional || given.optional;
    s.no_change = s.no_change || given.no_change;
    m_.settings_.push_back(s);
  }

  void unset(Words words) {
    Settings s = m_.settings_.back();
    for (auto word = words.next(); !word.empty(); word = words.next()) {
      const bool all = word == "all";
      if (all || word == "type") s.type.reset();
      if (all || word == "mode") s.permissions.reset();
      if (all || word == "uid") s.uid.reset();
      if (all || word == "gid") s.gid.reset();
      if (all || word == "uname") s.user.reset();
      if (all || word == "gname") s.group.reset();
      if (all || word == "optional") s.optional = false;
      if (all || word == "nochange") s.no_change = false;
      if (!all && !says_nothing(word) &&
          !one_of(word, {"type", "mode", "uid", "gid", "uname", "gname", "optional", "nochange"}))
        refuse_word(word, "is nothing that /unset can take back");
    }
    m_.settings_.push_back(s);
  }

  // A name that has a '/' is a whole path; any other lies in the folder that the lines before have entered.
  void entry(const LogicalLines& lines, std::string_view word, Words words, std::uint32_t number) {
    const auto name = from_vis(word);
    const bool whole = name.find('/') != name.npos;
    std::string path = whole ? std::string() : folder_;
    for (std::size_t at = 0; at <= name.size();) {
      const auto end = std::min(name.find('/', at), name.size());
      const auto part = std::string_view(name).substr(at, end - at);
      at = end + 1;
      if (part.empty() || part == ".") continue;
      if (!is_valid_name(part)) refuse_word(word, "is not the path of an entry");
      if (!path.empty()) path += '/';
      path += part;
    }
    if (path.size() > kLongestPath) throw Error(Errc::limit_exceeded, {}, "the path is longer than 64 KiB");
    if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) >= kDeepestPath)
      throw Error(Errc::limit_exceeded, {}, "the path leads through more than 1,000 folders");
    const auto known = static_cast<std::uint32_t>(m_.settings_.size() - 1);
    auto e = m_.entry_with(m_.settings_[known]);
    take_words(e, words);
    if (!whole && e.type == FileType::directory) {
      folder_ends_.push_back(folder_.size());
      folder_ = path;
    }
    path_bytes_ += path.size();
    if (path_bytes_ > kMostPathBytes + kMostPathsPerText * m_.text_.size())
      throw Error(Errc::limit_exceeded, {}, "the paths are too many times as long as the text");
    m_.records_.push_back({lines.begin(), m_.paths_.add(path), static_cast<std::uint32_t>(path.size()), number, known});
  }

  std::uint32_t name_at(const std::string& name) {
    const auto [known, fresh] = name_places_.try_emplace(name, static_cast<std::uint32_t>(m_.names_.size()));
    if (fresh) m_.names_.push_back(name);
    return known->second;
  }

  void sort() {
    auto& all = m_.records_;
    const auto path = [&](const Record& r) { return m_.paths_.view(r.path_at, r.path_length); };
    std::sort(all.begin(), all.end(), [&](const Record& a, const Record& b) {
      const auto x = path(a), y = path(b);
      return path_before(x, y) || (x == y && a.line < b.line);
    });
    const auto twice = std::adjacent_find(all.begin(), all.end(),
                                          [&](const Record& a, const Record& b) { return path(a) == path(b); });
    if (twice != all.end())
      throw Error(Errc::duplicate_path, {.path = m_.place((twice + 1)->line)},
                  "the same entry as in line " + std::to_string(twice->line));
  }

  Manifest& m_;
  std::string folder_;                    // that names without a '/' lie in
  std::vector<std::size_t> folder_ends_;  // of the folders above it
  std::size_t path_bytes_ = 0;
  std::unordered_map<std::string, std::uint32_t> name_places_;
};

Manifest::Manifest(std::string text, std::string label) : text_(std::move(text)), label_(std::move(label)) {
  Parser(*this).run();
}

ManifestEntry Manifest::entry_with(const Settings& s) const {
  ManifestEntry e;
  e.type = s.type;
  e.permissions = s.permissions;
  e.uid = s.uid;
  e.gid = s.gid;
  if (s.user) e.user = names_[*s.user];
  if (s.group) e.group = names_[*s.group];
  e.optional = s.optional;
  e.no_change = s.no_change;
  return e;
}

ManifestEntry Manifest::operator[](std::size_t i) const {
  const Record& r = records_[i];
  auto e = entry_with(settings_[r.settings]);
  e.path = path(i);
  e.line = r.line;
  LogicalLines lines(text_, r.words_at);
  lines.next();
  Words words(lines.line());
  words.next();
  take_words(e, words);
  return e;
}

}  // namespace fsimage
