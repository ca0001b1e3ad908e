#include "app.hpp"

#include "command.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/version.hpp>

#include <algorithm>
#include <array>
#include <iomanip>
#include <new>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::array kCommands{
    Command{"create", "put folders and files into one image", create},
    Command{"append", "add a session to a disc or image: old files stay, new ones come", append},
    Command{"burn", "burn a saved image to a disc", burn},
    Command{"ls", "list what an image holds, a line an entry", list},
    Command{"tree", "show what an image holds as a tree", tree},
    Command{"extract", "restore what an image holds as files and folders", extract},
    Command{"diff", "show where two images, or an image and a folder, differ", diff},
    Command{"map", "show what each block of an image is for", map},
    Command{"info", "describe the volumes on an image", info},
    Command{"verify", "check an image, and its views against one another", verify},
    Command{"dump", "decode the structures in a block", dump},
    Command{"discs", "list how discs are named", discs},
    Command{"media", "show what lies in a recorder, or save a description of it", media},
    Command{"read", "copy a disc into an image file", read},
    Command{"erase", "make a rewritable disc blank", erase},
    Command{"close", "end an open session, or finalise a disc", close},
    Command{"eject", "open a recorder's tray", eject},
    Command{"load", "close a recorder's tray", load},
};

void print_help(std::ostream& out) {
  out << "fsimage authors disc images, saves them to files and burns them.\n\n"
         "usage: fsimage COMMAND [OPTION...] ...\n\n";
  for (const auto& c : kCommands) out << "  " << std::left << std::setw(9) << c.name << c.summary << '\n';
  out << "\n`fsimage COMMAND --help` explains one command. To begin with:\n\n"
         "  fsimage create ~/Pictures -o pictures.iso\n"
         "  fsimage ls pictures.iso\n"
         "  fsimage append pictures.iso ~/More\n"
         "  fsimage burn pictures.iso --to 'mock:disc.bdr?media=bd-r' --verify\n\n"
         "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 cancelled.\n";
}

int dispatch(Arguments args, Io& io) {
  if (args.empty()) {
    print_help(io.err);
    return kUsage;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_help(io.out);
    return kDone;
  }
  if (args[0] == "--version") {
    io.out << "fsimage " << kVersion << '\n';
    return kDone;
  }
  const auto command =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == args[0]; });
  if (command == kCommands.end()) throw UsageError("there is no command '" + printable(args[0]) + "'");
  return command->run(args.subspan(1), io);
}

int report(Io& io, const Error& e) {
  if (e.code() == Errc::cancelled) {
    io.err << "fsimage: cancelled\n";
    return kCancelled;
  }
  io.err << "fsimage: " << error_text(e) << '\n';
  return kFailed;
}

}  // namespace

Options::Options(std::string usage, std::string text)
    : usage_(std::move(usage)), text_(std::move(text)), visible_("options", 100) {
  add()("help,h", "show this help");
}

bool Options::parse(Arguments args, Io& io) {
  po::options_description all;
  all.add(visible_).add_options()("operand", po::value(&operands_));
  po::positional_options_description positions;
  positions.add("operand", -1);
  try {
    std::vector<std::string> words(args.begin(), args.end());
    const auto last = std::find(words.begin(), words.end(), "--");
    for (const auto& [option, value] : alone_) {
      auto whole = option;
      std::replace(words.begin(), last, option, whole.append("=").append(value));
    }
    const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positions).style(style).run(), values_);
    po::notify(values_);
  } catch (const po::error& e) {
    throw UsageError(printable(e.what()));
  }
  if (!has("help")) return true;
  io.out << "usage: fsimage " << usage_ << "\n\n" << text_ << '\n' << visible_;
  return false;
}

int run(std::span<const std::string> args, Io& io) {
  try {
    const int code = dispatch(args, io);
    io.out.flush();
    if (!io.out) throw Error(std::make_error_code(std::errc::io_error), {}, "standard output cannot be written");
    return code;
  } catch (const UsageError& e) {
    io.err << "fsimage: " << e.what() << "\nTry 'fsimage " << (args.empty() ? "" : printable(args[0]) + " ")
           << "--help'.\n";
    return kUsage;
  } catch (const Error& e) {
    return report(io, e);
  } catch (const std::bad_alloc&) {
    io.err << "fsimage: out of memory\n";
  } catch (const std::exception& e) {
    io.err << "fsimage: " << printable(e.what()) << '\n';
  }
  return kFailed;
}

}  // namespace fsimage::tools
