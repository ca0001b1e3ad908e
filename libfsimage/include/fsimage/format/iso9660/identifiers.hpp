// Names as ISO 9660 allows them: upper case, digits and '_', cut to the interchange level; how they are ordered, and how
// a name that is taken gets a counter. Pure functions, any thread.
//
// A "plain" identifier is one without version, and without separator 1 when the extension is empty: what two entries of
// a folder may not share, whether files or folders. `recorded_file_identifier` adds what the standard demands.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fsimage::iso9660 {

// What identifiers may be beyond the letter of ECMA-119. Linux, macOS, 7-Zip and what is built on libarchive or libisofs
// show them all; Windows shows them where there is no Joliet. MS-DOS, VMS and firmware that compares letter by letter do
// not find the files.
struct RelaxedIdentifiers {
  bool lower_case = false;       // letters of ASCII keep their case
  bool full_ascii = false;       // the other printable characters of ASCII, but for those that Joliet forbids
  bool several_dots = false;     // only the last dot separates, and folders may have some; from level 2 on
  bool long_names = false;       // 37 characters in all, from level 2 on
  bool no_version = false;       // not ";1"
  bool no_trailing_dot = false;  // nothing behind a name without extension
  friend bool operator==(const RelaxedIdentifiers&, const RelaxedIdentifiers&) = default;
};

// ECMA-119 7.5.1, 7.6.3, 10.1, 10.2
struct IdentifierRules {
  std::uint8_t interchange_level = 3;  // 1: 8.3 and folders of 8; 2 and 3: 30 in all, folders of 31
  RelaxedIdentifiers relaxed{};
};

struct MappedName {
  std::string identifier;  // plain
  bool kept;               // readers can show the name again from it, letter by letter
};
// What becomes of a character of ASCII, ECMA-119 7.4.1. Without branches, so that a processor does many at a time.
constexpr char d_character(char letter) {
  const auto c = static_cast<unsigned char>(letter);
  const auto capital = static_cast<unsigned char>(c - (static_cast<unsigned char>(c - 'a') < 26 ? 'a' - 'A' : 0));
  const bool is_d = static_cast<unsigned char>(capital - 'A') < 26 || static_cast<unsigned char>(capital - '0') < 10;
  return is_d ? static_cast<char>(capital) : '_';
}
// Of the UTF-8 name. Every character (every byte, where it is not UTF-8) without a d-character becomes '_'; a file's
// extension begins after its last dot. Never empty for a name that is not.
MappedName map_name(std::string_view name, bool directory, IdentifierRules);
// The same for what most names are: a file's of ASCII, short enough, by rules that are not relaxed. Appends the identifier
// and returns whether the name is kept; nullopt, and nothing appended, for any other.
std::optional<bool> append_plain_name(std::string_view name, IdentifierRules, std::string& out);

// The plain identifier with its name part cut so that a counter of so many digits fits between prefix and suffix.
struct CounterPlace {
  std::string prefix;
  std::string suffix;  // separator and extension, or empty
};
inline constexpr unsigned kMaxCounterDigits = 8;
CounterPlace counter_place(std::string_view plain, bool directory, unsigned digits, IdentifierRules);

// ECMA-119 7.5.1: "README" becomes "README.;1".
std::string recorded_file_identifier(std::string_view plain, RelaxedIdentifiers = {});
void append_recorded_file_identifier(std::string_view plain, RelaxedIdentifiers, std::string& out);

// ISO 9660:1999: any bytes, of which those of UTF-8 are agreed upon here; neither version nor separators count. Control
// characters become '_'; a longer name is cut before its extension, between characters.
inline constexpr std::size_t kMaxEnhancedIdentifier = 207;
MappedName map_enhanced_name(std::string_view name, bool directory);
std::string map_enhanced_text(std::string_view text, std::size_t most);  // for a field of that many bytes
CounterPlace enhanced_counter_place(std::string_view identifier, bool directory, unsigned digits);
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
