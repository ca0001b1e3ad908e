#include "part_name.hpp"

#include <fsimage/core/digest.hpp>

#include <span>
#include <string_view>

namespace fsimage {
namespace {

constexpr std::string_view kPartSuffix = ".fsimage-part";

}  // namespace

std::string part_name(const std::string& name, std::size_t limit) {
  std::string plain = ".";
  plain.append(name).append(kPartSuffix);
  if (plain.size() <= limit) return plain;
  Sha256 digest;
  digest.update(name);
  const auto value = digest.finish();
  const auto hash = to_hex(std::span(value).first(8));
  const auto fixed = 2 + hash.size() + kPartSuffix.size();
  std::size_t keep = limit > fixed ? limit - fixed : 0;
  // Some file systems refuse half a UTF-8 sequence.
  while (keep > 0 && (static_cast<unsigned char>(name[keep]) & 0xC0U) == 0x80U) --keep;
  return "." + name.substr(0, keep) + "~" + hash + std::string(kPartSuffix);
}

}  // namespace fsimage
