#include "text.hpp"

#include <fsimage/core/text.hpp>

#include <array>
#include <charconv>
#include <cstdio>

namespace fsimage::tools {

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto scaled = static_cast<double>(bytes);
  while (scaled >= 1024 && unit + 1 < kUnits.size()) {
    scaled /= 1024;
    ++unit;
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", scaled, kUnits[unit]);
  return text.data();
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest + 1 < end) return std::nullopt;
  if (rest == end) return number;
  const auto unit = kUnits.find(*rest);
  if (unit == kUnits.npos) return std::nullopt;
  const auto shift = 10 * (unit + 1);
  if (number << shift >> shift != number) return std::nullopt;
  return number << shift;
}

std::string format_count(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string format_time(Timestamp t) {
  const auto c = to_civil(t);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour, c.minute,
                c.second);
  return text.data();
}

std::string revision_text(std::uint16_t bcd) {
  const std::string hex = "0123456789";
  const auto digit = [&](int shift) { return std::string(1, hex[static_cast<std::size_t>((bcd >> shift & 15) % 10)]); };
  return (bcd >> 12 != 0 ? digit(12) : "") + digit(8) + "." + digit(4) + digit(0);
}

std::string format_mode(char type, unsigned permissions) {
  std::string text(1, type);
  for (int who = 2; who >= 0; --who) {
    const unsigned bits = permissions >> (3 * who);
    const bool special = (permissions >> (9 + who) & 1U) != 0;
    const char mark = who == 0 ? 't' : 's';
    text += (bits & 4U) != 0 ? 'r' : '-';
    text += (bits & 2U) != 0 ? 'w' : '-';
    text += special ? ((bits & 1U) != 0 ? mark : static_cast<char>(mark - 'a' + 'A')) : (bits & 1U) != 0 ? 'x' : '-';
  }
  return text;
}

std::optional<Timestamp> parse_time(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(value) : std::nullopt;
  };
  if (text.starts_with('@')) {
    const auto seconds = number(text.substr(1));
    constexpr std::int64_t kYear9999 = 253402300799;
    if (!seconds || *seconds > kYear9999 || *seconds < -kYear9999) return std::nullopt;
    return clamp_timestamp(*seconds, 0);
  }
  constexpr std::string_view kForm = "YYYY-MM-DDTHH:MM:SSZ";
  if (text.size() != 10 && text.size() != kForm.size()) return std::nullopt;
  std::array<std::int64_t, 6> fields{0, 0, 0, 0, 0, 0};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> kPlaces{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  for (std::size_t i = 0; i < fields.size() && kPlaces[i].first < text.size(); ++i) {
    const auto value = number(text.substr(kPlaces[i].first, kPlaces[i].second));
    if (!value || *value < 0) return std::nullopt;
    fields[i] = *value;
  }
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((kForm[i] < 'D' || i == 10 || i == 19) && text[i] != kForm[i]) return std::nullopt;
  const CivilTime civil{static_cast<std::int32_t>(fields[0]),
                        static_cast<std::uint8_t>(fields[1]),
                        static_cast<std::uint8_t>(fields[2]),
                        static_cast<std::uint8_t>(fields[3]),
                        static_cast<std::uint8_t>(fields[4]),
                        static_cast<std::uint8_t>(fields[5]),
                        0};
  const auto time = from_civil(civil);
  return to_civil(time) == civil ? std::optional(time) : std::nullopt;  // no 30th of February, no year 1500
}

std::string json_string(std::string_view bytes) {
  const auto escaped = [](unsigned unit) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\u%04x", unit);
    return std::string(text.data());
  };
  std::string out = "\"";
  for (std::size_t at = 0; at < bytes.size();) {
    const auto c = static_cast<unsigned char>(bytes[at]);
    std::size_t length = 1;
    while (length <= 4 && at + length <= bytes.size() && !is_utf8(bytes.substr(at, length))) ++length;
    if (length > 4 || at + length > bytes.size()) {
      out += escaped(0xDC00U + c);
      length = 1;
    } else if (c == '"' || c == '\\') {
      (out += '\\') += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7F) {
      out += escaped(c);
    } else {
      out += bytes.substr(at, length);
    }
    at += length;
  }
  return out += '"';
}

namespace {

// What and why, without where.
std::string reason(const Error& e) {
  if (e.message().empty()) return e.code().message();
  auto text = e.message();
  if (e.code().category() != error_category()) text += ": " + e.code().message();
  return text;
}

}  // namespace

std::string error_text(const Error& e) {
  const auto& where = e.where();
  std::string text = where.path.empty() ? "" : printable(where.path) + ": ";
  text += printable(reason(e));
  if (where.lba) text += " [LBA " + std::to_string(where.lba->value) + "]";
  if (!where.clause.empty()) text += " [" + where.clause + "]";
  return text;
}

void write_json(std::ostream& out, const Error& e) {
  const auto& where = e.where();
  out << R"({"path":)" << json_string(where.path) << R"(,"text":)" << json_string(reason(e));
  if (where.lba) out << R"(,"lba":)" << where.lba->value;
  if (!where.clause.empty()) out << R"(,"clause":)" << json_string(where.clause);
  out << '}';
}

void write_json(std::ostream& out, const Finding& f) {
  out << R"({"kind":)" << json_string(to_string(f.kind)) << R"(,"view":)" << json_string(to_string(f.view))
      << R"(,"path":)" << json_string(f.path) << R"(,"text":)" << json_string(f.text);
  if (!f.to.empty()) out << R"(,"to":)" << json_string(f.to);
  if (f.lba) out << R"(,"lba":)" << f.lba->value;
  if (!f.clause.empty()) out << R"(,"clause":)" << json_string(f.clause);
  out << '}';
}

}  // namespace fsimage::tools
