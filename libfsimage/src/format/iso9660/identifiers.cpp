#include <fsimage/format/iso9660/identifiers.hpp>

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <utility>

namespace fsimage::iso9660 {
namespace {

constexpr std::size_t kLevel1Name = 8, kLevel1Extension = 3;    // ECMA-119 10.1
constexpr std::size_t kFileLength = 30, kDirectoryLength = 31;  // ECMA-119 7.5.1, 7.6.3
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
std::string map_characters(std::string_view utf8, Allowed allowed) {
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
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
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

std::string map_to_plain(std::string_view name, bool directory, IdentifierRules rules) {
  const bool level1 = rules.interchange_level == 1;
  if (directory) {
    auto out = to_d_characters(name);
    if (const auto most = level1 ? kLevel1Name : kDirectoryLength; out.size() > most) out.resize(most);
    return out;
  }
  const auto [raw_name, raw_extension] = split(name);
  const auto stem = to_d_characters(raw_name), extension = to_d_characters(raw_extension);
  if (level1)
    return join(std::string_view(stem).substr(0, kLevel1Name), std::string_view(extension).substr(0, kLevel1Extension));
  const auto room = kFileLength - std::min(stem.size(), kFileLength);
  const auto kept = std::min(extension.size(), std::max(kKeptExtension, room));
  return join(std::string_view(stem).substr(0, kFileLength - kept), std::string_view(extension).substr(0, kept));
}

}  // namespace

bool is_d_character(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool is_a_character(char c) noexcept {
  return is_d_character(c) ||
         (c != '\0' && std::string_view(" !\"%&'()*+,-./:;<=>?").find(c) != std::string_view::npos);
}

std::string to_d_characters(std::string_view utf8) { return map_characters(utf8, is_d_character); }
std::string to_a_characters(std::string_view utf8) { return map_characters(utf8, is_a_character); }

MappedName map_name(std::string_view name, bool directory, IdentifierRules rules) {
  auto plain = map_to_plain(name, directory, rules);
  const bool kept = plain == name;
  return {std::move(plain), kept};
}

CounterPlace counter_place(std::string_view plain, bool directory, unsigned digits, IdentifierRules rules) {
  const bool level1 = rules.interchange_level == 1;
  if (directory) return {std::string(plain.substr(0, (level1 ? kLevel1Name : kDirectoryLength) - digits)), {}};
  auto [name, extension] = split(plain);
  // The counter needs room even beside an extension that fills the whole identifier.
  extension = extension.substr(0, level1 ? kLevel1Extension : kFileLength - kMaxCounterDigits);
  const auto most = level1 ? kLevel1Name : kFileLength - extension.size();
  return {std::string(name.substr(0, most - digits)), join({}, extension)};
}

std::string recorded_file_identifier(std::string_view plain) {
  std::string out(plain);
  if (plain.find('.') == plain.npos) out += '.';
  return out += ";1";
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
