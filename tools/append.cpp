// fsimage append: a further session on a disc or image.

#include "authoring.hpp"
#include "discs.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>

#include <cerrno>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kText =
    "Adds a session to DISC, an image file: what its newest session holds, with SOURCE folders and files put into it\n"
    "as by create. A file that DISC has already is replaced; one that has not changed is not written again. All that\n"
    "stays keeps its blocks, so that a session costs its new content and its structures.\n"
    "\n"
    "Readers find the newest session at once. With --sequential the file is continued as a disc is that can be "
    "written\n"
    "only once: the older sessions stay as they are, and programs that look for the last session find the new one.\n"
    "Until the last step the file reads as before, and when anything fails it is as it was.\n"
    "\n"
    "  fsimage append backup.iso ~/Pictures\n"
    "  fsimage append backup.iso --update photos=~/Pictures --remove /old\n"
    "  fsimage append backup.iso --move /draft.txt=/final.txt --dry-run\n";

// clang-format off: an option a line
void add_options(Options& options) {
  options.add()("update", "each SOURCE folder's target becomes its mirror: what the folder does not hold goes")(
      "remove", po::value<std::vector<std::string>>()->value_name("PATH"),
      "take PATH, and all below it, out of the newest state; may be repeated")(
      "move", po::value<std::vector<std::string>>()->value_name("FROM=TO"), "give an entry another place or name")(
      "label,V", po::value<std::string>()->value_name("NAME"), "another volume name than the disc has")(
      "sequential", "continue the file as a disc that can be written only once")(
      "dry-run,n", "tell what would be written, and write nothing");
  add_source_options(options);
}
// clang-format on

NodeId entry_at(const Tree& tree, const std::string& path) {
  const auto n = tree.find(path);
  if (!n) throw Error(Errc::not_found, {.path = path}, "the disc's newest session holds no such entry");
  return *n;
}

void move_entry(Tree& tree, const std::string& operand) {
  const auto [from, to] = parse_graft(operand);
  const auto item = entry_at(tree, from);
  const auto slash = to.find_last_not_of('/') == to.npos ? to.npos : to.rfind('/', to.find_last_not_of('/'));
  const auto folder = slash == to.npos ? std::string() : to.substr(0, slash);
  auto name = slash == to.npos ? to : to.substr(slash + 1);
  while (!name.empty() && name.back() == '/') name.pop_back();
  tree.move(item, tree.make_path(folder, {.permissions = 0755}), name);
}

// Removing comes first, then moving, then what is new: each stands on the one before.
ReusedContent edit(FileSystemImage& image, std::span<const std::string> sources, const Options& options, Io& io) {
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

Media state_of(Recorder& recorder, const Options& options) {
  auto media = recorder.media();
  if (!options.has("sequential")) return media;
  if (media.type != MediaType::file) throw UsageError("--sequential is for image files: discs are what they are");
  media.media_class = MediaClass::sequential;
  media.next_writable = round_up(Lba{media.used.value}, kFrontCluster);
  return media;
}

BlockCount written_by(const Plan& plan, const ResultImage& image) {
  auto blocks = plan.total_blocks();
  for (const auto& e : image.replaced()) blocks += blocks_for(e.bytes->size());
  return blocks;
}

void print_summary(const Plan& plan, const ReusedContent& reused, BlockCount written, const std::string& disc, bool dry,
                   std::ostream& out) {
  out << printable(disc) << ": " << (dry ? "would add" : "added") << " a session at block " << plan.first_block().value
      << ": " << format_count(written.value) << " blocks, " << format_bytes(written.bytes()) << "; "
      << format_count(plan.entries()) << " entries, of which " << format_count(plan.kept().files)
      << " contents stay where they are";
  if (reused.files + reused.changed + reused.added != 0)
    out << "; of the sources " << format_count(reused.added) << " files are new, " << format_count(reused.changed)
        << " changed, " << format_count(reused.files) << " unchanged";
  out << '\n';
}

void burn(Recorder& recorder, const ResultImage& image, const Options& options, Io& io) {
  ProgressLine line(io, options.has("quiet"));
  BurnOptions burn;
  burn.sync = !options.has("no-sync");
  recorder.burn(image, burn, burn_progress(line), io.stop);
}

}  // namespace

int append(Arguments args, Io& io) {
  Options options("append DISC [TARGET=]SOURCE... [OPTION...]", std::string(kText));
  add_options(options);
  if (!options.parse(args, io)) return kDone;
  if (options.operands().empty()) throw UsageError("no DISC");
  const auto& disc = options.operands()[0];
  const auto sources = std::span(options.operands()).subspan(1);
  if (sources.empty() && !options.has("remove") && !options.has("move") && !options.has("label"))
    throw UsageError("nothing to change");
  if (options.has("update") && sources.empty()) throw UsageError("--update needs a SOURCE");

  const auto recorder = open_recorder(disc, options.has("workers") ? options.get<unsigned>("workers") : 0);
  const auto media = state_of(*recorder, options);
  const std::shared_ptr<const ByteSource> before = recorder->read_back();
  if (!before) throw os_error(ENOENT, disc, "cannot open the disc");
  FileSystemImage image;
  set_source_profile(options, io, image.profile());
  ImportOptions import;
  import.label = disc;
  import.stop = io.stop;
  image.continue_disc(before, media, import);
  if (options.has("label")) image.profile().volume_name = options.get<std::string>("label");
  const auto reused = edit(image, sources, options, io);

  const Plan plan = image.plan();
  print_findings(plan, options, io);
  const auto result = plan.create_image();
  const bool dry = options.has("dry-run");
  if (!dry) burn(*recorder, *result, options, io);
  if (options.has("json")) print_plan_json(plan, disc, io.out);
  if (options.has("map"))
    result->for_each_part([&](const ExtentPart& part) { io.out << printable(format_part(part)) << '\n'; });
  if (dry || (!options.has("quiet") && !options.has("json")))
    print_summary(plan, reused, written_by(plan, *result), disc, dry, dry && !options.has("json") ? io.out : io.err);
  return kDone;
}

}  // namespace fsimage::tools
