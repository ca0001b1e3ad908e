// Commands to the simulated drive and its answers, as hexadecimal.
#pragma once

#include "drive.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/units.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::test {

// "0A 1b2C" to bytes; spaces mean nothing.
inline std::vector<std::uint8_t> bytes_of_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

// A drive with a new disc in it, past its unit attention.
class Wire {
 public:
  explicit Wire(const std::string& media, std::uint32_t capacity = 40'000, unsigned polls = 0,
                const std::string& faults = {})
      : drive_(std::make_unique<mock::Medium>(folder_ / "disc",
                                              mock::NewMedium{mock::find_kind(media), capacity, 0x12345678}),
               {.polls = polls, .faults = mock::parse_faults(faults)}) {
    while (!sense("00 00 00 00 00 00").empty()) {}
  }

  // The sense as "5/24/00 ...", empty when all went well.
  std::string sense(std::string_view cdb, std::span<const std::byte> out = {}) {
    const auto result = exec(cdb, out);
    return result.gone ? "gone" : result.good() ? "" : mock::to_text(result.sense);
  }
  std::string sense(std::string_view cdb, std::string_view out) {
    const auto list = bytes_of_hex(out);
    return sense(cdb, std::as_bytes(std::span(list)));
  }
  // The answer in hexadecimal, or the sense.
  std::string answer(std::string_view cdb) {
    const auto result = exec(cdb, {});
    if (!result.good()) return mock::to_text(result.sense);
    std::string text;
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = 0; i < result.received; ++i) {
      const auto value = std::to_integer<unsigned>(in_[i]);
      text += (i == 0 ? "" : " ");
      text += kDigits[value >> 4U];
      text += kDigits[value & 15U];
    }
    return text;
  }
  std::string write(std::uint32_t at, std::uint32_t blocks) {
    const auto data = noise(std::size_t{blocks} * kBlockSize, at + 1);
    return sense("2a 00 " + hex(at, 4) + " 00 " + hex(blocks, 2) + " 00", data);
  }
  std::string read(std::uint32_t at, std::uint32_t blocks) {
    return sense("28 00 " + hex(at, 4) + " 00 " + hex(blocks, 2) + " 00");
  }
  // The write parameters page: type, whether another session may follow, test write.
  std::string parameters(std::uint32_t type, bool multisession = true, bool test = false) {
    return sense("55 10 00 00 00 00 00 00 3c 00", "00 00 00 00 00 00 00 00 05 32 " +
                                                      hex(0x40 | (test ? 0x10U : 0U) | type, 1) +
                                                      (multisession ? " c4" : " 04") + " 08 10" + zeros(46));
  }
  std::string close(std::uint32_t function, std::uint32_t track = 0) {
    return sense("5b 00 " + hex(function, 1) + " 00 " + hex(track, 2) + " 00 00 00 00");
  }
  const std::vector<std::string>& violations() const { return drive_.violations(); }
  const mock::MediumState& disc() const { return drive_.medium().state(); }
  mock::Drive& drive() { return drive_; }

  static std::string hex(std::uint32_t value, int bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int nibble = 2 * bytes - 1; nibble >= 0; --nibble) text += kDigits[value >> (4 * nibble) & 15U];
    return text;
  }
  static std::string zeros(int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += " 00";
    return text;
  }

 private:
  mock::Result exec(std::string_view cdb, std::span<const std::byte> out) {
    in_.assign(std::size_t{1} << 17, std::byte{0xEE});
    return drive_.exec(bytes_of_hex(cdb), out, in_);
  }
  TempFolder folder_;
  mock::Drive drive_;
  std::vector<std::byte> in_;
};

}  // namespace fsimage::test
