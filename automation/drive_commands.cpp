#include "drive_commands.hpp"

#include "com/guard.hpp"
#include "numbers.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <string_view>

namespace fsimage::com::automation {
namespace {

struct Sense {
  BYTE key, code, qualifier;
};
constexpr Sense kNoDisc{2, 0x3A, 0x00};      // MEDIUM NOT PRESENT
constexpr Sense kUnreadable{3, 0x11, 0x00};  // UNRECOVERED READ ERROR
constexpr Sense kNoCommand{5, 0x20, 0x00};   // INVALID COMMAND OPERATION CODE
constexpr Sense kOutOfRange{5, 0x21, 0x00};  // LOGICAL BLOCK ADDRESS OUT OF RANGE
constexpr Sense kWrongField{5, 0x24, 0x00};  // INVALID FIELD IN CDB

CommandAnswer failure(Sense sense) {
  CommandAnswer answer{.good = false, .sense = {}, .bytes = 0};
  answer.sense[0] = 0x70;
  answer.sense[2] = sense.key;
  answer.sense[7] = 10;
  answer.sense[12] = sense.code;
  answer.sense[13] = sense.qualifier;
  return answer;
}

void put_big(std::span<BYTE> at, std::uint32_t value) {
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = static_cast<BYTE>(value >> (8 * (at.size() - 1 - i)));
}
std::uint32_t big(std::span<const BYTE> at) {
  std::uint32_t value = 0;
  for (const BYTE b : at) value = value << 8 | b;
  return value;
}

bool rewritable(const Media& media) {
  return media.media_class == MediaClass::overwritable || media.type == MediaType::cd_rw ||
         media.type == MediaType::dvd_minus_rw;
}

CommandAnswer read_blocks(Drive& drive, std::uint32_t first, std::uint32_t count, std::span<std::byte> to) {
  const auto content = drive.content();
  const auto bytes = std::uint64_t{count} * kBlockSize;
  if (bytes > to.size()) return failure(kWrongField);
  const auto at = Lba{first}.byte_offset();
  if (!content || at + bytes > content->size()) return failure(kOutOfRange);
  try {
    content->read_at(at, to.first(static_cast<std::size_t>(bytes)));
  } catch (const Error&) {
    return failure(kUnreadable);
  }
  CommandAnswer answer;
  answer.bytes = static_cast<std::size_t>(bytes);
  return answer;
}

CommandAnswer read_capacity(Drive& drive, std::span<std::byte> to) {
  const auto content = drive.content();
  if (to.size() < 8) return failure(kWrongField);
  std::array<BYTE, 8> data{};
  const auto blocks = content ? content->size() / kBlockSize : 0;
  put_big(std::span(data).first(4), static_cast<std::uint32_t>(blocks == 0 ? 0 : blocks - 1));
  put_big(std::span(data).last(4), kBlockSize);
  std::transform(data.begin(), data.end(), to.begin(), [](BYTE b) { return std::byte{b}; });
  CommandAnswer answer;
  answer.bytes = data.size();
  return answer;
}

}  // namespace

std::vector<LONG> all_profiles() {
  std::vector<LONG> profiles;
  for (LONG profile = 0; profile < 0x100; ++profile)
    if (media_type_of_profile(profile) != MediaType::unknown) profiles.push_back(profile);
  return profiles;
}

std::vector<LONG> current_profiles(const Media& media) {
  const LONG profile = profile_of(media);
  if (media.state == MediaState::absent || profile == IMAPI_PROFILE_TYPE_INVALID) return {};
  return {profile};
}

std::vector<LONG> all_features() {
  return {IMAPI_FEATURE_PAGE_TYPE_PROFILE_LIST,      IMAPI_FEATURE_PAGE_TYPE_CORE,
          IMAPI_FEATURE_PAGE_TYPE_REMOVABLE_MEDIUM,  IMAPI_FEATURE_PAGE_TYPE_RANDOMLY_READABLE,
          IMAPI_FEATURE_PAGE_TYPE_RANDOMLY_WRITABLE, IMAPI_FEATURE_PAGE_TYPE_INCREMENTAL_STREAMING_WRITABLE};
}

std::vector<LONG> current_features(const Media& media) {
  std::vector<LONG> features{IMAPI_FEATURE_PAGE_TYPE_PROFILE_LIST, IMAPI_FEATURE_PAGE_TYPE_CORE,
                             IMAPI_FEATURE_PAGE_TYPE_REMOVABLE_MEDIUM};
  if (media.state == MediaState::absent) return features;
  features.push_back(IMAPI_FEATURE_PAGE_TYPE_RANDOMLY_READABLE);
  if (media.media_class == MediaClass::overwritable) features.push_back(IMAPI_FEATURE_PAGE_TYPE_RANDOMLY_WRITABLE);
  if (media.media_class == MediaClass::sequential)
    features.push_back(IMAPI_FEATURE_PAGE_TYPE_INCREMENTAL_STREAMING_WRITABLE);
  return features;
}

std::vector<LONG> all_mode_pages() {
  return {IMAPI_MODE_PAGE_TYPE_READ_WRITE_ERROR_RECOVERY, IMAPI_MODE_PAGE_TYPE_WRITE_PARAMETERS};
}

Bytes disc_information(const Media& media) {
  Bytes data(34);
  put_big(std::span(data).first(2), 32);
  const unsigned status = media.state == MediaState::blank ? 0 : media.state == MediaState::appendable ? 1 : 2;
  const unsigned last_session = media.state == MediaState::damaged ? 1 : status == 2 ? 3 : 0;
  data[2] = static_cast<BYTE>(status | last_session << 2 | (rewritable(media) ? 0x10 : 0));
  const auto closed = std::max<std::size_t>(media.sessions.size(), 1);
  const auto sessions = media.sessions.size() + (status == 1 && media.media_class == MediaClass::sequential ? 1 : 0);
  data[3] = 1;
  data[4] = static_cast<BYTE>(std::max(sessions, closed));
  data[5] = data[6] = data[4];
  return data;
}

// Each session is a track; the one that is open, the last, is also the invisible track 0xFF.
Bytes track_information(const Media& media, ULONG address, IMAPI_READ_TRACK_ADDRESS_TYPE type) {
  if (static_cast<unsigned>(type) > IMAPI_READ_TRACK_ADDRESS_TYPE_SESSION)
    throw Failure(E_INVALIDARG, "tracks are known by block, number or session");
  const std::size_t closed = media.sessions.size();
  std::size_t track = closed;  // from 0; that many: the open one
  if (type == IMAPI_READ_TRACK_ADDRESS_TYPE_LBA) {
    const auto at = std::find_if(media.sessions.begin(), media.sessions.end(),
                                 [&](const MediaSession& s) { return address <= s.last.value; });
    track = static_cast<std::size_t>(at - media.sessions.begin());
  } else if (address != 0xFF) {
    if (address == 0 || address > closed + 1) throw Failure(E_INVALIDARG, "no track of that number");
    track = address - 1;
  }
  Bytes data(36);
  put_big(std::span(data).first(2), 34);
  data[2] = data[3] = static_cast<BYTE>(track + 1);
  data[5] = 4;  // data
  if (track < closed) {
    const auto& session = media.sessions[track];
    put_big(std::span(data).subspan(8, 4), session.first.value);
    put_big(std::span(data).subspan(24, 4), (session.last - session.first).value + 1);
    put_big(std::span(data).subspan(28, 4), session.last.value);
    data[7] = 2;  // the last recorded address means something
    return data;
  }
  const auto free = media.free.value_or(BlockCount{});
  const auto next = media.next_writable.value_or(Lba{});
  put_big(std::span(data).subspan(8, 4), next.value);
  put_big(std::span(data).subspan(12, 4), next.value);
  put_big(std::span(data).subspan(16, 4), free.value);
  put_big(std::span(data).subspan(24, 4), free.value);
  data[7] = media.next_writable ? 1 : 0;
  return data;
}

Bytes feature_page(const Media& media, LONG feature, bool only_current) {
  const auto has = [&](const std::vector<LONG>& list) {
    return std::find(list.begin(), list.end(), feature) != list.end();
  };
  const bool current = has(current_features(media));
  if (!has(all_features())) throw Failure(kNoSuchFeature, "the drive does not have the feature");
  if (only_current && !current) throw Failure(number(0xC0AA020B), "the feature is not current");
  Bytes data(4);
  put_big(std::span(data).first(2), static_cast<std::uint32_t>(feature));
  data[2] = current ? 1 : 0;
  if (feature == IMAPI_FEATURE_PAGE_TYPE_PROFILE_LIST)
    for (const LONG profile : all_profiles()) {
      const auto now = current_profiles(media);
      data.push_back(static_cast<BYTE>(profile >> 8));
      data.push_back(static_cast<BYTE>(profile));
      data.push_back(!now.empty() && now.front() == profile ? 1 : 0);
      data.push_back(0);
    }
  data[3] = static_cast<BYTE>(data.size() - 4);
  return data;
}

Bytes mode_page(LONG page) {
  const auto pages = all_mode_pages();
  if (std::find(pages.begin(), pages.end(), page) == pages.end())
    throw Failure(kNoSuchModePage, "the drive does not have the mode page");
  const std::size_t length = page == IMAPI_MODE_PAGE_TYPE_WRITE_PARAMETERS ? 0x32 : 0x0A;
  Bytes data(2 + length);
  data[0] = static_cast<BYTE>(page);
  data[1] = static_cast<BYTE>(length);
  return data;
}

Bytes adapter_descriptor() {
  Bytes data(32);
  data[0] = data[4] = 32;  // version and size, little endian
  data[10] = 1;            // 65,536 bytes at once
  data[12] = 17;           // pages
  data[24] = 0;            // bus type: unknown
  return data;
}

// The texts lie behind the fixed part, each with its NUL; the fixed part has their places.
Bytes device_descriptor(const RecorderInfo& info) {
  Bytes data(36);
  data[0] = 36;
  data[8] = 5;   // a CD or DVD drive
  data[10] = 1;  // of removable media
  std::size_t field = 12;
  for (const std::string_view text :
       {std::string_view(info.vendor), std::string_view(info.product), std::string_view(info.revision)}) {
    data[field] = static_cast<BYTE>(data.size());
    data[field + 1] = static_cast<BYTE>(data.size() >> 8);
    data.insert(data.end(), text.begin(), text.end());
    data.push_back(0);
    field += 4;
  }
  data[4] = static_cast<BYTE>(data.size());
  data[5] = static_cast<BYTE>(data.size() >> 8);
  return data;
}

CommandAnswer run_command(Drive& drive, std::span<const BYTE> command, std::span<std::byte> to) {
  const BYTE operation = command[0];
  const bool known = operation == 0x00 || operation == 0x25 || operation == 0x28 || operation == 0xA8;
  if (!known) return failure(kNoCommand);
  if (drive.media().state == MediaState::absent) return failure(kNoDisc);
  if (operation == 0x00) return {};
  if (operation == 0x25 && command.size() >= 10) return read_capacity(drive, to);
  if (operation == 0x28 && command.size() >= 10)
    return read_blocks(drive, big(command.subspan(2, 4)), big(command.subspan(7, 2)), to);
  if (operation == 0xA8 && command.size() >= 12)
    return read_blocks(drive, big(command.subspan(2, 4)), big(command.subspan(6, 4)), to);
  return failure(kWrongField);
}

}  // namespace fsimage::com::automation
