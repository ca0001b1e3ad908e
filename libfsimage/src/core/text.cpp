#include <fsimage/core/text.hpp>

#include <algorithm>
#include <cstdint>

namespace fsimage {
namespace {

struct Decoded {
  char32_t code_point;
  std::size_t length;  // 0: the bytes at this place are not UTF-8
};

// Unicode 15 table 3-7: the second byte's range is what rules out overlong forms, surrogates and values past U+10FFFF.
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || text.size() - at < length) return {0, 0};
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return {0, 0};
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  return {value, length};
}

void append_utf16(std::u16string& out, char32_t c) {
  if (c < 0x10000) {
    out += static_cast<char16_t>(c);
  } else {
    out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
    out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
  }
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t b) { out += static_cast<char>(b); };
  const auto tail = [&](int shift) { put(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    put(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::optional<std::u16string> to_utf16(std::string_view utf8) {
  std::u16string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const auto [c, length] = decode(utf8, at);
    if (length == 0) return std::nullopt;
    append_utf16(out, c);
    at += length;
  }
  return out;
}

std::u16string to_utf16_lossy(std::string_view utf8, char16_t replacement) {
  std::u16string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const auto [c, length] = decode(utf8, at);
    append_utf16(out, length == 0 ? replacement : c);
    at += length == 0 ? 1 : length;
  }
  return out;
}

std::string to_utf8(std::u16string_view utf16) {
  const auto ascii = std::ranges::find_if(utf16, [](char16_t c) { return c >= 0x80; }) - utf16.begin();
  std::string out(static_cast<std::size_t>(ascii), '\0');
  std::ranges::transform(utf16.substr(0, out.size()), out.begin(), [](char16_t c) { return static_cast<char>(c); });
  for (std::size_t i = out.size(); i < utf16.size(); ++i) {
    const char32_t unit = utf16[i];
    const bool pair =
        unit >= 0xD800 && unit < 0xDC00 && i + 1 < utf16.size() && utf16[i + 1] >= 0xDC00 && utf16[i + 1] < 0xE000;
    if (pair) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (char32_t{utf16[i + 1]} - 0xDC00));
      ++i;
    } else {
      append_utf8(out, unit);
    }
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = decode(bytes, at).length;
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_ascii(std::string_view bytes) {
  unsigned char all = 0;  // as many decisions as there are bytes cost more than one behind them all
  for (const char c : bytes) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

std::string printable(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto plain = std::ranges::find_if(bytes, [](char c) { return c < 0x20 || c >= 0x7F; }) - bytes.begin();
  std::string out(bytes.substr(0, static_cast<std::size_t>(plain)));
  for (std::size_t at = out.size(); at < bytes.size();) {
    const auto [c, length] = decode(bytes, at);
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    if (length != 0 && !control) {
      out += bytes.substr(at, length);
      at += length;
      continue;
    }
    for (std::size_t n = length == 0 ? 1 : length; n > 0; --n, ++at) {
      const auto b = static_cast<unsigned char>(bytes[at]);
      out += {'\\', 'x', kHex[b >> 4], kHex[b & 15]};
    }
  }
  return out;
}

}  // namespace fsimage
