// UTF-8 and UTF-16: nothing is lost on the way there and back, and what is printed cannot steer a terminal.
#include "input.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fsimage;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto utf16 = to_utf16(bytes);
  fuzz::require(utf16.has_value() == is_utf8(bytes), "to_utf16 and is_utf8 agree");
  if (utf16) {
    fuzz::require(to_utf8(*utf16) == bytes, "UTF-8 survives UTF-16");
    fuzz::require(to_utf16_lossy(bytes, u'?') == *utf16, "nothing is replaced in good UTF-8");
  }
  const auto lossy = to_utf16_lossy(bytes, u'_');
  fuzz::require(to_utf16(to_utf8(lossy)) == lossy, "what was replaced is good UTF-16");

  const auto shown = printable(bytes);
  fuzz::require(is_utf8(shown), "printable text is UTF-8");
  fuzz::require(std::none_of(shown.begin(), shown.end(),
                             [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
                "printable text has no control characters");
  fuzz::require(!is_valid_name(bytes) || (bytes.size() <= 255 && bytes.find('/') == std::string_view::npos),
                "names have no slash");
  return 0;
}
