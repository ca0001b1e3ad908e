// Sense: how a drive says what went wrong. SPC-3 4.5, MMC-5 annex F. Private to the backend.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fsimage::mock {

struct Sense {
  std::uint8_t key = 0, asc = 0, ascq = 0;
  std::optional<std::uint32_t> block{};     // information field: the block at fault
  std::optional<std::uint16_t> progress{};  // of a long operation, in 65536ths

  bool good() const { return key == 0; }
  bool is(const Sense& other) const { return key == other.key && asc == other.asc && ascq == other.ascq; }
};

namespace sense {
inline constexpr Sense kGood{};
inline constexpr Sense kBecomingReady{2, 0x04, 0x01};
inline constexpr Sense kFormatting{2, 0x04, 0x04};
inline constexpr Sense kOperating{2, 0x04, 0x07};
inline constexpr Sense kLongWrite{2, 0x04, 0x08};
inline constexpr Sense kNoMedium{2, 0x3A, 0x01};
inline constexpr Sense kTrayOpen{2, 0x3A, 0x02};
inline constexpr Sense kWriteError{3, 0x0C, 0x00};
inline constexpr Sense kReadError{3, 0x11, 0x00};
inline constexpr Sense kFormatCorrupted{3, 0x31, 0x00};
inline constexpr Sense kFormatFailed{3, 0x31, 0x01};
inline constexpr Sense kEraseFailed{3, 0x51, 0x00};
inline constexpr Sense kFixationError{3, 0x72, 0x00};
inline constexpr Sense kCalibrationError{3, 0x73, 0x03};
inline constexpr Sense kUnknownCommand{5, 0x20, 0x00};
inline constexpr Sense kOutOfRange{5, 0x21, 0x00};
inline constexpr Sense kInvalidWriteAddress{5, 0x21, 0x02};
inline constexpr Sense kInvalidField{5, 0x24, 0x00};
inline constexpr Sense kInvalidParameter{5, 0x26, 0x00};
inline constexpr Sense kSequenceError{5, 0x2C, 0x00};
inline constexpr Sense kProgramAreaEmpty{5, 0x2C, 0x04};
inline constexpr Sense kIncompatibleMedium{5, 0x30, 0x00};
inline constexpr Sense kNotFormatted{5, 0x30, 0x10};
inline constexpr Sense kRemovalPrevented{5, 0x53, 0x02};
inline constexpr Sense kEndOfTrack{5, 0x63, 0x00};
inline constexpr Sense kIllegalMode{5, 0x64, 0x00};
inline constexpr Sense kIncompleteTrack{5, 0x72, 0x03};
inline constexpr Sense kMediumChanged{6, 0x28, 0x00};
inline constexpr Sense kPowerOn{6, 0x29, 0x00};
inline constexpr Sense kWriteProtected{7, 0x27, 0x00};
inline constexpr Sense kBlankCheck{8, 0x00, 0x00};
}  // namespace sense

// SPC-3 4.5.3, fixed format.
std::array<std::byte, 18> fixed_format(const Sense&);

std::string to_text(const Sense&);                            // "3/0C/00 write error"
std::optional<Sense> parse_sense(std::string_view) noexcept;  // "3/0C/00"; nullopt for anything else, and for key 0

}  // namespace fsimage::mock
