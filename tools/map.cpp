// fsimage map: what each block of an image is for.

#include "command.hpp"
#include "open_image.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/import/volume_map.hpp>

#include <ostream>

namespace fsimage::tools {
namespace {

constexpr std::string_view kMapText =
    "Prints a line for each structure, folder and file content of IMAGE in the order of their blocks: first block, "
    "number\n"
    "of blocks, and what they hold. Blocks are of 2048 bytes.\n"
    "\n"
    "  fsimage map pictures.iso | grep '^257+'\n";

}  // namespace

int map(Arguments args, Io& io) {
  Options options("map IMAGE [OPTION...]", std::string(kMapText));
  add_reading_options(options);
  options.add()("json", "an object a line");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 1) throw UsageError("one IMAGE");
  FindingPrinter findings(io);
  const bool json = options.has("json");
  const auto image = open_image(options, options.operands()[0]);
  map_volumes(
      image.session.source, image.options,
      [&](const VolumePart& part) {
        if (io.stop.stop_requested()) throw Error(Errc::cancelled, {}, "");
        if (json) {
          io.out << R"({"start":)" << part.start.value << R"(,"blocks":)" << part.blocks.value << R"(,"label":)"
                 << json_string(part.label) << "}\n";
        } else {
          io.out << printable(format_part({part.start, part.blocks, part.label})) << '\n';
        }
      },
      findings.function());
  findings.finish();
  return kDone;
}

}  // namespace fsimage::tools
