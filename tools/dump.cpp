// fsimage dump: what lies in a block, field by field.

#include "command.hpp"
#include "open_image.hpp"
#include "structures.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/block_dump.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iomanip>
#include <ostream>
#include <vector>

namespace fsimage::tools {
namespace {

constexpr std::string_view kDumpText =
    "Decodes the structures in block LBA of IMAGE, or in blocks FIRST-LAST: offset, size, name and clause of each "
    "field,\n"
    "and its value. Blocks are of 2048 bytes. What is wrong with a structure is told on standard error. A block that\n"
    "holds no structure is shown as bytes.\n"
    "\n"
    "  fsimage dump pictures.iso 16\n"
    "  fsimage dump pictures.iso 256-257 --json\n";

struct Range {
  std::uint32_t first = 0, last = 0;
};

Range parse_range(const std::string& text) {
  Range range;
  const char* const end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, range.first);
  range.last = range.first;
  if (error == std::errc{} && at != end && *at == '-') {
    const auto last = std::from_chars(at + 1, end, range.last);
    at = last.ptr;
    error = last.ec;
  }
  if (error != std::errc{} || at != end || range.last < range.first) throw UsageError("LBA is a number, or FIRST-LAST");
  return range;
}

// Lines of sixteen bytes; those that are alike are left out but for the first, as hexdump does.
void print_bytes(std::span<const std::byte> block, std::ostream& out) {
  constexpr std::size_t kLine = 16;
  bool starred = false;
  for (std::size_t at = 0; at < block.size(); at += kLine) {
    const auto line = block.subspan(at, std::min(kLine, block.size() - at));
    if (at != 0 && line.size() == kLine && std::ranges::equal(line, block.subspan(at - kLine, kLine))) {
      if (!starred) out << "  *\n";
      starred = true;
      continue;
    }
    starred = false;
    out << "  " << std::right << std::setw(5) << at << "  " << std::hex << std::setfill('0');
    for (const auto b : line) out << std::setw(2) << std::to_integer<unsigned>(b) << ' ';
    out << std::dec << std::setfill(' ') << std::string((kLine - line.size()) * 3 + 1, ' ');
    for (const auto b : line) {
      const auto c = std::to_integer<char>(b);
      out << (c >= 0x20 && c < 0x7F ? c : '.');
    }
    out << '\n';
  }
}

}  // namespace

int dump(Arguments args, Io& io) {
  Options options("dump IMAGE LBA [OPTION...]", std::string(kDumpText));
  options.add()("bytes", "show the bytes, whatever they are")("json", "an object a block");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 2) throw UsageError("an IMAGE and the LBA of a block in it");
  const auto range = parse_range(options.operands()[1]);
  const auto source = open_content(options.operands()[0]).bytes;
  const auto blocks = (source->size() + kBlockSize - 1) / kBlockSize;
  if (range.last >= blocks)
    throw Error(Errc::not_found, {.path = options.operands()[0]},
                "no block " + std::to_string(range.last) + "; there are " + std::to_string(blocks));
  FindingPrinter findings(io);
  const auto tell = findings.function();
  for (std::uint64_t at = range.first; at <= range.last; ++at) {
    if (io.stop.stop_requested()) throw Error(Errc::cancelled, {}, "");
    const Lba lba{static_cast<std::uint32_t>(at)};
    const BlockDump found = options.has("bytes") ? BlockDump{} : dump_block(*source, lba);
    for (const auto& f : found.findings) tell(f);
    if (options.has("json")) {
      io.out << R"({"block":)" << at << R"(,"structures":)";
      print_structures_json(found.structures, io.out);
      io.out << "}\n";
      continue;
    }
    if (at != range.first) io.out << '\n';
    print_structures(found.structures, io.out);
    if (!found.structures.empty()) continue;
    std::vector<std::byte> bytes(
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, source->size() - lba.byte_offset())));
    source->read_at(lba.byte_offset(), bytes);
    io.out << at << "  " << (options.has("bytes") ? "" : "no structure that is known here") << '\n';
    print_bytes(bytes, io.out);
  }
  findings.finish();
  return kDone;
}

}  // namespace fsimage::tools
