#include "windows_names.hpp"

#include <fsimage/core/fnv.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace fsimage {
namespace {

// Devices, with whatever extension; COM1 to COM9 and LPT1 to LPT9 beside them.
bool names_a_device(std::string_view name) {
  auto stem = name.substr(0, name.find('.'));
  while (stem.ends_with(' ')) stem.remove_suffix(1);
  std::string capitals(stem);
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  static constexpr std::array<std::string_view, 4> kDevices{"AUX", "CON", "NUL", "PRN"};
  if (std::find(kDevices.begin(), kDevices.end(), capitals) != kDevices.end()) return true;
  return capitals.size() == 4 && (capitals.starts_with("COM") || capitals.starts_with("LPT")) && capitals[3] >= '1' &&
         capitals[3] <= '9';
}

}  // namespace

std::string_view windows_cannot_open(std::string_view name) {
  const auto forbidden = [](char c) {
    return (c >= 0 && c < 0x20) || std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos;
  };
  if (std::any_of(name.begin(), name.end(), forbidden))
    return "Windows opens no entry with such a character in its name";
  if (name.ends_with('.') || name.ends_with(' ')) return "Windows opens no entry whose name ends in a dot or a space";
  if (names_a_device(name)) return "Windows takes the name for a device";
  return {};
}

std::optional<NodeId> CaseTwins::of(std::string_view utf8, NodeId n) {
  std::uint64_t number = kFnvBasis;
  const auto add = [&](char16_t unit) { number = fnv1a(number, joliet::fold_case(unit)); };
  if (is_ascii(utf8)) {
    for (const char c : utf8) add(static_cast<unsigned char>(c));
  } else {
    for (const char16_t unit : to_utf16_lossy(utf8, u'_')) add(unit);
  }
  const auto [at, is_new] = seen_.try_emplace(number, n);
  return is_new ? std::nullopt : std::optional(at->second);
}

}  // namespace fsimage
