// fsimage info: what the volumes of an image say of themselves.

#include "command.hpp"
#include "open_image.hpp"
#include "structures.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/volume_info.hpp>

#include <iomanip>
#include <ostream>

namespace fsimage::tools {
namespace {

constexpr std::string_view kInfoText =
    "Describes the file systems on IMAGE: names, sizes, dates, addresses. -v prints every descriptor field by field, "
    "with\n"
    "the clause of the standard that defines it.\n"
    "\n"
    "  fsimage info pictures.iso\n"
    "  fsimage info --session 1 grown.iso\n"
    "  fsimage info -v pictures.iso | less\n";

// One list of names and values; printed as text or as a JSON object.
class Facts {
 public:
  explicit Facts(std::string title) : title_(std::move(title)) {}
  void add(const std::string& name, const std::string& value) {
    if (!value.empty()) rows_.emplace_back(name, value);
  }
  void add(const std::string& name, std::uint64_t value) { rows_.emplace_back(name, std::to_string(value)); }
  void add(const std::string& name, Timestamp t) {
    if (t != kUnsetTime) add(name, format_time(t));
  }
  void print(std::ostream& out, bool json) const {
    if (json) {
      out << json_string(title_) << ":{";
      for (std::size_t i = 0; i < rows_.size(); ++i)
        out << (i == 0 ? "" : ",") << json_string(rows_[i].first) << ':' << json_string(rows_[i].second);
      out << '}';
      return;
    }
    out << title_ << '\n';
    for (const auto& [name, value] : rows_)
      out << "  " << std::left << std::setw(20) << name << printable(value) << '\n';
  }

 private:
  std::string title_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

Facts describe(const std::string& title, const IsoVolumeInfo& v) {
  Facts facts(title);
  facts.add("descriptor", std::uint64_t{v.descriptor.value});
  for (const auto& [name, text] : {std::pair{"volume", v.volume},
                                   {"system", v.system},
                                   {"volume set", v.volume_set},
                                   {"publisher", v.publisher},
                                   {"data preparer", v.data_preparer},
                                   {"application", v.application},
                                   {"copyright file", v.copyright_file},
                                   {"abstract file", v.abstract_file},
                                   {"bibliographic file", v.bibliographic_file}})
    facts.add(name, text);
  if (v.set_size > 1)
    facts.add("volume number", std::to_string(v.sequence_number) + " of " + std::to_string(v.set_size));
  // What a further session makes names by: the note of layout/iso_note.hpp.
  if (constexpr std::string_view kNote = "fsimage "; v.application_use.starts_with(kNote))
    facts.add("names", v.application_use.substr(kNote.size(), v.application_use.find('\n') - kNote.size()));
  facts.add("blocks", std::uint64_t{v.space.value});
  facts.add("block size", std::uint64_t{v.block_size});
  facts.add("root directory", std::to_string(v.root.value) + ", " + std::to_string(v.root_bytes) + " bytes");
  facts.add("path tables", "L " + std::to_string(v.path_table_l.value) + ", M " + std::to_string(v.path_table_m.value) +
                               ", " + std::to_string(v.path_table_bytes) + " bytes, " +
                               std::to_string(v.path_table_folders) + " folders");
  facts.add("created", v.created);
  facts.add("modified", v.modified);
  facts.add("expires", v.expires);
  facts.add("effective", v.effective);
  return facts;
}

// "256 75440-75711"
std::string ranges(const std::vector<Lba>& at) {
  std::string text;
  for (std::size_t i = 0; i < at.size();) {
    std::size_t end = i + 1;
    while (end < at.size() && at[end] == at[end - 1] + BlockCount{1}) ++end;
    text += (text.empty() ? "" : " ") + std::to_string(at[i].value);
    if (end - i > 1) text += "-" + std::to_string(at[end - 1].value);
    i = end;
  }
  return text;
}

std::string tables_text(const UdfPartitionInfo& p) {
  std::string text;
  if (p.vat) {
    text += "; table of " + std::to_string(p.vat->entries) + " entries (" + std::to_string(p.vat->unused) +
            " unused), ICB at LBA " + std::to_string(p.vat->icb.value) + (p.vat->old_form ? ", form of UDF 1.50" : "");
    if (p.vat->previous) text += ", the one before at LBA " + std::to_string(p.vat->previous->value);
  }
  if (p.sparing) {
    text += "; packets of " + std::to_string(p.sparing->packet_blocks) + " blocks, sparing tables";
    for (const auto& t : p.sparing->tables)
      text +=
          " at LBA " + std::to_string(t.at.value) +
          (t.sound ? " (" + std::to_string(t.entries) + " entries, " + std::to_string(t.spared) +
                         " spared, sequence number " + std::to_string(t.sequence_number) + (t.used ? ", used)" : ")")
                   : std::string(" (damaged)"));
  }
  if (p.metadata) {
    const auto place = [](const std::optional<Lba>& at) { return at ? "LBA " + std::to_string(at->value) : "none"; };
    text += "; metadata file at " + place(p.metadata->main) + ", mirror at " + place(p.metadata->mirror) +
            (p.metadata->duplicated ? " with data of its own" : "") + ", bitmap at " + place(p.metadata->bitmap) +
            (p.metadata->from_mirror ? "; read from the mirror" : "");
  }
  return text + (p.fault.empty() ? "" : "; cannot be read: " + p.fault);
}

Facts describe(const UdfVolumeInfo& v) {
  Facts facts("UDF " + revision_text(v.revision));
  facts.add("logical volume", v.logical_volume);
  facts.add("volume", v.volume);
  facts.add("volume set", v.volume_set);
  facts.add("implementation", v.implementation);
  facts.add("block size", std::uint64_t{v.block_size});
  facts.add("anchors", ranges(v.anchors));
  if (v.from_reserve) facts.add("descriptors", std::string("from the reserve sequence"));
  for (const auto& p : v.partitions)
    facts.add("partition", p.kind + " number " + std::to_string(p.number) + " at " + std::to_string(p.start) + ", " +
                               std::to_string(p.length) + " blocks, access type " + std::to_string(p.access_type) +
                               ", " + p.contents + tables_text(p));
  if (v.integrity) {
    facts.add("integrity", std::string(v.integrity->closed ? "closed" : "open"));
    facts.add("files", std::uint64_t{v.integrity->files});
    facts.add("directories", std::uint64_t{v.integrity->directories});
    facts.add("read revision", revision_text(v.integrity->min_read));
  }
  facts.add("recorded", v.recorded);
  return facts;
}

Facts describe(const std::vector<Session>& sessions) {
  Facts facts("sessions");
  for (const auto& s : sessions) {
    std::string text = std::to_string(s.start.value) + "-" + std::to_string(s.end.value - 1);
    for (const View view : {View::iso9660, View::rockridge, View::enhanced, View::joliet, View::udf})
      if (s.found.has(view)) text += ", " + std::string(to_string(view));
    if (s.table) text += ", as the virtual allocation table at LBA " + std::to_string(s.table->value) + " knows it";
    if (s.rebuilt) text += ", its descriptors overwritten by a later one's";
    facts.add(std::to_string(s.number), text);
  }
  return facts;
}

Facts describe(const BootInfo& boot) {
  Facts facts("El Torito");
  facts.add("boot catalog", std::uint64_t{boot.catalog.value});
  for (std::size_t i = 0; i < boot.images.size(); ++i) {
    const auto& image = boot.images[i];
    auto text = image.platform + (image.bootable ? ", bootable, " : ", not bootable, ") + image.emulation + ", " +
                std::to_string(image.sectors) + " sectors from block " + std::to_string(image.block.value);
    if (image.load_segment != 0) text += ", to segment " + std::to_string(image.load_segment);
    if (image.table_checksum) text += ", with a boot info table";
    if (!image.identifier.empty()) text += ", " + image.identifier;
    facts.add("image " + std::to_string(i + 1), text);
  }
  return facts;
}

std::vector<Facts> facts_of(const VolumesInfo& info) {
  std::vector<Facts> all;
  Facts image("image");
  image.add("bytes", info.image_bytes);
  image.add("blocks", info.image_bytes / kBlockSize);
  all.push_back(image);
  if (info.iso9660) all.push_back(describe("ISO 9660", *info.iso9660));
  if (info.boot) all.push_back(describe(*info.boot));
  if (info.rockridge) {
    Facts facts("Rock Ridge");
    facts.add("extension", info.rockridge->extension);
    facts.add("root directory", std::uint64_t{info.rockridge->root.value});
    all.push_back(facts);
  }
  if (info.enhanced) all.push_back(describe("ISO 9660:1999", *info.enhanced));
  if (info.joliet) all.push_back(describe("Joliet level " + std::to_string(info.found.joliet_level), *info.joliet));
  if (info.udf) all.push_back(describe(*info.udf));
  return all;
}

}  // namespace

int info(Arguments args, Io& io) {
  Options options("info IMAGE [OPTION...]", std::string(kInfoText));
  add_reading_options(options);
  options.add()("verbose,v", "every descriptor, field by field")("json", "print as JSON");
  if (!options.parse(args, io)) return kDone;
  if (options.operands().size() != 1) throw UsageError("one IMAGE");
  const auto content = open_content(options.operands()[0]);
  const auto& source = content.bytes;
  const auto sessions = find_sessions(source, content.hint);
  const auto number = options.get<std::uint32_t>("session");
  if (number > sessions.size())
    throw Error(Errc::not_found, {.path = options.operands()[0]},
                "no session " + std::to_string(number) + "; there are " + std::to_string(sessions.size()));
  Session whole;
  whole.source = source;
  const Session& session = sessions.empty() ? whole : sessions[(number == 0 ? sessions.size() : number) - 1];
  VolumesInfo info = describe_volumes(*session.source, session.start);
  info.image_bytes = source->size();
  FindingPrinter findings(io);
  for (const auto& f : info.findings) findings.function()(f);
  findings.finish();
  auto all = facts_of(info);
  if (sessions.size() > 1) all.insert(all.begin() + 1, describe(sessions));
  const bool json = options.has("json");
  if (json) io.out << '{';
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 0) io.out << (json ? "," : "\n");
    all[i].print(io.out, json);
  }
  if (options.has("verbose")) {
    io.out << (json ? R"(,"structures":)" : "\n");
    json ? print_structures_json(info.structures, io.out) : print_structures(info.structures, io.out);
  }
  if (json) io.out << "}\n";
  if (sessions.empty())
    throw Error(Errc::not_found, {.path = options.operands()[0]}, "no file system is recognised there");
  return kDone;
}

}  // namespace fsimage::tools
