// What the commands that author an image ask of its ISO 9660 side: names, folders, texts, and what a view is to hide.

#include "authoring.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/path_patterns.hpp>

#include <array>
#include <functional>
#include <limits>
#include <utility>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::pair<const char*, std::string Profile::*>, 8> kTexts{
    {{"system-id", &Profile::system_id},
     {"volume-set", &Profile::volume_set},
     {"publisher", &Profile::publisher},
     {"preparer", &Profile::data_preparer},
     {"application", &Profile::application},
     {"copyright-file", &Profile::copyright_file},
     {"abstract-file", &Profile::abstract_file},
     {"bibliographic-file", &Profile::bibliographic_file}}};

std::uint16_t number_from(const Options& options, const std::string& option, int least, int most) {
  const int number = options.get<int>(option);
  if (number < least || number > most)
    throw UsageError("--" + option + " is " + std::to_string(least) + " to " + std::to_string(most));
  return static_cast<std::uint16_t>(number);
}

DeepFolders deep_folders_from(const std::string& how) {
  if (how == "keep") return DeepFolders::keep;
  if (how == "relocate") return DeepFolders::relocate;
  if (how == "refuse") return DeepFolders::refuse;
  throw UsageError("--deep is keep, relocate or refuse");
}

std::uint16_t rock_ridge_version_from(const std::string& version) {
  if (version == "1.10") return kRockRidge110;
  if (version == "1.12") return kRockRidge112;
  throw UsageError("--rock-ridge is 1.10 or 1.12");
}

void set_names(const Options& options, Profile& profile) {
  if (options.has("strict-compliance")) profile.strict_file_system_compliance = true;
  if (options.has("restricted-names")) profile.use_restricted_character_set = true;
  if (options.has("level")) profile.interchange_level = static_cast<std::uint8_t>(number_from(options, "level", 1, 3));
  if (options.has("joliet-names"))
    profile.joliet_name_units = static_cast<std::uint8_t>(number_from(options, "joliet-names", 64, 103));
  if (options.has("deep")) profile.deep_folders = deep_folders_from(options.get<std::string>("deep"));
  if (options.has("moved-folder")) profile.moved_folder = options.get<std::string>("moved-folder");
  if (options.has("rock-ridge"))
    profile.rock_ridge_version = rock_ridge_version_from(options.get<std::string>("rock-ridge"));
  if (!options.has("relaxed")) return;
  auto& relaxed = profile.relaxed_identifiers = {};
  bool untranslated = false;
  set_flags("relaxed", options.get<std::string>("relaxed"),
            {{"lower-case", &relaxed.lower_case},
             {"ascii", &relaxed.full_ascii},
             {"dots", &relaxed.several_dots},
             {"long", &relaxed.long_names},
             {"no-version", &relaxed.no_version},
             {"no-dot", &relaxed.no_trailing_dot},
             {"untranslated", &untranslated}});
  if (untranslated) relaxed = {true, true, true, true, true, true};
}

void set_texts(const Options& options, Profile& profile) {
  for (const auto& [option, text] : kTexts)
    if (options.has(option)) profile.*text = options.get<std::string>(option);
  constexpr int kMost = std::numeric_limits<std::uint16_t>::max();
  if (options.has("volume-set-size")) profile.volume_set_size = number_from(options, "volume-set-size", 1, kMost);
  if (options.has("volume-number")) profile.volume_sequence_number = number_from(options, "volume-number", 1, kMost);
}

// Calls with every entry that a pattern of the option matches; one that matches none is a mistake.
void for_each_match(const Options& options, const char* option, const Tree& tree,
                    const std::function<void(const std::string&)>& fn) {
  if (!options.has(option)) return;
  PathPatterns patterns(options.get<Words>(option));
  std::vector<NodeId> folders{kRootNode};
  while (!folders.empty()) {
    const auto folder = folders.back();
    folders.pop_back();
    for (auto n = tree.first_child(folder); n; n = tree.next_sibling(*n)) {
      const auto path = tree.path(*n);
      if (patterns.matches(path)) fn(path);
      if (tree.is_directory(*n)) folders.push_back(*n);
    }
  }
  for (const auto& pattern : patterns.unmatched())
    throw Error(Errc::not_found, {.path = pattern}, "--" + std::string(option) + " matches no entry of the image");
}

void hide(const Options& options, FileSystemImage& image) {
  auto& profile = image.profile();
  const auto& tree = std::as_const(image).tree();
  for (const auto& [option, view] :
       {std::pair{"hide", View::iso9660}, {"hide-joliet", View::joliet}, {"hide-iso1999", View::enhanced}})
    for_each_match(options, option, tree, [&, v = view](const std::string& path) {
      profile.left_out.push_back({v, path});
    });
}

}  // namespace

void add_iso_options(Options& options) {
  auto add = options.add();
  add("level", po::value<int>()->value_name("N"),
      "ISO 9660 interchange level: 1 (8.3 names), 2, 3 (files over 4 GiB); default 3");
  add("relaxed", po::value<std::string>()->value_name("LIST"),
      "ISO 9660 names beyond the standard, which MS-DOS, VMS and some firmware do not find: lower-case, ascii, dots, "
      "long (37 characters), no-version, no-dot; untranslated is all of them");
  add("strict-compliance",
      "only what the standards' letter has: refuse a folder below the eighth level, unless --deep relocate moves it, "
      "Joliet "
      "names above 64 units, and --relaxed");
  add("restricted-names", "refuse a name with characters beyond ASCII");
  add("deep", po::value<std::string>()->value_name("HOW"),
      "ISO 9660 folders below the eighth level: keep (default), relocate, refuse");
  add("moved-folder", po::value<std::string>()->value_name("NAME"),
      "folder in the root that relocated ones lie in; default rr_moved");
  add("joliet-names", po::value<int>()->value_name("N"), "longest Joliet name, 64 to 103 units; default 64");
  add("rock-ridge", po::value<std::string>()->value_name("VERSION"),
      "1.12 (default), or 1.10: without serial numbers, for old readers");
  add("hide", po::value<Words>()->value_name("PATTERN"),
      "leave what matches, and all below it, out of ISO 9660 and Rock Ridge: '*.tmp' anywhere, 'docs/*' from the top; "
      "may be repeated, as the two that follow");
  add("hide-joliet", po::value<Words>()->value_name("PATTERN"), "leave it out of Joliet");
  add("hide-iso1999", po::value<Words>()->value_name("PATTERN"), "leave it out of the tree of ISO 9660:1999");
  add("system-id", po::value<std::string>()->value_name("TEXT"), "system that the system area is for");
  add("volume-set", po::value<std::string>()->value_name("TEXT"), "name of the volume set");
  add("volume-set-size", po::value<int>()->value_name("N"), "how many volumes the set has; default 1");
  add("volume-number", po::value<int>()->value_name("N"), "which of them this is; default 1");
  add("publisher", po::value<std::string>()->value_name("TEXT"), "who publishes the volume");
  add("preparer", po::value<std::string>()->value_name("TEXT"), "who prepared its data");
  add("application", po::value<std::string>()->value_name("TEXT"), "what its data are for");
  add("copyright-file", po::value<std::string>()->value_name("NAME"), "file of the image's root with the copyright");
  add("abstract-file", po::value<std::string>()->value_name("NAME"), "file of the root with an abstract");
  add("bibliographic-file", po::value<std::string>()->value_name("NAME"), "file of the root with bibliographic data");
}

void set_iso_profile(const Options& options, Profile& profile) {
  set_names(options, profile);
  set_texts(options, profile);
}

void settle_iso_entries(const Options& options, FileSystemImage& image) {
  auto& profile = image.profile();
  const auto& tree = std::as_const(image).tree();
  // What a disc's descriptors name may be gone from its newest session.
  for (const auto& [option, text] : kTexts)
    if (std::string_view(option).ends_with("-file") && !options.has(option) && !tree.child(kRootNode, profile.*text))
      (profile.*text).clear();
  hide(options, image);
}

}  // namespace fsimage::tools
