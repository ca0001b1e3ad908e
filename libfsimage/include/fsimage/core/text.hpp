// UTF-8, UTF-16 and what a name may be. Pure functions, any thread, no locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fsimage {

// Strict UTF-8 (no overlong forms, no surrogates, up to U+10FFFF) to UTF-16; nullopt when the bytes are not UTF-8.
std::optional<std::u16string> to_utf16(std::string_view utf8);

// As to_utf16, but every byte that is not part of UTF-8 becomes `replacement`.
std::u16string to_utf16_lossy(std::string_view utf8, char16_t replacement);

// UTF-16 to UTF-8; an unpaired surrogate becomes its three-byte (WTF-8) form, so that nothing is lost.
std::string to_utf8(std::u16string_view utf16);

bool is_utf8(std::string_view bytes);
bool is_ascii(std::string_view bytes);

// One path component as trees keep it: not empty, not "." or "..", no '/' and no NUL. At most 255 bytes.
bool is_valid_name(std::string_view name);

// For messages: control characters and bytes that are not UTF-8 as \xHH, so that a name cannot forge terminal output.
std::string printable(std::string_view bytes);

}  // namespace fsimage
