#include "disc_reader.hpp"

#include "com/guard.hpp"
#include "com/variant.hpp"
#include "numbers.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <vector>

namespace fsimage::com::automation {
namespace {

constexpr ULONG kTimeoutSeconds = 30;
constexpr std::uint32_t kBlocksPerRead = 32;  // what every adapter carries in one command

// CoTaskMem that a recorder gave.
struct TaskBytes {
  BYTE* data = nullptr;
  ULONG size = 0;
  TaskBytes() = default;
  TaskBytes(const TaskBytes&) = delete;
  TaskBytes& operator=(const TaskBytes&) = delete;
  ~TaskBytes() { CoTaskMemFree(data); }
  std::uint32_t big32(std::size_t at) const {
    return at + 4 > size ? 0
                         : (std::uint32_t{data[at]} << 24) | (std::uint32_t{data[at + 1]} << 16) |
                               (std::uint32_t{data[at + 2]} << 8) | data[at + 3];
  }
};

class DiscSource final : public ByteSource {
 public:
  DiscSource(Ptr<IDiscRecorder2Ex> recorder, BlockCount end) : recorder_(std::move(recorder)), end_(end) {}

  std::uint64_t size() const override { return end_.bytes(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    std::vector<std::byte> blocks;
    while (!out.empty()) {
      const auto first = static_cast<std::uint32_t>(offset / kBlockSize);
      const auto within = static_cast<std::size_t>(offset % kBlockSize);
      const auto wanted = (within + out.size() + kBlockSize - 1) / kBlockSize;
      const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, kBlocksPerRead));
      blocks.resize(std::size_t{count} * kBlockSize);
      read(Lba{first}, count, blocks);
      const auto n = std::min(out.size(), blocks.size() - within);
      std::copy_n(blocks.begin() + static_cast<std::ptrdiff_t>(within), n, out.begin());
      out = out.subspan(n);
      offset += n;
    }
  }

 private:
  void read(Lba at, std::uint32_t count, std::span<std::byte> out) const {
    std::array<BYTE, 10> command{0x28};  // READ(10), MMC-6 6.19
    for (unsigned i = 0; i < 4; ++i) command[2 + i] = static_cast<BYTE>(at.value >> (24 - 8 * i));
    command[7] = static_cast<BYTE>(count >> 8);
    command[8] = static_cast<BYTE>(count);
    BYTE sense[18] = {};
    ULONG got = 0;
    const std::lock_guard lock(mutex_);
    const HRESULT answer = recorder_->SendCommandGetDataFromDevice(
        command.data(), static_cast<ULONG>(command.size()), sense, kTimeoutSeconds, reinterpret_cast<BYTE*>(out.data()),
        static_cast<ULONG>(out.size()), &got);
    if (FAILED(answer) || got != out.size())
      throw Error(Errc::read_failed, {.path = {}, .lba = at, .clause = {}}, "the disc cannot be read");
  }

  Ptr<IDiscRecorder2Ex> recorder_;
  BlockCount end_;
  mutable std::mutex mutex_;
};

template <class Interface>
LONG number_of(Interface& of, HRESULT (STDMETHODCALLTYPE Interface::*get)(LONG*), const char* what) {
  LONG value = 0;
  const HRESULT answer = (of.*get)(&value);
  if (FAILED(answer)) throw Failure(kBadMultisession, std::string(what) + " cannot be had");
  return value;
}

// First current profile that is a medium's.
LONG profile_in(IDiscRecorder2& recorder) {
  SAFEARRAY* array = nullptr;
  check(recorder.get_CurrentProfiles(&array), "CurrentProfiles");
  const auto profiles = elements_of(array);
  SafeArrayDestroy(array);
  for (const auto& profile : profiles)
    if (profile.type() == VT_I4 && media_type_of_profile(profile.get().lVal) != MediaType::unknown)
      return profile.get().lVal;
  throw Failure(kNoMedia, "the recorder holds no disc of a known kind");
}

void add_disc_information(IDiscRecorder2Ex& recorder, Media& media) {
  TaskBytes info;  // READ DISC INFORMATION, MMC-6 6.21
  if (FAILED(recorder.GetDiscInformation(&info.data, &info.size)) || info.size < 7) return;
  const unsigned status = info.data[2] & 3U;
  media.state = status == 0 ? MediaState::blank : status == 1 ? MediaState::appendable : MediaState::closed;
  if (media.media_class == MediaClass::overwritable && media.state != MediaState::blank)
    media.state = MediaState::appendable;
  const unsigned last_track = info.data[6];
  for (ULONG number = 1; number <= last_track && media.media_class != MediaClass::overwritable; ++number) {
    TaskBytes track;  // READ TRACK INFORMATION, MMC-6 6.27
    if (FAILED(recorder.GetTrackInformation(number, IMAPI_READ_TRACK_ADDRESS_TYPE_TRACK, &track.data, &track.size)) ||
        track.size < 28)
      return;
    const Lba first{track.big32(8)};
    const std::uint64_t end = std::uint64_t{first.value} + track.big32(24);
    const bool open = (track.data[7] & 1U) != 0;  // it has a next writable address
    if (open || end <= media.used.value || end > 0x7FFFFFFF) continue;
    media.used = BlockCount{static_cast<std::uint32_t>(end)};
    media.sessions.push_back({first, Lba{media.used.value - 1}});
  }
}

void set_sequential(IMultisessionSequential& from, Media& media) {
  using S = IMultisessionSequential;
  VARIANT_BOOL first = VARIANT_FALSE;
  check(from.get_IsFirstDataSession(&first), "IsFirstDataSession");
  const LONG next = number_of(from, &S::get_NextWritableAddress, "NextWritableAddress");
  const LONG free = number_of(from, &S::get_FreeSectorsOnMedia, "FreeSectorsOnMedia");
  if (next < 0 || free < 0) throw Failure(kBadMultisession, "a multisession object counts below zero");
  media.media_class = MediaClass::sequential;
  media.next_writable = Lba{static_cast<std::uint32_t>(next)};
  media.free = BlockCount{static_cast<std::uint32_t>(free)};
  media.used = BlockCount{static_cast<std::uint32_t>(next)};
  if (is_true(first)) return media.sessions.clear();
  const LONG start = number_of(from, &S::get_StartAddressOfPreviousSession, "StartAddressOfPreviousSession");
  const LONG last = number_of(from, &S::get_LastWrittenAddressOfPreviousSession, "LastWrittenAddressOfPreviousSession");
  if (start < 0 || last < start || next <= last)
    throw Failure(kBadMultisession, "a multisession object tells of a session that cannot be");
  const MediaSession previous{Lba{static_cast<std::uint32_t>(start)}, Lba{static_cast<std::uint32_t>(last)}};
  if (media.sessions.empty() || media.sessions.back() != previous) media.sessions = {previous};
  media.used = BlockCount{static_cast<std::uint32_t>(last) + 1};
}

void set_random(IMultisessionRandomWrite& from, Media& media) {
  using R = IMultisessionRandomWrite;
  const LONG total = number_of(from, &R::get_TotalSectorsOnMedia, "TotalSectorsOnMedia");
  const LONG unit = number_of(from, &R::get_WriteUnitSize, "WriteUnitSize");
  if (total <= 0 || unit <= 0) throw Failure(kBadMultisession, "a multisession object counts nothing");
  media.media_class = MediaClass::overwritable;
  media.capacity = media.free = BlockCount{static_cast<std::uint32_t>(total)};
  media.used = {};
  media.next_writable = Lba{};
  media.write_unit = BlockCount{static_cast<std::uint32_t>(unit)};
}

}  // namespace

Media media_in(IDiscRecorder2& recorder) {
  Media media;
  const LONG profile = profile_in(recorder);
  media.type = media_type_of_profile(profile);
  media.media_class = media_class_of_profile(profile);
  media.state = media.media_class == MediaClass::read_only ? MediaState::closed : MediaState::appendable;
  const auto raw = Ptr<IDiscRecorder2>(&recorder).query<IDiscRecorder2Ex>();
  if (!raw) return media;
  add_disc_information(*raw, media);
  TaskBytes track;  // READ TRACK INFORMATION of the invisible track, MMC-6 6.27
  if (SUCCEEDED(raw->GetTrackInformation(0xFF, IMAPI_READ_TRACK_ADDRESS_TYPE_TRACK, &track.data, &track.size)) &&
      track.size >= 28) {
    media.next_writable = Lba{track.big32(12)};
    media.free = BlockCount{track.big32(16)};
  }
  return media;
}

Media media_of(IMultisession& multisession) {
  Ptr<IDiscRecorder2> recorder;
  if (FAILED(multisession.get_ImportRecorder(recorder.out())) || !recorder)
    throw Failure(kBadMultisession, "a multisession object without a recorder");
  Media media = media_in(*recorder);
  const Ptr<IMultisession> object(&multisession);
  if (const auto sequential = object.query<IMultisessionSequential>())
    set_sequential(*sequential, media);
  else if (const auto random = object.query<IMultisessionRandomWrite>())
    set_random(*random, media);
  else
    throw Failure(kIncompatibleMultisession, "a multisession object of an unknown kind");
  if (const auto units = object.query<IMultisessionSequential2>()) {
    const LONG unit = number_of(*units, &IMultisessionSequential2::get_WriteUnitSize, "WriteUnitSize");
    if (unit > 0) media.write_unit = BlockCount{static_cast<std::uint32_t>(unit)};
  }
  return media;
}

std::shared_ptr<const ByteSource> disc_in(IDiscRecorder2& recorder, BlockCount end) {
  auto raw = Ptr<IDiscRecorder2>(&recorder).query<IDiscRecorder2Ex>();
  if (!raw) throw Failure(E_NOINTERFACE, "the recorder cannot be read through: it has no IDiscRecorder2Ex");
  return std::make_shared<DiscSource>(std::move(raw), end);
}

}  // namespace fsimage::com::automation
