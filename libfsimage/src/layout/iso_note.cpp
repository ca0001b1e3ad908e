#include <fsimage/layout/iso_note.hpp>

#include <fsimage/core/text.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <array>
#include <utility>

namespace fsimage {
namespace {

constexpr std::string_view kNote = "fsimage", kMoved = "moved=";

using Relaxed = iso9660::RelaxedIdentifiers;
constexpr std::array<std::pair<std::string_view, bool Relaxed::*>, 6> kRelaxedWords{
    {{"lower-case", &Relaxed::lower_case},
     {"ascii", &Relaxed::full_ascii},
     {"dots", &Relaxed::several_dots},
     {"long", &Relaxed::long_names},
     {"no-version", &Relaxed::no_version},
     {"no-dot", &Relaxed::no_trailing_dot}}};

void apply_word(std::string_view word, Profile& p) {
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}})
    if (word == "level=" + std::to_string(level)) p.interchange_level = level;
  for (auto units = joliet::kStandardUnits; units <= joliet::kMaxUnits; ++units)
    if (word == "joliet=" + std::to_string(units)) p.joliet_name_units = static_cast<std::uint8_t>(units);
  if (word == "transliterate") p.transliterate = true;
  if (word == "deep=relocate") p.deep_folders = DeepFolders::relocate;
  if (word == "deep=refuse") p.deep_folders = DeepFolders::refuse;
  for (const auto& [name, flag] : kRelaxedWords)
    if (word == name) p.relaxed_identifiers.*flag = true;
}

}  // namespace

std::string iso_note(const Profile& p) {
  std::string words;
  if (p.interchange_level != 3) words += " level=" + std::to_string(p.interchange_level);
  if (p.file_systems.joliet && p.joliet_name_units != joliet::kStandardUnits)
    words += " joliet=" + std::to_string(p.joliet_name_units);
  if (p.transliterate) words += " transliterate";
  for (const auto& [name, flag] : kRelaxedWords)
    if (p.relaxed_identifiers.*flag) words.append(" ").append(name);
  if (p.deep_folders == DeepFolders::refuse) words += " deep=refuse";
  if (p.deep_folders == DeepFolders::relocate) {
    words += " deep=relocate";
    if (p.moved_folder.find('\n') == p.moved_folder.npos) words.append(" ").append(kMoved).append(p.moved_folder);
  }
  return words.empty() ? words : std::string(kNote) + words + '\n';
}

// Words between spaces; a name, which may have some, is the last.
void apply_iso_note(std::string_view application_use, Profile& profile) {
  const auto end = application_use.find('\n');
  if (!application_use.starts_with(std::string(kNote) + ' ') || end == application_use.npos) return;
  auto rest = application_use.substr(0, end);
  while (!rest.empty()) {
    if (rest.starts_with(kMoved)) {
      if (const auto name = rest.substr(kMoved.size()); is_valid_name(name)) profile.moved_folder = name;
      break;
    }
    const auto space = rest.find(' ');
    apply_word(rest.substr(0, space), profile);
    rest = space == rest.npos ? std::string_view() : rest.substr(space + 1);
  }
  // What no image has together, whatever somebody wrote there.
  auto& relaxed = profile.relaxed_identifiers;
  if (profile.interchange_level == 1) relaxed.several_dots = relaxed.long_names = false;
  if (profile.deep_folders == DeepFolders::relocate && !profile.file_systems.rockridge)
    profile.deep_folders = DeepFolders::keep;
}

}  // namespace fsimage
