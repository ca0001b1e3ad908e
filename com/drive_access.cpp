#include "com/drive_access.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace fsimage::com {
namespace {

constexpr ULONG kTimeoutSeconds = 30;

// CoTaskMem that a recorder gave.
struct TaskBytes {
  BYTE* data = nullptr;
  ULONG size = 0;
  TaskBytes() = default;
  TaskBytes(const TaskBytes&) = delete;
  TaskBytes& operator=(const TaskBytes&) = delete;
  ~TaskBytes() { CoTaskMemFree(data); }

  unsigned byte(std::size_t at) const { return at < size ? data[at] : 0U; }
  std::uint32_t big32(std::size_t at) const {
    return byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
  }
};

class DiscSource final : public ByteSource {
 public:
  DiscSource(ReadBlocks read, BlockCount end, bool bound) : read_(std::move(read)), end_(end), bound_(bound) {}

  std::uint64_t size() const override { return end_.bytes(); }
  bool is_bound_to_thread() const override { return bound_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    std::vector<std::byte> blocks;
    while (!out.empty()) {
      const auto within = static_cast<std::size_t>(offset % kBlockSize);
      const auto wanted = (within + out.size() + kBlockSize - 1) / kBlockSize;
      blocks.resize(std::min<std::size_t>(wanted, kBlocksPerRead) * kBlockSize);
      {
        const std::lock_guard lock(mutex_);
        read_(Lba{static_cast<std::uint32_t>(offset / kBlockSize)}, blocks);
      }
      const auto n = std::min(out.size(), blocks.size() - within);
      std::copy_n(blocks.begin() + static_cast<std::ptrdiff_t>(within), n, out.begin());
      out = out.subspan(n);
      offset += n;
    }
  }

 private:
  ReadBlocks read_;
  BlockCount end_;
  bool bound_;
  mutable std::mutex mutex_;
};

}  // namespace

void read_blocks(IDiscRecorder2Ex& drive, Lba first, std::span<std::byte> out) {
  const auto count = blocks_for(out.size()).value;
  std::array<BYTE, 10> command{0x28};
  for (unsigned i = 0; i < 4; ++i) command[2 + i] = static_cast<BYTE>(first.value >> (24 - 8 * i));
  command[7] = static_cast<BYTE>(count >> 8);
  command[8] = static_cast<BYTE>(count);
  BYTE sense[18] = {};
  ULONG got = 0;
  const HRESULT answer =
      drive.SendCommandGetDataFromDevice(command.data(), static_cast<ULONG>(command.size()), sense, kTimeoutSeconds,
                                         reinterpret_cast<BYTE*>(out.data()), static_cast<ULONG>(out.size()), &got);
  if (SUCCEEDED(answer) && got == out.size()) return;
  constexpr BYTE kNotReady = 2, kNotPresent = 0x3A;  // MEDIUM NOT PRESENT
  if ((sense[2] & 0x0F) == kNotReady && sense[12] == kNotPresent)
    throw Error(Errc::no_media, {}, "there is no disc in the drive");
  throw Error(Errc::read_failed, {.path = {}, .lba = first, .clause = {}}, "the disc cannot be read");
}

std::unique_ptr<ByteSource> disc_source(ReadBlocks read, BlockCount end, bool bound) {
  return std::make_unique<DiscSource>(std::move(read), end, bound);
}

std::optional<DiscFacts> disc_facts(IDiscRecorder2Ex& drive) {
  constexpr unsigned kHasId = 0x80;
  TaskBytes info;
  if (FAILED(drive.GetDiscInformation(&info.data, &info.size)) || info.size < 7) return std::nullopt;
  DiscFacts facts;
  facts.status = static_cast<DiscFacts::Status>(info.byte(2) & 3U);
  facts.last_track = info.byte(11) << 8 | info.byte(6);
  if ((info.byte(7) & kHasId) != 0) facts.id = info.big32(12);
  return facts;
}

std::optional<TrackFacts> track_facts(IDiscRecorder2Ex& drive, ULONG track) {
  constexpr unsigned kBlank = 0x40, kHasNext = 1, kHasLast = 2;
  TaskBytes info;
  if (FAILED(drive.GetTrackInformation(track, IMAPI_READ_TRACK_ADDRESS_TYPE_TRACK, &info.data, &info.size)) ||
      info.size < 28)
    return std::nullopt;
  TrackFacts facts;
  facts.session = info.byte(33) << 8 | info.byte(3);
  facts.first = Lba{info.big32(8)};
  facts.free = BlockCount{info.big32(16)};
  facts.size = BlockCount{info.big32(24)};
  facts.blank = (info.byte(6) & kBlank) != 0;
  if ((info.byte(7) & kHasNext) != 0) facts.next_writable = Lba{info.big32(12)};
  if ((info.byte(7) & kHasLast) != 0 && info.size >= 32) facts.last_recorded = Lba{info.big32(28)};
  return facts;
}

}  // namespace fsimage::com
