#include "open_image.hpp"

#include "command.hpp"
#include "text.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <cerrno>
#include <ostream>

namespace fsimage::tools {

std::shared_ptr<const ByteSource> open_source(const std::string& path) {
  std::shared_ptr<const ByteSource> source = IsoFileRecorder(path).read_back();
  if (!source) throw os_error(ENOENT, path, "cannot open the image");
  return source;
}

View parse_view(const std::string& word) {
  if (word == "auto") return View::none;
  if (word == "udf") return View::udf;
  if (word == "rr" || word == "rockridge") return View::rockridge;
  if (word == "joliet") return View::joliet;
  if (word == "iso" || word == "iso9660") return View::iso9660;
  throw UsageError("--view is udf, rr, joliet, iso or auto");
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
