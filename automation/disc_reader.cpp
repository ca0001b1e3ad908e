#include "disc_reader.hpp"

#include "com/drive_access.hpp"
#include "com/guard.hpp"
#include "com/image_streams.hpp"
#include "com/variant.hpp"
#include "drives.hpp"
#include "numbers.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

namespace fsimage::com::automation {
namespace {

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
  const auto disc = disc_facts(recorder);
  if (!disc) return;
  media.state = disc->status == DiscFacts::Status::empty        ? MediaState::blank
                : disc->status == DiscFacts::Status::incomplete ? MediaState::appendable
                                                                : MediaState::closed;
  if (media.media_class == MediaClass::overwritable && media.state != MediaState::blank)
    media.state = MediaState::appendable;
  for (ULONG number = 1; number <= disc->last_track && media.media_class != MediaClass::overwritable; ++number) {
    const auto track = track_facts(recorder, number);
    if (!track) return;
    const std::uint64_t end = std::uint64_t{track->first.value} + track->size.value;
    if (track->next_writable || end <= media.used.value || end > 0x7FFFFFFF) continue;
    media.used = BlockCount{static_cast<std::uint32_t>(end)};
    media.sessions.push_back({track->first, Lba{media.used.value - 1}});
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
  if (const auto open = track_facts(*raw, kInvisibleTrack)) {
    media.next_writable = open->next_writable;
    media.free = open->free;
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
  const bool bound = !drive_behind(recorder) && is_bound_to_thread(recorder);
  return disc_source([raw = std::move(raw)](Lba at, std::span<std::byte> out) { read_blocks(*raw, at, out); }, end,
                     bound);
}

}  // namespace fsimage::com::automation
