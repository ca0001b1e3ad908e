#include "framed_header.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

namespace fsimage {
namespace {

constexpr std::size_t kLongestLine = 160;
constexpr std::size_t kHexDigits = 64;

std::string hex_sha256(std::string_view text) {
  Sha256 sha;
  sha.update(text);
  return to_hex(sha.finish());
}

std::string opening(std::string_view kind) { return "fsimage " + std::string(kind) + " "; }

[[noreturn]] void refuse(Errc code, std::string_view what) { throw Error(code, {}, what); }

std::string first_line(const ByteSource& file) {
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kLongestLine)), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text.substr(0, text.find('\n'));
}

// The next word of the line; empty at its end.
std::string_view take_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto out = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return out;
}

std::uint64_t header_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    refuse(Errc::corrupt_structure, "the first line is damaged");
  return value;
}

}  // namespace

std::string make_framed_header(std::string_view kind, std::uint32_t version, std::string_view json) {
  if (json.size() > kLongestHeader) refuse(Errc::limit_exceeded, "the header is too long");
  auto text =
      opening(kind) + std::to_string(version) + " " + std::to_string(json.size()) + " " + hex_sha256(json) + "\n";
  text += json;
  text += '\n';
  text.resize((text.size() + kPayloadAlignment - 1) / kPayloadAlignment * kPayloadAlignment, ' ');
  return text;
}

bool has_framed_header(const ByteSource& file, std::string_view kind) {
  const auto wanted = opening(kind);
  if (file.size() < wanted.size()) return false;
  std::string found(wanted.size(), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(found)));
  return found == wanted;
}

FramedHeader read_framed_header(const ByteSource& file, std::string_view kind, std::uint32_t version) {
  if (!has_framed_header(file, kind)) refuse(Errc::not_found, "no fsimage " + std::string(kind));
  const auto whole = first_line(file);
  std::string_view line = std::string_view(whole).substr(opening(kind).size());
  if (const auto found = header_number(take_word(line)); found != version)
    refuse(Errc::unsupported, "a " + std::string(kind) + " of version " + std::to_string(found) +
                                  "; this program reads version " + std::to_string(version));
  const auto length = header_number(take_word(line));
  const auto digest = take_word(line);
  if (digest.size() != kHexDigits || !line.empty()) refuse(Errc::corrupt_structure, "the first line is damaged");
  if (length > kLongestHeader) refuse(Errc::limit_exceeded, "a header of " + std::to_string(length) + " bytes");
  const std::uint64_t at = whole.size() + 1;
  if (at > file.size() || length > file.size() - at) refuse(Errc::corrupt_structure, "the header is cut off");
  FramedHeader out;
  out.json.resize(static_cast<std::size_t>(length));
  file.read_at(at, std::as_writable_bytes(std::span(out.json)));
  if (hex_sha256(out.json) != digest) refuse(Errc::corrupt_structure, "the header is not what its digest says");
  out.payload = (at + length + 1 + kPayloadAlignment - 1) / kPayloadAlignment * kPayloadAlignment;
  return out;
}

}  // namespace fsimage
