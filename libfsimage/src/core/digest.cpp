#include <fsimage/core/digest.hpp>

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <vector>

namespace fsimage {

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

void Sha256::update(std::uint64_t number) {
  boost::endian::native_to_little_inplace(number);
  update(std::as_bytes(std::span(&number, 1)));
}

Sha256Value sha256_of(std::uint64_t size,
                      const std::function<void(std::uint64_t offset, std::span<std::byte> out)>& read) {
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
  Sha256 digest;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(size, kPiece)));
  for (std::uint64_t at = 0; at < size;) {
    const auto piece = std::span(buffer).first(static_cast<std::size_t>(std::min(size - at, kPiece)));
    read(at, piece);
    digest.update(piece);
    at += piece.size();
  }
  return digest.finish();
}

std::string to_hex(std::span<const std::byte> bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto b : bytes) {
    out += kHex[std::to_integer<unsigned>(b) >> 4];
    out += kHex[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

namespace {

// Row k holds the CRC of a byte followed by k zero bytes, so that eight bytes go through at a time.
struct CrcTables {
  std::array<std::array<std::uint16_t, 256>, 8> row{};
  constexpr CrcTables() {
    for (unsigned b = 0; b < 256; ++b) {
      unsigned crc = b << 8;
      for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000U) != 0 ? 0x1021U : 0U);
      row[0][b] = static_cast<std::uint16_t>(crc);
    }
    for (std::size_t k = 1; k < 8; ++k)
      for (std::size_t b = 0; b < 256; ++b)
        row[k][b] = static_cast<std::uint16_t>(row[k - 1][b] << 8 ^ row[0][row[k - 1][b] >> 8]);
  }
};
constexpr CrcTables kCrc;

}  // namespace

std::uint16_t crc16(std::span<const std::byte> bytes) noexcept {
  unsigned crc = 0;
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  while (bytes.size() >= 8) {
    unsigned next = kCrc.row[7][at(0) ^ (crc >> 8)] ^ kCrc.row[6][at(1) ^ (crc & 0xFF)];
    for (std::size_t i = 2; i < 8; ++i) next ^= kCrc.row[7 - i][at(i)];
    crc = next;
    bytes = bytes.subspan(8);
  }
  for (const auto b : bytes) crc = ((crc << 8) & 0xFFFF) ^ kCrc.row[0][(crc >> 8) ^ std::to_integer<unsigned>(b)];
  return static_cast<std::uint16_t>(crc);
}

}  // namespace fsimage
