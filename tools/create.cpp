// fsimage create: host folders and files to one image.

#include "command.hpp"
#include "progress_line.hpp"
#include "save.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>

#include <filesystem>
#include <ostream>
#include <utility>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kText =
    "Puts folders and files into one image. What is in a SOURCE folder lands in the image's root; with TARGET=SOURCE "
    "it\n"
    "lands in that folder of the image, and a file becomes TARGET itself. Write '\\=' for a '=' that belongs to a "
    "name.\n"
    "\n"
    "By default the image carries ISO 9660, Joliet, Rock Ridge and UDF over one copy of the data, so that every "
    "system\n"
    "reads it. The image is written to a temporary beside OUT and renamed when it is complete; OUT may end in .gz or "
    ".zst,\n"
    "and '-' is standard output.\n"
    "\n"
    "What a file system cannot hold as it is (a long name in Joliet, a symlink in UDF) is changed or left out there "
    "and\n"
    "reported; -v lists each. When no chosen file system keeps an entry as it is, create fails, unless --allow says "
    "so.\n"
    "\n"
    "  fsimage create ~/Pictures -o pictures.iso\n"
    "  fsimage create photos=~/Pictures docs/cv.pdf=cv.pdf -o disc.iso --label HOLIDAY\n"
    "  fsimage create src -o - --exclude '*.o' --exclude 'build/*' | ssh host 'cat > src.iso'\n";

// clang-format off: an option a line
void add_options(Options& options) {
  options.add()("output,o", po::value<std::string>()->value_name("OUT"), "image file to write, or '-'")(
      "fs", po::value<std::string>()->value_name("LIST")->default_value("iso9660,joliet,rockridge,udf"),
      "file systems to create")("label,V", po::value<std::string>()->value_name("NAME")->default_value("FSIMAGE"),
                                "volume name")("with-base",
                                               "a folder itself goes into the image, not only what is in it")(
      "exclude", po::value<std::vector<std::string>>()->value_name("PATTERN"),
      "leave out what matches: '*.o' anywhere, 'build/*' from the top; may be repeated")(
      "follow-links", "take what symlinks point to instead of the links")(
      "level", po::value<int>()->value_name("N")->default_value(3),
      "ISO 9660 interchange level: 1 (8.3 names), 2, 3 (files over 4 GiB)")(
      "deep", po::value<std::string>()->value_name("HOW")->default_value("keep"),
      "ISO 9660 folders below the eighth level: keep, relocate, refuse")(
      "joliet-names", po::value<int>()->value_name("N")->default_value(64), "longest Joliet name, 64 to 103 units")(
      "udf-special-files", "symlinks, devices and FIFOs in UDF too (7-Zip then refuses the UDF volume)")(
      "timestamp", po::value<std::string>()->value_name("TIME"),
      "volume dates: @SECONDS or YYYY-MM-DDTHH:MM:SSZ; default SOURCE_DATE_EPOCH, else the newest file's")(
      "all-times", "record access and change times as they are, not the modification time for all (not reproducible)")(
      "allow", po::value<std::string>()->value_name("LIST"), "losses in every view to accept: rename, drop")(
      "map", "print what each block of the image is for")(
      "workers", po::value<unsigned>()->value_name("N"),
      "threads that read and write; the bytes are the same with any number")(
      "no-sync", "do not wait for stable storage")("json", "print a report as JSON")("verbose,v", "list every finding")(
      "quiet,q", "no progress, no summary");
}
// clang-format on

// Comma-separated words to flags; an unknown word is wrong usage.
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

Timestamp time_or_usage_error(const std::string& name, const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw UsageError(name + " is not a time: '" + printable(text) + "'");
  return *time;
}

Profile profile_from(const Options& options, const Io& io) {
  Profile profile;
  auto& fs = profile.file_systems = {false, false, false, false};
  set_flags("fs", options.get<std::string>("fs"),
            {{"iso9660", &fs.iso9660}, {"joliet", &fs.joliet}, {"rockridge", &fs.rockridge}, {"udf", &fs.udf}});
  fs.iso9660 = fs.iso9660 || fs.joliet || fs.rockridge;  // both are parts of an ISO 9660 volume
  if (options.has("allow"))
    set_flags("allow", options.get<std::string>("allow"),
              {{"rename", &profile.allow_rename}, {"drop", &profile.allow_drop}});
  profile.volume_name = options.get<std::string>("label");
  const int level = options.get<int>("level");
  if (level < 1 || level > 3) throw UsageError("--level is 1, 2 or 3");
  profile.interchange_level = static_cast<std::uint8_t>(level);
  const int units = options.get<int>("joliet-names");
  if (units < 64 || units > 103) throw UsageError("--joliet-names is 64 to 103");
  profile.joliet_name_units = static_cast<std::uint8_t>(units);
  const auto& deep = options.get<std::string>("deep");
  if (deep != "keep" && deep != "relocate" && deep != "refuse") throw UsageError("--deep is keep, relocate or refuse");
  profile.deep_folders = deep == "keep"       ? DeepFolders::keep
                         : deep == "relocate" ? DeepFolders::relocate
                                              : DeepFolders::refuse;
  profile.udf_special_files = options.has("udf-special-files");
  profile.all_times = options.has("all-times");
  if (options.has("timestamp")) {
    profile.timestamp = time_or_usage_error("--timestamp", options.get<std::string>("timestamp"));
  } else if (const auto epoch = io.environment("SOURCE_DATE_EPOCH")) {
    profile.timestamp = time_or_usage_error("SOURCE_DATE_EPOCH", "@" + *epoch);
  }
  return profile;
}

struct Graft {
  std::string target, source;
};

// [TARGET=]SOURCE, split at the first '=' that no backslash precedes.
Graft parse_operand(const std::string& operand) {
  Graft graft{"/", {}};
  std::string text;
  bool split = false;
  for (std::size_t i = 0; i < operand.size(); ++i) {
    if (operand[i] == '\\' && i + 1 < operand.size() && operand[i + 1] == '=') {
      text += operand[++i];
    } else if (operand[i] == '=' && !split) {
      graft.target = std::exchange(text, {});
      split = true;
    } else {
      text += operand[i];
    }
  }
  graft.source = text;
  if (graft.source.empty()) throw UsageError("no source in '" + printable(operand) + "'");
  return graft;
}

void add_sources(FileSystemImage& image, const Options& options, Io& io) {
  FileSystemImage::AddOptions add;
  if (options.has("exclude")) add.scan.exclude = options.get<std::vector<std::string>>("exclude");
  add.scan.follow_links = options.has("follow-links");
  add.include_base_directory = options.has("with-base");
  add.stop = io.stop;
  ProgressLine line(io, options.has("quiet"));
  std::uint64_t before = 0, seen = 0;
  add.progress = [&](const AddProgress& p) {
    seen = p.items;
    line.text("scanning  " + format_count(before + p.items) + " entries  " + format_bytes(p.sectors * kBlockSize));
  };
  for (const auto& operand : options.operands()) {
    const auto graft = parse_operand(operand);
    image.add(graft.source, graft.target, add);
    before += std::exchange(seen, 0);
  }
}

// An older image under the output's name, inside a source, would be put into its own successor.
void check_not_in_itself(const FileSystemImage& image, const Options& options, const std::string& output) {
  namespace fs = std::filesystem;
  std::error_code none;
  const auto target = fs::canonical(output, none);
  if (none) return;  // nothing there yet, or no file at all
  for (const auto& operand : options.operands()) {
    const auto graft = parse_operand(operand);
    const auto source = fs::canonical(graft.source, none);
    if (none) continue;
    const auto inside =
        options.has("with-base") ? target.lexically_relative(source.parent_path()) : target.lexically_relative(source);
    if (target.lexically_relative(source).empty() || *target.lexically_relative(source).begin() == "..") continue;
    const auto path = target == source ? graft.target : graft.target + "/" + inside.string();
    if (const auto n = image.tree().find(path); n && !image.tree().is_directory(*n))
      throw Error(Errc::invalid_argument, {.path = output},
                  "the image would hold its own older version: save it elsewhere or --exclude it");
  }
}

// Losses that the user may want to know of without asking: what ISO 9660 makes of names is not news when Rock Ridge or
// another view keeps them.
bool in_summary(const Plan& plan, const FindingCount& f) {
  const auto& fs = plan.profile().file_systems;
  const bool others = fs.joliet || fs.rockridge || fs.udf;
  return f.kind != Finding::Kind::deviation && !(f.view == View::iso9660 && others && f.kind != Finding::Kind::clamped);
}

std::string_view plural_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::renamed: return "renamed";
    case Finding::Kind::collided: return "renamed apart";
    case Finding::Kind::dropped: return "left out";
    case Finding::Kind::clamped: return "clamped";
    case Finding::Kind::deviation: return "unusual";
    case Finding::Kind::lost: return "lost";
  }
  return "changed";
}

void print_findings(const Plan& plan, const Options& options, Io& io) {
  if (options.has("verbose")) {
    plan.for_each_finding([&](const Finding& f) {
      io.err << to_string(f.view) << ": " << to_string(f.kind) << ": " << printable(f.path) << ": " << f.text;
      if (!f.to.empty()) io.err << ": " << printable(f.to);
      io.err << '\n';
    });
  } else if (!options.has("quiet")) {
    for (const auto& f : plan.count_findings())
      if (in_summary(plan, f))
        io.err << "fsimage: " << to_string(f.view) << ": " << format_count(f.count) << ' ' << plural_of(f.kind) << " ("
               << f.first.text << "), for example " << printable(f.first.path) << "; -v lists all\n";
  }
}

void print_json(const Plan& plan, const std::string& output, std::ostream& out) {
  out << R"({"output":)" << json_string(output) << R"(,"image_id":)" << json_string(plan.image_id()) << R"(,"entries":)"
      << plan.entries() << R"(,"blocks":)" << plan.total_blocks().value << R"(,"bytes":)" << plan.total_blocks().bytes()
      << R"(,"timestamp":)" << json_string(format_time(*plan.profile().timestamp)) << R"(,"findings":[)";
  bool first = true;
  plan.for_each_finding([&](const Finding& f) {
    out << (std::exchange(first, false) ? "\n" : ",\n");
    write_json(out, f);
  });
  out << "]}\n";
}

}  // namespace

int create(Arguments args, Io& io) {
  Options options("create [TARGET=]SOURCE... -o OUT [OPTION...]", std::string(kText));
  add_options(options);
  if (!options.parse(args, io)) return kDone;
  if (options.operands().empty()) throw UsageError("nothing to put into the image");
  if (!options.has("output")) throw UsageError("-o OUT says where the image goes");
  const auto& output = options.get<std::string>("output");
  if (output == "-" && (options.has("json") || options.has("map")))
    throw UsageError("standard output takes the image, or a report, not both");

  FileSystemImage image;
  image.profile() = profile_from(options, io);
  check_output(output, io);  // before the work, what can be known before it
  add_sources(image, options, io);
  if (output != "-") check_not_in_itself(image, options, output);
  const Plan plan = image.plan();
  print_findings(plan, options, io);
  const auto result = plan.create_image();
  save(*result, output,
       {.sync = !options.has("no-sync"),
        .quiet = options.has("quiet"),
        .workers = options.has("workers") ? options.get<unsigned>("workers") : 0},
       io);
  if (options.has("json")) print_json(plan, output, io.out);
  if (options.has("map"))
    result->for_each_part([&](const ExtentPart& part) { io.out << printable(format_part(part)) << '\n'; });
  if (!options.has("quiet") && !options.has("json"))
    io.err << printable(output) << ": " << format_count(plan.entries()) << " entries, "
           << format_count(plan.total_blocks().value) << " blocks, " << format_bytes(plan.total_blocks().bytes())
           << '\n';
  return kDone;
}

}  // namespace fsimage::tools
