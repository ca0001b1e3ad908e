#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage::udf {
namespace {

constexpr std::string_view kCharacterSet = "OSTA Compressed Unicode";  // UDF 2.1.2

constexpr bool is_high_surrogate(char16_t c) { return c >= 0xD800 && c < 0xDC00; }
constexpr bool is_low_surrogate(char16_t c) { return c >= 0xDC00 && c < 0xE000; }

}  // namespace

bool needs_wide(std::u16string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char16_t c) { return c > 0xFF; });
}

std::size_t cs0_size(std::u16string_view text) noexcept {
  return text.empty() ? 0 : 1 + text.size() * (needs_wide(text) ? 2 : 1);
}

void encode_cs0(std::u16string_view text, Sink& out) {
  if (text.empty()) return;
  const bool wide = needs_wide(text);
  out.put(std::byte{wide ? std::uint8_t{16} : std::uint8_t{8}});
  for (const char16_t c : text) {
    if (wide) out.put(static_cast<std::byte>(c >> 8));
    out.put(static_cast<std::byte>(c & 0xFF));
  }
}

std::u16string_view cut_to_cs0(std::u16string_view text, std::size_t bytes, std::u16string_view tail) noexcept {
  const auto room = [&](std::size_t units) { return units > tail.size() ? units - tail.size() : 0; };
  const std::size_t narrow = needs_wide(tail) || bytes == 0 ? 0 : room(bytes - 1);
  const std::size_t wide = bytes == 0 ? 0 : room((bytes - 1) / 2);
  const auto first_wide = static_cast<std::size_t>(
      std::find_if(text.begin(), text.end(), [](char16_t c) { return c > 0xFF; }) - text.begin());
  // What comes before the first wide unit is the longer choice where it alone fills more than wide units could.
  std::size_t length = std::max(std::min(first_wide, narrow), std::min(text.size(), wide));
  if (length > 0 && length < text.size() && is_high_surrogate(text[length - 1]) && is_low_surrogate(text[length]))
    --length;
  return text.substr(0, length);
}

std::optional<std::u16string> decode_cs0(std::span<const std::byte> bytes) {
  std::u16string out;
  if (bytes.empty()) return out;
  const auto id = std::to_integer<unsigned>(bytes[0]);
  const bool wide = id == 16 || id == 255;
  if (!wide && id != 8 && id != 254) return std::nullopt;
  const auto body = bytes.subspan(1);
  if (wide && body.size() % 2 != 0) return std::nullopt;
  const std::size_t width = wide ? 2 : 1;
  out.resize(body.size() / width);
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto c = std::to_integer<unsigned>(body[i * width]);
    if (wide) c = c << 8 | std::to_integer<unsigned>(body[i * width + 1]);
    out[i] = static_cast<char16_t>(c);
  }
  return out;
}

void encode_dstring(std::u16string_view text, std::span<std::byte> out) {
  const auto size = cs0_size(text);
  if (out.empty() || size > out.size() - 1 || size > kMaxIdentifierBytes)
    throw std::logic_error("text does not fit its d-string");
  std::fill(out.begin(), out.end(), std::byte{0});
  Sink sink(out);
  encode_cs0(text, sink);
  out.back() = static_cast<std::byte>(size);
}

std::optional<std::u16string> decode_dstring(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::u16string{};
  const auto used = std::to_integer<std::size_t>(bytes.back());
  if (used > bytes.size() - 1) return std::nullopt;
  return decode_cs0(bytes.first(used));
}

std::string describe_dstring(std::span<const std::byte> bytes) {
  const auto text = decode_dstring(bytes);
  return text ? '"' + printable(to_utf8(*text)) + '"' : describe_bytes(bytes);
}

CharSpec cs0_charspec() noexcept {
  CharSpec c{};
  const auto text = std::as_bytes(std::span(kCharacterSet));
  std::copy(text.begin(), text.end(), c.information.begin());
  return c;
}

bool is_cs0(const CharSpec& c) noexcept {
  const auto own = cs0_charspec();
  return c.type == own.type && c.information == own.information;
}

}  // namespace fsimage::udf
