// fsimage burn: a saved image onto a disc.

#include "burning.hpp"
#include "command.hpp"
#include "discs.hpp"
#include "text.hpp"

#include <fsimage/burn/session_image.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kBurnText =
    "Burns IMAGE: a session that `fsimage create --onto` saved for one particular disc, or the image of a whole disc, "
    "by\n"
    "whatever program, which goes onto a blank one. All checks come before anything that cannot be taken back: the "
    "disc's\n"
    "state and room, every source, and whether this is the disc, in the state, that the session was made for.\n"
    "\n"
    "  fsimage burn monday.fss --to mock:disc.cdr --verify\n"
    "  fsimage burn pictures.iso --to 'mock:new.bdr?media=bd-r' --verify=quick --eject\n";

}  // namespace

int burn(Arguments args, Io& io) {
  Options options("burn IMAGE --to DISC [OPTION...]", std::string(kBurnText));
  options.add()("to", po::value<std::string>()->value_name("DISC"), "the disc; `fsimage discs` tells how it is named")(
      "copies", po::value<unsigned>()->value_name("N")->default_value(1),
      "burn N discs, one after another; the recorder's tray opens between them");
  add_burn_options(options);
  options.add()("quiet,q", "no progress, no summary");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 1) throw UsageError("one IMAGE");
  if (!options.has("to")) throw UsageError("--to DISC says where the image goes");
  const auto& disc = options.get<std::string>("to");
  const auto session = load_session_image(options.operands()[0]);
  const auto copies = options.get<unsigned>("copies");
  if (copies == 0) throw UsageError("--copies is 1 or more");
  if (copies > 1 && session.made_for)
    throw UsageError("a session is for one disc: --copies is for images of whole discs");
  for (unsigned copy = 1; copy <= copies; ++copy) {
    const auto recorder = open_recorder(disc);
    if (copy > 1) recorder->tray(Tray::close);
    const auto receipt = burn_session(*recorder, session, options, io, copy < copies);
    if (!options.has("quiet")) print_receipt(receipt, disc, io.err);
  }
  return kDone;
}

}  // namespace fsimage::tools
