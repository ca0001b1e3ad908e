#include "open_image.hpp"

#include "discs.hpp"
#include "text.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/import_volume.hpp>

#include <cerrno>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;

DiscContent open_content(const std::string& disc) {
  const auto recorder = open_recorder(disc);
  DiscContent content{recorder->read_back(), {}};
  if (content.bytes) {
    content.hint = session_hint(recorder->media());
    return content;
  }
  if (recorder->media().type == MediaType::file) throw os_error(ENOENT, disc, "cannot open the image");
  throw Error(Errc::not_found, {.path = disc},
              "nothing can be read: the disc is " + std::string(to_string(recorder->media().state)));
}

View parse_view(const std::string& word) {
  if (word == "auto") return View::none;
  if (word == "udf") return View::udf;
  if (word == "rr" || word == "rockridge") return View::rockridge;
  if (word == "joliet") return View::joliet;
  if (word == "iso" || word == "iso9660") return View::iso9660;
  if (word == "1999" || word == "enhanced") return View::enhanced;
  throw UsageError("--view is udf, rr, joliet, 1999, iso or auto");
}

void add_reading_options(Options& options) {
  options.add()("view", po::value<std::string>()->value_name("VIEW")->default_value("auto"),
                "udf, rr, joliet, 1999, iso, or auto: the one that keeps most")(
      "session", po::value<std::uint32_t>()->value_name("N")->default_value(0), "1 is the oldest, 0 the newest")(
      "strict", "any deviation from the standards is an error")("salvage",
                                                                "go on behind damage, and say what was lost");
}

VolumeOptions reading_options(const Options& options) {
  if (options.has("strict") && options.has("salvage")) throw UsageError("either --strict or --salvage");
  VolumeOptions out;
  out.view = parse_view(options.get<std::string>("view"));
  if (options.has("strict")) out.strictness = Strictness::strict;
  if (options.has("salvage")) out.strictness = Strictness::salvage;
  return out;
}

OpenedImage open_image(const Options& options, const std::string& path) {
  OpenedImage out{{}, reading_options(options)};
  try {
    const auto content = open_content(path);
    out.session = choose_session(content.bytes, options.get<std::uint32_t>("session"), content.hint);
  } catch (const Error& e) {
    throw e.where().path.empty() ? e.with_path(path) : e;
  }
  out.options.session = out.session.start;
  return out;
}

void prefer_rock_ridge(OpenedImage& image) {
  if (image.options.view == View::none) image.options.view = default_view(image.session.found, ViewOrder::files);
}

namespace {
constexpr std::uint64_t kPrinted = 20;
}

FindingFn FindingPrinter::function() {
  return [this](const Finding& f) {
    if (++count_ > kPrinted) return;
    io_.err << "fsimage: " << (f.path.empty() ? "" : printable(f.path) + ": ") << printable(located_text(f)) << '\n';
  };
}

void FindingPrinter::finish() {
  if (count_ > kPrinted) io_.err << "fsimage: and " << format_count(count_ - kPrinted) << " more\n";
}

}  // namespace fsimage::tools
