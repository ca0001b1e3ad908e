#include "iso_findings.hpp"

#include "iso_texts.hpp"
#include "windows_names.hpp"

#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>

namespace fsimage {
namespace {

// Where readers stop. Linux' isofs follows no more sections and shows no longer name; libisofs, and xorriso with it,
// refuses a whole image for a longer target, and Linux follows four times as much.
constexpr std::uint32_t kLinuxSections = 100;
constexpr std::size_t kLinuxName = 253, kXorrisoTarget = 1024;

class Finder {
 public:
  Finder(const IsoTables& tables, const FindingFn& fn, const FindingFilter& wanted)
      : tables_(tables),
        fn_(fn),
        wanted_(wanted),
        names_(wants(tables.tree_view(), Finding::Kind::renamed) || wants(tables.tree_view(), Finding::Kind::cut) ||
               wants(tables.tree_view(), Finding::Kind::collided)),
        deviations_(wants(tables.tree_view(), Finding::Kind::deviation) ||
                    wants(tables.view(), Finding::Kind::deviation)) {}

  void find() {
    find_texts();
    find_dates(kRootNode);
    find_extras(kRootNode);
    if (names_ || deviations_) place_of_.resize(tables_.tree().node_count());
    for (std::uint32_t d = 0; d < tables_.index().directory_count(); ++d) find_in(tables_.index().directory(d));
  }

 private:
  bool wants(View view, Finding::Kind kind) const { return !wanted_ || wanted_(view, kind); }
  void tell(Finding::Kind kind, View view, std::string path, std::string text, std::string to = {}) const {
    if (wants(view, kind))
      fn_({.kind = kind, .view = view, .path = std::move(path), .text = std::move(text), .to = std::move(to)});
  }
  std::string path(NodeId n) const { return tables_.tree().path(n); }

  // Texts of the volume descriptor that had to be changed.
  void find_texts() const {
    iso9660::SupplementaryVolumeDescriptor descriptor{};
    for (const auto& [what, to] : put_texts(tables_, descriptor))
      tell(Finding::Kind::renamed, tables_.tree_view(), "/", std::string(what) + " was changed", to);
  }

  void find_in(NodeId directory) {
    const auto f = tables_.folder_of(directory);
    const auto first = tables_.folder(f).first_entry;
    for (std::uint32_t i = 0; !place_of_.empty() && !tables_.left_out(directory) && i < tables_.entry_count(f); ++i)
      if (const auto n = tables_.entry(first + i); n != kMovedFolder) place_of_[n.value] = first + i;
    twins_.next_folder();
    for (const NodeId n : tables_.index().entries(tables_.index().directory_number(directory))) find_at(n, f);
  }

  void find_at(NodeId n, std::uint32_t f) {
    if (!tables_.has_form(n))
      return tell(Finding::Kind::dropped, tables_.view(), path(n),
                  tables_.left_out(n) ? "left out as asked" : "no form for an entry of this type");
    const bool folder = tables_.tree().is_directory(n);
    const bool moved = folder && tables_.folder(tables_.folder_of(n)).parent != f;
    if (names_ && tables_.changes_name(place_of_[n.value])) find_name(n, folder && !moved);
    if (deviations_ && (tables_.joliet() || (tables_.primary() && tables_.scheme().rules.relaxed.lower_case)))
      find_windows_limits(n);
    if (moved && names_) {
      const auto at = tables_.folder_of(n);
      std::string to;
      for (const auto part : {tables_.folder_identifier(tables_.moved_folder()), tables_.folder_identifier(at)})
        (to += '/') += part;
      tell(Finding::Kind::renamed, View::iso9660, path(n), "folder below the eighth level was moved", to);
    }
    if (deviations_) find_deep_folder(n, moved);
    if (deviations_ && tables_.rockridge()) find_linux_limits(n);
    find_dates(n);
    find_extras(n);
  }

  void find_deep_folder(NodeId n, bool moved) const {
    if (!moved && tables_.tree().is_directory(n) && tables_.primary() &&
        tables_.index().depth(tables_.index().directory_number(n)) == kMaxDepth + 1 &&
        tables_.input().profile.deep_folders == DeepFolders::keep)
      tell(Finding::Kind::deviation, View::iso9660, path(n), "folder below the eighth level");
    if (tables_.sections(n) > kLinuxSections)
      tell(Finding::Kind::deviation, tables_.tree_view(), path(n),
           "file of " + std::to_string(tables_.sections(n)) + " sections; Linux follows 100");
  }

  void find_name(NodeId n, bool directory) const {
    const NamedEntry entry{tables_.tree().name(n), directory};
    IdentifierBuffer buffer;
    const auto recorded = tables_.identifier(place_of_[n.value], buffer);
    const auto view = tables_.tree_view();
    if (recorded != undisputed_identifier(entry, tables_.scheme())) {
      tell(Finding::Kind::collided, view, path(n), "another entry has the same identifier",
           shown_identifier(recorded, tables_.scheme()));
    } else if (!keeps_name(entry, tables_.scheme())) {
      const auto shown = shown_identifier(recorded, tables_.scheme());
      const bool capitals = shown.size() == entry.name.size() &&
                            std::equal(shown.begin(), shown.end(), entry.name.begin(), [](char a, char b) {
                              return a == (b >= 'a' && b <= 'z' ? static_cast<char>(b - 'a' + 'A') : b);
                            });
      tell(kind_of_change(entry.name, shown), view, path(n),
           capitals ? "capital letters only" : "name does not fit the identifier", shown);
    }
  }

  // Linux without Rock Ridge takes twins of ISO 9660 for one, too.
  void find_windows_limits(NodeId n) {
    IdentifierBuffer buffer;
    const auto shown = shown_identifier(tables_.identifier(place_of_[n.value], buffer), tables_.scheme());
    if (const auto why = windows_cannot_open(shown); !why.empty())
      tell(Finding::Kind::deviation, tables_.tree_view(), path(n), std::string(why));
    if (const auto twin = twins_.of(shown, n))
      tell(Finding::Kind::deviation, tables_.tree_view(), path(n),
           "differs only in case from " + std::string(tables_.tree().name(*twin)) + "; Windows shows one of the two");
  }

  void find_linux_limits(NodeId n) const {
    if (tables_.tree().name(n).size() > kLinuxName)
      tell(Finding::Kind::deviation, View::rockridge, path(n), "name of more than 253 bytes; Linux does not show it");
    if (tables_.tree().inode(n).type == FileType::symlink && tables_.tree().symlink_target(n).size() > kXorrisoTarget)
      tell(Finding::Kind::deviation, View::rockridge, path(n),
           "symlink target of more than 1024 bytes; xorriso refuses the image, Linux follows 4095");
  }

  void find_dates(NodeId n) const {
    if (!tables_.keeps_times(n))
      tell(Finding::Kind::clamped, tables_.view(), path(n), "time outside the years 1900 to 2155");
  }

  void find_extras(NodeId n) const {
    const auto& inode = tables_.tree().inode(n);
    if (!inode.first_stream && !inode.real_time) return;
    if (tables_.index().first_name(tables_.index().rank(tables_.tree().inode_id(n))) != n) return;
    if (inode.first_stream && !tables_.rockridge())
      tell(Finding::Kind::stripped, tables_.view(), path(n), "no form for named streams");
    const auto kept = tables_.rockridge() ? tables_.attributes(inode) : std::vector<StreamId>();
    auto next = kept.begin();
    for (auto s = inode.first_stream; s && tables_.rockridge(); s = tables_.tree().next_stream(s))
      if (next != kept.end() && *next == s)
        ++next;
      else
        tell(Finding::Kind::stripped, tables_.view(), tables_.tree().stream_path(n, s),
             "the named stream is too large, or its name too long, for an extended attribute");
    if (inode.real_time) tell(Finding::Kind::stripped, tables_.view(), path(n), "no form for real-time files");
  }

  const IsoTables& tables_;
  const FindingFn& fn_;
  const FindingFilter& wanted_;
  const bool names_, deviations_;        // whether such are wanted
  std::vector<std::uint32_t> place_of_;  // by node: place among all entries
  CaseTwins twins_;                      // of the folder
};

}  // namespace

void for_each_iso_finding(const IsoTables& tables, const FindingFn& fn, const FindingFilter& wanted) {
  Finder(tables, fn, wanted).find();
}

}  // namespace fsimage
