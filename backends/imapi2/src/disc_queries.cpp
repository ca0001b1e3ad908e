#include "disc_queries.hpp"

#include "answers.hpp"
#include "com/drive_access.hpp"

#include <fsimage/core/digest.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

namespace fsimage::imapi2 {
namespace {

using Data = IDiscFormat2Data;
constexpr LONG kUnlimited = 0x7FFFFFFF;  // what a LONG cannot hold

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

BlockCount blocks_of(LONG count) { return {static_cast<std::uint32_t>(std::max(count, LONG{0}))}; }

MediaType type_of(IMAPI_MEDIA_PHYSICAL_TYPE type) {
  const auto number = static_cast<unsigned>(type);
  return number <= IMAPI_MEDIA_TYPE_MAX ? static_cast<MediaType>(number) : MediaType::unknown;
}

MediaClass class_of(MediaType type, unsigned status) {
  if ((status & IMAPI_FORMAT2_DATA_MEDIA_STATE_OVERWRITE_ONLY) != 0) return MediaClass::overwritable;
  switch (type) {
    case MediaType::unknown:
    case MediaType::cd_rom:
    case MediaType::dvd_rom:
    case MediaType::hd_dvd_rom:
    case MediaType::bd_rom: return MediaClass::read_only;
    case MediaType::dvd_ram:
    case MediaType::dvd_plus_rw:
    case MediaType::dvd_plus_rw_dl:
    case MediaType::bd_re:
    case MediaType::disk:
    case MediaType::hd_dvd_ram: return MediaClass::overwritable;
    default: return MediaClass::sequential;
  }
}

MediaState state_of(unsigned status) {
  if ((status & IMAPI_FORMAT2_DATA_MEDIA_STATE_UNSUPPORTED_MEDIA) != 0) return MediaState::unsupported;
  if ((status & (IMAPI_FORMAT2_DATA_MEDIA_STATE_DAMAGED | IMAPI_FORMAT2_DATA_MEDIA_STATE_NON_EMPTY_SESSION)) != 0)
    return MediaState::damaged;
  if ((status & (IMAPI_FORMAT2_DATA_MEDIA_STATE_FINALIZED | IMAPI_FORMAT2_DATA_MEDIA_STATE_ERASE_REQUIRED)) != 0)
    return MediaState::closed;
  if ((status & IMAPI_FORMAT2_DATA_MEDIA_STATE_BLANK) != 0) return MediaState::blank;
  if ((status & (IMAPI_FORMAT2_DATA_MEDIA_STATE_APPENDABLE | IMAPI_FORMAT2_DATA_MEDIA_STATE_OVERWRITE_ONLY)) != 0)
    return MediaState::appendable;
  return MediaState::closed;
}

// Of Multisession2's objects, which Windows has since Vista SP2; else as the kinds of media have it.
BlockCount write_unit(Data& writer, MediaType type) {
  std::vector<com::Variant> objects;
  try {
    objects = array_of(writer, &Data::get_MultisessionInterfaces, "MultisessionInterfaces");
  } catch (const Error& e) {
    if (e.code() == Errc::no_media) throw;
  }
  for (const auto& element : objects) {
    LONG unit = 0;
    if (const auto s = element.object().query<IMultisessionSequential2>()) s->get_WriteUnitSize(&unit);
    if (const auto r = element.object().query<IMultisessionRandomWrite>()) r->get_WriteUnitSize(&unit);
    if (unit > 0) return blocks_of(unit);
  }
  if (type == MediaType::cd_r || type == MediaType::cd_rw || type == MediaType::cd_rom) return {1};
  return {type >= MediaType::bd_rom ? 32U : 16U};
}

// A track of a CD that was written at once ends with up to two blocks that nobody can read, MMC-5 4.2.3.9.
Lba last_readable(IDiscRecorder2Ex& drive, Lba first, Lba last) {
  constexpr int kRunOut = 2;
  std::array<std::byte, kBlockSize> block{};
  for (int tried = 0; tried < kRunOut && first < last; ++tried, --last.value) {
    try {
      com::read_blocks(drive, last, block);
      break;
    } catch (const Error& e) {
      if (e.code() != Errc::read_failed) throw;
    }
  }
  return last;
}

void add_sessions(IDiscRecorder2Ex& drive, unsigned tracks, Media& media) {
  constexpr std::uint64_t kMost = 0x7FFFFFFF;
  unsigned session = 0;
  for (ULONG number = 1; number <= tracks; ++number) {
    const auto track = com::track_facts(drive, number);
    if (!track || track->blank || track->size == BlockCount{} || track->next_writable == track->first) continue;
    if (std::uint64_t{track->first.value} + track->size.value > kMost) return;
    const Lba end = track->first + track->size;
    const Lba last = track->last_recorded   ? *track->last_recorded
                     : track->next_writable ? Lba{track->next_writable->value - 1}
                                            : last_readable(drive, track->first, Lba{end.value - 1});
    if (track->session != session || media.sessions.empty()) media.sessions.push_back({track->first, last});
    media.sessions.back().last = last;
    session = track->session;
  }
  if (!media.sessions.empty()) media.used = BlockCount{media.sessions.back().last.value + 1};
}

void add_whole_disc(Media& media) {
  media.next_writable = Lba{};
  media.free = media.capacity;
  if (media.state == MediaState::blank || !media.capacity) return;
  media.used = *media.capacity;
  media.sessions = {{Lba{}, Lba{media.used.value - 1}}};
}

}  // namespace

std::string name_of(LONG number) { return std::string(kScheme) + std::to_string(number); }

LONG count_of(IDiscMaster2& master) {
  return value_of(master, &IDiscMaster2::get_Count, "the drives cannot be counted");
}

com::Bstr id_of(IDiscMaster2& master, LONG number) {
  com::Bstr id;
  must(master.get_Item(number, id.out()), "the drive is not told of");
  return id;
}

com::Ptr<IDiscRecorder2> open_drive(BSTR id) {
  auto recorder = create<IDiscRecorder2>(kDiscRecorder);
  must(recorder->InitializeDiscRecorder(id), "the drive cannot be used");
  return recorder;
}

RecorderInfo describe(IDiscRecorder2& recorder, const std::string& name) {
  using R = IDiscRecorder2;
  return {.backend = "imapi2",
          .name = name,
          .vendor = trimmed(text_of(recorder, &R::get_VendorId, "VendorId")),
          .product = trimmed(text_of(recorder, &R::get_ProductId, "ProductId")),
          .revision = trimmed(text_of(recorder, &R::get_ProductRevision, "ProductRevision"))};
}

Media media_in(IDiscRecorder2& recorder, Data& writer) {
  Media media;
  const auto status = static_cast<unsigned>(value_of(writer, &Data::get_CurrentMediaStatus, "CurrentMediaStatus"));
  media.state = state_of(status);
  IMAPI_MEDIA_PHYSICAL_TYPE type{};
  const HRESULT known = writer.get_CurrentPhysicalMediaType(&type);
  if (media.state != MediaState::unsupported) must(known, "CurrentPhysicalMediaType");
  media.type = type_of(type);
  media.media_class = class_of(media.type, status);
  if (media.state == MediaState::unsupported) return media;
  media.write_protected = (status & IMAPI_FORMAT2_DATA_MEDIA_STATE_WRITE_PROTECTED) != 0;
  media.final_session = (status & IMAPI_FORMAT2_DATA_MEDIA_STATE_FINAL_SESSION) != 0;
  media.write_unit = write_unit(writer, media.type);
  const LONG total = value_of(writer, &Data::get_TotalSectorsOnMedia, "TotalSectorsOnMedia");
  if (total != kUnlimited) media.capacity = blocks_of(total);
  for (const auto& speed : array_of(writer, &Data::get_SupportedWriteSpeeds, "SupportedWriteSpeeds"))
    if (speed.type() == VT_UI4 || speed.type() == VT_I4) media.write_speeds.push_back(speed.get().ulVal * 2);
  std::ranges::sort(media.write_speeds, std::greater<>());

  const auto drive = com::Ptr<IDiscRecorder2>(&recorder).query<IDiscRecorder2Ex>();
  const auto disc = drive ? com::disc_facts(*drive) : std::nullopt;
  if (disc && disc->id) {
    std::array<std::byte, 4> id{};
    for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::byte>(*disc->id >> (24 - 8 * i));
    media.disc_id = to_hex(id);
  }
  if (media.media_class == MediaClass::overwritable) {
    // What a drive takes for formatted may still be empty.
    if (media.state == MediaState::appendable &&
        com::is_true(value_of(writer, &Data::get_MediaHeuristicallyBlank, "MediaHeuristicallyBlank")))
      media.state = MediaState::blank;
    add_whole_disc(media);
    return media;
  }
  if (disc && media.state != MediaState::blank) add_sessions(*drive, disc->last_track, media);
  if (media.state == MediaState::blank || media.state == MediaState::appendable) {
    const LONG free = value_of(writer, &Data::get_FreeSectorsOnMedia, "FreeSectorsOnMedia");
    if (free != kUnlimited) media.free = blocks_of(free);
    const LONG next = value_of(writer, &Data::get_NextWritableAddress, "NextWritableAddress");
    media.next_writable = Lba{blocks_of(next).value};
  }
  return media;
}

}  // namespace fsimage::imapi2
