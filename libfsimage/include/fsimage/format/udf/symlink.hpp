// Symbolic links as path components, ECMA-167 4/14.16, UDF 2.3.12. Pure functions, any thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/format/udf/primitives.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::udf {

// 4/14.16.1, fixed part; the identifier follows.
struct PathComponent {
  std::uint8_t type;               // PathComponentType
  std::uint8_t identifier_length;  // RBP 1
  le16 version_number;             // RBP 2
};
static_assert(sizeof(PathComponent) == 4);

enum class PathComponentType : std::uint8_t { agreed_root = 1, root = 2, parent = 3, self = 4, named = 5 };

// Encodes a UNIX target. Returns whether it reads back as it was: not when bytes outside UTF-8 became '_', when a
// component was cut to fit, or when slashes were doubled or stood at the end.
bool encode_symlink(std::string_view target, Sink&);
// Bytes that it takes.
std::size_t symlink_size(std::string_view target);

// UTF-8; both root types count as "/". nullopt when the bytes are not whole components of known types.
std::optional<std::string> decode_symlink(std::span<const std::byte>);

}  // namespace fsimage::udf

namespace fsimage {

template <>
struct WireTable<udf::PathComponent> {
  using T = udf::PathComponent;
  static constexpr std::string_view spec = "ECMA-167";
  static constexpr auto fields =
      std::tuple{Field{"component type", "4/14.16.1.1", &T::type},
                 Field{"length of component identifier", "4/14.16.1.2", &T::identifier_length},
                 Field{"component file version number", "4/14.16.1.3", &T::version_number}};
};
static_assert(tiled_size<udf::PathComponent>() == sizeof(udf::PathComponent));

}  // namespace fsimage
