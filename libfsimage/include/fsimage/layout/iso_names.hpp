// Gives the entries of a folder their identifiers, all different, and the order in which records stand. Takes n log n
// steps even when every name of the folder maps to the same identifier. One thread per object.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/layout/profile.hpp>
#include <fsimage/layout/recorded_names.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct NameScheme {
  View view = View::iso9660;         // or joliet, or enhanced
  iso9660::IdentifierRules rules{};  // of iso9660
  std::uint8_t joliet_units = 64;
  bool transliterate = false;  // ISO 9660: see Profile
};

inline NameScheme scheme_of(const Profile& p, View view) {
  return {view, {p.interchange_level, p.relaxed_identifiers}, p.joliet_name_units, p.transliterate};
}

struct NamedEntry {
  std::string_view name;  // UTF-8, as the tree has it
  bool directory = false;
};

// Whether a reader shows exactly this name from its identifier. Does not depend on the rest of the folder: who keeps its
// name is never the one that has to make room.
bool keeps_name(const NamedEntry&, NameScheme);

// The identifier, as recorded, that the entry has when nobody else wants it.
std::string undisputed_identifier(const NamedEntry&, NameScheme);

// As it would be shown, in UTF-8: without version where there may be one, Joliet's two bytes decoded.
std::string shown_identifier(std::string_view recorded, NameScheme);

// What a finding calls the change from a name to what is shown: cut when nothing but a part is missing, else renamed.
Finding::Kind kind_of_change(std::string_view name, std::string_view shown);

class FolderNames {
 public:
  explicit FolderNames(NameScheme);
  ~FolderNames();

  // Names of `entries` are all different, and sorted: earlier ones get lower counters. An identifier that several want
  // goes to the one that keeps its name with it, else to one that the disc has, else to the first; the others get a decimal
  // counter in place of the end of their name part, the lowest that is free. An entry that the disc has keeps the identifier
  // that it has there, as long as the scheme still knows it and nobody's own name is just that. Replaces what an earlier
  // call left.
  void plan(std::span<const NamedEntry> entries) { plan(entries, nullptr, {}); }
  void plan(std::span<const NamedEntry> entries, const RecordedNames* disc, PathNumber folder);

  // Entries in the order of directory records, ECMA-119 9.3; numbers are positions in what plan() was given.
  std::span<const std::uint32_t> order() const { return order_; }
  // As recorded; `place` is a position in order().
  std::string_view identifier(std::size_t place) const {
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    return std::string_view(identifiers_).substr(begin, ends_[place] - begin);
  }

  // Whether readers show that entry's own name.
  bool keeps_name(std::size_t place) const { return kept_[place]; }

 private:
  class Planner;
  template <class Scheme>
  class PlannerOf;
  std::unique_ptr<Planner> planner_;
  std::vector<std::uint32_t> order_;
  std::vector<std::size_t> ends_;
  std::string identifiers_;
  std::vector<bool> kept_;  // by place
};

}  // namespace fsimage
