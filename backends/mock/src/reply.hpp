// Big-endian bytes one after the other: what a drive answers, and what an initiator sends. Private to the backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fsimage::mock {

class Reply {
 public:
  Reply& u8(std::uint32_t value) { return number(value, 1); }
  Reply& u16(std::uint32_t value) { return number(value, 2); }
  Reply& u24(std::uint32_t value) { return number(value, 3); }
  Reply& u32(std::uint32_t value) { return number(value, 4); }
  Reply& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  Reply& text(std::string_view text, std::size_t width) {  // padded with spaces
    for (std::size_t i = 0; i < width; ++i) u8(static_cast<std::uint8_t>(i < text.size() ? text[i] : ' '));
    return *this;
  }
  Reply& bytes(std::span<const std::uint8_t> values) {
    for (const auto value : values) u8(value);
    return *this;
  }
  std::span<std::byte> room(std::size_t count) {
    zeros(count);
    return std::span(bytes_).last(count);
  }
  // Overwrites two or four bytes: lengths are known last.
  void set_u16(std::size_t at, std::uint32_t value) { set(at, value, 2); }
  void set_u32(std::size_t at, std::uint32_t value) { set(at, value, 4); }

  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::byte>& data() const { return bytes_; }

 private:
  Reply& number(std::uint32_t value, std::size_t width) {
    bytes_.resize(bytes_.size() + width);
    set(bytes_.size() - width, value, width);
    return *this;
  }
  void set(std::size_t at, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i)
      bytes_[at + i] = static_cast<std::byte>((value >> (8 * (width - 1 - i))) & 0xFFU);
  }
  std::vector<std::byte> bytes_;
};

// The big-endian number of some bytes there; 0 for those past the end.
inline std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value = value << 8U | (at + i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
  return value;
}

}  // namespace fsimage::mock
