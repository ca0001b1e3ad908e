#include <fsimage/core/text.hpp>
#include <fsimage/core/unicode.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include <utf8proc.h>

namespace fsimage {
namespace {

std::string mapped_by_utf8proc(std::string_view utf8, int options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()),
                   &raw, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(raw, &std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) throw std::logic_error(utf8proc_errmsg(size));
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)};
}

struct Letter {
  std::string_view letter, instead;
};
// Of Latin-1 and Latin Extended-A, what has no decomposition.
constexpr std::array<Letter, 18> kLetters{{{"\u00c6", "AE"},
                                           {"\u00d0", "D"},
                                           {"\u00d8", "O"},
                                           {"\u00de", "TH"},
                                           {"\u00df", "ss"},
                                           {"\u00e6", "ae"},
                                           {"\u00f0", "d"},
                                           {"\u00f8", "o"},
                                           {"\u00fe", "th"},
                                           {"\u0110", "D"},
                                           {"\u0111", "d"},
                                           {"\u0126", "H"},
                                           {"\u0127", "h"},
                                           {"\u0131", "i"},
                                           {"\u0141", "L"},
                                           {"\u0142", "l"},
                                           {"\u0152", "OE"},
                                           {"\u0153", "oe"}}};

}  // namespace

std::string normalize(std::string_view utf8, Normalization form) {
  if (form == Normalization::keep || is_ascii(utf8) || !is_utf8(utf8)) return std::string(utf8);
  return mapped_by_utf8proc(utf8, form == Normalization::nfc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE);
}

std::string transliterate(std::string_view utf8) {
  if (is_ascii(utf8) || !is_utf8(utf8)) return std::string(utf8);
  const auto bare = mapped_by_utf8proc(utf8, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK);
  std::string out;
  for (std::string_view rest = bare; !rest.empty();) {
    const auto letter =
        std::find_if(kLetters.begin(), kLetters.end(), [&](const Letter& l) { return rest.starts_with(l.letter); });
    const std::size_t length = letter == kLetters.end() ? 1 : letter->letter.size();
    out += letter == kLetters.end() ? rest.substr(0, 1) : letter->instead;
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace fsimage
