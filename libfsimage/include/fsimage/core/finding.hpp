// A survivable oddity: something an entry lost or had changed in one view of the image, or a deviation in what was read.
// Handed back with the plan or the import, never printed from inside the library.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fsimage {

// A name space of the image. `none` is for findings about the source or the image as a whole.
enum class View : std::uint8_t { none, iso9660, joliet, rockridge, udf };
std::string_view to_string(View) noexcept;  // "iso9660", ...

struct Finding {
  enum class Kind : std::uint8_t {
    renamed,    // characters were replaced, or the name was cut, to fit the view; `to` is the name there
    collided,   // renamed because another entry of the folder already has that name in the view; `to` likewise
    dropped,    // the entry is not in the view: it has no form for the type
    clamped,    // a time or number was moved to the nearest value that the field can hold
    deviation,  // something outside the letter of a standard that readers accept
  };
  Kind kind{};
  View view{};
  std::string path{};
  std::string text{};
  std::string to{};
};
std::string_view to_string(Finding::Kind) noexcept;

using FindingFn = std::function<void(const Finding&)>;

}  // namespace fsimage
