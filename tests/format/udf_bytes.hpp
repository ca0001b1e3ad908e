// Bytes as the tests of UDF structures write them down: hexadecimal, with spaces and bars wherever they help to read.
#pragma once

#include <fsimage/core/digest.hpp>
#include <fsimage/core/wire.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::test {

inline std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> out;
  unsigned digits = 0, value = 0;
  for (const char c : text) {
    if (c == ' ' || c == '|') continue;
    value = value << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    if (++digits % 2 == 0) {
      out.push_back(static_cast<std::byte>(value));
      value = 0;
    }
  }
  return out;
}

// "00 10 e2 07": as from_hex reads it.
inline std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const auto& b : bytes) {
    if (!out.empty()) out += ' ';
    out += to_hex(std::span(&b, 1));
  }
  return out;
}
template <WireStruct T>
std::string hex(const T& v) {
  return hex(bytes_of(v));
}

// A structure from its first bytes; the rest is zero.
template <WireStruct T>
T from_hex_as(std::string_view text) {
  auto bytes = from_hex(text);
  bytes.resize(sizeof(T));
  return load<T>(bytes);
}

// Where each row of the structure's table begins, when the rows follow one another as the members lie; else nothing.
template <WireStruct T>
std::vector<std::size_t> positions() {
  std::vector<std::size_t> out;
  const T v{};
  const auto* base = reinterpret_cast<const std::byte*>(&v);
  std::size_t next = 0;
  bool in_order = true;
  std::apply(
      [&](const auto&... f) {
        (([&] {
           const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&(v.*(f.at))) - base);
           in_order = in_order && offset == next;
           out.push_back(offset);
           next = offset + sizeof(v.*(f.at));
         }()),
         ...);
      },
      WireTable<T>::fields);
  return in_order && next == sizeof(T) ? out : std::vector<std::size_t>{};
}

}  // namespace fsimage::test
