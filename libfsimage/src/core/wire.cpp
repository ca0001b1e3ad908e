#include <fsimage/core/digest.hpp>
#include <fsimage/core/wire.hpp>

#include <algorithm>

namespace fsimage {

std::string describe_number(std::uint64_t value) {
  if (value < 10) return std::to_string(value);
  std::string hex;
  for (auto rest = value; rest != 0; rest >>= 4) hex.insert(hex.begin(), "0123456789abcdef"[rest & 15]);
  return std::to_string(value) + " (0x" + hex + ")";
}

std::string describe_bytes(std::span<const std::byte> bytes) {
  constexpr std::size_t kShown = 32;
  const auto is = [](auto lo, auto hi) {
    return [=](std::byte b) { return std::to_integer<unsigned>(b) >= lo && std::to_integer<unsigned>(b) <= hi; };
  };
  if (std::all_of(bytes.begin(), bytes.end(), is(0U, 0U))) return "zero";
  auto text = bytes;
  while (!text.empty() && (text.back() == std::byte{0} || text.back() == std::byte{' '}))
    text = text.first(text.size() - 1);
  if (std::all_of(text.begin(), text.end(), is(0x20U, 0x7EU))) {
    std::string out = "\"";
    for (const auto b : text) out += static_cast<char>(b);
    return out + "\"";
  }
  return bytes.size() <= kShown ? to_hex(bytes) : to_hex(bytes.first(kShown)) + "...";
}

namespace {

void describe_into(std::vector<FieldText>& out, const WireRows& rows, std::span<const std::byte> bytes,
                   std::size_t base) {
  for (const auto& row : rows.fields) {
    const auto field = bytes.subspan(row.offset, row.size);
    if (row.inside)
      describe_into(out, *row.inside, field, base + row.offset);
    else
      out.push_back({row.name, std::string(rows.spec) + ' ' + std::string(row.clause), base + row.offset, row.size,
                     row.describe(field)});
  }
}

}  // namespace

std::vector<FieldText> describe_fields(const WireRows& rows, std::span<const std::byte> bytes) {
  std::vector<FieldText> out;
  describe_into(out, rows, bytes, 0);
  return out;
}

}  // namespace fsimage
