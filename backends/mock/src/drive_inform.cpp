// What the drive says of itself, and how it is set.
#include "drive.hpp"

#include <algorithm>
#include <utility>

namespace fsimage::mock {
namespace {

constexpr std::uint8_t kWriteParameters = 0x05, kCapabilities = 0x2A, kAllPages = 0x3F;  // MMC-5 7.2
constexpr std::size_t kModeHeader = 8;

using Current = bool (*)(const MediumKind&);

bool always(const MediumKind&) { return true; }
bool never(const MediumKind&) { return false; }
bool is_cd(const MediumKind& k) { return k.is_cd(); }
bool is_dvd(const MediumKind& k) { return !k.is_cd() && !k.is_bd(); }
bool is_bd(const MediumKind& k) { return k.is_bd(); }
bool is_dvd_minus(const MediumKind& k) { return k.recording == Recording::dvd_minus; }
template <MediaType type>
bool is_a(const MediumKind& k) {
  return k.type == type;
}

struct Feature {
  std::uint16_t code;
  std::uint8_t version;
  bool persistent;
  Current current;
  std::array<std::uint8_t, 8> data;
  std::uint8_t length;
};

// MMC-5 5.3: what initiators of ours and of others look at.
constexpr Feature kFeatures[] = {
    {0x0001, 2, true, always, {0, 0, 0, 8, 1, 0, 0, 0}, 8},    // core
    {0x0002, 1, true, always, {2, 0, 0, 0}, 4},                // morphing
    {0x0003, 0, true, always, {0x29, 0, 0, 0}, 4},             // removable medium: tray, ejects, locks
    {0x0010, 0, false, always, {0, 0, 8, 0, 0, 16, 1, 0}, 8},  // random readable
    {0x001E, 2, false, is_cd, {0, 0, 0, 0}, 4},                // CD read
    {0x001F, 1, false, is_dvd, {1, 0, 1, 0}, 4},               // DVD read
    {0x0021, 1, false, [](const MediumKind& k) { return k.is_cd() || is_dvd_minus(k); }, {1, 0, 0, 0}, 4},
    {0x0023, 0, false, [](const MediumKind& k) { return k.erasable && !k.is_cd(); }, {0, 0, 0, 0}, 4},  // formattable
    {0x0024,
     0,
     false,
     [](const MediumKind& k) { return k.type == MediaType::dvd_ram || k.type == MediaType::bd_re; },
     {0, 0, 0, 0},
     4},                                                                                  // defect management
    {0x0026, 0, false, [](const MediumKind& k) { return k.profile == 0x0013; }, {0}, 0},  // restricted overwrite
    {0x002A, 0, false, is_a<MediaType::dvd_plus_rw>, {1, 0, 0, 0}, 4},
    {0x002B, 0, false, is_a<MediaType::dvd_plus_r>, {1, 0, 0, 0}, 4},
    {0x002D, 2, false, is_cd, {0x46, 0, 1, 0}, 4},         // CD track-at-once
    {0x002E, 0, false, is_cd, {0x66, 0, 0x10, 0}, 4},      // CD session-at-once
    {0x002F, 1, false, is_dvd_minus, {0x46, 0, 0, 0}, 4},  // DVD-R/-RW write
    {0x003B, 0, false, is_a<MediaType::dvd_plus_r_dl>, {1, 0, 0, 0}, 4},
    {0x0040, 0, false, is_bd, {0, 0, 0, 0}, 4},
    {0x0041, 0, false, is_bd, {0, 0, 0, 0}, 4},
    {0x0100, 0, true, always, {0}, 0},                  // power management
    {0x0105, 0, true, always, {0, 0, 0, 0}, 4},         // timeout
    {0x0107, 3, false, always, {0x1F, 0, 0, 0}, 4},     // real time streaming
    {0x0108, 0, true, never, {'0', '0', '0', '1'}, 4},  // serial number
};

// The random writable feature, MMC-5 5.3.11, tells the last block, so it is no constant.
constexpr std::uint16_t kRandomWritable = 0x0020;

void put_feature(Reply& reply, std::uint16_t code, std::uint8_t version, bool persistent, bool current,
                 std::span<const std::uint8_t> data) {
  reply.u16(code).u8(std::uint32_t{version} << 2U | (persistent ? 2U : 0U) | (current ? 1U : 0U));
  reply.u8(static_cast<std::uint32_t>(data.size())).bytes(data);
}

void put_profiles(Reply& reply, std::uint16_t current) {
  const auto kinds = medium_kinds();
  reply.u16(0).u8(3).u8(static_cast<std::uint32_t>(4 * kinds.size()));
  for (const auto& kind : kinds) reply.u16(kind.profile).u8(kind.profile == current ? 1 : 0).u8(0);
}

void put_random_writable(Reply& reply, const MediumState& disc, bool current) {
  Reply data;
  data.u32(disc.capacity - 1).u32(2048).u16(disc.kind->unit).u8(1).u8(0);
  reply.u16(kRandomWritable).u8(1U << 2U | (current ? 1U : 0U)).u8(12);
  for (const auto byte : data.data()) reply.u8(std::to_integer<std::uint8_t>(byte));
}

}  // namespace

// SPC-3 6.4.
Sense Drive::inquiry(Command& command) {
  command.reply.u8(0x05).u8(0x80).u8(0x05).u8(0x02).u8(31).zeros(3);
  command.reply.text("FSIMAGE", 8).text("SIMULATED DRIVE", 16).text("0001", 4);
  return sense::kGood;
}

// MMC-5 6.6: RT in byte 1 asks for all features, the current ones, or one.
Sense Drive::get_configuration(Command& command) {
  const auto only = command.u8(1) & 3U;
  const auto from = command.number(2, 2);
  if (only == 3) return sense::kInvalidField;
  const auto& kind = *disc().kind;
  const std::uint16_t profile = loaded() ? kind.profile : 0;
  auto& reply = command.reply;
  reply.u32(0).u16(0).u16(profile);
  const auto wanted = [&](std::uint16_t code, bool current) {
    return only == 2 ? code == from : code >= from && (only == 0 || current);
  };
  if (wanted(0, true)) put_profiles(reply, profile);
  const auto put_writable = [&] {
    const bool current = loaded() && !kind.sequential() && kind.profile != 0x0013;
    if (wanted(kRandomWritable, current)) put_random_writable(reply, disc(), current);
  };
  bool writable_told = false;
  for (const auto& f : kFeatures) {
    if (f.code > kRandomWritable && !std::exchange(writable_told, true)) put_writable();
    const bool current = (loaded() || f.persistent) && f.current(kind);
    if (wanted(f.code, current))
      put_feature(reply, f.code, f.version, f.persistent, current, std::span(f.data).first(f.length));
  }
  reply.set_u32(0, static_cast<std::uint32_t>(reply.size() - 4));
  return sense::kGood;
}

// MMC-5 6.7: only polled, only the media class.
Sense Drive::get_event(Command& command) {
  constexpr std::uint32_t kMediaClass = 4;
  if ((command.u8(1) & 1U) == 0) return sense::kInvalidField;
  const bool asked = (command.u8(4) >> kMediaClass & 1U) != 0;
  command.reply.u16(asked ? 6 : 2).u8(asked ? kMediaClass : 0x80).u8(1U << kMediaClass);
  if (!asked) return sense::kGood;
  command.reply.u8(std::exchange(event_, std::uint8_t{0}));
  command.reply.u8((tray_open_ ? 1U : 0U) | (loaded() ? 2U : 0U)).u16(0);
  return sense::kGood;
}

// MMC-5 7.11 (the page as MMC-3 has it, which is what initiators read).
void Drive::put_mode_page_2a(Reply& reply) const {
  const auto& speeds = disc().kind->speeds;
  const auto count = static_cast<std::uint32_t>(std::ranges::count_if(speeds, [](auto s) { return s != 0; }));
  reply.u8(kCapabilities).u8(30 + 4 * count).u8(0x3F).u8(0x37).u8(0xF0).u8(0).u8(locked_ ? 0x2B : 0x29).u8(0);
  reply.u16(speeds[0]).u16(0).u16(kBufferSize / 1024).u16(speeds[0]).u16(0);
  reply.u16(speeds[0]).u16(speed_).u16(0).zeros(3).u8(0).u16(speed_).u16(count);
  for (const auto speed : speeds)
    if (speed != 0) reply.u8(0).u8(0).u16(speed);
}

Sense Drive::mode_sense(Command& command) {
  const auto page = command.u8(2) & 0x3FU;
  if (page != kWriteParameters && page != kCapabilities && page != kAllPages) return sense::kInvalidField;
  auto& reply = command.reply;
  reply.zeros(kModeHeader);
  if (page != kCapabilities) reply.bytes(write_page_);
  if (page != kWriteParameters) put_mode_page_2a(reply);
  reply.set_u16(0, static_cast<std::uint32_t>(reply.size() - 2));
  return sense::kGood;
}

// Only the write parameters can be set: MMC-5 7.5.
Sense Drive::mode_select(Command& command) {
  const auto length = command.number(7, 2);
  if (length > command.out.size() || length < kModeHeader + write_page_.size())
    return violation(command, {5, 0x1A, 0x00}, "parameter list of " + std::to_string(length) + " bytes");
  const auto page = command.out.subspan(kModeHeader);
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(page[i]); };
  if ((at(0) & 0x3FU) != kWriteParameters || at(1) + 2U < write_page_.size()) return sense::kInvalidParameter;
  const auto type = at(2) & 0x0FU;
  const bool cd = disc().kind->is_cd();
  if (loaded() && uses_write_page() && type != 2 && type != (cd ? 1U : 0U))
    return violation(command, sense::kInvalidParameter, "write type " + std::to_string(type));
  if (loaded() && uses_write_page() && (at(4) & 0x0FU) != 8)
    return violation(command, sense::kInvalidParameter, "data block type " + std::to_string(at(4) & 0x0FU));
  std::ranges::transform(page.first(write_page_.size()), write_page_.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  write_page_set_ = true;
  simulated_next_.reset();
  cue_.reset();
  return sense::kGood;
}

// MMC-5 6.8: nominal performance (type 0) and write speeds (type 3).
Sense Drive::get_performance(Command& command) {
  const auto type = command.u8(10);
  const auto most = command.number(8, 2);
  const auto last = disc().capacity - 1;
  auto& reply = command.reply;
  reply.u32(0).u32((command.u8(1) & 4U) != 0 && type == 0 ? 0x02000000U : 0U);
  if (type == 0) {
    if (most > 0) reply.u32(0).u32(disc().kind->speeds[0]).u32(last).u32(disc().kind->speeds[0]);
  } else if (type == 3) {
    std::uint32_t told = 0;
    for (const auto speed : disc().kind->speeds)
      if (speed != 0 && told++ < most) reply.u32(0).u32(last).u32(disc().kind->speeds[0]).u32(speed);
  } else {
    reply = {};
    return sense::kInvalidField;
  }
  reply.set_u32(0, static_cast<std::uint32_t>(reply.size() - 4));
  return sense::kGood;
}

namespace {

// The highest speed that is not above what was asked for, else the lowest.
std::uint32_t speed_for(const MediumKind& kind, std::uint32_t wanted) {
  std::uint32_t lowest = kind.speeds[0];
  for (const auto speed : kind.speeds) {
    if (speed == 0) break;
    if (speed <= wanted) return speed;
    lowest = speed;
  }
  return lowest;
}

}  // namespace

Sense Drive::set_cd_speed(Command& command) {
  const auto wanted = command.number(4, 2);
  speed_ = speed_for(*disc().kind, wanted == 0xFFFF ? disc().kind->speeds[0] : wanted);
  return sense::kGood;
}

// MMC-5 6.39: so many 1000 bytes in so many milliseconds.
Sense Drive::set_streaming(Command& command) {
  constexpr std::size_t kDescriptor = 28;
  if (command.number(9, 2) != kDescriptor || command.out.size() < kDescriptor) return sense::kInvalidField;
  const auto size = big_endian(command.out, 20, 4), milliseconds = big_endian(command.out, 24, 4);
  if (milliseconds == 0) return sense::kInvalidParameter;
  const auto wanted = std::min<std::uint64_t>(std::uint64_t{size} * 1000 / milliseconds, 0xFFFF'FFFFU);
  speed_ = speed_for(*disc().kind, static_cast<std::uint32_t>(wanted));
  return sense::kGood;
}

// MMC-5 6.18: in bytes; not in blocks, which bit 0 of byte 1 asks for.
Sense Drive::read_buffer_capacity(Command& command) {
  if ((command.u8(1) & 1U) != 0) return sense::kInvalidField;
  command.reply.u16(10).u16(0).u32(kBufferSize).u32(static_cast<std::uint32_t>(kBufferSize - buffered_));
  return sense::kGood;
}

}  // namespace fsimage::mock
