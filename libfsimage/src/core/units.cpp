#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

namespace fsimage {

void throw_too_large(std::uint64_t value, std::string_view field) {
  throw Error(Errc::too_large, {}, std::string(field) + " of " + std::to_string(value) + " does not fit");
}

}  // namespace fsimage
