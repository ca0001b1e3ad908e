#include <fsimage/format/iso9660/identifiers.hpp>

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace fsimage::iso9660 {
namespace {

constexpr std::size_t kLevel1Name = 8, kLevel1Extension = 3;    // ECMA-119 10.1
constexpr std::size_t kFileLength = 30, kDirectoryLength = 31;  // ECMA-119 7.5.1, 7.6.3
constexpr std::size_t kRelaxedLength = 36;                      // without the dot: 37 in all
// Of an identifier that is cut in ISO 9660:1999, an extension up to this part of the whole survives.
constexpr std::size_t kEnhancedExtensionShare = 4;
// Where a name and its extension are too long together, so much of the extension survives.
constexpr std::size_t kKeptExtension = 8;

struct Parts {
  std::string_view name, extension;
};

Parts split(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == text.npos) return {text, {}};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

std::string join(std::string_view name, std::string_view extension) {
  std::string out(name);
  if (!extension.empty()) {
    out += '.';
    out += extension;
  }
  return out;
}

// One character out for each character in; bytes that are not UTF-8 are characters of their own.
template <class Allowed>
std::string map_characters(std::string_view utf8, Allowed allowed, bool lower_case = false) {
  std::string out;
  out.reserve(utf8.size());
  const bool whole = is_ascii(utf8) || is_utf8(utf8);
  std::u16string units;
  if (!whole) {
    for (const char16_t u : to_utf16_lossy(utf8, u'_')) {
      const bool second_half = u >= 0xDC00 && u < 0xE000;
      if (!second_half) units += u < 0x80 ? u : u'_';
    }
  }
  const auto put = [&](char c) {
    if (!lower_case && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    out += allowed(c) ? c : '_';
  };
  if (whole) {
    for (const char c : utf8)
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) put(c);
  } else {
    for (const char16_t u : units) put(static_cast<char>(u));
  }
  return out;
}

std::strong_ordering compare_padded(std::string_view a, std::string_view b, char pad) {
  const auto n = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = static_cast<unsigned char>(i < a.size() ? a[i] : pad);
    const auto y = static_cast<unsigned char>(i < b.size() ? b[i] : pad);
    if (x != y) return x <=> y;
  }
  return std::strong_ordering::equal;
}

struct Recorded {
  std::string_view name, extension, version;
};

Recorded take_apart(std::string_view identifier, bool directory) {
  if (directory) return {identifier, {}, {}};
  std::string_view version;
  if (const auto semicolon = identifier.rfind(';'); semicolon != identifier.npos) {
    version = identifier.substr(semicolon + 1);
    identifier = identifier.substr(0, semicolon);
  }
  while (!version.empty() && version.front() == '0') version.remove_prefix(1);
  const auto [name, extension] = split(identifier);
  return {name, extension, version};
}

struct Lengths {
  std::size_t name, extension, file, directory;  // `file` of name and extension together
};
Lengths lengths_of(IdentifierRules rules) {
  if (rules.interchange_level == 1) return {kLevel1Name, kLevel1Extension, kLevel1Name + kLevel1Extension, kLevel1Name};
  if (rules.relaxed.long_names) return {kRelaxedLength, kRelaxedLength, kRelaxedLength, kRelaxedLength + 1};
  return {kFileLength, kFileLength, kFileLength, kDirectoryLength};
}

bool is_relaxed_character(char c) {
  return c >= ' ' && c <= '~' && std::string_view("*/:;?\\").find(c) == std::string_view::npos;
}

std::string map_part(std::string_view utf8, const RelaxedIdentifiers& relaxed, bool dots) {
  return map_characters(
      utf8,
      [&](char c) {
        if (c == '.') return dots;
        if (relaxed.lower_case && c >= 'a' && c <= 'z') return true;
        return is_d_character(c) || (relaxed.full_ascii && is_relaxed_character(c));
      },
      relaxed.lower_case);
}

// What readers take away from the end of a name, or what counts as padding when records are ordered, belongs to none.
std::string with_plain_ends(std::string text) {
  for (auto last = text.rbegin(); last != text.rend() && (*last == '.' || *last == ' '); ++last) *last = '_';
  for (std::size_t i = 1; i < text.size(); ++i)
    if (text[i - 1] == ' ' && text[i] == '.') text[i - 1] = '_';
  return text;
}

std::string map_to_plain(std::string_view name, bool directory, IdentifierRules rules) {
  const auto most = lengths_of(rules);
  const auto& relaxed = rules.relaxed;
  if (directory) return with_plain_ends(map_part(name, relaxed, relaxed.several_dots).substr(0, most.directory));
  const auto [raw_name, raw_extension] = split(name);
  const auto stem = map_part(raw_name, relaxed, relaxed.several_dots),
             extension = map_part(raw_extension, relaxed, false);
  if (rules.interchange_level == 1)
    return with_plain_ends(join(stem.substr(0, most.name), extension.substr(0, most.extension)));
  const auto room = most.file - std::min(stem.size(), most.file);
  const auto kept = std::min(extension.size(), std::max(kKeptExtension, room));
  return with_plain_ends(join(stem.substr(0, most.file - kept), extension.substr(0, kept)));
}

// Not more than so many bytes, none of them half a character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

// Name, and an extension with its dot that is worth keeping when the name is cut.
Parts split_for_cutting(std::string_view text, bool directory) {
  const auto dot = directory ? text.npos : text.rfind('.');
  if (dot == text.npos || dot == 0 || text.size() - dot < 2 ||
      text.size() - dot > kMaxEnhancedIdentifier / kEnhancedExtensionShare)
    return {text, {}};
  return {text.substr(0, dot), text.substr(dot)};
}

}  // namespace

bool is_d_character(char c) noexcept { return d_character(c) == c; }

bool is_a_character(char c) noexcept {
  return is_d_character(c) ||
         (c != '\0' && std::string_view(" !\"%&'()*+,-./:;<=>?").find(c) != std::string_view::npos);
}

std::string to_d_characters(std::string_view utf8) { return map_characters(utf8, is_d_character); }
std::string to_a_characters(std::string_view utf8) { return map_characters(utf8, is_a_character); }

std::optional<bool> append_plain_name(std::string_view name, IdentifierRules rules, std::string& out) {
  if (rules.interchange_level == 1 || rules.relaxed != RelaxedIdentifiers{}) return std::nullopt;
  const auto dot = std::min(name.rfind('.'), name.size());
  if (name.size() > kFileLength + (dot < name.size() ? 1U : 0U)) return std::nullopt;
  const auto length = dot + 1 == name.size() ? dot : name.size();  // without the dot of an empty extension
  if (!is_ascii(name)) return std::nullopt;
  const auto before = out.size();
  out.resize(before + length);
  char* const plain = out.data() + before;
  for (std::size_t i = 0; i < length; ++i) plain[i] = d_character(name[i]);
  if (dot < length) plain[dot] = '.';
  return std::string_view(plain, length) == name;
}

MappedName map_name(std::string_view name, bool directory, IdentifierRules rules) {
  std::string at_once;
  if (const auto kept = directory ? std::nullopt : append_plain_name(name, rules, at_once))
    return {std::move(at_once), *kept};
  auto plain = map_to_plain(name, directory, rules);
  const bool kept = plain == name;
  return {std::move(plain), kept};
}

CounterPlace counter_place(std::string_view plain, bool directory, unsigned digits, IdentifierRules rules) {
  const auto most = lengths_of(rules);
  if (directory) return {std::string(plain.substr(0, most.directory - digits)), {}};
  auto [name, extension] = split(plain);
  // The counter needs room even beside an extension that fills the whole identifier.
  const bool level1 = rules.interchange_level == 1;
  extension = extension.substr(0, level1 ? most.extension : most.file - kMaxCounterDigits);
  return {std::string(name.substr(0, (level1 ? most.name : most.file - extension.size()) - digits)),
          join({}, extension)};
}

std::string recorded_file_identifier(std::string_view plain, RelaxedIdentifiers relaxed) {
  std::string out;
  append_recorded_file_identifier(plain, relaxed, out);
  return out;
}

void append_recorded_file_identifier(std::string_view plain, RelaxedIdentifiers relaxed, std::string& out) {
  out += plain;
  if (!relaxed.no_trailing_dot && plain.find('.') == plain.npos) out += '.';
  if (!relaxed.no_version) out += ";1";
}

std::string map_enhanced_text(std::string_view text, std::size_t most) {
  std::string out(cut_utf8(text, most));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '_');
  return out;
}

MappedName map_enhanced_name(std::string_view name, bool directory) {
  std::string whole(name);
  if (name.size() > kMaxEnhancedIdentifier) {
    const auto [stem, suffix] = split_for_cutting(name, directory);
    whole = std::string(cut_utf8(stem, kMaxEnhancedIdentifier - suffix.size())).append(suffix);
  }
  auto out = map_enhanced_text(whole, kMaxEnhancedIdentifier);
  const bool kept = out == name;
  return {std::move(out), kept};
}

CounterPlace enhanced_counter_place(std::string_view identifier, bool directory, unsigned digits) {
  const auto [stem, suffix] = split_for_cutting(identifier, directory);
  return {std::string(cut_utf8(stem, kMaxEnhancedIdentifier - suffix.size() - digits)), std::string(suffix)};
}

std::string_view without_version(std::string_view identifier) noexcept {
  auto out = identifier;
  if (const auto semicolon = out.rfind(';'); semicolon != out.npos) {
    const auto version = out.substr(semicolon + 1);
    if (std::all_of(version.begin(), version.end(), [](char c) { return c >= '0' && c <= '9'; }))
      out = out.substr(0, semicolon);
  }
  if (out.ends_with('.')) out.remove_suffix(1);
  return out.empty() ? identifier : out;
}

std::strong_ordering compare_records(std::string_view a, bool a_is_directory, std::string_view b,
                                     bool b_is_directory) noexcept {
  const auto x = take_apart(a, a_is_directory), y = take_apart(b, b_is_directory);
  if (const auto o = compare_padded(x.name, y.name, ' '); o != 0) return o;
  if (const auto o = compare_padded(x.extension, y.extension, ' '); o != 0) return o;
  if (x.version.size() != y.version.size()) return y.version.size() <=> x.version.size();
  return compare_padded(y.version, x.version, '0');
}

std::strong_ordering compare_directories(std::string_view a, std::string_view b) noexcept {
  return compare_padded(a, b, ' ');
}

}  // namespace fsimage::iso9660
