#include "link.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace fsimage::windows {
namespace {

constexpr std::size_t kLongestReparsePoint = 16 * 1024;  // MAXIMUM_REPARSE_DATA_BUFFER_SIZE
constexpr std::uint32_t kRelative = 1;

// REPARSE_DATA_BUFFER up to its names. Offsets and lengths are in bytes, offsets from where the names begin.
struct LinkHead {
  std::uint32_t tag;
  std::uint16_t length, reserved;  // of what follows
  std::uint16_t real_offset, real_length, shown_offset, shown_length;
};
constexpr std::size_t kBeforeLength = 8;
constexpr std::size_t kFlags = sizeof(std::uint32_t);  // which only symbolic links have, before their names

}  // namespace

std::string read_link(HANDLE link) {
  std::array<std::byte, kLongestReparsePoint> room{};
  DWORD answered = 0;
  if (!control(link, FSCTL_GET_REPARSE_POINT, {}, room, answered))
    throw system_error(::GetLastError(), {}, "cannot read the symbolic link");
  LinkHead head{};
  std::memcpy(&head, room.data(), sizeof head);
  const bool symbolic = head.tag == IO_REPARSE_TAG_SYMLINK;
  if (!symbolic && head.tag != IO_REPARSE_TAG_MOUNT_POINT)
    throw Error(Errc::unsupported, {}, "neither a symbolic link nor a junction, but something that leads elsewhere");
  // The name that is shown is the one that the link was made with; it may be missing.
  const bool shown = head.shown_length != 0;
  const std::size_t names = sizeof head + (symbolic ? kFlags : 0);
  const std::size_t from = names + (shown ? head.shown_offset : head.real_offset);
  const std::size_t length = shown ? head.shown_length : head.real_length;
  if (from + length > answered) throw Error(Errc::unsupported, {}, "a symbolic link whose target lies outside of it");
  std::wstring target(length / sizeof(wchar_t), L'\0');
  std::memcpy(target.data(), room.data() + from, target.size() * sizeof(wchar_t));
  if (!shown && target.starts_with(L"\\??\\")) target.erase(0, 4);
  std::ranges::replace(target, L'\\', L'/');
  return from_wide(target);
}

DWORD write_link(HANDLE entry, const std::wstring& target) {
  auto shown = target;
  std::ranges::replace(shown, L'/', L'\\');
  const bool by_drive = shown.size() > 1 && shown[1] == L':';  // else it stays below the drive that the link lies on
  const auto real = by_drive ? L"\\??\\" + shown : shown;
  const auto real_bytes = real.size() * sizeof(wchar_t), shown_bytes = shown.size() * sizeof(wchar_t);
  const auto size = sizeof(LinkHead) + kFlags + real_bytes + shown_bytes;
  if (size > kLongestReparsePoint) return ERROR_FILENAME_EXCED_RANGE;
  LinkHead head{};
  head.tag = IO_REPARSE_TAG_SYMLINK;
  head.length = static_cast<std::uint16_t>(size - kBeforeLength);
  head.real_length = head.shown_offset = static_cast<std::uint16_t>(real_bytes);
  head.shown_length = static_cast<std::uint16_t>(shown_bytes);
  const std::uint32_t flags = by_drive ? 0 : kRelative;
  std::vector<std::byte> room(size);
  std::memcpy(room.data(), &head, sizeof head);
  std::memcpy(room.data() + sizeof head, &flags, sizeof flags);
  std::memcpy(room.data() + sizeof head + kFlags, real.data(), real_bytes);
  std::memcpy(room.data() + sizeof head + kFlags + real_bytes, shown.data(), shown_bytes);
  DWORD answered = 0;
  return control(entry, FSCTL_SET_REPARSE_POINT, room, {}, answered) ? 0 : ::GetLastError();
}

}  // namespace fsimage::windows
