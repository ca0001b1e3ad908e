#include "authoring.hpp"

#include "lists.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/glob.hpp>
#include <fsimage/import/manifest_cursor.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

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
  if (!n) throw Error(Errc::not_found, {.path = path}, "the image holds no such entry");
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

Timestamp time_or_usage_error(const std::string& name, const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw UsageError(name + " is not a time: '" + printable(text) + "'");
  return *time;
}

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
  add("files-from,T", po::value<std::vector<std::string>>()->value_name("FILE"),
      "add the paths that FILE lists, one a line, each in its folders, as tar does; '-' is standard input");
  add("null,0", "in --files-from a NUL ends a path, as find -print0 writes it");
  add("no-recursion", "a folder in --files-from is the folder alone");
  add("path-list", po::value<std::vector<std::string>>()->value_name("FILE"),
      "add what the lines of FILE name, each [TARGET=]SOURCE; one that begins with '#' is a remark");
  add("manifest", po::value<std::vector<std::string>>()->value_name("FILE"),
      "add what an mtree manifest lists, with the attributes that it gives; contents are looked for from here");
  add("check-digests", "compare files with the SHA-256 that --manifest gives");
  add("exclude", po::value<std::vector<std::string>>()->value_name("PATTERN"),
      "leave out what matches: '*.o' anywhere, 'build/*' from the top; may be repeated");
  add("exclude-from", po::value<std::vector<std::string>>()->value_name("FILE"), "the patterns of FILE, one a line");
  add("follow-links", po::value<std::string>()->value_name("WHICH"),
      "take what symlinks point to instead of the links: --follow-links of all, --follow-links=operands of those given "
      "as SOURCE, as is usual, --follow-links=none of none");
  options.may_stand_alone("follow-links", "all");
  add("one-file-system", "folders where another file system is mounted stay empty");
  add("no-special-files", "leave out devices, FIFOs and sockets");
  add("xattrs", po::value<std::string>()->value_name("WHICH")->default_value("none"),
      "extended attributes of the sources: none, or user, those of users, beside Rock Ridge and as named streams of "
      "UDF from 2.00 on");
  add("normalize", po::value<std::string>()->value_name("FORM")->default_value("keep"),
      "form of Unicode that names, and targets of links, are put into: nfc, nfd, keep");
  add("transliterate", "ISO 9660 names: letters without their marks, E for \u00e9, instead of _");
  add_attribute_options(options);
  add_content_options(options);
  add("stage", po::value<std::string>()->value_name("DIR"),
      "copy every source into DIR as it is added, so that it may change or go before the image is written");
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

namespace {

using Words = std::vector<std::string>;

Words words_of(const Options& options, const char* name) {
  return options.has(name) ? options.get<Words>(name) : Words();
}

HostScan scan_of(const Options& options, Io& io) {
  HostScan scan;
  scan.exclude = words_of(options, "exclude");
  for (const auto& list : words_of(options, "exclude-from"))
    read_lines(list, io, [&](const std::string& pattern, std::uint32_t) {
      const ExcludeList valid({pattern});  // or throws, while the line is known
      scan.exclude.push_back(pattern);
    });
  if (options.has("follow-links")) {
    const auto& which = options.get<std::string>("follow-links");
    if (which != "none" && which != "operands" && which != "all")
      throw UsageError("--follow-links is none, operands or all");
    scan.follow_links = which == "none"       ? FollowLinks::none
                        : which == "operands" ? FollowLinks::operands
                                              : FollowLinks::all;
  }
  scan.one_file_system = options.has("one-file-system");
  scan.skip_special_files = options.has("no-special-files");
  scan.user_xattrs = reads_user_xattrs(options);
  return scan;
}

// Several sources one after the other, under one progress line.
class Adder {
 public:
  Adder(FileSystemImage& image, const Options& options, Io& io, Tree::Existing existing)
      : image_(image), options_(options), io_(io), line_(io, options.has("quiet")) {
    add_.scan = scan_of(options, io);
    add_.include_base_directory = options.has("with-base");
    add_.existing = existing;
    add_.attributes = attribute_rules(options, io);
    add_.normalization = normalization_from(options);
    add_.stop = io.stop;
    add_.progress = [this](const AddProgress& p) {
      seen_ = p.items;
      line_.text("scanning  " + format_count(before_ + p.items) + " entries  " + format_bytes(p.sectors * kBlockSize));
    };
  }

  void graft(const Graft& graft) { count(image_.add(graft.source, graft.target, add_)); }

  // As tar has it: a path from the top of the host lies at the image's top, too.
  void files_from(const std::string& name) {
    auto relative = std::make_shared<PathList>(list_label(name)),
         absolute = std::make_shared<PathList>(list_label(name));
    const bool nul = options_.has("null");
    read_list(name, nul ? '\0' : '\n', io_, [&](const std::string& path, std::uint32_t number) {
      if (!path.empty() || nul) (path.starts_with('/') ? absolute : relative)->add(path, number);
    });
    for (const auto& [root, list] : {std::pair(".", relative), std::pair("/", absolute)}) {
      if (list->size() == 0) continue;
      list->sort();
      count(image_.add(open_host_paths(root, list, !options_.has("no-recursion"), add_.scan), "/", add_));
    }
  }

  void path_list(const std::string& name) {
    read_lines(name, io_, [&](const std::string& line, std::uint32_t) { graft(parse_graft(line)); });
  }

  void manifest(const std::string& name) {
    auto cursor = open_manifest(Manifest(read_text(name, io_), list_label(name)),
                                {.check_digests = options_.has("check-digests")});
    const auto top = cursor->top();
    count(image_.add(std::move(cursor), "/", add_));
    if (top) image_.tree().set_attributes(kRootNode, add_.attributes.apply(FileType::directory, *top));
  }

  ReusedContent sum() const { return sum_; }

 private:
  void count(const ReusedContent& reused) {
    sum_.files += reused.files;
    sum_.compared += reused.compared;
    sum_.changed += reused.changed;
    sum_.added += reused.added;
    before_ += std::exchange(seen_, 0);
  }

  FileSystemImage& image_;
  const Options& options_;
  Io& io_;
  ProgressLine line_;
  FileSystemImage::AddOptions add_;
  ReusedContent sum_;
  std::uint64_t before_ = 0, seen_ = 0;
};

}  // namespace

bool has_sources(std::span<const std::string> operands, const Options& options) {
  return !operands.empty() || options.has("files-from") || options.has("path-list") || options.has("manifest");
}

ReusedContent add_sources(FileSystemImage& image, std::span<const std::string> operands, const Options& options, Io& io,
                          Tree::Existing existing) {
  if (options.has("stage")) {
    image.set_working_directory(options.get<std::string>("stage"));
    image.set_stage_files(true);
  }
  Adder adder(image, options, io, existing);
  for (const auto& operand : operands) adder.graft(parse_graft(operand));
  for (const auto& list : words_of(options, "files-from")) adder.files_from(list);
  for (const auto& list : words_of(options, "path-list")) adder.path_list(list);
  for (const auto& list : words_of(options, "manifest")) adder.manifest(list);
  return adder.sum();
}

void move_entries(FileSystemImage& image, const Options& options) {
  for (const auto& word : words_of(options, "move")) move_entry(image.tree(), word);
}

ReusedContent edit_image(FileSystemImage& image, std::span<const std::string> sources, const Options& options, Io& io) {
  if (options.has("update") && sources.empty()) throw UsageError("--update needs a SOURCE");
  for (const auto& path : words_of(options, "remove")) {
    auto& tree = image.tree();
    tree.remove_tree(entry_at(tree, path));
  }
  move_entries(image, options);
  return add_sources(image, sources, options, io,
                     options.has("update") ? Tree::Existing::mirror : Tree::Existing::replace);
}

}  // namespace fsimage::tools
