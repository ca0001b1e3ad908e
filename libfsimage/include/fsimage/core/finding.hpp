// A survivable oddity: something an entry lost or had changed in one view of the image, or a deviation in what was read.
// Handed back with the plan or the import, never printed from inside the library.
#pragma once

#include <fsimage/core/units.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fsimage {

// A name space of the image; `enhanced` is that of ISO 9660:1999. `none` is for findings about the source or the image as
// a whole.
enum class View : std::uint8_t { none, iso9660, enhanced, joliet, rockridge, udf };
std::string_view to_string(View) noexcept;  // "iso9660", ...

struct Finding {
  enum class Kind : std::uint8_t {
    renamed,    // characters were replaced to fit the view, and maybe some cut; `to` is the name there
    cut,        // a part of the name is missing, and nothing else was changed; `to` likewise
    collided,   // renamed because another entry of the folder already has that name in the view; `to` likewise
    dropped,    // the entry is not in the view: it has no form for the type
    stripped,   // the entry is in the view, but not its named streams, or not that it is a real-time file
    clamped,    // a time or number was moved to the nearest value that the field can hold
    deviation,  // something outside the letter of a standard that readers accept
    lost,       // damage: what it is about, and all that lies below, could not be read (salvage)
  };
  Kind kind{};
  View view{};
  std::string path{};
  std::string text{};
  std::string to{};
  std::optional<Lba> lba{};  // of the structure that was read
  std::string clause{};      // that it breaks, "ECMA-119 9.1.3"
};
std::string_view to_string(Finding::Kind) noexcept;
// Whether something of the source is missing or different: not so for deviations.
constexpr bool is_loss(Finding::Kind kind) noexcept { return kind != Finding::Kind::deviation; }
// The text, and where it was found: "text [LBA 19] [ECMA-119 9.1.3]".
std::string located_text(const Finding&);

using FindingFn = std::function<void(const Finding&)>;
// Which findings are wanted; a null function wants all.
using FindingFilter = std::function<bool(View, Finding::Kind)>;

}  // namespace fsimage
