// fsimage append: a further session on a disc or image.

#include "authoring.hpp"
#include "burning.hpp"
#include "discs.hpp"
#include "plan_report.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>

#include <optional>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kAppendText =
    "Adds a session to DISC: what its newest session holds, with SOURCE folders and files put into it\n"
    "as by create. DISC is an image file, or a disc as `fsimage discs` names it.\n"
    "A file that DISC has already is replaced; one that has not changed is not written again. All that\n"
    "stays keeps its blocks, so that a session costs its new content and its structures.\n"
    "\n"
    "Readers find the newest session at once. With --sequential the file is continued as a disc is that can be "
    "written\n"
    "only once: the older sessions stay as they are, and programs that look for the last session find the new one.\n"
    "Until the last step the file reads as before, and when anything fails it is as it was. So it is with a disc that "
    "can\n"
    "be written again and again; on one that is written once a failure leaves an open session behind those that are\n"
    "there, which `fsimage close` ends.\n"
    "\n"
    "--remove comes first, then --move, then the SOURCEs. Paths are those of the disc: /docs/a.txt. Write '\\=' for a "
    "'='\n"
    "that belongs to a name, in TARGET=SOURCE and FROM=TO alike.\n"
    "\n"
    "  fsimage append backup.iso ~/Pictures\n"
    "  fsimage append backup.iso --update photos=~/Pictures --remove /old\n"
    "  fsimage append backup.iso --move /draft.txt=/final.txt --dry-run\n"
    "  fsimage append mock:disc.cdr docs=~/Documents --verify\n";

void add_options(Options& options) {
  auto add = options.add();
  add("label,V", po::value<std::string>()->value_name("NAME"), "another volume name than the disc has");
  add_iso_options(options);
  add_edit_options(options);
  add_boot_options(options);
  add_source_options(options);
  add_burn_options(options);
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

}  // namespace

int append(Arguments args, Io& io) {
  Options options("append DISC [TARGET=]SOURCE... [OPTION...]", std::string(kAppendText));
  add_options(options);
  if (!options.parse(args, io)) return kDone;
  if (options.operands().empty()) throw UsageError("no DISC");
  const auto& disc = options.operands()[0];
  const auto sources = std::span(options.operands()).subspan(1);
  if (!has_sources(sources, options) && !options.has("remove") && !options.has("move") && !options.has("label") &&
      !options.has("boot") && !options.has("system-area"))
    throw UsageError("nothing to change");
  check_operands(sources, options);
  Profile trial;
  set_iso_profile(options, trial);  // what is wrong with the options is said before the disc is looked at

  const auto recorder = open_recorder(disc, options.has("workers") ? options.get<unsigned>("workers") : 0);
  auto target = look_at(*recorder, disc, io.stop);
  if (target.blank() && target.media.type == MediaType::file)
    throw Error(Errc::session_conflict, {.path = disc}, "the image is blank, or not there: fsimage create makes one");
  FileSystemImage image;
  set_source_profile(options, io, image.profile());
  continue_target(image, target, options.has("sequential"), io.stop);
  if (options.has("label")) image.profile().volume_name = options.get<std::string>("label");
  set_iso_profile(options, image.profile());
  std::optional<DryRun> dry;
  if (options.has("dry-run")) dry.emplace(image);
  const auto reused = edit_image(image, sources, options, io);
  settle_iso_entries(options, image);
  set_boot_images(options, image);
  set_contents(options, image, io);

  if (dry)
    return dry->tell(
        disc, &target,
        [&](const Plan& plan, std::ostream& out) {
          print_summary(plan, reused, written_by(plan, *plan.create_image()), disc, true, out);
        },
        options, io);
  const Plan plan = image.plan();
  print_findings(plan, image.source_findings(), options, io);
  const auto result = plan.create_image();
  SessionImage session{.image = result};
  if (image.continuation() != nullptr) session.made_for = target.identity;
  const auto receipt = burn_session(*recorder, session, options, io);
  if (!options.has("quiet") && !options.has("json") && receipt.verification == BurnReceipt::Verification::passed)
    io.err << printable(disc) << ": verified\n";
  if (options.has("json")) print_plan_json(plan, image.source_findings(), disc, io.out);
  if (options.has("map")) print_map(*result, io.out);
  if (!options.has("quiet") && !options.has("json"))
    print_summary(plan, reused, written_by(plan, *result), disc, false, io.err);
  return kDone;
}

}  // namespace fsimage::tools
