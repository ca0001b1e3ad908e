#include "format_objects.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace fsimage::com::automation {

void FormatState::set_recorder(IDiscRecorder2* recorder) {
  require_idle();
  auto drive = recorder != nullptr ? drive_behind(*recorder) : nullptr;
  if (recorder != nullptr && !drive)
    throw Failure(numbers_.recorder_not_supported, "a recorder that is not one of this server's");
  recorder_ = Ptr<IDiscRecorder2>(recorder);
  drive_ = std::move(drive);
}

Drive& FormatState::drive() const {
  if (!drive_) throw Failure(kRecorderRequired, "Recorder has to be set first");
  return *drive_;
}

Media FormatState::media() const {
  auto media = drive().media();
  if (media.state == MediaState::absent) throw Failure(kNoMedia, "there is no disc in the drive");
  return media;
}

void FormatState::set_client_name(BSTR name) {
  require_idle();
  auto text = utf8_of(name);
  if (text.empty()) throw Failure(numbers_.bad_client_name, "a client has a name");
  client_name_ = std::move(text);
}

void FormatState::require_idle() const {
  if (busy_) throw Failure(numbers_.in_progress, "the object is writing");
}

bool FormatState::cancel() const {
  const std::lock_guard lock(mutex_);
  if (!busy_) return false;
  std::stop_source source = stop_;
  source.request_stop();
  return true;
}

FormatState::Busy::Busy(FormatState& state, Drive& drive) : state_(state), drive_(drive) {
  drive.lock(client_behind(*state.recorder_), state.client_name_);
  const std::lock_guard lock(state.mutex_);
  state.stop_ = {};
  state.busy_ = true;
}

FormatState::Busy::~Busy() {
  {
    const std::lock_guard lock(state_.mutex_);
    state_.busy_ = false;
  }
  drive_.unlock(client_behind(*state_.recorder_));
}

bool heuristically_blank(Drive& drive, const Media& media) {
  if (media.state == MediaState::blank) return true;
  if (media.media_class != MediaClass::overwritable) return false;
  const auto content = drive.content();
  if (!content) return true;
  constexpr std::uint64_t kEnds = 2U << 20;
  const auto zeros = [&](std::uint64_t from, std::uint64_t to) {
    std::array<std::byte, 65536> piece;
    while (from < to) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), to - from));
      content->read_at(from, std::span(piece).first(n));
      if (std::any_of(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n),
                      [](std::byte b) { return b != std::byte{0}; }))
        return false;
      from += n;
    }
    return true;
  };
  const auto size = content->size();
  return zeros(0, std::min(kEnds, size)) && zeros(size - std::min(kEnds, size), size);
}

}  // namespace fsimage::com::automation
