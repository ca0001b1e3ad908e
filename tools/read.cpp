// fsimage read: what is on a disc, as an image file.

#include "command.hpp"
#include "discs.hpp"
#include "save.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/image/result_image.hpp>

#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

constexpr std::string_view kReadText =
    "Copies a disc, with all of its sessions at their places, into an image file. The gaps that drives leave between\n"
    "sessions become holes. Every fsimage command reads the file as it reads the disc; programs that know of sessions\n"
    "find them by their addresses.\n"
    "\n"
    "  fsimage read mock:disc.cdr -o disc.iso\n";

// Where something is recorded: by the drive's word, or, where every block can be read, up to the newest session's end.
std::vector<MediaSession> recorded(const TargetDisc& disc) {
  if (!session_hint(disc.media).starts.empty()) return disc.media.sessions;
  auto last = Lba{static_cast<std::uint32_t>(blocks_for(disc.content->size()).value - 1)};
  if (disc.identity.last_session) last = std::min(last, disc.identity.last_session->last);
  return {{Lba{}, last}};
}

ResultImage image_of(const TargetDisc& disc) {
  std::vector<ImageExtent> extents;
  Lba end;
  for (const auto& session : recorded(disc)) {
    const auto length = (session.last - session.first + BlockCount{1}).bytes();
    extents.push_back({session.first, std::make_shared<SliceSource>(disc.content, session.first.byte_offset(), length),
                       "session at " + std::to_string(session.first.value)});
    end = std::max(end, session.last + BlockCount{1});
  }
  return {std::move(extents), end - Lba{}, disc.identity.digest};
}

}  // namespace

int read(Arguments args, Io& io) {
  Options options("read DISC -o OUT [OPTION...]", std::string(kReadText));
  auto add = options.add();
  add("output,o", po::value<std::string>()->value_name("OUT"), "image file to write, or '-'");
  add("quiet,q", "no progress, no summary");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 1) throw UsageError("one DISC");
  if (!options.has("output")) throw UsageError("-o OUT says where the image goes");
  const auto& output = options.get<std::string>("output");
  check_output(output, io);
  const auto recorder = open_recorder(options.operands()[0]);
  const auto disc = look_at(*recorder, options.operands()[0], io.stop);
  if (!disc.content || disc.content->size() == 0)
    throw Error(Errc::not_found, {.path = disc.name}, "nothing is recorded on the disc");
  const auto image = image_of(disc);
  save(image, output, {.sync = true, .quiet = options.has("quiet"), .workers = 0}, io);
  if (!options.has("quiet"))
    io.err << printable(output) << ": " << format_count(image.total_blocks().value) << " blocks, "
           << format_bytes(image.size()) << '\n';
  return kDone;
}

}  // namespace fsimage::tools
