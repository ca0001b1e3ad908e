#include "initiator.hpp"

#include <algorithm>
#include <array>

namespace fsimage::mock {
namespace {

constexpr int kMostPolls = 10'000;  // then something is wrong with the drive

struct NamedCommand {
  std::uint8_t opcode;
  std::string_view name, clause;
  bool reads;
};

constexpr NamedCommand kCommands[] = {
    {0x00, "TEST UNIT READY", "SPC-3 6.33", true},
    {0x03, "REQUEST SENSE", "SPC-3 6.27", true},
    {0x04, "FORMAT UNIT", "MMC-5 6.5", false},
    {0x12, "INQUIRY", "SPC-3 6.4", true},
    {0x1B, "START STOP UNIT", "MMC-5 6.40", false},
    {0x1E, "PREVENT ALLOW MEDIUM REMOVAL", "MMC-5 6.14", false},
    {0x23, "READ FORMAT CAPACITIES", "MMC-5 6.24", true},
    {0x28, "READ (10)", "MMC-5 6.15", true},
    {0x2A, "WRITE (10)", "MMC-5 6.44", false},
    {0x35, "SYNCHRONIZE CACHE", "MMC-5 6.41", false},
    {0x46, "GET CONFIGURATION", "MMC-5 6.6", true},
    {0x51, "READ DISC INFORMATION", "MMC-5 6.22", true},
    {0x52, "READ TRACK INFORMATION", "MMC-5 6.27", true},
    {0x54, "SEND OPC INFORMATION", "MMC-5 6.35", false},
    {0x55, "MODE SELECT (10)", "MMC-5 6.12", false},
    {0x5B, "CLOSE TRACK SESSION", "MMC-5 6.3", false},
    {0x5C, "READ BUFFER CAPACITY", "MMC-5 6.18", true},
    {0xA1, "BLANK", "MMC-5 6.2", false},
    {0xAC, "GET PERFORMANCE", "MMC-5 6.8", true},
    {0xAD, "READ DISC STRUCTURE", "MMC-5 6.23", true},
    {0xB6, "SET STREAMING", "MMC-5 6.39", false},
};

std::error_code code_for(const Sense& sense, bool reads) {
  if (sense.key == 2) return sense.asc == 0x3A ? Errc::no_media : Errc::busy;
  if (sense.key == 6) return Errc::medium_state;
  if (sense.key == 7) return Errc::write_protected;
  if (sense.is(sense::kUnknownCommand)) return Errc::unsupported;
  if (sense.is(sense::kRemovalPrevented)) return Errc::busy;
  if (reads) return Errc::read_failed;
  return sense.key == 5 ? Errc::medium_state : Errc::write_failed;
}

bool is_waiting(const Sense& sense) { return sense.key == 2 && sense.asc == 0x04; }

template <std::size_t n>
std::array<std::uint8_t, n> cdb_of(std::uint8_t opcode) {
  std::array<std::uint8_t, n> cdb{};
  cdb[0] = opcode;
  return cdb;
}

void put(std::span<std::uint8_t> cdb, std::size_t at, std::uint32_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) cdb[at + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
}

}  // namespace

void Initiator::fail(const Result& result, std::uint8_t opcode, std::optional<Lba> at) const {
  const auto* const command = std::ranges::find(kCommands, opcode, &NamedCommand::opcode);
  Where where{.path = disc_, .lba = at, .clause = std::string(command->clause)};
  if (result.gone)
    throw Error(std::make_error_code(std::errc::no_such_device), where,
                std::string(command->name) + ": the drive is gone");
  if (result.sense.block) where.lba = Lba{*result.sense.block};
  throw Error(code_for(result.sense, command->reads), where,
              std::string(command->name) + ": sense " + to_text(result.sense));
}

std::size_t Initiator::send(Cdb cdb, std::span<const std::byte> out, std::span<std::byte> in, std::optional<Lba> at) {
  Result result;
  for (int polls = 0; polls < kMostPolls; ++polls) {
    result = transport_(cdb, out, in);
    if (result.good()) return result.received;
    const bool news = !result.gone && result.sense.key == 6 && !same_medium_;
    if (!news && (result.gone || !is_waiting(result.sense))) break;
  }
  fail(result, cdb[0], at);
}

void Initiator::wait_until_ready() { send(cdb_of<6>(0x00)); }

// SPC-3 6.27: the progress is in the sense-key specific bytes.
void Initiator::wait_for_end(const Progress& progress) {
  constexpr std::uint32_t kValid = 0x80;
  auto request = cdb_of<6>(0x03);
  request[4] = 18;
  for (int polls = 0; polls < kMostPolls; ++polls) {
    std::array<std::byte, 18> bytes{};
    send(request, {}, bytes);
    if ((big_endian(bytes, 2, 1) & 0x0FU) != 2) break;
    if (progress && (big_endian(bytes, 15, 1) & kValid) != 0)
      progress(static_cast<std::uint16_t>(big_endian(bytes, 16, 2)));
  }
  wait_until_ready();
}

std::vector<std::byte> Initiator::inquiry() {
  std::vector<std::byte> bytes(36);
  auto cdb = cdb_of<6>(0x12);
  cdb[4] = static_cast<std::uint8_t>(bytes.size());
  bytes.resize(send(cdb, {}, bytes));
  return bytes;
}

std::uint16_t Initiator::profile() {
  std::array<std::byte, 8> bytes{};
  auto cdb = cdb_of<10>(0x46);
  put(cdb, 7, bytes.size(), 2);
  send(cdb, {}, bytes);
  return static_cast<std::uint16_t>(big_endian(bytes, 6, 2));
}

DiscInformation Initiator::disc_information() {
  std::array<std::byte, 34> bytes{};
  auto cdb = cdb_of<10>(0x51);
  put(cdb, 7, bytes.size(), 2);
  send(cdb, {}, bytes);
  const auto flags = big_endian(bytes, 2, 1);
  DiscInformation found;
  found.status = static_cast<DiscInformation::Status>(flags & 3U);
  found.last_session = static_cast<DiscInformation::LastSession>(flags >> 2U & 3U);
  found.erasable = (flags & 0x10U) != 0;
  found.tracks = static_cast<std::uint16_t>(big_endian(bytes, 11, 1) << 8U | big_endian(bytes, 6, 1));
  found.background_format = static_cast<std::uint8_t>(big_endian(bytes, 7, 1) & 3U);
  if ((big_endian(bytes, 7, 1) & 0x80U) != 0) found.id = big_endian(bytes, 12, 4);
  return found;
}

TrackInformation Initiator::track_information(std::uint16_t number) {
  std::array<std::byte, 48> bytes{};
  auto cdb = cdb_of<10>(0x52);
  cdb[1] = 1;
  put(cdb, 2, number, 4);
  put(cdb, 7, bytes.size(), 2);
  send(cdb, {}, bytes);
  TrackInformation track;
  track.number = static_cast<std::uint16_t>(big_endian(bytes, 32, 1) << 8U | big_endian(bytes, 2, 1));
  track.session = static_cast<std::uint16_t>(big_endian(bytes, 33, 1) << 8U | big_endian(bytes, 3, 1));
  track.reserved = (big_endian(bytes, 6, 1) & 0x80U) != 0;
  track.blank = (big_endian(bytes, 6, 1) & 0x40U) != 0;
  track.start = big_endian(bytes, 8, 4);
  track.size = big_endian(bytes, 24, 4);
  const auto valid = big_endian(bytes, 7, 1);
  if ((valid & 1U) != 0) {
    track.next_writable = big_endian(bytes, 12, 4);
    track.free = big_endian(bytes, 16, 4);
  }
  if ((valid & 2U) != 0) track.last_recorded = big_endian(bytes, 28, 4);
  return track;
}

FormatCapacity Initiator::format_capacity() {
  std::array<std::byte, 12> bytes{};
  auto cdb = cdb_of<10>(0x23);
  put(cdb, 7, bytes.size(), 2);
  send(cdb, {}, bytes);
  return {.blocks = big_endian(bytes, 4, 4), .formatted = (big_endian(bytes, 8, 1) & 3U) == 2};
}

bool Initiator::write_protected() {
  std::array<std::byte, 8> bytes{};
  auto cdb = cdb_of<12>(0xAD);
  cdb[7] = 0xC0;
  put(cdb, 8, bytes.size(), 2);
  send(cdb, {}, bytes);
  return (big_endian(bytes, 4, 1) & 0x0FU) != 0;
}

std::vector<std::uint32_t> Initiator::write_speeds() {
  constexpr std::uint32_t kMost = 32;
  std::vector<std::byte> bytes(8 + 16 * kMost);
  auto cdb = cdb_of<12>(0xAC);
  put(cdb, 8, kMost, 2);
  cdb[10] = 3;
  bytes.resize(send(cdb, {}, bytes));
  std::vector<std::uint32_t> speeds;
  for (std::size_t at = 8; at + 16 <= bytes.size(); at += 16) speeds.push_back(big_endian(bytes, at + 12, 4));
  return speeds;
}

void Initiator::set_speed(std::uint32_t speed, std::uint32_t last_block) {
  constexpr std::uint32_t kSecond = 1000;
  Reply list;
  list.u32(0).u32(0).u32(last_block).u32(speed).u32(kSecond).u32(speed).u32(kSecond);
  auto cdb = cdb_of<12>(0xB6);
  put(cdb, 9, static_cast<std::uint32_t>(list.size()), 2);
  send(cdb, list.data());
}

void Initiator::set_write_parameters(const WriteParameters& parameters) {
  constexpr std::uint32_t kBufferUnderrunFree = 0x40, kTest = 0x10, kNextSession = 0xC0, kDataTrack = 4, kMode1 = 8;
  Reply list;
  list.zeros(8).u8(0x05).u8(0x32);
  list.u8(kBufferUnderrunFree | (parameters.test ? kTest : 0U) | parameters.write_type);
  list.u8((parameters.multisession ? kNextSession : 0U) | kDataTrack).u8(kMode1).u8(0x10).zeros(4).u32(0).u16(150);
  list.zeros(8 + 52 - list.size());
  auto cdb = cdb_of<10>(0x55);
  cdb[1] = 0x10;
  put(cdb, 7, static_cast<std::uint32_t>(list.size()), 2);
  send(cdb, list.data());
}

void Initiator::calibrate() {
  auto cdb = cdb_of<10>(0x54);
  cdb[1] = 1;
  send(cdb);
}

void Initiator::prevent_removal(bool prevent) {
  auto cdb = cdb_of<6>(0x1E);
  cdb[4] = prevent ? 1 : 0;
  send(cdb);
}

void Initiator::tray(bool open) {
  auto cdb = cdb_of<6>(0x1B);
  cdb[4] = open ? 2 : 3;
  send(cdb);
}

void Initiator::read(Lba at, std::span<std::byte> out) {
  auto cdb = cdb_of<10>(0x28);
  put(cdb, 2, at.value, 4);
  put(cdb, 7, static_cast<std::uint32_t>(out.size() / kBlockSize), 2);
  if (send(cdb, {}, out, at) < out.size()) fail({.sense = sense::kReadError}, cdb[0], at);
}

void Initiator::write(Lba at, std::span<const std::byte> bytes) {
  auto cdb = cdb_of<10>(0x2A);
  put(cdb, 2, at.value, 4);
  put(cdb, 7, static_cast<std::uint32_t>(bytes.size() / kBlockSize), 2);
  send(cdb, bytes, {}, at);
}

void Initiator::synchronize() {
  auto cdb = cdb_of<10>(0x35);
  cdb[1] = 2;
  send(cdb);
  wait_for_end();
}

// MMC-5 6.18: bytes 4 to 7 are the size, 8 to 11 how much of it is free. The command is not one that every drive must have.
std::optional<BufferFill> Initiator::buffer() {
  std::array<std::byte, 12> bytes{};
  auto cdb = cdb_of<10>(0x5C);
  put(cdb, 7, bytes.size(), 2);
  try {
    send(cdb, {}, bytes);
  } catch (const Error& e) {
    if (e.code() == Errc::unsupported) return std::nullopt;
    throw;
  }
  const auto size = big_endian(bytes, 4, 4), free = big_endian(bytes, 8, 4);
  return BufferFill{.size = size, .used = size - std::min(size, free)};
}

void Initiator::close(std::uint8_t function, std::uint16_t track) {
  auto cdb = cdb_of<10>(0x5B);
  cdb[1] = 1;
  cdb[2] = function;
  put(cdb, 4, track, 2);
  send(cdb);
  wait_for_end();
}

void Initiator::blank(bool quick, const Progress& progress) {
  auto cdb = cdb_of<12>(0xA1);
  cdb[1] = quick ? 0x11 : 0x10;
  send(cdb);
  wait_for_end(progress);
}

void Initiator::format(std::uint8_t type, std::uint32_t blocks, std::uint32_t parameter, const Progress& progress) {
  constexpr std::uint32_t kImmediately = 0x02;
  Reply list;
  list.u8(0).u8(kImmediately).u16(8).u32(blocks).u8(std::uint32_t{type} << 2U).u24(parameter);
  auto cdb = cdb_of<6>(0x04);
  cdb[1] = 0x11;
  send(cdb, list.data());
  wait_for_end(progress);
}

}  // namespace fsimage::mock
