// A recorder with a disc in memory, which does what it is told, right or wrong: for what asks recorders, where the drive of
// backends/mock would be too true.
#pragma once

#include "support/trial_image.hpp"

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/burn/recorder.hpp>
#include <fsimage/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {

class FakeRecorder final : public Recorder {
 public:
  FakeRecorder(Media media, Bytes content) : now(std::move(media)), disc(std::move(content)) {}

  // What is in it, and what it will do.
  Media now;
  Bytes disc;
  std::optional<std::uint32_t> fail_at;          // writing fails at that block
  std::error_code failure = Errc::write_failed;  // so
  MediaState state_after_failure = MediaState::damaged;
  std::optional<std::uint32_t> flip_at;  // one bit of that block goes wrong
  bool forget_session = false;           // says that it wrote, and tells of no session
  bool keep_open = false;                // does not close the disc
  bool unreadable = false;
  bool tray_stuck = false;
  std::function<void()> before_writing;
  std::vector<std::string> calls;

  RecorderInfo info() const override {
    return {.backend = "fake", .name = "fake:disc", .vendor = "V", .product = "P", .revision = "1"};
  }
  Media media() override { return now; }

  void burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
            std::stop_token stop) override {
    calls.emplace_back("burn");
    ProgressMeter meter(progress, std::move(stop), image.total_blocks(), std::chrono::milliseconds(0));
    meter.begin(Phase::preparing);
    if (before_writing) before_writing();
    meter.begin(Phase::writing);
    if (!options.simulate) meter.cross_point_of_no_return();
    try {
      if (!options.simulate) write(image, meter);
    } catch (const Error&) {
      now.state = state_after_failure;
      throw;
    }
    meter.end(Phase::writing);
    meter.begin(Phase::closing, false);
    if (!options.simulate) finish(image, options.close_disc && !keep_open);
    meter.end(Phase::done);
  }

  std::unique_ptr<ByteSource> read_back() override {
    if (unreadable || disc.empty()) return nullptr;
    return std::make_unique<MemorySource>(disc);
  }
  void erase(EraseKind, const ProgressFn&, std::stop_token) override {}
  void tray(Tray) override {
    calls.emplace_back("tray");
    if (tray_stuck) throw Error(Errc::busy, {}, "the tray is stuck");
  }

 private:
  void write_block(Lba at, std::span<const std::byte> block) {
    if (fail_at == at.value) throw Error(failure, {.path = {}, .lba = at, .clause = {}}, "the laser went out");
    disc.resize(std::max(disc.size(), static_cast<std::size_t>(at.byte_offset()) + kBlockSize));
    const auto to = disc.begin() + static_cast<std::ptrdiff_t>(at.byte_offset());
    std::copy(block.begin(), block.end(), to);
    if (flip_at == at.value) to[7] ^= std::byte{1};
  }

  void write(const ResultImage& image, ProgressMeter& meter) {
    std::array<std::byte, kBlockSize> block{};
    for (std::uint32_t i = 0; i < image.total_blocks().value; ++i) {
      image.read_at(Lba{i}.byte_offset(), block);
      write_block(image.first_block() + BlockCount{i}, block);
      meter.advance_to({i + 1});
    }
    for (const auto& e : image.replaced())
      for (std::uint64_t offset = 0; offset < e.bytes->size(); offset += kBlockSize) {
        e.bytes->read_at(offset, block);
        write_block(e.start + BlockCount{static_cast<std::uint32_t>(offset / kBlockSize)}, block);
      }
  }

  void finish(const ResultImage& image, bool disc_too) {
    const auto end = image.first_block() + image.total_blocks();
    now.used = std::max(now.used, end - Lba{});
    now.state = disc_too ? MediaState::closed : MediaState::appendable;
    if (now.media_class != MediaClass::sequential) return;
    if (!forget_session) now.sessions.push_back({image.first_block(), Lba{end.value - 1}});
    now.next_writable = disc_too ? std::nullopt : std::optional(end + BlockCount{6900});
  }
};

}  // namespace fsimage::test
