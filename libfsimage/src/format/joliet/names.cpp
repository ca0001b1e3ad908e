#include <fsimage/format/joliet/names.hpp>

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace fsimage::joliet {
namespace {

constexpr char16_t kReplacement = u'_';
// Of a name that is too long: an extension up to this part of the whole survives.
constexpr unsigned kExtensionShare = 4;

bool is_high(char16_t u) { return u >= 0xD800 && u < 0xDC00; }
bool is_low(char16_t u) { return u >= 0xDC00 && u < 0xE000; }

std::u16string_view cut(std::u16string_view text, std::size_t units) {
  if (text.size() <= units) return text;
  if (units > 0 && is_high(text[units - 1]) && is_low(text[units])) --units;
  return text.substr(0, units);
}

struct Parts {
  std::u16string_view name, suffix;  // the suffix begins with its dot
};

Parts split(std::u16string_view text, bool directory) {
  const auto dot = directory ? text.npos : text.rfind(u'.');
  if (dot == text.npos) return {text, {}};
  return {text.substr(0, dot), text.substr(dot)};
}

// An extension that is worth keeping when the name is cut; otherwise all is name.
Parts split_for_cutting(std::u16string_view text, bool directory, unsigned units) {
  const auto parts = split(text, directory);
  if (parts.name.empty() || parts.suffix.size() < 2 || parts.suffix.size() > units / kExtensionShare) return {text, {}};
  return parts;
}

std::strong_ordering compare_padded(std::u16string_view a, std::u16string_view b) {
  const auto n = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    const char16_t x = i < a.size() ? a[i] : u'\0';
    const char16_t y = i < b.size() ? b[i] : u'\0';
    if (x != y) return x <=> y;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::optional<int> level_of(std::span<const char> escape_sequences) noexcept {
  const std::string_view field(escape_sequences.data(), escape_sequences.size());
  if (field.starts_with(kEscapeLevel1)) return 1;
  if (field.starts_with(kEscapeLevel2)) return 2;
  if (field.starts_with(kEscapeLevel3)) return 3;
  return std::nullopt;
}

bool is_forbidden(char16_t u) noexcept {
  switch (u) {
    case u'*':
    case u'/':
    case u':':
    case u';':
    case u'?':
    case u'\\': return true;
    default: return u < 0x20;
  }
}

namespace {

// Characters of ASCII that every name may have.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (char16_t u = 0x20; u < 0x80; ++u)
    plain[u] = u != u'*' && u != u'/' && u != u':' && u != u';' && u != u'?' && u != u'\\';
  return plain;
}();

}  // namespace

bool append_plain_name(std::string_view utf8, unsigned units, std::u16string& out) {
  if (utf8.size() > units || utf8.ends_with('.')) return false;
  const auto before = out.size();
  out.resize(before + utf8.size());
  char16_t bad = 0;  // as many decisions as the name has characters cost more than one behind them all
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const char16_t u = static_cast<unsigned char>(utf8[i]);
    out[before + i] = u;
    bad |= kPlain[u] ? u'\0' : u'\1';
  }
  if (bad != 0) out.resize(before);
  return bad == 0;
}

MappedName map_name(std::string_view utf8, bool directory, unsigned units) {
  auto text = to_utf16(utf8);
  bool kept = text.has_value();
  if (!kept) text = to_utf16_lossy(utf8, kReplacement);
  if (const auto bad = std::find_if(text->begin(), text->end(), is_forbidden); bad != text->end()) {
    std::replace_if(bad, text->end(), is_forbidden, kReplacement);
    kept = false;
  }
  if (text->size() > units) {
    const auto [name, suffix] = split_for_cutting(*text, directory, units);
    std::u16string shorter(cut(name, units - static_cast<unsigned>(suffix.size())));
    shorter += suffix;
    text = std::move(shorter);
    kept = false;
  }
  for (auto last = text->rbegin(); last != text->rend() && *last == u'.'; ++last) {
    *last = kReplacement;
    kept = false;
  }
  return {std::move(*text), kept};
}

CounterPlace counter_place(std::u16string_view identifier, bool directory, unsigned digits, unsigned units) {
  const auto [name, suffix] = split_for_cutting(identifier, directory, units);
  return {std::u16string(cut(name, units - suffix.size() - digits)), std::u16string(suffix)};
}

std::string to_big_endian(std::u16string_view text) {
  std::string out;
  append_big_endian(text, out);
  return out;
}

void append_big_endian(std::u16string_view text, std::string& out) {
  const auto before = out.size();
  out.resize(before + text.size() * 2);
  char* const bytes = out.data() + before;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bytes[2 * i] = static_cast<char>(text[i] >> 8);
    bytes[2 * i + 1] = static_cast<char>(text[i] & 0xFF);
  }
}

std::u16string from_big_endian(std::span<const std::byte> bytes) {
  std::u16string out;
  out.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    out += static_cast<char16_t>(std::to_integer<unsigned>(bytes[i]) << 8 | std::to_integer<unsigned>(bytes[i + 1]));
  return out;
}

std::u16string_view without_version(std::u16string_view identifier) noexcept {
  auto out = identifier;
  if (const auto semicolon = out.rfind(u';'); semicolon != out.npos) {
    const auto version = out.substr(semicolon + 1);
    const bool number = !version.empty() &&
                        std::all_of(version.begin(), version.end(), [](char16_t u) { return u >= u'0' && u <= u'9'; });
    if (number) out = out.substr(0, semicolon);
  }
  while (out.ends_with(u'.')) out.remove_suffix(1);
  return out.empty() ? identifier : out;
}

std::strong_ordering compare_records(std::u16string_view a, bool a_is_directory, std::u16string_view b,
                                     bool b_is_directory) noexcept {
  const auto x = split(a, a_is_directory), y = split(b, b_is_directory);
  if (const auto o = compare_padded(x.name, y.name); o != 0) return o;
  return compare_padded(x.suffix, y.suffix);
}

std::strong_ordering compare_directories(std::u16string_view a, std::u16string_view b) noexcept {
  return compare_padded(a, b);
}

char16_t fold_case(char16_t u) noexcept {
  struct Run {
    char16_t first, last;
    int distance;  // to the capital; 1 and -1 with `paired`: only every second one is small
    bool paired;
  };
  // Small letters, as Unicode's simple upper-case mapping has them.
  static constexpr Run kRuns[] = {
      {0x0061, 0x007A, -0x20, false}, {0x00E0, 0x00F6, -0x20, false}, {0x00F8, 0x00FE, -0x20, false},
      {0x00FF, 0x00FF, 0x79, false},  {0x0101, 0x012F, -1, true},     {0x0133, 0x0137, -1, true},
      {0x013A, 0x0148, -1, true},     {0x014B, 0x0177, -1, true},     {0x017A, 0x017E, -1, true},
      {0x01CE, 0x01DC, -1, true},     {0x01DF, 0x01EF, -1, true},     {0x01F9, 0x021F, -1, true},
      {0x0223, 0x0233, -1, true},     {0x03AC, 0x03AC, -0x26, false}, {0x03AD, 0x03AF, -0x25, false},
      {0x03B1, 0x03C1, -0x20, false}, {0x03C2, 0x03C2, -0x1F, false}, {0x03C3, 0x03CB, -0x20, false},
      {0x03CC, 0x03CC, -0x40, false}, {0x03CD, 0x03CE, -0x3F, false}, {0x0430, 0x044F, -0x20, false},
      {0x0450, 0x045F, -0x50, false}, {0x0461, 0x0481, -1, true},     {0x048B, 0x04BF, -1, true},
      {0x04C2, 0x04CE, -1, true},     {0x04D1, 0x0527, -1, true},     {0x0561, 0x0586, -0x30, false},
      {0x1E01, 0x1E95, -1, true},     {0x1EA1, 0x1EFF, -1, true},     {0x2170, 0x217F, -0x10, false},
      {0x24D0, 0x24E9, -26, false},   {0xFF41, 0xFF5A, -0x20, false}};
  const auto run = std::partition_point(std::begin(kRuns), std::end(kRuns), [u](const Run& r) { return r.last < u; });
  if (run == std::end(kRuns) || u < run->first) return u;
  if (run->paired && (u - run->first) % 2 != 0) return u;
  return static_cast<char16_t>(u + run->distance);
}

bool put_text(std::span<char> field, std::string_view utf8) {
  const auto wanted = to_utf16_lossy(utf8, kReplacement);
  std::u16string text(cut(wanted, field.size() / 2));
  std::replace_if(
      text.begin(), text.end(), [](char16_t u) { return u < 0x20; }, kReplacement);
  const bool kept = is_utf8(utf8) && text == wanted;
  text.resize(field.size() / 2, u' ');
  const auto bytes = to_big_endian(text);
  std::fill(std::copy(bytes.begin(), bytes.end(), field.begin()), field.end(), '\0');
  return kept;
}

std::u16string text_in(std::span<const char> field) {
  auto text = from_big_endian(std::as_bytes(field));
  while (!text.empty() && (text.back() == u' ' || text.back() == u'\0')) text.pop_back();
  return text;
}

}  // namespace fsimage::joliet
