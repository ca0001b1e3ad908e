// The one place that states the version; the build reads it from here.
#pragma once

#include <string_view>

namespace fsimage {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace fsimage
