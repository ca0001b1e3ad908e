// Forms of Unicode text, by utf8proc. What is not UTF-8 stays as it is. Pure functions, any thread, no locale; the same on
// every machine for all characters that the library's version of Unicode has, as later ones change none of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fsimage {

// UAX #15. macOS keeps names apart from their marks (nfd), most others write them together (nfc).
enum class Normalization : std::uint8_t { keep, nfc, nfd };
std::string normalize(std::string_view utf8, Normalization);

// For alphabets that have no more: letters lose their marks ("é" becomes "e"), and those of Latin that are no letter with a
// mark become the ones that are written in their place ("ß" becomes "ss"). Whatever else there is stays.
std::string transliterate(std::string_view utf8);

}  // namespace fsimage
