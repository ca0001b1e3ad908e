// fsimage ls and tree: what an image holds.

#include "command.hpp"
#include "open_image.hpp"
#include "text.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <span>

namespace fsimage::tools {
namespace {

constexpr std::string_view kListText =
    "Lists what IMAGE holds, or what lies at and below PATH in it. The view with the most detail is taken unless "
    "--view\n"
    "names one.\n"
    "\n"
    "  fsimage ls pictures.iso\n"
    "  fsimage ls -l --view joliet pictures.iso /2025\n"
    "  fsimage ls --manifest --digests pictures.iso > pictures.mtree\n"
    "  fsimage tree pictures.iso\n";

char type_letter(FileType type) {
  switch (type) {
    case FileType::regular: return '-';
    case FileType::directory: return 'd';
    case FileType::symlink: return 'l';
    case FileType::block_device: return 'b';
    case FileType::char_device: return 'c';
    case FileType::fifo: return 'p';
    case FileType::socket: return 's';
  }
  return '?';
}

// The value in hexadecimal digits: it may be any bytes.
void print_xattrs(const std::vector<ExtendedAttribute>& xattrs, std::ostream& out) {
  if (xattrs.empty()) return;
  out << R"(,"xattrs":{)";
  write_separated(out, xattrs, [&](const ExtendedAttribute& x) {
    out << json_string(x.name) << ':';
    if (x.is_held())
      out << '"' << to_hex(std::as_bytes(std::span(x.value))) << '"';
    else
      out << "null";
  });
  out << '}';
}

void print_json(const std::string& path, const Entry& e, const std::vector<ExtendedAttribute>& xattrs,
                std::ostream& out) {
  const auto& a = e.attributes;
  out << R"({"path":)" << json_string(path) << R"(,"type":)" << json_string(to_string(e.type)) << R"(,"mode":)"
      << a.permissions << R"(,"uid":)" << a.uid << R"(,"gid":)" << a.gid << R"(,"size":)" << e.size << R"(,"links":)"
      << e.links;
  if (a.modified != kUnsetTime)
    out << R"(,"modified":)" << json_string(format_time(a.modified)) << R"(,"modified_ns":)"
        << a.modified.nanoseconds();
  if (a.hidden) out << R"(,"hidden":true)";
  if (!e.target.empty()) out << R"(,"target":)" << json_string(e.target);
  if (e.type == FileType::block_device || e.type == FileType::char_device)
    out << R"(,"major":)" << e.device.major << R"(,"minor":)" << e.device.minor;
  if (e.real_time) out << R"(,"real_time":true)";
  print_xattrs(xattrs, out);
  out << '}';
}

void print_long(const std::string& path, const Entry& e, std::ostream& out) {
  const auto& a = e.attributes;
  std::string size = std::to_string(e.size);
  if (size.size() < 12) size.insert(0, 12 - size.size(), ' ');
  out << format_mode(type_letter(e.type), a.permissions) << ' ' << e.links << ' ' << a.uid << ' ' << a.gid << ' '
      << size << ' ' << (a.modified == kUnsetTime ? std::string("-") : format_time(a.modified)) << ' '
      << printable(path);
  if (!e.target.empty()) out << " -> " << printable(e.target);
  out << '\n';
}

// A name as mtree(5) has it: whatever could end a word, or be taken for a pattern, as its octal number.
std::string vis(std::string_view name) {
  constexpr std::string_view kDigits = "01234567";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && std::string_view("\\#=*?[").find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '\\';
      for (const unsigned shift : {6U, 3U, 0U}) out += kDigits[byte >> shift & 7U];
    }
  }
  return out;
}

std::string entry_digest(VolumeCursor& volume, std::uint64_t size) {
  ContentStore store;
  const auto content = volume.content(store);
  return to_hex(
      sha256_of(size, [&](std::uint64_t offset, std::span<std::byte> out) { store.read_at(content, offset, out); }));
}

// A line of a manifest: what `create --manifest`, bsdtar and mtree read.
void print_mtree(const std::string& path, const Entry& e, VolumeCursor& volume, bool digests, std::ostream& out) {
  static constexpr std::array kTypes{"file", "dir", "link", "block", "char", "fifo", "socket"};
  const auto& a = e.attributes;
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(a.permissions));
  out << '.' << vis(path) << " type=" << kTypes.at(static_cast<std::size_t>(e.type)) << " mode=" << mode.data()
      << " uid=" << a.uid << " gid=" << a.gid;
  if (a.modified != kUnsetTime) {
    std::array<char, 16> part{};
    std::snprintf(part.data(), part.size(), ".%09u", static_cast<unsigned>(a.modified.nanoseconds()));
    out << " time=" << a.modified.seconds() << part.data();
  }
  if (e.type == FileType::regular) out << " size=" << e.size;
  if (e.links > 1) out << " nlink=" << e.links;
  if (e.type == FileType::symlink) out << " link=" << vis(e.target);
  if (e.type == FileType::block_device || e.type == FileType::char_device)
    out << " device=linux," << e.device.major << ',' << e.device.minor;
  if (digests && e.type == FileType::regular) out << " sha256=" << entry_digest(volume, e.size);
  out << '\n';
}

// Paths of a cursor's entries: the names of the folders above the current one.
class PathTrail {
 public:
  std::string enter(const Entry& e) {
    lengths_.resize(std::min<std::size_t>(lengths_.size(), e.depth));
    path_.resize(lengths_.empty() ? 0 : lengths_.back());
    (path_ += '/') += e.name;
    lengths_.push_back(path_.size());
    return path_;
  }

 private:
  std::string path_;
  std::vector<std::size_t> lengths_;
};

bool at_or_below(std::string_view path, std::string_view top) {
  return path == top || (path.starts_with(top) && path[top.size()] == '/');
}
bool above(std::string_view path, std::string_view top) { return top.starts_with(path) && top[path.size()] == '/'; }

// Calls show(path, entry) for what lies at and below `top`; folders off the way are not read.
template <class Show>
void walk(EntryCursor& cursor, const std::string& top, Io& io, Show&& show) {
  PathTrail trail;
  bool found = top.empty();
  while (const auto entry = cursor.next()) {
    if (io.stop.stop_requested()) throw Error(Errc::cancelled, {}, "");
    const auto path = trail.enter(*entry);
    if (top.empty() || at_or_below(path, top)) {
      found = true;
      show(path, *entry);
    } else if (entry->type == FileType::directory && !above(path, top)) {
      cursor.skip_subtree();
    }
  }
  if (!found) throw Error(Errc::not_found, {.path = top}, "the image holds no such entry");
}

struct Request {
  Options options;
  std::string image, top;  // top: "" or "/a/b"
};

bool parse(Request& request, Arguments args, Io& io) {
  add_reading_options(request.options);
  request.options.add()("json", "an object a line");
  if (!request.options.parse(args, io)) return false;
  const auto& operands = request.options.operands();
  if (operands.empty() || operands.size() > 2) throw UsageError("an IMAGE, and perhaps a PATH in it");
  request.image = operands[0];
  request.top = operands.size() == 2 ? operands[1] : "";
  while (request.top.ends_with('/')) request.top.pop_back();
  if (!request.top.empty() && !request.top.starts_with('/')) request.top.insert(0, "/");
  return true;
}

std::unique_ptr<VolumeCursor> open(const Request& request, FindingPrinter& findings) {
  auto image = open_image(request.options, request.image);
  image.options.order = EntryOrder::by_name;
  image.options.xattrs = true;
  return open_volume(image.session.source, image.options, findings.function());
}

}  // namespace

int list(Arguments args, Io& io) {
  Request request{Options("ls IMAGE [PATH] [OPTION...]", std::string(kListText)), {}, {}};
  auto add = request.options.add();
  add("long,l", "modes, owners, sizes and times too");
  add("manifest", "as an mtree manifest, which create --manifest, bsdtar and mtree read");
  add("digests", "with --manifest, the SHA-256 of each file too");
  if (!parse(request, args, io)) return kDone;
  const bool json = request.options.has("json");
  const bool details = request.options.has("long"), manifest = request.options.has("manifest");
  const bool digests = request.options.has("digests");
  if (manifest && (json || details)) throw UsageError("one form at a time: --manifest, --json or --long");
  if (digests && !manifest) throw UsageError("--digests goes with --manifest");
  FindingPrinter findings(io);
  const auto volume = open(request, findings);
  if (manifest) io.out << "#mtree\n";
  walk(*volume, request.top, io, [&](const std::string& path, const Entry& entry) {
    if (manifest) {
      print_mtree(path, entry, *volume, digests, io.out);
    } else if (json) {
      print_json(path, entry, volume->xattrs(), io.out);
      io.out << '\n';
    } else if (details) {
      print_long(path, entry, io.out);
    } else {
      io.out << printable(path) << '\n';
    }
  });
  findings.finish();
  return kDone;
}

int tree(Arguments args, Io& io) {
  Request request{Options("tree IMAGE [PATH] [OPTION...]", std::string(kListText)), {}, {}};
  if (!parse(request, args, io)) return kDone;
  if (request.options.has("json")) return list(args, io);
  FindingPrinter findings(io);
  const auto volume = open(request, findings);
  std::uint64_t folders = 0, files = 0, bytes = 0;
  io.out << printable(request.image) << printable(request.top) << '\n';
  walk(*volume, request.top, io, [&](const std::string&, const Entry& e) {
    io.out << std::string(std::size_t{e.depth} * 2 + 2, ' ') << printable(e.name);
    if (e.type == FileType::directory) {
      ++folders;
      io.out << '/';
    } else {
      ++files;
      bytes += e.size;
      if (e.type == FileType::regular) io.out << "  " << format_bytes(e.size);
      if (!e.target.empty()) io.out << " -> " << printable(e.target);
    }
    io.out << '\n';
  });
  io.out << format_count(folders) << " folders, " << format_count(files) << " files, " << format_bytes(bytes) << '\n';
  findings.finish();
  return kDone;
}

}  // namespace fsimage::tools
