// Names as ISO 9660 allows them: upper case, digits and '_', cut to the interchange level; how they are ordered, and how
// a name that is taken gets a counter. Pure functions, any thread.
//
// A "plain" identifier is one without version, and without separator 1 when the extension is empty: what two entries of
// a folder may not share, whether files or folders. `recorded_file_identifier` adds what the standard demands.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace fsimage::iso9660 {

// ECMA-119 7.5.1, 7.6.3, 10.1, 10.2
struct IdentifierRules {
  std::uint8_t interchange_level = 3;  // 1: 8.3 and folders of 8; 2 and 3: 30 in all, folders of 31
};

struct MappedName {
  std::string identifier;  // plain
  bool kept;               // readers can show the name again from it, letter by letter
};
// Of the UTF-8 name. Every character (every byte, where it is not UTF-8) without a d-character becomes '_'; a file's
// extension begins after its last dot. Never empty for a name that is not.
MappedName map_name(std::string_view name, bool directory, IdentifierRules);

// The plain identifier with its name part cut so that a counter of so many digits fits between prefix and suffix.
struct CounterPlace {
  std::string prefix;
  std::string suffix;  // separator and extension, or empty
};
inline constexpr unsigned kMaxCounterDigits = 8;
CounterPlace counter_place(std::string_view plain, bool directory, unsigned digits, IdentifierRules);

// ECMA-119 7.5.1: "README" becomes "README.;1".
std::string recorded_file_identifier(std::string_view plain);
// The way back from whatever a disc has: without version (a semicolon and digits, or none) and without a dot at the end, if
// anything then remains.
std::string_view without_version(std::string_view identifier) noexcept;

// ECMA-119 9.3, of identifiers as recorded: name and extension as if padded with spaces, then the higher version first.
// Folders have neither extension nor version.
std::strong_ordering compare_records(std::string_view a, bool a_is_directory, std::string_view b,
                                     bool b_is_directory) noexcept;
// ECMA-119 6.9.1, within one parent.
std::strong_ordering compare_directories(std::string_view a, std::string_view b) noexcept;

// Text for a volume descriptor. The letters of ASCII become upper case, anything else that the set lacks '_'.
std::string to_d_characters(std::string_view utf8);
std::string to_a_characters(std::string_view utf8);
bool is_d_character(char) noexcept;  // ECMA-119 7.4.1, annex A
bool is_a_character(char) noexcept;

}  // namespace fsimage::iso9660
