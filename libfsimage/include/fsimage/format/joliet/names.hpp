// Joliet's names: UCS-2, most significant byte first, in a supplementary volume descriptor that says so by its escape
// sequences. Names are UTF-16 here; a pair of surrogates is one character and is never taken apart. Pure functions, any
// thread.
#pragma once

#include <fsimage/core/sink.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::joliet {

// UCS-2 levels 1, 2 and 3, at the start of ECMA-119's escape sequences field, 8.5.6.
inline constexpr std::string_view kEscapeLevel1 = "%/@", kEscapeLevel2 = "%/C", kEscapeLevel3 = "%/E";
// 1 to 3; nullopt: not Joliet.
std::optional<int> level_of(std::span<const char> escape_sequences) noexcept;

// 64 by the specification. 103 units are 206 bytes, and leave a directory record room for its fixed part.
inline constexpr unsigned kStandardUnits = 64, kMaxUnits = 103;

// Control characters and * / : ; ? \ . Windows refuses a whole folder for one of them.
bool is_forbidden(char16_t) noexcept;

struct MappedName {
  std::u16string identifier;
  bool kept;  // readers show exactly the name
};
// Of the UTF-8 name. Forbidden characters, bytes that are not UTF-8 and dots at the end (readers drop them) become '_'; a
// longer name is cut before its extension. No version: ";1" would take two of the 64 units and is shown by readers that
// do not look for it, while Windows, Linux, libarchive and 7-Zip take names with and without.
MappedName map_name(std::string_view utf8, bool directory, unsigned units);
// What map_name() keeps, for most names: of ASCII, and with nothing that is to be changed. Appends it; false, and nothing
// appended, for any other.
bool append_plain_name(std::string_view utf8, unsigned units, std::u16string& out);

// The identifier with its name part cut so that a counter of so many digits fits between prefix and suffix.
struct CounterPlace {
  std::u16string prefix;
  std::u16string suffix;  // separator and extension, or empty
};
inline constexpr unsigned kMaxCounterDigits = 8;
CounterPlace counter_place(std::u16string_view identifier, bool directory, unsigned digits, unsigned units);

// As recorded, and back. An odd byte at the end is not part of a character.
std::string to_big_endian(std::u16string_view);
void append_big_endian(std::u16string_view, std::string& out);
std::u16string from_big_endian(std::span<const std::byte>);
// Of a name that a disc has: without version, and without dots at the end, if anything then remains.
std::u16string_view without_version(std::u16string_view) noexcept;

// ECMA-119 9.3 in units of sixteen bits: name part, then extension, each as if padded with zero.
std::strong_ordering compare_records(std::u16string_view a, bool a_is_directory, std::u16string_view b,
                                     bool b_is_directory) noexcept;
// ECMA-119 6.9.1, within one parent.
std::strong_ordering compare_directories(std::u16string_view a, std::u16string_view b) noexcept;

// Upper case as Windows compares names, for the alphabets that have regular pairs: enough to tell which entries of a
// folder it would take for one.
char16_t fold_case(char16_t) noexcept;

// Field of a volume descriptor: cut to what fits, the rest padded with spaces; the odd byte of a field is zero.
// False when something had to be cut or replaced.
bool put_text(std::span<char> field, std::string_view utf8);
std::u16string text_in(std::span<const char> field);  // without padding of spaces or zeros

}  // namespace fsimage::joliet
