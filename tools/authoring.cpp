#include "authoring.hpp"

#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

Timestamp time_or_usage_error(const std::string& name, const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw UsageError(name + " is not a time: '" + printable(text) + "'");
  return *time;
}

Normalization normalization_from(const Options& options) {
  const auto& word = options.get<std::string>("normalize");
  if (word != "nfc" && word != "nfd" && word != "keep") throw UsageError("--normalize is nfc, nfd or keep");
  return word == "nfc" ? Normalization::nfc : word == "nfd" ? Normalization::nfd : Normalization::keep;
}

bool reads_user_xattrs(const Options& options) {
  const auto& word = options.get<std::string>("xattrs");
  if (word != "none" && word != "user") throw UsageError("--xattrs is none or user");
  return word == "user";
}

struct Halves {
  std::optional<std::string> before;
  std::string after;
};

Halves split_at_sign(const std::string& word) {
  Halves halves;
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto other = std::min(word.find_first_not_of('\\', i), word.size());
    const auto backslashes = other - i;
    const bool sign = other < word.size() && word[other] == '=';
    text.append(sign ? backslashes / 2 : backslashes, '\\');
    i = other;
    if (sign && backslashes % 2 == 0 && !halves.before)
      halves.before = std::exchange(text, {});
    else if (other < word.size())
      text += word[other];
  }
  halves.after = text;
  return halves;
}

// Only a hint can help whoever means a file whose name has a '='.
void check_not_a_name(const std::string& operand, const Graft& graft) {
  std::error_code none;
  namespace fs = std::filesystem;
  if (graft.source != operand && !fs::exists(fs::symlink_status(graft.source, none)) &&
      fs::exists(fs::symlink_status(operand, none)))
    throw UsageError("'" + printable(operand) + "' is taken as TARGET=SOURCE: write '\\=' for the '=' of a name");
}

NodeId entry_at(const Tree& tree, const std::string& path) {
  const auto n = tree.find(path);
  if (!n) throw Error(Errc::not_found, {.path = path}, "the disc's newest session holds no such entry");
  return *n;
}

void move_entry(Tree& tree, const std::string& word) {
  const auto [to, from] = parse_move(word);
  const auto item = entry_at(tree, from);
  const auto slash = to.find_last_not_of('/') == to.npos ? to.npos : to.rfind('/', to.find_last_not_of('/'));
  const auto folder = slash == to.npos ? std::string() : to.substr(0, slash);
  auto name = slash == to.npos ? to : to.substr(slash + 1);
  while (!name.empty() && name.back() == '/') name.pop_back();
  tree.move(item, tree.make_path(folder, {.permissions = 0755}), name);
}

}  // namespace

void add_edit_options(Options& options) {
  auto add = options.add();
  add("update", "each SOURCE folder's TARGET becomes its mirror: what the folder does not hold goes");
  add("remove", po::value<std::vector<std::string>>()->value_name("PATH"),
      "take PATH, and all below it, out of the newest state; may be repeated");
  add("move", po::value<std::vector<std::string>>()->value_name("FROM=TO"),
      "give an entry another place or name: TO is its whole new path, and missing folders are made; may be "
      "repeated");
  add("sequential", "continue an image file as if it were a disc that can be written only once");
}

void add_source_options(Options& options) {
  auto add = options.add();
  add("with-base", "a folder itself goes into the image, not only what is in it");
  add("exclude", po::value<std::vector<std::string>>()->value_name("PATTERN"),
      "leave out what matches: '*.o' anywhere, 'build/*' from the top; may be repeated");
  add("follow-links", "take what symlinks point to instead of the links");
  add("xattrs", po::value<std::string>()->value_name("WHICH")->default_value("none"),
      "extended attributes of the sources: none, or user, those of users, beside Rock Ridge and as named streams of "
      "UDF from 2.00 on");
  add("normalize", po::value<std::string>()->value_name("FORM")->default_value("keep"),
      "form of Unicode that names, and targets of links, are put into: nfc, nfd, keep");
  add("transliterate", "ISO 9660 names: letters without their marks, E for \u00e9, instead of _");
  add("timestamp", po::value<std::string>()->value_name("TIME"),
      "volume dates: @SECONDS or YYYY-MM-DDTHH:MM:SSZ; default SOURCE_DATE_EPOCH, else the newest file's");
  add("all-times", "record access and change times as they are, not the modification time for all (not reproducible)");
  add("allow", po::value<std::string>()->value_name("LIST"),
      "losses to accept that no view makes good: rename (a name is changed or cut), drop (an entry is left out), "
      "strip (named streams, that a file is a real-time file), clamp (a time or number becomes the nearest there is)");
  add("exact",
      "accept no loss in any view, but what --allow names; ISO 9660 names are of no account beside Rock Ridge");
  add("dry-run,n", "tell what would be written and what each view would lose, and write nothing");
  add("map", "print what each block of the image is for");
  add("workers", po::value<unsigned>()->value_name("N"),
      "threads that read and write; the bytes are the same with any number");
  add("no-sync", "do not wait for stable storage");
  add("json", "print a report as JSON");
  add("verbose,v", "list every finding");
  add("quiet,q", "no progress, no summary");
}

void set_flags(const std::string& option, const std::string& list,
               std::initializer_list<std::pair<std::string_view, bool*>> flags) {
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    const std::string word = list.substr(at, end - at);
    at = end + 1;
    bool known = false;
    for (const auto& [name, flag] : flags)
      if (name == word) known = *flag = true;
    if (!known) throw UsageError("--" + option + " does not know '" + printable(word) + "'");
  }
}

void set_source_profile(const Options& options, const Io& io, Profile& profile) {
  if (options.has("allow"))
    set_flags("allow", options.get<std::string>("allow"),
              {{"rename", &profile.allow_rename},
               {"drop", &profile.allow_drop},
               {"strip", &profile.allow_strip},
               {"clamp", &profile.allow_clamp}});
  profile.exact = options.has("exact");
  profile.all_times = options.has("all-times");
  profile.transliterate = options.has("transliterate");
  if (options.has("timestamp")) {
    profile.timestamp = time_or_usage_error("--timestamp", options.get<std::string>("timestamp"));
  } else if (const auto epoch = io.environment("SOURCE_DATE_EPOCH")) {
    profile.timestamp = time_or_usage_error("SOURCE_DATE_EPOCH", "@" + *epoch);
  }
}

Graft parse_graft(const std::string& operand) {
  const auto [target, source] = split_at_sign(operand);
  if (source.empty()) throw UsageError("no SOURCE in '" + printable(operand) + "'");
  if (!target) return {"/", source};
  if (target->empty()) throw UsageError("no TARGET in '" + printable(operand) + "'; '/' is the image's root");
  return {*target, source};
}

Graft parse_move(const std::string& word) {
  const auto [from, to] = split_at_sign(word);
  if (!from || from->empty() || to.empty())
    throw UsageError("--move takes FROM=TO, and '" + printable(word) + "' is not that; '\\=' is a '=' of a name");
  return {to, *from};
}

void check_operands(std::span<const std::string> sources, const Options& options) {
  for (const auto& operand : sources) check_not_a_name(operand, parse_graft(operand));
  if (options.has("move"))
    for (const auto& word : options.get<std::vector<std::string>>("move")) parse_move(word);
}

ReusedContent add_sources(FileSystemImage& image, std::span<const std::string> operands, const Options& options, Io& io,
                          Tree::Existing existing) {
  FileSystemImage::AddOptions add;
  if (options.has("exclude")) add.scan.exclude = options.get<std::vector<std::string>>("exclude");
  add.scan.follow_links = options.has("follow-links") ? FollowLinks::all : FollowLinks::operands;
  add.scan.user_xattrs = reads_user_xattrs(options);
  add.include_base_directory = options.has("with-base");
  add.existing = existing;
  add.normalization = normalization_from(options);
  add.stop = io.stop;
  ProgressLine line(io, options.has("quiet"));
  ReusedContent sum;
  std::uint64_t before = 0, seen = 0;
  add.progress = [&](const AddProgress& p) {
    seen = p.items;
    line.text("scanning  " + format_count(before + p.items) + " entries  " + format_bytes(p.sectors * kBlockSize));
  };
  for (const auto& operand : operands) {
    const auto graft = parse_graft(operand);
    const auto reused = image.add(graft.source, graft.target, add);
    sum.files += reused.files;
    sum.compared += reused.compared;
    sum.changed += reused.changed;
    sum.added += reused.added;
    before += std::exchange(seen, 0);
  }
  return sum;
}

ReusedContent edit_image(FileSystemImage& image, std::span<const std::string> sources, const Options& options, Io& io) {
  if (options.has("update") && sources.empty()) throw UsageError("--update needs a SOURCE");
  const auto each = [&](const char* option, const auto& work) {
    if (options.has(option))
      for (const auto& word : options.get<std::vector<std::string>>(option)) work(word);
  };
  each("remove", [&](const std::string& path) {
    auto& tree = image.tree();
    tree.remove_tree(entry_at(tree, path));
  });
  each("move", [&](const std::string& word) { move_entry(image.tree(), word); });
  return add_sources(image, sources, options, io,
                     options.has("update") ? Tree::Existing::mirror : Tree::Existing::replace);
}

}  // namespace fsimage::tools
