#include "sense.hpp"

#include <charconv>
#include <cstdio>

namespace fsimage::mock {
namespace {

struct NamedSense {
  Sense sense;
  std::string_view text;
};

constexpr NamedSense kNamed[] = {
    {sense::kBecomingReady, "becoming ready"},
    {sense::kFormatting, "format in progress"},
    {sense::kOperating, "operation in progress"},
    {sense::kLongWrite, "long write in progress"},
    {sense::kNoMedium, "no medium"},
    {sense::kTrayOpen, "no medium, the tray is open"},
    {sense::kWriteError, "write error"},
    {sense::kReadError, "unrecovered read error"},
    {sense::kFormatCorrupted, "medium format corrupted"},
    {sense::kFormatFailed, "format failed"},
    {sense::kEraseFailed, "erase failure"},
    {sense::kFixationError, "session fixation error"},
    {sense::kCalibrationError, "power calibration area error"},
    {sense::kUnknownCommand, "command not known"},
    {sense::kOutOfRange, "block out of range"},
    {sense::kInvalidWriteAddress, "invalid address for write"},
    {sense::kInvalidField, "invalid field in command"},
    {sense::kInvalidParameter, "invalid field in parameter list"},
    {sense::kSequenceError, "command sequence error"},
    {sense::kProgramAreaEmpty, "current program area is empty"},
    {sense::kIncompatibleMedium, "incompatible medium"},
    {sense::kNotFormatted, "medium not formatted"},
    {sense::kRemovalPrevented, "medium removal prevented"},
    {sense::kEndOfTrack, "end of user area on this track"},
    {sense::kIllegalMode, "illegal mode for this track"},
    {sense::kIncompleteTrack, "incomplete track in session"},
    {sense::kMediumChanged, "medium may have changed"},
    {sense::kPowerOn, "power on"},
    {sense::kWriteProtected, "write protected"},
    {sense::kBlankCheck, "not recorded"},
};

std::optional<std::uint8_t> take_hex(std::string_view& text) {
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::array<std::byte, 18> fixed_format(const Sense& sense) {
  std::array<std::byte, 18> bytes{};
  const auto put = [&](std::size_t at, std::uint32_t value) { bytes[at] = static_cast<std::byte>(value & 0xFFU); };
  put(0, 0x70U | (sense.block ? 0x80U : 0U));
  put(2, sense.key);
  put(7, 10);
  put(12, sense.asc);
  put(13, sense.ascq);
  if (sense.block)
    for (std::size_t i = 0; i < 4; ++i) put(3 + i, *sense.block >> (24 - 8 * i));
  if (sense.progress) {
    put(15, 0x80);  // SKSV
    put(16, *sense.progress >> 8U);
    put(17, *sense.progress);
  }
  return bytes;
}

std::string to_text(const Sense& sense) {
  char code[16];
  std::snprintf(code, sizeof code, "%X/%02X/%02X", sense.key, sense.asc, sense.ascq);
  std::string text = code;
  for (const auto& row : kNamed)
    if (row.sense.is(sense)) return text + " " + std::string(row.text);
  return text;
}

std::optional<Sense> parse_sense(std::string_view text) noexcept {
  Sense sense;
  for (auto* part : {&sense.key, &sense.asc, &sense.ascq}) {
    if (part != &sense.key) {
      if (!text.starts_with('/')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto value = take_hex(text);
    if (!value) return std::nullopt;
    *part = *value;
  }
  if (!text.empty() || sense.key == 0 || sense.key > 15) return std::nullopt;
  return sense;
}

}  // namespace fsimage::mock
