// fsimage extract: what an image holds, as files and folders.

#include "command.hpp"
#include "open_image.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/import/extract.hpp>
#include <fsimage/io/host_users.hpp>

#include <ostream>
#include <utility>
#include <vector>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kExtractText =
    "Restores what IMAGE holds below DIR, or what lies at and below each PATTERN: a path (docs/a.txt), a shell "
    "pattern\n"
    "from the top ('docs/*.txt'), or one for names in any folder ('*.txt').\n"
    "\n"
    "Types, contents, permissions, times, links, devices and extended attributes of users are restored as far as the\n"
    "view has them; a named stream of UDF becomes an extended attribute. Without --view\n"
    "that is Rock Ridge when the image has it, since it alone keeps symbolic links, owners and devices in most "
    "images,\n"
    "else the view with the most detail. Nothing outside DIR is touched. What is there already stays, and is an "
    "error,\n"
    "unless --overwrite is given; folders are merged. An entry that cannot be restored is named, and the others "
    "follow;\n"
    "the exit code is then 1. With --salvage a file keeps what can be read of it, with zeros for the rest.\n"
    "\n"
    "  fsimage extract pictures.iso -C restored\n"
    "  fsimage extract pictures.iso 2025 '*.txt'\n";

struct Request {
  Options options{"extract IMAGE [PATTERN...] [OPTION...]", std::string(kExtractText)};
  std::string target;
  ExtractOptions extract;
};

RestoredXattrs parse_xattrs(const std::string& word) {
  if (word == "none") return RestoredXattrs::none;
  if (word == "user") return RestoredXattrs::user;
  if (word != "all") throw UsageError("--xattrs is none, user or all");
  if (!may_set_owners()) throw UsageError("--xattrs=all is for root");
  return RestoredXattrs::all;
}

bool parse(Request& request, Arguments args, Io& io) {
  auto& options = request.options;
  add_reading_options(options);
  options.add()("directory,C", po::value<std::string>()->value_name("DIR")->default_value("."),
                "where to; made when it is missing")("owner", "users and groups too; the default for root")(
      "no-owner", "all becomes the caller's, without set-ID bits; the default for others")(
      "xattrs", po::value<std::string>()->value_name("WHICH")->default_value("user"),
      "extended attributes: none, user, or all, which is for root: access control lists and capabilities as well")(
      "overwrite", "replace files that are there")("workers", po::value<unsigned>()->value_name("N"),
                                                   "threads that write")("quiet,q", "errors only")(
      "json", "report as an object");
  if (!options.parse(args, io)) return false;
  const auto& operands = options.operands();
  if (operands.empty()) throw UsageError("an IMAGE, and perhaps PATTERNs in it");
  if (options.has("owner") && options.has("no-owner")) throw UsageError("either --owner or --no-owner");
  request.target = options.get<std::string>("directory");
  try {
    request.extract.patterns = PathPatterns({operands.begin() + 1, operands.end()});
  } catch (const Error& e) {
    throw UsageError(e.message());
  }
  request.extract.owner = options.has("owner") || (!options.has("no-owner") && may_set_owners());
  request.extract.xattrs = parse_xattrs(options.get<std::string>("xattrs"));
  request.extract.overwrite = options.has("overwrite");
  request.extract.workers = options.has("workers") ? options.get<unsigned>("workers") : 0;
  return true;
}

// What went wrong and what was odd: printed as it comes, or kept for the report.
class Complaints {
 public:
  Complaints(Io& io, ProgressLine& line, bool json) : io_(io), line_(line), json_(json), printer_(io) {}

  void error(const Error& e) {
    if (json_) {
      errors_.push_back(e);
    } else {
      line_.clear();
      io_.err << "fsimage: " << error_text(e) << '\n';
    }
  }
  FindingFn finding_function() {
    return [this, print = printer_.function()](const Finding& f) {
      if (f.kind == Finding::Kind::lost) ++lost_;
      if (json_) {
        findings_.push_back(f);
      } else {
        line_.clear();
        print(f);
      }
    };
  }
  void finish() { printer_.finish(); }
  bool lost_any() const { return lost_ != 0; }
  const std::vector<Error>& errors() const { return errors_; }
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Io& io_;
  ProgressLine& line_;
  bool json_;
  FindingPrinter printer_;
  std::vector<Error> errors_;
  std::vector<Finding> findings_;
  std::uint64_t lost_ = 0;
};

template <class Items>
void write_list(std::ostream& out, std::string_view name, const Items& items) {
  out << ",\"" << name << "\":[" << (items.empty() ? "" : "\n");
  write_separated(
      out, items, [&](const auto& item) { write_json(out, item); }, ",\n");
  out << ']';
}

void print_json(const Request& request, View view, const ExtractCounts& c, const Complaints& complaints,
                std::ostream& out) {
  out << R"({"target":)" << json_string(request.target) << R"(,"view":)" << json_string(to_string(view))
      << R"(,"folders":)" << c.folders << R"(,"files":)" << c.files << R"(,"hard_links":)" << c.hard_links
      << R"(,"symlinks":)" << c.symlinks << R"(,"special":)" << c.special << R"(,"bytes":)" << c.bytes
      << R"(,"failed":)" << c.failed;
  write_list(out, "errors", complaints.errors());
  write_list(out, "findings", complaints.findings());
  out << "}\n";
}

void print_summary(const Request& request, View view, const ExtractCounts& c, std::ostream& out) {
  out << printable(request.target) << ": " << format_count(c.folders) << " folders, " << format_count(c.files)
      << " files";
  for (const auto& [count, what] : {std::pair{c.hard_links, " hard links"}, std::pair{c.symlinks, " symbolic links"},
                                    std::pair{c.special, " devices, FIFOs and sockets"}})
    if (count != 0) out << ", " << format_count(count) << what;
  out << ", " << format_bytes(c.bytes) << " from " << to_string(view);
  if (c.failed != 0) out << "; " << format_count(c.failed) << " could not be restored";
  out << '\n';
}

}  // namespace

int extract(Arguments args, Io& io) {
  Request request;
  if (!parse(request, args, io)) return kDone;
  const bool json = request.options.has("json"), quiet = request.options.has("quiet");
  ProgressLine line(io, quiet);
  Complaints complaints(io, line, json);
  auto image = open_image(request.options, request.options.operands()[0]);
  request.extract.salvage = image.options.strictness == Strictness::salvage;
  image.options.xattrs = request.extract.xattrs != RestoredXattrs::none;
  prefer_rock_ridge(image);
  const auto volume = open_volume(image.session.source, image.options, complaints.finding_function());
  ExtractEvents events;
  events.error = [&](const Error& e) { complaints.error(e); };
  events.finding = complaints.finding_function();
  events.progress = [&](const ExtractCounts& c, std::string_view) {
    line.text("extracting  " + format_count(c.folders + c.files + c.hard_links + c.symlinks + c.special) +
              " entries  " + format_bytes(c.bytes));
  };
  const auto counts = extract(*volume, request.target, std::move(request.extract), events, io.stop);
  line.clear();
  complaints.finish();
  if (json)
    print_json(request, volume->view(), counts, complaints, io.out);
  else if (!quiet)
    print_summary(request, volume->view(), counts, io.err);
  return counts.failed == 0 && !complaints.lost_any() ? kDone : kFailed;
}

}  // namespace fsimage::tools
