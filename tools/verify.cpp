// fsimage verify: whether an image is sound, and whether its views agree.

#include "command.hpp"
#include "open_image.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/volume_verify.hpp>

#include <ostream>

namespace fsimage::tools {
namespace {

constexpr std::string_view kVerifyText =
    "Checks IMAGE: the structures of every view, behind damage too; that path tables and folders agree, that nothing\n"
    "lies upon something else, and that all views show the same contents. --content reads every block of the files.\n"
    "Lost is what cannot be read; unusual is what breaks a rule that readers overlook. Exit code 1 when anything is\n"
    "lost; with --strict also when anything is unusual or missing in a view.\n"
    "\n"
    "  fsimage verify pictures.iso\n"
    "  fsimage verify --content --json pictures.iso\n";

std::string summary(const VerifiedView& v) {
  return std::string(to_string(v.view)) + ": " + format_count(v.folders) + " folders, " + format_count(v.files) +
         " files, " + format_count(v.others) + " others, " + format_bytes(v.bytes) +
         (v.lost == 0 ? "" : ", " + format_count(v.lost) + " lost");
}

void print_summary(const VerifiedVolumes& found, Io& io) {
  for (const auto& v : found.views) io.out << summary(v) << '\n';
  io.out << (found.sound() ? "sound" : "damaged") << ": " << format_count(found.lost) << " lost, "
         << format_count(found.deviations) << " unusual, " << format_count(found.disagreements)
         << " missing in a view\n";
}

void print_json(const VerifiedVolumes& found, const std::vector<Finding>& findings, std::ostream& out) {
  out << R"({"sound":)" << (found.sound() ? "true" : "false") << R"(,"lost":)" << found.lost << R"(,"deviations":)"
      << found.deviations << R"(,"disagreements":)" << found.disagreements << R"(,"views":[)";
  write_separated(out, found.views, [&](const VerifiedView& v) {
    out << R"({"view":)" << json_string(to_string(v.view)) << R"(,"folders":)" << v.folders << R"(,"files":)" << v.files
        << R"(,"others":)" << v.others << R"(,"bytes":)" << v.bytes << R"(,"lost":)" << v.lost << '}';
  });
  out << R"(],"findings":[)";
  write_separated(out, findings, [&](const Finding& f) { write_json(out, f); });
  out << "]}\n";
}

std::string_view word(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::lost: return "lost";
    case Finding::Kind::dropped: return "missing";
    default: return "unusual";
  }
}

}  // namespace

int verify(Arguments args, Io& io) {
  Options options("verify IMAGE [OPTION...]", std::string(kVerifyText));
  add_reading_options(options);
  options.add()("content", "read all contents too")("verbose,v", "print all findings, not only the first of each kind")(
      "json", "one object with all findings");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 1) throw UsageError("one IMAGE");
  const auto image = open_image(options, options.operands()[0]);
  const bool json = options.has("json"), verbose = options.has("verbose");
  constexpr std::uint64_t kPrinted = 20;
  std::uint64_t printed = 0, held_back = 0;
  std::vector<Finding> findings;
  ProgressLine line(io, false);
  const auto tell = [&](const Finding& f) {
    if (json) return findings.push_back(f);
    line.clear();
    if (!verbose && f.kind != Finding::Kind::lost && ++printed > kPrinted) {
      ++held_back;
      return;
    }
    io.err << word(f.kind) << ": " << (f.view == View::none ? "" : std::string(to_string(f.view)) + ": ")
           << (f.path.empty() ? "" : printable(f.path) + ": ") << printable(located_text(f)) << '\n';
  };
  const auto show = [&](const VerifyProgress& p) {
    if (p.bytes_to_read != 0)
      line.bytes("reading", p.bytes_read, p.bytes_to_read);
    else
      line.text("checking " + std::string(to_string(p.view)) + "  " + format_count(p.entries) + " entries");
  };
  const auto found = verify_volumes(
      image.session.source,
      {.volume = image.options, .read_content = options.has("content"), .progress = show, .stop = io.stop}, tell);
  line.clear();
  if (held_back != 0) io.err << "fsimage: and " << format_count(held_back) << " more; -v lists all\n";
  json ? print_json(found, findings, io.out) : print_summary(found, io);
  const bool strict_fails = options.has("strict") && (found.deviations != 0 || found.disagreements != 0);
  return found.sound() && !strict_fails ? kDone : kFailed;
}

}  // namespace fsimage::tools
