// SHA-256 (FIPS 180-4) through OpenSSL or Windows' own library, and the CRC of ECMA-167 7.2.6.
// A Sha256 is one stream of one thread; crc16 is pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fsimage {

using Sha256Value = std::array<std::byte, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  void update(std::uint64_t number);  // eight bytes, little endian
  Sha256Value finish();               // ends the stream; a further update is a logic_error

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Value sha256_of(std::span<const std::byte>);
// Of so many bytes, which `read` fills in piece by piece from `offset` on.
Sha256Value sha256_of(std::uint64_t size,
                      const std::function<void(std::uint64_t offset, std::span<std::byte> out)>& read);

std::string to_hex(std::span<const std::byte> bytes);

// Polynomial x^16 + x^12 + x^5 + 1, initial value 0, most significant bit first: "123456789" -> 0x31C3.
std::uint16_t crc16(std::span<const std::byte> bytes) noexcept;

}  // namespace fsimage
