// fsimage discs, media, erase, eject, load, close: what recorders hold, and what is done to it without an image.

#include "command.hpp"
#include "discs.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/burn/disc_description.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <functional>
#include <iomanip>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

// One DISC and nothing else; empty when help was printed.
std::string only_disc(Options& options, Arguments args, Io& io) {
  options.add()("quiet,q", "no progress");
  if (!options.parse(args, io)) return {};
  if (options.operands().size() != 1) throw UsageError("one DISC");
  return options.operands()[0];
}

void row(std::ostream& out, std::string_view name, const std::string& value) {
  out << std::left << std::setw(18) << name << value << '\n';
}

std::string range_text(const MediaSession& s) {
  return std::to_string(s.first.value) + "-" + std::to_string(s.last.value);
}

std::string blocks_text(BlockCount blocks) {
  return format_count(blocks.value) + " blocks, " + format_bytes(blocks.bytes());
}

void print_media(const TargetDisc& disc, std::ostream& out) {
  const auto& m = disc.media;
  row(out, "disc", printable(disc.name));
  row(out, "media", std::string(to_string(m.type)) + ", " + std::string(to_string(m.media_class)));
  row(out, "state", std::string(to_string(m.state)) + (m.write_protected ? ", write-protected" : ""));
  if (m.capacity) row(out, "capacity", blocks_text(*m.capacity));
  row(out, "used", blocks_text(m.used));
  if (m.free) row(out, "free", blocks_text(*m.free));
  if (m.next_writable) row(out, "next writable", std::to_string(m.next_writable->value));
  row(out, "write unit", format_count(m.write_unit.value) + " blocks");
  if (!m.disc_id.empty()) row(out, "disc id", m.disc_id);
  if (!m.write_speeds.empty()) {
    std::string speeds;
    for (const auto s : m.write_speeds) speeds += (speeds.empty() ? "" : ", ") + std::to_string(s);
    row(out, "write speeds", speeds + " KiB/s");
  }
  for (const auto& v : disc.identity.volumes)
    row(out, "volume", std::string(to_string(v.view)) + " " + printable(v.name));
  for (std::size_t i = 0; i < m.sessions.size(); ++i)
    row(out, "session " + std::to_string(i + 1), range_text(m.sessions[i]));
  if (m.sessions.empty() && disc.identity.sessions != 0) row(out, "sessions", format_count(disc.identity.sessions));
  if (disc.identity.last_session) row(out, "last session", range_text(*disc.identity.last_session));
}

// Parses, and does something to the disc's recorder.
int on_recorder(Options& options, Arguments args, Io& io,
                const std::function<void(Recorder&, const ProgressFn&)>& work) {
  const auto disc = only_disc(options, args, io);
  if (disc.empty()) return kDone;
  ProgressLine line(io, options.has("quiet"));
  work(*open_recorder(disc), burn_progress(line));
  return kDone;
}

}  // namespace

int discs(Arguments args, Io& io) {
  Options options("discs [OPTION...]",
                  "Lists how a DISC is named wherever a command takes one, the drives here, and the TYPEs of simulated "
                  "discs.\n"
                  "\n"
                  "  fsimage media 'mock:disc.cdr?media=cd-r'\n");
  options.add()("json", "an object: names, drives and types");
  if (!options.parse(args, io)) return kDone;
  if (!options.operands().empty()) throw UsageError("no operand");
  const auto types = simulated_media();
  const auto found = drives();
  if (options.has("json")) {
    io.out << R"({"names":[)";
    write_separated(io.out, disc_kinds(), [&](const DiscKind& kind) {
      io.out << R"({"name":)" << json_string(kind.name) << R"(,"meaning":)" << json_string(kind.meaning) << '}';
    });
    io.out << R"(],"drives":[)";
    write_separated(io.out, found, [&](const RecorderInfo& drive) {
      io.out << R"({"name":)" << json_string(drive.name) << R"(,"vendor":)" << json_string(drive.vendor)
             << R"(,"product":)" << json_string(drive.product) << R"(,"revision":)" << json_string(drive.revision)
             << '}';
    });
    io.out << R"(],"types":[)";
    write_separated(io.out, types, [&](const std::string& type) { io.out << json_string(type); });
    io.out << "]}\n";
    return kDone;
  }
  for (const auto& kind : disc_kinds()) io.out << std::left << std::setw(24) << kind.name << kind.meaning << '\n';
  for (const auto& drive : found)
    io.out << std::left << std::setw(24) << drive.name
           << printable(drive.vendor + " " + drive.product + " " + drive.revision) << '\n';
  io.out << "TYPE is one of: ";
  write_separated(
      io.out, types, [&](const std::string& type) { io.out << type; }, ", ");
  io.out << '\n';
  return kDone;
}

int media(Arguments args, Io& io) {
  Options options(
      "media DISC [OPTION...]",
      "Shows what lies in a recorder: its state, room and sessions. With --save the disc is described in a file\n"
      "from which a session can be made for it where the disc is not: fsimage create --onto FILE.\n"
      "\n"
      "  fsimage media 'mock:disc.cdr?media=cd-r'\n"
      "  fsimage media mock:disc.cdr --save disc.fsd\n");
  options.add()("save", po::value<std::string>()->value_name("FILE"), "describe the disc in FILE")(
      "json", "one object: media and identity");
  const auto name = only_disc(options, args, io);
  if (name.empty()) return kDone;
  if (options.has("save")) {
    const auto recorder = open_recorder(name);
    const auto description = describe_disc(recorder->media(), recorder->read_back(), name, io.stop);
    save_description(description, options.get<std::string>("save"));
    if (!options.has("quiet"))
      io.err << printable(options.get<std::string>("save")) << ": describes " << printable(name) << '\n';
    return kDone;
  }
  const auto disc = find_target(name, io.stop);
  if (options.has("json"))
    io.out << R"({"disc":)" << json_string(name) << R"(,"media":)" << to_json(disc.media) << R"(,"identity":)"
           << to_json(disc.identity) << "}\n";
  else
    print_media(disc, io.out);
  return kDone;
}

int erase(Arguments args, Io& io) {
  Options options(
      "erase DISC [OPTION...]",
      "Makes a rewritable disc blank. An image file is removed. `fsimage discs` tells how a DISC is named.\n"
      "\n"
      "  fsimage erase mock:disc.cdrw\n");
  options.add()("full", "every block, not only what leads to them");
  return on_recorder(options, args, io, [&](Recorder& recorder, const ProgressFn& progress) {
    recorder.erase(options.has("full") ? EraseKind::full : EraseKind::quick, progress, io.stop);
  });
}

int close(Arguments args, Io& io) {
  Options options("close DISC [OPTION...]",
                  "Ends a session that an interrupted burn left open, so that the sessions before it can be read and "
                  "another can be\n"
                  "added. With --disc nothing can be added to the disc any more.\n"
                  "Most drives finalise a disc only together with a session: burn --close.\n"
                  "\n"
                  "  fsimage close mock:disc.cdr\n");
  options.add()("disc", "finalise the disc: nothing can be added to it any more");
  return on_recorder(options, args, io, [&](Recorder& recorder, const ProgressFn& progress) {
    recorder.close(options.has("disc") ? Close::disc : Close::session, progress, io.stop);
  });
}

int eject(Arguments args, Io& io) {
  Options options("eject DISC", "Opens the recorder's tray. `fsimage discs` tells how a DISC is named.\n");
  return on_recorder(options, args, io, [](Recorder& recorder, const ProgressFn&) { recorder.tray(Tray::open); });
}

int load(Arguments args, Io& io) {
  Options options("load DISC", "Closes the recorder's tray. `fsimage discs` tells how a DISC is named.\n");
  return on_recorder(options, args, io, [](Recorder& recorder, const ProgressFn&) { recorder.tray(Tray::close); });
}

}  // namespace fsimage::tools
