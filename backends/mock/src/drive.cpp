#include "drive.hpp"

#include <algorithm>
#include <utility>

namespace fsimage::mock {
namespace {

constexpr std::size_t kShortCdb = 6;
constexpr std::chrono::microseconds kCommandTime{100}, kPollTime{500'000};
constexpr std::uint64_t kBusSpeed = 150;  // bytes a microsecond: the slowest SATA

}  // namespace

std::uint32_t Drive::Command::number(std::size_t at, std::size_t bytes) const {
  return big_endian(std::as_bytes(cdb), at, bytes);
}

std::span<const Drive::Row> Drive::rows() {
  using What = Fault::What;
  static constexpr Row kRows[] = {
      {0x00, "TEST UNIT READY", 6, 0, 0, false, true, What::tur, &Drive::test_unit_ready},
      {0x03, "REQUEST SENSE", 6, 4, 1, true, false, {}, &Drive::request_sense},
      {0x04, "FORMAT UNIT", 6, 0, 0, false, true, What::format, &Drive::format},
      {0x12, "INQUIRY", 6, 3, 2, true, false, {}, &Drive::inquiry},
      {0x1B, "START STOP UNIT", 6, 0, 0, false, false, What::load, &Drive::start_stop},
      {0x1E, "PREVENT ALLOW MEDIUM REMOVAL", 6, 0, 0, false, false, {}, &Drive::prevent_allow},
      {0x23, "READ FORMAT CAPACITIES", 10, 7, 2, false, false, {}, &Drive::read_format_capacities},
      {0x25, "READ CAPACITY", 10, 0, 0, false, true, {}, &Drive::read_capacity},
      {0x28, "READ (10)", 10, 0, 0, false, true, What::read, &Drive::read},
      {0x2A, "WRITE (10)", 10, 0, 0, false, true, What::write, &Drive::write},
      {0x35, "SYNCHRONIZE CACHE", 10, 0, 0, false, true, What::sync, &Drive::synchronize},
      {0x43, "READ TOC/PMA/ATIP", 10, 7, 2, false, true, {}, &Drive::read_toc},
      {0x46, "GET CONFIGURATION", 10, 7, 2, true, false, {}, &Drive::get_configuration},
      {0x4A, "GET EVENT STATUS NOTIFICATION", 10, 7, 2, true, false, {}, &Drive::get_event},
      {0x51, "READ DISC INFORMATION", 10, 7, 2, false, true, {}, &Drive::read_disc_information},
      {0x52, "READ TRACK INFORMATION", 10, 7, 2, false, true, {}, &Drive::read_track_information},
      {0x53, "RESERVE TRACK", 10, 0, 0, false, true, {}, &Drive::reserve_track},
      {0x54, "SEND OPC INFORMATION", 10, 0, 0, false, true, What::opc, &Drive::send_opc},
      {0x55, "MODE SELECT (10)", 10, 0, 0, false, false, {}, &Drive::mode_select},
      {0x5A, "MODE SENSE (10)", 10, 7, 2, false, false, {}, &Drive::mode_sense},
      {0x5B, "CLOSE TRACK SESSION", 10, 0, 0, false, true, What::close, &Drive::close},
      {0x5C, "READ BUFFER CAPACITY", 10, 7, 2, false, false, {}, &Drive::read_buffer_capacity},
      {0x5D, "SEND CUE SHEET", 10, 0, 0, false, true, {}, &Drive::send_cue_sheet},
      {0xA1, "BLANK", 12, 0, 0, false, true, What::blank, &Drive::blank},
      {0xA8, "READ (12)", 12, 0, 0, false, true, What::read, &Drive::read},
      {0xAA, "WRITE (12)", 12, 0, 0, false, true, What::write, &Drive::write},
      {0xAC, "GET PERFORMANCE", 12, 0, 0, false, false, {}, &Drive::get_performance},
      {0xAD, "READ DISC STRUCTURE", 12, 8, 2, false, true, {}, &Drive::read_disc_structure},
      {0xB6, "SET STREAMING", 12, 0, 0, false, false, {}, &Drive::set_streaming},
      {0xBB, "SET CD SPEED", 12, 0, 0, false, false, {}, &Drive::set_cd_speed},
  };
  return kRows;
}

const Drive::Row* Drive::row_of(std::uint8_t opcode) {
  const auto found = std::ranges::find(rows(), opcode, &Row::opcode);
  return found == rows().end() ? nullptr : &*found;
}

Drive::Drive(std::unique_ptr<Medium> medium, DriveOptions options)
    : medium_(std::move(medium)),
      options_(std::move(options)),
      spinning_up_(std::min(options_.polls, 1U)),
      attention_(sense::kPowerOn),
      event_(2),
      speed_(disc().kind->speeds[0]) {
  // The page as a drive has it when it is switched on: MMC-5 7.5.
  constexpr std::array<std::uint8_t, 9> kPageFront{0x05, 0x32, 0x00, 0x04, 0x08, 0x10, 0x00, 0x00, 0x00};
  std::ranges::copy(kPageFront, write_page_.begin());
}

Result Drive::exec(Cdb cdb, std::span<const std::byte> out, std::span<std::byte> in) {
  if (gone_) return {.gone = true};
  ++commands_;
  pass(kCommandTime);
  const Row* row = cdb.size() < kShortCdb ? nullptr : row_of(cdb[0]);
  if (row == nullptr) return {.sense = sense::kUnknownCommand};
  if (cdb.size() < row->length) return {.sense = sense::kInvalidField};
  Command command{.cdb = cdb, .out = out, .reply = {}, .name = row->name};
  return answer(*row, command, in);
}

Result Drive::answer(const Row& row, Command& command, std::span<std::byte> in) {
  Result result{.sense = ready(row)};
  if (result.sense.good() && !row.always)
    if (const auto* fault = fault_in(row.fault.value_or(Fault::What::any))) result.sense = strike(*fault);
  if (!gone_ && result.sense.good()) result.sense = (this->*row.handler)(command);
  if (gone_) return {.gone = true};
  auto most = std::min(in.size(), command.reply.size());
  if (row.allocation_width != 0)
    most = std::min<std::size_t>(most, command.number(row.allocation_at, row.allocation_width));
  std::copy_n(command.reply.data().begin(), most, in.begin());
  result.received = most;
  return result;
}

// Whether the command may be looked at at all: MMC-5 4.1.6, SPC-3 5.4.
Sense Drive::ready(const Row& row) {
  if (row.always) return sense::kGood;
  if (attention_) return *std::exchange(attention_, std::nullopt);
  if (operation_)
    if (const auto running = poll(); !running.good()) return running;
  if (!row.needs_medium) return sense::kGood;
  if (tray_open_) return sense::kTrayOpen;
  if (removed_) return sense::kNoMedium;
  if (spinning_up_ > 0) {
    --spinning_up_;
    pass(kPollTime);
    return sense::kBecomingReady;
  }
  return sense::kGood;
}

Sense Drive::poll() {
  pass(kPollTime);
  if (operation_->left == 0) {
    std::exchange(operation_, std::nullopt)->finish();
    return sense::kGood;
  }
  const auto done = operation_->all - operation_->left--;
  auto sense = operation_->sense;
  sense.progress = static_cast<std::uint16_t>(std::uint64_t{done} * 65'535 / operation_->all);
  return sense;
}

Sense Drive::begin(Sense while_running, bool immediately, std::function<void()> finish) {
  if (immediately && options_.polls > 0) {
    operation_ = Operation{while_running, options_.polls, options_.polls, std::move(finish)};
  } else {
    finish();
  }
  return sense::kGood;
}

Sense Drive::violation(const Command& command, const Sense& sense, const std::string& what) {
  violations_.push_back(std::string(command.name) + ": " + what);
  return sense;
}

const Fault* Drive::fault_in(Fault::What what) {
  for (auto& fault : options_.faults) {
    if ((fault.what != what && fault.what != Fault::What::any) || fault.block || fault.count == 0U) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.count) --*fault.count;
    return &fault;
  }
  return nullptr;
}

Drive::Stroke Drive::stroke_in(Fault::What what, std::uint32_t first, std::uint32_t blocks) {
  for (auto& fault : options_.faults) {
    if (fault.what != what || !fault.block || fault.count == 0U) continue;
    if (*fault.block < first || *fault.block - first >= blocks) continue;
    if (fault.count) --*fault.count;
    return {*fault.block - first, &fault};
  }
  return {blocks, nullptr};
}

Sense Drive::strike(const Fault& fault) {
  auto sense = fault.sense;
  switch (fault.effect) {
    case Fault::Effect::sense:
    case Fault::Effect::wrong: break;  // read() has its own way
    case Fault::Effect::eject:
      take_out();
      removed_ = true;
      sense = sense::kNoMedium;
      break;
    case Fault::Effect::power: gone_ = true; break;
  }
  if (fault.block && !sense.good()) sense.block = fault.block;
  return sense;
}

void Drive::take_out() {
  operation_.reset();
  buffered_ = 0;
  simulated_next_.reset();
  cue_.reset();
  locked_ = false;
  write_page_set_ = false;
  event_ = 3;  // media removal
}

void Drive::change(const std::function<void(MediumState&)>& how) {
  auto state = disc();
  how(state);
  medium_->set_state(std::move(state));
}

std::chrono::microseconds Drive::to_record(std::uint64_t bytes) const {
  constexpr std::uint64_t kMilli = 1000;
  return std::chrono::microseconds((bytes * kMilli + speed_ - 1) / speed_);
}

void Drive::pass(std::chrono::microseconds time) {
  time_ += time;
  const auto recorded = static_cast<std::uint64_t>(time.count()) * speed_ / 1000;
  buffered_ -= std::min(buffered_, recorded);
}

void Drive::take_into_buffer(std::uint64_t bytes) {
  pass(std::chrono::microseconds(bytes / kBusSpeed));
  if (buffered_ + bytes > kBufferSize) pass(to_record(buffered_ + bytes - kBufferSize));
  buffered_ = std::min<std::uint64_t>(buffered_ + bytes, kBufferSize);
}

void Drive::end_recording() {
  pass(to_record(buffered_));
  auto padded = disc();
  padded.pad_to_unit();
  if (padded != disc()) medium_->set_state(std::move(padded));
}

// Whoever asks has got past ready().
Sense Drive::test_unit_ready(Command&) { return sense::kGood; }

Sense Drive::request_sense(Command& command) {
  Sense now = sense::kGood;
  if (attention_) {
    now = *std::exchange(attention_, std::nullopt);
  } else if (operation_) {
    now = poll();
  }
  for (const auto byte : fixed_format(now)) command.reply.u8(std::to_integer<std::uint8_t>(byte));
  return sense::kGood;
}

// MMC-5 6.40: bit 1 of byte 4 is LoEj, bit 0 Start.
Sense Drive::start_stop(Command& command) {
  const bool load_or_eject = (command.u8(4) & 2U) != 0, start = (command.u8(4) & 1U) != 0;
  if (!load_or_eject) return sense::kGood;  // the spindle
  if (!start) {
    if (locked_) return sense::kRemovalPrevented;
    if (loaded()) {
      end_recording();
      if (disc().background) change([](MediumState& s) { s.background = false; });
    }
    take_out();
    tray_open_ = true;
    return sense::kGood;
  }
  if (loaded()) return sense::kGood;
  tray_open_ = removed_ = false;
  attention_ = sense::kMediumChanged;
  event_ = 2;  // new media
  spinning_up_ = options_.polls;
  return sense::kGood;
}

Sense Drive::prevent_allow(Command& command) {
  locked_ = (command.u8(4) & 1U) != 0;
  return sense::kGood;
}

}  // namespace fsimage::mock
