#include "assess.hpp"
#include "burner.hpp"
#include "drive.hpp"
#include "initiator.hpp"

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>

namespace fsimage {
namespace {

// The same for the same name on every machine: nothing here is left to chance.
std::uint32_t serial_for(const std::string& path) {
  Sha256 digest;
  digest.update(std::filesystem::path(path).filename().string());
  const auto found = digest.finish();
  std::uint32_t serial = 0;
  for (const auto byte : std::span(found).first(4)) serial = serial << 8U | std::to_integer<std::uint32_t>(byte);
  return serial;
}

std::unique_ptr<mock::Medium> open_medium(const MockOptions& options) {
  std::optional<mock::NewMedium> made;
  if (!options.media.empty()) {
    const auto* const kind = mock::find_kind(options.media);
    if (kind == nullptr)
      throw Error(Errc::invalid_argument, {.path = options.path, .lba = {}, .clause = {}},
                  "not a medium: " + options.media);
    made = {.kind = kind, .capacity = options.capacity, .serial = options.serial.value_or(serial_for(options.path))};
  }
  try {
    return std::make_unique<mock::Medium>(options.path, made);
  } catch (const Error& e) {
    if (made || e.code() != std::errc::no_such_file_or_directory) throw;
    throw Error(e.code(), e.where(), "there is no such disc; its name with ?media=TYPE makes one");
  }
}

}  // namespace

struct MockRecorder::State {
  explicit State(MockOptions o)
      : options(std::move(o)),
        drive(open_medium(options), {.polls = options.polls, .faults = mock::parse_faults(options.faults)}),
        initiator(
            [this](mock::Cdb cdb, std::span<const std::byte> out, std::span<std::byte> in) {
              const std::lock_guard lock(mutex);
              return drive.exec(cdb, out, in);
            },
            options.path) {}

  // The drive's time, for progress: a simulated disc is written as slowly as a real one, and nobody waits for it.
  ProgressMeter::ClockFn clock() {
    return [this] {
      const std::lock_guard lock(mutex);
      return ProgressMeter::Clock::time_point(drive.time());
    };
  }

  MockOptions options;
  mutable std::mutex mutex;
  mock::Drive drive;
  mock::Initiator initiator;
};

namespace {

// READ (10), in pieces of whole blocks. Keeps the drive.
template <class State>
class DiscSource final : public ByteSource {
 public:
  DiscSource(std::shared_ptr<State> state, BlockCount blocks) : state_(std::move(state)), blocks_(blocks) {}
  std::uint64_t size() const override { return blocks_.bytes(); }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    while (!out.empty()) {
      const Lba at{static_cast<std::uint32_t>(offset / kBlockSize)};
      const auto skipped = static_cast<std::size_t>(offset % kBlockSize);
      std::size_t done = 0;
      if (skipped == 0 && out.size() >= kBlockSize) {
        done = std::min(out.size() - out.size() % kBlockSize, kMost);
        state_->initiator.read(at, out.first(done));
      } else {
        std::array<std::byte, kBlockSize> block{};
        state_->initiator.read(at, block);
        done = std::min(out.size(), block.size() - skipped);
        std::memcpy(out.data(), block.data() + skipped, done);
      }
      offset += done;
      out = out.subspan(done);
    }
  }

 private:
  static constexpr std::size_t kMost = std::size_t{32} * kBlockSize;
  std::shared_ptr<State> state_;
  BlockCount blocks_;
};

}  // namespace

MockRecorder::MockRecorder(MockOptions options) : state_(std::make_shared<State>(std::move(options))) {}
MockRecorder::~MockRecorder() = default;

RecorderInfo MockRecorder::info() const {
  const auto bytes = state_->initiator.inquiry();
  const auto text = [&](std::size_t at, std::size_t length) {
    std::string found;
    for (auto i = at; i < std::min(at + length, bytes.size()); ++i) found += std::to_integer<char>(bytes[i]);
    found.erase(found.find_last_not_of(' ') + 1);
    return found;
  };
  return {.backend = "mock",
          .name = state_->options.path,
          .vendor = text(8, 8),
          .product = text(16, 16),
          .revision = text(32, 4)};
}

Media MockRecorder::media() { return mock::assess(state_->initiator); }

void MockRecorder::burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
                        std::stop_token stop) {
  ProgressMeter meter(progress, std::move(stop), image.total_blocks(), state_->options.progress_interval,
                      state_->clock());
  mock::Burner(state_->initiator, state_->options.path).burn(image, options, meter);
}

std::unique_ptr<ByteSource> MockRecorder::read_back() {
  const auto found = media();
  if (found.used == BlockCount{}) return nullptr;
  return std::make_unique<DiscSource<State>>(state_, found.used);
}

void MockRecorder::erase(EraseKind kind, const ProgressFn& progress, std::stop_token stop) {
  mock::Burner(state_->initiator, state_->options.path)
      .erase(kind, media(), progress, std::move(stop), state_->options.progress_interval, state_->clock());
}

void MockRecorder::tray(Tray wanted) { state_->initiator.tray(wanted == Tray::open); }

void MockRecorder::close(Close what, const ProgressFn& progress, std::stop_token stop) {
  ProgressMeter meter(progress, std::move(stop), BlockCount{}, state_->options.progress_interval, state_->clock());
  mock::Burner(state_->initiator, state_->options.path).close(what, meter);
}

std::vector<std::string> MockRecorder::violations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->drive.violations();
}

std::uint64_t MockRecorder::commands() const {
  const std::lock_guard lock(state_->mutex);
  return state_->drive.commands();
}

}  // namespace fsimage
