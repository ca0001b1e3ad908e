// fsimage create: host folders and files to one image.

#include "authoring.hpp"
#include "checksums.hpp"
#include "discs.hpp"
#include "plan_report.hpp"
#include "room.hpp"
#include "save.hpp"
#include "text.hpp"

#include <fsimage/burn/session_image.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/io/host_folder.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kCreateText =
    "Puts folders and files into one image. What is in a SOURCE folder lands in the image's root; with TARGET=SOURCE "
    "it\n"
    "lands in that folder of the image, and a file becomes TARGET itself, or with 'TARGET/=' lies in that folder.\n"
    "Write '\\=' for a '=' that belongs to a name, and '\\\\' for a backslash in front of a '='.\n"
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
    "so;\n"
    "with --exact any such loss fails. --dry-run tells all of it, with the exact size and the media that it fits.\n"
    "\n"
    "Sources may come from lists, too: --files-from, --path-list, --manifest. What is wrong in one is named with its\n"
    "line. --owner, --mode, --mtime and the like change attributes in the image alone; --move gives what was added\n"
    "another place in it.\n"
    "\n"
    "With --onto the image is a further session of DISC, saved for `fsimage burn`, and holds what is new: --update,\n"
    "--remove and --move change what the disc shows, and --fs follows the disc.\n"
    "\n"
    "  fsimage create ~/Pictures -o pictures.iso\n"
    "  fsimage create photos=~/Pictures docs/cv.pdf=cv.pdf -o disc.iso --label HOLIDAY\n"
    "  fsimage create ~/Pictures -o disc.iso --media dvd+r\n"
    "  fsimage create disk -o boot.iso --boot bios=/boot/loader.bin,info-table --boot uefi=host:esp.img\n"
    "  fsimage create --onto mock:disc.cdr ~/More -o more.fss\n"
    "  find src -name '*.c' -print0 | fsimage create -0 --files-from - -o sources.iso\n"
    "  fsimage create src -o - --exclude '*.o' --exclude 'build/*' | ssh host 'cat > src.iso'\n";

void add_options(Options& options) {
  auto add = options.add();
  add("output,o", po::value<std::string>()->value_name("OUT"), "image file to write, or '-'");
  add("sha256", po::value<std::string>()->value_name("FILE"),
      "write the SHA-256 of every file to FILE, for `sha256sum -c`, and tell that of the image");
  add("onto", po::value<std::string>()->value_name("DISC"),
      "make a further session of DISC, or of one that `fsimage media --save` described, for `fsimage burn`");
  add("fs", po::value<std::string>()->value_name("LIST")->default_value("iso9660,joliet,rockridge,udf"),
      "file systems to create; iso1999 adds a tree of ISO 9660:1999, with names of 207 bytes at any depth");
  add("label,V", po::value<std::string>()->value_name("NAME")->default_value("FSIMAGE"), "volume name");
  add("udf-revision", po::value<std::string>()->value_name("R")->default_value("1.02"),
      "revision of UDF: 1.02, 1.50, 2.00, 2.01, 2.50, 2.60 (creation times from 2.00, a metadata partition from 2.50)");
  add("no-redundant-metadata",
      "from UDF 2.50 on, the mirror of the metadata shares its blocks instead of copying them");
  add("embed-small-files", "files of up to 1.8 KiB lie inside their file entries, with --fs udf alone");
  add("udf-special-files", "symlinks, devices and FIFOs in UDF too (7-Zip then refuses the UDF volume)");
  add_room_options(options);
  add_iso_options(options);
  add_edit_options(options);
  add_boot_options(options);
  add_source_options(options);
}

std::uint16_t udf_revision_from(const std::string& text) {
  for (const auto number : kUdfRevisions)
    if (text == revision_text(number)) return number;
  throw UsageError("--udf-revision is 1.02, 1.50, 2.00, 2.01, 2.50 or 2.60");
}

Profile profile_from(const Options& options, const Io& io) {
  Profile profile;
  auto& fs = profile.file_systems = {false, false, false, false};
  set_flags("fs", options.get<std::string>("fs"),
            {{"iso9660", &fs.iso9660},
             {"joliet", &fs.joliet},
             {"rockridge", &fs.rockridge},
             {"udf", &fs.udf},
             {"iso1999", &fs.iso1999}});
  fs.iso9660 = fs.iso9660 || fs.joliet || fs.rockridge || fs.iso1999;  // all are parts of an ISO 9660 volume
  profile.volume_name = options.get<std::string>("label");
  profile.udf_revision = udf_revision_from(options.get<std::string>("udf-revision"));
  profile.redundant_udf_metadata = !options.has("no-redundant-metadata");
  profile.udf_embedded_files = options.has("embed-small-files");
  profile.udf_special_files = options.has("udf-special-files");
  set_iso_profile(options, profile);
  set_source_profile(options, io, profile);
  return profile;
}

// An older image under the output's name, inside a source, would be put into its own successor.
void check_not_in_itself(const Tree& tree, const std::string& output) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(output, none)) return;
  const auto old = stat_host(output).fingerprint;
  for (std::uint32_t i = 0; i < tree.inode_count(); ++i) {
    const auto& inode = tree.inode(InodeId{i});
    if (inode.links == 0 || inode.type != FileType::regular) continue;
    const auto file = tree.contents().file(inode.content);
    if (file && file->inode == old.inode && file->device == old.device)
      throw Error(Errc::invalid_argument, {.path = output},
                  "the image would hold its own older version: save it elsewhere or --exclude it");
  }
}

// What only a first session can choose.
void check_onto(const Options& options) {
  if (!options.has("onto")) {
    for (const auto* word : {"update", "remove", "sequential"})
      if (options.has(word)) throw UsageError("--" + std::string(word) + " changes a disc: --onto DISC says which");
    return;
  }
  if (options.has("media")) throw UsageError("--media is for a first session: a further one follows the disc");
  for (const auto* word : {"fs", "udf-revision", "no-redundant-metadata", "udf-special-files"})
    if (options.given(word)) throw UsageError("--" + std::string(word) + " follows the disc, with --onto");
}

// The finished image as it is saved: a session knows the disc that it was made for.
std::shared_ptr<const ResultImage> saved_form(const Plan& plan, const std::optional<TargetDisc>& disc) {
  auto image = plan.create_image();
  if (!disc || disc->blank()) return image;
  return session_file({.image = std::move(image), .made_for = disc->identity});
}

void print_saved(const Plan& plan, const std::string& output, const std::string& digest, std::ostream& out) {
  out << printable(output) << ": " << format_count(plan.entries()) << " entries, "
      << format_count(plan.total_blocks().value) << " blocks, " << format_bytes(plan.total_blocks().bytes())
      << (digest.empty() ? "" : ", SHA-256 " + digest) << '\n';
}

}  // namespace

int create(Arguments args, Io& io) {
  Options options("create [TARGET=]SOURCE... -o OUT [OPTION...]", std::string(kCreateText));
  add_options(options);
  if (!options.parse(args, io)) return kDone;
  check_onto(options);
  if (!has_sources(options.operands(), options) && !options.has("onto"))
    throw UsageError("nothing to put into the image");
  check_operands(options.operands(), options);
  const bool only_tell = options.has("dry-run");
  if (!options.has("output") && !only_tell) throw UsageError("-o OUT says where the image goes");
  const auto output = options.has("output") ? options.get<std::string>("output") : std::string();
  if (!only_tell && output == "-" && (options.has("json") || options.has("map")))
    throw UsageError("standard output takes the image, or a report, not both");

  FileSystemImage image;
  image.profile() = profile_from(options, io);
  set_room(options, image);
  if (!only_tell) check_output(output, io);  // before the work, what can be known before it
  std::optional<TargetDisc> disc;
  if (options.has("onto")) {
    disc = find_target(options.get<std::string>("onto"), io.stop);
    continue_target(image, *disc, options.has("sequential"), io.stop);
    if (options.given("label")) image.profile().volume_name = options.get<std::string>("label");
    set_iso_profile(options, image.profile());
  }
  std::optional<DryRun> dry;
  if (only_tell) dry.emplace(image);
  if (disc) {
    edit_image(image, options.operands(), options, io);
  } else {
    add_sources(image, options.operands(), options, io);
    move_entries(image, options);
  }
  settle_iso_entries(options, image);
  set_boot_images(options, image);
  if (!output.empty() && output != "-") check_not_in_itself(std::as_const(image).tree(), output);
  set_contents(options, image, io);
  if (dry)
    return dry->tell(
        output, disc ? &*disc : nullptr,
        [](const Plan& plan, std::ostream& out) {
          out << "would write " << format_count(plan.entries())
              << " entries: " << format_count(plan.total_blocks().value) << " blocks, "
              << format_count(plan.total_blocks().bytes()) << " bytes\n";
        },
        options, io);
  const Plan plan = image.plan();
  print_findings(plan, image.source_findings(), options, io);
  const auto result = saved_form(plan, disc);
  std::optional<ImageDigests> digests;
  if (options.has("sha256")) digests.emplace(result);
  save(*result, output,
       {.sync = !options.has("no-sync"),
        .quiet = options.has("quiet"),
        .workers = options.has("workers") ? options.get<unsigned>("workers") : 0,
        .digests = digests ? &*digests : nullptr},
       io);
  if (digests)
    write_checksums(std::as_const(image).tree(), plan, *result, *digests, options.get<std::string>("sha256"));
  const auto digest = digests ? to_hex(digests->image()) : std::string();
  if (options.has("json"))
    print_plan_json(plan, image.source_findings(), output, io.out, [&] {
      if (digests) io.out << R"(,"sha256":)" << json_string(digest);
    });
  if (options.has("map")) print_map(*result, io.out);
  if (!options.has("quiet") && !options.has("json")) print_saved(plan, output, digest, io.err);
  return kDone;
}

}  // namespace fsimage::tools
