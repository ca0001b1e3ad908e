#include <fsimage/format/udf/extended_attributes.hpp>

namespace fsimage::udf {

std::uint16_t attribute_checksum(const UseAttribute& a) noexcept {
  unsigned sum = 0;
  for (const auto b : bytes_of(a)) sum += std::to_integer<unsigned>(b);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace fsimage::udf
