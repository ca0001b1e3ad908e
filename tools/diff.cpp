// fsimage diff: where two images, or an image and a folder, differ.

#include "command.hpp"
#include "open_image.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/compare.hpp>
#include <fsimage/import/host_cursor.hpp>

#include <ostream>
#include <utility>

namespace fsimage::tools {
namespace {

constexpr std::string_view kDiffText =
    "Compares what two images, or an image and a folder, hold: a line for each entry that is only in A (-), only in B\n"
    "(+), or differs (~): in type, size, mode, owner, time, link target, device, content where sizes agree, or, with\n"
    "--xattrs, extended attributes of users. Times, modes and owners count as far as both sides record them. Of an\n"
    "image without --view, Rock Ridge is compared when it is there, else the view with the most detail.\n"
    "\n"
    "Exit codes: 0 nothing differs, 1 something does or could not be compared, 2 wrong usage, 3 cancelled.\n"
    "\n"
    "  fsimage diff old.iso new.iso\n"
    "  fsimage diff pictures.iso ~/Pictures\n";

struct Operand {
  std::unique_ptr<EntryCursor> entries;
  View view = View::none;  // none: a folder
};

Operand open(const Options& options, const std::string& path, const FindingFn& on_finding) {
  if (is_host_directory(path)) return {open_host(path), View::none};
  auto image = open_image(options, path);
  image.options.order = EntryOrder::by_name;
  image.options.xattrs = true;
  prefer_rock_ridge(image);
  try {
    auto volume = open_volume(image.session.source, image.options, on_finding);
    const auto view = volume->view();
    return {std::move(volume), view};
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

char mark(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::added: return '+';
    case Difference::Kind::removed: return '-';
    case Difference::Kind::changed: break;
  }
  return '~';
}

std::string_view word(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::added: return "added";
    case Difference::Kind::removed: return "removed";
    case Difference::Kind::changed: break;
  }
  return "changed";
}

void print(const Difference& d, std::ostream& out) {
  out << mark(d.kind) << ' ' << printable(d.path);
  std::string_view between = ": ";
  for (const FieldChange& f : d.fields) {
    out << between << f.field;
    if (f.field != "content")
      out << ' ' << printable(f.before) << " \xE2\x86\x92 " << printable(f.after);
    else if (!f.before.empty() || !f.after.empty())
      out << ' ' << printable(f.before.empty() ? f.after : f.before);
    between = ", ";
  }
  out << '\n';
}

void print_json(const Difference& d, std::ostream& out) {
  out << R"({"kind":)" << json_string(word(d.kind)) << R"(,"path":)" << json_string(d.path);
  if (d.kind == Difference::Kind::changed) {
    out << R"(,"fields":{)";
    write_separated(out, d.fields, [&](const FieldChange& f) {
      out << json_string(f.field) << ":[" << json_string(f.before) << ',' << json_string(f.after) << ']';
    });
    out << '}';
  }
  out << "}\n";
}

}  // namespace

int diff(Arguments args, Io& io) {
  Options options("diff A B [OPTION...]", std::string(kDiffText));
  add_reading_options(options);
  options.add()("no-content", "sizes tell enough: files are not read")(
      "xattrs", "compare extended attributes of the namespace user too")("quiet,q", "only the exit code")(
      "json", "an object a line");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 2) throw UsageError("two images, or an image and a folder");
  const bool json = options.has("json"), quiet = options.has("quiet");

  FindingPrinter findings(io);
  bool lost = false;
  const FindingFn on_finding = [&, show = findings.function()](const Finding& f) {
    lost |= f.kind == Finding::Kind::lost;
    show(f);
  };
  const auto before = open(options, options.operands()[0], on_finding);
  const auto after = open(options, options.operands()[1], on_finding);

  ProgressLine line(io, quiet);
  CompareEvents events;
  events.difference = [&](const Difference& d) {
    if (quiet) return;
    line.clear();
    if (json)
      print_json(d, io.out);
    else
      print(d, io.out);
  };
  events.progress = [&](const CompareCounts& c, std::string_view) {
    line.text("comparing  " + format_count(c.entries) + " entries  " + format_bytes(c.bytes));
  };
  const auto counts =
      compare_entries({*before.entries, before.view}, {*after.entries, after.view},
                      {.content = !options.has("no-content"), .xattrs = options.has("xattrs")}, events, io.stop);
  line.clear();
  findings.finish();
  return counts.equal() && !lost ? kDone : kFailed;
}

}  // namespace fsimage::tools
