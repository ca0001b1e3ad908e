// A recorder and a disc that exist only in software: a strict MMC drive over a medium kept in a file. Everything that a
// recorder does can be tried on it, and everything that goes wrong with real ones.
// One thread at a time uses a recorder; what it reads back may be read from any.
#pragma once

#include <fsimage/burn/recorder.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct MockOptions {
  std::string path;     // of the file that is the disc
  std::string media{};  // of mock_media_names(): what is made when there is no file; empty: then there must be one
  std::optional<std::uint32_t> capacity{};  // of a new one, in blocks: less than a usual disc has
  std::optional<std::uint32_t> serial{};    // of a new one; else it follows from the name of the file
  // What goes wrong, see below; empty: nothing.
  std::string faults{};
  unsigned polls = 3;  // how many times a long operation has to be asked for before it has ended
  std::chrono::milliseconds progress_interval = kProgressInterval;
};

// "mock:PATH?media=cd-r&capacity=4000&serial=7&polls=1&fault=write@100x2,close:power"; with or without "mock:", and `media`
// and the rest only when they are needed. Throws invalid_argument for what it does not know.
//
// A fault is WHAT[@LBA|#SKIP][xCOUNT][:EFFECT]. WHAT: write read tur opc close sync format blank load any. @LBA: when that
// block is written or read; the blocks before it are. #SKIP: after so many such commands. COUNT: how many times, * for
// ever; else once. EFFECT: a sense such as 3/0C/00; `eject`, the medium is taken out; `power`, the drive is gone from then
// on, and the medium stays as it is; `wrong`, of read@LBA alone: it is read, with a wrong bit; else what such a command
// says when it fails.
MockOptions parse_mock_name(std::string_view name);

// cd-r cd-rw dvd-r dvd-rw dvd-rw-overwrite dvd+r dvd+r-dl dvd+rw dvd-ram bd-r bd-re
std::vector<std::string> mock_media_names();

class MockRecorder final : public Recorder {
 public:
  // Puts the disc into the drive, and has it until the recorder and all that was read back are gone: Errc::busy for
  // anybody else. A disc that may not be written is write-protected. Throws corrupt_structure for a file that is no disc.
  explicit MockRecorder(MockOptions options);
  explicit MockRecorder(std::string_view name) : MockRecorder(parse_mock_name(name)) {}
  ~MockRecorder() override;

  RecorderInfo info() const override;
  Media media() override;
  // A failure, or a stop past the point of no return, leaves a session of sequential media open: media() says damaged,
  // earlier sessions are as they were, and close() ends it. What an image replaces is written last, after a sync.
  // BurnOptions::sync is the host's affair here: a killed process loses nothing, a host without power may.
  void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, std::stop_token) override;
  // Blocks that are not recorded, gaps among them, throw read_failed that names the block; on overwritable media they are
  // zeros. Null without a disc, and for a blank one.
  std::unique_ptr<ByteSource> read_back() override;
  // `quick` makes overwritable media look blank; throws unsupported for write-once media. Cannot be stopped.
  void erase(EraseKind, const ProgressFn&, std::stop_token) override;
  void tray(Tray) override;
  void close(Close, const ProgressFn&, std::stop_token) override;

  // What no initiator should do and this one did: empty, or there is a bug.
  std::vector<std::string> violations() const;
  std::uint64_t commands() const;  // how many the drive got

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fsimage
