#include <fsimage/core/digest.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace fsimage {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Digest, Sha256KnownAnswer) {
  Sha256 digest;
  digest.update("a");
  digest.update("bc");
  EXPECT_EQ(to_hex(digest.finish()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_THROW(digest.update("x"), std::logic_error);
}

TEST(Digest, Sha256OfWhatIsReadInPieces) {
  std::vector<std::byte> data((std::size_t{2} << 20) + 17);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 31 >> 3);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, data.size()}) {
    std::uint64_t next = 0;
    const auto digest = sha256_of(size, [&](std::uint64_t offset, std::span<std::byte> out) {
      EXPECT_EQ(offset, next);
      next += out.size();
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    });
    EXPECT_EQ(next, size);
    EXPECT_EQ(digest, sha256_of(std::span(data).first(size)));
  }
}

TEST(Digest, CrcKnownAnswers) {
  EXPECT_EQ(crc16(bytes("")), 0);
  EXPECT_EQ(crc16(bytes("123456789")), 0x31C3);
  EXPECT_EQ(crc16(bytes("\x70\x6A\x77")), 0x3299);  // ECMA-167 1/7.2.6
}

TEST(Digest, CrcOfAnyLengthAgreesWithTheDefinition) {
  std::vector<std::byte> data;
  unsigned reference = 0;
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_EQ(crc16(data), reference) << i;
    const unsigned b = (i * 37 + 11) & 0xFF;
    data.push_back(static_cast<std::byte>(b));
    reference ^= b << 8;
    for (int bit = 0; bit < 8; ++bit)
      reference = ((reference << 1) ^ ((reference & 0x8000) != 0 ? 0x1021U : 0U)) & 0xFFFF;
  }
}

}  // namespace
}  // namespace fsimage
