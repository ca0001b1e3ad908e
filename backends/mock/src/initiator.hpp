// The other side of a drive: sends commands, waits for it, turns sense into errors. It knows MMC and nothing of how the
// drive is reached. Thread-safe. Private to the backend.
#pragma once

#include "drive.hpp"

#include <fsimage/burn/progress.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fsimage::mock {

// Carries one command to the drive and back.
using Transport = std::function<Result(Cdb, std::span<const std::byte> out, std::span<std::byte> in)>;

struct TrackInformation {
  std::uint32_t start = 0, size = 0;
  std::uint16_t number = 0, session = 0;
  bool reserved = false, blank = false;
  std::optional<std::uint32_t> next_writable, last_recorded;
  std::uint32_t free = 0;
};

struct DiscInformation {
  enum class Status : std::uint8_t { empty, incomplete, complete, other };
  enum class LastSession : std::uint8_t { empty, incomplete, damaged, complete };
  Status status{};
  LastSession last_session{};
  bool erasable = false;
  std::uint16_t tracks = 0;
  std::optional<std::uint32_t> id;
  std::uint8_t background_format = 0;
};

struct FormatCapacity {
  std::uint32_t blocks = 0;
  bool formatted = false;
};

// MMC-5 7.5: how CD and DVD-R are to be written.
struct WriteParameters {
  std::uint8_t write_type = 0;  // 0 incremental, 1 track-at-once, 2 at once
  bool multisession = true;
  bool test = false;
};

class Initiator {
 public:
  // `disc` names it in errors.
  Initiator(Transport transport, std::string disc) : transport_(std::move(transport)), disc_(std::move(disc)) {}

  // From here on a change of the medium is an error, no longer news.
  void expect_same_medium(bool same) { same_medium_ = same; }
  // Told of the progress, 0 to 65535, of the long operation that a command waits for.
  using Progress = std::function<void(std::uint16_t)>;

  void wait_until_ready();
  std::vector<std::byte> inquiry();
  std::uint16_t profile();
  DiscInformation disc_information();
  TrackInformation track_information(std::uint16_t number);
  FormatCapacity format_capacity();
  bool write_protected();
  std::vector<std::uint32_t> write_speeds();  // in 1000 bytes a second
  void set_speed(std::uint32_t speed, std::uint32_t last_block);
  void set_write_parameters(const WriteParameters&);
  void calibrate();
  void prevent_removal(bool prevent);
  void tray(bool open);
  void read(Lba at, std::span<std::byte> out);  // whole blocks
  void write(Lba at, std::span<const std::byte> bytes);
  void synchronize();
  std::optional<BufferFill> buffer();  // of the drive; nullopt when it does not know the command
  void close(std::uint8_t function, std::uint16_t track);
  void blank(bool quick, const Progress& progress);
  void format(std::uint8_t type, std::uint32_t blocks, std::uint32_t parameter, const Progress& progress);

 private:
  std::size_t send(Cdb cdb, std::span<const std::byte> out = {}, std::span<std::byte> in = {},
                   std::optional<Lba> at = {});
  void wait_for_end(const Progress& progress = {});
  [[noreturn]] void fail(const Result&, std::uint8_t opcode, std::optional<Lba> at) const;
  Transport transport_;
  std::string disc_;
  bool same_medium_ = false;
};

}  // namespace fsimage::mock
