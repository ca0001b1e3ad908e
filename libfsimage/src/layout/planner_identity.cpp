#include "planner_identity.hpp"

#include "udf_rules.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

namespace fsimage {
namespace {

// Fields in a fixed order and width, gathered so that the digest sees few large pieces.
class Gather {
 public:
  explicit Gather(Sha256& digest) : digest_(digest) { buffer_.reserve(kFlush + 1024); }
  void number(std::uint64_t value) {
    le64 wire;
    wire = value;
    append(bytes_of(wire));
  }
  void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void number(std::uint32_t value) { number(std::uint64_t{value}); }
  void text(std::string_view t) {
    number(std::uint64_t{t.size()});
    append(std::as_bytes(std::span(t)));
  }
  void flush() {
    digest_.update(buffer_);
    buffer_.clear();
  }

 private:
  static constexpr std::size_t kFlush = 64 * 1024;
  void append(std::span<const std::byte> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= kFlush) flush();
  }
  Sha256& digest_;
  std::vector<std::byte> buffer_;
};

// Nothing when all is as it is without being asked for.
void gather_iso9660(Gather& out, const Profile& p) {
  const auto given = [&](std::string_view what, std::uint64_t value) {
    if (value == 0) return;
    out.text(what);
    out.number(value);
  };
  given("ISO 9660:1999", p.file_systems.iso1999);
  if (!p.file_systems.iso9660) return;
  const auto& r = p.relaxed_identifiers;
  std::uint64_t relaxed = 0;
  for (const bool flag : {r.lower_case, r.full_ascii, r.several_dots, r.long_names, r.no_version, r.no_trailing_dot})
    relaxed = relaxed << 1 | std::uint64_t{flag};
  given("relaxed identifiers", relaxed);
  if (p.file_systems.rockridge && p.rock_ridge_version != kRockRidge112) given("Rock Ridge", p.rock_ridge_version);
  if (p.deep_folders == DeepFolders::relocate && p.moved_folder != "rr_moved") out.text(p.moved_folder);
  for (const auto* name : {&p.copyright_file, &p.abstract_file, &p.bibliographic_file})
    if (!name->empty()) {
      given("file of a descriptor",
            1 + std::uint64_t(name != &p.copyright_file) + std::uint64_t(name == &p.bibliographic_file));
      out.text(*name);
    }
  if (p.volume_set_size != 1) given("volume set", std::uint64_t{p.volume_set_size} << 16 | p.volume_sequence_number);
  for (const auto& each : p.left_out) {
    given("left out", std::uint64_t{static_cast<std::uint8_t>(each.view)});
    out.text(each.path);
  }
}

void gather_profile(Gather& out, const Profile& p) {
  out.text("fsimage plan 1");
  for (const bool flag : {p.file_systems.iso9660, p.file_systems.joliet, p.file_systems.rockridge, p.file_systems.udf,
                          p.udf_special_files, p.all_times})
    out.number(std::uint64_t{flag});
  for (const auto& text : {p.volume_name, p.system_id, p.volume_set, p.publisher, p.data_preparer, p.application})
    out.text(text);
  for (const auto value : {p.interchange_level, static_cast<std::uint8_t>(p.deep_folders), p.joliet_name_units})
    out.number(std::uint64_t{value});
  out.number(p.timestamp->ns);
  gather_iso9660(out, p);
  if (p.transliterate) out.text("transliterated");
  if (p.udf_embedded_files) out.text("files in their entries");
  const auto udf = UdfRules::of(p);
  if (!p.file_systems.udf || udf.revision == udf::Revision::v1_02) return;
  out.text("UDF");
  out.number(std::uint64_t{p.udf_revision});
  out.number(std::uint64_t{udf.metadata_partition() && p.redundant_udf_metadata});
}

// Nothing when an image neither boots nor has a system area.
void gather_boot(Gather& out, const PlanInput& in) {
  for (const auto& b : in.profile.boot_image_options) {
    out.text("boots from");
    out.text(b.boot_image ? std::string_view() : b.boot_file);
    out.number(b.image_size(*in.tree));
    out.text(b.manufacturer);
    for (const auto value : {std::uint32_t{static_cast<std::uint8_t>(b.platform_id)},
                             std::uint32_t{static_cast<std::uint8_t>(b.emulation)}, std::uint32_t{b.load_segment},
                             b.load_size ? *b.load_size + std::uint32_t{1} : 0, std::uint32_t{b.boot_info_table}})
      out.number(value);
  }
  if (in.profile.system_area.empty()) return;
  out.text("system area");
  out.text(text_of(in.profile.system_area));
}

void gather_inode(Gather& out, const PlanInput& in, NodeId n) {
  const auto& inode = in.tree->inode(n);
  const auto a = recorded_attributes(in, n);
  out.number(static_cast<std::uint64_t>(inode.type));
  out.number(std::uint64_t{a.permissions} | std::uint64_t{a.hidden} << 16);
  out.number(std::uint64_t{a.uid} << 32 | a.gid);
  for (const auto& t : {a.modified, a.accessed, a.changed, a.created}) out.number(t.ns);
  out.number(inode.size);
  const auto device = in.tree->device(n);
  out.number(std::uint64_t{device.major} << 32 | device.minor);
  if (inode.type == FileType::symlink) out.text(in.tree->symlink_target(n));
  if (const auto at = recorded_at(in, inode)) out.number(at->value);
  if (inode.real_time) out.text("real-time");
  for (auto s = inode.first_stream; s; s = in.tree->next_stream(s)) {
    out.text("named stream");
    out.text(in.tree->stream_name(s));
    out.number(in.tree->stream_size(s));
    if (const auto at = recorded_at(in, in.tree->stream_content(s))) out.number(at->value);
  }
}

void gather_continuation(Gather& out, const Continuation& c) {
  out.text("continues");
  out.number(c.start.value);
  out.number(c.partition ? std::uint64_t{c.partition->at.value} + 1 : 0);
  if (c.names) out.text(c.names->digest());
  for (const auto* bytes : {&c.boot_record, &c.front, &c.anchor_cluster}) out.text(text_of(*bytes));
}

}  // namespace

Profile settle_profile(const Tree& tree, const TreeIndex& index, Profile profile) {
  const auto& fs = profile.file_systems;
  const auto refuse = [](std::string_view why) { throw Error(Errc::invalid_argument, {}, why); };
  if (!fs.iso9660 && !fs.udf)
    throw Error(Errc::invalid_argument, {}, "an image needs ISO 9660 or UDF", Reason::no_file_system);
  if ((fs.joliet || fs.rockridge || fs.iso1999) && !fs.iso9660)
    refuse("Joliet, Rock Ridge and the tree of ISO 9660:1999 are parts of an ISO 9660 volume");
  if (profile.interchange_level < 1 || profile.interchange_level > 3) refuse("the interchange level is 1, 2 or 3");
  const auto& relaxed = profile.relaxed_identifiers;
  if (profile.interchange_level == 1 && (relaxed.several_dots || relaxed.long_names))
    refuse("identifiers with several dots, or of 37 characters, need interchange level 2 or 3");
  if (profile.strict_file_system_compliance && relaxed != iso9660::RelaxedIdentifiers{})
    refuse("by the letter of ECMA-119, identifiers are not relaxed");
  if (profile.rock_ridge_version != kRockRidge110 && profile.rock_ridge_version != kRockRidge112)
    refuse("Rock Ridge has the versions 1.10 and 1.12");
  if (!is_valid_name(profile.moved_folder))
    refuse("the folder of relocated folders needs a name that a folder can have");
  if (profile.volume_sequence_number == 0 || profile.volume_sequence_number > profile.volume_set_size)
    refuse("a volume's number is 1 to the size of its set");
  for (const auto& name : {profile.copyright_file, profile.abstract_file, profile.bibliographic_file})
    if (const auto file = tree.child(kRootNode, name);
        !name.empty() && (!file || tree.inode(*file).type != FileType::regular))
      throw Error(Errc::not_found, {.path = name, .lba = {}, .clause = "ECMA-119 8.4.23"},
                  "no file in the root that a volume descriptor could name");
  std::sort(profile.left_out.begin(), profile.left_out.end(),
            [](const LeftOut& a, const LeftOut& b) { return std::tie(a.view, a.path) < std::tie(b.view, b.path); });
  for (const auto& each : profile.left_out)
    if (each.view != View::iso9660 && each.view != View::joliet && each.view != View::enhanced)
      refuse("entries are left out of ISO 9660, Joliet or ISO 9660:1999 only");
  if (profile.joliet_name_units < 64 || profile.joliet_name_units > 103)
    refuse("Joliet names have at most 64 to 103 units");
  if (profile.strict_file_system_compliance && fs.joliet && profile.joliet_name_units > joliet::kStandardUnits)
    refuse("by the letter of its specification, Joliet names have at most 64 units");
  if (profile.system_area.size() > iso9660::kFirstDescriptor.bytes()) refuse("a system area has at most 32 KiB");
  if (!udf::is_known_revision(profile.udf_revision))
    refuse("UDF has the revisions 1.02, 1.50, 2.00, 2.01, 2.50 and 2.60");
  if (profile.udf_embedded_files && (fs.iso9660 || !profile.boot_image_options.empty()))
    refuse("files lie in their file entries in images of UDF alone, which do not boot: others name their blocks");
  if (profile.deep_folders == DeepFolders::relocate && !fs.rockridge && fs.iso9660)
    refuse("relocated folders need Rock Ridge");
  if (!profile.timestamp) {
    Timestamp newest = kUnsetTime;
    for (std::uint32_t rank = 0; rank < index.inode_count(); ++rank)
      newest = std::max(newest, tree.inode(index.inode(rank)).attributes.modified);
    profile.timestamp = newest == kUnsetTime ? Timestamp{} : newest;
  }
  return profile;
}

std::string image_identity(const PlanInput& in) {
  Sha256 digest;
  Gather out(digest);
  gather_profile(out, in.profile);
  gather_boot(out, in);
  if (in.continuation) gather_continuation(out, *in.continuation);
  gather_inode(out, in, kRootNode);
  for (std::uint32_t d = 0; d < in.index->directory_count(); ++d) {
    const auto entries = in.index->entries(d);
    out.number(std::uint64_t{entries.size()});
    for (const NodeId n : entries) {
      out.text(in.tree->name(n));
      const auto rank = in.index->rank(in.tree->inode_id(n));
      out.number(rank);
      if (in.index->first_name(rank) == n) gather_inode(out, in, n);
    }
  }
  out.flush();
  return to_hex(digest.finish());
}

}  // namespace fsimage
