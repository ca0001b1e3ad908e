// A simulated drive: an interpreter of MMC commands over a Medium. A command descriptor block and data go in, data or sense
// come out. Its time is its own: commands take what they would take, nobody waits, and the same commands give the same
// answers. One thread at a time. Private to the backend.
//
// It is strict: whatever an initiator must not do gets the sense that a drive gives, and is a violation besides.
#pragma once

#include "faults.hpp"
#include "medium.hpp"
#include "reply.hpp"
#include "sense.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fsimage::mock {

using Cdb = std::span<const std::uint8_t>;

struct Result {
  Sense sense{};
  std::size_t received = 0;  // bytes put into `in`
  bool gone = false;         // there is no drive any more: the transport fails
  bool good() const { return !gone && sense.good(); }
};

struct DriveOptions {
  unsigned polls = 3;  // how many times somebody has to ask before a long operation has ended
  std::vector<Fault> faults{};
};

class Drive {
 public:
  Drive(std::unique_ptr<Medium> medium, DriveOptions options);

  // `out` is what goes to the drive, `in` what comes back. A CDB that is too short is an invalid field.
  Result exec(Cdb cdb, std::span<const std::byte> out, std::span<std::byte> in);

  const Medium& medium() const { return *medium_; }
  const std::vector<std::string>& violations() const { return violations_; }  // "WRITE (10): off the next ..."
  std::uint64_t commands() const { return commands_; }
  std::chrono::microseconds time() const { return time_; }  // since it was switched on

 private:
  struct Command {
    Cdb cdb;
    std::span<const std::byte> out;
    Reply reply;
    const char* name = "";
    std::uint8_t u8(std::size_t at) const { return cdb[at]; }
    std::uint32_t number(std::size_t at, std::size_t bytes) const;
  };
  using Handler = Sense (Drive::*)(Command&);
  static constexpr std::uint32_t kBufferSize = 2U << 20;
  struct Row {
    std::uint8_t opcode;
    const char* name;
    std::uint8_t length;
    std::uint8_t allocation_at, allocation_width;  // where the CDB has the most that may be answered; 0: nowhere
    bool always;                                   // also while an attention is pending or a long operation runs
    bool needs_medium;
    std::optional<Fault::What> fault;
    Handler handler;
  };
  struct Operation {
    Sense sense;
    unsigned left, all;
    std::function<void()> finish;
  };
  // What of a write or read is to be done before a fault strikes.
  struct Stroke {
    std::uint32_t blocks;
    const Fault* fault;
  };

  static std::span<const Row> rows();
  static const Row* row_of(std::uint8_t opcode);
  Result answer(const Row&, Command&, std::span<std::byte> in);
  Sense ready(const Row&);
  Sense poll();  // the running operation is asked for
  Sense begin(Sense while_running, bool immediately, std::function<void()> finish);
  Sense violation(const Command&, const Sense&, const std::string& what);
  Sense strike(const Fault&);
  const Fault* fault_in(Fault::What what);
  Stroke stroke_in(Fault::What what, std::uint32_t first, std::uint32_t blocks);
  void take_out();

  bool loaded() const { return !tray_open_ && !removed_; }
  const MediumState& disc() const { return medium_->state(); }
  void change(const std::function<void(MediumState&)>&);
  void end_recording();                  // what the buffer holds is on the medium, in whole units
  void pass(std::chrono::microseconds);  // meanwhile the buffer goes to the medium
  std::chrono::microseconds to_record(std::uint64_t bytes) const;
  void take_into_buffer(std::uint64_t bytes);  // waits for room

  // drive.cpp
  Sense test_unit_ready(Command&);
  Sense request_sense(Command&);
  Sense start_stop(Command&);
  Sense prevent_allow(Command&);
  // drive_inform.cpp
  Sense inquiry(Command&);
  Sense get_configuration(Command&);
  Sense get_event(Command&);
  Sense mode_sense(Command&);
  Sense mode_select(Command&);
  Sense get_performance(Command&);
  Sense set_cd_speed(Command&);
  Sense set_streaming(Command&);
  Sense read_buffer_capacity(Command&);
  void put_mode_page_2a(Reply&) const;
  // drive_disc.cpp
  Sense read_capacity(Command&);
  Sense read_format_capacities(Command&);
  Sense read_toc(Command&);
  Sense read_disc_information(Command&);
  Sense read_track_information(Command&);
  Sense read_disc_structure(Command&);
  void put_toc_tracks(Reply&, std::uint8_t first, bool msf) const;
  void put_full_toc(Reply&) const;
  void put_atip(Reply&) const;
  std::optional<std::size_t> track_asked_for(const Command&) const;
  bool counts_in_toc(const Track&) const;
  // drive_record.cpp
  Sense read(Command&);
  Sense write(Command&);
  Sense synchronize(Command&);
  Sense reserve_track(Command&);
  Sense send_cue_sheet(Command&);
  Sense send_opc(Command&);
  // drive_close.cpp
  Sense close(Command&);
  Sense close_track(Command&);
  Sense close_session(Command&);
  Sense blank(Command&);
  Sense format(Command&);

  Sense may_write(const Command&, std::int64_t at, std::uint32_t blocks);
  Sense may_write_sequentially(const Command&, std::int64_t at, std::uint32_t blocks);
  Sense may_write_at_once(const Command&, std::int64_t at, std::uint32_t blocks);
  Sense may_overwrite(const Command&, std::int64_t at, std::uint32_t blocks);
  Sense put_blocks(const Command&, std::uint32_t at, std::uint32_t blocks);
  Sense put_at_once(const Command&, std::int64_t at, std::uint32_t blocks);
  Sense unreadable(std::uint32_t at, std::uint32_t blocks) const;
  Sense erase_in(const Sense& while_running, bool immediately, bool all, const MediumKind& to, bool formatted);

  // The write parameters page, MMC-5 7.5.
  std::uint8_t write_type() const { return write_page_[2] & 0x0FU; }
  bool test_write() const { return (write_page_[2] & 0x10U) != 0; }
  bool next_session_allowed() const { return (write_page_[3] & 0xC0U) == 0xC0U; }
  bool uses_write_page() const { return disc().kind->is_cd() || disc().kind->recording == Recording::dvd_minus; }

  std::unique_ptr<Medium> medium_;
  DriveOptions options_;
  std::vector<std::string> violations_;
  std::uint64_t commands_ = 0;

  bool gone_ = false, tray_open_ = false, removed_ = false, locked_ = false;
  unsigned spinning_up_ = 0;  // polls until the medium is ready
  std::optional<Sense> attention_;
  std::optional<Operation> operation_;
  std::uint8_t event_ = 0;  // for GET EVENT STATUS NOTIFICATION

  std::array<std::uint8_t, 52> write_page_{};
  bool write_page_set_ = false;                  // since the medium came in
  std::optional<std::uint32_t> simulated_next_;  // test write: where the next block would go
  struct CueSheet {
    std::uint32_t start, end;
    std::int64_t next;
  };
  std::optional<CueSheet> cue_;
  std::uint32_t speed_ = 0;  // 1000 bytes a second
  std::chrono::microseconds time_{};
  std::uint64_t buffered_ = 0;  // bytes on their way to the medium
};

}  // namespace fsimage::mock
